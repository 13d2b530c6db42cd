/* SPDX-License-Identifier: MIT */
/* A set of byte ranges; see ranges.h. */
#include "net/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void ranges_init(struct ranges *r)
{
    *r = (struct ranges){0};
}

void ranges_release(struct ranges *r)
{
    free(r->items);
    *r = (struct ranges){0};
}

void ranges_clear(struct ranges *r)
{
    ranges_release(r);
    ranges_init(r);
}

static void reserve(struct ranges *r, size_t count)
{
    if (count <= r->cap)
        return;
    r->cap = r->cap ? r->cap * 2 : 16;
    if (r->cap < count)
        r->cap = count;
    r->items = xreallocarray(r->items, r->cap, sizeof *r->items);
}

void ranges_copy(struct ranges *to, const struct ranges *from)
{
    reserve(to, from->count);
    if (from->count)
        memcpy(to->items, from->items, from->count * sizeof *from->items);
    to->count = from->count;
}

/* Index of the first item that ends at or after `offset`. */
static size_t find(const struct ranges *r, int64_t offset)
{
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->items[mid].end < offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void ranges_add(struct ranges *r, int64_t begin, int64_t end)
{
    if (begin >= end)
        return;
    size_t first = find(r, begin), last = first;
    while (last < r->count && r->items[last].begin <= end)
        last++;
    if (first == last) { /* touches nothing: make room for one */
        reserve(r, r->count + 1);
        memmove(r->items + first + 1, r->items + first, (r->count - first) * sizeof *r->items);
        r->items[first] = (struct range){begin, end};
        r->count++;
        return;
    }
    struct range *into = &r->items[first];
    if (begin < into->begin)
        into->begin = begin;
    if (end < r->items[last - 1].end)
        end = r->items[last - 1].end;
    into->end = end;
    memmove(into + 1, r->items + last, (r->count - last) * sizeof *r->items);
    r->count -= last - first - 1;
}

int64_t ranges_total(const struct ranges *r)
{
    int64_t total = 0;
    for (size_t i = 0; i < r->count; i++)
        total += r->items[i].end - r->items[i].begin;
    return total;
}

int64_t ranges_front(const struct ranges *r)
{
    return r->count && r->items[0].begin == 0 ? r->items[0].end : 0;
}

bool ranges_cover(const struct ranges *r, int64_t begin, int64_t end)
{
    if (begin >= end)
        return true;
    size_t i = find(r, begin + 1);
    return i < r->count && r->items[i].begin <= begin && r->items[i].end >= end;
}

bool ranges_gap(const struct ranges *r, int64_t from, int64_t limit, struct range *gap)
{
    size_t i = find(r, from);
    if (i < r->count && r->items[i].begin <= from) {
        from = r->items[i].end;
        i++;
    }
    if (from >= limit)
        return false;
    int64_t end = i < r->count && r->items[i].begin < limit ? r->items[i].begin : limit;
    *gap = (struct range){from, end};
    return true;
}
