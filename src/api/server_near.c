/* SPDX-License-Identifier: MIT */
/* Handlers of what is looked at from near: a file of a job, the log. See server_routes.h. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/json_detail.h"
#include "api/json_put.h"
#include "api/server_exchange.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

#define LOG_MAX   ((size_t)2000)
#define NOTE_WAIT CLOCK_SEC
#define NOTE_STEP 20 /* ms */

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

/* A transfer begins to note where it is when somebody asks for it, and the first note takes a
 * moment. */
struct file_look {
    struct errand errand;
    char id[JOB_ID_SIZE];
    size_t file;
    bool waits;
    struct detail_view detail;
};

static bool look(struct session *s, struct file_look *l)
{
    if (!session_detail(s, l->id, l->file, &l->detail))
        l->detail = (struct detail_view){0};
    return l->detail.conn_count || l->detail.cell_count || !l->waits;
}

static struct file_look *look_of(struct errand *e)
{
    return HAUL_CONTAINER_OF(e, struct file_look, errand);
}

static void run_look(struct errand *e)
{
    int64_t until = clock_now() + NOTE_WAIT;
    while (!look(e->session, look_of(e)) && !atomic_load(&e->stop) && clock_now() < until)
        (void)poll(NULL, 0, NOTE_STEP);
}

static void answer_look(struct errand *e, struct exchange *x)
{
    struct buf text;
    buf_init(&text);
    api_json_detail(&text, &look_of(e)->detail);
    exchange_reply_json(x, 200, &text);
}

static void free_look(struct errand *e)
{
    free(look_of(e));
}

void handle_file(struct exchange *x)
{
    size_t file;
    const struct job_view *v = find_file(x, &file);
    if (!v)
        return;
    struct file_look *l = xcalloc(1, sizeof *l);
    l->errand = (struct errand){.run = run_look, .answer = answer_look, .free = free_look};
    memcpy(l->id, v->id, sizeof l->id);
    l->file = file;
    l->waits = v->state == JOB_RUNNING && v->files[file].state == FILE_ACTIVE &&
               !exchange_wants_no_wait(x);
    if (!look(x->server->session, l)) {
        (void)errand_start(x->server->errands, &l->errand, x, false);
        return;
    }
    answer_look(&l->errand, x);
    free(l);
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
    const char *job = exchange_query(x, "job");
    const struct job_view *listed = job ? server_find(x->server, job) : NULL;
    if (listed)
        job = listed->id; /* it may have been a number */
    struct event **events = xcalloc(max + 1, sizeof(struct event *));
    size_t count = max ? session_log(x->server->session, job, events, max) : 0;
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
