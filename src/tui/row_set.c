/* SPDX-License-Identifier: MIT */
/* See row_set.h. Removal closes the gap, so that no tombstones pile up. */
#include "tui/row_set.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void row_set_init(struct row_set *s)
{
    *s = (struct row_set){0};
}

void row_set_release(struct row_set *s)
{
    free(s->slots);
    row_set_init(s);
}

void row_set_clear(struct row_set *s)
{
    row_set_release(s);
}

static size_t home(const struct row_set *s, const char *id, size_t file)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    hash = (hash ^ file) * UINT64_C(1099511628211);
    return (size_t)(hash & (s->cap - 1));
}

static bool is_item(const struct row_set_item *item, const char *id, size_t file)
{
    return item->file == file && !strcmp(item->id, id);
}

/* The slot of the row, or the free one where it would go. cap > 0. */
static size_t slot_of(const struct row_set *s, const char *id, size_t file)
{
    size_t i = home(s, id, file);
    while (s->slots[i].id[0] && !is_item(&s->slots[i], id, file))
        i = (i + 1) & (s->cap - 1);
    return i;
}

bool row_set_has(const struct row_set *s, const char *id, size_t file)
{
    return s->count && s->slots[slot_of(s, id, file)].id[0];
}

static void grow(struct row_set *s)
{
    struct row_set bigger = {.cap = s->cap ? s->cap * 2 : 16};
    bigger.slots = xcalloc(bigger.cap, sizeof *bigger.slots);
    for (size_t i = 0; i < s->cap; i++)
        if (s->slots[i].id[0])
            row_set_add(&bigger, s->slots[i].id, s->slots[i].file);
    free(s->slots);
    *s = bigger;
}

void row_set_add(struct row_set *s, const char *id, size_t file)
{
    if (s->count * 2 >= s->cap)
        grow(s);
    struct row_set_item *item = &s->slots[slot_of(s, id, file)];
    if (item->id[0])
        return;
    snprintf(item->id, sizeof item->id, "%s", id);
    item->file = file;
    s->count++;
}

void row_set_remove(struct row_set *s, const char *id, size_t file)
{
    if (!row_set_has(s, id, file))
        return;
    size_t gap = slot_of(s, id, file), mask = s->cap - 1;
    for (size_t i = (gap + 1) & mask; s->slots[i].id[0]; i = (i + 1) & mask) {
        size_t from_home = (i - home(s, s->slots[i].id, s->slots[i].file)) & mask;
        if (from_home < ((i - gap) & mask))
            continue;
        s->slots[gap] = s->slots[i];
        gap = i;
    }
    s->slots[gap].id[0] = '\0';
    s->count--;
}

void row_set_toggle(struct row_set *s, const char *id, size_t file)
{
    if (row_set_has(s, id, file))
        row_set_remove(s, id, file);
    else
        row_set_add(s, id, file);
}

static void keep_job(struct row_set *kept, const struct row_set *s, const struct job_view *job)
{
    if (row_set_has(s, job->id, ROW_JOB))
        row_set_add(kept, job->id, ROW_JOB);
    for (size_t i = 0; i < job->file_count && kept->count < s->count; i++)
        if (row_set_has(s, job->id, i))
            row_set_add(kept, job->id, i);
}

void row_set_prune(struct row_set *s, const struct snapshot *snapshot)
{
    struct row_set kept;
    row_set_init(&kept);
    for (size_t i = 0; i < snapshot->count && kept.count < s->count; i++)
        keep_job(&kept, s, snapshot->jobs[i]);
    row_set_release(s);
    *s = kept;
}
