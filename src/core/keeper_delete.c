/* SPDX-License-Identifier: MIT */
/* Deleting what a completed job made; see keeper.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/keeper.h"
#include "core/store_library.h"

void litter_release(struct litter *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i].path);
    free(l->items);
    free(l->source);
    string_list_release(&l->kept);
    *l = (struct litter){0};
}

static int compare(const void *a, const void *b)
{
    const struct litter_item *x = a, *y = b;
    return strcmp(x->path, y->path);
}

/* Of another size it is another job's by now. */
static struct litter_item *find(const struct litter *l, const struct model *m,
                                const struct model_file *f)
{
    char *shown = model_file_shown(m, f);
    struct litter_item key = {.path = shown};
    struct litter_item *item = bsearch(&key, l->items, l->count, sizeof *l->items, compare);
    free(shown);
    return item && (f->size < 0 || f->size == item->size) ? item : NULL;
}

/*
 * What of an entry is to go; borrows all but the array of files. True when it is all of its
 * content: then its documents go as well.
 */
static bool take_part(struct model *part, const struct model *m, const struct litter *l)
{
    size_t content = 0;
    *part = *m;
    part->files = xcalloc(m->count, sizeof *part->files);
    part->count = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct litter_item *item = m->files[i].document ? NULL : find(l, m, &m->files[i]);
        content += !m->files[i].document;
        if (!item)
            continue;
        item->listed = true;
        part->files[part->count++] = m->files[i];
    }
    bool whole = part->count && part->count == content;
    if (!whole && m->layout == LAYOUT_OLLAMA)
        part->count = 0; /* its manifest needs them all */
    for (size_t i = 0; whole && i < m->count; i++)
        if (m->files[i].document)
            part->files[part->count++] = m->files[i];
    return whole;
}

static void delete_part(struct keeper *k, const struct model *m, const struct model_list *all,
                        struct litter *l)
{
    struct model part;
    struct model_removal removal = {0};
    struct haul_fault fault;
    bool whole = take_part(&part, m, l);
    if (part.count) {
        model_remove_files(&part, all, &removal);
        for (size_t i = 0; i < removal.kept.count; i++)
            string_list_add(&l->kept, removal.kept.items[i]);
        enum haul_error err =
            whole ? store_delete_model(k->store, m->id, removal.heir, &removal.left, &fault)
                  : store_forget_files(k->store, &part, &fault);
        if (err != HAUL_OK) /* it will be called missing, no more */
            string_list_add(&l->kept, fault.message);
        model_removal_release(&removal);
    }
    free(part.files);
}

static bool is_there(const struct litter_item *item)
{
    struct stat st;
    return !lstat(item->path, &st);
}

/* Where nothing is kept, nobody else knows of the file. What has another size by now is somebody
 * else's. */
static void delete_unlisted(const struct litter_item *item)
{
    struct stat st;
    if (!lstat(item->path, &st) && S_ISREG(st.st_mode) && (int64_t)st.st_size == item->size)
        (void)unlink(item->path);
}

void keeper_delete(struct keeper *k, struct litter *l)
{
    struct model_list all = {0};
    if (l->count)
        qsort(l->items, l->count, sizeof *l->items, compare);
    if (k->store) {
        keeper_save_notes(k); /* it may have come to its end just now */
        if (store_list_models(k->store, &all, NULL) == HAUL_OK)
            for (size_t i = 0; i < all.count; i++)
                if (!strcmp(all.items[i].source, l->source))
                    delete_part(k, &all.items[i], &all, l);
        model_list_release(&all);
        keeper_tell_library(k->table);
    }
    for (size_t i = 0; i < l->count; i++) {
        if (!l->items[i].listed)
            delete_unlisted(&l->items[i]);
        l->stayed += is_there(&l->items[i]);
    }
}
