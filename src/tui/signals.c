/* SPDX-License-Identifier: MIT */
/* See signals.h. */
#include "tui/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>

#include "core/attrs.h"
#include "tui/app.h"

static const int signals_read[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT};

static sigset_t set_read(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(signals_read); i++)
        sigaddset(&set, signals_read[i]);
    return set;
}

static sigset_t set_of(int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    return set;
}

void tui_block_signals(void)
{
    sigset_t set = set_read();
    /* Blocked, not read: giving the terminal back from the background must not stop us. */
    sigaddset(&set, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int tui_signals_fd(void)
{
    sigset_t set = set_read();
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void tui_signals_unblock(int sig)
{
    sigset_t set = set_of(sig);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void tui_signals_stop(pid_t whom)
{
    sigset_t cont = set_of(SIGCONT);
    const struct timespec at_once = {0};
    kill(whom, SIGTSTP);
    tui_signals_unblock(SIGTSTP); /* it stops here */
    tui_block_signals();
    sigtimedwait(&cont, NULL, &at_once); /* that is known already */
}
