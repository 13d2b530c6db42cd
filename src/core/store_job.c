/* SPDX-License-Identifier: MIT */
/* One job and its files to and from the store; see store.h. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/store_sql.h"
#include "core/units.h"

#define LEASE_PARAMETER 35

/* A list as lines; caller frees; NULL for an empty one. */
static char *lines_of(const struct string_list *l)
{
    if (!l->count)
        return NULL;
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; i < l->count; i++) {
        if (i)
            buf_add_char(&text, '\n');
        buf_add_str(&text, l->items[i]);
    }
    char *lines = buf_detach(&text);
    buf_release(&text);
    return lines;
}

static void read_lines(struct string_list *l, char *lines)
{
    for (char *rest = lines, *line; lines && (line = strsep(&rest, "\n"));)
        string_list_add(l, line);
    free(lines);
}

void store_read_digest(struct digest_value *d, char *text, int origin)
{
    if (text && digest_parse(text, d))
        d->origin = (enum digest_origin)origin;
    free(text);
}

/* Binds values one after the other; texts live until the statement has run. */
struct binder {
    sqlite3_stmt *st;
    int index;
};

static void put_int(struct binder *b, int64_t value)
{
    sqlite3_bind_int64(b->st, ++b->index, value);
}

static void put_text(struct binder *b, const char *text)
{
    store_bind_text(b->st, ++b->index, text);
}

static void put_owned(struct binder *b, char *text)
{
    sqlite3_bind_text(b->st, ++b->index, text, -1, free);
}

static void put_request(struct binder *b, const struct job_request *q)
{
    put_int(b, q->layout);
    put_text(b, q->dir);
    put_text(b, q->out);
    put_text(b, q->revision);
    put_owned(b, lines_of(&q->include));
    put_owned(b, lines_of(&q->exclude));
    put_owned(b, digest_text(&q->checksum));
    put_int(b, q->checksum.origin);
    put_text(b, q->checksum_file);
    put_int(b, q->on_exists);
    put_int(b, q->no_resume);
}

static void put_columns(struct binder *b, const struct store_row *r)
{
    put_text(b, r->id);
    put_int(b, (int64_t)r->number);
    put_text(b, job_state_name(r->state));
    put_int(b, r->hidden);
    put_int(b, r->blocked_by_disk);
    put_int(b, (int64_t)r->key);
    put_int(b, r->mark);
    put_int(b, r->secrets);
    put_int(b, r->layout);
    put_text(b, r->source);
    put_text(b, r->name);
    put_text(b, r->dir);
    put_request(b, &r->request);
    put_int(b, r->priority);
    put_int(b, r->position);
    put_int(b, r->limit_rate);
    put_int(b, r->connections_max);
    put_text(b, r->fault ? haul_error_code(r->fault->code) : NULL);
    put_int(b, r->fault ? r->fault->http_status : 0);
    put_text(b, r->fault ? r->fault->message : NULL);
    put_int(b, r->created_ms);
    put_int(b, r->started_ms);
    put_int(b, r->ended_ms);
}

/* Completed and cancelled jobs are history and nobody's. */
static bool is_owned(const struct store_row *r)
{
    return r->state != JOB_COMPLETED && r->state != JOB_CANCELLED && !r->hidden;
}

static enum haul_error put_job(struct store *s, const struct store_row *r, bool *taken,
                               struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_PUT_JOB, fault);
    if (!st)
        return HAUL_ERR_DISK;
    struct binder b = {.st = st};
    put_columns(&b, r);
    put_int(&b, s->keeps_ended);
    store_bind_text(st, LEASE_PARAMETER, is_owned(r) ? s->lease : NULL);
    store_bind_text(st, LEASE_PARAMETER + 1, s->lease);
    enum haul_error err = store_run(s, st, fault);
    *taken = err != HAUL_OK && sqlite3_extended_errcode(s->db) == SQLITE_CONSTRAINT_UNIQUE;
    return err;
}

static enum haul_error put_file(struct store *s, const char *id, const struct store_file *f,
                                struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_PUT_FILE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    struct binder b = {.st = st};
    put_text(&b, id);
    put_int(&b, (int64_t)f->index);
    put_text(&b, f->name);
    put_text(&b, f->path);
    put_int(&b, f->state);
    put_int(&b, f->bytes);
    put_int(&b, f->total);
    put_int(&b, f->resumed_from);
    put_text(&b, f->sha256);
    put_int(&b, f->verified);
    put_int(&b, f->made);
    return store_run(s, st, fault);
}

static enum haul_error put_files(struct store *s, const struct store_row *r,
                                 struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    sqlite3_stmt *st = r->all_files ? store_statement(s, SQL_CLEAR_FILES, fault) : NULL;
    if (st) {
        store_bind_text(st, 1, r->id);
        err = store_run(s, st, fault);
    }
    for (size_t i = 0; err == HAUL_OK && i < r->file_count; i++)
        err = put_file(s, r->id, &r->files[i], fault);
    return err;
}

enum haul_error store_put(struct store *s, struct store_row *row, bool *lost,
                          struct haul_fault *fault)
{
    bool taken;
    int64_t position;
    enum haul_error err = put_job(s, row, &taken, fault);
    if (taken) {
        err = store_next(s, &row->number, &position, fault);
        if (err == HAUL_OK)
            err = put_job(s, row, &taken, fault);
    }
    *lost = err == HAUL_OK && sqlite3_changes(s->db) == 0;
    return err == HAUL_OK && !*lost ? put_files(s, row, fault) : err;
}

/* Reads columns one after the other. */
static int64_t get_int(struct binder *b)
{
    return sqlite3_column_int64(b->st, b->index++);
}

static char *get_text(struct binder *b)
{
    return store_column_text(b->st, b->index++);
}

static enum job_state state_of(char *name)
{
    enum job_state state = JOB_FAILED;
    for (unsigned i = 0; name && i < JOB_STATE_COUNT; i++)
        if (!strcmp(job_state_name((enum job_state)i), name))
            state = (enum job_state)i;
    free(name);
    return state;
}

static void get_request(struct binder *b, struct job_request *q)
{
    q->layout = (enum layout)get_int(b);
    q->dir = get_text(b);
    q->out = get_text(b);
    q->revision = get_text(b);
    read_lines(&q->include, get_text(b));
    read_lines(&q->exclude, get_text(b));
    char *checksum = get_text(b);
    store_read_digest(&q->checksum, checksum, (int)get_int(b));
    q->checksum_file = get_text(b);
    q->on_exists = (enum on_exists)get_int(b);
    q->no_resume = get_int(b) != 0;
}

static void get_fault(struct binder *b, struct store_row *r)
{
    char *code = get_text(b);
    int status = (int)get_int(b);
    char *message = get_text(b);
    if (code) {
        r->fault = xcalloc(1, sizeof *r->fault);
        fault_set(r->fault, haul_error_from_code(code), "%s", message ? message : "");
        r->fault->http_status = status;
    }
    free(code);
    free(message);
}

static void get_columns(struct binder *b, struct store_row *r)
{
    char *id = get_text(b);
    strncpy(r->id, id ? id : "", sizeof r->id - 1);
    free(id);
    r->number = (uint64_t)get_int(b);
    r->state = state_of(get_text(b));
    r->hidden = get_int(b) != 0;
    r->blocked_by_disk = get_int(b) != 0;
    r->key = (uint64_t)get_int(b);
    r->mark = (unsigned)get_int(b);
    r->secrets = (unsigned)get_int(b);
    r->layout = (enum layout)get_int(b);
    r->source = get_text(b);
    r->name = get_text(b);
    r->dir = get_text(b);
    get_request(b, &r->request);
    r->priority = (int)get_int(b);
    r->position = get_int(b);
    r->limit_rate = get_int(b);
    r->connections_max = (unsigned)get_int(b);
    r->request.priority = r->priority;
    r->request.limit_rate = r->limit_rate;
    r->request.connections = r->connections_max;
    get_fault(b, r);
    r->created_ms = get_int(b);
    r->started_ms = get_int(b);
    r->ended_ms = get_int(b);
}

static void get_file(struct binder *b, struct store_row *r)
{
    struct store_file f = {.index = (size_t)get_int(b)};
    f.name = get_text(b);
    f.path = get_text(b);
    f.state = (enum file_state)get_int(b);
    f.bytes = get_int(b);
    f.total = get_int(b);
    f.resumed_from = get_int(b);
    char *sha256 = get_text(b);
    strncpy(f.sha256, sha256 ? sha256 : "", sizeof f.sha256 - 1);
    free(sha256);
    f.verified = (enum digest_origin)get_int(b);
    f.made = get_int(b) != 0;
    store_row_add_file(r, &f);
}

bool store_get(struct store *s, const char *id, struct store_row *row, struct haul_fault *fault)
{
    store_row_init(row);
    sqlite3_stmt *job = store_statement(s, SQL_GET_JOB, fault);
    sqlite3_stmt *files = store_statement(s, SQL_GET_FILES, fault);
    if (!job || !files)
        return false;
    store_bind_text(job, 1, id);
    bool found = sqlite3_step(job) == SQLITE_ROW;
    if (found)
        get_columns(&(struct binder){.st = job}, row);
    else
        store_fault(s, s->db, fault);
    sqlite3_reset(job);
    store_bind_text(files, 1, id);
    int rc = SQLITE_DONE;
    while (found && (rc = sqlite3_step(files)) == SQLITE_ROW)
        get_file(&(struct binder){.st = files}, row);
    found = found && store_ended(s, s->db, rc, fault) == HAUL_OK;
    sqlite3_reset(files);
    return found;
}
