/* SPDX-License-Identifier: MIT */
/* Event streams; see server_stream.h. */
#include "api/server_stream.h"

#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/json_job.h"
#include "api/server_exchange.h"
#include "api/server_story.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

#define FILL_BYTES  ((size_t)32 << 10)
#define LIST_STEP   64  /* jobs found for one look through the snapshot */
#define STREAMS_MAX 900 /* some connections are for other requests */
#define LOG_LINES   500
#define BEAT_EVERY  (10 * CLOCK_SEC)

enum phase { PHASE_LIST, PHASE_LIVE, PHASE_END };

struct stream {
    struct server *server;
    struct exchange *exchange; /* NULL: it is over */
    char job[JOB_ID_SIZE];     /* "": all */
    unsigned kinds;
    enum phase phase;
    uint64_t place;   /* of the next notice */
    uint64_t list_id; /* the last event before the listing began */
    uint64_t listed;  /* number of the last job that was listed */
    bool begun;       /* the listing */
    bool gone;        /* the client has left */
    struct buf out;
    size_t sent; /* of out */
    int64_t spoke_at;
    struct stream *next, **at;
};

/* ---- what is said ---- */

static void say(struct stream *st, const char *name, uint64_t id, const char *data)
{
    notices_frame(&st->out, name, id, data);
}

static void say_job(struct stream *st, const struct job_view *v, uint64_t id)
{
    struct buf data;
    buf_init_max(&data, BUF_UNBOUNDED);
    api_json_job(&data, v, clock_now());
    say(st, "snapshot", id, data.data);
    buf_release(&data);
}

static void say_end(struct stream *st)
{
    say(st, NULL, 0, "[DONE]");
    st->phase = PHASE_END;
}

/* A stream of one job: how it stands, the same in words, and if it has ended, that. */
static void list_one(struct stream *st)
{
    const struct job_view *v = snapshot_find(&st->server->snapshot, st->job);
    st->phase = PHASE_LIVE;
    if (!v) {
        say_end(st);
        return;
    }
    struct buf story;
    say_job(st, v, st->list_id);
    buf_init(&story);
    story_of_state(&story, v->state, v->name, v->source, v);
    say(st, NULL, 0, story.data);
    buf_release(&story);
    if (job_state_ended(v->state))
        say_end(st);
}

/* The jobs with the lowest numbers above `after`, ascending: the order holds while jobs come, go
 * and move in the queue between one step and the next. */
static size_t next_jobs(const struct snapshot *s, uint64_t after, const struct job_view **found)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct job_view *v = s->jobs[i];
        if (v->number <= after || (count == LIST_STEP && v->number > found[count - 1]->number))
            continue;
        size_t at = count < LIST_STEP ? count++ : count - 1;
        for (; at && found[at - 1]->number > v->number; at--)
            found[at] = found[at - 1];
        found[at] = v;
    }
    return count;
}

static void say_listed(struct stream *st)
{
    struct buf data;
    buf_init(&data);
    changes_settings(&data, &st->server->snapshot);
    say(st, "listed", st->list_id, data.data);
    buf_release(&data);
    st->phase = PHASE_LIVE;
}

/* Who follows snapshots shows a log, too, and has to begin with what there is of it. */
static void say_log(struct stream *st)
{
    struct event *events[LOG_LINES];
    size_t count = session_log(st->server->session, NULL, events, LOG_LINES);
    for (size_t i = 0; i < count; i++) {
        struct buf data;
        buf_init(&data);
        api_json_event(&data, events[i], events[i]->seq);
        say(st, api_event_name(events[i]->type), 0, data.data);
        buf_release(&data);
        event_unref(events[i]);
    }
}

static void say_list(struct stream *st)
{
    char *data = xasprintf("{\"jobs\":%zu}", st->server->snapshot.count);
    say(st, "list", 0, data);
    free(data);
    if (st->kinds & NOTICE_UPDATE)
        say_log(st);
    st->begun = true;
}

static void list_all(struct stream *st)
{
    const struct job_view *found[LIST_STEP];
    const struct snapshot *s = &st->server->snapshot;
    if (!st->begun)
        say_list(st);
    size_t count = next_jobs(s, st->listed, found);
    for (size_t i = 0; i < count && st->out.len < FILL_BYTES; i++) {
        say_job(st, found[i], 0);
        st->listed = found[i]->number;
    }
    if (!count)
        say_listed(st);
}

static void begin_list(struct stream *st)
{
    st->phase = PHASE_LIST;
    st->begun = false;
    st->listed = 0;
    st->list_id = st->server->notices.seq;
    st->place = notices_end(&st->server->notices);
}

static bool concerns(const struct stream *st, const struct notice *n)
{
    return (n->kind & st->kinds) && (!*st->job || !strcmp(st->job, n->job));
}

/* In a stream of all jobs a line for people says which one it is about. */
static void copy_notice(struct stream *st, const struct notice *n)
{
    static const char data[] = "data: ";
    if (n->kind == NOTICE_STORY && !*st->job && *n->job)
        buf_addf(&st->out, "%s%s %s", data, n->job, n->text + sizeof data - 1);
    else
        buf_add(&st->out, n->text, n->len);
}

/* Skips what is not for this stream. NULL: there is nothing more, or it has fallen behind. */
static const struct notice *next_notice(struct stream *st)
{
    const struct notice *n;
    while ((n = notices_at(&st->server->notices, st->place)) && !concerns(st, n))
        st->place++;
    return n;
}

static bool fell_behind(const struct stream *st)
{
    return st->place < st->server->notices.first;
}

static void follow(struct stream *st)
{
    const struct notice *n;
    while (st->out.len < FILL_BYTES && (n = next_notice(st))) {
        copy_notice(st, n);
        st->place++;
        if (n->last && *st->job) {
            say_end(st);
            return;
        }
    }
    if (fell_behind(st))
        begin_list(st);
}

static void fill(struct stream *st)
{
    enum phase before;
    do {
        before = st->phase;
        if (st->phase == PHASE_LIST)
            (*st->job ? list_one : list_all)(st);
        else if (st->phase == PHASE_LIVE)
            follow(st);
    } while (st->out.len < FILL_BYTES && (st->phase != before || st->phase == PHASE_LIST));
    if (st->out.len)
        st->spoke_at = clock_now();
}

/* ---- libmicrohttpd's side ---- */

static ssize_t on_read(void *arg, uint64_t pos, char *to, size_t max)
{
    (void)pos;
    struct stream *st = arg;
    if (st->gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (st->sent == st->out.len) {
        buf_truncate(&st->out, 0);
        st->sent = 0;
        fill(st);
    }
    size_t len = st->out.len - st->sent;
    if (!len && st->phase == PHASE_END)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!len) {
        exchange_sleep(st->exchange);
        return 0;
    }
    if (len > max)
        len = max;
    memcpy(to, st->out.data + st->sent, len);
    st->sent += len;
    return (ssize_t)len;
}

static void unlink_stream(struct stream *st)
{
    struct server *s = st->server;
    *st->at = st->next;
    if (st->next)
        st->next->at = st->at;
    s->stream_count--;
    s->update_streams -= (st->kinds & NOTICE_UPDATE) != 0;
    if (!s->stream_count)
        notices_trim(&s->notices, NOTICES_KEPT);
}

static void on_gone(struct exchange *x)
{
    struct stream *st = x->state;
    st->gone = true;
    st->exchange = NULL;
}

static void on_free(void *arg)
{
    struct stream *st = arg;
    unlink_stream(st);
    buf_release(&st->out);
    free(st);
}

/* Updates were told all along; of a job that has ended the last word is still to come. */
static bool goes_on(const struct stream *st, uint64_t place)
{
    const struct job_view *v = snapshot_find(&st->server->snapshot, st->job);
    const struct notice *n;
    if (st->kinds & NOTICE_UPDATE)
        return server_updates_since(st->server, place);
    bool more = !v || !job_state_ended(v->state);
    for (; !more && (n = notices_at(&st->server->notices, place)); place++)
        more = n->last && concerns(st, n);
    return more;
}

/* Where the client says that it has seen this much, it goes on there. */
static void find_place(struct stream *st)
{
    const char *header = exchange_header(st->exchange, "Last-Event-ID");
    const char *text = header ? header : exchange_query(st->exchange, "last_event_id");
    uint64_t seq, place;
    begin_list(st);
    if (!text || !units_parse_u64(text, UINT64_MAX, &seq) ||
        !notices_find(&st->server->notices, seq, &place) || !goes_on(st, place))
        return;
    st->place = place;
    st->phase = PHASE_LIVE;
}

static void link_stream(struct stream *st)
{
    struct server *s = st->server;
    st->next = s->streams;
    st->at = &s->streams;
    if (s->streams)
        s->streams->at = &st->next;
    s->streams = st;
    s->stream_count++;
    s->update_streams += (st->kinds & NOTICE_UPDATE) != 0;
}

static void open_stream(struct exchange *x, const char *job, unsigned kinds)
{
    struct server *s = x->server;
    if (x->head) {
        exchange_refuse(x, 405, "method", "a stream has no end, so it has no head alone; use GET");
        return;
    }
    if (s->stream_count >= STREAMS_MAX) {
        exchange_refuse(x, 503, "busy", "too many streams are open; try again later");
        return;
    }
    struct stream *st = xcalloc(1, sizeof *st);
    st->server = s;
    st->exchange = x;
    st->kinds = kinds;
    strncpy(st->job, job, sizeof st->job - 1);
    buf_init_max(&st->out, BUF_UNBOUNDED);
    if (kinds & NOTICE_UPDATE)
        server_want_updates(s);
    find_place(st);
    link_stream(st);
    x->state = st;
    x->gone = on_gone;
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, FILL_BYTES, on_read, st, on_free);
    if (!r)
        abort();
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    MHD_add_response_header(r, "X-Accel-Buffering", "no"); /* nginx would collect it */
    exchange_stream(x, r);
}

void handle_stream(struct exchange *x)
{
    server_look(x->server);
    const struct job_view *v = server_find(x->server, x->args[0]);
    if (!v)
        exchange_refuse(x, 404, "not_found", "there is no job %s", x->args[0]);
    else
        open_stream(x, v->id, NOTICE_STORY | NOTICE_EVENT | NOTICE_PROGRESS);
}

void handle_events(struct exchange *x)
{
    bool whole = exchange_asks(x, "updates");
    server_look(x->server);
    open_stream(x, "",
                whole ? NOTICE_EVENT | NOTICE_UPDATE | NOTICE_LIST
                      : NOTICE_STORY | NOTICE_EVENT | NOTICE_PROGRESS | NOTICE_LIST);
}

/* ---- all of them ---- */

static bool sleeps(const struct stream *st)
{
    return st->exchange && st->exchange->waiting;
}

void streams_wake(struct server *s)
{
    for (struct stream *st = s->streams; st; st = st->next)
        if (sleeps(st) && (next_notice(st) || fell_behind(st)))
            exchange_wake(st->exchange);
}

int64_t streams_beat(struct server *s, int64_t now)
{
    if (!s->streams)
        return INT64_MAX;
    if (s->beat_at > now)
        return s->beat_at;
    s->beat_at = now + BEAT_EVERY;
    for (struct stream *st = s->streams; st; st = st->next) {
        if (!sleeps(st) || now - st->spoke_at < BEAT_EVERY / 2)
            continue;
        buf_add_str(&st->out, ": keep-alive\n\n");
        st->spoke_at = now;
        exchange_wake(st->exchange);
    }
    return s->beat_at;
}

void streams_end(struct server *s)
{
    for (struct stream *st = s->streams; st; st = st->next) {
        st->phase = PHASE_END;
        if (sleeps(st))
            exchange_wake(st->exchange);
    }
}
