/* SPDX-License-Identifier: MIT */
/* What a job server has on disk, and what sources have for it; see client.h. These wait. */
#include <stdlib.h>
#include <string.h>

#include "api/client_internal.h"
#include "api/json_put.h"
#include "api/json_read.h"
#include "api/sse.h"
#include "core/alloc.h"

static enum haul_error bad_answer(struct haul_fault *fault)
{
    return fault_set(fault, HAUL_ERR_SERVER,
                     "the job server's answer is not of the form that this "
                     "haul knows; are both of one version?");
}

enum haul_error client_models(struct session *s, struct model_list *out, struct haul_fault *fault)
{
    struct json *reply = NULL;
    *out = (struct model_list){0};
    enum haul_error err =
        client_ask(client_of(s), "GET", "/v1/models?files=1", NULL, &reply, fault);
    if (err == HAUL_OK && !api_read_models(reply, out))
        err = bad_answer(fault);
    json_free(reply);
    return err;
}

/* ---- verify ---- */

/* An answer that tells how far it is, on its way in. */
struct verdict {
    struct sse sse;
    const struct digest_watch *watch;
    struct model *model;
    bool go_on, known;
    enum haul_error result;
    struct haul_fault *fault;
};

static void take_result(struct verdict *v, const struct json *object)
{
    const struct json *error = json_get(object, "error");
    struct model told = {0};
    v->known = api_read_model(json_get(object, "model"), &told);
    if (v->known) {
        struct model old = *v->model;
        *v->model = told;
        told = old;
    }
    model_release(&told);
    v->result = HAUL_OK;
    if (json_type(error) != JSON_OBJECT)
        return;
    api_read_fault(error, v->fault);
    v->result = v->fault->code;
}

static void take_error(struct verdict *v, const struct json *object)
{
    api_read_fault(object, v->fault);
    v->result = v->fault->code;
    v->known = true;
}

static void on_event(void *context, const char *name, const char *id, const char *data)
{
    struct verdict *v = context;
    struct haul_fault bad;
    (void)id;
    struct json *object = json_parse(data, strlen(data), (size_t)4 << 20, HAUL_ERR_SERVER, &bad);
    if (object && !strcmp(name, "progress") && v->watch)
        v->go_on &= v->watch->go_on(v->watch->context, json_int(json_get(object, "bytes"), 0));
    else if (object && !strcmp(name, "result"))
        take_result(v, object);
    else if (object && !strcmp(name, "error"))
        take_error(v, object);
    json_free(object);
}

static bool on_data(void *context, const char *bytes, size_t len)
{
    struct verdict *v = context;
    return sse_feed(&v->sse, bytes, len) && v->go_on;
}

enum haul_error client_model_verify(struct session *s, struct model *m,
                                    const struct digest_watch *watch, struct haul_fault *fault)
{
    struct verdict v = {.watch = watch, .model = m, .go_on = true, .fault = fault};
    char *path = client_path("/v1/models/", m->id, "/verify");
    struct wire_request r = {.method = "POST", .path = path, .data = on_data, .context = &v};
    sse_init(&v.sse, on_event, &v);
    enum haul_error err = wire_ask(client_of(s)->wire, &r, NULL, fault);
    if (err == HAUL_OK)
        err = v.known ? v.result : bad_answer(fault);
    sse_release(&v.sse);
    free(path);
    return err;
}

/* ---- rm, clean ---- */

enum haul_error client_model_remove(struct session *s, const struct model *m,
                                    struct model_removal *out, struct haul_fault *fault)
{
    struct json *reply = NULL;
    char *path = client_path("/v1/models/", m->id, "");
    *out = (struct model_removal){0};
    enum haul_error err = client_ask(client_of(s), "DELETE", path, NULL, &reply, fault);
    if (err == HAUL_OK && !api_read_removal(reply, out))
        err = bad_answer(fault);
    json_free(reply);
    free(path);
    return err;
}

enum haul_error client_clean(struct session *s, const char *dir, const struct string_list *within,
                             bool dry_run, struct leftover_list *out, struct haul_fault *fault)
{
    struct json_writer w;
    struct buf body;
    struct json *reply = NULL;
    char *absolute = client_dir(dir);
    (void)within;
    *out = (struct leftover_list){0};
    buf_init(&body);
    json_writer_init(&w, &body);
    json_object_begin(&w);
    api_put_string(&w, "dir", absolute);
    api_put_bool(&w, "dry_run", dry_run);
    json_object_end(&w);
    enum haul_error err = client_ask(client_of(s), "POST", "/v1/clean", body.data, &reply, fault);
    if (err == HAUL_OK && !api_read_leftovers(reply, out))
        err = bad_answer(fault);
    json_free(reply);
    buf_release(&body);
    free(absolute);
    return err;
}

/* ---- resolve ---- */

enum haul_error client_resolve(struct session *s, const struct job_request *request,
                               const atomic_bool *stop, struct plan *plan, struct haul_fault *fault)
{
    struct buf body;
    struct json *reply = NULL;
    buf_init_max(&body, BUF_UNBOUNDED);
    client_put_request(&body, request);
    struct wire_request r = {
        .method = "POST", .path = "/v1/resolve", .body = body.data, .stop = stop};
    enum haul_error err = wire_ask(client_of(s)->wire, &r, &reply, fault);
    if (err == HAUL_OK && !api_read_plan(reply, plan))
        err = bad_answer(fault);
    json_free(reply);
    buf_release(&body);
    return err;
}
