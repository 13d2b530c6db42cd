/* SPDX-License-Identifier: MIT */
/* The tables behind theme.h. Plain blue and black are never used: both vanish on some background.
 */
#include "tui/theme.h"

#include <stddef.h>
#include <string.h>

#include "core/attrs.h"

enum { OWN = -1, RED = 1, GREEN = 2, YELLOW = 3, CYAN = 6, WHITE = 7 };

static const struct theme themes[] = {
    {"default",
     {
         [ROLE_NORMAL] = {OWN, 0},
         [ROLE_DIM] = {OWN, THEME_DIM},
         [ROLE_TITLE] = {OWN, THEME_BOLD},
         [ROLE_CURSOR] = {OWN, THEME_REVERSE},
         [ROLE_MARK] = {CYAN, THEME_BOLD},
         [ROLE_OK] = {GREEN, 0},
         [ROLE_WARN] = {YELLOW, 0},
         [ROLE_ERROR] = {RED, THEME_BOLD},
     }},
    {"mono",
     {
         [ROLE_NORMAL] = {OWN, 0},
         [ROLE_DIM] = {OWN, THEME_DIM},
         [ROLE_TITLE] = {OWN, THEME_BOLD},
         [ROLE_CURSOR] = {OWN, THEME_REVERSE},
         [ROLE_MARK] = {OWN, THEME_BOLD},
         [ROLE_OK] = {OWN, 0},
         [ROLE_WARN] = {OWN, THEME_BOLD},
         [ROLE_ERROR] = {OWN, THEME_BOLD | THEME_UNDERLINE},
     }},
    {"high-contrast",
     {
         [ROLE_NORMAL] = {WHITE, THEME_BOLD},
         [ROLE_DIM] = {WHITE, 0},
         [ROLE_TITLE] = {WHITE, THEME_BOLD | THEME_UNDERLINE},
         [ROLE_CURSOR] = {WHITE, THEME_BOLD | THEME_REVERSE},
         [ROLE_MARK] = {CYAN, THEME_BOLD},
         [ROLE_OK] = {GREEN, THEME_BOLD},
         [ROLE_WARN] = {YELLOW, THEME_BOLD},
         [ROLE_ERROR] = {RED, THEME_BOLD | THEME_REVERSE},
     }},
};

const struct theme *theme_find(const char *name)
{
    for (size_t i = 0; name && i < HAUL_ARRAY_LEN(themes); i++)
        if (!strcmp(themes[i].name, name))
            return &themes[i];
    return &themes[0];
}

static const struct glyphs glyphs[] = {
    {
        .ellipsis = "…",
        .open = "▾ ",
        .closed = "▸ ",
        .branch = "├ ",
        .last_branch = "└ ",
        .hline = "─",
        .vline = "│",
        .corners = {"┌", "┐", "┘", "└"},
        .enter = "↵",
        .separator = "·",
    },
    {
        .ellipsis = "~",
        .open = "- ",
        .closed = "+ ",
        .branch = "| ",
        .last_branch = "` ",
        .hline = "-",
        .vline = "|",
        .corners = {"+", "+", "+", "+"},
        .enter = "Ret",
        .separator = ".",
    },
};

const struct glyphs *theme_glyphs(bool ascii)
{
    return &glyphs[ascii];
}
