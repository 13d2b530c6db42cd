/* SPDX-License-Identifier: MIT */
/*
 * Wakes a worker from any thread. Whoever may have news for the worker holds a reference, so a late
 * call finds it even when the worker is gone.
 */
#ifndef HAUL_NET_WAKER_H
#define HAUL_NET_WAKER_H

#include <stdbool.h>
#include <stdint.h>

struct waker;

/* One reference, the worker's. NULL when no file can be opened any more. */
struct waker *waker_new(void);
struct waker *waker_ref(struct waker *w);
void waker_unref(struct waker *w);
/* Any thread. */
void waker_call(struct waker *w);

/* ---- the worker's side ---- */

/* Readable from a call until waker_take. */
int waker_fd(const struct waker *w);
/* Whether it was called since the last time; look at what is new after this, not before. */
bool waker_take(struct waker *w);
/* Sleeps until it is called, `fd` has something to read (-1: no such descriptor) or clock_now()
 * reaches `until`. True if it was called. */
bool waker_sleep(struct waker *w, int fd, int64_t until);

#endif
