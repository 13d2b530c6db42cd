/* SPDX-License-Identifier: MIT */
/* What the files of the store share: the connection, its statements, and errors in words. */
#ifndef HAUL_CORE_STORE_SQL_H
#define HAUL_CORE_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/lease.h"
#include "core/mutex.h"
#include "core/store.h"

enum store_statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_PUT_JOB,
    SQL_PUT_FILE,
    SQL_CLEAR_FILES,
    SQL_NEXT,
    SQL_HEARTBEAT,
    SQL_FREE_JOBS,
    SQL_FREE_OWNER,
    SQL_LIST_OPEN,
    SQL_LIST_ENDED,
    SQL_INDEX_DROPPED,
    SQL_PRUNE_FILES,
    SQL_PRUNE_JOBS,
    SQL_PRUNE_OWNERS,
    SQL_TAKE,
    SQL_GET_JOB,
    SQL_GET_FILES,
    SQL_PUT_MODEL,
    SQL_UPDATE_MODEL,
    SQL_MODEL_PLACE,
    SQL_AT_PLACE,
    SQL_PUT_MODEL_FILE,
    SQL_UPDATE_MODEL_FILE,
    SQL_TAKE_PLACE,
    SQL_PUT_MODEL_DIR,
    SQL_FORGET_MODEL_FILES,
    SQL_FORGET_MODEL_FILE,
    SQL_DROP_EMPTY_MODELS,
    SQL_HAND_OVER,
    SQL_DELETE_MODEL_FILES,
    SQL_DELETE_MODEL_DIRS,
    SQL_DELETE_MODEL,
    SQL_STATEMENTS
};

/*
 * Two connections, so that who adds a job does not wait for the keeper's transaction: readers of a
 * write-ahead log wait for nobody.
 */
struct store {
    struct mutex write_mutex; /* guards db; held from store_begin to store_end */
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_STATEMENTS];
    struct mutex read_mutex; /* guards reader and find_same */
    sqlite3 *reader;
    sqlite3_stmt *find_same;
    char *path;
    char lease[LEASE_SIZE];
    bool keeps_ended;
};

enum haul_error store_fault(const struct store *s, sqlite3 *db, struct haul_fault *fault);
/* Compiled at first use; NULL with fault. Bound values of the last use are gone. */
sqlite3_stmt *store_statement(struct store *s, enum store_statement which,
                              struct haul_fault *fault);
/* Runs a statement that returns no row. */
enum haul_error store_run(struct store *s, sqlite3_stmt *st, struct haul_fault *fault);
/* Runs one that takes no values. */
enum haul_error store_exec(struct store *s, enum store_statement which, struct haul_fault *fault);
void store_bind_text(sqlite3_stmt *st, int index, const char *text); /* text outlives the run */
char *store_column_text(sqlite3_stmt *st, int column);               /* caller frees; may be NULL */
/* Of digest_text; takes the text, which may be NULL. */
void store_read_digest(struct digest_value *d, char *text, int origin);

/* Open jobs of other sessions with a key; run on the reader. */
extern const char store_find_same[];
/* After the last step of a query on that connection. */
enum haul_error store_ended(const struct store *s, sqlite3 *db, int rc, struct haul_fault *fault);
/* Reads the job and its files; false with fault. */
bool store_get(struct store *s, const char *id, struct store_row *row, struct haul_fault *fault);

void store_give_up_leases(struct store *s);

#endif
