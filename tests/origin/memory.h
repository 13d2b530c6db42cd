/* SPDX-License-Identifier: MIT */
/* What the server remembers from request to request: counters by name, options and pages set for a
 * path, and digests already computed. Guarded by its own mutex. */
#ifndef HAUL_TESTS_ORIGIN_MEMORY_H
#define HAUL_TESTS_ORIGIN_MEMORY_H

#include "core/mutex.h"
#include "origin/content.h"
#include "origin/query.h"

struct origin_memory {
    struct mutex lock; /* guards what follows */
    struct origin_counter {
        char *name;
        int64_t value;
    } * counters;
    size_t counter_count;
    struct origin_override {
        char *target;  /* a path, or one with its query */
        char *options; /* NULL: taken back, like the page */
        char *type, *text;
    } * overrides;
    size_t override_count;
    struct origin_digest {
        const char *algorithm;
        uint64_t seed;
        int64_t size;
        uint8_t bytes[EVP_MAX_MD_SIZE];
        size_t len;
    } * digests;
    size_t digest_count;
};

void origin_memory_init(struct origin_memory *m);
void origin_memory_release(struct origin_memory *m);
/* Adds one to "kind name" and returns the new value. */
int64_t origin_memory_count(struct origin_memory *m, const char *kind, const char *name);
void origin_memory_reset_counters(struct origin_memory *m);

void origin_memory_set(struct origin_memory *m, const char *target, const char *options);
void origin_memory_put(struct origin_memory *m, const char *target, const char *type,
                       const char *text);
/* What is set for the target, else for its path: copies, callers free; all NULL for nothing. */
struct origin_override origin_memory_find(struct origin_memory *m, const char *target,
                                          const char *path);
void origin_override_release(struct origin_override *v);

/* `algorithm` is a string constant. Computes each digest once; the first call can take long, and
 * others wait. */
size_t origin_memory_digest(struct origin_memory *m, const char *algorithm, uint64_t seed,
                            int64_t size, uint8_t out[EVP_MAX_MD_SIZE]);

#endif
