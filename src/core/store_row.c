/* SPDX-License-Identifier: MIT */
/* Between jobs and rows of the store; see store_row.h. */
#include "core/store_row.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void store_row_init(struct store_row *r)
{
    *r = (struct store_row){0};
    job_request_init(&r->request);
}

void store_row_release(struct store_row *r)
{
    for (size_t i = 0; i < r->file_count; i++) {
        free(r->files[i].name);
        free(r->files[i].path);
    }
    free(r->files);
    free(r->source);
    free(r->name);
    free(r->dir);
    free(r->fault);
    job_request_release(&r->request);
    store_row_init(r);
}

void store_row_add_file(struct store_row *r, const struct store_file *f)
{
    /* Grows by doubling: full when the count is a power of two. */
    if (!(r->file_count & (r->file_count - 1)))
        r->files = xreallocarray(r->files, r->file_count ? r->file_count * 2 : 1, sizeof *r->files);
    r->files[r->file_count++] = *f;
}

static void take_file(struct store_row *r, const struct progress *p, size_t i)
{
    const struct file_info *info = &p->infos[i];
    const struct file_progress *c = &p->counters[i];
    struct store_file f = {
        .index = i,
        .name = xstrdup(info->name),
        .path = xstrdup(info->path),
        .state = (enum file_state)atomic_load(&c->state),
        .bytes = progress_file_bytes(p, i),
        .total = atomic_load(&c->total),
        .resumed_from = atomic_load(&c->resumed_from),
        .verified = info->verified,
        .made = info->made,
    };
    memcpy(f.sha256, info->sha256, sizeof f.sha256);
    store_row_add_file(r, &f);
}

static void take_files(struct store_row *r, struct progress *p)
{
    if (!p)
        return;
    r->all_files = !p->saved;
    for (size_t i = 0; i < p->count; i++) {
        if (p->saved && !p->infos[i].unsaved)
            continue;
        take_file(r, p, i);
        p->infos[i].unsaved = false;
    }
    p->saved = true;
}

static void take_request(struct store_row *r, const struct job_request *q)
{
    r->request = *q;
    r->request.spec = NULL;
    r->request.headers = (struct string_list){0};
    r->request.dir = xstrdup(q->dir);
    r->request.out = xstrdup(q->out);
    r->request.revision = xstrdup(q->revision);
    r->request.checksum_file = xstrdup(q->checksum_file);
    string_list_copy(&r->request.include, &q->include);
    string_list_copy(&r->request.exclude, &q->exclude);
}

void store_row_take(struct store_row *r, struct job *job)
{
    store_row_init(r);
    memcpy(r->id, job->id, sizeof r->id);
    r->number = job->number;
    r->state = job->pausing && job_state_active(job->state) ? JOB_PAUSED : job->state;
    r->hidden = job->hidden;
    r->blocked_by_disk = job->blocked_by_disk;
    r->key = job->key;
    r->mark = job->mark;
    r->secrets = job->secrets;
    r->layout = job->layout;
    r->source = xstrdup(job->source);
    r->name = xstrdup(job->name);
    r->dir = xstrdup(job->dir);
    take_request(r, &job->request);
    r->priority = job->order.priority;
    r->position = job->order.position;
    r->limit_rate = job->limit_rate;
    r->connections_max = job->connections_max;
    r->created_ms = job->created_ms;
    r->started_ms = job->started_ms;
    r->ended_ms = job->ended_ms;
    if (job->fault) {
        r->fault = xmalloc(sizeof *r->fault);
        *r->fault = *job->fault;
    }
    take_files(r, job->progress);
}

static struct progress *progress_of(struct store_row *r)
{
    if (!r->file_count)
        return NULL;
    struct progress *p = progress_new(r->file_count);
    for (size_t i = 0; i < r->file_count; i++) {
        struct store_file *f = &r->files[i];
        struct file_info *info = &p->infos[i];
        struct file_progress *c = &p->counters[i];
        info->name = f->name;
        info->path = f->path;
        f->name = f->path = NULL;
        info->verified = f->verified;
        info->made = f->made;
        memcpy(info->sha256, f->sha256, sizeof info->sha256);
        atomic_store(&c->bytes, f->bytes);
        atomic_store(&c->total, f->total);
        atomic_store(&c->resumed_from, f->resumed_from);
        atomic_store(&c->state, (int)f->state);
        atomic_store(&c->cancel, f->state == FILE_CANCELLED);
    }
    progress_settle(p);
    p->saved = true;
    return p;
}

static void lose_secret(struct job *job)
{
    struct haul_fault fault;
    (void)job_fault_secret(job, &fault);
    job->secret_lost = true;
    if (job->state == JOB_COMPLETED || job->state == JOB_CANCELLED)
        return; /* only a retry would want it */
    job_set_fault(job, &fault);
    job->state = JOB_FAILED;
}

static char *taken(char **s)
{
    char *text = *s;
    *s = NULL;
    return text;
}

struct job *store_row_job(struct store_row *r)
{
    struct job *job = job_new();
    memcpy(job->id, r->id, sizeof job->id);
    job->number = r->number;
    job->state = job_state_active(r->state) ? JOB_QUEUED : r->state;
    job->blocked_by_disk = r->blocked_by_disk;
    job->mark = r->mark;
    job->secrets = r->secrets;
    job->layout = r->layout;
    job->request = r->request;
    job_request_init(&r->request);
    job->request.spec = xstrdup(r->source);
    job->source = taken(&r->source);
    job->name = taken(&r->name);
    job->dir = taken(&r->dir);
    job->order.priority = r->priority;
    job->order.position = r->position;
    job->limit_rate = r->limit_rate;
    job->connections_max = r->connections_max;
    job->created_ms = r->created_ms;
    /* What goes on begins anew: the time when nobody ran it is none of its own. */
    job->started_ms = job_state_ended(r->state) ? r->started_ms : 0;
    job->ended_ms = r->ended_ms;
    job_set_fault(job, r->fault);
    job->progress = progress_of(r);
    if (job->secrets)
        lose_secret(job);
    job_set_key(job);
    return job;
}
