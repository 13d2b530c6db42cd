/* SPDX-License-Identifier: MIT */
/* Signals as data; see signals.h. */
#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/attrs.h"
#include "core/clock.h"

/* timeout(1) signals its child and then the group of both: what comes so soon after the first means
 * the same. */
#define REPEAT_NS CLOCK_SEC

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};

static bool ignored(int number)
{
    struct sigaction old;
    return !sigaction(number, NULL, &old) && !(old.sa_flags & SA_SIGINFO) &&
           old.sa_handler == SIG_IGN;
}

static sigset_t stopping_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(stopping); i++)
        if (!ignored(stopping[i]))
            sigaddset(&set, stopping[i]);
    return set;
}

void signals_block(void)
{
    signal(SIGPIPE, SIG_IGN);
    sigset_t set = stopping_set();
    sigaddset(&set, SIGWINCH);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool signals_blocked(void)
{
    sigset_t now;
    return pthread_sigmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGTERM) == 1;
}

int signals_open(void)
{
    sigset_t set = stopping_set();
    sigaddset(&set, SIGWINCH);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Lock-free atomics are what a handler may touch. */
static atomic_bool stop_flag;
static atomic_int caught;
static _Atomic int64_t stopped_at; /* ns, when the first of them was taken; 0: none yet */

/* True for the first that stops the program. */
static bool note_stop(void)
{
    int64_t none = 0;
    return atomic_compare_exchange_strong(&stopped_at, &none, clock_now());
}

int signals_read(int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    if (info.ssi_signo != SIGWINCH)
        (void)note_stop();
    return (int)info.ssi_signo;
}

static void exit_on_next(int number)
{
    int64_t first = atomic_load(&stopped_at);
    if (!first || clock_now() - first >= REPEAT_NS)
        _exit(128 + number);
}

static void stop_first(int number)
{
    if (!note_stop()) {
        exit_on_next(number);
        return;
    }
    atomic_store(&caught, number);
    atomic_store(&stop_flag, true);
}

static void deliver(void (*handler)(int))
{
    sigset_t set = stopping_set();
    for (size_t i = 0; i < HAUL_ARRAY_LEN(stopping); i++)
        if (sigismember(&set, stopping[i]))
            signal(stopping[i], handler);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void signals_exit_on_next(void)
{
    deliver(exit_on_next);
}

const atomic_bool *signals_stop_flag(void)
{
    deliver(stop_first);
    return &stop_flag;
}

int signals_caught(void)
{
    return atomic_load(&caught);
}
