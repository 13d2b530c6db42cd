/* SPDX-License-Identifier: MIT */
/* The registry of sources. */
#include "net/sources.h"

#include <stddef.h>

static const struct source *const sources[] = {
    &source_url,
};

const struct source *source_find(enum spec_kind kind)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (sources[i]->kind == kind)
            return sources[i];
    return NULL;
}
