/* SPDX-License-Identifier: MIT */
/* JSON back to jobs; see json_job.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/json_job.h"
#include "core/clock.h"
#include "core/text.h"

#define FILES_MAX ((size_t)1 << 20)

static int64_t number(const struct json *object, const char *key, int64_t fallback)
{
    return json_signed(json_get(object, key), fallback);
}

/* No file has more bytes, and no reckoning with them comes to the end of what an int64_t holds. */
#define AMOUNT_MAX ((int64_t)1 << 53)

static int64_t amount(const struct json *object, const char *key, int64_t fallback)
{
    int64_t n = number(object, key, fallback);
    return n < 0 ? fallback : n > AMOUNT_MAX ? AMOUNT_MAX : n;
}

static unsigned small(const struct json *object, const char *key)
{
    int64_t n = json_int(json_get(object, key), 0);
    return n > INT32_MAX ? INT32_MAX : (unsigned)n;
}

static int64_t time_of(const struct json *object, const char *key)
{
    const char *text = json_string(json_get(object, key), NULL);
    int64_t ms = text ? clock_parse_rfc3339(text) : 0;
    return ms < 0 ? 0 : ms;
}

static void read_text(char **field, const struct json *object, const char *key)
{
    const char *text = json_string(json_get(object, key), NULL);
    char *clean = text ? text_sanitized(text) : NULL;
    view_set_string(field, clean);
    free(clean);
}

static bool read_file(const struct json *object, struct file_view *f)
{
    if (!file_state_from_name(json_string(json_get(object, "state"), ""), &f->state))
        return false;
    read_text(&f->name, object, "name");
    view_set_string(&f->path, json_string(json_get(object, "path"), NULL));
    read_text(&f->url, object, "url");
    f->bytes = amount(object, "bytes", 0);
    f->total = amount(object, "total", -1);
    f->hashed = amount(object, "hashed", 0);
    f->resumed_from = amount(object, "resumed_from", 0);
    f->rate = amount(object, "rate", 0);
    f->connections = small(object, "connections");
    f->retries = small(object, "retries");
    f->retry_wait = json_bool(json_get(object, "retry_wait"), false);
    f->verified = digest_origin_from_name(json_string(json_get(object, "verified"), ""));
    snprintf(f->sha256, sizeof f->sha256, "%s", json_string(json_get(object, "sha256"), ""));
    return f->name != NULL;
}

/* An update names its files by index; a snapshot has them all in order. */
static bool read_files(const struct json *object, struct job_view *v)
{
    const struct json *files = json_get(object, "files");
    int64_t all = json_int(json_get(object, "file_count"), -1);
    if (json_type(files) != JSON_ARRAY || all < 0 || (size_t)all > FILES_MAX)
        return false;
    bool whole = json_count(files) == (size_t)all && !json_get(json_at(files, 0), "index");
    if (!whole && (size_t)all != v->file_count)
        return false;
    job_view_set_files(v, (size_t)all);
    for (size_t i = 0; i < json_count(files); i++) {
        const struct json *file = json_at(files, i);
        int64_t at = whole ? (int64_t)i : json_int(json_get(file, "index"), -1);
        if (at < 0 || at >= all || !read_file(file, &v->files[at]))
            return false;
    }
    return true;
}

static void read_error(const struct json *object, struct job_view *v)
{
    const struct json *error = json_get(object, "error");
    v->fault = (struct haul_fault){0};
    if (json_type(error) != JSON_OBJECT)
        return;
    enum haul_error code = haul_error_from_code(json_string(json_get(error, "code"), ""));
    fault_set(&v->fault, code, "%s", json_string(json_get(error, "message"), ""));
    v->fault.http_status = (int)small(error, "http_status");
}

static void read_retry(const struct json *object, struct job_view *v, int64_t now)
{
    const struct json *retry = json_get(object, "retry");
    bool waits = json_type(retry) == JSON_OBJECT;
    int64_t left = json_int(json_get(retry, "in_ms"), 0);
    v->retry_at = waits ? now + (left > INT32_MAX ? INT32_MAX : left) * CLOCK_MS : 0;
    v->retry_try = small(retry, "try");
    v->retry_max = small(retry, "max");
    read_text(&v->retry_why, retry, "why");
}

static void read_figures(const struct json *object, struct job_view *v)
{
    v->bytes = amount(object, "bytes", 0);
    v->total = amount(object, "total", -1);
    v->rate = amount(object, "rate", 0);
    v->rate_average = amount(object, "rate_average", 0);
    v->rate_peak = amount(object, "rate_peak", 0);
    v->eta = amount(object, "eta", -1);
    v->idle_ms = amount(object, "idle_ms", 0);
    v->connections = small(object, "connections");
    v->retries = small(object, "retries");
    v->fetched = amount(object, "fetched", 0);
    v->files_done = (size_t)json_int(json_get(object, "files_done"), 0);
}

static void read_asked(const struct json *object, struct job_view *v)
{
    int layout = word_index(layout_names, json_string(json_get(object, "layout"), "plain"));
    v->number = (uint64_t)json_int(json_get(object, "number"), 0);
    read_text(&v->source, object, "source");
    read_text(&v->name, object, "name");
    read_text(&v->dir, object, "dir");
    v->layout = layout < 0 ? LAYOUT_PLAIN : (enum layout)(LAYOUT_PLAIN + layout);
    v->priority = (int)number(object, "priority", 0);
    v->position = number(object, "position", 0);
    v->limit_rate = amount(object, "limit_rate", 0);
    v->connections_max = small(object, "connections_max");
    v->blocked_by_disk = json_bool(json_get(object, "blocked_by_disk"), false);
    v->created_ms = time_of(object, "created");
    v->started_ms = time_of(object, "started");
    v->ended_ms = time_of(object, "ended");
}

bool api_read_job(const struct json *object, struct job_view *v, int64_t now)
{
    if (!job_state_from_name(json_string(json_get(object, "state"), ""), &v->state))
        return false;
    read_asked(object, v);
    read_figures(object, v);
    read_retry(object, v, now);
    read_error(object, v);
    return v->source && v->name && v->dir && read_files(object, v);
}
