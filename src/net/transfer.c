/* SPDX-License-Identifier: MIT */
/* Which requests of a file run; see transfer.h. */
#include "net/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/source.h"
#include "core/text.h"
#include "net/gate.h"
#include "net/retry.h"
#include "net/token.h"
#include "net/url.h"

#define STEAL_NS   (50 * CLOCK_MS)
#define LEAST_RATE ((int64_t)256 << 10) /* bytes/s of a limit, for each connection */

void transfer_init(struct transfer *t, struct fetch *f, size_t index)
{
    *t = (struct transfer){.fetch = f,
                           .index = index,
                           .file = &f->plan->files[index],
                           .progress = run_file(f->run, index),
                           .size = f->plan->files[index].size,
                           .replace = f->plan->files[index].addressed,
                           .lock_fd = -1,
                           .check_fd = -1};
    url_parts_init(&t->address, t->file->url);
    t->name = xstrdup(t->file->path);
    t->digest = t->file->digest;
    entity_init(&t->entity);
    ramp_init(&t->ramp);
    t->saved_at = clock_now();
    atomic_store(&t->progress->state, FILE_ACTIVE);
}

void transfer_release(struct transfer *t)
{
    transfer_drop_requests(t);
    for (size_t i = 0; i < t->spare_count; i++)
        conn_free(t->spare[i]);
    local_copy_free(t->local);
    free(t->local_path);
    digest_free(t->hash);
    part_close(t->part);
    if (t->check_fd >= 0)
        close(t->check_fd);
    if (t->lock_fd >= 0)
        close(t->lock_fd);
    entity_release(&t->entity);
    url_parts_release(&t->address);
    free(t->direct_url);
    free(t->name);
    free(t->asked_name);
    *t = (struct transfer){.check_fd = -1, .lock_fd = -1};
}

const char *transfer_label(const struct transfer *t)
{
    return t->name ? t->name : t->fetch->plan->name ? t->fetch->plan->name : "the file";
}

bool transfer_ended(const struct transfer *t)
{
    return t->phase == TRANSFER_DONE || t->phase == TRANSFER_FAILED;
}

void transfer_retire(struct transfer *t, struct conn *c)
{
    for (size_t i = 0; i < t->conn_count; i++)
        if (t->conns[i] == c)
            t->conns[i] = t->conns[--t->conn_count];
    t->spare[t->spare_count++] = c;
    t->fetch->conns--;
}

void transfer_drop_requests(struct transfer *t)
{
    while (t->conn_count) {
        struct conn *c = t->conns[0];
        conn_stop(c);
        if (c->accepted && t->part)
            conn_commit(c);
        transfer_retire(t, c);
    }
}

static const char *current_url(const struct transfer *t)
{
    return t->direct_url ? t->direct_url : t->address.bare;
}

static void start(struct transfer *t, const struct range *range)
{
    struct conn *c = t->spare_count ? t->spare[--t->spare_count] : conn_new(t);
    t->conns[t->conn_count++] = c;
    t->fetch->conns++;
    conn_start(c, current_url(t), range);
}

/* Whether the host may be asked now; else notes when. */
static bool host_is_open(struct transfer *t, int64_t now)
{
    int64_t opens = gate_opens(t->fetch->worker->engine->gate, current_url(t));
    if (opens <= now)
        return true;
    t->retry_at = opens;
    if (t->fault.code == HAUL_OK)
        fault_set(&t->fault, HAUL_ERR_RATE_LIMITED, "%s", GATE_SHUT);
    return false;
}

/* A low limit is not cut into slices that are smaller than what a request costs. */
static unsigned connections(const struct transfer *t)
{
    unsigned most = run_connections(t->fetch->run);
    int64_t limit = limiter_share_limit(t->fetch->share);
    if (!limit || limit / LEAST_RATE >= most)
        return most;
    return limit < LEAST_RATE ? 1 : (unsigned)(limit / LEAST_RATE);
}

/* The first request. With one connection it is for all that is missing in a row; else for a piece,
 * so that the connection is not lost when others take the rest. */
static struct range first_range(const struct transfer *t, const struct part_state *earlier)
{
    struct range gap = {0, INT64_MAX};
    if (earlier && !ranges_gap(&earlier->have, 0, earlier->entity.size, &gap))
        return (struct range){0, 1}; /* all is there: tells whether it is still the same file */
    if (connections(t) > 1 && gap.end - gap.begin > PIECE_FIRST)
        gap.end = gap.begin + PIECE_FIRST;
    else if (earlier && gap.end == earlier->entity.size && connections(t) == 1)
        gap.end = INT64_MAX;
    return gap;
}

static void ask(struct transfer *t)
{
    transfer_look_back(t);
    if (t->phase != TRANSFER_ASK || t->retry_at)
        return;
    const struct part_state *earlier = t->part ? part_earlier(t->part) : NULL;
    struct range first = t->name_taken ? (struct range){0, 1} : first_range(t, earlier);
    start(t, t->whole_only ? NULL : &first);
}

size_t transfer_runs(const struct transfer *t, struct piece_run runs[CONNECTIONS_MAX])
{
    for (size_t i = 0; i < t->conn_count; i++)
        runs[i] = (struct piece_run){t->conns[i]->pos, t->conns[i]->end, t->conns[i]->rate};
    return t->conn_count;
}

static int64_t mean_rate(const struct transfer *t)
{
    int64_t sum = 0, known = 0;
    for (size_t i = 0; i < t->conn_count; i++) {
        sum += t->conns[i]->rate;
        known += t->conns[i]->rate > 0;
    }
    return known ? sum / known : 0;
}

/* One more request for a file whose entity is known; false when there is nothing to ask for. */
static bool start_next(struct transfer *t)
{
    struct piece_run runs[CONNECTIONS_MAX];
    struct range range;
    for (size_t i = 0; i < t->conn_count; i++)
        if (t->conns[i]->accepted)
            conn_commit(t->conns[i]); /* else what is behind `pos` would look missing */
    size_t count = transfer_runs(t, runs), victim;
    const struct ranges *have = part_have(t->part);
    if (!t->ranges) {
        if (count || t->stream_ended || (t->size >= 0 && ranges_cover(have, 0, t->size)))
            return false;
        t->phase = TRANSFER_ASK; /* the stream broke: ask for it anew, compare, go on or restart */
        ask(t);
        return true;
    }
    int64_t left = t->size - ranges_total(have);
    int64_t want = piece_size(left, connections(t), mean_rate(t), t->round_trip);
    if (piece_next(have, t->size, runs, count, want, &range)) {
        start(t, &range);
        return true;
    }
    if (t->fetch->more)
        return false;
    /* Where the limit is what holds, one more connection brings nothing. */
    if (count >= CONNECTIONS_MAX || (t->limited_at && clock_now() - t->limited_at < CLOCK_SEC))
        return false;
    int64_t least = 4 * t->round_trip > STEAL_NS ? 4 * t->round_trip : STEAL_NS;
    if (!piece_steal(runs, count, least, count > 1 ? mean_rate(t) : t->best_rate, &range, &victim))
        return false;
    t->conns[victim]->end = range.begin;
    start(t, &range);
    return true;
}

/* A new link is being asked for: the others wait, so that the address is asked once. */
static bool link_wanted(const struct transfer *t)
{
    if (!t->redirected || t->direct_url)
        return false;
    for (size_t i = 0; i < t->conn_count; i++)
        if (!t->conns[i]->judged)
            return true;
    return false;
}

static unsigned connections_wanted(struct transfer *t, int64_t now)
{
    struct ramp_facts facts = {.now = now,
                               .cpu = clock_thread_cpu(),
                               .bytes = t->received,
                               .round_trip = t->round_trip,
                               .max = t->ranges ? connections(t) : 1,
                               .live = (unsigned)t->conn_count};
    for (size_t i = 0; i < t->conn_count; i++)
        facts.delivering += t->conns[i]->accepted && t->conns[i]->last_byte;
    return ramp_update(&t->ramp, &facts);
}

static void step_fetch(struct transfer *t, int64_t now, unsigned budget)
{
    if (t->size >= 0 && ranges_cover(part_have(t->part), 0, t->size)) {
        transfer_complete(t);
        return;
    }
    if (t->stream_ended && !t->conn_count) {
        transfer_complete(t);
        return;
    }
    if (now < t->retry_at)
        return;
    t->retry_at = 0;
    transfer_judge_refusal(t, now);
    if (!host_is_open(t, now))
        return;
    unsigned target = connections_wanted(t, now);
    while (t->conn_count < target && budget-- && t->phase == TRANSFER_FETCH && !link_wanted(t))
        if (!start_next(t))
            break;
}

void transfer_step(struct transfer *t, int64_t now, unsigned budget)
{
    for (size_t i = 0; i < t->conn_count;) {
        if (conn_resume(t->conns[i], now))
            i++;
        else
            transfer_request_ended(t, t->conns[i], CURLE_WRITE_ERROR);
    }
    switch (t->phase) {
    case TRANSFER_ASK:
        if (!transfer_look(t, now))
            break;
        if (!t->conn_count && budget && now >= t->retry_at && host_is_open(t, now)) {
            t->retry_at = 0;
            ask(t);
        }
        break;
    case TRANSFER_FETCH:
        step_fetch(t, now, budget);
        break;
    case TRANSFER_LOCAL:
        transfer_local_step(t);
        break;
    case TRANSFER_CHECK:
    case TRANSFER_VERIFY:
    case TRANSFER_PLACE:
        transfer_end_step(t);
        break;
    case TRANSFER_DONE:
    case TRANSFER_FAILED:
        break;
    }
}

int64_t transfer_due(const struct transfer *t)
{
    int64_t due = t->phase == TRANSFER_FETCH ? ramp_due(&t->ramp) : INT64_MAX;
    if ((t->phase == TRANSFER_ASK || t->phase == TRANSFER_FETCH) && t->retry_at)
        due = t->retry_at < due ? t->retry_at : due;
    for (size_t i = 0; i < t->conn_count; i++)
        if (t->conns[i]->paused && t->conns[i]->resume_at < due)
            due = t->conns[i]->resume_at;
    return due;
}
