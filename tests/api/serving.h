/* SPDX-License-Identifier: MIT */
/*
 * A job server for a test: the real program in a world of its own, with an origin to fetch from,
 * and a client that is none of haul's. One thread.
 *
 *     struct serving s;
 *     char id[JOB_ID_SIZE];
 *     serving_init(&s, "-j 2");
 *     serving_add(&s, id, "/file/x.bin?size=3M");
 *     serving_await(&s, id, "completed");
 *     serving_release(&s);
 */
#ifndef HAUL_TESTS_API_SERVING_H
#define HAUL_TESTS_API_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/view.h"
#include "integration/content.h"
#include "integration/world.h"

#define SERVING_PATIENCE (20 * CLOCK_SEC)

struct serving {
    struct world w;
    struct origin *o;
    struct process p;
    bool runs;
    bool without_dir; /* no -d: jobs go where their sources put things */
    char *socket;
    uint16_t port; /* of TCP; 0: none */
};

/* What goes on its command line besides --socket and -d: "-j 1". It listens when this returns. */
void serving_init(struct serving *s, const char *options);
/* The same in two steps, for what the program has to find in its world. */
void serving_prepare(struct serving *s);
void serving_start(struct serving *s, const char *options);
/* Sends the signal, waits for the end; releases nothing else. *r is the caller's. */
void serving_stop(struct serving *s, int number, struct result *r);
/* Stops it with SIGTERM, which has to end well, if it runs. */
void serving_release(struct serving *s);
/* What lets in over TCP; the caller's. */
char *serving_token(const struct serving *s);
/* What it said on standard error so far; the caller's buf, initialised here. */
void serving_log(const struct serving *s, struct buf *out);

/* ---- requests ---- */

struct answer {
    int status; /* 0: there was none */
    struct buf head, body;
    struct json *json; /* the body, where it is JSON */
    int64_t took;      /* ns */
    bool whole;        /* as long as it was announced */
};

/* body NULL: none. headers: whole lines, each with its "\r\n"; NULL: none. */
void ask(const struct serving *s, struct answer *a, const char *method, const char *path,
         const char *body);
void ask_with(const struct serving *s, struct answer *a, const char *method, const char *path,
              const char *body, const char *headers);
/* A body that is no text. */
void ask_bytes(const struct serving *s, struct answer *a, const char *method, const char *path,
               const char *bytes, size_t len);
/* Over TCP, without a token unless the headers have one. */
void ask_tcp(const struct serving *s, struct answer *a, const char *method, const char *path,
             const char *body, const char *headers);
/* A connection that says this much and no more. */
int speak(const struct serving *s, const char *text);
void answer_release(struct answer *a);
const char *answer_text(const struct answer *a, const char *field);  /* "" if none */
const char *answer_error(const struct answer *a, const char *field); /* of "error" */
/* Asks and forgets all but the status. */
int ask_status(const struct serving *s, const char *method, const char *path, const char *body);
/* A path with what follows; valid until the eighth call from now. */
const char *path_of(const char *format, ...) HAUL_PRINTF(1, 2);

/* ---- jobs ---- */

/* A path of the origin, with its options. The answer has to be 201. */
void serving_add(const struct serving *s, char id[JOB_ID_SIZE], const char *path);
/* The same for any source, with more fields: ",\"priority\":3" or "". */
void serving_add_source(const struct serving *s, char id[JOB_ID_SIZE], const char *source,
                        const char *fields);
/* State of the job as its snapshot says; "gone" where it has none. A constant. */
const char *serving_state(const struct serving *s, const char *id);
/* Waits for that state. Fails the test when another one ends the job, or time is up. */
void serving_await(const struct serving *s, const char *id, const char *state);
/* The job's snapshot; answer_release. */
void serving_job(const struct serving *s, const char *id, struct answer *a);

/* ---- streams ---- */

struct stream {
    int fd;
    int status;
    struct buf raw, text; /* as it came; without the framing of HTTP, not told yet */
    bool ended;           /* as HTTP/1.1 ends a body of unknown length */
    bool cut;             /* otherwise */
    unsigned comments;    /* that came so far */
    /* the last one that was told */
    struct buf name, id, data;
    struct json *json; /* the data, where it is JSON */
};

/* Opens it and reads the head. last_id NULL: from the start. */
void stream_open(const struct serving *s, struct stream *st, const char *path, const char *last_id);
void stream_close(struct stream *st);
/* The next event; comments are skipped. False at the end, or when none came in so long. */
bool stream_next(struct stream *st, int64_t timeout);
/* Reads on until a plain line that begins so ("[DONE]"), or until an event of that name. False at
 * the end or after SERVING_PATIENCE. */
bool stream_until_line(struct stream *st, const char *begins);
bool stream_until_event(struct stream *st, const char *name);
bool stream_is_line(const struct stream *st, const char *begins);
bool stream_is_event(const struct stream *st, const char *name);

#endif
