/* SPDX-License-Identifier: MIT */
/* Waking a watcher; see bell.h. */
#include "core/bell.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Looks at one kind that the other outlives. */
#define PENDING 2U

void bell_init(struct bell *b)
{
    *b = (struct bell){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (b->fd < 0)
        abort();
}

void bell_release(struct bell *b)
{
    close(b->fd);
}

/* Neither call can block: the counter stays at 0 or 1. */
static void set(struct bell *b, bool on)
{
    if (b->rings == on)
        return;
    b->rings = on;
    uint64_t one = 1;
    ssize_t n = on ? write(b->fd, &one, sizeof one) : read(b->fd, &one, sizeof one);
    (void)n;
}

void bell_ring(struct bell *b, enum bell_reason reason)
{
    b->pending[reason] = PENDING;
    set(b, true);
}

void bell_looked(struct bell *b, enum bell_reason reason)
{
    enum bell_reason other = reason == BELL_JOBS ? BELL_EVENTS : BELL_JOBS;
    b->pending[reason] = 0;
    if (b->pending[other])
        b->pending[other]--;
    set(b, b->pending[other] > 0);
}
