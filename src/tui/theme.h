/* SPDX-License-Identifier: MIT */
/*
 * How things look: eight roles, each with attributes that carry the meaning without colour, and
 * the glyphs in their UTF-8 and ASCII forms. Plain tables, no ncurses.
 */
#ifndef HAUL_TUI_THEME_H
#define HAUL_TUI_THEME_H

#include <stdbool.h>

enum role {
    ROLE_NORMAL,
    ROLE_DIM,
    ROLE_TITLE,
    ROLE_CURSOR,
    ROLE_MARK,
    ROLE_OK,
    ROLE_WARN,
    ROLE_ERROR,
    ROLE_COUNT
};

enum theme_attr { THEME_BOLD = 1, THEME_DIM = 2, THEME_REVERSE = 4, THEME_UNDERLINE = 8 };

struct theme_role {
    int fg; /* one of the 8 ANSI colours, -1: the terminal's own */
    unsigned attrs;
};

struct theme {
    const char *name;
    struct theme_role roles[ROLE_COUNT];
};

/* The theme of that name; the default one for NULL or an unknown name. */
const struct theme *theme_find(const char *name);

struct glyphs {
    const char *ellipsis, *open, *closed, *branch, *last_branch;
    const char *hline, *vline, *corners[4]; /* clockwise from the upper left */
    const char *enter, *separator;
};

const struct glyphs *theme_glyphs(bool ascii);

#endif
