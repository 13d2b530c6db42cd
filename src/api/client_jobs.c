/* SPDX-License-Identifier: MIT */
/* What is asked of jobs; see client.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/client_internal.h"
#include "api/json_put.h"
#include "api/json_read.h"
#include "api/json_request.h"
#include "core/alloc.h"
#include "core/path.h"

#define BATCH_BYTES ((size_t)512 << 10) /* of requests in one body; a server takes a MiB */

/* ---- add ---- */

char *client_dir(const char *dir)
{
    return dir ? path_join(*dir == '/' ? "/" : NULL, dir + strspn(dir, "/")) : NULL;
}

void client_put_request(struct buf *body, const struct job_request *r)
{
    struct job_request copy = *r;
    char *dir = client_dir(r->dir);
    copy.dir = dir;
    api_json_request(body, &copy);
    free(dir);
}

/* As many as fit into one body; returns how many. */
static size_t fill_body(struct buf *body, const struct job_request *requests, size_t count)
{
    size_t filled = 0;
    buf_add_str(body, "{\"stop\":true,\"jobs\":[");
    for (; filled < count && (!filled || body->len < BATCH_BYTES); filled++) {
        if (filled)
            buf_add_char(body, ',');
        client_put_request(body, &requests[filled]);
    }
    buf_add_str(body, "]}");
    return filled;
}

static enum haul_error read_added(const struct json *reply, size_t count, char (*ids)[JOB_ID_SIZE],
                                  size_t *added, struct haul_fault *fault)
{
    const struct json *jobs = json_get(reply, "jobs");
    for (size_t i = 0; i < count; i++) {
        const struct json *job = json_at(jobs, i);
        const char *id = api_read_job_id(job, "job_id");
        if (!id && json_get(job, "error")) {
            api_read_fault(job, fault);
            return fault->code;
        }
        if (!id)
            return fault_set(fault, HAUL_ERR_SERVER,
                             "the job server did not say what became of "
                             "a request");
        if (ids)
            snprintf(ids[*added], JOB_ID_SIZE, "%s", id);
        ++*added;
    }
    return HAUL_OK;
}

enum haul_error client_add_many(struct session *s, const struct job_request *requests, size_t count,
                                char (*ids)[JOB_ID_SIZE], size_t *added, struct haul_fault *fault)
{
    struct client *c = client_of(s);
    enum haul_error err = HAUL_OK;
    *added = 0;
    while (*added < count && err == HAUL_OK) {
        struct buf body;
        struct json *reply = NULL;
        buf_init_max(&body, BUF_UNBOUNDED);
        size_t filled = fill_body(&body, requests + *added, count - *added);
        err = client_ask(c, "POST", "/v1/jobs", body.data, &reply, fault);
        if (err == HAUL_OK)
            err = read_added(reply, filled, ids, added, fault);
        json_free(reply);
        buf_release(&body);
    }
    return err;
}

/* ---- ask, and wait or not ---- */

/* What was refused after the call had returned. */
struct late {
    struct mirror *mirror;
    char job[JOB_ID_SIZE];
};

static void told_late(void *context, struct json *reply, const struct haul_fault *fault)
{
    struct late *late = context;
    if (!reply)
        mirror_log(late->mirror, *late->job ? late->job : NULL, LOG_ERROR, fault->message);
    json_free(reply);
    free(late);
}

/* Which jobs there are is for the server to say: one that was added just now may not have been told
 * yet, and has to be cancelled all the same. */
static enum haul_error ask(struct client *c, const char *id, const char *method, const char *path,
                           const char *body, struct haul_fault *fault)
{
    if (!c->hasty)
        return client_ask(c, method, path, body, NULL, fault);
    if (mirror_is_broken(&c->mirror)) /* what shows on the screen is that it is tried again */
        return fault_set(fault, HAUL_ERR_SERVER, "not done: the job server does not answer");
    struct wire_request r = {.method = method, .path = path, .body = body, .no_wait = true};
    struct late *late = xcalloc(1, sizeof *late);
    late->mirror = &c->mirror;
    if (id)
        strncpy(late->job, id, sizeof late->job - 1);
    wire_post(c->wire, &r, told_late, late);
    return HAUL_OK;
}

enum haul_error client_control(struct session *s, const char *id, enum job_action action,
                               struct haul_fault *fault)
{
    static const struct {
        const char *method, *after;
    } routes[] = {
        [JOB_CANCEL] = {"DELETE", ""},      [JOB_PAUSE] = {"POST", "/pause"},
        [JOB_RESUME] = {"POST", "/resume"}, [JOB_RETRY] = {"POST", "/retry"},
        [JOB_DROP] = {"POST", "/drop"},     [JOB_RESTORE] = {"POST", "/restore"},
        [JOB_DELETE] = {"POST", "/delete"},
    };
    if (!*id || strchr(id, '/')) /* the server would take it for another call */
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "there is no job '%s'", id);
    char *path = client_path("/v1/jobs/", id, routes[action].after);
    enum haul_error err = ask(client_of(s), id, routes[action].method, path, NULL, fault);
    free(path);
    return err;
}

enum haul_error client_cancel_file(struct session *s, const char *id, size_t file,
                                   struct haul_fault *fault)
{
    char *after = xasprintf("/files/%zu", file), *path = client_path("/v1/jobs/", id, after);
    enum haul_error err = ask(client_of(s), id, "DELETE", path, NULL, fault);
    free(path);
    free(after);
    return err;
}

enum haul_error client_change(struct session *s, const char *id, const struct job_change *change,
                              struct haul_fault *fault)
{
    struct json_writer w;
    struct buf body;
    buf_init(&body);
    json_writer_init(&w, &body);
    json_object_begin(&w);
    if (change->set_priority)
        api_put_int(&w, "priority", change->priority);
    if (change->set_limit_rate)
        api_put_int(&w, "limit_rate", change->limit_rate);
    if (change->set_connections)
        api_put_int(&w, "connections", change->connections);
    if (change->move)
        api_put_int(&w, "move", change->move);
    json_object_end(&w);
    char *path = client_path("/v1/jobs/", id, "");
    enum haul_error err = ask(client_of(s), id, "PATCH", path, body.data, fault);
    free(path);
    buf_release(&body);
    return err;
}

enum haul_error client_set(struct session *s, int jobs, int64_t limit_rate,
                           struct haul_fault *fault)
{
    struct json_writer w;
    struct buf body;
    buf_init(&body);
    json_writer_init(&w, &body);
    json_object_begin(&w);
    if (jobs >= 0)
        api_put_int(&w, "jobs", jobs);
    if (limit_rate >= 0)
        api_put_int(&w, "limit_rate", limit_rate);
    json_object_end(&w);
    enum haul_error err = ask(client_of(s), NULL, "PATCH", "/v1/settings", body.data, fault);
    buf_release(&body);
    return err;
}
