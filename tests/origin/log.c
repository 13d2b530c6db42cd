/* SPDX-License-Identifier: MIT */
/* What the server saw, in memory and as JSON lines; see log.h. */
#include "origin/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"

bool origin_log_init(struct origin_log *log, const char *path) HAUL_NO_TSA
{
    *log = (struct origin_log){0};
    if (path && !(log->file = fopen(path, "ae"))) {
        fprintf(stderr, "haul-origin: %s: %s\n", path, strerror(errno));
        return false;
    }
    mutex_init(&log->lock);
    return true;
}

static void entry_free(struct origin_entry *e)
{
    const char *const texts[] = {e->method,   e->target,        e->host, e->range,
                                 e->if_range, e->authorization, e->head};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(texts); i++)
        free((void *)(uintptr_t)texts[i]);
    free(e);
}

void origin_log_reset(struct origin_log *log)
{
    mutex_lock(&log->lock);
    for (size_t i = 0; i < log->count; i++)
        entry_free(log->entries[i]);
    log->first += log->count;
    log->count = 0;
    mutex_unlock(&log->lock);
}

void origin_log_release(struct origin_log *log) HAUL_NO_TSA
{
    origin_log_reset(log);
    free(log->entries);
    if (log->file)
        fclose(log->file);
    mutex_release(&log->lock);
}

static struct origin_entry *entry_new(uint64_t connection, const char *head,
                                      const struct origin_request *r)
{
    struct origin_entry *e = xcalloc(1, sizeof *e);
    *e = (struct origin_entry){
        .connection = connection,
        .method = xstrdup(r->method),
        .target = xstrdup(r->target),
        .host = xstrdup(origin_request_header(r, "Host")),
        .range = xstrdup(origin_request_header(r, "Range")),
        .if_range = xstrdup(origin_request_header(r, "If-Range")),
        .authorization = xstrdup(origin_request_header(r, "Authorization")),
        .head = xstrdup(head),
        .started_ns = clock_now(),
        .started_ms = clock_wall_ms(),
    };
    return e;
}

uint64_t origin_log_begin(struct origin_log *log, uint64_t connection, const char *head,
                          const struct origin_request *request)
{
    struct origin_entry *e = entry_new(connection, head, request);
    mutex_lock(&log->lock);
    log->entries = xreallocarray(log->entries, log->count + 1, sizeof(struct origin_entry *));
    log->entries[log->count] = e;
    uint64_t serial = log->first + log->count++;
    mutex_unlock(&log->lock);
    return serial;
}

/* NULL for an entry that a reset has dropped. */
static struct origin_entry *find_locked(struct origin_log *log, uint64_t serial)
    HAUL_REQUIRES(log->lock)
{
    if (serial < log->first || serial - log->first >= log->count)
        return NULL;
    return log->entries[serial - log->first];
}

void origin_log_status(struct origin_log *log, uint64_t serial, int status, int64_t body_start)
{
    mutex_lock(&log->lock);
    struct origin_entry *e = find_locked(log, serial);
    if (e) {
        e->status = status;
        e->body_start = body_start;
    }
    mutex_unlock(&log->lock);
}

void origin_log_sent(struct origin_log *log, uint64_t serial, int64_t bytes)
{
    mutex_lock(&log->lock);
    struct origin_entry *e = find_locked(log, serial);
    if (e)
        e->body_sent += bytes;
    mutex_unlock(&log->lock);
}

static void write_entry(struct json_writer *w, const struct origin_entry *e)
{
    const struct {
        const char *key, *value;
    } texts[] = {
        {"method", e->method}, {"target", e->target},     {"host", e->host},
        {"range", e->range},   {"if_range", e->if_range}, {"authorization", e->authorization},
        {"head", e->head},
    };
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {
        {"connection", (int64_t)e->connection},
        {"started_ms", e->started_ms},
        {"status", e->status},
        {"body_start", e->body_start},
        {"body_sent", e->body_sent},
    };
    json_object_begin(w);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(numbers); i++) {
        json_key(w, numbers[i].key);
        json_write_int(w, numbers[i].value);
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(texts); i++) {
        json_key(w, texts[i].key);
        json_write_string(w, texts[i].value);
    }
    json_key(w, "done");
    json_write_bool(w, e->done);
    json_object_end(w);
}

static void write_line(FILE *file, const struct origin_entry *e)
{
    struct buf line;
    struct json_writer w;
    buf_init(&line);
    json_writer_init(&w, &line);
    write_entry(&w, e);
    fprintf(file, "%s\n", line.data);
    fflush(file);
    buf_release(&line);
}

void origin_log_end(struct origin_log *log, uint64_t serial)
{
    mutex_lock(&log->lock);
    struct origin_entry *e = find_locked(log, serial);
    if (e) {
        e->done = true;
        if (log->file)
            write_line(log->file, e);
    }
    mutex_unlock(&log->lock);
}

size_t origin_log_length(struct origin_log *log)
{
    mutex_lock(&log->lock);
    size_t count = log->count;
    mutex_unlock(&log->lock);
    return count;
}

bool origin_log_copy(struct origin_log *log, size_t i, struct origin_entry *out)
{
    mutex_lock(&log->lock);
    bool found = i < log->count;
    if (found)
        *out = *log->entries[i];
    mutex_unlock(&log->lock);
    return found;
}

int64_t origin_log_total(struct origin_log *log)
{
    int64_t sum = 0;
    mutex_lock(&log->lock);
    for (size_t i = 0; i < log->count; i++)
        sum += log->entries[i]->body_sent;
    mutex_unlock(&log->lock);
    return sum;
}

void origin_log_dump(struct origin_log *log, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    mutex_lock(&log->lock);
    for (size_t i = 0; i < log->count; i++)
        write_entry(&w, log->entries[i]);
    mutex_unlock(&log->lock);
    json_array_end(&w);
}
