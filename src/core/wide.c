/* SPDX-License-Identifier: MIT */
/* Sums of more than 64 bits; see wide.h. */
#include "core/wide.h"

void wide_add(struct wide *w, int64_t n, int sign)
{
    uint64_t before = w->low;
    w->low += sign > 0 ? (uint64_t)n : 0 - (uint64_t)n;
    if (sign > 0)
        w->high += w->low < before;
    else
        w->high -= w->low > before;
}

int64_t wide_value(const struct wide *w)
{
    return w->high || w->low > INT64_MAX ? INT64_MAX : (int64_t)w->low;
}
