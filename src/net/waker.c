/* SPDX-License-Identifier: MIT */
/* Wakes a worker from any thread; see waker.h. */
#include "net/waker.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/mutex.h"

struct waker {
    struct mutex lock; /* guards multi */
    CURLM *multi;
    atomic_uint refs;
};

struct waker *waker_new(CURLM *multi)
{
    struct waker *w = xcalloc(1, sizeof *w);
    mutex_init(&w->lock);
    w->multi = multi;
    atomic_init(&w->refs, 1);
    return w;
}

struct waker *waker_ref(struct waker *w)
{
    atomic_fetch_add(&w->refs, 1);
    return w;
}

void waker_unref(struct waker *w)
{
    if (atomic_fetch_sub(&w->refs, 1) != 1)
        return;
    mutex_release(&w->lock);
    free(w);
}

void waker_call(struct waker *w)
{
    mutex_lock(&w->lock);
    if (w->multi)
        curl_multi_wakeup(w->multi);
    mutex_unlock(&w->lock);
}

void waker_attach(struct waker *w, CURLM *multi)
{
    mutex_lock(&w->lock);
    w->multi = multi;
    mutex_unlock(&w->lock);
}
