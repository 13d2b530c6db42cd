/* SPDX-License-Identifier: MIT */
/* Handlers of what is on disk and of what sources have: everything that waits, so each is an
 * errand. See server_routes.h. */
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/json_library.h"
#include "api/json_put.h"
#include "api/json_request.h"
#include "api/server_exchange.h"
#include "api/server_policy.h"
#include "api/server_report.h"
#include "core/alloc.h"
#include "core/text.h"

struct task {
    struct errand errand;
    const struct server *server; /* whose rules hold; not changed while it runs */
    bool tcp;                    /* from where it was asked */
    /* What came of it, in JSON. */
    void (*put)(const struct task *t, struct exchange *x, struct buf *text);
    char *id; /* of the entry */
    struct model_list models;
    struct model *model; /* of the list */
    struct model_removal removal;
    struct leftover_list leftovers;
    struct job_request request;
    struct plan plan;
    char *dir;
    bool dry_run;
    int64_t free_bytes;
    struct report *report; /* NULL: nobody wants to hear how far it is */
};

static struct task *task_of(struct errand *e)
{
    return HAUL_CONTAINER_OF(e, struct task, errand);
}

static void task_free(struct errand *e)
{
    struct task *t = task_of(e);
    report_unref(t->report);
    model_list_release(&t->models);
    model_removal_release(&t->removal);
    leftover_list_release(&t->leftovers);
    job_request_release(&t->request);
    plan_release(&t->plan);
    free(t->dir);
    free(t->id);
    free(t);
}

static void answer(struct errand *e, struct exchange *x)
{
    struct buf text;
    if (e->result != HAUL_OK) {
        exchange_refuse_fault(x, &e->fault);
        return;
    }
    buf_init_max(&text, BUF_UNBOUNDED);
    task_of(e)->put(task_of(e), x, &text);
    exchange_reply_json(x, 200, &text);
}

static struct task *task_new(const struct exchange *x, void (*run)(struct errand *e),
                             void (*put)(const struct task *t, struct exchange *x,
                                         struct buf *text))
{
    struct task *t = xcalloc(1, sizeof *t);
    t->server = x->server;
    t->tcp = x->link->port->tcp;
    t->put = put;
    t->errand.run = run;
    t->errand.answer = answer;
    t->errand.free = task_free;
    job_request_init(&t->request);
    plan_init(&t->plan);
    return t;
}

static void start(struct exchange *x, struct task *t)
{
    (void)errand_start(x->server->errands, &t->errand, x, false);
}

/* ---- models ---- */

static void run_models(struct errand *e)
{
    e->result = session_models(e->session, &task_of(e)->models, &e->fault);
}

static void put_models(const struct task *t, struct exchange *x, struct buf *text)
{
    buf_add_str(text, "{\"models\":[");
    for (size_t i = 0; i < t->models.count; i++) {
        if (i)
            buf_add_char(text, ',');
        api_json_model(text, &t->models.items[i], exchange_asks(x, "files"));
    }
    buf_add_str(text, "]}");
}

void handle_models(struct exchange *x)
{
    start(x, task_new(x, run_models, put_models));
}

/* ---- one of them ---- */

static enum haul_error find_model(struct task *t)
{
    struct errand *e = &t->errand;
    enum haul_error err = session_models(e->session, &t->models, &e->fault);
    if (err != HAUL_OK)
        return err;
    struct model **matches = xcalloc(t->models.count + 1, sizeof *matches);
    size_t count = model_list_find(&t->models, t->id, matches);
    t->model = count == 1 ? matches[0] : NULL;
    free(matches);
    if (t->model)
        return HAUL_OK;
    return fault_set(&e->fault, count ? HAUL_ERR_AMBIGUOUS : HAUL_ERR_NOT_FOUND,
                     count ? "%s: can mean %zu entries; give more of the id"
                           : "%s: nothing in the library is called so",
                     t->id, count);
}

static void run_model(struct errand *e)
{
    e->result = find_model(task_of(e));
}

static void put_model(const struct task *t, struct exchange *x, struct buf *text)
{
    (void)x;
    api_json_model(text, t->model, true);
}

static struct task *model_task(struct exchange *x, void (*run)(struct errand *e),
                               void (*put)(const struct task *t, struct exchange *x,
                                           struct buf *text))
{
    struct task *t = task_new(x, run, put);
    t->id = xstrdup(x->args[0]);
    return t;
}

void handle_model(struct exchange *x)
{
    start(x, model_task(x, run_model, put_model));
}

static void run_remove(struct errand *e)
{
    struct task *t = task_of(e);
    e->result = find_model(t);
    if (e->result == HAUL_OK)
        e->result =
            policy_check_removal(t->server, t->tcp, t->model->layout, t->model->root, &e->fault);
    if (e->result == HAUL_OK)
        e->result = session_model_remove(e->session, t->model, &t->removal, &e->fault);
}

static void put_removal(const struct task *t, struct exchange *x, struct buf *text)
{
    (void)x;
    api_json_removal(text, t->model, &t->removal);
}

void handle_remove(struct exchange *x)
{
    start(x, model_task(x, run_remove, put_removal));
}

/* ---- verify ---- */

static bool go_on(void *context, int64_t done)
{
    struct errand *e = context;
    atomic_store(&e->done, done);
    return !atomic_load(&e->stop);
}

static void run_verify(struct errand *e)
{
    struct task *t = task_of(e);
    struct digest_watch watch = {go_on, e};
    e->result = find_model(t);
    if (e->result == HAUL_OK)
        e->result = session_model_verify(e->session, t->model, &watch, &e->fault);
}

/* A file that is damaged or missing is what was asked about, not a failure to answer. */
static bool answered(struct errand *e)
{
    return e->result == HAUL_OK || e->result == HAUL_ERR_CHECKSUM ||
           (e->result == HAUL_ERR_NOT_FOUND && task_of(e)->model);
}

static void put_verdict(const struct task *t, struct exchange *x, struct buf *text)
{
    struct json_writer w;
    (void)x;
    buf_add_str(text, "{\"model\":");
    api_json_model(text, t->model, true);
    buf_add_str(text, ",\"error\":");
    if (t->errand.result == HAUL_OK) {
        buf_add_str(text, "null");
    } else {
        json_writer_init(&w, text);
        json_object_begin(&w);
        api_put_fault(&w, &t->errand.fault);
        json_object_end(&w);
    }
    buf_add_char(text, '}');
}

static void answer_verify(struct errand *e, struct exchange *x)
{
    struct task *t = task_of(e);
    struct buf text;
    buf_init_max(&text, BUF_UNBOUNDED);
    if (answered(e))
        put_verdict(t, x, &text);
    if (t->report && !answered(e))
        report_fault(t->report, &e->fault);
    else if (t->report)
        report_end(t->report, "result", text.data);
    else if (answered(e))
        exchange_reply_json(x, 200, &text);
    else
        exchange_refuse_fault(x, &e->fault);
    buf_release(&text);
}

static void report_verify(struct errand *e, struct exchange *x)
{
    (void)x;
    report_progress(task_of(e)->report, atomic_load(&e->done));
}

void handle_verify(struct exchange *x)
{
    struct task *t = model_task(x, run_verify, put_verdict);
    const char *accept = exchange_header(x, MHD_HTTP_HEADER_ACCEPT);
    t->errand.answer = answer_verify;
    if (!accept || !strstr(accept, "text/event-stream")) {
        start(x, t);
        return;
    }
    t->errand.report = report_verify;
    t->report = report_open(x, &t->errand);
    struct report *r = report_ref(t->report);
    struct haul_fault busy;
    fault_set(&busy, HAUL_ERR_BUSY, "too much is under way just now; try again later");
    if (!errand_start(x->server->errands, &t->errand, x, true))
        report_fault(r, &busy);
    report_unref(r);
}

/* ---- clean ---- */

static void run_clean(struct errand *e)
{
    struct task *t = task_of(e);
    struct string_list bounds;
    bool bound = policy_bounds(t->server, t->tcp, &bounds);
    e->result = session_clean(e->session, t->dir, bound ? &bounds : NULL, t->dry_run, &t->leftovers,
                              &e->fault);
    string_list_release(&bounds);
}

static void put_leftovers(const struct task *t, struct exchange *x, struct buf *text)
{
    (void)x;
    buf_add_str(text, "{\"leftovers\":[");
    for (size_t i = 0; i < t->leftovers.count; i++) {
        if (i)
            buf_add_char(text, ',');
        api_json_leftover(text, &t->leftovers.items[i], !t->dry_run);
    }
    buf_add_str(text, "]}");
}

void handle_clean(struct exchange *x)
{
    struct haul_fault fault;
    struct json *root = exchange_json(x);
    if (!root)
        return;
    struct task *t = task_new(x, run_clean, put_leftovers);
    enum haul_error err = api_read_clean(root, &t->dir, &t->dry_run, &fault);
    json_free(root);
    if (err == HAUL_OK)
        err = policy_check_dir(x->server, x->link->port->tcp, t->dir, &fault);
    if (err == HAUL_OK) {
        start(x, t);
        return;
    }
    exchange_refuse_fault(x, &fault);
    task_free(&t->errand);
}

/* ---- what a source has, what a disk has ---- */

static void run_resolve(struct errand *e)
{
    struct task *t = task_of(e);
    e->result = session_resolve(e->session, &t->request, &e->stop, &t->plan, &e->fault);
}

static void put_plan(const struct task *t, struct exchange *x, struct buf *text)
{
    (void)x;
    char *source = text_masked_url(t->request.spec);
    api_json_plan(text, source, &t->plan);
    free(source);
}

void handle_resolve(struct exchange *x)
{
    struct haul_fault fault;
    struct json *root = exchange_json(x);
    if (!root)
        return;
    struct task *t = task_new(x, run_resolve, put_plan);
    job_request_release(&t->request);
    job_request_copy(&t->request, x->server->config->defaults);
    enum haul_error err = api_read_request(root, &t->request, &fault);
    if (err == HAUL_OK)
        err = policy_check(x->server, x->link->port->tcp, &t->request, &fault);
    json_free(root);
    if (err == HAUL_OK) {
        start(x, t);
        return;
    }
    exchange_refuse_fault(x, &fault);
    task_free(&t->errand);
}

static void run_disk(struct errand *e)
{
    struct task *t = task_of(e);
    t->free_bytes = session_disk_free(e->session, t->dir);
}

static void put_disk(const struct task *t, struct exchange *x, struct buf *text)
{
    struct json_writer w;
    (void)x;
    json_writer_init(&w, text);
    json_object_begin(&w);
    api_put_string(&w, "dir", t->dir);
    api_put_int_or_null(&w, "free", t->free_bytes);
    json_object_end(&w);
}

void handle_disk(struct exchange *x)
{
    struct task *t = task_new(x, run_disk, put_disk);
    const char *dir = exchange_query(x, "dir");
    t->dir = xstrdup(dir && *dir ? dir : x->server->config->defaults->dir);
    start(x, t);
}
