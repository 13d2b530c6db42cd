/* SPDX-License-Identifier: MIT */
/* The SQL of the store, one table; see store_sql.h. */
#include "core/store_sql.h"

#define COLUMNS                                                                                    \
    "id, number, state, hidden, blocked, key, mark, secrets, layout, source, name, dir, "          \
    "asked_layout, asked_dir, out, revision, include, exclude, checksum, checksum_origin, "        \
    "checksum_file, on_exists, no_resume, priority, position, limit_rate, connections, "           \
    "fault_code, fault_status, fault_message, created, started, ended, kept"

/* As the index jobs_ended has it. */
#define ENDED "state IN ('completed', 'cancelled')"
/* History is long: both parts have an index. */
#define OLD                                                                                        \
    "SELECT id FROM jobs WHERE " ENDED " AND ended < ?1 UNION ALL "                                \
    "SELECT id FROM jobs WHERE hidden = 1 AND ended < ?1"
#define OPEN "jobs.hidden = 0 AND jobs.state NOT IN ('completed', 'cancelled')"

const char store_find_same[] = "SELECT jobs.id, jobs.lease, owners.heartbeat, jobs.source, "
                               "jobs.mark FROM jobs LEFT JOIN owners USING (lease) "
                               "WHERE key = ? AND " OPEN " AND jobs.lease IS NOT ?";

static const char *const sql[SQL_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    /* The last two values: the lease that the row gets, and the one that it may have. */
    [SQL_PUT_JOB] =
        "INSERT INTO jobs(" COLUMNS
        ", lease) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
        "?,?,?,?,?,?,?,?,?,?,?,?35) ON CONFLICT(id) DO UPDATE SET (" COLUMNS ", lease) = "
        "(excluded.id, excluded.number, excluded.state, excluded.hidden, excluded.blocked, "
        "excluded.key, excluded.mark, excluded.secrets, excluded.layout, excluded.source, "
        "excluded.name, excluded.dir, excluded.asked_layout, excluded.asked_dir, excluded.out, "
        "excluded.revision, excluded.include, excluded.exclude, excluded.checksum, "
        "excluded.checksum_origin, excluded.checksum_file, excluded.on_exists, excluded.no_resume, "
        "excluded.priority, excluded.position, excluded.limit_rate, excluded.connections, "
        "excluded.fault_code, excluded.fault_status, excluded.fault_message, excluded.created, "
        "excluded.started, excluded.ended, excluded.kept, excluded.lease) "
        "WHERE jobs.lease IS NULL OR jobs.lease = ?36",
    [SQL_PUT_FILE] = "INSERT OR REPLACE INTO files(job, number, name, path, state, bytes, total, "
                     "resumed_from, sha256, verified, made) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    [SQL_CLEAR_FILES] = "DELETE FROM files WHERE job = ?",
    [SQL_NEXT] = "SELECT coalesce(max(number), 0) + 1, coalesce(max(position), 0) FROM jobs",
    [SQL_HEARTBEAT] = "INSERT OR REPLACE INTO owners(lease, heartbeat) VALUES (?, ?)",
    [SQL_FREE_JOBS] = "UPDATE jobs SET lease = NULL WHERE lease = ?",
    [SQL_FREE_OWNER] = "DELETE FROM owners WHERE lease = ?",
    [SQL_LIST_OPEN] = "SELECT jobs.id, jobs.lease, owners.heartbeat, jobs.dir FROM jobs "
                      "LEFT JOIN owners USING (lease) WHERE " OPEN " ORDER BY jobs.number",
    [SQL_LIST_ENDED] = "SELECT id FROM jobs WHERE " ENDED " AND kept = 1 AND hidden = 0 "
                       "ORDER BY ended DESC LIMIT ?",
    /* Not worth a version of its own: who does not know it makes do without. */
    [SQL_INDEX_DROPPED] = "CREATE INDEX IF NOT EXISTS jobs_dropped ON jobs(ended) WHERE hidden = 1",
    [SQL_PRUNE_FILES] = "DELETE FROM files WHERE job IN (" OLD ")",
    [SQL_PRUNE_JOBS] = "DELETE FROM jobs WHERE id IN (" OLD ")",
    [SQL_PRUNE_OWNERS] = "DELETE FROM owners WHERE heartbeat < ? AND lease NOT IN "
                         "(SELECT lease FROM jobs WHERE " OPEN " AND lease IS NOT NULL)",
    /* Only from the one that it was read to belong to: two processes may try at once. */
    [SQL_TAKE] = "UPDATE jobs SET lease = ? WHERE id = ? AND lease IS ?",
    [SQL_GET_JOB] = "SELECT " COLUMNS " FROM jobs WHERE id = ?",
    [SQL_GET_FILES] = "SELECT number, name, path, state, bytes, total, resumed_from, sha256, "
                      "verified, made FROM files WHERE job = ? ORDER BY number",
    [SQL_PUT_MODEL] =
        "INSERT INTO models(id, verified, state, source, name, revision, layout, root, created) "
        "VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET (verified, state, source, name, "
        "revision) = (excluded.verified, excluded.state, excluded.source, excluded.name, "
        "excluded.revision)",
    [SQL_UPDATE_MODEL] = "UPDATE models SET verified = ?2, state = ?3 WHERE id = ?1",
    [SQL_MODEL_PLACE] = "SELECT root, layout FROM models WHERE id = ?",
    [SQL_AT_PLACE] = "SELECT max(made), count(*) FILTER (WHERE model <> ?2 AND shared = 0) "
                     "FROM model_files WHERE place = ?1",
    [SQL_PUT_MODEL_FILE] =
        "INSERT INTO model_files(model, path, link, place, size, digest, origin, verified, made, "
        "shared, document, state, batch) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "ON CONFLICT(model, path, link) DO UPDATE SET (size, digest, origin, verified, made, "
        "shared, document, state, batch) = (excluded.size, coalesce(excluded.digest, digest), "
        "excluded.origin, max(excluded.verified, verified), excluded.made, excluded.shared, "
        /* What was found bad stays so until it is written or read again. */
        "excluded.document, CASE WHEN state = 2 AND excluded.verified = 0 AND ?14 = 0 "
        "THEN state ELSE excluded.state END, excluded.batch)",
    [SQL_UPDATE_MODEL_FILE] = "UPDATE model_files SET digest = ?4, origin = ?5, verified = ?6, "
                              "state = ?7 WHERE model = ?1 AND path = ?2 AND link = ?3",
    [SQL_TAKE_PLACE] = "DELETE FROM model_files WHERE place = ? AND model <> ? AND shared = 0",
    [SQL_PUT_MODEL_DIR] = "INSERT OR IGNORE INTO model_dirs(model, path) VALUES (?, ?)",
    [SQL_FORGET_MODEL_FILES] = "DELETE FROM model_files WHERE model = ? AND batch <> ?",
    [SQL_FORGET_MODEL_FILE] = "DELETE FROM model_files WHERE model = ? AND path = ? AND link = ?",
    [SQL_DROP_EMPTY_MODELS] = "DELETE FROM models WHERE NOT EXISTS (SELECT 1 FROM model_files "
                              "WHERE model = models.id)",
    /* An heir that has been deleted meanwhile gets nothing. */
    [SQL_HAND_OVER] = "UPDATE OR IGNORE model_files SET model = ?2 WHERE model = ?1 AND path = ?3 "
                      "AND EXISTS (SELECT 1 FROM models WHERE id = ?2)",
    [SQL_DELETE_MODEL_FILES] = "DELETE FROM model_files WHERE model = ?",
    [SQL_DELETE_MODEL_DIRS] = "DELETE FROM model_dirs WHERE model = ?",
    [SQL_DELETE_MODEL] = "DELETE FROM models WHERE id = ?",
};

sqlite3_stmt *store_statement(struct store *s, enum store_statement which, struct haul_fault *fault)
{
    sqlite3_stmt **st = &s->statements[which];
    if (!*st && sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, st, NULL) !=
                    SQLITE_OK) {
        store_fault(s, s->db, fault);
        return NULL;
    }
    sqlite3_reset(*st);
    sqlite3_clear_bindings(*st);
    return *st;
}
