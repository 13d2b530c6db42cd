/* SPDX-License-Identifier: MIT */
/* From a parsed request to its answer: options, counters, the steps in their order, routes. */
#include "origin/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

/* A step may answer: true, with *ok what sending gave. */
typedef bool step_fn(struct origin_exchange *x, bool *ok);

const char *origin_exchange_key(const struct origin_exchange *x)
{
    return x->fault.key ? x->fault.key : x->request->path;
}

static bool step_delay(struct origin_exchange *x, bool *ok)
{
    *ok = false;
    return x->fault.delay > 0 && !origin_conn_sleep(x->conn, clock_now() + x->fault.delay);
}

static bool step_drop(struct origin_exchange *x, bool *ok)
{
    *ok = false;
    return x->fault.drop;
}

static bool step_crowd(struct origin_exchange *x, bool *ok)
{
    int64_t most = x->fault.max_conns;
    if (most < 0 || (int64_t)origin_live_connections(x->origin) <= most)
        return false;
    x->next = x->fault.max_conns_rst ? ORIGIN_NEXT_RESET : ORIGIN_NEXT_CLOSE;
    *ok = !x->fault.max_conns_rst && origin_answer_text(x, 503, "Too many connections.\n");
    return true;
}

static bool step_status(struct origin_exchange *x, bool *ok)
{
    bool head = x->fault.head >= 0 && !strcmp(x->request->method, "HEAD");
    int64_t status = head ? x->fault.head : x->fault.status;
    if (status < 0)
        return false;
    *ok = origin_answer_text(x, (int)status, "As you asked.\n");
    return true;
}

static bool step_method(struct origin_exchange *x, bool *ok)
{
    const char *method = x->request->method;
    bool refused = !strcmp(method, "CONNECT") && x->fault.status >= 0;
    if (!strcmp(method, "GET") || !strcmp(method, "HEAD") || refused)
        return false;
    x->next = ORIGIN_NEXT_CLOSE; /* a body may follow that nobody reads */
    *ok = origin_answer_text(x, 405, "GET or HEAD.\n");
    return true;
}

typedef bool route_fn(struct origin_exchange *x);

static const struct {
    const char *prefix;
    route_fn *answer;
} routes[] = {
    {"/file/", origin_file_answer},
    {"/signed/", origin_file_answer},
    {"/sums", origin_sums_answer},
};

static route_fn *find_route(const char *path)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(routes); i++)
        if (!strncmp(path, routes[i].prefix, strlen(routes[i].prefix)))
            return routes[i].answer;
    return NULL;
}

static bool answer_page(struct origin_exchange *x)
{
    origin_answer_begin(x, 200);
    origin_answer_header(x, "Content-Type: %s", x->set->type ? x->set->type : "text/plain");
    buf_add_str(&x->body.before, x->set->text);
    return origin_answer_send(x);
}

static bool step_route(struct origin_exchange *x, bool *ok)
{
    route_fn *route = find_route(x->request->path);
    if (x->set->text)
        *ok = answer_page(x);
    else if (route)
        *ok = route(x);
    else if (x->set->target)
        *ok = origin_file_answer(x);
    else
        *ok = origin_answer_text(x, 404, "Try /file/NAME, or haul-origin --help.\n");
    return true;
}

static step_fn *const steps[] = {
    step_method,
    step_delay,
    step_drop,
    step_crowd,
    origin_access_answer,
    step_status,
    origin_redirect_answer,
    step_route,
};

static bool run_steps(struct origin_exchange *x)
{
    bool ok = false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(steps); i++)
        if (steps[i](x, &ok))
            break;
    return ok;
}

/* Faults outside their window of requests are taken back; those of a file behind a signed link
 * belong to the link. */
static void settle_window(struct origin_exchange *x)
{
    struct origin_fault *f = &x->fault;
    x->hit = origin_memory_count(&x->origin->memory, "request", origin_exchange_key(x));
    int64_t first = f->after > 0 ? f->after : 0;
    bool over = f->times >= 0 && x->hit > first + f->times;
    if (x->hit <= first || over || f->sign >= 0)
        origin_fault_calm(f);
}

static bool answer(struct origin_exchange *x)
{
    struct buf why;
    buf_init(&why);
    bool control = !strncmp(x->request->path, "/control/", 9);
    bool parsed = origin_fault_parse(&x->fault, &x->request->query, &why);
    if (control || !parsed)
        origin_fault_calm(&x->fault);
    else
        settle_window(x);
    bool ok;
    if (control)
        ok = origin_control_answer(x);
    else if (parsed)
        ok = run_steps(x);
    else
        ok = origin_answer_text(x, 400, why.data);
    buf_release(&why);
    return ok;
}

static void finish(struct origin_exchange *x, bool ok)
{
    if (x->fault.conn_refuse >= 0)
        origin_refuse_for(x->origin, x->fault.conn_refuse);
    if (!ok && x->next == ORIGIN_NEXT_KEEP)
        x->next = ORIGIN_NEXT_CLOSE;
    free(x->etag);
    free(x->last_modified);
    buf_release(&x->head);
    origin_body_release(&x->body);
}

/* What was set for this target joins the query, or takes its place where the path is not ours. */
static void settle_query(struct origin_request *r, const struct origin_override *set)
{
    if (!set->target)
        return;
    if (!find_route(r->path))
        origin_query_release(&r->query);
    origin_query_add(&r->query, set->options);
}

enum origin_next origin_exchange_run(struct origin *o, struct origin_conn *c,
                                     struct origin_request *r, uint64_t serial)
{
    struct origin_override set = origin_memory_find(&o->memory, r->target, r->path);
    struct origin_exchange x = {
        .origin = o, .conn = c, .request = r, .set = &set, .serial = serial};
    buf_init(&x.head);
    origin_body_init(&x.body);
    settle_query(r, &set);
    bool ok = answer(&x);
    finish(&x, ok);
    origin_override_release(&set);
    return x.next;
}
