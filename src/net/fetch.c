/* SPDX-License-Identifier: MIT */
/*
 * The worker's loop: a window of transfers over the plan's files, front first, sharing the job's
 * connections; sleeps until a socket, a lane, a control or a time wakes it.
 */
#include "net/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "net/plan_disk.h"
#include "net/transfer.h"
#include "net/url.h"

#define TICK_NS   (250 * CLOCK_MS)
#define SAVE_WAIT (2 * CLOCK_SEC)
/* Files that wait for the disk hold no connection, so there may be more than connections. */
#define WINDOW_EXTRA 16

struct loop {
    struct fetch fetch;
    struct transfer **window; /* in plan order */
    size_t count, room;
    size_t next; /* the plan's next file to start */
    int64_t ticked_at;
    int64_t due;             /* ns; something is to be done then, whatever happens or does not */
    bool verifying, waiting; /* as told to the run */
    struct haul_fault fault; /* the first of a file; code HAUL_OK while there is none */
};

static bool is_fatal_for_all(const struct haul_fault *f)
{
    return f->code == HAUL_ERR_DISK_FULL || f->code == HAUL_ERR_INTERNAL;
}

/* Drops ended transfers; keeps the first fault. What they leave free is news for the others. */
static void sweep(struct loop *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        struct transfer *t = l->window[i];
        if (!transfer_ended(t)) {
            l->window[kept++] = t;
            continue;
        }
        if (t->phase == TRANSFER_FAILED &&
            (l->fault.code == HAUL_OK || is_fatal_for_all(&t->fault)))
            l->fault = t->fault;
        transfer_release(t);
        free(t);
    }
    l->fetch.news = l->fetch.news || kept < l->count;
    l->count = kept;
}

/* The user wants the rest of the job without these. */
static void drop_cancelled(struct loop *l)
{
    for (size_t i = 0; i < l->count; i++) {
        struct transfer *t = l->window[i];
        if (transfer_ended(t) || !atomic_load(&t->progress->cancel))
            continue;
        transfer_stop(t, STOP_CANCEL);
        if (transfer_ended(t))
            continue;
        t->phase = TRANSFER_DONE;
        run_file_cancelled(l->fetch.run, t->index);
    }
}

static void discard_unbegun(const struct plan *plan, size_t file)
{
    char *final = plan->files[file].path ? path_join(plan->root, plan->files[file].path) : NULL;
    if (final)
        part_discard_path(final);
    free(final);
}

/* True if the next file is out of the job. */
static bool skip_cancelled(struct loop *l)
{
    struct fetch *f = &l->fetch;
    if (!atomic_load(&run_file(f->run, l->next)->cancel))
        return false;
    discard_unbegun(f->plan, l->next);
    run_file_cancelled(f->run, l->next++);
    return true;
}

/* Two files of a store may be one blob: the second waits, and then finds it there. */
static bool twin_is_under_way(const struct loop *l)
{
    const char *path = l->fetch.plan->files[l->next].path;
    for (size_t i = 0; path && i < l->count; i++) {
        const char *other = l->window[i]->file->path;
        if (!transfer_ended(l->window[i]) && other && !strcmp(other, path))
            return true;
    }
    return false;
}

static void step(struct loop *l, struct transfer *t, int64_t now)
{
    struct fetch *f = &l->fetch;
    unsigned max = run_connections(f->run);
    enum transfer_phase before = t->phase;
    transfer_step(t, now, f->conns < max ? max - f->conns : 0);
    f->news = f->news || t->phase != before; /* it may go on from there */
}

/* Earlier files get what they want first; a new one starts when connections are left over. */
static void step_all(struct loop *l, int64_t now)
{
    struct fetch *f = &l->fetch;
    unsigned max = run_connections(f->run);
    f->more = l->next < f->plan->count && !is_fatal_for_all(&l->fault);
    for (size_t i = 0; i < l->count; i++)
        step(l, l->window[i], now);
    bool stop = is_fatal_for_all(&l->fault);
    while (!stop && l->next < f->plan->count && f->conns < max && l->count < l->room) {
        if (skip_cancelled(l))
            continue;
        if (l->fetch.plan->files[l->next].addressed && twin_is_under_way(l))
            break;
        struct transfer *t = xmalloc(sizeof *t);
        transfer_init(t, f, l->next++);
        l->window[l->count++] = t;
        step(l, t, now);
    }
}

static void take_ended_requests(struct loop *l)
{
    CURLcode code;
    for (CURL *easy; (easy = driver_ended(l->fetch.worker->driver, &code));) {
        struct conn *c = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
        transfer_request_ended(c->transfer, c, code);
        l->fetch.news = true;
    }
}

/* What front ends show of a job that does nothing but wait. */
static void publish_wait(struct loop *l, int64_t now)
{
    struct transfer *first = NULL;
    for (size_t i = 0; i < l->count; i++) {
        struct transfer *t = l->window[i];
        if (t->conn_count || t->retry_at <= now) {
            first = NULL;
            break;
        }
        if (!first || t->retry_at < first->retry_at)
            first = t;
    }
    if (!first && !l->waiting)
        return;
    l->waiting = first != NULL;
    if (first)
        run_set_retry(l->fetch.run, first->retry_at, first->tries,
                      l->fetch.worker->engine->settings.tries, first->fault.message);
    else
        run_set_retry(l->fetch.run, 0, 0, 0, NULL);
}

static void publish_detail(struct loop *l)
{
    size_t file;
    if (!run_detail_wanted(l->fetch.run, &file))
        return;
    for (size_t i = 0; i < l->count; i++) {
        if (l->window[i]->index != file)
            continue;
        struct detail_view *d = xcalloc(1, sizeof *d);
        transfer_describe(l->window[i], d);
        run_set_detail(l->fetch.run, file, d);
        free(d);
    }
}

static void publish_state(struct loop *l)
{
    bool all_in = l->next == l->fetch.plan->count && l->count;
    for (size_t i = 0; i < l->count; i++) {
        enum transfer_phase p = l->window[i]->phase;
        all_in = all_in && (p == TRANSFER_VERIFY || p == TRANSFER_PLACE);
    }
    if (all_in && !l->verifying) {
        l->verifying = true;
        run_set_state(l->fetch.run, JOB_VERIFYING);
    }
}

static void tick(struct loop *l, int64_t now)
{
    l->ticked_at = now;
    limiter_share_set_rate(l->fetch.share, run_limit_rate(l->fetch.run));
    for (size_t i = 0; i < l->count; i++)
        transfer_tick(l->window[i], now);
    publish_wait(l, now);
    publish_detail(l);
    run_tick(l->fetch.run);
}

/* What was due by now has been looked at; if it could not be done, news will tell when it can. */
static void note_due(struct loop *l, int64_t now)
{
    l->due = l->ticked_at + TICK_NS;
    for (size_t i = 0; i < l->count; i++) {
        int64_t at = transfer_due(l->window[i]);
        if (at > now && at < l->due)
            l->due = at;
    }
}

/* Brings every file on that can go on. Bytes that arrive are no reason to call it: it looks at all
 * files and their connections. */
static void attend(struct loop *l, int64_t now)
{
    l->fetch.news = false;
    drop_cancelled(l);
    step_all(l, now);
    if (now - l->ticked_at >= TICK_NS)
        tick(l, now);
    sweep(l);
    publish_state(l);
    note_due(l, now);
}

static bool all_ended(const struct loop *l)
{
    return !l->count && (l->next == l->fetch.plan->count || is_fatal_for_all(&l->fault));
}

static void run_loop(struct loop *l)
{
    struct fetch *f = &l->fetch;
    l->ticked_at = clock_now();
    while (run_stop(f->run) == STOP_NONE) {
        int64_t now = clock_now();
        if (f->news || now >= l->due)
            attend(l, now);
        if (all_ended(l))
            break;
        /* What a limit holds back comes by the limiter's clock. */
        bool leisure = !f->heads && !limiter_share_limit(f->share);
        if (driver_turn(f->worker->driver, f->news ? now : l->due, leisure))
            f->news = true;
        take_ended_requests(l);
    }
}

/* The last file may have got its name before the stop got here, or after. */
static bool all_done(const struct loop *l)
{
    return !l->count && l->next == l->fetch.plan->count && l->fault.code == HAUL_OK;
}

/* The last saves, and files that were being placed. */
static void await_disk(struct loop *l)
{
    lane_drain(l->fetch.worker->disk_lane, clock_now() + SAVE_WAIT);
    for (size_t i = 0; i < l->count; i++)
        transfer_stopped(l->window[i]);
    sweep(l);
}

static enum haul_error stop_all(struct loop *l, struct haul_fault *fault)
{
    enum run_stop_reason reason = run_stop(l->fetch.run);
    for (size_t i = 0; i < l->count; i++)
        transfer_stop(l->window[i], reason);
    sweep(l);
    if (reason != STOP_CANCEL && !all_done(l))
        await_disk(l);
    if (all_done(l))
        return HAUL_OK;
    for (size_t i = l->next; reason == STOP_CANCEL && i < l->fetch.plan->count; i++)
        discard_unbegun(l->fetch.plan, i);
    return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
}

static void release(struct loop *l)
{
    for (size_t i = 0; i < l->count; i++) {
        transfer_release(l->window[i]);
        free(l->window[i]);
    }
    free(l->window);
    limiter_share_free(l->fetch.share);
    sums_release(&l->fetch.sums);
    free(l->fetch.origin);
}

static enum haul_error read_sums(struct loop *l, struct haul_fault *fault)
{
    const char *list = l->fetch.request->checksum_file;
    const struct plan *plan = l->fetch.plan;
    enum haul_error err =
        list ? sums_parse("--checksum-file", list, strlen(list), &l->fetch.sums, fault) : HAUL_OK;
    if (!list || err != HAUL_OK)
        return err;
    const char **names = xcalloc(plan->count + 1, sizeof *names);
    for (size_t i = 0; i < plan->count; i++)
        names[i] = plan->files[i].path;
    sums_share(&l->fetch.sums, names, plan->count);
    free(names);
    return HAUL_OK;
}

/* Where the headers go that were asked for; NULL where there are none. */
static char *origin_of_headers(const struct job_request *request, const struct plan *plan)
{
    bool any = plan->count && (request->headers.count || plan->headers.count);
    return any ? url_origin(plan->files[0].url) : NULL;
}

enum haul_error fetch_plan(struct engine_worker *w, struct run *run, struct plan *plan,
                           struct haul_fault *fault)
{
    struct loop l = {.fetch = {.worker = w,
                               .run = run,
                               .request = run_request(run),
                               .plan = plan,
                               .share = limiter_share_new(w->engine->limiter, run_limit_rate(run)),
                               .origin = origin_of_headers(run_request(run), plan)},
                     .room = CONNECTIONS_MAX + WINDOW_EXTRA};
    l.window = xcalloc(l.room, sizeof *l.window);
    enum haul_error err = read_sums(&l, &l.fault);
    if (err == HAUL_OK)
        err = plan_check_room(run, plan, &l.fault);
    if (err == HAUL_OK)
        run_loop(&l);
    if (l.fault.code == HAUL_ERR_DISK_FULL)
        run_pause_for_disk(run, &l.fault);
    if (run_stop(run) != STOP_NONE && !all_done(&l))
        err = stop_all(&l, fault);
    else if (l.fault.code != HAUL_OK) {
        *fault = l.fault;
        err = fault->code;
    }
    if (err == HAUL_OK)
        err = plan_place_documents(run, plan, fault);
    if (l.waiting)
        run_set_retry(run, 0, 0, 0, NULL);
    release(&l);
    return err;
}
