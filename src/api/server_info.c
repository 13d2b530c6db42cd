/* SPDX-License-Identifier: MIT */
/* Handlers of the server itself: health, info, settings, metrics. See server_routes.h. */
#include <stdlib.h>
#include <string.h>

#include "api/json_put.h"
#include "api/json_request.h"
#include "api/server_exchange.h"

void handle_health(struct exchange *x)
{
    struct buf text;
    buf_init(&text);
    buf_add_str(&text, "ok\n");
    exchange_reply(x, 200, "text/plain; charset=utf-8", &text);
}

static void put_list(struct json_writer *w, const char *key, const struct string_list *l)
{
    json_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < l->count; i++)
        json_write_string(w, l->items[i]);
    json_array_end(w);
}

void handle_info(struct exchange *x)
{
    const struct server *s = x->server;
    const struct settings *settings = s->config->settings;
    struct json_writer w;
    struct buf text;
    server_look(x->server);
    buf_init(&text);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    api_put_string(&w, "name", "haul");
    api_put_string(&w, "version", HAUL_VERSION);
    api_put_int(&w, "api", 1);
    api_put_string(&w, "hive_id", API_HIVE_ID);
    api_put_time(&w, "started", s->started_ms);
    api_put_int(&w, "jobs", s->snapshot.jobs_max);
    api_put_int(&w, "connections", settings->connections);
    api_put_int(&w, "limit_rate", s->snapshot.limit_rate);
    api_put_int(&w, "job_limit_rate", settings->job_limit_rate);
    put_list(&w, "serve_roots", &settings->roots);
    api_put_bool(&w, "allow_local", s->config->allow_local);
    api_put_bool(&w, "deny_private", settings->deny_private);
    json_object_end(&w);
    exchange_reply_json(x, 200, &text);
}

void handle_settings(struct exchange *x)
{
    struct buf text;
    server_look(x->server);
    buf_init(&text);
    changes_settings(&text, &x->server->snapshot);
    exchange_reply_json(x, 200, &text);
}

#define JOBS_MAX 1000

static const char *read_setting(const char *key, const struct json *value, int *jobs, int64_t *rate)
{
    if (!strcmp(key, "jobs")) {
        int64_t n = json_int(value, 0);
        *jobs = (int)n;
        return n >= 1 && n <= JOBS_MAX ? NULL : "is not a number from 1 to 1000";
    }
    if (!strcmp(key, "limit_rate"))
        return api_read_rate(value, rate) ? NULL : "is no rate such as 500000 or \"2.5M\"";
    return "cannot be set";
}

void handle_set(struct exchange *x)
{
    int jobs = -1;
    int64_t rate = -1;
    struct haul_fault fault;
    struct json *root = exchange_json(x);
    if (!root)
        return;
    const char *wrong = NULL, *key = NULL;
    for (size_t i = 0; i < json_count(root) && !wrong; i++) {
        key = json_key_at(root, i);
        wrong = read_setting(key, json_at(root, i), &jobs, &rate);
    }
    if (wrong)
        exchange_refuse(x, 400, "usage", "%s %s", key, wrong);
    else if (session_set(x->server->session, jobs, rate, &fault) != HAUL_OK)
        exchange_refuse_fault(x, &fault);
    else
        handle_settings(x);
    json_free(root);
}

void handle_metrics(struct exchange *x)
{
    struct server *s = x->server;
    struct buf text;
    struct metrics_now now = {
        .snapshot = &s->snapshot, .streams = s->stream_count, .started_ms = s->started_ms};
    server_look(s);
    for (size_t i = 0; i < s->listen.count; i++)
        now.connections += s->ports[i].links;
    buf_init(&text);
    metrics_write(&text, &s->metrics, &now);
    exchange_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
}
