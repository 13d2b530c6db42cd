/* SPDX-License-Identifier: MIT */
/*
 * Snapshots: ownership, finding, order and totals; see view.h. Totals are kept by difference: each
 * view remembers what it added, so a refresh costs as much as has changed and not as much as there
 * is.
 */
#include "core/view.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/map.h"
#include "core/tracker.h"
#include "core/units.h"
#include "core/wide.h"

/* What a view has added to the totals. */
struct share {
    bool counted, retrying, known;
    enum job_state state;
    int64_t bytes, total, remaining, fetched;
    unsigned connections;
};

/* A view with what belongs to the snapshot about it. */
struct cell {
    struct job_view view;
    struct map_node by_id;
    struct share share;
    int priority;
    int64_t position; /* by which it was sorted */
    bool touched, removed;
    void *attached;
    void (*release)(void *attached);
};

struct snapshot_index {
    struct map by_id;
    struct job_view **touched;
    size_t touched_count, touched_room, room;
    size_t known; /* jobs whose total is known */
    struct wide bytes, known_bytes, total, remaining;
    int64_t received; /* by all views since they are here */
    struct tracker tracker;
    bool unsorted, removals;
};

void view_set_string(char **field, const char *s)
{
    if (*field && s && !strcmp(*field, s))
        return;
    free(*field);
    *field = xstrdup(s);
}

static struct cell *cell_of(struct job_view *v)
{
    return HAUL_CONTAINER_OF(v, struct cell, view);
}

static void file_view_release(struct file_view *f)
{
    free(f->name);
    free(f->path);
    free(f->url);
}

void job_view_set_files(struct job_view *v, size_t count)
{
    if (count == v->file_count)
        return;
    for (size_t i = count; i < v->file_count; i++)
        file_view_release(&v->files[i]);
    v->files = xreallocarray(v->files, count, sizeof *v->files);
    for (size_t i = v->file_count; i < count; i++)
        v->files[i] = (struct file_view){.total = -1};
    v->file_count = count;
}

void job_view_attach(struct job_view *v, void *data, void (*release)(void *data))
{
    struct cell *c = cell_of(v);
    if (c->attached)
        c->release(c->attached);
    c->attached = data;
    c->release = release;
}

void *job_view_attached(const struct job_view *v)
{
    return ((const struct cell *)(const void *)((const char *)v - offsetof(struct cell, view)))
        ->attached;
}

void job_view_free(struct job_view *v)
{
    job_view_set_files(v, 0);
    job_view_attach(v, NULL, NULL);
    free(v->files);
    free(v->source);
    free(v->name);
    free(v->dir);
    free(v->retry_why);
    free(cell_of(v));
}

struct job_view *job_view_new(void)
{
    struct cell *c = xcalloc(1, sizeof *c);
    c->view.total = c->view.eta = -1;
    c->position = INT64_MIN;
    return &c->view;
}

static void copy_file(struct file_view *to, const struct file_view *from)
{
    struct file_view own = *to;
    *to = *from;
    to->name = own.name;
    to->path = own.path;
    to->url = own.url;
    view_set_string(&to->name, from->name);
    view_set_string(&to->path, from->path);
    view_set_string(&to->url, from->url);
}

void job_view_copy(struct job_view *to, const struct job_view *from)
{
    job_view_set_files(to, from->file_count);
    for (size_t i = 0; i < from->file_count; i++)
        copy_file(&to->files[i], &from->files[i]);
    struct job_view own = *to;
    *to = *from;
    memcpy(to->id, own.id, sizeof to->id);
    to->files = own.files;
    to->source = own.source;
    to->name = own.name;
    to->dir = own.dir;
    to->retry_why = own.retry_why;
    view_set_string(&to->source, from->source);
    view_set_string(&to->name, from->name);
    view_set_string(&to->dir, from->dir);
    view_set_string(&to->retry_why, from->retry_why);
}

void snapshot_init(struct snapshot *s)
{
    *s = (struct snapshot){.index = xcalloc(1, sizeof *s->index)};
    map_init(&s->index->by_id);
    tracker_init(&s->index->tracker, clock_now());
    s->totals.total = s->totals.eta = -1;
}

void snapshot_release(struct snapshot *s)
{
    for (size_t i = 0; i < s->count; i++)
        job_view_free(s->jobs[i]);
    free(s->jobs);
    if (s->index) {
        map_release(&s->index->by_id);
        free(s->index->touched);
        free(s->index);
    }
    *s = (struct snapshot){0};
}

static struct job_view *find_by_hand(const struct snapshot *s, const char *id)
{
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->jobs[i]->id, id))
            return s->jobs[i];
    return NULL;
}

struct job_view *snapshot_find(const struct snapshot *s, const char *id)
{
    if (!s->index || s->index->by_id.count != s->count)
        return find_by_hand(s, id);
    uint64_t hash = map_hash(MAP_HASH_START, id);
    for (struct map_node *n = map_first(&s->index->by_id, hash); n; n = map_next(n)) {
        struct cell *c = HAUL_CONTAINER_OF(n, struct cell, by_id);
        if (!strcmp(c->view.id, id))
            return &c->view;
    }
    return NULL;
}

static struct job_view *add_view(struct snapshot *s, const char *id)
{
    struct snapshot_index *x = s->index;
    if (s->count == x->room) {
        x->room = x->room ? x->room * 2 : 16;
        s->jobs = xreallocarray(s->jobs, x->room, sizeof(struct job_view *));
    }
    struct cell *c = cell_of(job_view_new());
    strncpy(c->view.id, id, JOB_ID_SIZE - 1);
    map_add(&x->by_id, &c->by_id, map_hash(MAP_HASH_START, id));
    s->jobs[s->count++] = &c->view;
    s->members++;
    return &c->view;
}

struct job_view *snapshot_touch(struct snapshot *s, const char *id)
{
    struct snapshot_index *x = s->index;
    struct job_view *v = snapshot_find(s, id);
    if (!v)
        v = add_view(s, id);
    struct cell *c = cell_of(v);
    if (c->touched)
        return v;
    if (x->touched_count == x->touched_room) {
        x->touched_room = x->touched_room ? x->touched_room * 2 : 16;
        x->touched = xreallocarray(x->touched, x->touched_room, sizeof(struct job_view *));
    }
    c->touched = true;
    x->touched[x->touched_count++] = v;
    return v;
}

void snapshot_remove(struct snapshot *s, const char *id)
{
    struct job_view *v = snapshot_find(s, id);
    if (!v)
        return;
    cell_of(v)->removed = true;
    s->index->removals = true;
}

static int64_t positive(int64_t n)
{
    return n > 0 ? n : 0;
}

static struct share share_of(const struct job_view *v)
{
    struct share h = {.counted = true, .state = v->state};
    h.retrying = v->retry_at != 0;
    h.connections = v->connections;
    h.fetched = positive(v->fetched);
    if (v->state == JOB_CANCELLED || v->state == JOB_FAILED)
        return h;
    h.bytes = positive(v->bytes);
    h.known = v->total >= 0;
    h.total = h.known ? v->total : 0;
    bool goes_on = v->state == JOB_QUEUED || job_state_active(v->state);
    h.remaining = goes_on ? positive(h.total - h.bytes) : 0;
    return h;
}

static void add_share(struct snapshot *s, const struct share *h, int sign)
{
    struct totals_view *t = &s->totals;
    struct snapshot_index *x = s->index;
    if (!h->counted)
        return;
    size_t one = sign > 0 ? 1 : (size_t)-1;
    t->by_state[h->state] += one;
    t->retrying += h->retrying ? one : 0;
    t->connections += sign > 0 ? h->connections : 0U - h->connections;
    x->known += h->known ? one : 0;
    wide_add(&x->bytes, h->bytes, sign);
    wide_add(&x->known_bytes, h->known ? h->bytes : 0, sign);
    wide_add(&x->total, h->total, sign);
    wide_add(&x->remaining, h->remaining, sign);
}

static void drop_removed(struct snapshot *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct cell *c = cell_of(s->jobs[i]);
        if (!c->removed) {
            s->jobs[kept++] = s->jobs[i];
            continue;
        }
        add_share(s, &c->share, -1);
        map_remove(&s->index->by_id, &c->by_id);
        job_view_free(&c->view);
        s->members++;
    }
    s->count = kept;
    s->index->removals = false;
}

static int by_order(const void *a, const void *b)
{
    const struct job_view *x = *(struct job_view *const *)a, *y = *(struct job_view *const *)b;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return strcmp(x->id, y->id);
}

static void settle_view(struct snapshot *s, struct job_view *v)
{
    struct cell *c = cell_of(v);
    c->touched = false;
    add_share(s, &c->share, -1);
    int64_t before = c->share.counted ? c->share.fetched : positive(v->fetched);
    c->share = share_of(v);
    add_share(s, &c->share, 1);
    if (c->share.fetched > before)
        s->index->received = units_add(s->index->received, c->share.fetched - before);
    if (c->priority != v->priority || c->position != v->position)
        s->index->unsorted = true;
    c->priority = v->priority;
    c->position = v->position;
}

static bool in_order(const struct snapshot *s)
{
    for (size_t i = 1; i < s->count; i++)
        if (by_order(&s->jobs[i - 1], &s->jobs[i]) > 0)
            return false;
    return true;
}

/* Of all that came, whichever job it was for: jobs that are over in a moment have no rate of their
 * own that anybody could add up. */
static void settle_speed(struct snapshot *s)
{
    struct snapshot_index *x = s->index;
    const size_t *n = s->totals.by_state;
    bool active = n[JOB_RESOLVING] || n[JOB_RUNNING] || n[JOB_VERIFYING];
    int64_t now = clock_now();
    tracker_sample(&x->tracker, now, x->received);
    s->totals.rate = active ? tracker_rate(&x->tracker, now) : 0;
    int64_t left = wide_value(&x->remaining);
    s->totals.eta = active && left ? tracker_eta(&x->tracker, now, 0, left) : -1;
}

void snapshot_settle(struct snapshot *s)
{
    struct snapshot_index *x = s->index;
    for (size_t i = 0; i < x->touched_count; i++)
        settle_view(s, x->touched[i]);
    x->touched_count = 0;
    if (x->removals)
        drop_removed(s);
    if (x->unsorted && !in_order(s))
        qsort(s->jobs, s->count, sizeof(struct job_view *), by_order);
    x->unsorted = false;
    s->totals.bytes = wide_value(&x->bytes);
    s->totals.known = wide_value(&x->known_bytes);
    s->totals.total = x->known ? wide_value(&x->total) : -1;
    settle_speed(s);
}
