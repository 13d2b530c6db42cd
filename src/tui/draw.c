/* SPDX-License-Identifier: MIT */
/* Cells and text; see draw.h. */
#include "tui/draw.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static const struct cell blank = {.ch = L" ", .role = ROLE_NORMAL, .width = 1};

void canvas_init(struct canvas *c, bool ascii)
{
    *c = (struct canvas){.ascii = ascii};
    canvas_resize(c, 1, 1);
}

void canvas_release(struct canvas *c)
{
    free(c->cells);
    *c = (struct canvas){0};
}

void canvas_resize(struct canvas *c, int rows, int cols)
{
    c->rows = rows > 1 ? rows : 1;
    c->cols = cols > 1 ? cols : 1;
    c->cells = xreallocarray(c->cells, (size_t)c->rows * (size_t)c->cols, sizeof *c->cells);
    canvas_erase(c);
}

void canvas_erase(struct canvas *c)
{
    size_t count = (size_t)c->rows * (size_t)c->cols;
    for (size_t i = 0; i < count; i++)
        c->cells[i] = blank;
    c->cursor_y = c->cursor_x = 0;
}

static struct cell *cell_at(const struct canvas *c, int y, int x)
{
    return &c->cells[(size_t)y * (size_t)c->cols + (size_t)x];
}

const struct cell *canvas_cell(const struct canvas *c, int y, int x)
{
    return cell_at(c, y, x);
}

struct area area_whole(struct canvas *c)
{
    return (struct area){.canvas = c, .rows = c->rows, .cols = c->cols};
}

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

struct area area_sub(const struct area *a, int y, int x, int rows, int cols)
{
    y = clamp(y, 0, a->rows);
    x = clamp(x, 0, a->cols);
    return (struct area){.canvas = a->canvas,
                         .y = a->y + y,
                         .x = a->x + x,
                         .rows = clamp(rows, 0, a->rows - y),
                         .cols = clamp(cols, 0, a->cols - x)};
}

/* Half of a wide character must not stay behind when the other half is drawn over. */
static void free_cell(struct canvas *c, int y, int x)
{
    struct cell *cell = cell_at(c, y, x);
    if (cell->width == 0 && x > 0)
        *cell_at(c, y, x - 1) = blank;
    if (cell->width == 2 && x + 1 < c->cols)
        *cell_at(c, y, x + 1) = blank;
    *cell = blank;
}

static bool inside(const struct area *a, int y, int x, int width)
{
    return y >= 0 && y < a->rows && x >= 0 && x + width <= a->cols;
}

static void put(const struct area *a, int y, int x, enum role role, wchar_t ch, int width)
{
    if (!inside(a, y, x, width))
        return;
    struct canvas *c = a->canvas;
    free_cell(c, a->y + y, a->x + x);
    struct cell *cell = cell_at(c, a->y + y, a->x + x);
    *cell = (struct cell){.ch = {ch}, .role = (unsigned char)role, .width = (unsigned char)width};
    if (width == 2) {
        free_cell(c, a->y + y, a->x + x + 1);
        cell[1] = (struct cell){.role = (unsigned char)role};
        cell[0].width = 2;
        cell[0].ch[0] = ch;
    }
}

static void put_combining(const struct area *a, int y, int x, wchar_t mark)
{
    if (!inside(a, y, x, 1))
        return;
    struct cell *cell = cell_at(a->canvas, a->y + y, a->x + x);
    if (!cell->width && x > 0)
        cell--;
    for (int i = 1; i < 3; i++) {
        if (cell->ch[i])
            continue;
        cell->ch[i] = mark;
        return;
    }
}

int draw_text(const struct area *a, int y, int x, enum role role, const char *s)
{
    int start = x;
    while (*s && x < a->cols) {
        uint32_t cp;
        int width = width_next(&s, a->canvas->ascii, &cp);
        if (x + width > a->cols)
            break;
        if (width)
            put(a, y, x, role, (wchar_t)cp, width);
        else if (x > start && cp)
            put_combining(a, y, x - 1, (wchar_t)cp);
        x += width;
    }
    return x - start;
}

int draw_textf(const struct area *a, int y, int x, enum role role, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    va_end(args);
    int cols = draw_text(a, y, x, role, text);
    free(text);
    return cols;
}

int draw_fit(const struct area *a, int y, int x, int cols, enum role role, enum width_cut cut,
             const char *s)
{
    struct buf text;
    buf_init(&text);
    width_fit(&text, s, cols, cut, a->canvas->ascii);
    int used = draw_text(a, y, x, role, text.data);
    buf_release(&text);
    return used;
}

int draw_right(const struct area *a, int y, int end, enum role role, const char *s)
{
    return draw_text(a, y, end - width_text(s, a->canvas->ascii), role, s);
}

void draw_char(const struct area *a, int y, int x, enum role role, wchar_t ch)
{
    put(a, y, x, role, ch, 1);
}

void draw_repeat(const struct area *a, int y, int x, int n, enum role role, const char *s)
{
    for (int i = 0; i < n; i++)
        draw_text(a, y, x + i, role, s);
}

void draw_role(const struct area *a, int y, int x, int n, enum role role)
{
    for (int i = 0; i < n; i++)
        if (inside(a, y, x + i, 1))
            cell_at(a->canvas, a->y + y, a->x + x + i)->role = (unsigned char)role;
}

void draw_cursor(const struct area *a, int y, int x)
{
    a->canvas->cursor_y = clamp(a->y + y, 0, a->canvas->rows - 1);
    a->canvas->cursor_x = clamp(a->x + x, 0, a->canvas->cols - 1);
}

void draw_rule(const struct area *a, int y, const char *title)
{
    const struct glyphs *g = theme_glyphs(a->canvas->ascii);
    draw_repeat(a, y, 0, a->cols, ROLE_DIM, g->hline);
    if (!title || a->cols < 8)
        return;
    int used = draw_text(a, y, 2, ROLE_NORMAL, " ");
    used += draw_fit(a, y, 2 + used, a->cols - 6, ROLE_TITLE, CUT_LEFT, title);
    draw_text(a, y, 2 + used, ROLE_NORMAL, " ");
}

static void draw_frame(const struct area *a, const struct glyphs *g)
{
    int right = a->cols - 1, bottom = a->rows - 1;
    draw_repeat(a, 0, 1, right - 1, ROLE_DIM, g->hline);
    draw_repeat(a, bottom, 1, right - 1, ROLE_DIM, g->hline);
    for (int y = 1; y < bottom; y++) {
        draw_text(a, y, 0, ROLE_DIM, g->vline);
        draw_text(a, y, right, ROLE_DIM, g->vline);
    }
    draw_text(a, 0, 0, ROLE_DIM, g->corners[0]);
    draw_text(a, 0, right, ROLE_DIM, g->corners[1]);
    draw_text(a, bottom, right, ROLE_DIM, g->corners[2]);
    draw_text(a, bottom, 0, ROLE_DIM, g->corners[3]);
}

struct area draw_box(const struct area *a, const char *title)
{
    for (int y = 0; y < a->rows; y++)
        draw_repeat(a, y, 0, a->cols, ROLE_NORMAL, " ");
    draw_frame(a, theme_glyphs(a->canvas->ascii));
    if (a->cols > 8) {
        int used = draw_text(a, 0, 2, ROLE_NORMAL, " ");
        used += draw_fit(a, 0, 2 + used, a->cols - 6, ROLE_TITLE, CUT_END, title);
        draw_text(a, 0, 2 + used, ROLE_NORMAL, " ");
    }
    return area_sub(a, 1, 2, a->rows - 2, a->cols - 4);
}

int draw_wrapped(const struct area *a, int y, int x, enum role role, const char *s)
{
    for (size_t len; *s && y < a->rows && (len = width_wrap(s, a->cols - x, a->canvas->ascii));) {
        char *line = xstrndup(s, len);
        line[strcspn(line, "\n")] = '\0';
        draw_text(a, y++, x, role, line);
        free(line);
        s += len;
        s += *s == ' ' || *s == '\n';
    }
    return y;
}
