/* SPDX-License-Identifier: MIT */
/*
 * pthread mutex and condition variable with clang's lock annotations. A failing pthread call is a
 * bug of ours and aborts: no caller could go on. Condition variables wait on CLOCK_MONOTONIC.
 */
#ifndef HAUL_CORE_MUTEX_H
#define HAUL_CORE_MUTEX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"

struct HAUL_CAPABILITY("mutex") mutex {
    pthread_mutex_t raw;
};

struct cond {
    pthread_cond_t raw;
};

void mutex_init(struct mutex *m);
void mutex_release(struct mutex *m);
void mutex_lock(struct mutex *m) HAUL_ACQUIRE(*m);
void mutex_unlock(struct mutex *m) HAUL_RELEASE(*m);

void cond_init(struct cond *c);
void cond_release(struct cond *c);
void cond_wait(struct cond *c, struct mutex *m) HAUL_REQUIRES(*m);
/* Waits until signalled or until clock_now() reaches `deadline` (ns). Returns false on time-out. */
bool cond_wait_until(struct cond *c, struct mutex *m, int64_t deadline) HAUL_REQUIRES(*m);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

#endif
