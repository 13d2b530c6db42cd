/* SPDX-License-Identifier: MIT */
/* Keys to actions, with the user's own bindings over the table's; see keys.h. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/keys.h"

void keymap_init(struct keymap *m)
{
    *m = (struct keymap){0};
}

void keymap_release(struct keymap *m)
{
    for (size_t i = 0; i < ACTION_COUNT; i++)
        free(m->keys[i]);
    keymap_init(m);
}

const char *keymap_keys(const struct keymap *m, enum ui_action action)
{
    return m->keys[action] ? m->keys[action] : key_table[action].keys;
}

static enum haul_error add_keys(struct buf *keys, const char *text, struct haul_fault *fault)
{
    for (size_t len; *text; text += len) {
        len = strcspn(text, ", ");
        if (!len) {
            text++;
            continue;
        }
        if (!key_parse(text, len))
            return fault_set(fault, HAUL_ERR_USAGE,
                             "'%.*s' is not a key; write j, ^L, F5, Space, Comma, PgDn", (int)len,
                             text);
        if (keys->len)
            buf_add_char(keys, ' ');
        buf_add(keys, text, len);
    }
    return HAUL_OK;
}

enum haul_error keymap_bind(struct keymap *m, const char *name, const char *text,
                            struct haul_fault *fault)
{
    enum ui_action a = 0;
    while (a < ACTION_COUNT && strcmp(key_table[a].name, name) != 0)
        a++;
    if (a == ACTION_COUNT)
        return fault_set(fault, HAUL_ERR_USAGE, "'%s' is not an action; the manual page lists them",
                         name);
    struct buf keys;
    buf_init(&keys);
    enum haul_error err = strcmp(text, "none") != 0 ? add_keys(&keys, text, fault) : HAUL_OK;
    if (err == HAUL_OK) {
        free(m->keys[a]);
        m->keys[a] = xstrdup(keys.data);
    }
    buf_release(&keys);
    return err;
}

static bool has_key(const char *keys, uint32_t key)
{
    for (size_t len; *keys; keys += len + (keys[len] == ' ')) {
        len = strcspn(keys, " ");
        if (key_parse(keys, len) == key)
            return true;
    }
    return false;
}

enum ui_action keymap_action(const struct keymap *m, uint32_t key, enum key_place place)
{
    for (enum ui_action a = 0; a < ACTION_COUNT; a++)
        if ((key_table[a].places & place) && has_key(keymap_keys(m, a), key))
            return a;
    return ACTION_NONE;
}

/* The first key of a that is b's too, in a view that has both; length 0 for none. */
static size_t shared_key(const struct keymap *m, enum ui_action a, enum ui_action b,
                         const char **key)
{
    if (a == b || !(key_table[a].places & key_table[b].places))
        return 0;
    const char *keys = keymap_keys(m, a);
    for (size_t len; *keys; keys += len + (keys[len] == ' ')) {
        len = strcspn(keys, " ");
        *key = keys;
        if (has_key(keymap_keys(m, b), key_parse(keys, len)))
            return len;
    }
    return 0;
}

enum haul_error keymap_check(const struct keymap *m, struct haul_fault *fault)
{
    for (enum ui_action a = 0; a < ACTION_COUNT; a++) {
        for (enum ui_action b = 0; m->keys[a] && b < ACTION_COUNT; b++) {
            const char *key;
            size_t len = shared_key(m, a, b, &key);
            if (len)
                return fault_set(fault, HAUL_ERR_USAGE,
                                 "key.%s: %.*s is the key of %s already; choose another one, or "
                                 "set key.%s to another one or to none",
                                 key_table[a].name, (int)len, key, key_table[b].name,
                                 key_table[b].name);
        }
    }
    return HAUL_OK;
}

static bool add_nth_key(struct buf *out, const char *keys, size_t nth)
{
    for (; nth && *keys; nth--) {
        keys += strcspn(keys, " ");
        keys += *keys == ' ';
    }
    if (!*keys)
        return false;
    if (out->len)
        buf_add_char(out, ' ');
    buf_add(out, keys, strcspn(keys, " "));
    return true;
}

void keymap_names(const struct keymap *m, struct buf *out, enum ui_action action,
                  enum key_place place)
{
    /* All first keys, then all second ones: "j k Down Up". */
    enum ui_action end = action + 1;
    while (end < ACTION_COUNT && !key_table[end].help)
        end++;
    for (size_t nth = 0, found = 1; found; nth++) {
        found = 0;
        for (enum ui_action a = action; a < end; a++)
            if (key_table[a].places & place)
                found += add_nth_key(out, keymap_keys(m, a), nth);
    }
}
