/* SPDX-License-Identifier: MIT */
/* Requests, answers and waiting; see server_exchange.h. What libmicrohttpd calls is in
 * server_http.c. */
#include "api/server_exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "api/json_put.h"
#include "core/alloc.h"

#define JSON_NODES_MAX ((size_t)200000)

const char *exchange_query(struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool exchange_asks(struct exchange *x, const char *name)
{
    const char *value = exchange_query(x, name);
    return value && strcmp(value, "0") != 0;
}

const char *exchange_header(struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

bool exchange_wants_no_wait(struct exchange *x)
{
    const char *prefer = exchange_header(x, "Prefer");
    return prefer && strstr(prefer, "respond-async");
}

/* ---- answers ---- */

static void add_headers(struct exchange *x, struct MHD_Response *r)
{
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    if (!MHD_get_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL))
        MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (x->status == 401) /* RFC 9110 §15.5.2, §15.5.6 */
        MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (x->status == 405)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, x->route ? x->route->method : x->allowed);
    if (!x->listed)
        return;
    MHD_add_response_header(r, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, x->origin);
    MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, "Origin");
}

static void respond(struct exchange *x, unsigned status, struct MHD_Response *response)
{
    x->answered = true;
    x->status = status;
    add_headers(x, response);
    if (x->waiting) { /* queued when libmicrohttpd asks again */
        x->response = response;
        if (!x->unsaved)
            exchange_wake(x);
        return;
    }
    MHD_queue_response(x->connection, status, response);
    MHD_destroy_response(response);
}

void exchange_respond(struct exchange *x, unsigned status, struct MHD_Response *response)
{
    respond(x, status, response);
    if (!x->waiting)
        exchange_expect_reader(x);
}

void exchange_stream(struct exchange *x, struct MHD_Response *response)
{
    respond(x, 200, response);
}

void exchange_reply(struct exchange *x, unsigned status, const char *type, struct buf *text)
{
    size_t len = text->len;
    char *data = buf_detach(text);
    struct MHD_Response *r = MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE);
    if (!r)
        abort();
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    exchange_respond(x, status, r);
}

void exchange_reply_json(struct exchange *x, unsigned status, struct buf *text)
{
    buf_add_char(text, '\n');
    exchange_reply(x, status, "application/json", text);
}

void exchange_reply_saved(struct exchange *x, unsigned status, struct buf *text)
{
    struct server *s = x->server;
    x->ticket = session_save(s->session);
    if (!session_saved(s->session, x->ticket)) {
        x->unsaved = true;
        s->unsaved++;
        if (!x->waiting)
            exchange_sleep(x);
    }
    exchange_reply_json(x, status, text);
}

static void refuse(struct exchange *x, unsigned status, const char *code, const char *message)
{
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    json_key(&w, "error");
    json_object_begin(&w);
    api_put_string(&w, "code", code);
    api_put_string(&w, "message", message);
    json_object_end(&w);
    json_object_end(&w);
    exchange_reply_json(x, status, &text);
}

void exchange_refuse(struct exchange *x, unsigned status, const char *code, const char *fmt, ...)
{
    struct haul_fault fault;
    va_list args;
    va_start(args, fmt);
    char *text = xvasprintf(fmt, args);
    va_end(args);
    fault_set(&fault, HAUL_ERR_USAGE, "%s", text); /* sanitised */
    free(text);
    refuse(x, status, code, fault.message);
}

static unsigned status_of(enum haul_error code)
{
    static const unsigned statuses[HAUL_ERR_COUNT] = {
        [HAUL_ERR_USAGE] = 400,        [HAUL_ERR_BAD_SPEC] = 400,  [HAUL_ERR_AMBIGUOUS] = 400,
        [HAUL_ERR_NOT_FOUND] = 404,    [HAUL_ERR_EXISTS] = 409,    [HAUL_ERR_BUSY] = 409,
        [HAUL_ERR_UNAUTHORIZED] = 403, [HAUL_ERR_NETWORK] = 502,   [HAUL_ERR_TIMEOUT] = 504,
        [HAUL_ERR_TLS] = 502,          [HAUL_ERR_CHECKSUM] = 422,  [HAUL_ERR_HTTP_STATUS] = 502,
        [HAUL_ERR_DISK_FULL] = 507,    [HAUL_ERR_CANCELLED] = 409, [HAUL_ERR_RATE_LIMITED] = 503,
    };
    return statuses[code] ? statuses[code] : 500;
}

void exchange_refuse_fault(struct exchange *x, const struct haul_fault *fault)
{
    refuse(x, status_of(fault->code), haul_error_code(fault->code), fault->message);
}

struct json *exchange_json(struct exchange *x)
{
    struct haul_fault fault;
    const char *text = x->body.len ? x->body.data : "{}";
    size_t len = x->body.len ? x->body.len : strlen(text);
    struct json *root = json_parse(text, len, JSON_NODES_MAX, HAUL_ERR_USAGE, &fault);
    if (root && json_type(root) == JSON_OBJECT)
        return root;
    if (root)
        fault_set(&fault, HAUL_ERR_USAGE, "the body is no JSON object");
    json_free(root);
    exchange_refuse_fault(x, &fault);
    return NULL;
}

/* ---- waiting ---- */

/* libmicrohttpd does not look at a suspended connection, so it would not see its end. */
static void watch_hangup(struct exchange *x, bool on)
{
    struct epoll_event e = {.events = EPOLLRDHUP, .data.ptr = x};
    (void)epoll_ctl(x->server->hangup_fd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, x->link->fd, &e);
}

void exchange_sleep(struct exchange *x)
{
    x->waiting = true;
    watch_hangup(x, true);
    MHD_suspend_connection(x->connection);
}

void exchange_wake(struct exchange *x)
{
    if (!x->waiting)
        return;
    x->waiting = false;
    watch_hangup(x, false);
    MHD_resume_connection(x->connection);
    x->server->woken = true;
}

static void forget_unsaved(struct exchange *x)
{
    x->server->unsaved -= x->unsaved;
    x->unsaved = false;
}

void exchange_settle_saved(struct server *s)
{
    for (struct link *l = s->links; l && s->unsaved; l = l->next) {
        struct exchange *x = l->exchange;
        if (!x || !x->unsaved || !session_saved(s->session, x->ticket))
            continue;
        forget_unsaved(x);
        exchange_wake(x);
    }
}

static void leave(struct exchange *x)
{
    if (x->gone)
        x->gone(x);
    x->gone = NULL;
    forget_unsaved(x);
    if (!x->answered) /* who has left does not read it */
        exchange_refuse(x, 503, "stopping", "the server is stopping");
    else
        exchange_wake(x);
}

/* It says no more, as after shutdown(2), but may listen: it gets its answer. One that has left
 * shows by the error that the next bytes to it bring. */
static void expect_no_more(struct exchange *x)
{
    struct epoll_event e = {.data.ptr = x};
    (void)epoll_ctl(x->server->hangup_fd, EPOLL_CTL_MOD, x->link->fd, &e);
}

void exchange_hangups(struct server *s)
{
    struct epoll_event events[32];
    int count = epoll_wait(s->hangup_fd, events, HAUL_ARRAY_LEN(events), 0);
    for (int i = 0; i < count; i++) {
        struct exchange *x = events[i].data.ptr;
        if (events[i].events & (EPOLLHUP | EPOLLERR))
            leave(x);
        else
            expect_no_more(x);
    }
}

void exchange_release_all(struct server *s)
{
    for (struct link *l = s->links; l; l = l->next)
        if (l->exchange && l->exchange->waiting)
            leave(l->exchange);
}

bool exchange_pending(const struct server *s)
{
    for (const struct link *l = s->links; l; l = l->next)
        if (l->exchange && l->exchange->answered)
            return true;
    return false;
}
