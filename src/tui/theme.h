/* SPDX-License-Identifier: MIT */
/*
 * How things look: eight roles, each with attributes that carry the meaning without colour, and
 * the glyphs in their UTF-8 and ASCII forms. Plain tables, no ncurses.
 */
#ifndef HAUL_TUI_THEME_H
#define HAUL_TUI_THEME_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"

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
    int fg, bg; /* one of 256 colours, -1: the terminal's own */
    unsigned attrs;
};

struct theme {
    const char *name;
    struct theme_role roles[ROLE_COUNT];
};

/* The theme of that name; the default one for NULL; NULL for an unknown name. */
const struct theme *theme_find(const char *name);
/* Appends the names of all, "a, b, c". */
void theme_names(struct buf *out);
/*
 * Changes the look of one role: text is "bold yellow", "214 on 18", "reverse", any mix of
 * attributes (bold, dim, reverse, underline), a colour by name or number, and `on` with another.
 * HAUL_ERR_USAGE for an unknown role or word.
 */
HAUL_NODISCARD enum haul_error theme_set(struct theme *t, const char *role, const char *text,
                                         struct haul_fault *fault);

struct glyphs {
    const char *ellipsis, *open, *closed, *branch, *last_branch;
    const char *hline, *vline, *corners[4]; /* clockwise from the upper left */
    const char *enter, *separator;
};

const struct glyphs *theme_glyphs(bool ascii);

#endif
