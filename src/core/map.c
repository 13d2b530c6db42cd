/* SPDX-License-Identifier: MIT */
/* A hash map of intrusive nodes; see map.h. */
#include "core/map.h"

#include <stdlib.h>

#include "core/alloc.h"

#define FIRST_SLOTS 64

void map_init(struct map *m)
{
    *m = (struct map){0};
}

void map_release(struct map *m)
{
    free(m->slots);
    map_init(m);
}

static struct map_node **slot_of(const struct map *m, uint64_t hash)
{
    /* FNV's low bits are weak for short strings; fold the high ones in. */
    return &m->slots[(hash ^ hash >> 32) & (m->slot_count - 1)];
}

static void link_node(struct map *m, struct map_node *node)
{
    struct map_node **slot = slot_of(m, node->hash);
    node->next = *slot;
    *slot = node;
}

static void grow(struct map *m)
{
    struct map old = *m;
    m->slot_count = old.slot_count ? old.slot_count * 2 : FIRST_SLOTS;
    m->slots = xcalloc(m->slot_count, sizeof(struct map_node *));
    for (size_t i = 0; i < old.slot_count; i++) {
        for (struct map_node *n = old.slots[i], *next; n; n = next) {
            next = n->next;
            link_node(m, n);
        }
    }
    free(old.slots);
}

void map_add(struct map *m, struct map_node *node, uint64_t hash)
{
    if (m->count == m->slot_count)
        grow(m);
    node->hash = hash;
    link_node(m, node);
    m->count++;
}

void map_remove(struct map *m, struct map_node *node)
{
    struct map_node **at = slot_of(m, node->hash);
    while (*at != node)
        at = &(*at)->next;
    *at = node->next;
    m->count--;
}

static struct map_node *same_hash(struct map_node *n, uint64_t hash)
{
    while (n && n->hash != hash)
        n = n->next;
    return n;
}

struct map_node *map_first(const struct map *m, uint64_t hash)
{
    return m->slot_count ? same_hash(*slot_of(m, hash), hash) : NULL;
}

struct map_node *map_next(const struct map_node *node)
{
    return same_hash(node->next, node->hash);
}

uint64_t map_hash(uint64_t hash, const char *s)
{
    const uint64_t prime = UINT64_C(1099511628211);
    if (!s)
        return (hash ^ 0xff) * prime;
    do
        hash = (hash ^ (unsigned char)*s) * prime;
    while (*s++);
    return hash;
}
