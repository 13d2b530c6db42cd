/* SPDX-License-Identifier: MIT */
/* Events and snapshots as JSON; see json.h. */
#include "api/json.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "core/units.h"

static const char *const layout_names[] = {
    [LAYOUT_DEFAULT] = NULL,
    [LAYOUT_PLAIN] = "plain",
    [LAYOUT_HF_CACHE] = "hf-cache",
    [LAYOUT_OLLAMA] = "ollama",
};

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

static void put_string(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, key);
    json_write_string(w, value);
}

static void put_int(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_write_int(w, value);
}

static void put_int_or_null(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_write_int_or_null(w, value);
}

/* 0 stands for "not yet" and is written as null. */
static void put_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
    char text[CLOCK_RFC3339_SIZE];
    if (wall_ms)
        clock_rfc3339(wall_ms, text);
    put_string(w, key, wall_ms ? text : NULL);
}

static void put_percent(struct json_writer *w, int64_t bytes, int64_t total)
{
    int64_t permille = api_permille(bytes, total);
    json_key(w, "percent");
    if (permille < 0)
        json_write_null(w);
    else
        json_write_fixed(w, permille, 1);
}

static void put_status(struct json_writer *w, const struct haul_fault *fault)
{
    put_int_or_null(w, "http_status", fault->http_status ? fault->http_status : -1);
}

static void begin_event(struct json_writer *w, const char *name, uint64_t seq, int64_t wall_ms)
{
    json_object_begin(w);
    put_string(w, "event", name);
    put_int(w, "seq", (int64_t)seq);
    put_time(w, "time", wall_ms);
}

static void put_job_event(struct json_writer *w, const struct event *e)
{
    put_string(w, "state", job_state_name(e->state));
    put_string(w, "source", e->source);
    put_string(w, "name", e->name);
    put_int(w, "files", (int64_t)e->files);
    put_int_or_null(w, "total", e->total);
}

static void put_file_event(struct json_writer *w, const struct event *e)
{
    put_string(w, "path", e->path);
    put_int_or_null(w, "size", e->size);
    put_string(w, "sha256", *e->sha256 ? e->sha256 : NULL);
    put_string(w, "verified", digest_origin_name(e->verified));
    put_int(w, "resumed_from", e->resumed_from);
}

static void put_log_event(struct json_writer *w, const struct event *e)
{
    put_string(w, "level", log_level_name(e->level));
    put_string(w, "message", e->message);
}

static void put_fault(struct json_writer *w, const struct haul_fault *fault)
{
    put_string(w, "code", haul_error_code(fault->code));
    put_string(w, "message", fault->message);
    put_status(w, fault);
    json_key(w, "retryable");
    json_write_bool(w, fault->retryable);
}

static void put_error_event(struct json_writer *w, const struct event *e)
{
    put_fault(w, e->fault);
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

void api_json_event(struct buf *out, const struct event *e, uint64_t seq)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, event_types[e->type].name, seq, e->wall_ms);
    put_string(&w, "job", *e->job ? e->job : NULL);
    event_types[e->type].put(&w, e);
    json_object_end(&w);
}

void api_json_progress(struct buf *out, const struct job_view *job, uint64_t seq, int64_t wall_ms)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, "progress", seq, wall_ms);
    put_string(&w, "job", job->id);
    put_int(&w, "bytes", job->bytes);
    put_int_or_null(&w, "total", job->total);
    put_percent(&w, job->bytes, job->total);
    put_int(&w, "rate", job->rate);
    put_int_or_null(&w, "eta", job->eta);
    put_int(&w, "connections", job->connections);
    put_int(&w, "files_done", (int64_t)job->files_done);
    put_int(&w, "files", (int64_t)job->file_count);
    json_object_end(&w);
}

void api_json_summary(struct buf *out, const struct api_summary *sum, uint64_t seq, int64_t wall_ms)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_event(&w, "summary", seq, wall_ms);
    put_int(&w, "completed", (int64_t)sum->completed);
    put_int(&w, "failed", (int64_t)sum->failed);
    put_int(&w, "cancelled", (int64_t)sum->cancelled);
    put_int(&w, "bytes", sum->bytes);
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
    put_string(&w, "job", NULL);
    put_fault(&w, fault);
    json_object_end(&w);
}

static void put_file(struct json_writer *w, const struct file_view *f)
{
    json_object_begin(w);
    put_string(w, "name", f->name);
    put_string(w, "path", f->path);
    put_string(w, "state", file_state_name(f->state));
    put_int(w, "bytes", f->bytes);
    put_int_or_null(w, "total", f->total);
    put_string(w, "sha256", *f->sha256 ? f->sha256 : NULL);
    put_string(w, "verified", digest_origin_name(f->verified));
    json_object_end(w);
}

static void put_job_error(struct json_writer *w, const struct haul_fault *fault)
{
    json_key(w, "error");
    if (!fault->code) {
        json_write_null(w);
        return;
    }
    json_object_begin(w);
    put_string(w, "code", haul_error_code(fault->code));
    put_string(w, "message", fault->message);
    put_status(w, fault);
    json_object_end(w);
}

static void put_figures(struct json_writer *w, const struct job_view *job)
{
    put_int(w, "bytes", job->bytes);
    put_int_or_null(w, "total", job->total);
    put_percent(w, job->bytes, job->total);
    put_int(w, "rate", job->rate);
    put_int_or_null(w, "eta", job->eta);
    put_int(w, "connections", job->connections);
}

void api_json_job(struct buf *out, const struct job_view *job)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    put_string(&w, "job_id", job->id);
    put_string(&w, "state", job_state_name(job->state));
    put_string(&w, "source", job->source);
    put_string(&w, "name", job->name);
    put_string(&w, "dir", job->dir);
    put_string(&w, "layout", layout_names[job->layout]);
    put_int(&w, "priority", job->priority);
    put_figures(&w, job);
    put_time(&w, "created", job->created_ms);
    put_time(&w, "started", job->started_ms);
    put_time(&w, "ended", job->ended_ms);
    put_job_error(&w, &job->fault);
    json_key(&w, "files");
    json_array_begin(&w);
    for (size_t i = 0; i < job->file_count; i++)
        put_file(&w, &job->files[i]);
    json_array_end(&w);
    json_object_end(&w);
}

static void put_digest(struct json_writer *w, const struct digest_value *digest)
{
    json_key(w, "digest");
    if (!digest->algorithm) {
        json_write_null(w);
        return;
    }
    char hex[2 * sizeof digest->bytes + 1];
    units_format_hex(digest->bytes, digest_size(digest->algorithm), hex);
    json_object_begin(w);
    put_string(w, "algorithm", digest_name(digest->algorithm));
    put_string(w, "value", hex);
    json_object_end(w);
}

static void put_plan_file(struct json_writer *w, const struct plan_file *f)
{
    json_object_begin(w);
    put_string(w, "path", f->path);
    put_int_or_null(w, "size", f->size);
    put_digest(w, &f->digest);
    char *url = f->url ? text_masked_url(f->url) : NULL;
    put_string(w, "url", url);
    free(url);
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
    put_string(&w, "source", source);
    put_string(&w, "name", plan->name);
    put_string(&w, "revision", plan->revision);
    put_string(&w, "dir", plan->root);
    put_int_or_null(&w, "total", plan_total(plan));
    json_key(&w, "files");
    json_array_begin(&w);
    for (size_t i = 0; i < plan->count; i++)
        put_plan_file(&w, &plan->files[i]);
    json_array_end(&w);
    json_object_end(&w);
}
