/* SPDX-License-Identifier: MIT */
/*
 * Wakes a worker out of curl_multi_poll from any thread. Outlives the multi handle: once it is
 * detached, a late call does nothing.
 */
#ifndef HAUL_NET_WAKER_H
#define HAUL_NET_WAKER_H

#include <curl/curl.h>

struct waker;

struct waker *waker_new(CURLM *multi); /* one reference, the owner's */
struct waker *waker_ref(struct waker *w);
void waker_unref(struct waker *w);
void waker_call(struct waker *w);
/* The multi handle is another one from now on, or (NULL) gone. */
void waker_attach(struct waker *w, CURLM *multi);

#endif
