/* SPDX-License-Identifier: MIT */
/* haul.db: opening it, its schema, statements; see store.h. */
#include "core/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/store_sql.h"
#include "core/units.h"

#define BUSY_MS 5000

/* Enums are stored as their numbers, so theirs only grow at the end; states are stored by name. */
static const char jobs_schema[] =
    "CREATE TABLE IF NOT EXISTS owners("
    " lease TEXT PRIMARY KEY, heartbeat INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS jobs("
    " id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, lease TEXT, state TEXT NOT NULL,"
    " hidden INTEGER NOT NULL, blocked INTEGER NOT NULL, key INTEGER NOT NULL,"
    " mark INTEGER NOT NULL, secrets INTEGER NOT NULL, layout INTEGER NOT NULL,"
    " source TEXT NOT NULL, name TEXT NOT NULL, dir TEXT NOT NULL, asked_layout INTEGER NOT NULL,"
    " asked_dir TEXT, out TEXT, revision TEXT, include TEXT, exclude TEXT, checksum TEXT,"
    " checksum_origin INTEGER NOT NULL, checksum_file TEXT, on_exists INTEGER NOT NULL,"
    " no_resume INTEGER NOT NULL, priority INTEGER NOT NULL, position INTEGER NOT NULL,"
    " limit_rate INTEGER NOT NULL, connections INTEGER NOT NULL, fault_code TEXT,"
    " fault_status INTEGER, fault_message TEXT, created INTEGER NOT NULL,"
    " started INTEGER NOT NULL, ended INTEGER NOT NULL) WITHOUT ROWID;"
    /* Ended jobs are history; only the others are ever looked for. */
    "CREATE INDEX IF NOT EXISTS jobs_open ON jobs(key)"
    " WHERE hidden = 0 AND state NOT IN ('completed', 'cancelled');"
    "CREATE TABLE IF NOT EXISTS files("
    " job TEXT NOT NULL, number INTEGER NOT NULL, name TEXT, path TEXT, state INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, total INTEGER NOT NULL, resumed_from INTEGER NOT NULL,"
    " sha256 TEXT, verified INTEGER NOT NULL, PRIMARY KEY(job, number)) WITHOUT ROWID;"
    "PRAGMA user_version = 1;";

/* `place` is the absolute path: what two entries can have in common. */
static const char library_schema[] =
    "CREATE TABLE IF NOT EXISTS models("
    " id TEXT PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, revision TEXT,"
    " layout INTEGER NOT NULL, root TEXT NOT NULL, created INTEGER NOT NULL,"
    " verified INTEGER NOT NULL, state INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS model_files("
    " model TEXT NOT NULL, path TEXT NOT NULL, link TEXT NOT NULL, place TEXT NOT NULL,"
    " size INTEGER NOT NULL, digest TEXT, origin INTEGER NOT NULL, verified INTEGER NOT NULL,"
    " made INTEGER NOT NULL, shared INTEGER NOT NULL, document INTEGER NOT NULL,"
    " state INTEGER NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY(model, path, link)) WITHOUT "
    "ROWID;"
    "CREATE INDEX IF NOT EXISTS model_places ON model_files(place);"
    "CREATE INDEX IF NOT EXISTS model_contents ON model_files(digest, size);"
    "CREATE TABLE IF NOT EXISTS model_dirs("
    " model TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY(model, path)) WITHOUT ROWID;"
    "PRAGMA user_version = 2;";

/* A job server's list outlives it. Ended jobs are looked for by their end: to list, to forget. */
static const char ended_schema[] =
    "ALTER TABLE jobs ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX jobs_ended ON jobs(ended) WHERE state IN ('completed', 'cancelled');"
    "PRAGMA user_version = 3;";

/* Which files the job itself has brought is known beyond the run that did. */
static const char made_schema[] = "ALTER TABLE files ADD COLUMN made INTEGER NOT NULL DEFAULT 0;"
                                  "UPDATE files SET made = 1 WHERE state = 3;" /* FILE_DONE */
                                  "PRAGMA user_version = 4;";

/* From the version that is the index to the next one. */
static const char *const migrations[STORE_SCHEMA] = {jobs_schema, library_schema, ended_schema,
                                                     made_schema};

/* Shared memory of a write-ahead log does not reach other machines. Magic numbers: statfs(2). */
static bool is_network(const char *dir)
{
    static const unsigned long types[] = {
        0x6969 /* nfs */,    0x517B /* smb */,        0xFE534D42 /* smb2 */, 0xFF534D42 /* cifs */,
        0x01021997 /* 9p */, 0x0BD00BD0 /* lustre */, 0x47504653 /* gpfs */, 0x00C36400 /* ceph */,
    };
    struct statfs fs;
    if (statfs(dir, &fs) != 0)
        return false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(types); i++)
        if (((unsigned long)fs.f_type & 0xffffffffUL) == types[i])
            return true;
    return false;
}

enum haul_error store_fault(const struct store *s, sqlite3 *db, struct haul_fault *fault)
{
    int rc = sqlite3_errcode(db);
    enum haul_error code = rc == SQLITE_FULL   ? HAUL_ERR_DISK_FULL
                           : rc == SQLITE_BUSY ? HAUL_ERR_BUSY
                                               : HAUL_ERR_DISK;
    return fault_set(fault, code, "%s: %s", s->path, sqlite3_errmsg(db));
}

enum haul_error store_run(struct store *s, sqlite3_stmt *st, struct haul_fault *fault)
{
    int rc = sqlite3_step(st);
    enum haul_error err =
        rc == SQLITE_DONE || rc == SQLITE_ROW ? HAUL_OK : store_fault(s, s->db, fault);
    sqlite3_reset(st);
    return err;
}

enum haul_error store_ended(const struct store *s, sqlite3 *db, int rc, struct haul_fault *fault)
{
    return rc == SQLITE_DONE ? HAUL_OK : store_fault(s, db, fault);
}

enum haul_error store_exec(struct store *s, enum store_statement which, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, which, fault);
    return st ? store_run(s, st, fault) : HAUL_ERR_DISK;
}

void store_bind_text(sqlite3_stmt *st, int index, const char *text)
{
    sqlite3_bind_text(st, index, text, -1, SQLITE_STATIC);
}

char *store_column_text(sqlite3_stmt *st, int column)
{
    return xstrdup((const char *)sqlite3_column_text(st, column));
}

static int one_text(void *out, int count, char **values, char **names)
{
    (void)names;
    if (count && values[0])
        snprintf(out, 16, "%s", values[0]);
    return 0;
}

static bool pragma(sqlite3 *db, const char *sql, char out[16])
{
    out[0] = '\0';
    return sqlite3_exec(db, sql, one_text, out, NULL) == SQLITE_OK;
}

static bool is_damage(sqlite3 *db)
{
    int rc = sqlite3_errcode(db);
    return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB;
}

enum opened { OPENED, DAMAGED, REFUSED };

static enum opened refused(struct store *s, struct haul_fault *fault)
{
    store_fault(s, s->db, fault);
    return is_damage(s->db) ? DAMAGED : REFUSED;
}

static enum opened check_file(struct store *s, uint64_t *version, struct haul_fault *fault)
{
    char text[16];
    if (!pragma(s->db, "PRAGMA user_version", text))
        return refused(s, fault);
    if (!units_parse_u64(text, STORE_SCHEMA, version)) {
        fault_set(fault, HAUL_ERR_DISK,
                  "%s is of a newer haul (schema %s, this one knows %d): use that haul, or set "
                  "XDG_STATE_HOME to another directory",
                  s->path, text, STORE_SCHEMA);
        return REFUSED;
    }
    if (!pragma(s->db, "PRAGMA quick_check(1)", text))
        return refused(s, fault);
    return strcmp(text, "ok") != 0 ? DAMAGED : OPENED;
}

/* Several processes may find the same old database: who is second finds it new. */
static bool migrate(struct store *s)
{
    char text[16];
    uint64_t version;
    if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return false;
    bool good =
        pragma(s->db, "PRAGMA user_version", text) && units_parse_u64(text, STORE_SCHEMA, &version);
    for (; good && version < STORE_SCHEMA; version++)
        good = sqlite3_exec(s->db, migrations[version], NULL, NULL, NULL) == SQLITE_OK;
    /* A failure leaves the connection to be closed, which takes all of it back. */
    return good && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

static enum opened prepare(struct store *s, const char *dir, struct haul_fault *fault)
{
    char text[16];
    uint64_t version;
    enum opened opened = check_file(s, &version, fault);
    if (opened != OPENED)
        return opened;
    if (is_network(dir) || !pragma(s->db, "PRAGMA journal_mode = WAL", text) ||
        strcmp(text, "wal") != 0)
        (void)pragma(s->db, "PRAGMA journal_mode = DELETE", text);
    (void)pragma(s->db, "PRAGMA synchronous = NORMAL", text);
    (void)pragma(s->db, "PRAGMA cache_size = -4096", text);
    return version == STORE_SCHEMA || migrate(s) ? OPENED : refused(s, fault);
}

static bool open_one(struct store *s, sqlite3 **db, struct haul_fault *fault)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(s->path, db, flags, NULL) != SQLITE_OK) {
        store_fault(s, *db, fault);
        return false;
    }
    sqlite3_busy_timeout(*db, BUSY_MS);
    return true;
}

/* SQLite would make it with the umask's mode; its companions take over the mode of the file. */
static bool make_file(const char *path, struct haul_fault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        fault_set_errno(fault, errno, "%s: cannot open the job database", path);
        return false;
    }
    bool made = fchmod(fd, 0600) == 0;
    close(fd);
    return made || errno == EPERM;
}

static void close_all(struct store *s)
{
    for (int i = 0; i < SQL_STATEMENTS; i++) {
        sqlite3_finalize(s->statements[i]);
        s->statements[i] = NULL;
    }
    sqlite3_finalize(s->find_same);
    sqlite3_close(s->reader);
    sqlite3_close(s->db);
    s->find_same = NULL;
    s->reader = s->db = NULL;
}

static enum opened try_open(struct store *s, const char *dir, struct haul_fault *fault)
{
    if (!make_file(s->path, fault) || !open_one(s, &s->db, fault))
        return REFUSED;
    enum opened opened = prepare(s, dir, fault);
    char text[16];
    if (opened == OPENED && !open_one(s, &s->reader, fault))
        return REFUSED;
    if (opened == OPENED)
        (void)pragma(s->reader, "PRAGMA cache_size = -256", text);
    return opened;
}

static char *move_aside(const struct store *s)
{
    static const char *const companions[] = {"-wal", "-shm", "-journal"};
    char *aside = xasprintf("%s.corrupt-%lld", s->path, (long long)(clock_wall_ms() / 1000));
    if (rename(s->path, aside) != 0) {
        free(aside);
        return NULL;
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(companions); i++) {
        char *from = xasprintf("%s%s", s->path, companions[i]);
        char *to = xasprintf("%s%s", aside, companions[i]);
        (void)rename(from, to);
        free(from);
        free(to);
    }
    char *notice = xasprintf("%s was damaged: it is kept as %s, and a new one is begun; the queue "
                             "of earlier runs is lost, partial files are not",
                             s->path, aside);
    free(aside);
    return notice;
}

struct store *store_open(const char *dir, char **notice, struct haul_fault *fault)
{
    *notice = NULL;
    if (path_make_dirs(dir, 0700, fault) != HAUL_OK)
        return NULL;
    struct store *s = xcalloc(1, sizeof *s);
    mutex_init(&s->write_mutex);
    mutex_init(&s->read_mutex);
    s->path = xasprintf("%s/haul.db", dir);
    lease_make(s->lease);
    enum opened opened = try_open(s, dir, fault);
    if (opened == DAMAGED) {
        close_all(s);
        *notice = move_aside(s);
        if (*notice)
            opened = try_open(s, dir, fault);
    }
    if (opened == OPENED && store_heartbeat(s, fault) == HAUL_OK)
        return s;
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->reader)
        store_give_up_leases(s);
    close_all(s);
    mutex_release(&s->write_mutex);
    mutex_release(&s->read_mutex);
    free(s->path);
    free(s);
}

const char *store_lease(const struct store *s)
{
    return s->lease;
}
