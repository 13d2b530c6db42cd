/* SPDX-License-Identifier: MIT */
/*
 * A place for one test: a folder with a home, XDG directories and a download directory of its own,
 * and haul started in it. What the program prints goes to files there, so nobody has to read along.
 * One thread.
 *
 *     struct world w;
 *     struct result r;
 *     world_init(&w);
 *     world_fetch(&w, &r, "-x 8 %s", url);      (--batch --json -d <dir of the world>)
 *     CHECK_INT(r.exit, 0);
 *     result_release(&r);
 *     world_release(&w);
 */
#ifndef HAUL_TESTS_INTEGRATION_WORLD_H
#define HAUL_TESTS_INTEGRATION_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"

struct world {
    char *root; /* below $TMPDIR; deleted by world_release */
    char *dir;  /* where downloads go */
    char *env[32];
    size_t env_count;
    unsigned runs;
    const char *input; /* file that is haul's standard input; NULL: /dev/null */
    rlim_t file_max;   /* RLIMIT_FSIZE; RLIM_INFINITY: none */
    rlim_t open_max;   /* RLIMIT_NOFILE, as a shell has it; 0: ours */
    char *resolv_conf; /* haul's /etc/resolv.conf, in a mount name space of its own; NULL: ours */
    int inherited;     /* a descriptor that becomes its number 3, as sd_listen_fds(3); 0: none */
};

void world_init(struct world *w);
void world_release(struct world *w);
/* From now on the program gets NAME=value. */
void world_env(struct world *w, const char *name, const char *value);
/* Path of root/name; caller frees. */
char *world_path(const struct world *w, const char *name);
/* root/name with this text; returns the path, caller frees. */
char *world_write(const struct world *w, const char *name, const char *text);
void world_nap(int64_t ms);
/* Names in the download directory, sorted, a blank between two. */
void world_list(const struct world *w, struct buf *out);

/* A haul that runs. */
struct process {
    pid_t pid;
    int pidfd;
    int64_t started; /* clock_now() */
    char *out, *err; /* files */
};

struct result {
    int exit; /* 128 + number for a signal; RESULT_TIMED_OUT */
    int64_t elapsed;
    struct buf out, err;
    struct json **events; /* of --json; each line of out */
    size_t event_count;
    bool bad_json; /* a line of out was none */
    struct rusage usage;
};
#define RESULT_TIMED_OUT (-1)
#define RESULT_NO_MOUNT  77 /* resolv_conf needs a right that we do not have */

#define WORLD_TIMEOUT (60 * CLOCK_SEC)

/* Arguments are the words of the text; '...' keeps blanks. */
void world_start(struct world *w, struct process *p, const char *format, ...) HAUL_PRINTF(3, 4);
/* --batch --json --retry-wait 0.05 -d DIR and the rest. */
void world_start_fetch(struct world *w, struct process *p, const char *format, ...)
    HAUL_PRINTF(3, 4);
/* Waits for the end; kills it and says so when it takes longer. Releases p, fills r. */
void process_wait(struct process *p, struct result *r, int64_t timeout);
/* False when it still runs after so long. */
bool process_ended(const struct process *p, int64_t timeout);
/* Wait up to 20 s: until its output or its standard error has that text, and until the queue in the
 * state directory has so many jobs. */
bool process_await_text(const struct process *p, const char *text);
bool world_await_jobs(const struct world *w, int count);
void process_signal(const struct process *p, int number);

/* Start and wait in one. */
void world_run(struct world *w, struct result *r, const char *format, ...) HAUL_PRINTF(3, 4);
void world_fetch(struct world *w, struct result *r, const char *format, ...) HAUL_PRINTF(3, 4);
void result_release(struct result *r);

/* The last event of that name, NULL if none. */
const struct json *result_event(const struct result *r, const char *name);
size_t result_event_count(const struct result *r, const char *name);
/* A text field of it, "" if there is none. */
const char *result_text(const struct result *r, const char *name, const char *field);
int64_t result_number(const struct result *r, const char *name, const char *field);
/* Whether a log event has this text in it. */
bool result_logged(const struct result *r, const char *text);

#endif
