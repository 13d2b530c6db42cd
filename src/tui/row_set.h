/* SPDX-License-Identifier: MIT */
/* A set of rows, that is of jobs and of single files: what is marked, what is folded. Open
 * addressing; UI thread only. */
#ifndef HAUL_TUI_ROW_SET_H
#define HAUL_TUI_ROW_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/view.h"

#define ROW_JOB SIZE_MAX

struct row_set_item {
    char id[JOB_ID_SIZE]; /* "" is free */
    size_t file;          /* ROW_JOB: the job itself */
};

struct row_set {
    struct row_set_item *slots;
    size_t cap, count;
};

void row_set_init(struct row_set *s);
void row_set_release(struct row_set *s);
void row_set_clear(struct row_set *s);
bool row_set_has(const struct row_set *s, const char *id, size_t file);
void row_set_add(struct row_set *s, const char *id, size_t file);
void row_set_remove(struct row_set *s, const char *id, size_t file);
void row_set_toggle(struct row_set *s, const char *id, size_t file);
/* Forgets jobs and files that are no longer there. */
void row_set_prune(struct row_set *s, const struct snapshot *snapshot);

#endif
