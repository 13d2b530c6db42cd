/* SPDX-License-Identifier: MIT */
/* Starting threads: signals are the main thread's business, whoever starts one. */
#ifndef HAUL_CORE_THREAD_H
#define HAUL_CORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "core/attrs.h"

/* The new thread blocks all signals but those of a crash. False when the system has no room for
 * another. */
HAUL_NODISCARD bool thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
