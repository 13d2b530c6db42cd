/* SPDX-License-Identifier: MIT */
/* The loop of the linear UI; see linear.h. Nothing wakes it but input, news, signals, a summary. */
#include "tui/linear.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "tui/linear_state.h"
#include "tui/outcome.h"

#define INPUT_MAX ((size_t)64 << 10)
/* A shell that brings a running job to the foreground does not tell it. */
#define BACKGROUND_LOOK_MS 500

static const int ending[] = {SIGTERM, SIGHUP, SIGINT};
/* Nothing is drawn, so these may do what they always do. */
static const int usual[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTTOU};

static int open_signals(void)
{
    sigset_t ends, let;
    sigemptyset(&ends);
    sigemptyset(&let);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(ending); i++)
        sigaddset(&ends, ending[i]);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(usual); i++)
        sigaddset(&let, usual[i]);
    int fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    sigaddset(&ends, SIGTTIN); /* a read from the background fails then, and stops nothing */
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    pthread_sigmask(SIG_UNBLOCK, &let, NULL);
    return fd;
}

static void on_signal(struct linear *l, int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != sizeof info)
        return;
    l->leaving = true;
    l->exit_code = 128 + (int)info.ssi_signo;
}

static void take_lines(struct linear *l)
{
    for (char *end; !l->leaving && (end = memchr(l->input.data, '\n', l->input.len));) {
        size_t len = (size_t)(end - l->input.data) + 1;
        *end = '\0';
        l->prompted = false; /* the line end that was typed stands behind it */
        linear_command(l, l->input.data);
        memmove(l->input.data, l->input.data + len, l->input.len - len);
        buf_truncate(&l->input, l->input.len - len);
    }
    if (l->input.full)
        buf_truncate(&l->input, 0);
}

/* After `bg` what is typed is for the shell. */
static bool is_background(void)
{
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) != getpgrp();
}

/* The end of a file waits for what it asked for; at a terminal it is "quit". */
static void on_input(struct linear *l)
{
    char chunk[1024];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
    if (n > 0) {
        buf_add(&l->input, chunk, (size_t)n);
        take_lines(l);
        return;
    }
    if (n < 0 && is_background())
        return;
    l->input_ended = true;
    if (isatty(STDIN_FILENO))
        l->leaving = true;
    else
        l->leave_when_done = true;
}

static void look(struct linear *l)
{
    uint64_t lost = 0;
    watcher_refresh(l->watcher, &l->snapshot);
    for (struct event *e; (e = watcher_next(l->watcher, &lost)); event_unref(e))
        linear_say_event(l, e);
    if (lost)
        linear_say(l, "%llu events were not told.", (unsigned long long)lost);
}

static void leave_if_done(struct linear *l)
{
    const struct totals_view *t = &l->snapshot.totals;
    size_t busy = t->by_state[JOB_QUEUED];
    for (enum job_state s = 0; s < JOB_STATE_COUNT; s++)
        busy += job_state_active(s) ? t->by_state[s] : 0;
    if (!l->leave_when_done || busy || l->leaving)
        return;
    l->leaving = true;
    l->exit_code = outcome_exit(&l->snapshot, l->options->started_ms);
}

static int wait_ms(const struct linear *l, bool background)
{
    int longest = background ? BACKGROUND_LOOK_MS : -1;
    if (!l->every)
        return longest;
    int64_t left = l->next_summary - clock_now();
    int wait = left > 0 ? (int)(left / CLOCK_MS) + 1 : 0;
    return background && longest < wait ? longest : wait;
}

static void say_active(struct linear *l)
{
    for (size_t i = 0; i < l->snapshot.count; i++)
        if (job_state_active(l->snapshot.jobs[i]->state))
            linear_say_job(l, l->snapshot.jobs[i]);
    linear_say_summary(l);
}

static void summary_if_due(struct linear *l)
{
    if (!l->every || clock_now() < l->next_summary)
        return;
    l->next_summary = clock_now() + l->every;
    say_active(l);
}

static void turn(struct linear *l, int signal_fd)
{
    bool background = !l->input_ended && is_background();
    struct pollfd fds[] = {
        {.fd = l->input_ended || background ? -1 : STDIN_FILENO, .events = POLLIN},
        {.fd = watcher_fd(l->watcher), .events = POLLIN},
        {.fd = signal_fd, .events = POLLIN}};
    if (poll(fds, HAUL_ARRAY_LEN(fds), wait_ms(l, background)) < 0)
        return;
    if (fds[2].revents)
        on_signal(l, signal_fd);
    look(l);
    if (fds[0].revents && !l->leaving)
        on_input(l);
    look(l);
    summary_if_due(l);
    leave_if_done(l);
    if (background)
        l->prompted = false;
    else if (!l->leaving)
        linear_prompt(l);
    fflush(stdout);
}

int linear_run(struct session *session, const struct tui_options *options)
{
    struct linear l = {.session = session, .options = options};
    int signal_fd = open_signals();
    buf_init_max(&l.input, INPUT_MAX);
    snapshot_init(&l.snapshot);
    l.watcher = session_watch(session);
    if (options->notice)
        linear_say(&l, "%s.", options->notice);
    look(&l);
    say_active(&l);
    linear_say(&l, "Type \"help\" for the commands.");
    linear_prompt(&l);
    while (!l.leaving)
        turn(&l, signal_fd);
    if (l.prompted)
        putchar('\n');
    fflush(stdout);
    watcher_free(l.watcher);
    snapshot_release(&l.snapshot);
    buf_release(&l.input);
    if (signal_fd >= 0)
        close(signal_fd);
    return l.exit_code;
}
