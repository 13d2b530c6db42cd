/* SPDX-License-Identifier: MIT */
/* Differences between snapshots; see server_changes.h. */
#include "api/server_changes.h"

#include <stdlib.h>
#include <string.h>

#include "api/json_job.h"
#include "api/json_put.h"
#include "core/alloc.h"
#include "core/attrs.h"

/* A job as it was last told. */
struct told {
    struct map_node by_id;
    char id[JOB_ID_SIZE];
    uint64_t generation, figures; /* hash of what changes without a new generation */
    uint64_t *files;              /* hashes */
    size_t file_count;
    unsigned round;
};

/* ---- hashes ---- */

static uint64_t mix(uint64_t hash, int64_t n)
{
    hash ^= (uint64_t)n;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t hash_file(const struct file_view *f)
{
    uint64_t h = map_hash(MAP_HASH_START, f->name);
    h = map_hash(h, f->path);
    h = map_hash(h, f->url);
    h = map_hash(h, f->sha256);
    const int64_t figures[] = {f->state, f->bytes,       f->total,   f->hashed,     f->resumed_from,
                               f->rate,  f->connections, f->retries, f->retry_wait, f->verified};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(figures); i++)
        h = mix(h, figures[i]);
    return h;
}

/* Whole seconds of silence: the rest can be counted by whoever looks. */
static uint64_t hash_figures(const struct job_view *v)
{
    const int64_t figures[] = {
        v->bytes, v->total,       v->rate,    v->rate_average,   v->rate_peak,
        v->eta,   v->connections, v->retries, v->idle_ms / 1000, (int64_t)v->files_done};
    uint64_t h = MAP_HASH_START;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(figures); i++)
        h = mix(h, figures[i]);
    return h;
}

/* ---- what was told ---- */

static struct told *find(const struct changes *c, const char *id, uint64_t hash)
{
    for (struct map_node *n = map_first(&c->by_id, hash); n; n = map_next(n)) {
        struct told *t = HAUL_CONTAINER_OF(n, struct told, by_id);
        if (!strcmp(t->id, id))
            return t;
    }
    return NULL;
}

static struct told *find_or_add(struct changes *c, const char *id, bool *added)
{
    uint64_t hash = map_hash(MAP_HASH_START, id);
    struct told *t = find(c, id, hash);
    *added = !t;
    if (t)
        return t;
    t = xcalloc(1, sizeof *t);
    memcpy(t->id, id, sizeof t->id);
    map_add(&c->by_id, &t->by_id, hash);
    return t;
}

static void forget(struct changes *c, struct told *t)
{
    map_remove(&c->by_id, &t->by_id);
    free(t->files);
    free(t);
}

static void remember(struct told *t, const struct job_view *v)
{
    t->generation = v->generation;
    t->figures = hash_figures(v);
    if (t->file_count != v->file_count)
        t->files = xreallocarray(t->files, v->file_count, sizeof *t->files);
    t->file_count = v->file_count;
    for (size_t i = 0; i < v->file_count; i++)
        t->files[i] = hash_file(&v->files[i]);
}

void changes_init(struct changes *c)
{
    *c = (struct changes){0};
    map_init(&c->by_id);
}

/* Of those that the round has not seen, or of all. Returns how many there were. */
static size_t sweep(struct changes *c, bool all, struct notices *n)
{
    size_t count = 0;
    for (size_t i = 0; i < c->by_id.slot_count; i++) {
        for (struct map_node *node = c->by_id.slots[i], *next; node; node = next) {
            struct told *t = HAUL_CONTAINER_OF(node, struct told, by_id);
            next = node->next;
            if (!all && t->round == c->round)
                continue;
            if (n) {
                char *data = xasprintf("{\"job\":\"%s\"}", t->id);
                notices_number(n);
                notices_add(n, NOTICE_LIST, t->id, "removed", data, true);
                free(data);
            }
            forget(c, t);
            count++;
        }
    }
    return count;
}

void changes_release(struct changes *c)
{
    sweep(c, true, NULL);
    map_release(&c->by_id);
}

static void remember_settings(struct changes *c, const struct snapshot *s)
{
    c->jobs_max = s->jobs_max;
    c->limit_rate = s->limit_rate;
    c->library_version = s->library_version;
}

void changes_begin(struct changes *c, const struct snapshot *s)
{
    bool added;
    c->round++;
    for (size_t i = 0; i < s->count; i++) {
        struct told *t = find_or_add(c, s->jobs[i]->id, &added);
        t->round = c->round;
        remember(t, s->jobs[i]);
    }
    sweep(c, false, NULL);
    remember_settings(c, s);
}

/* ---- telling ---- */

static void tell_whole(struct told *t, const struct job_view *v, struct notices *n, int64_t now)
{
    struct buf data;
    buf_init_max(&data, BUF_UNBOUNDED);
    remember(t, v);
    api_json_job(&data, v, now);
    notices_number(n);
    notices_add(n, NOTICE_UPDATE, v->id, "snapshot", data.data, false);
    buf_release(&data);
}

static void tell_update(struct told *t, const struct job_view *v, struct notices *n, int64_t now)
{
    struct buf data;
    size_t count = 0, *files = xreallocarray(NULL, v->file_count + 1, sizeof *files);
    for (size_t i = 0; i < v->file_count; i++) {
        uint64_t hash = hash_file(&v->files[i]);
        if (hash != t->files[i])
            files[count++] = i;
        t->files[i] = hash;
    }
    t->generation = v->generation;
    t->figures = hash_figures(v);
    buf_init_max(&data, BUF_UNBOUNDED);
    api_json_job_update(&data, v, files, count, now);
    notices_number(n);
    notices_add(n, NOTICE_UPDATE, v->id, "update", data.data, false);
    buf_release(&data);
    free(files);
}

static void tell_job(struct changes *c, const struct job_view *v, struct notices *n, int64_t now)
{
    bool added;
    struct told *t = find_or_add(c, v->id, &added);
    t->round = c->round;
    if (added || t->file_count != v->file_count)
        tell_whole(t, v, n, now);
    else if (t->generation != v->generation || t->figures != hash_figures(v))
        tell_update(t, v, n, now);
}

void changes_settings(struct buf *out, const struct snapshot *s)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    api_put_int(&w, "jobs", s->jobs_max);
    api_put_int(&w, "limit_rate", s->limit_rate);
    api_put_int(&w, "library_version", (int64_t)s->library_version);
    json_object_end(&w);
}

static void tell_settings(struct changes *c, const struct snapshot *s, struct notices *n)
{
    struct buf data;
    if (c->jobs_max == s->jobs_max && c->limit_rate == s->limit_rate &&
        c->library_version == s->library_version)
        return;
    remember_settings(c, s);
    buf_init(&data);
    changes_settings(&data, s);
    notices_number(n);
    notices_add(n, NOTICE_LIST, "", "settings", data.data, false);
    buf_release(&data);
}

void changes_tell(struct changes *c, const struct snapshot *s, struct notices *n, int64_t now)
{
    c->round++;
    for (size_t i = 0; i < s->count; i++)
        tell_job(c, s->jobs[i], n, now);
    if (c->by_id.count > s->count)
        sweep(c, false, n);
    tell_settings(c, s, n);
}
