/* SPDX-License-Identifier: MIT */
/* Handlers of jobs: add, list, look, act, change. See server_routes.h. */
#include <stdlib.h>
#include <string.h>

#include "api/json_job.h"
#include "api/json_put.h"
#include "api/json_request.h"
#include "api/server_cancel.h"
#include "api/server_exchange.h"
#include "api/server_policy.h"
#include "core/alloc.h"
#include "core/clock.h"

/* The job of the path; NULL, having answered. */
static const struct job_view *find(struct exchange *x)
{
    server_look(x->server);
    const struct job_view *v = server_find(x->server, x->args[0]);
    if (!v)
        exchange_refuse(x, 404, "not_found", "there is no job %s", x->args[0]);
    return v;
}

typedef void reply(struct exchange *x, unsigned status, struct buf *text);

static void reply_job(struct exchange *x, const char *id, reply *send)
{
    struct buf text;
    server_look(x->server);
    const struct job_view *v = server_find(x->server, id);
    if (!v) { /* a drop takes it out of the list */
        exchange_refuse(x, 404, "not_found", "job %s has left the list", id);
        return;
    }
    buf_init_max(&text, BUF_UNBOUNDED);
    api_json_job(&text, v, clock_now());
    send(x, 200, &text);
}

/* ---- add ---- */

static void put_added(struct json_writer *w, const char *id)
{
    char *url = xasprintf("/v1/jobs/%s/stream", id);
    json_object_begin(w);
    api_put_string(w, "job_id", id);
    api_put_string(w, "sse_url", url);
    json_object_end(w);
    free(url);
}

static enum haul_error read_one(struct exchange *x, const struct json *object,
                                struct job_request *r, struct haul_fault *fault)
{
    job_request_copy(r, x->server->config->defaults);
    enum haul_error err = api_read_request(object, r, fault);
    return err == HAUL_OK ? policy_check(x->server, x->link->port->tcp, r, fault) : err;
}

static void add_one(struct exchange *x, const struct json *object)
{
    struct job_request r;
    struct haul_fault fault;
    char id[JOB_ID_SIZE];
    enum haul_error err = read_one(x, object, &r, &fault);
    if (err == HAUL_OK)
        err = session_add(x->server->session, &r, id, &fault);
    job_request_release(&r);
    if (err != HAUL_OK) {
        exchange_refuse_fault(x, &fault);
        return;
    }
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, &text);
    put_added(&w, id);
    exchange_reply_saved(x, 201, &text);
}

static void put_refused(struct json_writer *w, const struct haul_fault *fault)
{
    json_object_begin(w);
    json_key(w, "error");
    json_object_begin(w);
    api_put_fault(w, fault);
    json_object_end(w);
    json_object_end(w);
}

/* Many at once: one answer, with an id or an error for each. `stop`: nothing after the first that
 * is refused; else it does not stop the others. */
static void add_many(struct exchange *x, const struct json *list, bool stop)
{
    struct json_writer w;
    struct buf text;
    buf_init_max(&text, BUF_UNBOUNDED);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    json_key(&w, "jobs");
    json_array_begin(&w);
    for (size_t i = 0; i < json_count(list); i++) {
        struct job_request r;
        struct haul_fault fault;
        char id[JOB_ID_SIZE];
        enum haul_error err = read_one(x, json_at(list, i), &r, &fault);
        if (err == HAUL_OK)
            err = session_add(x->server->session, &r, id, &fault);
        if (err == HAUL_OK)
            put_added(&w, id);
        else
            put_refused(&w, &fault);
        job_request_release(&r);
        if (err != HAUL_OK && stop)
            break;
    }
    json_array_end(&w);
    json_object_end(&w);
    exchange_reply_saved(x, 201, &text);
}

/* What stands beside "jobs" and cannot; NULL: nothing. */
static const char *stray(const struct json *root)
{
    for (size_t i = 0; i < json_count(root); i++) {
        const char *key = json_key_at(root, i);
        bool stop = !strcmp(key, "stop") && json_type(json_at(root, i)) == JSON_BOOL;
        if (strcmp(key, "jobs") != 0 && !stop)
            return key;
    }
    return NULL;
}

void handle_add(struct exchange *x)
{
    struct json *root = exchange_json(x);
    if (!root)
        return;
    const struct json *list = json_get(root, "jobs");
    bool many = json_type(list) == JSON_ARRAY;
    const char *wrong = many ? stray(root) : NULL;
    if (wrong)
        exchange_refuse(x, 400, "usage", "%.64s: beside jobs there is only stop, true or false",
                        wrong);
    else if (many)
        add_many(x, list, json_bool(json_get(root, "stop"), false));
    else
        add_one(x, root);
    json_free(root);
}

/* ---- list, look ---- */

void handle_list(struct exchange *x)
{
    struct buf text;
    const struct snapshot *s = &x->server->snapshot;
    int64_t now = clock_now();
    server_look(x->server);
    buf_init_max(&text, BUF_UNBOUNDED);
    buf_add_str(&text, "{\"jobs\":[");
    for (size_t i = 0; i < s->count; i++) {
        if (i)
            buf_add_char(&text, ',');
        api_json_job(&text, s->jobs[i], now);
    }
    buf_add_str(&text, "]}");
    exchange_reply_json(x, 200, &text);
}

void handle_job(struct exchange *x)
{
    const struct job_view *v = find(x);
    if (v)
        reply_job(x, v->id, exchange_reply_json);
}

/* ---- act, change ---- */

/* Where a client may not write it deletes nothing either. */
static bool may_delete(struct exchange *x, const struct job_view *v)
{
    struct haul_fault fault;
    if (policy_check_removal(x->server, x->link->port->tcp, v->layout, v->dir, &fault) == HAUL_OK)
        return true;
    exchange_refuse_fault(x, &fault);
    return false;
}

static void act(struct exchange *x, enum job_action action)
{
    struct haul_fault fault;
    const char *id = x->args[0];
    if (action != JOB_RESTORE) { /* what was dropped is not in the list */
        const struct job_view *v = find(x);
        if (!v)
            return;
        if (action == JOB_DELETE && !may_delete(x, v))
            return;
        id = v->id;
    }
    char *own = xstrdup(id);
    enum haul_error err = session_control(x->server->session, own, action, &fault);
    if (err == HAUL_ERR_USAGE || err == HAUL_ERR_UNAUTHORIZED)
        exchange_refuse(x, 409, haul_error_code(err), "%s", fault.message);
    else if (err != HAUL_OK)
        exchange_refuse_fault(x, &fault);
    else if (action == JOB_DROP || action == JOB_DELETE)
        server_reply_status(x, 200, own, action == JOB_DROP ? "dropped" : "deleting");
    else
        reply_job(x, own, exchange_reply_saved);
    free(own);
}

void handle_pause(struct exchange *x)
{
    act(x, JOB_PAUSE);
}

void handle_resume(struct exchange *x)
{
    act(x, JOB_RESUME);
}

void handle_retry(struct exchange *x)
{
    act(x, JOB_RETRY);
}

void handle_drop(struct exchange *x)
{
    act(x, JOB_DROP);
}

void handle_restore(struct exchange *x)
{
    act(x, JOB_RESTORE);
}

void handle_delete(struct exchange *x)
{
    act(x, JOB_DELETE);
}

/* Each reads one field; NULL, or what is wrong with it. */
static const char *read_priority(const struct json *value, struct job_change *c)
{
    int64_t n = json_signed(value, INT64_MAX);
    c->priority = (int)n;
    c->set_priority = n >= -1000 && n <= 1000;
    return c->set_priority ? NULL : "is not a number from -1000 to 1000";
}

static const char *read_rate(const struct json *value, struct job_change *c)
{
    c->set_limit_rate = api_read_rate(value, &c->limit_rate);
    return c->set_limit_rate ? NULL : "is no rate such as 500000 or \"2.5M\"";
}

static const char *read_connections(const struct json *value, struct job_change *c)
{
    int64_t n = json_int(value, 0);
    c->connections = (unsigned)n;
    c->set_connections = n >= 1 && n <= CONNECTIONS_MAX;
    return c->set_connections ? NULL : "is not a number from 1 to 64";
}

static const char *read_move(const struct json *value, struct job_change *c)
{
    int64_t n = json_signed(value, INT64_MAX);
    c->move = (int)n;
    return n >= -1000000 && n <= 1000000 ? NULL : "is not a number of queue places";
}

static const struct {
    const char *name;
    const char *(*read)(const struct json *value, struct job_change *c);
} changeable[] = {
    {"priority", read_priority},
    {"limit_rate", read_rate},
    {"connections", read_connections},
    {"move", read_move},
};

static bool read_change(struct exchange *x, const struct json *object, struct job_change *c)
{
    for (size_t i = 0; i < json_count(object); i++) {
        const char *key = json_key_at(object, i), *wrong = "cannot be changed";
        for (size_t k = 0; k < HAUL_ARRAY_LEN(changeable); k++)
            if (!strcmp(changeable[k].name, key))
                wrong = changeable[k].read(json_at(object, i), c);
        if (wrong) {
            exchange_refuse(x, 400, "usage", "%s %s", key, wrong);
            return false;
        }
    }
    return true;
}

void handle_change(struct exchange *x)
{
    struct job_change change = {0};
    struct haul_fault fault;
    const struct job_view *v = find(x);
    struct json *root = v ? exchange_json(x) : NULL;
    if (!root)
        return;
    bool good = read_change(x, root, &change);
    json_free(root);
    if (!good)
        return;
    char *id = xstrdup(v->id);
    if (session_change(x->server->session, id, &change, &fault) != HAUL_OK)
        exchange_refuse(x, 409, haul_error_code(fault.code), "%s", fault.message);
    else
        reply_job(x, id, exchange_reply_saved);
    free(id);
}
