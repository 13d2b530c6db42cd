/* SPDX-License-Identifier: MIT */
/*
 * One download: what was asked for, where it stands, and the table of moves between states. A job
 * lives in a job table (table.h), whose mutex guards everything in it that can change; what is
 * said to be set at birth may be read by whoever holds a reference.
 */
#ifndef HAUL_CORE_JOB_H
#define HAUL_CORE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/map.h"
#include "core/progress.h"
#include "core/queue.h"
#include "core/request.h"
#include "core/spec.h"
#include "core/view.h"

struct run;

/* What the store does not keep of a job (store.h), so that another process cannot go on with it. */
#define SECRET_IN_SPEC    1U
#define SECRET_IN_HEADERS 2U

struct job {
    /* set at birth */
    char id[JOB_ID_SIZE];
    uint64_t key;       /* hash of what makes two jobs the same, see job_same */
    unsigned mark;      /* tells masked specs apart, see job_mark */
    enum layout layout; /* never LAYOUT_DEFAULT */
    char *source;       /* the spec, masked */
    int64_t created_ms;

    /* places in the table */
    struct map_node by_id, by_key;
    struct queue_node order; /* holds priority and position */
    struct job *newer, *older;
    struct job *next_dirty, *next_discard, *next_dropped;
    unsigned refs;

    uint64_t number, generation;
    enum job_state state;
    bool listed;         /* in the table */
    bool hidden;         /* dropped by the user */
    bool dirty;          /* the store has still to be told */
    int64_t dirty_since; /* ns */
    bool discarding;     /* cancelled; its partial files are being deleted without a worker */
    bool deleting;       /* completed; the files that it made are being deleted */
    bool in_discards;
    bool pausing; /* asked to pause, and still stopping for it: the store calls it paused */
    bool again;   /* resumed while it was still stopping for a pause */
    bool secret_lost;
    bool blocked_by_disk;
    unsigned secrets;           /* SECRET_IN_… that the request holds */
    struct job_request request; /* replaced only while no worker has the job */
    char *name, *dir;
    int64_t limit_rate;        /* bytes/s, 0 none */
    unsigned connections_max;  /* 0: the settings' */
    struct progress *progress; /* NULL until a plan or the store told the files */
    struct run *run;           /* while a worker has it */
    struct haul_fault *fault;  /* NULL: none */
    int64_t started_ms, ended_ms;
    int64_t retry_at;
    unsigned retry_try, retry_max;
    char *retry_why;
    int64_t rate_average, rate_peak; /* of the last run */
};

/* interfaces.md §4. Also resolving and verifying to paused: who pauses does not choose the moment.
 */
bool job_may_move(enum job_state from, enum job_state to);

struct job *job_new(void); /* one reference, a new id, queued */
void job_free(struct job *job);

/*
 * A job as the request asks for it, with everything in it made independent of this process: dir
 * absolute, the current directory where a plain job names none. HAUL_ERR_BAD_SPEC,
 * HAUL_ERR_USAGE.
 */
HAUL_NODISCARD enum haul_error job_from_request(const struct job_request *request,
                                                bool (*supports)(enum spec_kind kind),
                                                struct job **job, struct haul_fault *fault);
/* Fills key from source, request and layout. */
void job_set_key(struct job *job);
/*
 * 16 bits over the spec without its user info. Two URLs that differ only in a query value that is
 * masked are told apart by it in the store; it is too short to give a secret away.
 */
unsigned job_mark(const char *spec);
/* Whether both fetch the same to the same place. */
bool job_same(const struct job *a, const struct job *b);

/* The code HAUL_OK (or NULL) clears it. */
void job_set_fault(struct job *job, const struct haul_fault *fault);
/* HAUL_ERR_UNAUTHORIZED: it needs a secret that the store was not given. */
enum haul_error job_fault_secret(const struct job *job, struct haul_fault *fault);
/* Whether files on disk are known that a cancel has to delete. */
bool job_has_partials(const struct job *job);
/* What a retry forgets. */
void job_reset(struct job *job);

#endif
