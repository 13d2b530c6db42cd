/* SPDX-License-Identifier: MIT */
/* The last steps that can be taken back: drops, moves in the queue, priorities. UI thread only. */
#ifndef HAUL_TUI_UNDO_H
#define HAUL_TUI_UNDO_H

#include <stddef.h>

#include "core/session.h"

#define UNDO_STEPS 20

enum undo_kind { UNDO_DROP, UNDO_MOVE, UNDO_PRIORITY };

struct undo_item {
    char id[JOB_ID_SIZE];
    int value; /* the places moved, the priority before */
};

struct undo_step {
    enum undo_kind kind;
    struct undo_item *items;
    size_t count;
};

struct undo {
    struct undo_step steps[UNDO_STEPS]; /* oldest first */
    size_t count;
};

void undo_init(struct undo *u);
void undo_release(struct undo *u);
/* Begins a step; the oldest makes room. A step that gets no item is none. */
void undo_begin(struct undo *u, enum undo_kind kind);
void undo_note(struct undo *u, const char *id, int value);
void undo_end(struct undo *u);
/* Takes the last step back. Returns how many jobs it was done to and sets *what to a word for it;
 * NULL where there was no step. */
size_t undo_last(struct undo *u, struct session *s, const char **what, struct haul_fault *fault);

#endif
