/* SPDX-License-Identifier: MIT */
/* Handlers of what is looked at from near: a file of a job, the log. See server_routes.h. */
#include <stdlib.h>

#include "api/json.h"
#include "api/json_detail.h"
#include "api/json_put.h"
#include "api/server_exchange.h"
#include "core/alloc.h"
#include "core/units.h"

#define LOG_MAX ((size_t)2000)

/* The job and file of the path; NULL, having answered. */
static const struct job_view *find_file(struct exchange *x, size_t *file)
{
    uint64_t n;
    server_look(x->server);
    const struct job_view *v = server_find(x->server, x->args[0]);
    if (v && units_parse_u64(x->args[1], UINT32_MAX, &n) && n < v->file_count) {
        *file = (size_t)n;
        return v;
    }
    exchange_refuse(x, 404, "not_found", "there is no file %s of job %s", x->args[1], x->args[0]);
    return NULL;
}

void handle_file(struct exchange *x)
{
    size_t file;
    const struct job_view *v = find_file(x, &file);
    if (!v)
        return;
    struct detail_view *detail = xcalloc(1, sizeof *detail);
    struct buf text;
    if (!session_detail(x->server->session, v->id, file, detail))
        *detail = (struct detail_view){0};
    buf_init(&text);
    api_json_detail(&text, detail);
    exchange_reply_json(x, 200, &text);
    free(detail);
}

void handle_cancel_file(struct exchange *x)
{
    size_t file;
    struct haul_fault fault;
    const struct job_view *v = find_file(x, &file);
    if (!v)
        return;
    if (session_cancel_file(x->server->session, v->id, file, &fault) != HAUL_OK) {
        exchange_refuse(x, 409, haul_error_code(fault.code), "%s", fault.message);
        return;
    }
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    api_put_string(&w, "job_id", v->id);
    api_put_int(&w, "file", (int64_t)file);
    api_put_string(&w, "status", "cancelling");
    json_object_end(&w);
    exchange_reply_saved(x, 202, &text);
}

static size_t asked_lines(struct exchange *x)
{
    const char *text = exchange_query(x, "limit");
    uint64_t n = LOG_MAX;
    return text && units_parse_u64(text, LOG_MAX, &n) ? (size_t)n : LOG_MAX;
}

void handle_log(struct exchange *x)
{
    size_t max = asked_lines(x);
    struct event **events = xcalloc(max + 1, sizeof(struct event *));
    size_t count = max ? session_log(x->server->session, exchange_query(x, "job"), events, max) : 0;
    struct buf text;
    buf_init_max(&text, BUF_UNBOUNDED);
    buf_add_str(&text, "{\"events\":[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(&text, ',');
        api_json_event(&text, events[i], events[i]->seq);
        event_unref(events[i]);
    }
    buf_add_str(&text, "]}");
    exchange_reply_json(x, 200, &text);
    free(events);
}
