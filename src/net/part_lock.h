/* SPDX-License-Identifier: MIT */
/*
 * Who writes a partial file: NAME.part.lock with the owner's identity, made by link() so that it
 * holds on network file systems too, where flock may do nothing. A lock whose owner is dead, or on
 * another machine and silent for a minute, is taken over.
 */
#ifndef HAUL_NET_PART_LOCK_H
#define HAUL_NET_PART_LOCK_H

#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"

struct part_lock;

/* Takes the lock `name` in the directory; borrows dirfd. HAUL_ERR_BUSY names the owner; it is
 * retryable where that is this process, and has left the lock. */
HAUL_NODISCARD enum haul_error part_lock_take(int dirfd, const char *name, struct part_lock **out,
                                              struct haul_fault *fault);
/* Says that the owner lives: sets the file's time, every 15 s of `now` (clock_now()). */
void part_lock_touch(struct part_lock *l, int64_t now);
/* The work is over, and what is still under way in a lane will free the lock before long. Any
 * thread, like part_lock_free. */
void part_lock_leave(struct part_lock *l);
/* Removes the lock if it is still ours, and frees. NULL is fine. */
void part_lock_free(struct part_lock *l);

#endif
