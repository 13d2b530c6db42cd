/* SPDX-License-Identifier: MIT */
/*
 * The digest of a file while it arrives: a lane follows the contiguous front of the file and reads
 * behind it, from the page cache, so the digest is ready moments after the last byte however the
 * ranges came in. Created and driven by the worker; the hashing runs in the lane.
 */
#ifndef HAUL_NET_DIGEST_H
#define HAUL_NET_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/digest_value.h"
#include "net/lane.h"
#include "net/waker.h"

struct digest;

/* Reads through its own duplicate of fd. `size` enters git's blob header; else it may be -1. */
struct digest *digest_new(enum digest_algorithm algorithm, int fd, int64_t size, struct lane *lane,
                          struct waker *waker);
/* Lets go of it; hashing stops within a few hundred microseconds. NULL is fine. */
void digest_free(struct digest *d);

/* Bytes [0, front) are in the file and will not change. */
void digest_advance(struct digest *d, int64_t front);
/* How far the hash has come. Any thread. */
int64_t digest_position(const struct digest *d);
/* errno of a failed read, 0 none. */
int digest_failed(const struct digest *d);
/* When the position has reached `size`: the value; true. Wakes the worker when that is so, if
 * asked once before. */
bool digest_finish(struct digest *d, int64_t size, struct digest_value *value);

#endif
