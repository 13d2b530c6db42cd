/* SPDX-License-Identifier: MIT */
/* Answers that are kept for a moment; see client_near.h. */
#include "api/client_near.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "api/client_internal.h"
#include "api/json_detail.h"
#include "core/alloc.h"

#define DETAIL_FRESH (400 * CLOCK_MS)
#define DISK_FRESH   (5 * CLOCK_SEC)
#define FIRST_WAIT   (250 * CLOCK_MS) /* for an answer that was never there */

void near_init(struct near *n, struct wire *wire)
{
    *n = (struct near){.wire = wire};
    mutex_init(&n->mutex);
    cond_init(&n->answered);
}

void near_release(struct near *n)
{
    for (size_t i = 0; i < NEAR_DISKS; i++)
        free(n->disks[i].dir);
    cond_release(&n->answered);
    mutex_release(&n->mutex);
}

/* ---- a file ---- */

static void detail_answered(void *context, struct json *reply, const struct haul_fault *fault)
{
    struct near *n = context;
    (void)fault;
    mutex_lock(&n->mutex);
    n->asking = false;
    if (reply)
        api_read_detail(reply, &n->detail);
    mutex_unlock(&n->mutex);
    json_free(reply);
}

void near_detail(struct near *n, const char *id, size_t file, struct detail_view *out)
{
    int64_t now = clock_now();
    mutex_lock(&n->mutex);
    bool same = !strcmp(n->id, id) && n->file == file;
    if (!same)
        n->detail = (struct detail_view){0};
    *out = n->detail;
    bool ask = !n->asking && (!same || now - n->asked_at >= DETAIL_FRESH);
    if (ask) {
        strncpy(n->id, id, sizeof n->id - 1);
        n->file = file;
        n->asked_at = now;
        n->asking = true;
    }
    mutex_unlock(&n->mutex);
    if (!ask)
        return;
    char *after = xasprintf("/files/%zu", file), *path = client_path("/v1/jobs/", id, after);
    /* It is asked again and again: nothing else is to wait for it. */
    struct wire_request r = {.method = "GET", .path = path, .no_wait = true};
    wire_post(n->wire, &r, detail_answered, n);
    free(path);
    free(after);
}

/* ---- a disk ---- */

struct disk_question {
    struct near *near;
    char *dir;
};

/* The slot of a directory, or the one that was asked for longest ago. */
static struct near_disk *slot_of(struct near *n, const char *dir)
{
    struct near_disk *oldest = &n->disks[0];
    for (size_t i = 0; i < NEAR_DISKS; i++) {
        struct near_disk *d = &n->disks[i];
        if (d->dir && !strcmp(d->dir, dir))
            return d;
        if (!d->dir || (oldest->dir && d->asked_at < oldest->asked_at))
            oldest = d;
    }
    free(oldest->dir);
    *oldest = (struct near_disk){.dir = xstrdup(dir), .free_bytes = -1};
    return oldest;
}

static void disk_answered(void *context, struct json *reply, const struct haul_fault *fault)
{
    struct disk_question *q = context;
    struct near *n = q->near;
    (void)fault;
    mutex_lock(&n->mutex);
    struct near_disk *d = slot_of(n, q->dir);
    d->free_bytes = json_int(json_get(reply, "free"), -1);
    d->known = true;
    d->asking = false;
    cond_broadcast(&n->answered);
    mutex_unlock(&n->mutex);
    json_free(reply);
    free(q->dir);
    free(q);
}

static void ask_disk(struct near *n, const char *dir)
{
    struct disk_question *q = xmalloc(sizeof *q);
    *q = (struct disk_question){n, xstrdup(dir)};
    char *path = client_path("/v1/disk?dir=", dir, "");
    struct wire_request r = {.method = "GET", .path = path};
    wire_post(n->wire, &r, disk_answered, q);
    free(path);
}

int64_t near_disk_free(struct near *n, const char *dir)
{
    int64_t now = clock_now();
    mutex_lock(&n->mutex);
    struct near_disk *d = slot_of(n, dir);
    bool ask = !d->asking && (!d->known || now - d->asked_at >= DISK_FRESH);
    if (ask) {
        d->asking = true;
        d->asked_at = now;
        mutex_unlock(&n->mutex);
        ask_disk(n, dir);
        mutex_lock(&n->mutex);
    }
    for (bool in_time = true; in_time && !slot_of(n, dir)->known;)
        in_time = cond_wait_until(&n->answered, &n->mutex, now + FIRST_WAIT);
    int64_t bytes = slot_of(n, dir)->free_bytes;
    mutex_unlock(&n->mutex);
    return bytes;
}
