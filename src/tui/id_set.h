/* SPDX-License-Identifier: MIT */
/* A set of job ids: what is marked, what is folded. Open addressing; UI thread only. */
#ifndef HAUL_TUI_ID_SET_H
#define HAUL_TUI_ID_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/view.h"

struct id_set {
    char (*slots)[JOB_ID_SIZE]; /* "" is free */
    size_t cap, count;
};

void id_set_init(struct id_set *s);
void id_set_release(struct id_set *s);
void id_set_clear(struct id_set *s);
bool id_set_has(const struct id_set *s, const char *id);
void id_set_add(struct id_set *s, const char *id);
void id_set_remove(struct id_set *s, const char *id);
void id_set_toggle(struct id_set *s, const char *id);
/* Forgets the ids of jobs that are no longer there. */
void id_set_prune(struct id_set *s, const struct snapshot *snapshot);

#endif
