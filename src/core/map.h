/* SPDX-License-Identifier: MIT */
/*
 * A hash map of nodes that live inside other structs, so that adding needs no allocation of its
 * own. Several nodes may have one hash: the caller compares. Whoever owns the map guards it.
 */
#ifndef HAUL_CORE_MAP_H
#define HAUL_CORE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_node {
    struct map_node *next;
    uint64_t hash;
};

struct map {
    struct map_node **slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t count;
};

void map_init(struct map *m);
void map_release(struct map *m); /* the nodes are their owners' */
void map_add(struct map *m, struct map_node *node, uint64_t hash);
void map_remove(struct map *m, struct map_node *node);
/* The nodes of that hash, one after the other; NULL after the last. */
struct map_node *map_first(const struct map *m, uint64_t hash);
struct map_node *map_next(const struct map_node *node);

#define MAP_HASH_START UINT64_C(14695981039346656037)
/* FNV-1a; feed the result in again to hash several strings. NULL and "" differ. */
uint64_t map_hash(uint64_t hash, const char *s);

#endif
