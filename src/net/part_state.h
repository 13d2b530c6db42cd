/* SPDX-License-Identifier: MIT */
/*
 * The text of a `.part.state` file: what of a partial file is safely on disk, and of which entity.
 * Version 1, one fact a line, closed by a checksum of all that stands before it:
 *
 *     haul-part 1
 *     source https://host/path?token=***
 *     size 17179869184
 *     etag "abc"               (or: weak-etag "abc")
 *     modified 1754000000000   (wall ms of Last-Modified)
 *     digest sha256 8f41…      (what the file must have)
 *     have 0 8388608           (begin, end exclusive; any number of these)
 *     end 5d41…                (SHA-256)
 *
 * Unknown keys are skipped, so that a later version can add to it. A file that is damaged in any
 * way does not parse, which costs a restart of the download, never a wrong file.
 */
#ifndef HAUL_NET_PART_STATE_H
#define HAUL_NET_PART_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/digest_value.h"
#include "net/ranges.h"
#include "net/reply.h"

#define PART_STATE_MAX ((size_t)4 << 20)

struct part_state {
    struct buf source; /* masked, for people; nothing is decided by it */
    struct entity entity;
    struct digest_value digest;
    struct ranges have;
};

void part_state_init(struct part_state *s);
void part_state_release(struct part_state *s);

void part_state_format(const struct part_state *s, struct buf *out);
/* *s is initialised; on false it is left as after init. */
HAUL_NODISCARD bool part_state_parse(const char *text, size_t len, struct part_state *s);

#endif
