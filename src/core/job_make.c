/* SPDX-License-Identifier: MIT */
/* From a request to a job, and what makes two jobs the same; see job.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/job.h"
#include "core/path.h"
#include "core/text.h"

static enum layout layout_of(const struct job_request *r, enum spec_kind kind)
{
    if (r->layout != LAYOUT_DEFAULT)
        return r->layout;
    if (r->dir)
        return LAYOUT_PLAIN;
    if (kind == SPEC_HF)
        return LAYOUT_HF_CACHE;
    return kind == SPEC_OLLAMA ? LAYOUT_OLLAMA : LAYOUT_PLAIN;
}

/* The job may be carried out by a process that was started elsewhere. */
static void make_absolute(struct job *job, const struct spec *spec)
{
    struct job_request *r = &job->request;
    bool local = spec->kind == SPEC_BUILD || spec->kind == SPEC_FILE;
    /* What is on this machine stays where it is, unless a directory or another name is given. */
    bool stays = local && !(spec->kind == SPEC_FILE && r->out);
    if (r->dir || (job->layout == LAYOUT_PLAIN && !stays)) {
        char *dir = r->dir && r->dir[0] == '/' ? xstrdup(r->dir)
                    : r->dir                   ? path_join(NULL, r->dir)
                                               : getcwd(NULL, 0);
        free(r->dir);
        r->dir = dir;
    }
    if (local && spec->path[0] != '/' && spec->path[0] != '~') {
        char *path = path_join(NULL, spec->path);
        free(r->spec);
        r->spec = xasprintf("%s:%s", spec_kind_name(spec->kind), path);
        free(path);
    }
}

static enum haul_error check_options(const struct job_request *r, const struct spec *spec,
                                     bool (*supports)(enum spec_kind kind),
                                     struct haul_fault *fault)
{
    const char *kind = spec_kind_name(spec->kind);
    if (supports && !supports(spec->kind))
        return fault_set(fault, HAUL_ERR_USAGE, "this haul has no source for %s:", kind);
    if (r->connections > CONNECTIONS_MAX)
        return fault_set(fault, HAUL_ERR_USAGE, "connections must be 1 to %d", CONNECTIONS_MAX);
    if (r->out && path_check_relative(r->out, NULL) != HAUL_OK)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "'%s' is no name below the directory; name the directory on its own",
                         r->out);
    if (r->layout == LAYOUT_HF_CACHE && spec->kind != SPEC_HF)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "layout hf-cache is for hf: sources, not %s:", kind);
    if (r->layout == LAYOUT_OLLAMA && spec->kind != SPEC_OLLAMA)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "layout ollama is for ollama: sources, not %s:", kind);
    return HAUL_OK;
}

static void fill(struct job *job, const struct job_request *request, const struct spec *spec)
{
    job_request_copy(&job->request, request);
    job->layout = layout_of(request, spec->kind);
    make_absolute(job, spec);
    bool local = spec->kind == SPEC_BUILD || spec->kind == SPEC_FILE;
    job->source = local ? xstrdup(job->request.spec) : spec_masked(spec);
    /* As the source will call it. */
    bool named = request->out && (spec->kind == SPEC_URL || spec->kind == SPEC_FILE);
    job->name = named ? text_sanitized(request->out) : spec_display_name(spec);
    job->dir = text_sanitized(job->request.dir ? job->request.dir : "");
    job->mark = job_mark(spec->text);
    if (!local && strcmp(job->source, spec->text) != 0)
        job->secrets |= SECRET_IN_SPEC;
    if (request->headers.count)
        job->secrets |= SECRET_IN_HEADERS;
    job->limit_rate = request->limit_rate;
    job->connections_max = request->connections;
    job->order.priority = request->priority;
    job->state = request->paused ? JOB_PAUSED : JOB_QUEUED;
    job_set_key(job);
}

enum haul_error job_from_request(const struct job_request *request,
                                 bool (*supports)(enum spec_kind kind), struct job **job,
                                 struct haul_fault *fault)
{
    struct spec spec;
    enum haul_error err = spec_parse(request->spec, &spec, fault);
    if (err != HAUL_OK)
        return err;
    err = check_options(request, &spec, supports, fault);
    if (err == HAUL_OK) {
        *job = job_new();
        fill(*job, request, &spec);
    }
    spec_release(&spec);
    return err;
}

static uint64_t hash_list(uint64_t hash, const struct string_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        hash = map_hash(hash, l->items[i]);
    return map_hash(hash, NULL);
}

void job_set_key(struct job *job)
{
    const struct job_request *r = &job->request;
    uint64_t hash = map_hash(MAP_HASH_START, job->source);
    hash = map_hash(hash, r->dir);
    hash = map_hash(hash, r->out);
    hash = map_hash(hash, r->revision);
    hash = hash_list(hash, &r->include);
    hash = hash_list(hash, &r->exclude);
    job->key = hash + (uint64_t)job->layout;
}

unsigned job_mark(const char *spec)
{
    /* User info reaches from "//" to the last '@' before the path. */
    const char *begin = strstr(spec, "//");
    const char *rest = begin ? begin + 2 : spec;
    const char *host = rest;
    for (const char *p = rest; begin && *p && !strchr("/?#", *p); p++)
        if (*p == '@')
            host = p + 1;
    uint64_t hash = map_hash(MAP_HASH_START, host);
    return (unsigned)((hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48) & 0xffff);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_list(const struct string_list *a, const struct string_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

static bool same_spec(const struct job *a, const struct job *b)
{
    if (a->secret_lost || b->secret_lost)
        return a->mark == b->mark && same_text(a->source, b->source);
    return same_text(a->request.spec, b->request.spec);
}

bool job_same(const struct job *a, const struct job *b)
{
    const struct job_request *x = &a->request, *y = &b->request;
    return a->key == b->key && a->layout == b->layout && same_spec(a, b) &&
           same_text(x->dir, y->dir) && same_text(x->out, y->out) &&
           same_text(x->revision, y->revision) && same_list(&x->include, &y->include) &&
           same_list(&x->exclude, &y->exclude);
}
