/* SPDX-License-Identifier: MIT */
/*
 * haul.db: jobs, their files and which process they belong to. Calls block on the disk and on other
 * processes, for 5 s at most; nobody makes them while holding the table's mutex. A store may be
 * used by several threads.
 */
#ifndef HAUL_CORE_STORE_H
#define HAUL_CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/store_row.h"

#define STORE_SCHEMA 4

struct store;

/*
 * Opens or makes `dir`/haul.db (directory 0700, file 0600). A damaged file is moved aside, and
 * *notice tells so (caller frees; NULL otherwise). A file of a newer haul is refused. NULL with
 * fault.
 */
struct store *store_open(const char *dir, char **notice, struct haul_fault *fault);
/* Gives up all leases of this session. */
void store_close(struct store *s);
const char *store_lease(const struct store *s);

/* From now on what this session writes stays in the list when it has ended, for store_take_ended.
 */
void store_keep_ended(struct store *s);
/* Forgets jobs that ended before that wall time, but for failed ones that were not dropped, and
 * sessions that have said nothing since and have no job. */
HAUL_NODISCARD enum haul_error store_prune(struct store *s, int64_t before_ms,
                                           struct haul_fault *fault);

/* The next number and queue position that no stored job has. */
HAUL_NODISCARD enum haul_error store_next(struct store *s, uint64_t *number, int64_t *position,
                                          struct haul_fault *fault);

/* Writes between begin and end are one transaction of this thread. end with commit = false, or
 * that fails, takes all of them back. */
HAUL_NODISCARD enum haul_error store_begin(struct store *s, struct haul_fault *fault);
HAUL_NODISCARD enum haul_error store_end(struct store *s, bool commit, struct haul_fault *fault);

/*
 * Writes one job, leased by this session until it has ended. A number that another process has
 * taken meanwhile is replaced in the row. *lost: another process has taken the job over, nothing
 * was written.
 */
HAUL_NODISCARD enum haul_error store_put(struct store *s, struct store_row *row, bool *lost,
                                         struct haul_fault *fault);
HAUL_NODISCARD enum haul_error store_heartbeat(struct store *s, struct haul_fault *fault);

enum store_adoptable {
    STORE_UNOWNED, /* all that belong to no living process */
    STORE_ORPHANED /* of these, not what its process gave up when it ended properly */
};

/*
 * Takes over unfinished and failed jobs; once they are this session's each goes to `take`, which
 * owns it. With `roots`, those whose directory is below none of them stay for others. *busy counts
 * the jobs of living processes, and *owner (caller frees) names one of those, NULL: none.
 */
HAUL_NODISCARD enum haul_error store_adopt_all(struct store *s, const struct string_list *roots,
                                               enum store_adoptable which,
                                               void (*take)(void *context, struct job *job),
                                               void *context, size_t *busy, char **owner,
                                               struct haul_fault *fault);
/* The last `max` jobs that a session with store_keep_ended brought to an end, completed or
 * cancelled and not dropped; each goes to `take`, which owns it. They belong to nobody. */
HAUL_NODISCARD enum haul_error store_take_ended(struct store *s, size_t max,
                                                void (*take)(void *context, struct job *job),
                                                void *context, struct haul_fault *fault);
/*
 * The same-spec rule for jobs of other sessions: *found is a stored job that is the same as `job`
 * and is now this session's, or NULL if there is none. HAUL_ERR_BUSY: a living process has it.
 */
HAUL_NODISCARD enum haul_error store_adopt_same(struct store *s, const struct job *job,
                                                struct job **found, struct haul_fault *fault);

#endif
