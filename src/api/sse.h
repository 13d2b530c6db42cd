/* SPDX-License-Identifier: MIT */
/*
 * Reads text/event-stream (HTML Living Standard §9.2.6) as it arrives, in pieces of any size. The
 * caller's thread.
 */
#ifndef HAUL_API_SSE_H
#define HAUL_API_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/buf.h"

#define SSE_DATA_MAX ((size_t)64 << 20) /* a snapshot of a job with very many files */

struct sse {
    /* name "" for a plain message; id: of the last event that had one. All borrowed. */
    void (*event)(void *context, const char *name, const char *id, const char *data);
    void *context;
    struct buf line, name, id, data;
    bool has_data, after_cr;
};

void sse_init(struct sse *s, void (*event)(void *, const char *, const char *, const char *),
              void *context);
void sse_release(struct sse *s);
/* False once something is larger than any server would send. */
HAUL_NODISCARD bool sse_feed(struct sse *s, const char *bytes, size_t len);

#endif
