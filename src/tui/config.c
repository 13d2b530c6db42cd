/* SPDX-License-Identifier: MIT */
/* See config.h. A table of settings; key.* and color.* go to their own tables. */
#include "tui/config.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

enum haul_error tui_config_init(struct tui_config *c, const char *theme, struct haul_fault *fault)
{
    *c = (struct tui_config){0};
    keymap_init(&c->keys);
    const struct theme *found = theme_find(theme);
    c->theme = found ? *found : *theme_find(NULL);
    if (found)
        return HAUL_OK;
    struct buf names;
    buf_init(&names);
    theme_names(&names);
    fault_set(fault, HAUL_ERR_USAGE, "--theme: '%s' is none of %s", theme, names.data);
    buf_release(&names);
    return HAUL_ERR_USAGE;
}

void tui_config_release(struct tui_config *c)
{
    keymap_release(&c->keys);
    free(c->open);
    c->open = NULL;
}

static enum haul_error set_mouse(struct tui_config *c, const char *value, struct haul_fault *fault)
{
    bool on = !strcmp(value, "on") || !strcmp(value, "yes");
    if (!on && strcmp(value, "off") != 0 && strcmp(value, "no") != 0)
        return fault_set(fault, HAUL_ERR_USAGE, "mouse: '%s' is neither on nor off", value);
    c->mouse = on;
    return HAUL_OK;
}

static const struct {
    const char *name;
    unsigned bit;
} notify_words[] = {
    {"none", 0}, {"bell", NOTIFY_BELL}, {"title", NOTIFY_TITLE}, {"osc9", NOTIFY_OSC9}};

static enum haul_error set_notify(struct tui_config *c, const char *value, struct haul_fault *fault)
{
    unsigned bits = 0;
    for (size_t len; *value; value += len + strspn(value + len, ", ")) {
        size_t i = 0;
        len = strcspn(value, ", ");
        while (i < HAUL_ARRAY_LEN(notify_words) && (strlen(notify_words[i].name) != len ||
                                                    memcmp(notify_words[i].name, value, len) != 0))
            i++;
        if (i == HAUL_ARRAY_LEN(notify_words))
            return fault_set(fault, HAUL_ERR_USAGE,
                             "notify: '%.*s' is neither none nor bell, title or osc9", (int)len,
                             value);
        bits |= notify_words[i].bit;
    }
    c->notify = bits;
    return HAUL_OK;
}

static enum haul_error set_open(struct tui_config *c, const char *value, struct haul_fault *fault)
{
    (void)fault;
    free(c->open);
    c->open = value[0] ? xstrdup(value) : NULL;
    return HAUL_OK;
}

static const struct {
    const char *key;
    enum haul_error (*set)(struct tui_config *c, const char *value, struct haul_fault *fault);
} settings[] = {{"mouse", set_mouse}, {"notify", set_notify}, {"open", set_open}};

enum haul_error tui_config_set(struct tui_config *c, const char *key, const char *value,
                               struct haul_fault *fault)
{
    struct haul_fault why;
    enum haul_error err = HAUL_OK;
    if (!strncmp(key, "key.", 4))
        err = keymap_bind(&c->keys, key + 4, value, &why);
    else if (!strncmp(key, "color.", 6))
        err = theme_set(&c->theme, key + 6, value, &why);
    if (err != HAUL_OK)
        return fault_set(fault, err, "%s: %s", key, why.message);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(settings); i++)
        if (!strcmp(settings[i].key, key))
            return settings[i].set(c, value, fault);
    return HAUL_OK;
}
