/* SPDX-License-Identifier: MIT */
/* Wakes a worker from any thread; see waker.h. */
#include "net/waker.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"

struct waker {
    int fd;
    atomic_uint refs;
};

struct waker *waker_new(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return NULL;
    struct waker *w = xcalloc(1, sizeof *w);
    w->fd = fd;
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
    if (!w || atomic_fetch_sub(&w->refs, 1) != 1)
        return;
    close(w->fd);
    free(w);
}

void waker_call(struct waker *w)
{
    uint64_t one = 1;
    ssize_t n = write(w->fd, &one, sizeof one);
    (void)n; /* full means: called often enough */
}

int waker_fd(const struct waker *w)
{
    return w->fd;
}

bool waker_take(struct waker *w)
{
    uint64_t calls;
    return read(w->fd, &calls, sizeof calls) == (ssize_t)sizeof calls;
}

bool waker_sleep(struct waker *w, int fd, int64_t until)
{
    struct pollfd fds[] = {{.fd = w->fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int64_t left = until - clock_now();
    (void)poll(fds, 2, left > 0 ? (int)((left + CLOCK_MS - 1) / CLOCK_MS) : 0);
    return fds[0].revents && waker_take(w);
}
