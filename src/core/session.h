/* SPDX-License-Identifier: MIT */
/*
 * The one door for front ends: add, control, look, wait. Behind it the jobs run in this process
 * (session_local_new) or on a job server. All calls may be made from any thread, but a snapshot and
 * a watcher belong to one. No call but session_resolve, session_await and session_free waits for a
 * transfer, a server or a disk.
 */
#ifndef HAUL_CORE_SESSION_H
#define HAUL_CORE_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/event.h"
#include "core/library.h"
#include "core/plan.h"
#include "core/request.h"
#include "core/view.h"

struct session;

enum job_action {
    JOB_CANCEL, /* for good: stops it, deletes its partial files */
    JOB_PAUSE,  /* stops it, keeps its partial files */
    JOB_RESUME,
    JOB_RETRY,   /* failed or cancelled back to queued */
    JOB_DROP,    /* out of the list; only ended jobs; touches no file */
    JOB_RESTORE, /* back into the list, one of the last that were dropped in this session */
    JOB_DELETE   /* completed only: deletes the files that it made, as far as they still have the
                    size they had, then drops it */
};

/* What of a job can be changed while it lives. */
struct job_change {
    bool set_priority, set_limit_rate, set_connections;
    int priority;
    int64_t limit_rate;   /* 0: none */
    unsigned connections; /* 1..CONNECTIONS_MAX */
    int move;             /* queue places, negative is forward; 0: stays */
};

/*
 * Queues a job. Refused with HAUL_ERR_BAD_SPEC (does not parse), HAUL_ERR_USAGE (options that do
 * not fit the source). A stored job of the same spec and destination that no living process runs
 * is taken up again instead of adding a second one. `id` gets the job's id. It is written down
 * soon, not at once: see session_save.
 */
HAUL_NODISCARD enum haul_error session_add(struct session *s, const struct job_request *request,
                                           char id[JOB_ID_SIZE], struct haul_fault *fault);
/* Many at once: one lock, one write to the store. ids may be NULL. Stops at the first that is
 * refused; *added says how many went in. */
HAUL_NODISCARD enum haul_error session_add_many(struct session *s,
                                                const struct job_request *requests, size_t count,
                                                char (*ids)[JOB_ID_SIZE], size_t *added,
                                                struct haul_fault *fault);

/* Asks for it and returns at once; the state follows when it is true. HAUL_ERR_NOT_FOUND for an
 * unknown id, HAUL_ERR_USAGE when the state does not allow it (the fault says which). */
HAUL_NODISCARD enum haul_error session_control(struct session *s, const char *id,
                                               enum job_action action, struct haul_fault *fault);
/* The job goes on without that file, whose partial is deleted; the last file that is left takes the
 * job with it. HAUL_ERR_USAGE for a file that is complete. */
HAUL_NODISCARD enum haul_error session_cancel_file(struct session *s, const char *id, size_t file,
                                                   struct haul_fault *fault);
HAUL_NODISCARD enum haul_error session_change(struct session *s, const char *id,
                                              const struct job_change *change,
                                              struct haul_fault *fault);
/* Live settings; a value < 0 leaves it as it is. */
HAUL_NODISCARD enum haul_error session_set(struct session *s, int jobs, int64_t limit_rate,
                                           struct haul_fault *fault);

/*
 * Has all that was asked for so far written down now: it outlives the death of this process from
 * then on. Returns a ticket for session_saved, which is true when that is so, or when it could not
 * be done (the log says why) or nothing is kept anyway. A watcher's descriptor tells of it.
 */
uint64_t session_save(struct session *s);
bool session_saved(struct session *s, uint64_t ticket);

/* Waits until the job has ended or is paused, or until clock_now() reaches deadline (ns).
 * HAUL_ERR_TIMEOUT then. */
HAUL_NODISCARD enum haul_error session_await(struct session *s, const char *id, int64_t deadline,
                                             struct haul_fault *fault);

/*
 * Waking up: one watcher a front-end thread. The descriptor is readable when a job changed (state,
 * files, order, settings) or an event is there, since the last refresh or read; byte counters alone
 * do not wake it: draw those on a timer while snapshot.totals says that something is active.
 */
struct watcher;
struct watcher *session_watch(struct session *s); /* freed before the session */
void watcher_free(struct watcher *w);
int watcher_fd(const struct watcher *w); /* poll for POLLIN; never read from it */
/* Brings the snapshot up to date and re-arms the descriptor. True if anything but counters is new.
 */
bool watcher_refresh(struct watcher *w, struct snapshot *snapshot);
/* The next event, a reference that the caller drops; NULL when there is none. A watcher that falls
 * 65,536 events behind loses the oldest; *lost (may be NULL) counts them once. A new watcher starts
 * with the events that come. */
struct event *watcher_next(struct watcher *w, uint64_t *lost);
/* Last log lines and errors that are still kept, oldest first, of one job or (id NULL) of all; at
 * most max. Returns references. */
size_t session_log(struct session *s, const char *id, struct event **out, size_t max);

/* One file from near; false where the job or file is not there or has no transfer. */
bool session_detail(struct session *s, const char *id, size_t file, struct detail_view *out);

/* What a request would fetch; contacts the source, fetches nothing. Blocks; *stop set by another
 * thread (or a signal) ends it with HAUL_ERR_CANCELLED within 250 ms. */
HAUL_NODISCARD enum haul_error session_resolve(struct session *s, const struct job_request *request,
                                               const atomic_bool *stop, struct plan *plan,
                                               struct haul_fault *fault);

/* Free bytes on the file system of `dir` (or its nearest existing parent), -1 unknown. NULL: where
 * jobs go that name no directory. Blocks as long as the disk does; a job server's answer comes, or
 * is -1, within 250 ms. */
int64_t session_disk_free(struct session *s, const char *dir);

/*
 * The library: what is on disk. These wait for the disk, so no front end's own loop calls them.
 * HAUL_ERR_USAGE where the session keeps nothing. Entries are copies; they say how the disk was at
 * that moment.
 */
HAUL_NODISCARD enum haul_error session_models(struct session *s, struct model_list *out,
                                              struct haul_fault *fault);
/* Reads every file and holds it against its digest; sets the states in *m and keeps them.
 * HAUL_ERR_CHECKSUM when a file is bad, HAUL_ERR_NOT_FOUND when the worst is that one is missing;
 * the fault names it. The watch (may be NULL) sees the bytes read of all files. */
HAUL_NODISCARD enum haul_error session_model_verify(struct session *s, struct model *m,
                                                    const struct digest_watch *watch,
                                                    struct haul_fault *fault);
/* Deletes the files and the entry; see model_remove_files. */
HAUL_NODISCARD enum haul_error session_model_remove(struct session *s, const struct model *m,
                                                    struct model_removal *out,
                                                    struct haul_fault *fault);
/* Deletes (dry_run: finds) partial files of dead processes that no job in the queue wants: where
 * haul has written before, and below `dir` (may be NULL); of the first only what is below one of
 * `within` (NULL: all). A job server sets bounds itself; it is not told of `within`. */
HAUL_NODISCARD enum haul_error session_clean(struct session *s, const char *dir,
                                             const struct string_list *within, bool dry_run,
                                             struct leftover_list *out, struct haul_fault *fault);

/*
 * Tells all transfers to stop, and starts none any more; waits for nothing. For a front end that
 * has still to wait for something before it frees the session. With a job server nothing happens.
 */
void session_stop(struct session *s);

/*
 * Stops all transfers (partial files and the queue stay for the next run), saves, waits for the
 * workers and frees. With a job server it only leaves.
 */
void session_free(struct session *s);

/* ---- the implementation in this process ---- */

struct engine;
struct engine_ops;

/* Which stored jobs of dead processes the session takes up when it starts. */
enum session_adopt {
    ADOPT_LIST, /* the job server: also the last that ended, unless they were dropped */
    ADOPT_ALL,  /* the terminal UI */
    ADOPT_NONE  /* batch with specs: only session_add's same-spec rule */
};

struct session_config {
    const struct settings *settings; /* copied */
    const char *state_dir;           /* NULL: keep nothing on disk */
    bool homeless;                   /* it is NULL because nobody knows a place for it */
    /* Where that cannot be written, or is not known: a warning instead of a failure. */
    bool may_do_without;
    enum session_adopt adopt;
    /* ns until jobs whose process may be gone are asked for again; 0: as long as a silent process
     * counts as alive; < 0: never, for who knows all its jobs when it starts */
    int64_t adopt_again;
    int64_t heartbeat; /* ns between "still downloading" log lines of a job; 0: 10 s; < 0: none */
};

/* Takes the engine (freed by session_free). NULL with fault: the store cannot be opened (says
 * which file and what to do). */
struct session *session_local_new(const struct session_config *config, struct engine *engine,
                                  const struct engine_ops *ops, struct haul_fault *fault);

#endif
