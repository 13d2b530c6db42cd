/* SPDX-License-Identifier: MIT */
/* The library view: one row an entry, or two rows a file of one entry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/text.h"
#include "core/units.h"
#include "tui/format.h"
#include "tui/ui.h"

/* Widths in columns, with the blank in front; 0: not shown. */
struct library_columns {
    int name, source, files, size, verified, state;
};

static struct library_columns library_columns_for(int cols)
{
    struct library_columns c = {.size = cols >= 34 ? 11 : 0, .state = 8};
    c.files = cols >= 60 ? 6 : 0;
    c.verified = cols >= 72 ? 21 : 0;
    c.source = cols >= 110 ? (cols - 80) / 2 : 0;
    c.name = cols - 3 - c.source - c.files - c.size - c.verified - c.state;
    return c;
}

static enum role state_role(enum model_state s)
{
    static const enum role roles[] = {
        [MODEL_OK] = ROLE_OK, [MODEL_MISSING] = ROLE_WARN, [MODEL_BAD] = ROLE_ERROR};
    return roles[s];
}

/* "publisher 2026-01-02". */
static void verified_text(struct buf *out, enum digest_origin origin, int64_t verified_ms)
{
    struct tm tm;
    time_t seconds = (time_t)(verified_ms / 1000);
    if (!verified_ms) {
        buf_add_str(out, "never");
        return;
    }
    localtime_r(&seconds, &tm);
    buf_addf(out, "%s %04d-%02d-%02d",
             origin == DIGEST_BY_NONE ? "itself" : digest_origin_name(origin), tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday);
}

/* Who promised the digests: of all content the one that is worth least. */
static enum digest_origin origin_of(const struct model *m)
{
    const struct model_file *first = NULL;
    for (size_t i = 0; i < m->count; i++) {
        if (m->files[i].document)
            continue;
        if (m->files[i].digest.origin == DIGEST_BY_NONE)
            return DIGEST_BY_NONE;
        first = first ? first : &m->files[i];
    }
    return first ? first->digest.origin : DIGEST_BY_NONE;
}

static int draw_clean(const struct area *a, int y, int x, int cols, enum role role,
                      enum width_cut cut, const char *s)
{
    char *clean = text_sanitized(s ? s : "?");
    int used = draw_fit(a, y, x, cols, role, cut, clean);
    free(clean);
    return used;
}

static void draw_state(const struct area *a, int y, int end, const struct library_view *v,
                       const struct model *m)
{
    char percent[UNITS_TEXT_SIZE];
    if (!v->news.busy || strcmp(v->news.busy, m->id) != 0) {
        draw_right(a, y, end, state_role(m->state), model_state_name(m->state));
        return;
    }
    format_percent(v->news.done, v->news.total, false, percent);
    draw_right(a, y, end, ROLE_MARK, percent);
}

static void draw_model(const struct area *a, int y, const struct library_view *v, size_t at)
{
    const struct model *m = &v->models.items[at];
    struct library_columns c = library_columns_for(a->cols);
    bool current = at == v->cursor;
    char text[UNITS_TEXT_SIZE];
    int x = 2 + c.name;
    draw_text(a, y, 0, ROLE_TITLE, current ? ">" : " ");
    draw_clean(a, y, 2, c.name - 1, current ? ROLE_CURSOR : ROLE_NORMAL, CUT_MIDDLE,
               library_label(m));
    if (c.source)
        draw_clean(a, y, x, c.source - 1, ROLE_DIM, CUT_MIDDLE, m->source);
    x += c.source + c.files;
    snprintf(text, sizeof text, "%zu", m->count);
    if (c.files)
        draw_right(a, y, x, ROLE_NORMAL, text);
    units_format_size(model_size(m), text);
    x += c.size;
    if (c.size)
        draw_right(a, y, x, ROLE_NORMAL, text);
    if (c.verified) {
        struct buf when;
        buf_init(&when);
        verified_text(&when, origin_of(m), m->verified_ms);
        draw_right(a, y, x += c.verified, ROLE_NORMAL, when.data);
        buf_release(&when);
    }
    draw_state(a, y, x + c.state, v, m);
    if (current)
        draw_cursor(a, y, 0);
}

static void draw_head(const struct area *a)
{
    struct library_columns c = library_columns_for(a->cols);
    int x = 2 + c.name;
    draw_text(a, 0, 2, ROLE_TITLE, "Entry");
    if (c.source)
        draw_text(a, 0, x, ROLE_TITLE, "Source");
    x += c.source + c.files;
    if (c.files)
        draw_right(a, 0, x, ROLE_TITLE, "Files");
    x += c.size;
    if (c.size)
        draw_right(a, 0, x, ROLE_TITLE, "Size");
    if (c.verified)
        draw_right(a, 0, x += c.verified, ROLE_TITLE, "Verified");
    draw_right(a, 0, x + c.state, ROLE_TITLE, "State");
}

/* Scrolls so that the cursor shows; returns the first row. */
static size_t scrolled(size_t top, size_t cursor, size_t height)
{
    if (cursor < top)
        return cursor;
    return cursor >= top + height ? cursor - height + 1 : top;
}

static void draw_models(struct ui *ui, const struct area *a)
{
    struct library_view *v = &ui->library;
    size_t height = a->rows > 1 ? (size_t)a->rows - 1 : 1;
    ui->page = (int)height;
    if (!v->models.count) {
        draw_text(a, a->rows > 3 ? 1 : 0, 2, ROLE_DIM,
                  v->listed ? "Nothing has been completed yet." : "Looking at the disk ...");
        return;
    }
    draw_head(a);
    v->top = scrolled(v->top, v->cursor, height);
    struct area rows = area_sub(a, 1, 0, a->rows - 1, a->cols);
    for (size_t i = 0; i < height && v->top + i < v->models.count; i++)
        draw_model(&rows, (int)i, v, v->top + i);
}

/* ---- the files of one entry ---- */

static void add_digest(struct buf *out, const struct digest_value *d)
{
    if (d->algorithm == DIGEST_NONE) {
        buf_add_str(out, "no digest");
        return;
    }
    buf_addf(out, "%s:", digest_name(d->algorithm));
    for (size_t i = 0; i < digest_size(d->algorithm); i++)
        buf_addf(out, "%02x", d->bytes[i]);
}

static void draw_file(const struct area *a, int y, const struct model *m,
                      const struct model_file *f, bool current)
{
    char size[UNITS_TEXT_SIZE];
    struct buf line;
    char *path = model_file_shown(m, f);
    units_format_size(f->size, size);
    draw_text(a, y, 0, ROLE_TITLE, current ? ">" : " ");
    draw_clean(a, y, 2, a->cols - 23, current ? ROLE_CURSOR : ROLE_NORMAL, CUT_LEFT, path);
    draw_right(a, y, a->cols - 10, ROLE_NORMAL, size);
    draw_right(a, y, a->cols - 1, state_role(f->state), model_state_name(f->state));
    buf_init(&line);
    add_digest(&line, &f->digest);
    draw_fit(a, y + 1, 4, a->cols - 5, ROLE_DIM, CUT_MIDDLE, line.data);
    buf_release(&line);
    free(path);
    if (current)
        draw_cursor(a, y, 0);
}

static void draw_files(struct ui *ui, const struct area *a, const struct model *m)
{
    struct library_view *v = &ui->library;
    size_t height = a->rows > 2 ? (size_t)a->rows / 2 : 1;
    ui->page = (int)height;
    v->file_top = scrolled(v->file_top, v->file, height);
    for (size_t i = 0; i < height && v->file_top + i < m->count; i++)
        draw_file(a, (int)i * 2, m, &m->files[v->file_top + i], v->file_top + i == v->file);
}

void draw_library(struct ui *ui, const struct area *a)
{
    const struct library_view *v = &ui->library;
    const struct model *m = v->files ? library_model(v) : NULL;
    struct area body = area_sub(a, 1, 0, a->rows - 1, a->cols);
    int x = 1 + draw_text(a, 0, 1, ROLE_TITLE, "Library");
    if (m) {
        draw_clean(a, 0, x + 2, a->cols - x - 3, ROLE_NORMAL, CUT_MIDDLE, m->id);
        draw_files(ui, &body, m);
        return;
    }
    if (v->listed)
        draw_textf(a, 0, x, ROLE_NORMAL, "  %zu entr%s", v->models.count,
                   v->models.count == 1 ? "y" : "ies");
    draw_models(ui, &body);
}
