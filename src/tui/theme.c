/* SPDX-License-Identifier: MIT */
/* The tables behind theme.h. Plain blue and black are never used: both vanish on some background.
 * So do white and light greys: plain text has the terminal's own colours. */
#include "tui/theme.h"

#include <stddef.h>
#include <string.h>

#include "core/attrs.h"
#include "core/units.h"

enum { OWN = -1, RED = 1, GREEN = 2, YELLOW = 3, CYAN = 6 };

static const struct theme themes[] = {
    {"default",
     {
         [ROLE_NORMAL] = {OWN, OWN, 0},
         [ROLE_DIM] = {OWN, OWN, THEME_DIM},
         [ROLE_TITLE] = {OWN, OWN, THEME_BOLD},
         [ROLE_CURSOR] = {OWN, OWN, THEME_REVERSE},
         [ROLE_MARK] = {CYAN, OWN, THEME_BOLD},
         [ROLE_OK] = {GREEN, OWN, 0},
         [ROLE_WARN] = {YELLOW, OWN, 0},
         [ROLE_ERROR] = {RED, OWN, THEME_BOLD},
     }},
    {"mono",
     {
         [ROLE_NORMAL] = {OWN, OWN, 0},
         [ROLE_DIM] = {OWN, OWN, THEME_DIM},
         [ROLE_TITLE] = {OWN, OWN, THEME_BOLD},
         [ROLE_CURSOR] = {OWN, OWN, THEME_REVERSE},
         [ROLE_MARK] = {OWN, OWN, THEME_BOLD},
         [ROLE_OK] = {OWN, OWN, 0},
         [ROLE_WARN] = {OWN, OWN, THEME_BOLD},
         [ROLE_ERROR] = {OWN, OWN, THEME_BOLD | THEME_UNDERLINE},
     }},
    {"high-contrast",
     {
         [ROLE_NORMAL] = {OWN, OWN, THEME_BOLD},
         [ROLE_DIM] = {OWN, OWN, 0},
         [ROLE_TITLE] = {OWN, OWN, THEME_BOLD | THEME_UNDERLINE},
         [ROLE_CURSOR] = {OWN, OWN, THEME_BOLD | THEME_REVERSE},
         [ROLE_MARK] = {CYAN, OWN, THEME_BOLD},
         [ROLE_OK] = {GREEN, OWN, THEME_BOLD},
         [ROLE_WARN] = {YELLOW, OWN, THEME_BOLD},
         [ROLE_ERROR] = {RED, OWN, THEME_BOLD | THEME_REVERSE},
     }},
    {"256",
     {
         [ROLE_NORMAL] = {OWN, OWN, 0},
         [ROLE_DIM] = {244, OWN, 0},
         [ROLE_TITLE] = {OWN, OWN, THEME_BOLD},
         [ROLE_CURSOR] = {255, 24, THEME_BOLD},
         [ROLE_MARK] = {81, OWN, THEME_BOLD},
         [ROLE_OK] = {114, OWN, 0},
         [ROLE_WARN] = {221, OWN, 0},
         [ROLE_ERROR] = {203, OWN, THEME_BOLD},
     }},
};

const struct theme *theme_find(const char *name)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(themes); i++)
        if (!name || !strcmp(themes[i].name, name))
            return &themes[i];
    return NULL;
}

void theme_names(struct buf *out)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(themes); i++)
        buf_addf(out, "%s%s", i ? ", " : "", themes[i].name);
}

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_NORMAL] = "normal", [ROLE_DIM] = "dim", [ROLE_TITLE] = "title", [ROLE_CURSOR] = "cursor",
    [ROLE_MARK] = "mark",     [ROLE_OK] = "ok",   [ROLE_WARN] = "warn",   [ROLE_ERROR] = "error",
};

static const struct {
    const char *name;
    unsigned attr;
} attr_words[] = {{"bold", THEME_BOLD},
                  {"dim", THEME_DIM},
                  {"reverse", THEME_REVERSE},
                  {"underline", THEME_UNDERLINE}};

static const char *const colour_words[] = {"black", "red",     "green", "yellow",
                                           "blue",  "magenta", "cyan",  "white"};

static bool is_word(const char *word, const char *s, size_t len)
{
    return strlen(word) == len && !memcmp(word, s, len);
}

static bool read_colour(const char *s, size_t len, int *colour)
{
    uint64_t number;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(colour_words); i++)
        if (is_word(colour_words[i], s, len)) {
            *colour = (int)i;
            return true;
        }
    if (is_word("default", s, len)) {
        *colour = OWN;
        return true;
    }
    if (!units_parse_u64_n(s, len, 255, &number))
        return false;
    *colour = (int)number;
    return true;
}

static bool read_word(struct theme_role *r, bool *ground, const char *s, size_t len)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(attr_words); i++)
        if (is_word(attr_words[i].name, s, len)) {
            r->attrs |= attr_words[i].attr;
            return true;
        }
    if (is_word("on", s, len)) {
        *ground = true;
        return true;
    }
    return read_colour(s, len, *ground ? &r->bg : &r->fg);
}

enum haul_error theme_set(struct theme *t, const char *role, const char *text,
                          struct haul_fault *fault)
{
    struct theme_role look = {.fg = OWN, .bg = OWN};
    size_t i = 0, len;
    bool ground = false;
    while (i < ROLE_COUNT && strcmp(role_names[i], role) != 0)
        i++;
    if (i == ROLE_COUNT)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "'%s' is not a role; there are normal, dim, title, cursor, mark, ok, warn "
                         "and error",
                         role);
    for (text += strspn(text, " "); *text; text += len + strspn(text + len, " ")) {
        len = strcspn(text, " ");
        if (!read_word(&look, &ground, text, len))
            return fault_set(
                fault, HAUL_ERR_USAGE,
                "'%.*s' is neither a colour (name or 0 to 255) nor bold, dim, reverse, "
                "underline",
                (int)len, text);
    }
    t->roles[i] = look;
    return HAUL_OK;
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
