/* SPDX-License-Identifier: MIT */
/* Entries of the library and how they compare with the disk; see library.h. */
#include "core/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"

const char *model_state_name(enum model_state s)
{
    static const char *const names[] = {
        [MODEL_OK] = "ok", [MODEL_MISSING] = "missing", [MODEL_BAD] = "bad"};
    return names[s];
}

void model_init(struct model *m)
{
    *m = (struct model){0};
}

void model_release(struct model *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->files[i].path);
        free(m->files[i].link);
    }
    free(m->files);
    free(m->id);
    free(m->source);
    free(m->name);
    free(m->revision);
    free(m->root);
    string_list_release(&m->dirs);
    model_init(m);
}

struct model_file *model_add_file(struct model *m)
{
    /* Grows by doubling: full when the count is a power of two. */
    if (!(m->count & (m->count - 1)))
        m->files = xreallocarray(m->files, m->count ? m->count * 2 : 1, sizeof *m->files);
    struct model_file *f = &m->files[m->count++];
    *f = (struct model_file){0};
    return f;
}

static int compare_path(const void *a, const void *b)
{
    const struct model_file *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

int64_t model_size(const struct model *m)
{
    const struct model_file **sorted = xcalloc(m->count, sizeof *sorted);
    size_t count = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < m->count; i++)
        if (!m->files[i].document)
            sorted[count++] = &m->files[i];
    if (count)
        qsort(sorted, count, sizeof *sorted, compare_path);
    for (size_t i = 0; i < count; i++)
        if (!i || strcmp(sorted[i]->path, sorted[i - 1]->path) != 0)
            sum += sorted[i]->size;
    free(sorted);
    return sum;
}

void model_list_release(struct model_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        model_release(&l->items[i]);
    free(l->items);
    *l = (struct model_list){0};
}

static bool is_file(const char *path, struct stat *st)
{
    return lstat(path, st) == 0 && S_ISREG(st->st_mode);
}

char *model_file_path(const struct model *m, const struct model_file *f)
{
    struct stat st;
    char *path = path_join(m->root, f->path);
    char *link = f->link ? path_join(m->root, f->link) : NULL;
    if (link && !is_file(path, &st) && is_file(link, &st)) {
        free(path);
        return link;
    }
    free(link);
    return path;
}

char *model_file_shown(const struct model *m, const struct model_file *f)
{
    return path_join(m->root, f->link ? f->link : f->path);
}

static enum model_state look(const struct model *m, const struct model_file *f)
{
    struct stat st;
    char *path = model_file_path(m, f), *shown = model_file_shown(m, f);
    enum model_state state = MODEL_OK;
    if (!is_file(path, &st) || stat(shown, &st) != 0)
        state = MODEL_MISSING;
    else if (f->size >= 0 && st.st_size != f->size)
        state = MODEL_BAD;
    free(path);
    free(shown);
    return state;
}

void model_look(struct model *m)
{
    enum model_state worst = MODEL_OK;
    for (size_t i = 0; i < m->count; i++) {
        struct model_file *f = &m->files[i];
        enum model_state now = look(m, f);
        if (now != MODEL_OK || f->state != MODEL_BAD)
            f->state = now;
        if (worst == MODEL_OK || f->state == MODEL_MISSING)
            worst = f->state == MODEL_OK ? worst : f->state;
    }
    m->state = worst;
}

typedef bool matcher(const struct model *m, const char *text);

static bool is_id(const struct model *m, const char *text)
{
    return !strcmp(m->id, text);
}

static bool is_name(const struct model *m, const char *text)
{
    return !strcmp(m->name, text);
}

static bool has_prefix(const struct model *m, const char *text)
{
    return !strncmp(m->id, text, strlen(text));
}

static bool is_source(const struct model *m, const char *text)
{
    return !strcmp(m->source, text);
}

/* What tells two places of one URL apart. */
static bool is_tag(const struct model *m, const char *text)
{
    const char *tilde = strrchr(m->id, '~');
    return tilde && !strcmp(tilde + 1, text);
}

size_t model_list_find(const struct model_list *l, const char *text, struct model **matches)
{
    static matcher *const ways[] = {is_id, is_source, is_name, is_tag, has_prefix};
    size_t count = 0;
    for (size_t way = 0; *text && !count && way < HAUL_ARRAY_LEN(ways); way++)
        for (size_t i = 0; i < l->count; i++)
            if (ways[way](&l->items[i], text))
                matches[count++] = &l->items[i];
    return count;
}
