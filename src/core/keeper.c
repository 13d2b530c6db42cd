/* SPDX-License-Identifier: MIT */
/* The background thread; see keeper.h. */
#include "core/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/lease.h"
#include "core/run_state.h"
#include "core/thread.h"
#include "core/units.h"
#include "core/watch.h"

/* A job that is queued and done within this time is written once ... */
#define SAVE_DELAY (200 * CLOCK_MS)
/* ... soon after it is done, so that not all that a long queue has brought is left for the end. */
#define SAVE_SOON (20 * CLOCK_MS)
/* Ended jobs are kept so long: 90 days. */
#define HISTORY_MS (INT64_C(90) * 24 * 3600 * 1000)
#define SAVE_AGAIN (5 * CLOCK_SEC)

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static char *narration(const struct run *r, int64_t now)
{
    if (!r->progress) /* its files are not made yet */
        return xasprintf(KEEPER_STILL "building %s", r->job->name);
    struct progress_sum sum = progress_sum(r->progress);
    char bytes[UNITS_TEXT_SIZE], total[UNITS_TEXT_SIZE], rate[UNITS_TEXT_SIZE];
    units_format_size(sum.bytes, bytes);
    units_format_size(sum.total, total);
    units_format_rate(tracker_rate(&r->tracker, now), rate);
    if (sum.total <= 0)
        return xasprintf(KEEPER_STILL "downloading %s (%s, %s)", r->job->name, bytes, rate);
    double percent = 100.0 * (double)sum.bytes / (double)sum.total;
    return xasprintf(KEEPER_STILL "downloading %s (%.1f %%, %s of %s, %s)", r->job->name, percent,
                     bytes, total, rate);
}

/* Returns when the next line is due. */
static int64_t narrate(struct table *t, int64_t now) HAUL_REQUIRES(t->mutex)
{
    int64_t due = INT64_MAX;
    for (struct run *r = t->runs; r; r = r->next) {
        if (!r->narrate_at || r->job->state != JOB_RUNNING)
            continue;
        if (r->narrate_at <= now) {
            table_log_locked(t, r->job, LOG_INFO, narration(r, now));
            r->narrate_at = now + t->narrate_every;
        }
        due = earlier(due, r->narrate_at);
    }
    return due;
}

/* A model of Ollama's is a unit, with the layers that it found there. */
static bool goes(const struct job *job, const struct progress *p, size_t file)
{
    enum file_state state = (enum file_state)atomic_load(&p->counters[file].state);
    if (job->deleting)
        return state == FILE_DONE || (state == FILE_SKIPPED && job->layout == LAYOUT_OLLAMA);
    return job->discarding ? state != FILE_SKIPPED : state == FILE_CANCELLED;
}

static struct litter litter_of(const struct job *job)
{
    const struct progress *p = job->progress;
    size_t room = p ? p->count : 0;
    struct litter l = {.source = xstrdup(job->source), .items = xcalloc(room, sizeof *l.items)};
    for (size_t i = 0; i < room; i++)
        if (p->infos[i].path && goes(job, p, i))
            l.items[l.count++] = (struct litter_item){.path = xstrdup(p->infos[i].path),
                                                      .size = progress_file_bytes(p, i)};
    return l;
}

static void deleted(struct table *t, struct job *job, const struct litter *l)
    HAUL_REQUIRES(t->mutex)
{
    job->deleting = false;
    for (size_t i = 0; i < l->kept.count; i++)
        table_log_locked(t, job, LOG_INFO, xasprintf("stays: %s", l->kept.items[i]));
    table_log_locked(
        t, job, l->stayed ? LOG_WARN : LOG_INFO,
        xasprintf("%s: %zu of %zu files deleted", job->name, l->count - l->stayed, l->count));
    if (!job->listed)
        return;
    job->hidden = true;
    table_remove_locked(t, job);
}

static void discard_next(struct keeper *k, struct table *t) HAUL_REQUIRES(t->mutex)
{
    struct job *job = t->discards;
    struct litter litter = litter_of(job);
    t->discards = job->next_discard;
    job->in_discards = false;
    bool whole = job->discarding, made = job->deleting;
    mutex_unlock(&t->mutex);
    if (made)
        keeper_delete(k, &litter);
    for (size_t i = 0; !made && i < litter.count; i++)
        k->ops->discard(k->engine, litter.items[i].path);
    mutex_lock(&t->mutex);
    if (made)
        deleted(t, job, &litter);
    else if (whole)
        table_cancelled_locked(t, job);
    table_unref_locked(t, job);
    litter_release(&litter);
}

/* Jobs of one transaction, with references. */
struct batch {
    struct job **jobs;
    size_t count;
};

/* Rows copied for one holding of the table's mutex. */
#define ROWS 128

static bool is_due(const struct job *job, int64_t now)
{
    return job && (job_state_ended(job->state) || now - job->dirty_since >= SAVE_DELAY);
}

static size_t take_rows(struct table *t, struct batch *b, struct store_row *rows, int64_t now)
{
    size_t count = 0;
    mutex_lock(&t->mutex);
    for (; is_due(t->dirty, now) && count < ROWS; count++) {
        struct job *job = t->dirty;
        t->dirty = job->next_dirty;
        job->dirty = false;
        store_row_take(&rows[count], job);
        if (!(b->count & (b->count - 1)))
            b->jobs = xreallocarray(b->jobs, b->count ? b->count * 2 : 1, sizeof(struct job *));
        b->jobs[b->count++] = job;
    }
    if (!t->dirty)
        t->dirty_end = &t->dirty;
    mutex_unlock(&t->mutex);
    return count;
}

/* The row's number was another process's, so it has a new one. */
static void renumber(struct table *t, struct job *job, uint64_t number)
{
    mutex_lock(&t->mutex);
    job->number = number;
    if (t->next_number <= number)
        t->next_number = number + 1;
    table_touch_locked(t, job, false);
    mutex_unlock(&t->mutex);
}

static void give_up_lost(struct table *t, struct job *job)
{
    struct haul_fault fault;
    fault_set(&fault, HAUL_ERR_BUSY, "%s: another process has taken it over", job->source);
    mutex_lock(&t->mutex);
    table_log_locked(t, job, LOG_ERROR, xstrdup(fault.message));
    if (job->run)
        table_stop_locked(t, job->run, STOP_QUIT);
    else if (job->listed)
        table_remove_locked(t, job);
    mutex_unlock(&t->mutex);
}

static enum haul_error put_rows(struct keeper *k, struct store_row *rows, struct job **jobs,
                                size_t count, struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = rows[i].number;
        bool lost = false;
        if (err == HAUL_OK)
            err = store_put(k->store, &rows[i], &lost, fault);
        if (rows[i].number != number)
            renumber(k->table, jobs[i], rows[i].number);
        if (lost)
            give_up_lost(k->table, jobs[i]);
        store_row_release(&rows[i]);
    }
    return err;
}

static enum haul_error write_batch(struct keeper *k, struct batch *b, int64_t now,
                                   struct haul_fault *fault)
{
    struct store_row rows[ROWS];
    enum haul_error err = store_begin(k->store, fault);
    if (err != HAUL_OK)
        return err;
    size_t count;
    do {
        size_t first = b->count;
        count = take_rows(k->table, b, rows, now);
        err = put_rows(k, rows, b->jobs + first, count, fault);
    } while (err == HAUL_OK && count == ROWS);
    enum haul_error end = store_end(k->store, err == HAUL_OK, fault);
    return err == HAUL_OK ? end : err;
}

static void settle_batch(struct table *t, struct batch *b, bool saved)
{
    mutex_lock(&t->mutex);
    for (size_t i = 0; i < b->count; i++) {
        struct job *job = b->jobs[i];
        if (!saved) {
            if (job->progress)
                job->progress->saved = false;
            table_dirty_locked(t, job);
        }
        table_unref_locked(t, job);
    }
    mutex_unlock(&t->mutex);
    free(b->jobs);
}

/* What is due at that time. */
static void save(struct keeper *k, int64_t now)
{
    struct batch b = {0};
    struct haul_fault fault;
    bool saved = write_batch(k, &b, now, &fault) == HAUL_OK;
    settle_batch(k->table, &b, saved);
    keeper_save_notes(k);
    if (saved)
        return;
    k->save_at = clock_now() + SAVE_AGAIN;
    mutex_lock(&k->table->mutex);
    table_log_locked(k->table, NULL, LOG_WARN,
                     xasprintf("the queue could not be saved: %s", fault.message));
    mutex_unlock(&k->table->mutex);
}

void keeper_save(struct keeper *k)
{
    save(k, INT64_MAX);
}

/* Somebody waits for it: everything is written, however new it is. The mutex is given up. */
static void save_asked(struct keeper *k, struct table *t) HAUL_REQUIRES(t->mutex)
{
    uint64_t asked = t->save_asked;
    if (t->dirty) {
        mutex_unlock(&t->mutex);
        keeper_save(k);
        mutex_lock(&t->mutex);
    }
    t->save_done = asked;
    watch_notify_locked(t, BELL_JOBS);
}

/* Writes what has waited long enough; returns when something may have. The mutex is given up. */
static int64_t save_due(struct keeper *k, struct table *t, int64_t now) HAUL_REQUIRES(t->mutex)
{
    while (t->save_asked != t->save_done) /* others may ask meanwhile */
        save_asked(k, t);
    if (!t->dirty)
        return INT64_MAX;
    int64_t at = t->dirty->dirty_since + SAVE_SOON;
    if (at < k->save_at)
        at = k->save_at;
    if (at > now)
        return at;
    k->save_at = now + SAVE_SOON;
    if (!is_due(t->dirty, now))
        return k->save_at;
    mutex_unlock(&t->mutex);
    save(k, now);
    mutex_lock(&t->mutex);
    return now;
}

/* A session without a job has nothing to hold on to. */
static int64_t heartbeat_due(struct keeper *k, struct table *t, int64_t now) HAUL_REQUIRES(t->mutex)
{
    if (!k->store || !t->by_id.count)
        return INT64_MAX;
    if (now < k->heartbeat)
        return k->heartbeat;
    k->heartbeat = now + LEASE_HEARTBEAT_MS * CLOCK_MS;
    mutex_unlock(&t->mutex);
    /* One that is missed is made up for by the next: three of them fit into the time allowed. */
    enum haul_error err = store_heartbeat(k->store, NULL);
    (void)err;
    mutex_lock(&t->mutex);
    return now;
}

/* Does what is due; returns when something is due next. The mutex is given up meanwhile. */
static int64_t attend(struct keeper *k, struct table *t) HAUL_REQUIRES(t->mutex)
{
    while (t->discards)
        discard_next(k, t);
    int64_t now = clock_now();
    int64_t due = narrate(t, now);
    due = earlier(due, save_due(k, t, now));
    due = earlier(due, adoption_due(k->adoption, t, now));
    return earlier(due, heartbeat_due(k, t, now));
}

static void *keep(void *arg)
{
    struct keeper *k = arg;
    struct table *t = k->table;
    pthread_setname_np(pthread_self(), "haul-keeper");
    if (k->store) /* what cannot be forgotten now is forgotten another time */
        (void)!store_prune(k->store, clock_wall_ms() - HISTORY_MS, NULL);
    mutex_lock(&t->mutex);
    while (!k->stopping) {
        int64_t due = attend(k, t);
        if (!k->stopping && !t->discards && due > clock_now())
            (void)cond_wait_until(&t->changed, &t->mutex, due);
    }
    while (t->discards)
        discard_next(k, t);
    mutex_unlock(&t->mutex);
    if (k->store)
        keeper_save(k);
    return NULL;
}

bool keeper_start(struct keeper *k)
{
    k->heartbeat = clock_now() + LEASE_HEARTBEAT_MS * CLOCK_MS;
    return thread_start(&k->thread, keep, k);
}

void keeper_stop(struct keeper *k)
{
    struct table *t = k->table;
    mutex_lock(&t->mutex);
    k->stopping = true;
    cond_broadcast(&t->changed);
    mutex_unlock(&t->mutex);
    pthread_join(k->thread, NULL);
}
