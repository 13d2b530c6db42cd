/* SPDX-License-Identifier: MIT */
/* What a batch writes on standard output; see batch_report.h. */
#include "cli/batch_report.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

void batch_report_init(struct batch_report *r, struct outq *out, bool json)
{
    *r = (struct batch_report){.out = out, .json = json};
}

void batch_report_release(struct batch_report *r)
{
    free(r->told);
    *r = (struct batch_report){0};
}

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    do {
        hash ^= (unsigned char)*text;
        hash *= UINT64_C(0x100000001b3);
    } while (*text++);
    return hash ? hash : 1;
}

/* True when it was not there. The table is at most half full. */
static bool insert(uint64_t *table, size_t size, uint64_t hash)
{
    size_t i = (size_t)hash & (size - 1);
    while (table[i] && table[i] != hash)
        i = (i + 1) & (size - 1);
    if (table[i])
        return false;
    table[i] = hash;
    return true;
}

static void grow(struct batch_report *r)
{
    size_t size = r->told_size ? 2 * r->told_size : 64;
    uint64_t *table = xcalloc(size, sizeof *table);
    for (size_t i = 0; i < r->told_size; i++)
        if (r->told[i])
            (void)insert(table, size, r->told[i]);
    free(r->told);
    r->told = table;
    r->told_size = size;
}

static bool first_time(struct batch_report *r, const char *job, const char *path)
{
    if (2 * r->told_count >= r->told_size)
        grow(r);
    uint64_t hash = hash_text(hash_text(UINT64_C(0xcbf29ce484222325), job), path);
    bool first = insert(r->told, r->told_size, hash);
    r->told_count += first;
    return first;
}

static void end_line(struct batch_report *r)
{
    buf_add_char(&r->out->text, '\n');
}

static void tell_file(struct batch_report *r, const struct event *e)
{
    if (!e->path || !first_time(r, e->job, e->path))
        return;
    r->bytes = units_add(r->bytes, e->size > 0 ? e->size : 0);
    if (r->json)
        api_json_event(&r->out->text, e, ++r->seq);
    else
        buf_add_str(&r->out->text, e->path);
    end_line(r);
}

void batch_report_event(struct batch_report *r, const struct event *e)
{
    if (e->type == EVENT_FILE) {
        tell_file(r, e);
    } else if (r->json) {
        api_json_event(&r->out->text, e, ++r->seq);
        end_line(r);
    }
}

void batch_report_files(struct batch_report *r, const struct job_view *job)
{
    struct event e = {.type = EVENT_FILE, .wall_ms = clock_wall_ms(), .number = job->number};
    memcpy(e.job, job->id, sizeof e.job);
    for (size_t i = 0; i < job->file_count; i++) {
        const struct file_view *f = &job->files[i];
        if (f->state != FILE_DONE && f->state != FILE_SKIPPED)
            continue;
        e.path = f->path;
        e.size = f->total;
        e.resumed_from = f->resumed_from;
        e.verified = f->verified;
        memcpy(e.sha256, f->sha256, sizeof e.sha256);
        tell_file(r, &e);
    }
}

void batch_report_state(struct batch_report *r, const struct job_view *job)
{
    if (!r->json)
        return;
    struct event e = {
        .type = EVENT_JOB,
        .wall_ms = clock_wall_ms(),
        .number = job->number,
        .state = job->state,
        .source = job->source,
        .name = job->name,
        .files = job->file_count,
        .total = job->total,
    };
    memcpy(e.job, job->id, sizeof e.job);
    batch_report_event(r, &e);
}

void batch_report_progress(struct batch_report *r, const struct job_view *job)
{
    if (!r->json)
        return;
    api_json_progress(&r->out->text, job, ++r->seq, clock_wall_ms());
    end_line(r);
}

void batch_report_refusal(struct batch_report *r, const struct haul_fault *fault)
{
    if (!r->json)
        return;
    api_json_refusal(&r->out->text, fault, ++r->seq, clock_wall_ms());
    end_line(r);
}

void batch_report_summary(struct batch_report *r, const struct api_summary *sum)
{
    if (!r->json)
        return;
    api_json_summary(&r->out->text, sum, ++r->seq, clock_wall_ms());
    end_line(r);
}
