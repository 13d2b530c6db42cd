/* SPDX-License-Identifier: MIT */
/* Choosing a directory: the directories of one, to be entered or taken. UI thread only. */
#ifndef HAUL_TUI_BROWSE_H
#define HAUL_TUI_BROWSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/draw.h"

struct browse {
    bool open;
    char *dir;    /* absolute */
    char **names; /* of directories in it, sorted; as they are on disk */
    size_t count, cursor, top;
};

void browse_init(struct browse *b);
void browse_release(struct browse *b);
void browse_open(struct browse *b, const char *dir);
/* Returns true when it is over: b->dir is what was chosen, NULL for none. */
bool browse_key(struct browse *b, uint32_t key);
void browse_draw(struct browse *b, const struct area *a);

#endif
