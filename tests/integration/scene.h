/* SPDX-License-Identifier: MIT */
/* The commonest stage of a test: a world, an origin, and how the last run ended. One thread. */
#ifndef HAUL_TESTS_INTEGRATION_SCENE_H
#define HAUL_TESTS_INTEGRATION_SCENE_H

#include "integration/content.h"
#include "integration/world.h"

struct scene {
    struct world w;
    struct origin *o;
    struct result r;
};

void scene_init(struct scene *s);
void scene_release(struct scene *s);

/* The download directory has the origin's file of that seed and size under that name. */
#define CHECK_RIGHT(s, name, seed, size)                                                           \
    CHECK_STR(content_name(content_check((s)->w.dir, name, seed, size)), "right")

/* One more run in the same world: AGAIN(&s, world_fetch, "-x 1 %s", url). */
#define AGAIN(s, call, ...)                                                                        \
    do {                                                                                           \
        result_release(&(s)->r);                                                                   \
        call(&(s)->w, &(s)->r, __VA_ARGS__);                                                       \
    } while (0)

#endif
