/* SPDX-License-Identifier: MIT */
/* Starting threads; see thread.h. */
#include "core/thread.h"

#include <signal.h>

#include "core/attrs.h"

/* A crash while these are blocked ends the process before any handler can run. */
static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

bool thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fatal); i++)
        sigdelset(&all, fatal[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(thread, NULL, run, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}
