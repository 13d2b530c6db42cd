/* SPDX-License-Identifier: MIT */
/* Events and their references; see event.h. */
#include "core/event.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/attrs.h"

struct counted {
    atomic_uint refs;
    struct event event;
};

static const char *const levels[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARN] = "warn",
    [LOG_ERROR] = "error",
};

const char *log_level_name(enum log_level l)
{
    return levels[l];
}

enum log_level log_level_from_name(const char *name)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(levels); i++)
        if (!strcmp(levels[i], name))
            return (enum log_level)i;
    return LOG_INFO;
}

static struct counted *counted_of(struct event *e)
{
    return HAUL_CONTAINER_OF(e, struct counted, event);
}

struct event *event_new(enum event_type type)
{
    struct counted *c = xcalloc(1, sizeof *c);
    atomic_init(&c->refs, 1);
    c->event.type = type;
    return &c->event;
}

struct event *event_ref(struct event *e)
{
    atomic_fetch_add_explicit(&counted_of(e)->refs, 1, memory_order_relaxed);
    return e;
}

void event_unref(struct event *e)
{
    if (!e || atomic_fetch_sub_explicit(&counted_of(e)->refs, 1, memory_order_acq_rel) > 1)
        return;
    free(e->source);
    free(e->name);
    free(e->path);
    free(e->message);
    free(e->fault);
    free(counted_of(e));
}
