/* SPDX-License-Identifier: MIT */
/* See inside.h. */
#include "integration/inside.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "net/engine.h"

void inside_init(struct inside *s, unsigned jobs)
{
    struct settings settings;
    struct haul_fault fault;
    *s = (struct inside){.o = origin_new(NULL)};
    world_init(&s->w);
    settings_init(&settings);
    settings.jobs = jobs;
    char *state = world_path(&s->w, "state");
    struct session_config config = {.settings = &settings, .state_dir = state, .heartbeat = -1};
    struct engine *engine = net_engine_new(&settings, &fault);
    s->session = engine ? session_local_new(&config, engine, &net_engine_ops, &fault) : NULL;
    if (!s->session)
        abort();
    s->watcher = session_watch(s->session);
    snapshot_init(&s->snapshot);
    settings_release(&settings);
    free(state);
}

void inside_release(struct inside *s)
{
    watcher_free(s->watcher);
    snapshot_release(&s->snapshot);
    session_free(s->session);
    world_release(&s->w);
    origin_free(s->o);
}

enum haul_error inside_add(struct inside *s, const char *url, const char *sha256,
                           char id[JOB_ID_SIZE])
{
    struct job_request request;
    job_request_init(&request);
    request.spec = sha256 ? xasprintf("%s#sha256=%s", url, sha256) : xstrdup(url);
    request.dir = xstrdup(s->w.dir);
    enum haul_error err = session_add(s->session, &request, id, NULL);
    job_request_release(&request);
    return err;
}

const struct job_view *inside_look(struct inside *s, const char *id)
{
    watcher_refresh(s->watcher, &s->snapshot);
    return snapshot_find(&s->snapshot, id);
}
