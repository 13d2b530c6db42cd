/* SPDX-License-Identifier: MIT */
/* Events and plans as JSON; see json.h. */
#include "api/json.h"

#include <stdlib.h>

#include "api/json_put.h"
#include "core/clock.h"
#include "core/text.h"

int64_t api_permille(int64_t bytes, int64_t total)
{
    if (total < 0)
        return -1;
    if (bytes >= total)
        return 1000;
    if (bytes <= 0)
        return 0;
    return total > INT64_MAX / 1000 ? bytes / (total / 1000 + 1) : bytes * 1000 / total;
}

void api_put_percent(struct json_writer *w, int64_t bytes, int64_t total)
{
    int64_t permille = api_permille(bytes, total);
    json_key(w, "percent");
    if (permille < 0)
        json_write_null(w);
    else
        json_write_fixed(w, permille, 1);
}

static void begin_event(struct json_writer *w, const char *name, uint64_t seq, int64_t wall_ms)
{
    json_object_begin(w);
    api_put_string(w, "event", name);
    api_put_int(w, "seq", (int64_t)seq);
    api_put_time(w, "time", wall_ms);
}

static void put_job_event(struct json_writer *w, const struct event *e)
{
    api_put_string(w, "state", job_state_name(e->state));
    api_put_string(w, "source", e->source);
    api_put_string(w, "name", e->name);
    api_put_int(w, "files", (int64_t)e->files);
    api_put_int_or_null(w, "total", e->total);
}

static void put_file_event(struct json_writer *w, const struct event *e)
{
    api_put_string(w, "path", e->path);
    api_put_int_or_null(w, "size", e->size);
    api_put_string(w, "sha256", *e->sha256 ? e->sha256 : NULL);
    api_put_string(w, "verified", digest_origin_name(e->verified));
    api_put_int(w, "resumed_from", e->resumed_from);
}

static void put_log_event(struct json_writer *w, const struct event *e)
{
    api_put_string(w, "level", log_level_name(e->level));
    api_put_string(w, "message", e->message);
}

static void put_refusal(struct json_writer *w, const struct haul_fault *fault)
{
    api_put_fault(w, fault);
    api_put_bool(w, "retryable", fault->retryable);
}

static void put_error_event(struct json_writer *w, const struct event *e)
{
    put_refusal(w, e->fault);
}

static const struct {
    const char *name;
    void (*put)(struct json_writer *w, const struct event *e);
} event_types[] = {
    [EVENT_JOB] = {"job", put_job_event},
    [EVENT_FILE] = {"file", put_file_event},
    [EVENT_LOG] = {"log", put_log_event},
    [EVENT_ERROR] = {"error", put_error_event},
};

const char *api_event_name(enum event_type type)
{
    return event_types[type].name;
}

void api_json_event(struct buf *out, const struct event *e, uint64_t seq)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, event_types[e->type].name, seq, e->wall_ms);
    api_put_string(&w, "job", *e->job ? e->job : NULL);
    event_types[e->type].put(&w, e);
    json_object_end(&w);
}

void api_json_progress(struct buf *out, const struct job_view *job, uint64_t seq, int64_t wall_ms)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, "progress", seq, wall_ms);
    api_put_string(&w, "job", job->id);
    api_put_int(&w, "bytes", job->bytes);
    api_put_int_or_null(&w, "total", job->total);
    api_put_percent(&w, job->bytes, job->total);
    api_put_int(&w, "rate", job->rate);
    api_put_int_or_null(&w, "eta", job->eta);
    api_put_int(&w, "connections", job->connections);
    api_put_int(&w, "files_done", (int64_t)job->files_done);
    api_put_int(&w, "files", (int64_t)job->file_count);
    json_object_end(&w);
}

void api_json_summary(struct buf *out, const struct api_summary *sum, uint64_t seq, int64_t wall_ms)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, "summary", seq, wall_ms);
    api_put_int(&w, "completed", (int64_t)sum->completed);
    api_put_int(&w, "failed", (int64_t)sum->failed);
    api_put_int(&w, "cancelled", (int64_t)sum->cancelled);
    api_put_int(&w, "bytes", sum->bytes);
    json_key(&w, "seconds");
    json_write_fixed(&w, sum->elapsed / CLOCK_MS, 3);
    json_object_end(&w);
}

void api_json_refusal(struct buf *out, const struct haul_fault *fault, uint64_t seq,
                      int64_t wall_ms)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, "error", seq, wall_ms);
    api_put_string(&w, "job", NULL);
    put_refusal(&w, fault);
    json_object_end(&w);
}

static void put_plan_file(struct json_writer *w, const struct plan_file *f)
{
    json_object_begin(w);
    api_put_string(w, "path", f->path);
    api_put_int_or_null(w, "size", f->size);
    api_put_digest(w, &f->digest);
    char *url = f->url ? text_masked_url(f->url) : NULL;
    api_put_string(w, "url", url);
    free(url);
    api_put_bool(w, "present", f->present);
    json_object_end(w);
}

static int64_t plan_total(const struct plan *plan)
{
    int64_t total = 0;
    for (size_t i = 0; i < plan->count; i++) {
        int64_t size = plan->files[i].size;
        if (size < 0 || size > INT64_MAX - total)
            return -1;
        total += size;
    }
    return total;
}

void api_json_plan(struct buf *out, const char *source, const struct plan *plan)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    api_put_string(&w, "source", source);
    api_put_string(&w, "name", plan->name);
    api_put_string(&w, "revision", plan->revision);
    api_put_string(&w, "dir", plan->root);
    api_put_int_or_null(&w, "total", plan_total(plan));
    json_key(&w, "files");
    json_array_begin(&w);
    for (size_t i = 0; i < plan->count; i++)
        put_plan_file(&w, &plan->files[i]);
    json_array_end(&w);
    json_object_end(&w);
}
