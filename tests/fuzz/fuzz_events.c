/* SPDX-License-Identifier: MIT */
/* Whatever a job server streams: what is shown of it is clean text, sums are those of its views,
 * and the pieces it arrives in make no difference. */
#include <string.h>

#include "api/client_mirror.h"
#include "api/sse.h"
#include "core/alloc.h"
#include "core/text.h"
#include "fuzz.h"

static void on_event(void *context, const char *name, const char *id, const char *data)
{
    (void)id;
    mirror_event(context, name, data);
}

/* False where the parser has had enough. */
static bool feed(struct mirror *m, const uint8_t *data, size_t size, size_t piece)
{
    struct sse sse;
    bool good = true;
    sse_init(&sse, on_event, m);
    for (size_t at = 0; at < size && good; at += piece)
        good = sse_feed(&sse, (const char *)data + at, size - at < piece ? size - at : piece);
    sse_release(&sse);
    return good;
}

static void check_text(const char *text)
{
    char *clean = text ? text_sanitized(text) : NULL;
    FUZZ_ASSERT(!text || !strcmp(text, clean));
    free(clean);
}

static void check_job(const struct job_view *v)
{
    check_text(v->name);
    check_text(v->source);
    check_text(v->dir);
    check_text(v->fault.message);
    FUZZ_ASSERT(v->state < JOB_STATE_COUNT);
    for (size_t i = 0; i < v->file_count; i++)
        check_text(v->files[i].name); /* the path has to be what it is */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mirror m, n;
    struct mirror_watch w;
    struct snapshot s;
    mirror_init(&m);
    mirror_init(&n);
    mirror_watch_init(&w, &m);
    snapshot_init(&s);
    bool good = feed(&m, data, size, size);
    (void)mirror_watch_refresh(&w, &s);
    FUZZ_ASSERT(s.count == m.jobs.count);
    for (size_t i = 0; i < s.count; i++)
        check_job(s.jobs[i]);
    for (struct event *e; (e = mirror_watch_next(&w, NULL)); event_unref(e))
        check_text(e->message);
    FUZZ_ASSERT(feed(&n, data, size, 7) == good);
    FUZZ_ASSERT(n.jobs.count == m.jobs.count);
    mirror_watch_release(&w);
    snapshot_release(&s);
    mirror_release(&m);
    mirror_release(&n);
    return 0;
}
