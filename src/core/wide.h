/* SPDX-License-Identifier: MIT */
/* A sum that values leave as they came into it: of what peers claim it may be more than 64 bits
 * hold. Zeroed to begin with. Pure functions, any thread. */
#ifndef HAUL_CORE_WIDE_H
#define HAUL_CORE_WIDE_H

#include <stdint.h>

struct wide {
    uint64_t low;
    int64_t high;
};

/* n >= 0; sign < 0 takes it out again. */
void wide_add(struct wide *w, int64_t n, int sign);
/* INT64_MAX where it is more. */
int64_t wide_value(const struct wide *w);

#endif
