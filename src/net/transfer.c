/* SPDX-License-Identifier: MIT */
/* Which requests of a file run, and what becomes of them; see transfer.h. */
#include "net/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "net/retry.h"
#include "net/url.h"

#define RESTARTS_MAX  5
#define REFRESHES_MAX 3
#define STEAL_NS      (250 * CLOCK_MS)
/* After a connection too many was refused: leave the server alone for a moment. */
#define REFUSED_NAP CLOCK_SEC

/* User name and password leave the URL at once, so that no message can show them. */
static void split_login(struct transfer *t)
{
    CURLU *u = curl_url();
    char *user = NULL, *password = NULL, *bare = NULL;
    if (curl_url_set(u, CURLUPART_URL, t->file->url, 0) == CURLUE_OK) {
        curl_url_get(u, CURLUPART_USER, &user, CURLU_URLDECODE);
        curl_url_get(u, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
        curl_url_set(u, CURLUPART_USER, NULL, 0);
        curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
        curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
        curl_url_get(u, CURLUPART_URL, &bare, 0);
    }
    t->base_url = xstrdup(bare ? bare : t->file->url);
    if (user)
        t->login = xasprintf("%s:%s", user, password ? password : "");
    curl_free(user);
    curl_free(password);
    curl_free(bare);
    curl_url_cleanup(u);
}

void transfer_init(struct transfer *t, struct fetch *f, size_t index)
{
    *t = (struct transfer){.fetch = f,
                           .index = index,
                           .file = &f->plan->files[index],
                           .progress = run_file(f->run, index),
                           .size = f->plan->files[index].size,
                           .check_fd = -1};
    split_login(t);
    t->origin = url_origin(t->base_url);
    t->name = xstrdup(t->file->path);
    t->digest = t->file->digest;
    entity_init(&t->entity);
    ramp_init(&t->ramp);
    t->touched_at = t->saved_at = clock_now();
    atomic_store(&t->progress->state, FILE_ACTIVE);
}

void transfer_release(struct transfer *t)
{
    transfer_drop_requests(t);
    for (size_t i = 0; i < t->spare_count; i++)
        conn_free(t->spare[i]);
    digest_free(t->hash);
    part_close(t->part);
    if (t->check_fd >= 0)
        close(t->check_fd);
    entity_release(&t->entity);
    free(t->base_url);
    free(t->login);
    free(t->origin);
    free(t->direct_url);
    free(t->name);
    *t = (struct transfer){.check_fd = -1};
}

const char *transfer_label(const struct transfer *t)
{
    return t->name ? t->name : t->fetch->plan->name ? t->fetch->plan->name : "the file";
}

bool transfer_ended(const struct transfer *t)
{
    return t->phase == TRANSFER_DONE || t->phase == TRANSFER_FAILED;
}

static void retire(struct transfer *t, struct conn *c)
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
        retire(t, c);
    }
}

static const char *current_url(const struct transfer *t)
{
    return t->direct_url ? t->direct_url : t->base_url;
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
    char *origin = url_origin(current_url(t));
    int64_t opens = origin ? gate_opens(t->fetch->worker->engine->gate, origin) : 0;
    free(origin);
    if (opens <= now)
        return true;
    t->retry_at = opens;
    return false;
}

static unsigned connections(const struct transfer *t)
{
    return run_connections(t->fetch->run);
}

/* The first request. With one connection it is for all; else for a piece, so that the connection
 * is not lost when others take the rest. */
static void ask(struct transfer *t)
{
    transfer_look_back(t);
    if (t->phase != TRANSFER_ASK)
        return;
    const struct part_state *earlier = t->part ? part_earlier(t->part) : NULL;
    struct range first = {0, connections(t) > 1 ? PIECE_FIRST : INT64_MAX};
    if (earlier) {
        struct range gap;
        if (ranges_gap(&earlier->have, 0, earlier->entity.size, &gap)) {
            first.begin = gap.begin;
            if (first.end != INT64_MAX)
                first.end = gap.end - gap.begin > PIECE_FIRST ? gap.begin + PIECE_FIRST : gap.end;
        } else { /* all is there: one byte tells whether it is still the same file */
            first = (struct range){0, 1};
        }
    }
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
    size_t count = transfer_runs(t, runs), victim;
    const struct ranges *have = part_have(t->part);
    if (!t->ranges) {
        if (count || t->stream_ended || ranges_cover(have, 0, t->size >= 0 ? t->size : 1))
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
    if (count >= CONNECTIONS_MAX)
        return false;
    int64_t least = 4 * t->round_trip > STEAL_NS ? 4 * t->round_trip : STEAL_NS;
    if (!piece_steal(runs, count, least, mean_rate(t), &range, &victim))
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
    if (!host_is_open(t, now))
        return;
    unsigned max = t->ranges ? connections(t) : 1, delivering = 0;
    for (size_t i = 0; i < t->conn_count; i++)
        delivering += t->conns[i]->accepted && t->conns[i]->last_byte;
    unsigned target = ramp_update(&t->ramp, now, max, (unsigned)t->conn_count, delivering,
                                  t->received, t->round_trip);
    while (t->conn_count < target && budget-- && t->phase == TRANSFER_FETCH && !link_wanted(t))
        if (!start_next(t))
            break;
}

void transfer_step(struct transfer *t, int64_t now, unsigned budget)
{
    for (size_t i = 0; i < t->conn_count; i++)
        conn_resume(t->conns[i], now);
    switch (t->phase) {
    case TRANSFER_ASK:
        if (!t->conn_count && budget && now >= t->retry_at && host_is_open(t, now)) {
            t->retry_at = 0;
            ask(t);
        }
        break;
    case TRANSFER_FETCH:
        step_fetch(t, now, budget);
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
    int64_t due = INT64_MAX;
    if ((t->phase == TRANSFER_ASK || t->phase == TRANSFER_FETCH) && t->retry_at)
        due = t->retry_at;
    for (size_t i = 0; i < t->conn_count; i++)
        if (t->conns[i]->paused && t->conns[i]->resume_at < due)
            due = t->conns[i]->resume_at;
    return due;
}

void transfer_fail(struct transfer *t, const struct haul_fault *fault)
{
    transfer_drop_requests(t);
    if (t->part && part_unsynced(t->part))
        part_save(t->part, t->fetch->worker->disk_lane);
    t->fault = *fault;
    t->phase = TRANSFER_FAILED;
    atomic_store(&t->progress->state, FILE_FAILED);
}

void transfer_restart(struct transfer *t, const char *why)
{
    struct haul_fault fault;
    struct part_state empty;
    transfer_drop_requests(t);
    if (++t->restarts > RESTARTS_MAX) {
        fault_set(&fault, HAUL_ERR_NETWORK, "%s: gave up after %d fresh starts: %s",
                  transfer_label(t), RESTARTS_MAX, why);
        fault.retryable = false;
        transfer_fail(t, &fault);
        return;
    }
    run_log(t->fetch->run, LOG_WARN, "%s: %s; starting anew", transfer_label(t), why);
    digest_free(t->hash);
    t->hash = NULL;
    if (t->part) {
        part_state_init(&empty);
        if (part_begin(t->part, &empty, false, &fault) != HAUL_OK)
            transfer_fail(t, &fault);
        part_state_release(&empty);
    }
    entity_clear(&t->entity);
    atomic_store(&t->progress->bytes, 0);
    atomic_store(&t->progress->hashed, 0);
    atomic_store(&t->progress->resumed_from, 0);
    t->ranges = t->stream_ended = false;
    ramp_init(&t->ramp);
    if (t->phase != TRANSFER_FAILED)
        t->phase = TRANSFER_ASK;
}

/* Progress is what was not here before, not bytes that came once more. */
static void note_progress(struct transfer *t)
{
    int64_t covered = t->part ? ranges_total(part_have(t->part)) : 0;
    if (covered <= t->most_covered)
        return;
    t->most_covered = covered;
    t->tries = t->refreshes = 0;
}

/* A try came to nothing. Waits and tries again, or gives up. */
static void retry(struct transfer *t, const struct haul_fault *fault, int64_t asked_wait)
{
    struct fetch *f = t->fetch;
    struct engine *e = f->worker->engine;
    int64_t now = clock_now();
    note_progress(t);
    t->fault = *fault;
    if (!fault->retryable || ++t->tries >= e->settings.tries || asked_wait > RETRY_AFTER_MAX) {
        struct haul_fault last = *fault;
        if (asked_wait > RETRY_AFTER_MAX)
            fault_set(&last, fault->code, "%s; it asks to wait %lld minutes: try again then",
                      fault->message, (long long)(asked_wait / CLOCK_SEC / 60));
        else if (fault->retryable)
            fault_set(&last, fault->code, "%s (after %u tries)", fault->message, t->tries);
        last.http_status = fault->http_status;
        transfer_fail(t, &last);
        return;
    }
    int64_t wait = retry_backoff(e->settings.retry_wait, t->tries, engine_random(e));
    if (asked_wait > wait)
        wait = asked_wait;
    t->retry_at = now + wait;
    atomic_fetch_add(&t->progress->retries, 1);
    atomic_store(&t->progress->retry_wait, true);
    run_log(f->run, LOG_WARN, "%s; retry %u/%u in %.1f s", fault->message, t->tries,
            e->settings.tries - 1, (double)wait / (double)CLOCK_SEC);
}

/* A request failed while others of the file work: the server wants fewer of them. */
static bool one_too_many(struct transfer *t, int64_t now)
{
    unsigned delivering = 0;
    for (size_t i = 0; i < t->conn_count; i++)
        delivering += t->conns[i]->accepted;
    if (!delivering)
        return false;
    ramp_refused(&t->ramp, now, delivering);
    t->retry_at = now + REFUSED_NAP;
    atomic_fetch_add(&t->progress->retries, 1);
    return true;
}

/*
 * A signed link has had its time; the address that led to it gives a new one, asked for once for
 * all connections. False where there is no such link, or new ones are refused as well.
 */
static bool refresh_link(struct transfer *t, const struct conn *c)
{
    note_progress(t);
    if (!t->redirected || !strcmp(c->url, t->base_url))
        return false;
    if (!t->direct_url || strcmp(c->url, t->direct_url) != 0)
        return true; /* another connection saw it first */
    if (++t->refreshes > REFRESHES_MAX)
        return false;
    free(t->direct_url);
    t->direct_url = NULL;
    run_log(t->fetch->run, LOG_INFO, "%s: the link has expired (HTTP %d); asking for a new one",
            transfer_label(t), c->reply.status);
    return true;
}

static void on_refused(struct transfer *t, struct conn *c)
{
    struct haul_fault fault;
    int status = c->reply.status;
    int64_t now = clock_now(), wait = retry_asked_wait(&c->reply);
    bool expired =
        status == 400 || status == 401 || status == 403 || status == 404 || status == 410;
    if (expired && refresh_link(t, c))
        return;
    retry_fault_of_status(&c->reply, c->url, &fault);
    if (fault.retryable && one_too_many(t, now))
        return;
    retry(t, &fault, wait);
    if (retry_is_overload(status) && t->phase != TRANSFER_FAILED) {
        char *origin = url_origin(c->url);
        if (origin)
            gate_shut(t->fetch->worker->engine->gate, origin, t->retry_at);
        free(origin);
    }
}

/* Ranges cannot be trusted here; one plain stream can. */
static void on_broken(struct transfer *t, struct conn *c, const char *why)
{
    struct haul_fault fault;
    char *shown = text_masked_url(c->url);
    bool disagrees =
        c->reply.status == 206 && c->reply.has_range && !c->reply.bad_range && c->reply.length >= 0;
    if (disagrees) /* about its own length; the plain stream must not be believed alone */
        t->claimed = c->reply.range.total;
    if (c->ranged && !t->whole_only) {
        run_log(t->fetch->run, LOG_WARN, "%s: %s; fetching it in one stream", shown, why);
        t->whole_only = true;
        t->ranges = false;
        transfer_drop_requests(t);
        t->phase = TRANSFER_ASK;
    } else {
        fault_set(&fault, HAUL_ERR_NETWORK, "%s: %s", shown, why);
        fault.retryable = !c->reply.encoded && !c->reply.malformed;
        retry(t, &fault, -1);
    }
    free(shown);
}

/* The digest decides alone where a server makes up a new validator for each reply. */
static void on_changed(struct transfer *t, const struct conn *c)
{
    bool same_size =
        c->verdict == REPLY_CHANGED && c->reply.has_range && c->reply.range.total == t->entity.size;
    if (t->restarts && same_size && t->digest.algorithm != DIGEST_NONE) {
        run_log(t->fetch->run, LOG_WARN,
                "%s: the server's validators differ from reply to reply; the digest decides",
                transfer_label(t));
        t->loose = true;
        return;
    }
    if (t->restarts || !t->part)
        t->whole_only = true;
    transfer_restart(t, c->verdict == REPLY_CHANGED ? "the file changed on the server"
                                                    : "the server no longer has the range");
}

static void on_transport_error(struct transfer *t, struct conn *c, CURLcode code)
{
    struct haul_fault fault;
    if (c->failed) {
        fault = c->fault;
    } else {
        char *host = url_host(c->url);
        retry_fault_of_curl(code, host ? host : "the server", c->error, &fault);
        free(host);
    }
    if (fault.retryable && one_too_many(t, clock_now()))
        return;
    if (!c->judged && t->direct_url) { /* its host may be down: let the address lead elsewhere */
        free(t->direct_url);
        t->direct_url = NULL;
    }
    retry(t, &fault, -1);
}

static void on_body_end(struct transfer *t, struct conn *c, CURLcode code)
{
    conn_commit(c);
    if (c->cut || (c->end != INT64_MAX && c->pos >= c->end))
        return;
    if (code == CURLE_OK && c->end == INT64_MAX) {
        t->stream_ended = true;
        t->size = c->pos;
        return;
    }
    on_transport_error(t, c, code == CURLE_OK ? CURLE_PARTIAL_FILE : code);
}

void transfer_request_ended(struct transfer *t, struct conn *c, CURLcode code)
{
    struct haul_fault fault;
    conn_stop(c);
    retire(t, c);
    if (transfer_ended(t))
        return;
    if (c->accepted) {
        on_body_end(t, c, code);
        return;
    }
    if (!c->judged || c->failed) {
        on_transport_error(t, c, code);
        return;
    }
    switch (c->verdict) {
    case REPLY_REDIRECT:
        if (conn_follow(c, &fault) != HAUL_OK) {
            retry(t, &fault, -1);
            break;
        }
        t->spare_count--; /* it runs again */
        t->conns[t->conn_count++] = c;
        t->fetch->conns++;
        break;
    case REPLY_REFUSED:
        on_refused(t, c);
        break;
    case REPLY_UNSATISFIED:
    case REPLY_CHANGED:
        on_changed(t, c);
        break;
    case REPLY_BROKEN:
        on_broken(t, c, c->why);
        break;
    case REPLY_WHOLE:
        if (t->phase == TRANSFER_FETCH)
            on_broken(t, c, "the server does ranges only now and then");
        break;
    case REPLY_RANGE: /* transfer_begin wants to ask in another way */
    case REPLY_EMPTY:
        break;
    }
}
