/* SPDX-License-Identifier: MIT */
/* Signals as data; see signals.h. */
#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/attrs.h"

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

int signals_open(void)
{
    sigset_t set = stopping_set();
    sigaddset(&set, SIGWINCH);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int signals_read(int fd)
{
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

static void exit_now(int number)
{
    _exit(128 + number);
}

/* Lock-free atomics are what a handler may touch. */
static atomic_bool stop_flag;
static atomic_int caught;

static void stop_first(int number)
{
    if (atomic_exchange(&stop_flag, true))
        exit_now(number);
    atomic_store(&caught, number);
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
    deliver(exit_now);
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
