/* SPDX-License-Identifier: MIT */
/*
 * What a front end sees: a snapshot of all jobs, brought up to date by session_refresh, which
 * copies only what changed since the last call. A snapshot belongs to one thread; nothing in it is
 * shared with a worker. Text in it is sanitised and masked, fit to be shown.
 */
#ifndef HAUL_CORE_VIEW_H
#define HAUL_CORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"
#include "core/settings.h"

#define JOB_ID_SIZE 24 /* "job-" and 16 hex digits */

/* interfaces.md §4; the moves between them stand in job.c. */
enum job_state {
    JOB_QUEUED,
    JOB_RESOLVING,
    JOB_RUNNING,
    JOB_VERIFYING,
    JOB_PAUSED,
    JOB_COMPLETED,
    JOB_FAILED,
    JOB_CANCELLED,
    JOB_STATE_COUNT
};
const char *job_state_name(enum job_state s); /* "queued" */
HAUL_NODISCARD bool job_state_from_name(const char *name, enum job_state *s);
/* completed, failed, cancelled */
bool job_state_ended(enum job_state s);
/* resolving, running, verifying: a worker has it */
bool job_state_active(enum job_state s);

enum file_state {
    FILE_WAITING,
    FILE_ACTIVE,
    FILE_VERIFYING,
    FILE_DONE,
    FILE_SKIPPED, /* was there before the job, whole */
    FILE_FAILED,
    FILE_CANCELLED /* the user wants the rest of the job without it */
};
HAUL_NODISCARD bool file_state_from_name(const char *name, enum file_state *s);
const char *file_state_name(enum file_state s); /* "waiting", "running", "verifying", "completed",
                                                   "skipped", "failed", "cancelled" */

struct file_view {
    char *name; /* relative, for lists */
    char *path; /* absolute final path, exact: not fit to be shown; NULL until it is known */
    enum file_state state;
    int64_t bytes;        /* on disk or received; never falls except when the file restarts */
    int64_t total;        /* -1 unknown */
    int64_t hashed;       /* in-order prefix hashed, 0 where nothing is checked */
    int64_t resumed_from; /* bytes that were already there */
    int64_t rate;         /* bytes/s */
    unsigned connections; /* now */
    unsigned retries;     /* so far */
    bool retry_wait;      /* waiting to try again */
    enum digest_origin verified; /* against what; meaningful when done */
    char sha256[65];             /* "" until known */
    char *url;                   /* masked */
};

struct job_view {
    char id[JOB_ID_SIZE];
    uint64_t number;     /* small, for people: "#3"; unique in this state directory */
    uint64_t generation; /* changes when anything here but a counter does */
    enum job_state state;
    char *source; /* the spec, masked */
    char *name;
    char *dir; /* absolute */
    enum layout layout;
    int priority;
    int64_t position;         /* order among jobs of the same priority, lower first */
    int64_t limit_rate;       /* bytes/s, 0 none */
    unsigned connections_max; /* setting of this job, 0: the default */

    int64_t bytes, total; /* exact sums over files; total -1 while any is unknown */
    int64_t rate;         /* bytes of the last 5 s per second */
    int64_t rate_average, rate_peak;
    int64_t eta;     /* s, -1 unknown */
    int64_t idle_ms; /* since the last byte; 0 when not running */
    unsigned connections;
    unsigned retries;
    int64_t fetched; /* bytes from the network in the last run */

    int64_t retry_at; /* clock_now() ns when the next try starts; 0: not waiting */
    unsigned retry_try, retry_max;
    char *retry_why;      /* "503 from host" or NULL */
    bool blocked_by_disk; /* paused because the disk is full */

    int64_t created_ms, started_ms, ended_ms; /* wall; 0: not yet */
    struct haul_fault fault;                  /* code HAUL_OK unless failed (or disk_full pause) */

    struct file_view *files;
    size_t file_count;
    size_t files_done; /* done or skipped */
};

/* It has ended, or is paused because its disk is full: nothing goes on by itself. A pause by
 * somebody is taken back by somebody. */
bool job_view_is_over(const struct job_view *v);

/* Totals over all jobs of the snapshot. */
struct totals_view {
    size_t by_state[JOB_STATE_COUNT];
    size_t retrying;
    int64_t bytes, total; /* of jobs that are not cancelled or failed; total -1: none is known */
    int64_t known; /* those of `bytes` that are a part of `total`: of jobs whose size is known */
    int64_t rate;  /* bytes of the last 5 s per second, of jobs that have ended since as well */
    int64_t eta;   /* s until what is known to be missing is there, -1 unknown */
    unsigned connections;
};

struct snapshot {
    uint64_t generation;    /* of the table when last refreshed */
    struct job_view **jobs; /* in queue order; pointers stay until the job is removed */
    size_t count;
    uint64_t members; /* rises when a job comes or goes */
    struct totals_view totals;
    int64_t fetched;   /* bytes from the network since the session began */
    uint64_t retries;  /* likewise */
    unsigned jobs_max; /* live settings */
    int64_t limit_rate;
    uint64_t library_version;     /* rises when completed jobs have been entered into the library */
    struct haul_fault lost;       /* why there is no news of the jobs any more; HAUL_OK: there is */
    struct snapshot_index *index; /* private to view.c */
};

void snapshot_init(struct snapshot *s);
void snapshot_release(struct snapshot *s);
/* NULL where there is none. */
struct job_view *snapshot_find(const struct snapshot *s, const char *id);

/* For those who fill a snapshot by hand (views may stand in jobs[] without snapshot_touch). */
struct job_view *job_view_new(void);
void job_view_free(struct job_view *v);

/*
 * For session implementations: the view of that job, made where there was none, to be written to
 * until snapshot_settle. Only touched views cost anything when the snapshot settles.
 */
struct job_view *snapshot_touch(struct snapshot *s, const char *id);
/* The job is gone; its view is freed when the snapshot settles. */
void snapshot_remove(struct snapshot *s, const char *id);
/* Brings order and totals in line with what was touched or removed. */
void snapshot_settle(struct snapshot *s);
/* Something of the implementation's own that goes with a view, released with it. */
void job_view_attach(struct job_view *v, void *data, void (*release)(void *data));
void *job_view_attached(const struct job_view *v); /* NULL if nothing is */
/* Takes everything over but the id. */
void job_view_copy(struct job_view *to, const struct job_view *from);
/* Makes room for so many files; new ones are zeroed, those too many are released. */
void job_view_set_files(struct job_view *v, size_t count);
/* *field = copy of s (may be NULL), unless it says that already. */
void view_set_string(char **field, const char *s);

/* One file from near: asked for by session_detail for the file that is looked at. */
enum conn_state { CONN_CONNECTING, CONN_WAITING, CONN_RECEIVING, CONN_STALLED };
struct conn_view {
    char host[64];      /* address, cut */
    int64_t begin, end; /* range asked for, end exclusive; -1 unknown */
    int64_t got;        /* bytes of it */
    int64_t rate;
    enum conn_state state;
};
struct detail_view {
    struct conn_view conns[CONNECTIONS_MAX];
    size_t conn_count;
    /* Coverage of the file in equal cells: 0 nothing … 255 all of the cell is here. */
    uint8_t cells[1024];
    size_t cell_count; /* 0 where the total is unknown */
};

#endif
