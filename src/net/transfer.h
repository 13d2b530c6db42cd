/* SPDX-License-Identifier: MIT */
/*
 * One file on its way: from the plan's URL to its final name. Decides which requests run, takes in
 * what they bring, retries, verifies, places. Worker thread only; the loop that drives several
 * transfers together is in fetch.c.
 */
#ifndef HAUL_NET_TRANSFER_H
#define HAUL_NET_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/plan.h"
#include "core/run.h"
#include "core/sums.h"
#include "net/conn.h"
#include "net/digest.h"
#include "net/engine_internal.h"
#include "net/part.h"
#include "net/pieces.h"
#include "net/ramp.h"
#include "net/transfer_local.h"
#include "net/url.h"

/* What all files of a job share. */
struct fetch {
    struct engine_worker *worker;
    struct run *run;
    const struct job_request *request;
    struct plan *plan;
    struct limiter_share *share;
    struct conn *line; /* that the limit holds back, in the order of their turns */
    struct sums sums;  /* the request's checksum_file, read */
    char *origin;      /* of the spec: gets the request's headers; NULL: there are none */
    unsigned conns;    /* under way now, over all files */
    unsigned heads;    /* of them, those whose reply has not begun */
    bool more;         /* files have not begun: they come before splitting what runs */
    bool news;         /* something has changed that may let a file go on */
    int64_t token_at;  /* ns, when the plan's token was renewed; 0 never */
    /* ns, until then the worker looked at no socket for a while: that nothing came says nothing. */
    int64_t blind_until;
};

enum transfer_phase {
    TRANSFER_ASK,    /* nothing known yet: the first request runs or waits for its time */
    TRANSFER_FETCH,  /* the entity is known, ranges arrive */
    TRANSFER_LOCAL,  /* its content is copied from elsewhere on this disk */
    TRANSFER_CHECK,  /* a file of the final name exists: is it this one? */
    TRANSFER_VERIFY, /* all bytes are here, the digest is not ready */
    TRANSFER_PLACE,
    TRANSFER_DONE,
    TRANSFER_FAILED
};

struct transfer {
    struct fetch *fetch;
    size_t index;
    struct plan_file *file;
    struct file_progress *progress;
    enum transfer_phase phase;
    struct haul_fault fault; /* of TRANSFER_FAILED; else of the last try */

    /* The plan's URL: user name and password leave it at once, so that no message can show them,
     * and go to its origin only. */
    struct url_parts address;
    bool redirected;  /* the address leads elsewhere */
    char *direct_url; /* where to; NULL: ask the address */
    char *name;       /* final path below the plan's root, NULL until known */
    char *asked_name; /* what it was until --on-exists rename changed it; NULL: it did not */
    struct entity entity;
    struct digest_value digest; /* DIGEST_NONE: nothing to verify against */
    bool ranges;                /* the server does ranges and the file can be held to be the same */
    bool whole_only;            /* one plain stream: ranges went wrong here */
    bool loose;                 /* validators differ from reply to reply; the digest decides */
    int64_t size;               /* -1 unknown */

    struct part *part;
    bool name_taken; /* a file of the likely name exists: the first reply's head decides all */
    bool looked;     /* for a file of the final name, before the first request */
    bool replace;    /* may replace an existing file */
    bool from_disk;  /* what is in the part was not fetched: a wrong digest is nobody's fault */
    struct local_copy *local; /* of TRANSFER_LOCAL */
    char *local_path; /* of TRANSFER_CHECK: what is checked is this, to be linked; NULL: it stands
                         under the final name */
    struct digest *hash;
    int check_fd; /* of TRANSFER_CHECK */
    int lock_fd;  /* of the plan's lock file; -1: not held */

    struct conn *conns[CONNECTIONS_MAX];
    size_t conn_count;
    struct conn *spare[CONNECTIONS_MAX];
    size_t spare_count;
    struct ramp ramp;
    int64_t received;   /* body bytes over all requests */
    int64_t round_trip; /* ns, of the nearest reply */
    bool stream_ended;  /* a reply without length came to its end: the file is whole */

    unsigned tries, restarts, refreshes;
    int64_t limited_at;   /* ns, when the rate limit last held a connection back */
    int64_t failed_at;    /* ns, the last time a try failed */
    int64_t refreshed_at; /* ns, when a new link or token was wanted last */
    int64_t best_rate;    /* of one connection, so far */
    int64_t most_covered; /* bytes, when it last failed */
    int64_t claimed;      /* total that a self-contradicting 206 named, 0 none */
    int64_t retry_at;     /* no new request before; 0 at once */
    int64_t saved_at;
    bool backlogged;          /* the disk is far behind: receive no more for now */
    unsigned refused_live;    /* so many worked when one more came to nothing; 0: that was judged */
    int64_t refused_received; /* `received` then */
    bool outdated;            /* part_outdated, and it was said */
};

void transfer_init(struct transfer *t, struct fetch *f, size_t index);
void transfer_release(struct transfer *t); /* closes all; partial and state stay as they are */

/* Starts what can be started with at most `budget` more requests, and moves the phase on. */
void transfer_step(struct transfer *t, int64_t now, unsigned budget);
/* A request of this transfer has ended. */
void transfer_request_ended(struct transfer *t, struct conn *c, CURLcode code);
/* Every 250 ms: rates, stalls, slow connections, saving, what front ends show. */
void transfer_tick(struct transfer *t, int64_t now);
/* When transfer_step must be called again at the latest, if there is no news (fetch.news) before;
 * INT64_MAX: then only. */
int64_t transfer_due(const struct transfer *t);
bool transfer_ended(const struct transfer *t);

/* Ends all requests at once; then deletes the partial (cancel) or queues its last save. */
void transfer_stop(struct transfer *t, enum run_stop_reason reason);
/* After transfer_stop, when the disk has had its time: what has its final name by now is done, and
 * nothing gets one later, when nobody would know of it. */
void transfer_stopped(struct transfer *t);
/* What session_detail shows of it. */
void transfer_describe(const struct transfer *t, struct detail_view *out);
/* Ends all requests; the fault stands. */
void transfer_fail(struct transfer *t, const struct haul_fault *fault);

/* A file's name from -o (`out`), Content-Disposition, the address (`name`, as in url_parts) or the
 * URL it led to; the query is never part of it. Caller frees. led_to and reply NULL: before the
 * server was asked, and then NULL where nothing tells. */
char *transfer_choose_name(const char *out, const char *name, const char *led_to,
                           const struct reply *reply);
/* What to call the file in a message. */
const char *transfer_label(const struct transfer *t);

/* ---- between the files of the transfer ---- */

/* transfer_begin.c: the first reply. True: its body may be written. False: c->fault says why not,
 * or the phase has moved on. */
bool transfer_begin(struct transfer *t, struct conn *c);
/* Where the reply's redirects led is asked directly from now on. */
void transfer_remember_link(struct transfer *t, const struct conn *c);
/* Opens the partial of an earlier run, if one can be guessed before the server was asked. With
 * retry_at set afterwards it cannot be had yet. */
void transfer_look_back(struct transfer *t);
bool transfer_link(struct transfer *t);
/* Before the first request: is the file there, does another program fetch it just now? False when
 * nothing is to be asked, or not yet. */
bool transfer_look(struct transfer *t, int64_t now);
/* The final name is taken by a file that is, or is taken for, this one: done without it. */
void transfer_skip(struct transfer *t);
/* transfer_end.c: from the last byte on. */
void transfer_complete(struct transfer *t);
void transfer_end_step(struct transfer *t);
/* The file stands under its final name: makes its link, tells the run. */
void transfer_finish(struct transfer *t);
/* After the last request: what can be resumed is saved, else the partial goes. */
void transfer_keep_partial(struct transfer *t);
/* transfer_result.c: after the nap that follows a failed request. If the others have gone on since,
 * the server wants no more than those. */
void transfer_judge_refusal(struct transfer *t, int64_t now);
/* A request is over; its connection can be used again. */
void transfer_retire(struct transfer *t, struct conn *c);
/* transfer_choose_name for this transfer; c NULL: before the reply. */
char *transfer_name(const struct transfer *t, const struct conn *c);
/* --on-exists rename: the next free name from number *n on, as path_free_name; false: there is
 * none.
 */
bool transfer_rename_aside(struct transfer *t, int dirfd, unsigned *n);
/* Takes the digest that the user asked for, once the file has a name. */
bool transfer_pin(struct transfer *t, struct haul_fault *fault);
/* With the final name free (or to be replaced) the partial is opened; takes dirfd, where `base` is.
 * False: fault is set, or (the phase moved on) there is nothing to receive. */
bool transfer_open_free(struct transfer *t, int dirfd, const char *base, const struct entity *e,
                        struct haul_fault *fault);
/* Drops all requests and what is written; the next step asks anew. `why` goes into the log. */
void transfer_restart(struct transfer *t, const char *why);
void transfer_drop_requests(struct transfer *t);
/* Bytes that are here, for counters. */
int64_t transfer_bytes(const struct transfer *t);
/* Start of the range that conns cover; what pieces.h wants to know. */
size_t transfer_runs(const struct transfer *t, struct piece_run runs[CONNECTIONS_MAX]);

#endif
