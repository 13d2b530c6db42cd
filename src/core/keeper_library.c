/* SPDX-License-Identifier: MIT */
/* The library's side of the store: what the keeper writes and what workers ask for. */
#include <stdlib.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/keeper.h"
#include "core/run_note.h"
#include "core/run_state.h"
#include "core/store_library.h"

static struct run_note *take_notes(struct table *t)
{
    mutex_lock(&t->mutex);
    struct run_note *reversed = t->notes, *notes = NULL;
    t->notes = NULL;
    mutex_unlock(&t->mutex);
    while (reversed) {
        struct run_note *n = reversed;
        reversed = n->next;
        n->next = notes;
        notes = n;
    }
    return notes;
}

/* The files are there all the same: a note that cannot be written costs the entry, no more. */
static void tell(struct table *t, const struct model *m, const struct haul_fault *fault)
{
    mutex_lock(&t->mutex);
    table_log_locked(
        t, NULL, LOG_WARN,
        xasprintf("%s could not be entered into the library: %s", m->name, fault->message));
    mutex_unlock(&t->mutex);
}

void keeper_tell_library(struct table *t)
{
    mutex_lock(&t->mutex);
    t->library_version++;
    table_touch_all_locked(t);
    mutex_unlock(&t->mutex);
}

/* All in one transaction: a queue of small files brings thousands. */
static void put_notes(struct keeper *k, struct run_note *notes)
{
    struct haul_fault fault;
    enum haul_error begun = store_begin(k->store, &fault);
    for (struct run_note *n = notes; n; n = n->next)
        if (begun != HAUL_OK || store_put_model(k->store, &n->model, &fault) != HAUL_OK)
            tell(k->table, &n->model, &fault);
    if (begun == HAUL_OK && store_end(k->store, true, &fault) != HAUL_OK)
        tell(k->table, &notes->model, &fault);
}

void keeper_save_notes(struct keeper *k)
{
    struct run_note *notes = take_notes(k->table);
    if (!notes)
        return;
    put_notes(k, notes);
    for (struct run_note *next; notes; notes = next) {
        next = notes->next;
        run_note_free(notes);
    }
    keeper_tell_library(k->table);
}

struct find {
    int64_t size;
    char *path;
    bool shared;
};

/* The first that is still there with that size. */
static void try_path(void *context, const char *path, bool shared)
{
    struct find *f = context;
    struct stat st;
    if (f->path || lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size != f->size)
        return;
    f->path = xstrdup(path);
    f->shared = shared;
}

char *run_find_local(struct run *r, const struct digest_value *digest, int64_t size, bool *shared)
{
    struct find f = {.size = size};
    struct store *library = r->table->library;
    if (!library || digest->algorithm != DIGEST_SHA256 || size <= 0)
        return NULL;
    if (store_find_content(library, digest, size, try_path, &f, NULL) != HAUL_OK) {
        free(f.path);
        return NULL;
    }
    *shared = f.shared;
    return f.path;
}
