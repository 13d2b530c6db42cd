/* SPDX-License-Identifier: MIT */
/*
 * The loop: one poll on the terminal, the session, the signals and the frame timer. Keys are
 * painted at once, changes at most 4 times a second, and while nothing changes nothing wakes up.
 */
#include "tui/app.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "tui/actions.h"
#include "tui/capture.h"
#include "tui/pace.h"
#include "tui/signals.h"
#include "tui/term.h"
#include "tui/ui.h"

/* A shell that brings a running job to the foreground does not tell it. */
#define BACKGROUND_LOOK (500 * CLOCK_MS)

struct loop {
    struct ui ui;
    int signal_fd, timer_fd;
    int stderr_fd; /* what the program writes there; -1: not captured */
    struct pace pace;
    bool stale;      /* the session has news that are not drawn yet */
    bool armed;      /* the timer runs */
    bool background; /* the terminal belongs to somebody else, who brings us back, or never does */
    bool open;       /* the terminal; not yet, where haul was started in the background */
    bool owed;       /* a frame, as soon as the terminal takes one */
    bool told_to_stop;
    struct haul_fault fault; /* why it could not start or go on */
};

bool tui_possible(struct haul_fault *fault)
{
    return term_check(fault) == HAUL_OK;
}

/* ---- the terminal's size and owner ---- */

static void resize(struct loop *l)
{
    int rows, cols;
    term_size(&rows, &cols);
    /* A signal without a new size asks for a repaint: somebody wrote over the screen. */
    if (rows == l->ui.canvas.rows && cols == l->ui.canvas.cols)
        l->ui.want_repaint = true;
    canvas_resize(&l->ui.canvas, rows, cols);
    term_resize(rows, cols);
}

static enum haul_error open_terminal(struct loop *l, struct haul_fault *fault)
{
    const struct tui_options *o = l->ui.options;
    if (term_open(&l->ui.config->theme, o->color, fault) != HAUL_OK)
        return fault->code;
    l->open = true;
    if (l->ui.mouse)
        term_set_mouse(true);
    return HAUL_OK;
}

/* In the background the terminal is not touched. */
static enum haul_error take_terminal(struct loop *l, struct haul_fault *fault)
{
    l->background = !term_is_foreground();
    if (l->background) {
        term_lose();
        return HAUL_OK;
    }
    if (l->open)
        term_enter();
    else if (open_terminal(l, fault) != HAUL_OK)
        return fault->code;
    resize(l);
    return HAUL_OK;
}

static void retake_terminal(struct loop *l)
{
    if (take_terminal(l, &l->fault) != HAUL_OK)
        ui_leave(&l->ui, haul_error_exit(l->fault.code));
}

/* ---- frames ---- */

static void arm(struct loop *l, int64_t ns)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(ns / CLOCK_SEC), .tv_nsec = (long)(ns % CLOCK_SEC)}};
    timerfd_settime(l->timer_fd, 0, &when, NULL);
    l->armed = ns > 0;
}

static void arm_for_next(struct loop *l)
{
    int64_t wait = l->pace.interval;
    if ((!l->ui.jobs.counts.active || l->owed) && wait < CLOCK_SEC)
        wait = CLOCK_SEC; /* only a countdown moves, or nobody sees what does */
    if (l->background)
        arm(l, BACKGROUND_LOOK);
    else if (ui_is_live(&l->ui))
        arm(l, wait);
    else if (l->armed)
        arm(l, 0);
}

static void paint(struct loop *l)
{
    if (l->ui.want_repaint)
        term_repaint();
    l->ui.want_repaint = false;
    l->owed = false;
    ui_draw(&l->ui);
    pace_paint(&l->pace, clock_now());
    if (term_show(&l->ui.canvas))
        pace_taken(&l->pace, clock_now());
}

/* While the terminal takes nothing no frame is made; when it does, one is, of how it is then. */
static void frame(struct loop *l)
{
    ui_refresh(&l->ui);
    l->stale = false;
    l->owed = !l->background;
    if (l->owed && term_waiting_fd() < 0)
        paint(l);
    arm_for_next(l);
}

static void on_output(struct loop *l)
{
    if (!term_flush())
        return;
    pace_taken(&l->pace, clock_now());
    if (l->owed)
        frame(l);
}

static void on_timer(struct loop *l)
{
    uint64_t expired;
    if (read(l->timer_fd, &expired, sizeof expired) != sizeof expired)
        return;
    l->armed = false;
    if (l->background)
        retake_terminal(l);
    if (!l->background && term_pending() > 0) {
        pace_slow(&l->pace);
        arm(l, l->pace.interval);
        return;
    }
    frame(l);
}

/* News are drawn at once after a quiet time, else when the next frame is due. */
static void on_news(struct loop *l)
{
    l->stale = true;
    if (l->armed)
        return;
    int64_t wait = pace_wait(&l->pace, clock_now());
    if (wait)
        arm(l, wait);
    else
        frame(l);
}

/* ---- signals ---- */

/* The key stops the whole job, as it does elsewhere: whoever started haul and waits for it, too. */
static void suspend(struct loop *l)
{
    pid_t whom = l->ui.want_suspend ? 0 : getpid();
    l->ui.want_suspend = l->told_to_stop = false;
    if (!l->background)
        term_leave();
    tui_signals_stop(whom);
    retake_terminal(l);
}

static void on_signal(struct loop *l)
{
    struct signalfd_siginfo info;
    while (read(l->signal_fd, &info, sizeof info) == sizeof info) {
        switch ((int)info.ssi_signo) {
        case SIGWINCH:
            resize(l);
            break;
        case SIGTSTP:
            l->told_to_stop = true;
            break;
        case SIGCONT:
            retake_terminal(l);
            break;
        default:
            ui_leave(&l->ui, 128 + (int)info.ssi_signo);
        }
    }
}

/* ---- the loop ---- */

static void take_mouse(struct loop *l)
{
    enum mouse_event event;
    int y, x;
    if (term_mouse(&event, &y, &x))
        ui_mouse(&l->ui, event, y, x);
}

static void take_stderr(void *data, const char *line)
{
    ui_take_stderr(data, line);
}

static bool read_keys(struct loop *l)
{
    bool any = false, gone = false;
    l->ui.unseen = term_waiting_fd() >= 0;
    for (uint32_t key; !l->ui.leaving && (key = term_key(&gone)); any = true)
        if (key == UI_KEY_MOUSE)
            take_mouse(l);
        else if (key != UI_KEY_RESIZE)
            ui_key(&l->ui, key);
    if (gone)
        ui_leave(&l->ui, 128 + SIGHUP);
    return any;
}

enum {
    FD_TTY,
    FD_OUTPUT,
    FD_NEWS,
    FD_SIGNAL,
    FD_TIMER,
    FD_ANSWER,
    FD_LIBRARY,
    FD_BUILD,
    FD_DISK,
    FD_STDERR,
    FD_COUNT
};

static void turn(struct loop *l)
{
    bool deaf = l->stale || l->ui.frozen;
    const struct resolver *resolver = l->ui.add.resolver;
    const struct librarian *librarian = l->ui.library.librarian;
    const struct resolver *builds = l->ui.build.resolver;
    struct pollfd fds[FD_COUNT] = {
        [FD_TTY] = {.fd = l->background ? -1 : STDIN_FILENO, .events = POLLIN},
        [FD_OUTPUT] = {.fd = term_waiting_fd(), .events = POLLOUT},
        [FD_NEWS] = {.fd = deaf ? -1 : watcher_fd(l->ui.watcher), .events = POLLIN},
        [FD_SIGNAL] = {.fd = l->signal_fd, .events = POLLIN},
        [FD_TIMER] = {.fd = l->timer_fd, .events = POLLIN},
        [FD_ANSWER] = {.fd = resolver ? resolver_fd(resolver) : -1, .events = POLLIN},
        [FD_LIBRARY] = {.fd = librarian ? librarian_fd(librarian) : -1, .events = POLLIN},
        [FD_BUILD] = {.fd = builds ? resolver_fd(builds) : -1, .events = POLLIN},
        [FD_DISK] = {.fd = l->ui.disk ? disk_room_fd(l->ui.disk) : -1, .events = POLLIN},
        [FD_STDERR] = {.fd = l->stderr_fd, .events = POLLIN},
    };
    if (poll(fds, FD_COUNT, -1) < 0)
        return;
    bool paint = false;
    if (fds[FD_SIGNAL].revents) {
        on_signal(l);
        paint = true;
    }
    if (fds[FD_TTY].revents & (POLLERR | POLLNVAL | POLLHUP))
        ui_leave(&l->ui, 128 + SIGHUP);
    else if (fds[FD_TTY].revents)
        paint |= read_keys(l);
    if (l->ui.want_suspend || l->told_to_stop)
        suspend(l);
    if (l->ui.leaving)
        return;
    if (fds[FD_ANSWER].revents) {
        ui_take_answer(&l->ui);
        paint = true;
    }
    if (fds[FD_LIBRARY].revents) {
        ui_take_library(&l->ui);
        paint = true;
    }
    if (fds[FD_BUILD].revents) {
        ui_take_build(&l->ui);
        paint = true;
    }
    if (fds[FD_STDERR].revents) {
        capture_read(take_stderr, &l->ui);
        paint = true;
    }
    if (fds[FD_OUTPUT].revents)
        on_output(l);
    if (fds[FD_TIMER].revents)
        on_timer(l);
    if (fds[FD_DISK].revents)
        disk_room_heard(l->ui.disk);
    if (paint)
        frame(l);
    else if (fds[FD_NEWS].revents || fds[FD_DISK].revents)
        on_news(l);
}

static bool locale_is_utf8(void)
{
    return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static bool open_descriptors(struct loop *l)
{
    l->signal_fd = tui_signals_fd();
    l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return l->signal_fd >= 0 && l->timer_fd >= 0;
}

static void close_descriptors(struct loop *l)
{
    if (l->signal_fd >= 0)
        close(l->signal_fd);
    if (l->timer_fd >= 0)
        close(l->timer_fd);
}

/* The screen is gone by now; what it showed last is worth a line. */
static void say_what_is_left(const struct loop *l)
{
    const struct joblist_counts *c = &l->ui.jobs.counts;
    size_t left = c->active + c->queued + c->retrying;
    if (left && !l->background)
        fprintf(stderr, "haul: %zu download%s not done; the %s with %s\n", left,
                left == 1 ? " is" : "s are",
                l->ui.options->remote ? "server goes on" : "next start goes on",
                left == 1 ? "it" : "them");
}

static void run(struct loop *l)
{
    l->stderr_fd = capture_begin();
    for (frame(l); !l->ui.leaving;)
        turn(l);
    notify_end(&l->ui.notifier, l->ui.config->notify);
    term_close();
    capture_end();
    say_what_is_left(l);
}

int tui_run(struct session *session, const struct tui_options *options)
{
    static struct loop loop; /* too large for a stack; there is one UI at a time */
    struct loop *l = &loop;
    *l = (struct loop){.signal_fd = -1, .timer_fd = -1, .stderr_fd = -1};
    pace_init(&l->pace);
    tui_block_signals();
    ui_init(&l->ui, session, options);
    canvas_init(&l->ui.canvas, options->ascii || !locale_is_utf8());
    if (!open_descriptors(l))
        fault_set(&l->fault, HAUL_ERR_INTERNAL, "no descriptor left for the terminal UI");
    else if (take_terminal(l, &l->fault) == HAUL_OK)
        run(l);
    if (l->fault.code != HAUL_OK)
        fprintf(stderr, "haul: %s\n", l->fault.message);
    int code = l->fault.code != HAUL_OK ? haul_error_exit(l->fault.code) : l->ui.exit_code;
    ui_release(&l->ui);
    close_descriptors(l);
    /* Who does not want to wait for the session to end may still say so. */
    tui_signals_unblock(SIGINT);
    return code;
}
