/* SPDX-License-Identifier: MIT */
/*
 * A growing byte string. Invariant: after buf_init, `data` is never NULL and data[len] is NUL, so a
 * buf can always be read as a C string. Every buf has a maximum: bytes from outside can fill it up
 * to there and no further.
 */
#ifndef HAUL_CORE_BUF_H
#define HAUL_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"

#define BUF_MAX_DEFAULT ((size_t)16 << 20)
#define BUF_UNBOUNDED   SIZE_MAX /* for what comes from nobody but us */

struct buf {
    char *data;
    size_t len;
    size_t cap; /* 0 while data points at the shared empty string */
    size_t max; /* most bytes len may reach */
    bool full;  /* an append was cut because of max; sticky until buf_truncate */
};

void buf_init(struct buf *b); /* allocates nothing; max is BUF_MAX_DEFAULT */
void buf_init_max(struct buf *b, size_t max);
void buf_release(struct buf *b);
void buf_clear(struct buf *b);                /* release + init, keeps max */
void buf_truncate(struct buf *b, size_t len); /* len <= b->len; keeps the memory */
char *buf_detach(struct buf *b); /* returns the string, caller frees; b is as after init */

/* All appends return false (and set full) when max cut the text; what fits is kept. */
bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_add_str(struct buf *b, const char *s);
bool buf_add_char(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) HAUL_PRINTF(2, 3);

#endif
