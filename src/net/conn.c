/* SPDX-License-Identifier: MIT */
/* One request; see conn.h. */
#include "net/conn.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "net/transfer.h"
#include "net/url.h"

#define COMMIT_STEP   ((int64_t)1 << 20)
#define SWALLOW_MAX   ((size_t)64 << 10) /* a short error body keeps the connection usable */
#define REDIRECTS_MAX 20
#define BUFFER_MAX    ((int64_t)256 << 10)
#define BUFFER_MIN    ((int64_t)1024) /* libcurl's least */
#define BACKLOG_NAP   (20 * CLOCK_MS)
#define STALL_SHOWN   (3 * CLOCK_SEC)

struct conn *conn_new(struct transfer *t)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->transfer = t;
    c->easy = driver_take(t->fetch->worker->driver);
    reply_init(&c->reply);
    return c;
}

void conn_free(struct conn *c)
{
    driver_give(c->transfer->fetch->worker->driver, c->easy);
    curl_slist_free_all(c->headers);
    reply_release(&c->reply);
    free(c->url);
    free(c);
}

static bool fail(struct conn *c, const struct haul_fault *fault)
{
    c->failed = true;
    c->fault = *fault;
    return false;
}

/* The head is complete: may its body be written? Returning false ends the request. */
static bool judge(struct conn *c)
{
    struct transfer *t = c->transfer;
    bool fresh = t->phase == TRANSFER_ASK;
    c->judged = t->fetch->news = true;
    t->fetch->heads--;
    c->verdict = reply_judge(&c->reply, c->ranged ? &c->asked : NULL,
                             fresh || t->loose ? NULL : &t->entity, &c->why);
    int64_t trip = 0;
    curl_off_t connect = 0, lookup = 0;
    if (curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &connect) == CURLE_OK &&
        curl_easy_getinfo(c->easy, CURLINFO_NAMELOOKUP_TIME_T, &lookup) == CURLE_OK)
        trip = (connect - lookup) * 1000;
    c->round_trip = trip > 0 ? trip : clock_now() - c->started;
    switch (c->verdict) {
    case REPLY_RANGE:
        c->pos = c->committed = c->reply.range.begin;
        c->end = c->reply.range.end < c->end || fresh ? c->reply.range.end : c->end;
        break;
    case REPLY_WHOLE:
        c->pos = c->committed = 0;
        c->end = c->reply.length >= 0 ? c->reply.length : INT64_MAX;
        break;
    case REPLY_EMPTY:
        c->pos = c->end = c->committed = 0;
        break;
    case REPLY_REDIRECT:
    case REPLY_REFUSED:
        return true; /* a short body is swallowed */
    case REPLY_UNSATISFIED:
    case REPLY_CHANGED:
    case REPLY_BROKEN:
        return false;
    }
    if (fresh && !transfer_begin(t, c)) /* what is there already is swallowed if it is short */
        return !c->failed && t->phase != TRANSFER_ASK;
    if (!fresh && c->verdict == REPLY_WHOLE && c->ranged && c->asked.begin > 0)
        return false; /* the server did ranges before and does not now */
    bool known = c->end == INT64_MAX && t->size >= 0; /* though this reply does not say it */
    if (known)
        c->end = t->size;
    if (!fresh && !t->direct_url && c->redirects)
        transfer_remember_link(t, c);
    c->accepted = c->verdict != REPLY_EMPTY;
    if (c->started > t->refreshed_at)
        t->refreshes = 0; /* the new link, or token, is good */
    c->tick_pos = c->pos;
    return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
    struct conn *c = arg;
    size_t len = size * count;
    bool was_complete = c->reply.complete;
    if (!reply_line(&c->reply, line, len)) {
        struct haul_fault fault;
        fault_set(&fault, HAUL_ERR_NETWORK, "the reply's head is no HTTP or larger than %zu KiB",
                  REPLY_HEAD_MAX >> 10);
        fault.retryable = false;
        fail(c, &fault);
        return 0;
    }
    if (!was_complete && c->reply.complete && !judge(c))
        return 0;
    return len;
}

/*
 * Under a limit the job's connections take turns: who was refused waits in a line, whose first asks
 * the limiter when its time has come, and nobody is served who has not waited. Else the one that
 * asks at the right moment has it all.
 */
static void line_up(struct conn *c)
{
    struct conn **end = &c->transfer->fetch->line;
    if (c->lined_up)
        return;
    while (*end)
        end = &(*end)->behind;
    *end = c;
    c->behind = NULL;
    c->lined_up = true;
}

static void leave_line(struct conn *c)
{
    struct fetch *f = c->transfer->fetch;
    struct conn **link = &f->line;
    if (!c->lined_up)
        return;
    while (*link != c)
        link = &(*link)->behind;
    *link = c->behind;
    c->lined_up = false;
    if (link == &f->line && f->line) {
        f->line->resume_at = 0;
        f->news = true;
    }
}

static bool take_turn(struct conn *c, size_t len)
{
    struct transfer *t = c->transfer;
    struct fetch *f = t->fetch;
    bool limited = limiter_share_limit(f->share) != 0, first = !f->line || f->line == c;
    c->resume_at = INT64_MAX; /* the one in front wakes it */
    if (!limited || (first && limiter_take(f->share, len, &c->resume_at))) {
        leave_line(c);
        return true;
    }
    line_up(c);
    t->limited_at = clock_now();
    return false;
}

static bool may_receive(struct conn *c, size_t len)
{
    if (!c->transfer->backlogged)
        return take_turn(c, len);
    leave_line(c);
    c->resume_at = clock_now() + BACKLOG_NAP;
    return false;
}

/* What is here already stays as it is: it may be digested by now, and nobody would read it again.
 */
static bool write_missing(struct conn *c, const char *data, size_t len)
{
    struct part *part = c->transfer->part;
    int64_t end = c->pos + (int64_t)len;
    struct range gap;
    for (int64_t at = c->pos; ranges_gap(part_have(part), at, end, &gap); at = gap.end)
        if (part_write(part, gap.begin, data + (gap.begin - c->pos), (size_t)(gap.end - gap.begin),
                       &c->fault) != HAUL_OK)
            return false;
    return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct conn *c = arg;
    struct transfer *t = c->transfer;
    size_t len = size * count;
    if (c->failed)
        return 0;
    if (!c->accepted) {
        c->swallowed += len;
        return c->swallowed <= SWALLOW_MAX ? len : 0;
    }
    int64_t room = c->end - c->pos;
    size_t take = (int64_t)len > room ? (size_t)room : len;
    if (take && !may_receive(c, take)) {
        c->paused = t->fetch->news = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (!write_missing(c, data, take)) {
        c->failed = true;
        return 0;
    }
    driver_received(t->fetch->worker->driver, take);
    c->pos += (int64_t)take;
    t->received += (int64_t)take;
    t->fetch->news = t->fetch->news || !c->last_byte; /* one more that delivers */
    c->last_byte = clock_now();
    if (c->pos - c->committed >= COMMIT_STEP || c->pos == c->end)
        conn_commit(c);
    c->cut = take < len;
    return take;
}

void conn_commit(struct conn *c)
{
    struct transfer *t = c->transfer;
    if (c->pos == c->committed)
        return;
    part_add(t->part, c->committed, c->pos);
    c->committed = c->pos;
    if (t->hash)
        digest_advance(t->hash, ranges_front(part_have(t->part)));
}

/* With a low limit small pieces, so that a limit of 1 KB/s does not come as 16 KiB every 16 s. */
static long buffer_size(const struct conn *c)
{
    int64_t limit = limiter_share_limit(c->transfer->fetch->share);
    int64_t size = limit ? limit / 16 : BUFFER_MAX;
    return (long)(size < BUFFER_MIN ? BUFFER_MIN : size > BUFFER_MAX ? BUFFER_MAX : size);
}

/* Credentials and the user's headers go to the origin they were given for and to no other. */
static void add_credentials(struct conn *c)
{
    const struct transfer *t = c->transfer;
    const struct fetch *f = t->fetch;
    c->with_login = false;
    bool direct = t->address.origin && !strcmp(c->url, t->address.bare);
    char *origin = direct ? xstrdup(t->address.origin) : url_origin(c->url);
    if (origin && t->address.origin && !strcmp(origin, t->address.origin)) {
        c->with_login = t->address.login != NULL;
        if (t->address.login)
            curl_easy_setopt(c->easy, CURLOPT_USERPWD, t->address.login);
        else if (f->worker->engine->netrc)
            curl_easy_setopt(c->easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    }
    if (origin && f->origin && !strcmp(origin, f->origin)) {
        for (size_t i = 0; i < f->request->headers.count; i++) {
            const char *header = f->request->headers.items[i];
            c->headers = curl_slist_append(c->headers, header);
            c->with_login |= !strncasecmp(header, "Authorization:", 14);
        }
        for (size_t i = 0; i < f->plan->headers.count; i++)
            c->headers = curl_slist_append(c->headers, f->plan->headers.items[i]);
    }
    if (f->plan->auth_token && f->plan->auth_url && url_same_origin(c->url, f->plan->auth_url)) {
        curl_easy_setopt(c->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(c->easy, CURLOPT_XOAUTH2_BEARER, f->plan->auth_token);
    }
    free(origin);
}

static void setup(struct conn *c)
{
    char range[64];
    if (c->used)
        curl_easy_reset(c->easy);
    c->used = true;
    curl_slist_free_all(c->headers);
    c->headers = curl_slist_append(NULL, "Accept-Encoding: identity");
    engine_setup_easy(c->transfer->fetch->worker->engine, c->easy);
    curl_easy_setopt(c->easy, CURLOPT_URL, c->url);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
    curl_easy_setopt(c->easy, CURLOPT_BUFFERSIZE, buffer_size(c));
    curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    if (c->ranged) {
        if (c->asked.end == INT64_MAX)
            snprintf(range, sizeof range, "%" PRId64 "-", c->asked.begin);
        else
            snprintf(range, sizeof range, "%" PRId64 "-%" PRId64, c->asked.begin, c->asked.end - 1);
        curl_easy_setopt(c->easy, CURLOPT_RANGE, range);
    }
    add_credentials(c);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
}

static void launch(struct conn *c)
{
    reply_clear(&c->reply);
    c->judged = c->accepted = c->failed = c->cut = c->paused = false;
    c->swallowed = 0;
    c->why = NULL;
    c->error[0] = '\0';
    c->started = c->tick_at = clock_now();
    c->last_byte = c->rate = c->slow_since = 0;
    setup(c);
    driver_add(c->transfer->fetch->worker->driver, c->easy);
    c->transfer->fetch->heads++;
}

void conn_start(struct conn *c, const char *url, const struct range *range)
{
    free(c->url);
    c->url = xstrdup(url);
    c->redirects = 0;
    c->ranged = range != NULL;
    c->asked = range ? *range : (struct range){0, INT64_MAX};
    c->pos = c->committed = c->tick_pos = c->asked.begin;
    c->end = c->asked.end;
    launch(c);
}

enum haul_error conn_follow(struct conn *c, struct haul_fault *fault)
{
    char *next = NULL;
    if (++c->redirects > REDIRECTS_MAX) {
        fault_set(fault, HAUL_ERR_NETWORK, "more than %d redirects: the server leads in a circle",
                  REDIRECTS_MAX);
        fault->retryable = false;
        return fault->code;
    }
    enum haul_error err = url_redirect(c->url, c->reply.location.data, &next, fault);
    if (err != HAUL_OK)
        return err;
    bool told = c->transfer->redirected; /* by the first request, which was alone */
    if (!told && !strncmp(c->url, "https:", 6) && !strncmp(next, "http:", 5))
        run_log(c->transfer->fetch->run, LOG_WARN,
                "%s: the server leads from https to http; no credentials are sent there",
                transfer_label(c->transfer));
    free(c->url);
    c->url = next;
    launch(c);
    return HAUL_OK;
}

void conn_stop(struct conn *c)
{
    leave_line(c);
    driver_remove(c->transfer->fetch->worker->driver, c->easy);
    c->transfer->fetch->heads -= !c->judged;
}

bool conn_resume(struct conn *c, int64_t now)
{
    if (!c->paused || now < c->resume_at)
        return true;
    c->paused = false;
    return curl_easy_pause(c->easy, CURLPAUSE_CONT) == CURLE_OK && !c->failed;
}

void conn_tick(struct conn *c, int64_t now)
{
    int64_t ns = now - c->tick_at;
    if (ns <= 0)
        return;
    int64_t rate = (int64_t)((double)(c->pos - c->tick_pos) * (double)CLOCK_SEC / (double)ns);
    c->rate = c->rate ? (c->rate + rate) / 2 : rate;
    c->tick_pos = c->pos;
    c->tick_at = now;
}

void conn_describe(const struct conn *c, struct conn_view *out)
{
    char *ip = NULL;
    *out = (struct conn_view){.begin = c->asked.begin,
                              .end = c->end == INT64_MAX ? -1 : c->end,
                              .got = c->pos - c->asked.begin,
                              .rate = c->rate};
    if (curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip)
        snprintf(out->host, sizeof out->host, "%s", ip);
    int64_t now = clock_now();
    if (!c->judged)
        out->state = *out->host ? CONN_WAITING : CONN_CONNECTING;
    else
        out->state = !c->paused && now - c->last_byte > STALL_SHOWN ? CONN_STALLED : CONN_RECEIVING;
}
