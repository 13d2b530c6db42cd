/* SPDX-License-Identifier: MIT */
/*
 * A canvas of character cells, and areas of it to draw in. Views draw here, and term.c hands the
 * cells to ncurses, so that no view knows the terminal and all of them can be drawn in a test.
 * Whatever is drawn is clipped to its area.
 */
#ifndef HAUL_TUI_DRAW_H
#define HAUL_TUI_DRAW_H

#include <stdbool.h>
#include <wchar.h>

#include "core/attrs.h"
#include "tui/theme.h"
#include "tui/width.h"

struct cell {
    wchar_t ch[4];       /* a base character, at most two combining marks, NUL */
    unsigned char role;  /* enum role */
    unsigned char width; /* 1, 2; 0: covered by the wide character to the left */
};

struct canvas {
    struct cell *cells;
    int rows, cols;
    int cursor_y, cursor_x; /* where the hardware cursor rests */
    bool ascii;
};

void canvas_init(struct canvas *c, bool ascii);
void canvas_release(struct canvas *c);
/* Sizes below 1x1 become 1x1. */
void canvas_resize(struct canvas *c, int rows, int cols);
void canvas_erase(struct canvas *c);
const struct cell *canvas_cell(const struct canvas *c, int y, int x);

/* A rectangle of a canvas; may be empty. */
struct area {
    struct canvas *canvas;
    int y, x, rows, cols;
};

struct area area_whole(struct canvas *c);
/* A part of `a`, cut to it. */
struct area area_sub(const struct area *a, int y, int x, int rows, int cols);

/* These return the columns drawn. */
int draw_text(const struct area *a, int y, int x, enum role role, const char *s);
int draw_textf(const struct area *a, int y, int x, enum role role, const char *fmt, ...)
    HAUL_PRINTF(5, 6);
/* Cut to cols columns by width_fit. */
int draw_fit(const struct area *a, int y, int x, int cols, enum role role, enum width_cut cut,
             const char *s);
/* Ends before column `end`. */
int draw_right(const struct area *a, int y, int end, enum role role, const char *s);

void draw_char(const struct area *a, int y, int x, enum role role, wchar_t ch);
/* `s` is one glyph of one column, n times. */
void draw_repeat(const struct area *a, int y, int x, int n, enum role role, const char *s);
/* Gives cells that are drawn already another role. */
void draw_role(const struct area *a, int y, int x, int n, enum role role);
void draw_cursor(const struct area *a, int y, int x);
/* A line across the area with a title in it. */
void draw_rule(const struct area *a, int y, const char *title);
/* Blanks the area, frames it, writes the title into the frame; returns what is inside. */
struct area draw_box(const struct area *a, const char *title);
/* Wraps s over the area from row y; returns the first row after it. */
int draw_wrapped(const struct area *a, int y, int x, enum role role, const char *s);

#endif
