/* SPDX-License-Identifier: MIT */
/* Jobs that have ended: a job server lists the last of them again, old ones are forgotten; see
 * store.h. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/store_sql.h"

void store_keep_ended(struct store *s)
{
    s->keeps_ended = true;
}

static enum haul_error prune_with(struct store *s, enum store_statement which, int64_t before_ms,
                                  struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, which, fault);
    if (!st)
        return HAUL_ERR_DISK;
    sqlite3_bind_int64(st, 1, before_ms);
    return store_run(s, st, fault);
}

enum haul_error store_prune(struct store *s, int64_t before_ms, struct haul_fault *fault)
{
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    err = store_exec(s, SQL_INDEX_DROPPED, fault);
    if (err == HAUL_OK)
        err = prune_with(s, SQL_PRUNE_FILES, before_ms, fault);
    if (err == HAUL_OK)
        err = prune_with(s, SQL_PRUNE_JOBS, before_ms, fault);
    if (err == HAUL_OK)
        err = prune_with(s, SQL_PRUNE_OWNERS, before_ms, fault);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}

/* The list is read to its end first: reading the jobs uses the same connection. */
static enum haul_error list_ended(struct store *s, size_t max, char (*ids)[JOB_ID_SIZE],
                                  size_t *count, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_LIST_ENDED, fault);
    int rc = SQLITE_DONE;
    if (!st)
        return HAUL_ERR_DISK;
    sqlite3_bind_int64(st, 1, (int64_t)max);
    while (*count < max && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *id = (const char *)sqlite3_column_text(st, 0);
        strncpy(ids[(*count)++], id ? id : "", JOB_ID_SIZE - 1);
    }
    enum haul_error err = *count == max ? HAUL_OK : store_ended(s, s->db, rc, fault);
    sqlite3_reset(st);
    return err;
}

enum haul_error store_take_ended(struct store *s, size_t max,
                                 void (*take)(void *context, struct job *job), void *context,
                                 struct haul_fault *fault)
{
    size_t count = 0;
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    char(*ids)[JOB_ID_SIZE] = xcalloc(max + 1, sizeof *ids);
    err = list_ended(s, max, ids, &count, fault);
    for (size_t i = 0; err == HAUL_OK && i < count; i++) {
        struct store_row row;
        if (store_get(s, ids[i], &row, fault))
            take(context, store_row_job(&row));
        store_row_release(&row);
    }
    free(ids);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}
