/* SPDX-License-Identifier: MIT */
/* See library.h. It is drawn in library_screen.c. */
#include "tui/library.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void library_release(struct library_view *v)
{
    librarian_free(v->librarian);
    model_list_release(&v->models);
    library_news_release(&v->news);
    *v = (struct library_view){0};
}

struct librarian *library_librarian(struct library_view *v, struct session *s)
{
    if (!v->librarian)
        v->librarian = librarian_new(s);
    return v->librarian;
}

/* The cursor stays on its entry, or where it was. */
static void take_list(struct library_view *v, struct model_list *models)
{
    const struct model *old = library_model(v);
    bool same = false;
    for (size_t i = 0; old && i < models->count && !same; i++) {
        same = !strcmp(models->items[i].id, old->id);
        if (same)
            v->cursor = i;
    }
    v->files = v->files && same;
    model_list_release(&v->models);
    v->models = *models;
    *models = (struct model_list){0};
    v->listed = true;
    library_move(v, 0);
}

void library_take(struct library_view *v, struct library_news *n)
{
    if (n->listed)
        take_list(v, &n->models);
    free(v->news.busy);
    v->news.busy = n->busy;
    v->news.done = n->done;
    v->news.total = n->total;
    n->busy = NULL;
}

const struct model *library_model(const struct library_view *v)
{
    return v->cursor < v->models.count ? &v->models.items[v->cursor] : NULL;
}

const char *library_label(const struct model *m)
{
    return m->name && m->name[0] && strstr(m->id, "://") ? m->name : m->id;
}

const struct model_file *library_file(const struct library_view *v)
{
    const struct model *m = library_model(v);
    size_t at = v->files ? v->file : 0;
    return m && at < m->count ? &m->files[at] : NULL;
}

char *library_path(const struct library_view *v)
{
    const struct model *m = library_model(v);
    const struct model_file *f = library_file(v);
    if (f && (v->files || m->count == 1))
        return model_file_shown(m, f);
    return m ? xstrdup(m->root) : NULL;
}

static size_t moved(size_t at, ptrdiff_t lines, size_t count)
{
    if (lines < 0)
        at = (size_t)-lines > at ? 0 : at - (size_t)-lines;
    else
        at += (size_t)lines;
    return at < count ? at : count ? count - 1 : 0;
}

void library_move(struct library_view *v, ptrdiff_t lines)
{
    const struct model *m = library_model(v);
    if (v->files && m)
        v->file = moved(v->file, lines, m->count);
    else
        v->cursor = moved(v->cursor, lines, v->models.count);
}

static bool has_text(const struct model *m, const char *text)
{
    return strcasestr(m->id, text) || (m->name && strcasestr(m->name, text)) ||
           (m->source && strcasestr(m->source, text));
}

bool library_search(struct library_view *v, const char *text, int step, bool at_cursor)
{
    size_t count = v->models.count;
    for (size_t i = at_cursor ? 0 : 1; i < count + !at_cursor; i++) {
        size_t at = (v->cursor + (step > 0 ? i : count - i)) % count;
        if (!has_text(&v->models.items[at], text))
            continue;
        v->cursor = at;
        v->files = false;
        return true;
    }
    return false;
}
