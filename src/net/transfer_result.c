/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a request that has ended: its bytes count, or it is tried again, or another way
 * is taken, or the file has failed. The one place where an answer turns into a decision.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/source.h"
#include "core/text.h"
#include "net/retry.h"
#include "net/token.h"
#include "net/transfer.h"
#include "net/url.h"

#define RESTARTS_MAX  5
#define REFRESHES_MAX 3
/* After a failure beside others that work: leave the server alone for a moment. */
#define REFUSED_NAP CLOCK_SEC
/* Head start of the other transfers when a host is open again. */
#define OTHERS_FIRST CLOCK_SEC

void transfer_fail(struct transfer *t, const struct haul_fault *fault)
{
    transfer_drop_requests(t);
    transfer_keep_partial(t);
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
    t->digest = t->file->digest; /* what a reply has said was of another file */
    t->most_covered = t->claimed = 0;
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
    t->tries = 0;
}

/* A try came to nothing. Waits and tries again, or gives up. Requests that were under way together
 * (c was started before the last failure) are one try. */
static void retry(struct transfer *t, const struct conn *c, const struct haul_fault *fault,
                  int64_t asked_wait)
{
    struct fetch *f = t->fetch;
    struct engine *e = f->worker->engine;
    int64_t now = clock_now();
    note_progress(t);
    t->fault = *fault;
    t->refused_live = 0; /* they do not work either */
    if (c->started >= t->failed_at)
        t->tries++;
    t->failed_at = now;
    if (!fault->retryable || t->tries >= e->settings.tries || asked_wait > RETRY_AFTER_MAX) {
        struct haul_fault last = *fault;
        retry_gave_up(&last, t->tries, asked_wait > RETRY_AFTER_MAX ? asked_wait : 0);
        transfer_fail(t, &last);
        return;
    }
    int64_t wait = retry_backoff(e->settings.retry_wait, t->tries, engine_random(e));
    if (asked_wait > wait)
        wait = asked_wait;
    t->retry_at = now + wait;
    atomic_fetch_add(&t->progress->retries, 1);
    atomic_store(&t->progress->retry_wait, true);
    run_log(f->run, LOG_INFO, "%s; retry %u/%u in %.1f s", fault->message, t->tries,
            e->settings.tries, (double)wait / (double)CLOCK_SEC);
}

/*
 * A request failed while others of the file work: no try is lost. Perhaps the server wants fewer of
 * them, but not because of one that was delivering and broke. And the others may be as broken and
 * not show it yet: transfer_judge_refusal looks again.
 */
static bool others_work(struct transfer *t, const struct conn *c, int64_t now)
{
    unsigned delivering = 0;
    for (size_t i = 0; i < t->conn_count; i++)
        delivering += t->conns[i]->accepted;
    if (!delivering)
        return false;
    if (!c->last_byte) {
        t->refused_live = delivering;
        t->refused_received = t->received;
    }
    t->retry_at = now + REFUSED_NAP;
    atomic_fetch_add(&t->progress->retries, 1);
    return true;
}

void transfer_judge_refusal(struct transfer *t, int64_t now)
{
    if (t->refused_live && t->received > t->refused_received)
        ramp_refused(&t->ramp, now, t->refused_live);
    t->refused_live = 0;
}

/*
 * A signed link has had its time; the address that led to it gives a new one, asked for once for
 * all connections. False where there is no such link, or new ones are refused as well.
 */
static bool refresh_link(struct transfer *t, const struct conn *c)
{
    if (!t->redirected || !strcmp(c->url, t->address.bare))
        return false;
    if (c->started < t->refreshed_at || (t->direct_url && strcmp(c->url, t->direct_url) != 0))
        return true; /* another connection saw it first */
    if (++t->refreshes > REFRESHES_MAX)
        return false;
    free(t->direct_url);
    t->direct_url = NULL;
    t->refreshed_at = clock_now();
    run_log(t->fetch->run, LOG_INFO, "%s: the link has expired (HTTP %d); asking for a new one",
            transfer_label(t), c->reply.status);
    return true;
}

/* True: the request is made again, at once with a new token or later, when there may be one. */
static bool another_token(struct transfer *t, const struct conn *c)
{
    struct haul_fault fault;
    int64_t before = t->fetch->token_at;
    if (t->refreshes >= REFRESHES_MAX)
        return false;
    if (token_renew(t->fetch, c->url, c->started, &fault)) {
        if (t->fetch->token_at == before)
            return true; /* another request has seen to it */
        t->refreshes++;
        t->refreshed_at = t->fetch->token_at;
        return true;
    }
    if (fault.retryable)
        retry(t, c, &fault, -1);
    return fault.retryable;
}

/* Only the service itself speaks its language, not the host that a link of it led to. */
static void explain(const struct transfer *t, const struct conn *c, struct haul_fault *fault)
{
    const struct plan *plan = t->fetch->plan;
    if (plan->source && plan->source->explain && url_same_origin(c->url, t->address.bare))
        plan->source->explain(plan, &c->reply, fault);
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
    if (status == 401 && another_token(t, c))
        return;
    retry_fault_of_status(&c->reply, c->url, c->with_login, &fault);
    explain(t, c, &fault);
    if (!fault.retryable || !others_work(t, c, now))
        retry(t, c, &fault, wait);
    else if (wait > 0 && wait < RETRY_AFTER_MAX)
        t->retry_at = now + wait;
    else
        return;
    if (!retry_is_overload(status) || t->phase == TRANSFER_FAILED)
        return;
    gate_shut(t->fetch->worker->engine->gate, c->url, t->retry_at);
    /* It may be this file alone that the server has no time for: the others of the host go first,
     * before it is refused and the host shut once more. */
    t->retry_at += OTHERS_FIRST;
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
    bool lost = c->reply.status / 100 == 3; /* it will not know the way the next time either */
    if (c->ranged && !t->whole_only && !lost) {
        run_log(t->fetch->run, LOG_WARN, "%s: %s; fetching it in one stream", shown, why);
        t->whole_only = true;
        t->ranges = false;
        transfer_drop_requests(t);
        t->phase = TRANSFER_ASK;
    } else {
        fault_set(&fault, HAUL_ERR_NETWORK, "%s: %s", shown, why);
        fault.retryable = !c->reply.encoded && !c->reply.malformed && !lost;
        retry(t, c, &fault, -1);
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
    if (c->failed)
        fault = c->fault;
    else
        retry_fault_of_request(c->easy, code, c->url, c->error, &fault);
    if (fault.retryable && others_work(t, c, clock_now()))
        return;
    if (!c->judged && t->direct_url) { /* its host may be down: let the address lead elsewhere */
        free(t->direct_url);
        t->direct_url = NULL;
    }
    retry(t, c, &fault, -1);
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

/* Also of requests that are too short for a tick to see. */
static void note_rate(struct transfer *t, const struct conn *c)
{
    int64_t ns = clock_now() - c->started;
    double rate = (double)(c->pos - c->asked.begin) * (double)CLOCK_SEC / (double)(ns + 1);
    if (rate > (double)t->best_rate)
        t->best_rate = (int64_t)rate;
}

void transfer_request_ended(struct transfer *t, struct conn *c, CURLcode code)
{
    struct haul_fault fault;
    conn_stop(c);
    transfer_retire(t, c);
    if (transfer_ended(t))
        return;
    if (c->accepted) {
        note_rate(t, c);
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
            retry(t, c, &fault, -1);
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
