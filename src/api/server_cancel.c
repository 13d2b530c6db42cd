/* SPDX-License-Identifier: MIT */
/* Cancelling a job, and waiting until that is true; see server_cancel.h. */
#include "api/server_cancel.h"

#include <string.h>

#include "api/json_put.h"
#include "api/server_exchange.h"
#include "api/server_routes.h"

static void refuse_cancel(struct exchange *x, const char *code)
{
    exchange_refuse(x, 404, code,
                    "Job %s not found or cannot be cancelled (already completed/failed)",
                    x->args[0]);
}

void server_reply_status(struct exchange *x, unsigned status, const char *id, const char *word)
{
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    api_put_string(&w, "job_id", id);
    api_put_string(&w, "status", word);
    json_object_end(&w);
    exchange_reply_saved(x, status, &text);
}

static void stop_awaiting(struct exchange *x)
{
    if (!x->at)
        return;
    *x->at = x->next;
    if (x->next)
        x->next->at = x->at;
    x->at = NULL;
}

/* Sockets closed, partial gone: only then it is true. */
static bool settle(struct exchange *x)
{
    const struct job_view *v = snapshot_find(&x->server->snapshot, x->awaited);
    if (v && !job_state_ended(v->state))
        return false;
    stop_awaiting(x);
    x->gone = NULL;
    if (!v || v->state == JOB_CANCELLED)
        server_reply_status(x, 200, x->awaited, "cancelled");
    else /* it was done, or failed, before the cancel got there */
        refuse_cancel(x, "not_cancellable");
    return true;
}

void server_settle_cancels(struct server *s)
{
    for (struct exchange *x = s->awaiting, *next; x; x = next) {
        next = x->next;
        settle(x);
    }
}

static void await_cancel(struct exchange *x)
{
    struct server *s = x->server;
    x->next = s->awaiting;
    x->at = &s->awaiting;
    if (s->awaiting)
        s->awaiting->at = &x->next;
    s->awaiting = x;
    x->gone = stop_awaiting;
    if (!settle(x))
        exchange_sleep(x);
}

void handle_cancel(struct exchange *x)
{
    struct haul_fault fault;
    server_look(x->server);
    const struct job_view *v = server_find(x->server, x->args[0]);
    if (!v) {
        refuse_cancel(x, "not_found");
        return;
    }
    memcpy(x->awaited, v->id, sizeof x->awaited);
    if (session_control(x->server->session, x->awaited, JOB_CANCEL, &fault) != HAUL_OK)
        refuse_cancel(x, "not_cancellable");
    else if (exchange_wants_no_wait(x))
        server_reply_status(x, 202, x->awaited, "cancelling");
    else {
        server_look(x->server);
        await_cancel(x);
    }
}
