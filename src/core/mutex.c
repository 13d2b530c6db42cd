/* SPDX-License-Identifier: MIT */
/* pthread wrappers; see mutex.h. */
#include "core/mutex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "haul: %s: %s\n", what, strerror(rc));
    abort();
}

/* They are held for a microsecond or two: waiting in the kernel would take longer. */
void mutex_init(struct mutex *m)
{
    pthread_mutexattr_t attr;
    must(pthread_mutexattr_init(&attr), "pthread_mutexattr_init");
    must(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP), "pthread_mutexattr_settype");
    must(pthread_mutex_init(&m->raw, &attr), "pthread_mutex_init");
    must(pthread_mutexattr_destroy(&attr), "pthread_mutexattr_destroy");
}

void mutex_release(struct mutex *m)
{
    must(pthread_mutex_destroy(&m->raw), "pthread_mutex_destroy");
}

void mutex_lock(struct mutex *m) HAUL_NO_TSA
{
    must(pthread_mutex_lock(&m->raw), "pthread_mutex_lock");
}

void mutex_unlock(struct mutex *m) HAUL_NO_TSA
{
    must(pthread_mutex_unlock(&m->raw), "pthread_mutex_unlock");
}

void cond_init(struct cond *c)
{
    pthread_condattr_t attr;
    must(pthread_condattr_init(&attr), "pthread_condattr_init");
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), "pthread_condattr_setclock");
    must(pthread_cond_init(&c->raw, &attr), "pthread_cond_init");
    must(pthread_condattr_destroy(&attr), "pthread_condattr_destroy");
}

void cond_release(struct cond *c)
{
    must(pthread_cond_destroy(&c->raw), "pthread_cond_destroy");
}

void cond_wait(struct cond *c, struct mutex *m)
{
    must(pthread_cond_wait(&c->raw, &m->raw), "pthread_cond_wait");
}

bool cond_wait_until(struct cond *c, struct mutex *m, int64_t deadline)
{
    struct timespec ts = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    int rc = pthread_cond_timedwait(&c->raw, &m->raw, &ts);
    if (rc == ETIMEDOUT)
        return false;
    must(rc, "pthread_cond_timedwait");
    return true;
}

void cond_signal(struct cond *c)
{
    must(pthread_cond_signal(&c->raw), "pthread_cond_signal");
}

void cond_broadcast(struct cond *c)
{
    must(pthread_cond_broadcast(&c->raw), "pthread_cond_broadcast");
}
