/* SPDX-License-Identifier: MIT */
/* See id_set.h. Removal closes the gap, so that no tombstones pile up. */
#include "tui/id_set.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void id_set_init(struct id_set *s)
{
    *s = (struct id_set){0};
}

void id_set_release(struct id_set *s)
{
    free(s->slots);
    id_set_init(s);
}

void id_set_clear(struct id_set *s)
{
    id_set_release(s);
}

static size_t home(const struct id_set *s, const char *id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    return (size_t)(hash & (s->cap - 1));
}

/* The slot of id, or the free one where it would go. cap > 0. */
static size_t slot_of(const struct id_set *s, const char *id)
{
    size_t i = home(s, id);
    while (s->slots[i][0] && strcmp(s->slots[i], id))
        i = (i + 1) & (s->cap - 1);
    return i;
}

bool id_set_has(const struct id_set *s, const char *id)
{
    return s->count && s->slots[slot_of(s, id)][0];
}

static void grow(struct id_set *s)
{
    struct id_set bigger = {.cap = s->cap ? s->cap * 2 : 16};
    bigger.slots = xcalloc(bigger.cap, sizeof *bigger.slots);
    for (size_t i = 0; i < s->cap; i++)
        if (s->slots[i][0])
            id_set_add(&bigger, s->slots[i]);
    free(s->slots);
    *s = bigger;
}

void id_set_add(struct id_set *s, const char *id)
{
    if (s->count * 2 >= s->cap)
        grow(s);
    size_t i = slot_of(s, id);
    if (s->slots[i][0])
        return;
    snprintf(s->slots[i], sizeof s->slots[i], "%s", id);
    s->count++;
}

void id_set_remove(struct id_set *s, const char *id)
{
    if (!id_set_has(s, id))
        return;
    size_t gap = slot_of(s, id), mask = s->cap - 1;
    for (size_t i = (gap + 1) & mask; s->slots[i][0]; i = (i + 1) & mask) {
        size_t from_home = (i - home(s, s->slots[i])) & mask;
        if (from_home < ((i - gap) & mask))
            continue;
        memcpy(s->slots[gap], s->slots[i], sizeof s->slots[gap]);
        gap = i;
    }
    s->slots[gap][0] = '\0';
    s->count--;
}

void id_set_toggle(struct id_set *s, const char *id)
{
    if (id_set_has(s, id))
        id_set_remove(s, id);
    else
        id_set_add(s, id);
}

void id_set_prune(struct id_set *s, const struct snapshot *snapshot)
{
    if (!s->count)
        return;
    struct id_set kept;
    id_set_init(&kept);
    for (size_t i = 0; i < snapshot->count; i++)
        if (id_set_has(s, snapshot->jobs[i]->id))
            id_set_add(&kept, snapshot->jobs[i]->id);
    id_set_release(s);
    *s = kept;
}
