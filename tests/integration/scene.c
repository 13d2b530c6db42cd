/* SPDX-License-Identifier: MIT */
/* See scene.h. */
#include "integration/scene.h"

void scene_init(struct scene *s)
{
    *s = (struct scene){.o = origin_new(NULL)};
    world_init(&s->w);
}

void scene_release(struct scene *s)
{
    result_release(&s->r);
    world_release(&s->w);
    origin_free(s->o);
}
