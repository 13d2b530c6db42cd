/* SPDX-License-Identifier: MIT */
/*
 * A set of byte ranges: which bytes of a file are here. Sorted, disjoint, never touching, so that
 * `count == 1 && items[0] == [0,size)` means whole. Not shared between threads.
 */
#ifndef HAUL_NET_RANGES_H
#define HAUL_NET_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    int64_t begin, end; /* end is exclusive */
};

struct ranges {
    struct range *items;
    size_t count, cap;
};

void ranges_init(struct ranges *r);
void ranges_release(struct ranges *r);
void ranges_clear(struct ranges *r);
void ranges_copy(struct ranges *to, const struct ranges *from); /* to is initialised */

/* An empty or reversed range is no change. */
void ranges_add(struct ranges *r, int64_t begin, int64_t end);

int64_t ranges_total(const struct ranges *r);
/* End of the prefix that begins at 0; 0 where there is none. */
int64_t ranges_front(const struct ranges *r);
bool ranges_cover(const struct ranges *r, int64_t begin, int64_t end);
/* The first missing range at or after `from` below `limit`; false where nothing is missing. */
bool ranges_gap(const struct ranges *r, int64_t from, int64_t limit, struct range *gap);

#endif
