/* SPDX-License-Identifier: MIT */
/*
 * Drives the requests of one thread: libcurl's sockets and its timer in one epoll set, with the
 * thread's waker. Keeps idle connections for the requests that follow. One thread: the worker's.
 */
#ifndef HAUL_NET_DRIVER_H
#define HAUL_NET_DRIVER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/waker.h"

struct driver;

/* Takes a reference of the waker. NULL when no file can be opened any more. */
struct driver *driver_new(struct waker *waker);
/* Closes all connections. No request is in it any more, and no handle is taken. */
void driver_free(struct driver *d);
/* The same, to go on with others. */
void driver_clear(struct driver *d);

/* A handle without options, for a request. */
CURL *driver_take(struct driver *d);
/* The request is over and taken out: the handle is kept for the next one. */
void driver_give(struct driver *d, CURL *easy);

/* Starts a request: its callbacks run inside driver_turn from now on. */
void driver_add(struct driver *d, CURL *easy);
/* Takes it out, ended or not; its connection closes if the reply is unfinished. Not from within a
 * callback. */
void driver_remove(struct driver *d, CURL *easy);
/* A request that has ended and has not been told yet, still in here; NULL if there is none. */
CURL *driver_ended(struct driver *d, CURLcode *code);

/*
 * Serves what is ready; if that is nothing, sleeps until something is, the waker is called or
 * clock_now() reaches `until`. True if the waker was called.
 *
 * `leisure`: nobody waits for anything but bytes of bodies. Where those come in small packets, they
 * are left to gather for a few milliseconds before they are taken.
 */
bool driver_turn(struct driver *d, int64_t until, bool leisure);

/* Bytes of a body came; from within the callbacks of a request. */
void driver_received(struct driver *d, size_t bytes);

#endif
