/* SPDX-License-Identifier: MIT */
/* Transactions, and which process stored jobs belong to; see store.h. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/store_sql.h"

enum haul_error store_begin(struct store *s, struct haul_fault *fault) HAUL_NO_TSA
{
    mutex_lock(&s->write_mutex);
    enum haul_error err = store_exec(s, SQL_BEGIN, fault);
    if (err != HAUL_OK)
        mutex_unlock(&s->write_mutex);
    return err;
}

enum haul_error store_end(struct store *s, bool commit, struct haul_fault *fault) HAUL_NO_TSA
{
    enum haul_error err = commit ? store_exec(s, SQL_COMMIT, fault) : HAUL_OK;
    if (!commit || err != HAUL_OK)
        (void)store_exec(s, SQL_ROLLBACK, NULL);
    mutex_unlock(&s->write_mutex);
    return err;
}

enum haul_error store_next(struct store *s, uint64_t *number, int64_t *position,
                           struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_NEXT, fault);
    if (!st)
        return HAUL_ERR_DISK;
    enum haul_error err = HAUL_OK;
    if (sqlite3_step(st) == SQLITE_ROW) {
        *number = (uint64_t)sqlite3_column_int64(st, 0);
        *position = sqlite3_column_int64(st, 1);
    } else {
        err = store_fault(s, s->db, fault);
    }
    sqlite3_reset(st);
    return err;
}

static enum haul_error heartbeat(struct store *s, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_HEARTBEAT, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, s->lease);
    sqlite3_bind_int64(st, 2, clock_wall_ms());
    return store_run(s, st, fault);
}

enum haul_error store_heartbeat(struct store *s, struct haul_fault *fault)
{
    mutex_lock(&s->write_mutex);
    enum haul_error err = heartbeat(s, fault);
    mutex_unlock(&s->write_mutex);
    return err;
}

static enum haul_error give_up(struct store *s, enum store_statement which)
{
    sqlite3_stmt *st = store_statement(s, which, NULL);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, s->lease);
    return store_run(s, st, NULL);
}

void store_give_up_leases(struct store *s)
{
    mutex_lock(&s->write_mutex);
    if (give_up(s, SQL_FREE_JOBS) == HAUL_OK)
        (void)give_up(s, SQL_FREE_OWNER);
    mutex_unlock(&s->write_mutex);
}

/* A stored job and whose it is. */
struct claim {
    char id[JOB_ID_SIZE];
    char *lease; /* NULL: nobody's */
    int64_t heartbeat;
};

static struct claim claim_at(sqlite3_stmt *st)
{
    struct claim c = {.lease = store_column_text(st, 1), .heartbeat = sqlite3_column_int64(st, 2)};
    const char *id = (const char *)sqlite3_column_text(st, 0);
    strncpy(c.id, id ? id : "", sizeof c.id - 1);
    return c;
}

static bool is_free(const struct claim *c)
{
    return !c->lease || !lease_alive(c->lease, c->heartbeat, clock_wall_ms());
}

/* Makes it ours if it is still whose it was. *job stays NULL if it is not. */
static enum haul_error take(struct store *s, const struct claim *c, struct job **job,
                            struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_TAKE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, s->lease);
    store_bind_text(st, 2, c->id);
    store_bind_text(st, 3, c->lease);
    enum haul_error err = store_run(s, st, fault);
    if (err != HAUL_OK || sqlite3_changes(s->db) == 0)
        return err;
    struct store_row row;
    bool found = store_get(s, c->id, &row, fault);
    if (found)
        *job = store_row_job(&row);
    store_row_release(&row);
    return found ? HAUL_OK : HAUL_ERR_DISK;
}

/* Many jobs of one dead process: ask about it once. */
struct verdict {
    char *lease;
    bool free;
};

static bool is_free_again(const struct claim *c, struct verdict *last)
{
    if (!c->lease)
        return true;
    if (!last->lease || strcmp(last->lease, c->lease) != 0) {
        free(last->lease);
        *last = (struct verdict){.lease = xstrdup(c->lease), .free = is_free(c)};
    }
    return last->free;
}

/* A job without a directory goes to a place that was set up for its kind. */
static bool may_run(sqlite3_stmt *st, const struct string_list *roots)
{
    const char *dir = (const char *)sqlite3_column_text(st, 3);
    return !roots->count || !dir || path_is_below_any(roots, dir);
}

/* The list is read to its end first: it must not change while it is being read. */
static enum haul_error list_free(struct store *s, const struct string_list *roots,
                                 enum store_adoptable which, struct claim **out, size_t *count,
                                 size_t *busy, char **owner, struct haul_fault *fault)
{
    struct claim *list = NULL;
    struct verdict last = {0};
    int rc;
    sqlite3_stmt *st = store_statement(s, SQL_LIST_OPEN, fault);
    if (!st)
        return HAUL_ERR_DISK;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct claim c = claim_at(st);
        bool is_busy = !is_free_again(&c, &last);
        if (is_busy && !(*busy)++)
            *owner = lease_owner(c.lease);
        bool wanted = c.lease || which == STORE_UNOWNED;
        if (is_busy || !wanted || !may_run(st, roots)) {
            free(c.lease);
            continue;
        }
        if (!(*count & (*count - 1)))
            list = xreallocarray(list, *count ? *count * 2 : 1, sizeof *list);
        list[(*count)++] = c;
    }
    enum haul_error err = store_ended(s, s->db, rc, fault);
    sqlite3_reset(st);
    free(last.lease);
    *out = list;
    return err;
}

/* jobs[i] is NULL where somebody else was quicker. */
static enum haul_error take_list(struct store *s, struct claim *list, size_t count,
                                 struct job **jobs, enum haul_error err, struct haul_fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        if (err == HAUL_OK)
            err = take(s, &list[i], &jobs[i], fault);
        free(list[i].lease);
    }
    free(list);
    return err;
}

enum haul_error store_adopt_all(struct store *s, const struct string_list *roots,
                                enum store_adoptable which,
                                void (*take_job)(void *context, struct job *job), void *context,
                                size_t *busy, char **owner, struct haul_fault *fault)
{
    *busy = 0;
    *owner = NULL;
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    size_t count = 0;
    struct claim *list = NULL;
    err = list_free(s, roots, which, &list, &count, busy, owner, fault);
    struct job **jobs = xcalloc(count + 1, sizeof(struct job *));
    err = take_list(s, list, count, jobs, err, fault);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    for (size_t i = 0; i < count; i++) { /* ours only now that it is written */
        if (jobs[i] && err == HAUL_OK && end == HAUL_OK)
            take_job(context, jobs[i]);
        else
            job_free(jobs[i]);
    }
    free(jobs);
    return err == HAUL_OK ? end : err;
}

/* Finds an open job of another session by its key, masked spec and mark. */
static enum haul_error find_same(struct store *s, const struct job *job, struct claim *c,
                                 bool *found, struct haul_fault *fault)
{
    *found = false;
    if (!s->find_same &&
        sqlite3_prepare_v3(s->reader, store_find_same, -1, SQLITE_PREPARE_PERSISTENT, &s->find_same,
                           NULL) != SQLITE_OK)
        return store_fault(s, s->reader, fault);
    sqlite3_stmt *st = s->find_same;
    sqlite3_bind_int64(st, 1, (int64_t)job->key);
    store_bind_text(st, 2, s->lease);
    int rc = SQLITE_DONE;
    while (!*found && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *source = (const char *)sqlite3_column_text(st, 3);
        if (strcmp(source, job->source) != 0 || (unsigned)sqlite3_column_int(st, 4) != job->mark)
            continue;
        *c = claim_at(st);
        *found = true;
    }
    enum haul_error err = *found ? HAUL_OK : store_ended(s, s->reader, rc, fault);
    sqlite3_reset(st);
    return err;
}

static enum haul_error refuse_busy(const struct job *job, const struct claim *c,
                                   struct haul_fault *fault)
{
    char *owner = lease_owner(c->lease);
    fault_set(fault, HAUL_ERR_BUSY, "%s: %s is downloading it to the same place", job->source,
              owner);
    free(owner);
    return HAUL_ERR_BUSY;
}

static enum haul_error take_one(struct store *s, const struct claim *c, struct job **found,
                                struct haul_fault *fault)
{
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    err = take(s, c, found, fault);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}

enum haul_error store_adopt_same(struct store *s, const struct job *job, struct job **found,
                                 struct haul_fault *fault)
{
    struct claim c = {.lease = NULL};
    bool have;
    *found = NULL;
    mutex_lock(&s->read_mutex);
    enum haul_error err = find_same(s, job, &c, &have, fault);
    mutex_unlock(&s->read_mutex);
    if (err == HAUL_OK && have)
        err = is_free(&c) ? take_one(s, &c, found, fault) : refuse_busy(job, &c, fault);
    free(c.lease);
    return err;
}
