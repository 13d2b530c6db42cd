/* SPDX-License-Identifier: MIT */
/* The files of a job; see progress.h. */
#include "core/progress.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/text.h"
#include "core/units.h"

#define READ(field)         atomic_load_explicit(&(field), memory_order_relaxed)
#define WRITE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

struct progress *progress_new(size_t count)
{
    struct progress *p = xcalloc(1, sizeof *p);
    atomic_init(&p->refs, 1);
    p->count = count;
    p->counters = xcalloc(count, sizeof *p->counters);
    p->floors = xcalloc(count, sizeof *p->floors);
    p->infos = xcalloc(count, sizeof *p->infos);
    for (size_t i = 0; i < count; i++)
        WRITE(p->counters[i].total, -1);
    return p;
}

struct progress *progress_ref(struct progress *p)
{
    if (p)
        atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void progress_unref(struct progress *p)
{
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < p->count; i++) {
        free(p->infos[i].name);
        free(p->infos[i].path);
        free(p->infos[i].url);
    }
    free(p->counters);
    free(p->floors);
    free(p->infos);
    free(p);
}

int64_t progress_file_bytes(const struct progress *p, size_t file)
{
    int64_t bytes = READ(p->counters[file].bytes), floor = READ(p->floors[file]);
    return bytes > floor ? bytes : floor;
}

static bool is_done(enum file_state state)
{
    return state == FILE_DONE || state == FILE_SKIPPED;
}

static void add_file(struct progress_sum *sum, const struct progress *p, size_t file)
{
    const struct file_progress *c = &p->counters[file];
    int64_t total = READ(c->total);
    int64_t fetched = READ(c->bytes) - READ(c->resumed_from);
    enum file_state state = (enum file_state)READ(c->state);
    if (state == FILE_CANCELLED)
        return;
    sum->bytes = units_add(sum->bytes, progress_file_bytes(p, file));
    sum->total = total < 0 || sum->total < 0 ? -1 : units_add(sum->total, total);
    if (fetched > 0 && state != FILE_SKIPPED)
        sum->fetched = units_add(sum->fetched, fetched);
    sum->connections += READ(c->connections);
    sum->retries += READ(c->retries);
    sum->done += is_done(state);
}

struct progress_sum progress_sum(const struct progress *p)
{
    struct progress_sum sum = {.total = p && p->count ? 0 : -1};
    for (size_t i = 0; p && i < p->count; i++)
        add_file(&sum, p, i);
    return sum;
}

static char *shown_name(const struct plan *plan, size_t file)
{
    const struct plan_file *f = &plan->files[file];
    const char *name = f->name ? f->name : f->path;
    return name ? text_sanitized(name) : NULL;
}

bool progress_fits(const struct progress *p, const struct plan *plan)
{
    if (p->count != plan->count)
        return false;
    bool fits = true;
    for (size_t i = 0; fits && i < plan->count; i++) {
        char *name = shown_name(plan, i);
        fits = !name || !p->infos[i].name || !strcmp(name, p->infos[i].name);
        free(name);
    }
    return fits;
}

static void replace(char **field, char *value)
{
    if (!value)
        return;
    free(*field);
    *field = value;
}

void progress_set_plan(struct progress *p, const struct plan *plan)
{
    p->version++;
    for (size_t i = 0; i < p->count; i++) {
        const struct plan_file *f = &plan->files[i];
        struct file_info *info = &p->infos[i];
        info->version = p->version;
        replace(&info->name, shown_name(plan, i));
        replace(&info->url, f->url ? text_masked_url(f->url) : NULL);
        if (plan->root && f->path)
            replace(&info->path, path_join(plan->root, f->path));
        if (f->size >= 0)
            WRITE(p->counters[i].total, f->size);
    }
    progress_unsave(p);
}

void progress_unsave(struct progress *p)
{
    for (size_t i = 0; p && i < p->count; i++)
        p->infos[i].unsaved = true;
}

void progress_file_changed(struct progress *p, size_t file)
{
    p->infos[file].unsaved = true;
    p->infos[file].version = ++p->version;
}

static void stop_file(struct file_progress *c)
{
    WRITE(c->connections, 0);
    WRITE(c->rate, 0);
    WRITE(c->retry_wait, false);
    enum file_state state = (enum file_state)READ(c->state);
    if (state == FILE_ACTIVE || state == FILE_VERIFYING)
        WRITE(c->state, FILE_WAITING);
}

void progress_settle(struct progress *p)
{
    for (size_t i = 0; p && i < p->count; i++)
        stop_file(&p->counters[i]);
}

void progress_begin(struct progress *p)
{
    for (size_t i = 0; p && i < p->count; i++) {
        struct file_progress *c = &p->counters[i];
        stop_file(c);
        WRITE(p->floors[i], progress_file_bytes(p, i));
        WRITE(c->resumed_from, READ(c->bytes));
        WRITE(c->retries, 0);
        WRITE(c->state, READ(c->cancel) ? FILE_CANCELLED : FILE_WAITING);
    }
}

void progress_forget_file(struct progress *p, size_t file)
{
    struct file_progress *c = &p->counters[file];
    WRITE(p->floors[file], 0);
    WRITE(c->bytes, 0);
    WRITE(c->hashed, 0);
    WRITE(c->resumed_from, 0);
}

void progress_cancel_file(struct progress *p, size_t file)
{
    struct file_progress *c = &p->counters[file];
    stop_file(c);
    progress_forget_file(p, file);
    WRITE(c->cancel, true);
    WRITE(c->state, FILE_CANCELLED);
    progress_file_changed(p, file);
}

bool progress_is_last_wanted(const struct progress *p, size_t file)
{
    for (size_t i = 0; i < p->count; i++)
        if (i != file && !READ(p->counters[i].cancel))
            return false;
    return true;
}

void progress_uncancel(struct progress *p)
{
    for (size_t i = 0; p && i < p->count; i++) {
        WRITE(p->counters[i].cancel, false);
        if (READ(p->counters[i].state) == FILE_CANCELLED)
            WRITE(p->counters[i].state, FILE_WAITING);
    }
}

void progress_forget(struct progress *p)
{
    for (size_t i = 0; p && i < p->count; i++) {
        struct file_progress *c = &p->counters[i];
        stop_file(c);
        if (is_done((enum file_state)READ(c->state)))
            continue;
        progress_forget_file(p, i);
    }
}
