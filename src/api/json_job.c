/* SPDX-License-Identifier: MIT */
/* Jobs as JSON; see json_job.h. */
#include "api/json_job.h"

#include "api/json.h"
#include "api/json_put.h"
#include "core/clock.h"

static void put_file(struct json_writer *w, const struct file_view *f, int64_t index)
{
    json_object_begin(w);
    if (index >= 0)
        api_put_int(w, "index", index);
    api_put_string(w, "name", f->name);
    api_put_string(w, "path", f->path);
    api_put_string(w, "state", file_state_name(f->state));
    api_put_int(w, "bytes", f->bytes);
    api_put_int_or_null(w, "total", f->total);
    api_put_string(w, "sha256", *f->sha256 ? f->sha256 : NULL);
    api_put_string(w, "verified", digest_origin_name(f->verified));
    api_put_string(w, "url", f->url);
    api_put_int(w, "hashed", f->hashed);
    api_put_int(w, "resumed_from", f->resumed_from);
    api_put_int(w, "rate", f->rate);
    api_put_int(w, "connections", f->connections);
    api_put_int(w, "retries", f->retries);
    api_put_bool(w, "retry_wait", f->retry_wait);
    json_object_end(w);
}

static void put_error(struct json_writer *w, const struct haul_fault *fault)
{
    json_key(w, "error");
    if (!fault->code) {
        json_write_null(w);
        return;
    }
    json_object_begin(w);
    api_put_fault(w, fault);
    json_object_end(w);
}

static void put_retry(struct json_writer *w, const struct job_view *job, int64_t now)
{
    json_key(w, "retry");
    if (!job->retry_at) {
        json_write_null(w);
        return;
    }
    int64_t left = job->retry_at > now ? job->retry_at - now : 0;
    json_object_begin(w);
    api_put_int(w, "in_ms", left / CLOCK_MS);
    api_put_int(w, "try", job->retry_try);
    api_put_int(w, "max", job->retry_max);
    api_put_string(w, "why", job->retry_why);
    json_object_end(w);
}

static void put_asked(struct json_writer *w, const struct job_view *job)
{
    api_put_string(w, "job_id", job->id);
    api_put_int(w, "number", (int64_t)job->number);
    api_put_string(w, "state", job_state_name(job->state));
    api_put_string(w, "source", job->source);
    api_put_string(w, "name", job->name);
    api_put_string(w, "dir", job->dir);
    api_put_string(w, "layout", layout_name(job->layout));
    api_put_int(w, "priority", job->priority);
    api_put_int(w, "position", job->position);
    api_put_int(w, "limit_rate", job->limit_rate);
    api_put_int(w, "connections_max", job->connections_max);
}

static void put_figures(struct json_writer *w, const struct job_view *job)
{
    api_put_int(w, "bytes", job->bytes);
    api_put_int_or_null(w, "total", job->total);
    api_put_percent(w, job->bytes, job->total);
    api_put_int(w, "rate", job->rate);
    api_put_int(w, "rate_average", job->rate_average);
    api_put_int(w, "rate_peak", job->rate_peak);
    api_put_int_or_null(w, "eta", job->eta);
    api_put_int(w, "idle_ms", job->idle_ms);
    api_put_int(w, "connections", job->connections);
    api_put_int(w, "retries", job->retries);
    api_put_int(w, "fetched", job->fetched);
}

static void put_job(struct json_writer *w, const struct job_view *job, int64_t now)
{
    put_asked(w, job);
    put_figures(w, job);
    put_retry(w, job, now);
    api_put_bool(w, "blocked_by_disk", job->blocked_by_disk);
    api_put_time(w, "created", job->created_ms);
    api_put_time(w, "started", job->started_ms);
    api_put_time(w, "ended", job->ended_ms);
    put_error(w, &job->fault);
    api_put_int(w, "file_count", (int64_t)job->file_count);
    api_put_int(w, "files_done", (int64_t)job->files_done);
    json_key(w, "files");
}

void api_json_job(struct buf *out, const struct job_view *job, int64_t now)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    put_job(&w, job, now);
    json_array_begin(&w);
    for (size_t i = 0; i < job->file_count; i++)
        put_file(&w, &job->files[i], -1);
    json_array_end(&w);
    json_object_end(&w);
}

void api_json_job_update(struct buf *out, const struct job_view *job, const size_t *files,
                         size_t count, int64_t now)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    put_job(&w, job, now);
    json_array_begin(&w);
    for (size_t i = 0; i < count; i++)
        put_file(&w, &job->files[files[i]], (int64_t)files[i]);
    json_array_end(&w);
    json_object_end(&w);
}
