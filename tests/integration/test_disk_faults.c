/* SPDX-License-Identifier: MIT */
/*
 * A disk that fails for a moment. In this process: the linker leads the engine's pwrite to the one
 * below, which fails when it is told to.
 */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/session.h"
#include "harness.h"
#include "integration/scene.h"
#include "net/engine.h"

#define MIB ((int64_t)1 << 20)

ssize_t __real_pwrite64(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset);

/* The how manieth large write from now on fails; 0: none. */
static atomic_int failing;

ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset)
{
    int left = atomic_load(&failing);
    if (left && len >= 1024 && atomic_fetch_sub(&failing, 1) == 1) {
        errno = EIO;
        return -1;
    }
    return __real_pwrite64(fd, data, len, offset);
}

/* Adds the URL to a session with that limit, and waits for the end. */
static enum job_state run(const struct scene *s, const char *url, int64_t limit)
{
    struct settings settings;
    struct job_request request;
    struct haul_fault fault;
    struct snapshot snapshot;
    char id[JOB_ID_SIZE];
    settings_init(&settings);
    settings.limit_rate = limit;
    settings.tries = 1;
    struct session_config config = {.settings = &settings, .heartbeat = -1};
    struct engine *engine = net_engine_new(&settings, &fault);
    struct session *session = session_local_new(&config, engine, &net_engine_ops, &fault);
    struct watcher *watcher = session_watch(session);
    job_request_init(&request);
    request.spec = xstrdup(url);
    request.dir = xstrdup(s->w.dir);
    request.connections = 1;
    CHECK(session_add(session, &request, id, &fault) == HAUL_OK);
    snapshot_init(&snapshot);
    enum job_state state = JOB_QUEUED;
    for (int i = 0; i < 4000 && !job_state_ended(state); i++) {
        watcher_refresh(watcher, &snapshot);
        const struct job_view *v = snapshot_find(&snapshot, id);
        state = v ? v->state : state;
        world_nap(5);
    }
    job_request_release(&request);
    watcher_free(watcher);
    snapshot_release(&snapshot);
    session_free(session);
    settings_release(&settings);
    return state;
}

/* Under a limit the bytes wait in libcurl, which forgets them and goes on when they cannot be
 * written then. */
TEST(what_could_not_be_written_is_not_skipped)
{
    struct scene s;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?size=2M");
    atomic_store(&failing, 20);
    CHECK_INT(run(&s, url, MIB), JOB_FAILED);
    CHECK_INT(atomic_load(&failing), 0);
    CHECK(!content_exists(s.w.dir, "x.bin"));
    CHECK_INT(run(&s, url, 0), JOB_COMPLETED);
    CHECK_RIGHT(&s, "x.bin", 0, 2 * MIB);
    scene_release(&s);
}
