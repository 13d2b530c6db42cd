/* SPDX-License-Identifier: MIT */
/*
 * What the config file says about the terminal UI: keys, colours, mouse, notifications. Read before
 * the UI starts, so that a mistake is told in one line; unchanging while it runs.
 */
#ifndef HAUL_TUI_CONFIG_H
#define HAUL_TUI_CONFIG_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"
#include "tui/keys.h"
#include "tui/theme.h"

enum notify { NOTIFY_BELL = 1, NOTIFY_TITLE = 2, NOTIFY_OSC9 = 4 };

struct tui_config {
    struct keymap keys;
    struct theme theme;
    unsigned notify; /* enum notify */
    bool mouse;
    char *open; /* program and arguments that a path is handed to; NULL: none */
};

/* theme: its name, NULL for the default. HAUL_ERR_USAGE for an unknown one. Release it anyway. */
HAUL_NODISCARD enum haul_error tui_config_init(struct tui_config *c, const char *theme,
                                               struct haul_fault *fault);
void tui_config_release(struct tui_config *c);
/*
 * key.ACTION = KEY[, KEY]; color.ROLE = …; mouse = on|off; notify = none|bell|title|osc9[, …];
 * open = PROGRAM ARGUMENTS. HAUL_ERR_USAGE names what is wrong.
 */
HAUL_NODISCARD enum haul_error tui_config_set(struct tui_config *c, const char *key,
                                              const char *value, struct haul_fault *fault);

#endif
