/* SPDX-License-Identifier: MIT */
/* The key table as data, and what is read off it; see keys.h. Needs neither ncurses nor the UI. */
#include "tui/keys.h"

#include <stdlib.h>
#include <string.h>

#include "core/attrs.h"
#include "core/text.h"

const struct key_row key_table[ACTION_COUNT] = {
#define X(id, name, keys, places, group, rank, footer, help)                                       \
    {name, keys, places, KEYS_##group, rank, footer, help},
    UI_ACTIONS(X)
#undef X
};

static const char *const group_names[KEYS_GROUP_COUNT] = {
    [KEYS_MOVE] = "MOVE",     [KEYS_FIND] = "FIND",
    [KEYS_SELECT] = "SELECT", [KEYS_JOBS] = "ACT ON MARKED (or current)",
    [KEYS_LOG] = "LOG",       [KEYS_GLOBAL] = "GLOBAL",
    [KEYS_OTHER] = "OTHER",
};

const char *key_group_name(enum key_group g)
{
    return group_names[g];
}

static const struct {
    const char *name;
    uint32_t key;
} names[] = {
    {"Up", UI_KEY_UP},       {"Down", UI_KEY_DOWN},    {"Left", UI_KEY_LEFT},
    {"Right", UI_KEY_RIGHT}, {"PgUp", UI_KEY_PAGE_UP}, {"PgDn", UI_KEY_PAGE_DOWN},
    {"Home", UI_KEY_HOME},   {"End", UI_KEY_END},      {"Enter", UI_KEY_ENTER},
    {"Esc", UI_KEY_ESC},     {"Tab", UI_KEY_TAB},      {"Comma", ','},
    {"Space", ' '},          {"Del", UI_KEY_DELETE},   {"Backspace", UI_KEY_BACKSPACE},
    {"F1", UI_KEY_F0 + 1},   {"F2", UI_KEY_F0 + 2},    {"F3", UI_KEY_F0 + 3},
    {"F4", UI_KEY_F0 + 4},   {"F5", UI_KEY_F0 + 5},    {"F6", UI_KEY_F0 + 6},
    {"F7", UI_KEY_F0 + 7},   {"F8", UI_KEY_F0 + 8},    {"F9", UI_KEY_F0 + 9},
    {"F10", UI_KEY_F0 + 10}, {"F11", UI_KEY_F0 + 11},  {"F12", UI_KEY_F0 + 12},
};

uint32_t key_parse(const char *name, size_t len)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++)
        if (strlen(names[i].name) == len && !memcmp(names[i].name, name, len))
            return names[i].key;
    if (len == 2 && name[0] == '^' && name[1] >= '@' && name[1] <= '_')
        return (uint32_t)(name[1] - '@');
    uint32_t cp = 0;
    return len && text_utf8_decode(name, len, &cp) == len ? cp : 0;
}

static void man_key(struct buf *out, const char *keys)
{
    for (; *keys; keys++) {
        if (*keys == '\\' || *keys == '-')
            buf_add_char(out, '\\');
        buf_add_str(out, *keys == '\\' ? "e" : (char[]){*keys, '\0'});
    }
}

static void man_row(struct buf *out, enum ui_action action)
{
    struct keymap map;
    struct buf keys;
    keymap_init(&map);
    buf_init(&keys);
    keymap_names(&map, &keys, action, IN_ALL);
    buf_add_str(out, ".TP\n.B \"");
    man_key(out, keys.data);
    buf_addf(out, "\"\n%s", key_table[action].help);
    /* What it is called in the config file. */
    for (enum ui_action a = action; a < ACTION_COUNT && (a == action || !key_table[a].help); a++)
        buf_addf(out, "%s%s", a == action ? " (" : ", ", key_table[a].name);
    buf_add_str(out, ")\n");
    buf_release(&keys);
    keymap_release(&map);
}

void keys_man_section(struct buf *out)
{
    for (enum key_group g = 0; g < KEYS_GROUP_COUNT; g++) {
        buf_addf(out, ".SS \"%s\"\n", group_names[g]);
        for (enum ui_action a = 0; a < ACTION_COUNT; a++)
            if (key_table[a].group == g && key_table[a].help)
                man_row(out, a);
    }
}
