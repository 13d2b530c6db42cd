/* SPDX-License-Identifier: MIT */
/*
 * Reading the library; see store_library.h. On the reader connection, so that nobody waits for the
 * keeper's transaction. These run now and then, so their statements are not kept.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/store_library.h"
#include "core/store_sql.h"

typedef void row_taker(sqlite3_stmt *st, void *context);

static enum haul_error query_locked(struct store *s, const char *sql, const char *text,
                                    int64_t size, row_taker *take, void *context,
                                    struct haul_fault *fault) HAUL_REQUIRES(s->read_mutex)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(s->reader, sql, -1, &st, NULL) != SQLITE_OK)
        return store_fault(s, s->reader, fault);
    if (text)
        store_bind_text(st, 1, text);
    if (size >= 0)
        sqlite3_bind_int64(st, 2, size);
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        take(st, context);
    enum haul_error err = store_ended(s, s->reader, rc, fault);
    sqlite3_finalize(st);
    return err;
}

static enum haul_error query(struct store *s, const char *sql, const char *text, int64_t size,
                             row_taker *take, void *context, struct haul_fault *fault)
{
    mutex_lock(&s->read_mutex);
    enum haul_error err = query_locked(s, sql, text, size, take, context, fault);
    mutex_unlock(&s->read_mutex);
    return err;
}

static void take_model(sqlite3_stmt *st, void *context)
{
    struct model_list *l = context;
    if (!(l->count & (l->count - 1)))
        l->items = xreallocarray(l->items, l->count ? l->count * 2 : 1, sizeof *l->items);
    struct model *m = &l->items[l->count++];
    model_init(m);
    m->id = store_column_text(st, 0);
    m->source = store_column_text(st, 1);
    m->name = store_column_text(st, 2);
    m->revision = store_column_text(st, 3);
    m->layout = (enum layout)sqlite3_column_int(st, 4);
    m->root = store_column_text(st, 5);
    m->created_ms = sqlite3_column_int64(st, 6);
    m->verified_ms = sqlite3_column_int64(st, 7);
    m->state = (enum model_state)sqlite3_column_int(st, 8);
}

static void take_file(sqlite3_stmt *st, void *context)
{
    struct model_file *f = model_add_file(context);
    f->path = store_column_text(st, 0);
    f->link = store_column_text(st, 1);
    if (!*f->link) {
        free(f->link);
        f->link = NULL;
    }
    f->size = sqlite3_column_int64(st, 2);
    store_read_digest(&f->digest, store_column_text(st, 3), sqlite3_column_int(st, 4));
    f->verified_ms = sqlite3_column_int64(st, 5);
    f->made = sqlite3_column_int(st, 6) != 0;
    f->shared = sqlite3_column_int(st, 7) != 0;
    f->document = sqlite3_column_int(st, 8) != 0;
    f->state = (enum model_state)sqlite3_column_int(st, 9);
}

static void take_dir(sqlite3_stmt *st, void *context)
{
    char *path = store_column_text(st, 0);
    string_list_add(context, path);
    free(path);
}

enum haul_error store_list_models(struct store *s, struct model_list *out, struct haul_fault *fault)
{
    static const char models[] = "SELECT id, source, name, revision, layout, root, created, "
                                 "verified, state FROM models ORDER BY created, id";
    static const char files[] = "SELECT path, link, size, digest, origin, verified, made, shared, "
                                "document, state FROM model_files WHERE model = ? "
                                "ORDER BY document, path, link";
    static const char dirs[] = "SELECT path FROM model_dirs WHERE model = ?";
    *out = (struct model_list){0};
    enum haul_error err = query(s, models, NULL, -1, take_model, out, fault);
    for (size_t i = 0; err == HAUL_OK && i < out->count; i++) {
        struct model *m = &out->items[i];
        err = query(s, files, m->id, -1, take_file, m, fault);
        if (err == HAUL_OK)
            err = query(s, dirs, m->id, -1, take_dir, &m->dirs, fault);
        string_list_sort(&m->dirs);
    }
    if (err != HAUL_OK)
        model_list_release(out);
    return err;
}

struct content_search {
    void (*take)(void *context, const char *path, bool shared);
    void *context;
};

static void take_content(sqlite3_stmt *st, void *context)
{
    struct content_search *c = context;
    char *path = store_column_text(st, 0);
    c->take(c->context, path, sqlite3_column_int(st, 1) != 0);
    free(path);
}

enum haul_error store_find_content(struct store *s, const struct digest_value *digest, int64_t size,
                                   void (*take)(void *context, const char *path, bool shared),
                                   void *context, struct haul_fault *fault)
{
    static const char sql[] = "SELECT DISTINCT place, shared AND made FROM model_files "
                              "WHERE digest = ? AND size = ? AND document = 0 AND state = 0 "
                              "ORDER BY 2 DESC LIMIT 8";
    struct content_search c = {take, context};
    char *text = digest_text(digest);
    enum haul_error err = text ? query(s, sql, text, size, take_content, &c, fault) : HAUL_OK;
    free(text);
    return err;
}

static void take_parent(sqlite3_stmt *st, void *context)
{
    char *path = store_column_text(st, 0);
    char *slash = strrchr(path, '/');
    if (slash) {
        slash[slash == path] = '\0';
        string_list_add(context, path);
    }
    free(path);
}

enum haul_error store_places(struct store *s, struct string_list *dirs, struct string_list *wanted,
                             struct haul_fault *fault)
{
    static const char open[] =
        "SELECT files.path FROM files JOIN jobs ON files.job = jobs.id WHERE files.path NOT NULL "
        "AND jobs.hidden = 0 AND jobs.state NOT IN ('completed', 'cancelled')";
    static const char parents[] = "SELECT path FROM files WHERE path NOT NULL "
                                  "UNION SELECT place FROM model_files";
    static const char asked[] = "SELECT DISTINCT asked_dir FROM jobs WHERE asked_dir NOT NULL";
    enum haul_error err = query(s, open, NULL, -1, take_dir, wanted, fault);
    if (err == HAUL_OK)
        err = query(s, parents, NULL, -1, take_parent, dirs, fault);
    if (err == HAUL_OK)
        err = query(s, asked, NULL, -1, take_dir, dirs, fault);
    string_list_sort(dirs);
    string_list_sort(wanted);
    return err;
}
