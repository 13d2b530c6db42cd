/* SPDX-License-Identifier: MIT */
/* Per-host waiting; see gate.h. */
#include "net/gate.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "net/url.h"

struct gate_host {
    char *origin;
    int64_t until;
    struct gate_host *next;
};

struct gate {
    struct mutex lock; /* guards hosts */
    struct gate_host *hosts;
    atomic_bool used; /* false: no host ever shut; saves all the rest on the common path */
};

struct gate *gate_new(void)
{
    struct gate *g = xcalloc(1, sizeof *g);
    mutex_init(&g->lock);
    return g;
}

void gate_free(struct gate *g)
{
    while (g->hosts) {
        struct gate_host *next = g->hosts->next;
        free(g->hosts->origin);
        free(g->hosts);
        g->hosts = next;
    }
    mutex_release(&g->lock);
    free(g);
}

/* Finds the host and, on the way, forgets those whose time is over. */
static struct gate_host *find_locked(struct gate *g, const char *origin, int64_t now)
    HAUL_REQUIRES(g->lock)
{
    struct gate_host **link = &g->hosts, *found = NULL;
    while (*link) {
        struct gate_host *h = *link;
        if (!strcmp(h->origin, origin))
            found = h;
        if (h->until > now || found == h) {
            link = &h->next;
            continue;
        }
        *link = h->next;
        free(h->origin);
        free(h);
    }
    return found;
}

void gate_shut(struct gate *g, const char *url, int64_t until)
{
    char *origin = url_origin(url);
    if (!origin)
        return;
    mutex_lock(&g->lock);
    struct gate_host *h = find_locked(g, origin, clock_now());
    if (!h) {
        h = xcalloc(1, sizeof *h);
        h->origin = origin;
        origin = NULL;
        h->next = g->hosts;
        g->hosts = h;
    }
    if (until > h->until)
        h->until = until;
    atomic_store(&g->used, true);
    mutex_unlock(&g->lock);
    free(origin);
}

int64_t gate_opens(struct gate *g, const char *url)
{
    char *origin = atomic_load(&g->used) ? url_origin(url) : NULL;
    if (!origin)
        return 0;
    int64_t now = clock_now();
    mutex_lock(&g->lock);
    struct gate_host *h = find_locked(g, origin, now);
    int64_t until = h && h->until > now ? h->until : 0;
    mutex_unlock(&g->lock);
    free(origin);
    return until;
}
