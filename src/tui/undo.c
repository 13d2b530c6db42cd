/* SPDX-License-Identifier: MIT */
/* See undo.h. */
#include "tui/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void undo_init(struct undo *u)
{
    *u = (struct undo){0};
}

void undo_release(struct undo *u)
{
    for (size_t i = 0; i < u->count; i++)
        free(u->steps[i].items);
    undo_init(u);
}

void undo_begin(struct undo *u, enum undo_kind kind)
{
    if (u->count == UNDO_STEPS) {
        free(u->steps[0].items);
        memmove(u->steps, u->steps + 1, sizeof u->steps - sizeof u->steps[0]);
        u->count--;
    }
    u->steps[u->count++] = (struct undo_step){.kind = kind};
}

void undo_note(struct undo *u, const char *id, int value)
{
    struct undo_step *s = &u->steps[u->count - 1];
    /* Grows by doubling: full when the count is a power of two. */
    if (!(s->count & (s->count - 1)))
        s->items = xreallocarray(s->items, s->count ? s->count * 2 : 1, sizeof *s->items);
    struct undo_item *item = &s->items[s->count++];
    item->value = value;
    snprintf(item->id, sizeof item->id, "%s", id);
}

void undo_end(struct undo *u)
{
    if (!u->steps[u->count - 1].count)
        u->count--;
}

static enum haul_error take_back(struct session *s, enum undo_kind kind,
                                 const struct undo_item *item, struct haul_fault *fault)
{
    if (kind == UNDO_DROP)
        return session_control(s, item->id, JOB_RESTORE, fault);
    struct job_change change = {0};
    if (kind == UNDO_MOVE)
        change.move = -item->value;
    else
        change = (struct job_change){.set_priority = true, .priority = item->value};
    return session_change(s, item->id, &change, fault);
}

size_t undo_last(struct undo *u, struct session *s, const char **what, struct haul_fault *fault)
{
    static const char *const words[] = {[UNDO_DROP] = "back in the list",
                                        [UNDO_MOVE] = "moved back",
                                        [UNDO_PRIORITY] = "priority as before"};
    size_t done = 0;
    *what = NULL;
    if (!u->count)
        return 0;
    struct undo_step step = u->steps[--u->count];
    *what = words[step.kind];
    /* Moves are taken back in reverse; dropped jobs are found fastest in the order they went. */
    for (size_t i = 0; i < step.count; i++) {
        size_t at = step.kind == UNDO_DROP ? i : step.count - 1 - i;
        done += take_back(s, step.kind, &step.items[at], fault) == HAUL_OK;
    }
    free(step.items);
    return done;
}
