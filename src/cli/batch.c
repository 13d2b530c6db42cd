/* SPDX-License-Identifier: MIT */
/*
 * The loop of `haul --batch`: sleeps in one poll on the session's watcher, signals and output that
 * waits; a timer runs only while a download is active. See batch.h.
 */
#include "cli/batch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/batch_internal.h"
#include "cli/signals.h"
#include "core/clock.h"

#define JSON_INTERVAL (500 * CLOCK_MS)
/* A long queue of small files changes thousands of times a second: while so many jobs or files are
 * to come, it is looked at less often. */
#define MANY       32
#define LOOK_APART (20 * CLOCK_MS)
/* Output that waits for a slow reader; no more events are taken meanwhile. */
#define BACKLOG_MAX ((size_t)256 << 10)
/* Of no job, that a session may have to say when it begins. */
#define BEGINNING_LINES 16

void batch_refresh(struct batch *b)
{
    (void)watcher_refresh(b->watcher, &b->snapshot);
    batch_jobs_link(&b->jobs, &b->snapshot);
    if (b->remote)
        batch_jobs_pick(&b->jobs, &b->snapshot, &b->picked);
}

/* What there is to show: a server has jobs of others, too. */
static const struct snapshot *shown(const struct batch *b)
{
    return b->remote ? &b->picked : &b->snapshot;
}

/* The view may be gone by now. */
static void settle(struct batch *b, struct batch_job *job, enum job_state state)
{
    if (job->view) {
        batch_report_files(&b->report, job->view);
        batch_report_progress(&b->report, job->view);
    }
    batch_jobs_settle(&b->jobs, job, state);
}

/* What led to an end that the snapshot knows already. */
static bool is_past(const struct job_view *view, const struct event *e)
{
    return job_state_ended(view->state) && !job_state_ended(e->state);
}

/* An event may be older than the snapshot: a stored job that failed in an earlier run says so once
 * more before it is queued again. Only a state that both agree on counts. */
static void on_job_event(struct batch *b, struct batch_job *job, const struct event *e)
{
    if (job->caught_up)
        return;
    if (job->view && job->view->state != e->state && !is_past(job->view, e))
        batch_refresh(b); /* the event may be younger than the snapshot */
    bool agreed = !job->view || job->view->state == e->state;
    bool over = job_state_ended(e->state) || (agreed && job->view && job_view_is_over(job->view));
    if (agreed && over && !job->settled)
        settle(b, job, e->state);
    batch_report_event(&b->report, e);
    if (agreed && job->view)
        meter_state(b->meter, job->view);
}

static void on_event(struct batch *b, const struct event *e)
{
    struct batch_job *job = *e->job ? batch_jobs_find(&b->jobs, e->job) : NULL;
    if (*e->job && !job)
        return;
    if (job && e->type == EVENT_JOB) {
        on_job_event(b, job, e);
        return;
    }
    batch_report_event(&b->report, e);
    if (e->type == EVENT_LOG)
        meter_log(b->meter, e);
}

/* Brings up what no event told: after lost events, and for jobs that ended before the first look.
 */
static void catch_up(struct batch *b)
{
    batch_refresh(b);
    for (size_t i = 0; i < b->jobs.count; i++) {
        struct batch_job *job = &b->jobs.items[i];
        if (!job->view || job->settled)
            continue;
        batch_report_files(&b->report, job->view);
        if (!job_view_is_over(job->view))
            continue;
        settle(b, job, job->view->state);
        job->caught_up = true;
        batch_report_state(&b->report, job->view);
        meter_state(b->meter, job->view);
    }
}

/* Dropped by somebody while there was no line to the job server: how it ended cannot be known. */
static void give_up_dropped(struct batch *b)
{
    for (size_t i = 0; i < b->jobs.count && !b->snapshot.lost.code; i++) {
        struct batch_job *job = &b->jobs.items[i];
        if (job->view || !job->seen || job->settled)
            continue;
        meter_error(b->meter, "%s has left the list of the job server", job->id);
        settle(b, job, JOB_CANCELLED);
    }
}

static void take_events(struct batch *b)
{
    uint64_t lost = 0;
    b->next_look = clock_now() + LOOK_APART;
    batch_refresh(b);
    b->more = false;
    struct event *e;
    while ((e = watcher_next(b->watcher, &lost))) {
        on_event(b, e);
        event_unref(e);
        if (outq_pending(&b->out) > BACKLOG_MAX || outq_pending(&b->err) > BACKLOG_MAX) {
            b->more = true;
            break;
        }
    }
    if (lost)
        catch_up(b);
    if (lost && b->remote)
        give_up_dropped(b);
}

static void progress_events(struct batch *b)
{
    for (size_t i = 0; i < b->snapshot.count; i++) {
        struct job_view *job = b->snapshot.jobs[i];
        bool active = job->state == JOB_RUNNING || job->state == JOB_VERIFYING;
        if (active && batch_jobs_find(&b->jobs, job->id))
            batch_report_progress(&b->report, job);
    }
}

static bool any_active(const struct batch *b)
{
    const size_t *n = shown(b)->totals.by_state;
    return n[JOB_RESOLVING] || n[JOB_RUNNING] || n[JOB_VERIFYING];
}

/* ---- the loop ---- */

static int64_t due(const struct batch *b)
{
    int64_t at = outq_pending(&b->err) ? INT64_MAX : meter_due(b->meter, shown(b));
    if (b->json && any_active(b) && !outq_pending(&b->out) && b->next_json < at)
        at = b->next_json;
    return at;
}

static int timeout_ms(int64_t at)
{
    if (at == INT64_MAX)
        return -1;
    int64_t left = at - clock_now();
    return left <= 0 ? 0 : (int)((left + CLOCK_MS - 1) / CLOCK_MS);
}

static void on_timers(struct batch *b)
{
    int64_t now = clock_now();
    if (now < due(b))
        return;
    batch_refresh(b);
    if (b->json && now >= b->next_json) {
        progress_events(b);
        b->next_json = now + JSON_INTERVAL;
    }
    meter_draw(b->meter, shown(b), now);
}

static void on_signals(struct batch *b)
{
    int number;
    while ((number = signals_read(b->signal_fd))) {
        if (number != SIGWINCH)
            b->signal = number;
        else
            meter_resize(b->meter);
    }
}

static bool much_to_come(const struct batch *b)
{
    size_t left = b->jobs.open;
    for (size_t i = 0; i < b->jobs.count && b->jobs.count <= MANY; i++) {
        const struct batch_job *job = &b->jobs.items[i];
        if (job->view && !job->settled)
            left += job->view->file_count - job->view->files_done;
    }
    return left > MANY;
}

/* When the queue may be looked at; 0: now. */
static int64_t next_look(const struct batch *b)
{
    return clock_now() < b->next_look && much_to_come(b) ? b->next_look : 0;
}

static int patience_ms(const struct batch *b, int64_t look)
{
    int64_t at = due(b);
    return timeout_ms(look && look < at ? look : at);
}

/* On one screen a line of the output stands above the live lines, not among them. */
static void flush(struct batch *b)
{
    if (b->one_screen && outq_pending(&b->out))
        meter_lift(b->meter);
    (void)outq_flush(&b->err);
    if (!b->one_screen || !outq_pending(&b->err))
        (void)outq_flush(&b->out);
}

static void turn(struct batch *b)
{
    int64_t look = next_look(b);
    bool blocked = b->more && (outq_pending(&b->out) || outq_pending(&b->err));
    struct pollfd fds[] = {
        {.fd = blocked || look ? -1 : watcher_fd(b->watcher), .events = POLLIN},
        {.fd = b->signal_fd, .events = POLLIN},
        outq_poll(&b->out),
        outq_poll(&b->err),
    };
    int wait = b->more && !blocked ? 0 : patience_ms(b, look);
    if (poll(fds, HAUL_ARRAY_LEN(fds), wait) < 0 && errno != EINTR)
        abort();
    if (fds[1].revents)
        on_signals(b);
    if (fds[0].revents || (b->more && !blocked))
        take_events(b);
    on_timers(b);
    flush(b);
}

static int loop(struct batch *b)
{
    while (b->jobs.open && !b->signal && !b->out.error)
        turn(b);
    if (b->signal)
        return 128 + b->signal;
    return b->jobs.exit.code;
}

/* ---- begin and end ---- */

/* Asked for, not waited for: session_free gives it two seconds to get there. */
static void cancel_remote(struct batch *b)
{
    struct haul_fault fault;
    for (size_t i = 0; i < b->jobs.count; i++)
        if (!b->jobs.items[i].settled)
            (void)!session_control(b->session, b->jobs.items[i].id, JOB_CANCEL, &fault);
    meter_notice(b->meter, "cancelling on the job server (again to leave at once)");
}

static void interrupted(struct batch *b, const struct batch_input *input)
{
    signals_exit_on_next();
    batch_refresh(b);
    progress_events(b);
    /* Ctrl-C is a wish; the others come from a line that broke or a time that is up. */
    bool cancels = b->owns_remote && b->signal == SIGINT;
    if (cancels)
        cancel_remote(b);
    else if (input->watch || b->owns_remote)
        meter_notice(b->meter, "leaving; the jobs go on");
    else
        meter_notice(b->meter, "stopping; partial files stay, the same command goes on from "
                               "there (again to stop at once)");
}

/* EPIPE needs no words: whoever read has seen enough. */
static int output_failed(struct batch *b)
{
    if (b->out.error == EPIPE)
        return 1;
    struct haul_fault fault;
    enum haul_error code = fault_set_errno(&fault, b->out.error, "standard output");
    meter_error(b->meter, "%s", fault.message);
    return haul_error_exit(code);
}

static int finish(struct batch *b, int code)
{
    struct api_summary sum = {
        .completed = b->jobs.completed,
        .failed = b->jobs.failed,
        .cancelled = b->jobs.cancelled,
        .bytes = b->report.bytes,
        .elapsed = clock_now() - b->started,
    };
    batch_report_summary(&b->report, &sum);
    session_stop(b->session); /* who reads may take its time */
    outq_drain(&b->out, b->signal ? -1 : b->signal_fd);
    if (b->out.error)
        code = output_failed(b);
    meter_free(b->meter);
    outq_drain(&b->err, b->signal ? -1 : b->signal_fd);
    return code;
}

static void begin(struct batch *b, struct session *session, const struct cli_options *options)
{
    *b = (struct batch){
        .session = session,
        .json = options->json,
        .one_screen = isatty(STDOUT_FILENO),
        .started = clock_now(),
        .next_json = clock_now(),
        .signal_fd = signals_open(),
        .watcher = session_watch(session),
    };
    snapshot_init(&b->snapshot);
    outq_init(&b->out, STDOUT_FILENO);
    outq_init(&b->err, STDERR_FILENO);
    batch_report_init(&b->report, &b->out, options->json);
    b->meter = meter_new(options, &b->err);
}

/* What was said before anybody watched: of a queue that is another process's, a damaged store. */
static void tell_beginning(struct batch *b, const struct batch_input *input)
{
    if (input->remote)
        return;
    struct event *events[BEGINNING_LINES];
    size_t count = session_log(b->session, NULL, events, BEGINNING_LINES);
    for (size_t i = 0; i < count; i++) {
        if (!*events[i]->job)
            on_event(b, events[i]);
        event_unref(events[i]);
    }
}

static void end(struct batch *b)
{
    batch_report_release(&b->report);
    batch_jobs_release(&b->jobs);
    outq_release(&b->out);
    outq_release(&b->err);
    free(b->picked.jobs);
    snapshot_release(&b->snapshot);
    watcher_free(b->watcher);
    close(b->signal_fd);
}

int batch_run(struct session *session, const struct cli_options *options,
              const struct batch_input *input)
{
    struct batch b;
    begin(&b, session, options);
    b.remote = input->remote;
    b.owns_remote = input->remote && !input->watch;
    if (input->watch) {
        batch_adopt_watched(&b, input);
    } else if (input->count) {
        tell_beginning(&b, input);
        batch_add_requests(&b, input->requests, input->count);
    } else {
        batch_adopt_queue(&b, input->started_ms);
        if (b.jobs.count) /* else the last word has it, too */
            tell_beginning(&b, input);
    }
    int code;
    if (input->watch && !b.jobs.count) {
        code = 0; /* nothing is open: there is nothing to wait for */
    } else if (!input->count && !b.jobs.count) {
        batch_tell_empty(&b, input);
        code = haul_error_exit(HAUL_ERR_USAGE);
    } else {
        if (!input->count)
            catch_up(&b);
        code = loop(&b);
    }
    if (b.signal)
        interrupted(&b, input);
    code = finish(&b, code);
    end(&b);
    return code;
}
