/* SPDX-License-Identifier: MIT */
/* Writing the library; see store_library.h. Reading it stands in store_library_read.c. */
#include "core/store_library.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/store_sql.h"

#define APART_MAX 100

static enum haul_error run_with_text(struct store *s, enum store_statement which, const char *text,
                                     const char *second, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, which, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, text);
    if (second)
        store_bind_text(st, 2, second);
    return store_run(s, st, fault);
}

/* What stands under an id. */
enum holder { NOBODY, THIS_PLACE, ANOTHER_PLACE };

static enum haul_error look_up(struct store *s, const char *id, const struct model *m,
                               enum holder *holder, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_MODEL_PLACE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, id);
    int rc = sqlite3_step(st);
    *holder = NOBODY;
    if (rc == SQLITE_ROW) {
        bool same = sqlite3_column_int(st, 1) == (int)m->layout &&
                    !strcmp((const char *)sqlite3_column_text(st, 0), m->root);
        *holder = same ? THIS_PLACE : ANOTHER_PLACE;
    }
    enum haul_error err =
        rc == SQLITE_ROW || rc == SQLITE_DONE ? HAUL_OK : store_fault(s, s->db, fault);
    sqlite3_reset(st);
    return err;
}

/* *known: the entry is there already. */
static enum haul_error choose_id(struct store *s, struct model *m, bool *known,
                                 struct haul_fault *fault)
{
    enum holder holder;
    char *id = xstrdup(m->id);
    enum haul_error err = look_up(s, id, m, &holder, fault);
    for (unsigned attempt = 0; err == HAUL_OK && holder == ANOTHER_PLACE; attempt++) {
        free(id);
        id = model_id_apart(m->id, m->root, attempt);
        err = attempt < APART_MAX ? look_up(s, id, m, &holder, fault)
                                  : fault_set(fault, HAUL_ERR_INTERNAL, "%s: no id is left", id);
    }
    free(m->id);
    m->id = id;
    *known = holder == THIS_PLACE;
    return err;
}

static enum haul_error put_head(struct store *s, const struct model *m, enum store_statement which,
                                struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, which, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, m->id);
    sqlite3_bind_int64(st, 2, m->verified_ms);
    sqlite3_bind_int(st, 3, (int)m->state);
    if (which == SQL_PUT_MODEL) {
        store_bind_text(st, 4, m->source);
        store_bind_text(st, 5, m->name);
        store_bind_text(st, 6, m->revision);
        sqlite3_bind_int(st, 7, (int)m->layout);
        store_bind_text(st, 8, m->root);
        sqlite3_bind_int64(st, 9, m->created_ms);
    }
    return store_run(s, st, fault);
}

/* Who wrote a file once has written it, whichever entry it was for: *made is raised. *others:
 * whether another entry has the place. */
static enum haul_error look_at_place(struct store *s, const char *place, const char *id, int *made,
                                     bool *others, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_AT_PLACE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, place);
    store_bind_text(st, 2, id);
    enum haul_error err = sqlite3_step(st) == SQLITE_ROW ? HAUL_OK : store_fault(s, s->db, fault);
    if (err == HAUL_OK && sqlite3_column_int(st, 0) > *made)
        *made = sqlite3_column_int(st, 0);
    *others = err == HAUL_OK && sqlite3_column_int(st, 1) > 0;
    sqlite3_reset(st);
    return err;
}

static enum haul_error insert_file(struct store *s, const struct model *m,
                                   const struct model_file *f, const char *place, int made,
                                   struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_PUT_MODEL_FILE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    char *digest = digest_text(&f->digest);
    store_bind_text(st, 1, m->id);
    store_bind_text(st, 2, f->path);
    store_bind_text(st, 3, f->link ? f->link : "");
    store_bind_text(st, 4, place);
    sqlite3_bind_int64(st, 5, f->size);
    store_bind_text(st, 6, digest);
    sqlite3_bind_int(st, 7, (int)f->digest.origin);
    sqlite3_bind_int64(st, 8, f->verified_ms);
    sqlite3_bind_int(st, 9, made);
    sqlite3_bind_int(st, 10, f->shared);
    sqlite3_bind_int(st, 11, f->document);
    sqlite3_bind_int(st, 12, (int)f->state);
    sqlite3_bind_int64(st, 13, m->created_ms);
    sqlite3_bind_int(st, 14, f->made); /* this time */
    enum haul_error err = store_run(s, st, fault);
    free(digest);
    return err;
}

/* *took: another entry has lost its file to this one. */
static enum haul_error put_file(struct store *s, const struct model *m, const struct model_file *f,
                                bool *took, struct haul_fault *fault)
{
    bool others;
    int made = f->made;
    char *place = path_join(m->root, f->path);
    enum haul_error err = look_at_place(s, place, m->id, &made, &others, fault);
    if (err == HAUL_OK)
        err = insert_file(s, m, f, place, made, fault);
    if (err == HAUL_OK && others && !f->shared) {
        err = run_with_text(s, SQL_TAKE_PLACE, place, m->id, fault);
        *took |= err == HAUL_OK && sqlite3_changes(s->db) > 0;
    }
    free(place);
    return err;
}

/* A tag of a registry is moved, a build makes other files: what was there before is no longer part
 * of it. */
static enum haul_error forget_replaced(struct store *s, const struct model *m,
                                       struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_FORGET_MODEL_FILES, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, m->id);
    sqlite3_bind_int64(st, 2, m->created_ms);
    return store_run(s, st, fault);
}

enum haul_error store_put_model(struct store *s, struct model *m, struct haul_fault *fault)
{
    bool took = false, known;
    enum haul_error err = choose_id(s, m, &known, fault);
    if (err == HAUL_OK)
        err = put_head(s, m, SQL_PUT_MODEL, fault);
    for (size_t i = 0; err == HAUL_OK && i < m->count; i++)
        err = put_file(s, m, &m->files[i], &took, fault);
    for (size_t i = 0; err == HAUL_OK && i < m->dirs.count; i++)
        err = run_with_text(s, SQL_PUT_MODEL_DIR, m->id, m->dirs.items[i], fault);
    if (err == HAUL_OK && known && !m->grows)
        err = forget_replaced(s, m, fault);
    return err == HAUL_OK && took ? store_exec(s, SQL_DROP_EMPTY_MODELS, fault) : err;
}

static enum haul_error update_file(struct store *s, const char *id, const struct model_file *f,
                                   struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_UPDATE_MODEL_FILE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    char *digest = digest_text(&f->digest);
    store_bind_text(st, 1, id);
    store_bind_text(st, 2, f->path);
    store_bind_text(st, 3, f->link ? f->link : "");
    store_bind_text(st, 4, digest);
    sqlite3_bind_int(st, 5, (int)f->digest.origin);
    sqlite3_bind_int64(st, 6, f->verified_ms);
    sqlite3_bind_int(st, 7, (int)f->state);
    enum haul_error err = store_run(s, st, fault);
    free(digest);
    return err;
}

enum haul_error store_update_model(struct store *s, const struct model *m, struct haul_fault *fault)
{
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    err = put_head(s, m, SQL_UPDATE_MODEL, fault);
    for (size_t i = 0; err == HAUL_OK && i < m->count; i++)
        err = update_file(s, m->id, &m->files[i], fault);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}

static enum haul_error hand_over(struct store *s, const char *id, const char *heir,
                                 const char *path, struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_HAND_OVER, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, id);
    store_bind_text(st, 2, heir);
    store_bind_text(st, 3, path);
    return store_run(s, st, fault);
}

enum haul_error store_delete_model(struct store *s, const char *id, const char *heir,
                                   const struct string_list *paths, struct haul_fault *fault)
{
    static const enum store_statement steps[] = {SQL_DELETE_MODEL_FILES, SQL_DELETE_MODEL_DIRS,
                                                 SQL_DELETE_MODEL};
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    for (size_t i = 0; err == HAUL_OK && heir && i < paths->count; i++)
        err = hand_over(s, id, heir, paths->items[i], fault);
    for (size_t i = 0; err == HAUL_OK && i < HAUL_ARRAY_LEN(steps); i++)
        err = run_with_text(s, steps[i], id, NULL, fault);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}

static enum haul_error forget_file(struct store *s, const char *id, const struct model_file *f,
                                   struct haul_fault *fault)
{
    sqlite3_stmt *st = store_statement(s, SQL_FORGET_MODEL_FILE, fault);
    if (!st)
        return HAUL_ERR_DISK;
    store_bind_text(st, 1, id);
    store_bind_text(st, 2, f->path);
    store_bind_text(st, 3, f->link ? f->link : "");
    return store_run(s, st, fault);
}

enum haul_error store_forget_files(struct store *s, const struct model *m, struct haul_fault *fault)
{
    enum haul_error err = store_begin(s, fault);
    if (err != HAUL_OK)
        return err;
    for (size_t i = 0; err == HAUL_OK && i < m->count; i++)
        err = forget_file(s, m->id, &m->files[i], fault);
    if (err == HAUL_OK)
        err = store_exec(s, SQL_DROP_EMPTY_MODELS, fault);
    enum haul_error end = store_end(s, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}
