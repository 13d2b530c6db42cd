/* SPDX-License-Identifier: MIT */
/* Sessions on the fake engine, for tests: opening, adding, looking, scratch directories. */
#ifndef HAUL_TESTS_SESSION_FIXTURE_H
#define HAUL_TESTS_SESSION_FIXTURE_H

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/session.h"
#include "fake_engine.h"

struct fixture {
    struct session *session;
    struct engine *engine;
    struct watcher *watcher;
    struct snapshot snapshot;
    struct haul_fault fault;
};

/* With settings of its own. */
static inline bool fixture_open_with(struct fixture *f, struct session_config config, unsigned jobs)
{
    struct settings settings;
    settings_init(&settings);
    settings.jobs = jobs;
    config.settings = &settings;
    config.heartbeat = -1;
    *f = (struct fixture){.engine = fake_engine_new()};
    f->session = session_local_new(&config, f->engine, &fake_ops, &f->fault);
    settings_release(&settings);
    if (!f->session)
        return false;
    f->watcher = session_watch(f->session);
    snapshot_init(&f->snapshot);
    return true;
}

static inline bool fixture_open(struct fixture *f, const char *state_dir, unsigned jobs,
                                enum session_adopt adopt)
{
    struct session_config config = {.state_dir = state_dir, .adopt = adopt};
    return fixture_open_with(f, config, jobs);
}

static inline void fixture_close(struct fixture *f)
{
    watcher_free(f->watcher);
    snapshot_release(&f->snapshot);
    session_free(f->session);
}

/* ids[0..] get JOB_ID_SIZE bytes. */
static inline enum haul_error fixture_add(struct fixture *f, const char *spec, char *id)
{
    struct job_request request;
    job_request_init(&request);
    request.spec = xstrdup(spec);
    request.dir = xstrdup("/tmp/haul-nowhere");
    enum haul_error err = session_add(f->session, &request, id, &f->fault);
    job_request_release(&request);
    return err;
}

static inline struct job_view *fixture_look(struct fixture *f, const char *id)
{
    watcher_refresh(f->watcher, &f->snapshot);
    return snapshot_find(&f->snapshot, id);
}

static inline int fixture_state(struct fixture *f, const char *id)
{
    struct job_view *v = fixture_look(f, id);
    return v ? (int)v->state : -1;
}

/* Until the job is in that state; false after 10 s. */
static inline bool fixture_wait(struct fixture *f, const char *id, enum job_state state)
{
    int64_t deadline = clock_now() + 10 * CLOCK_SEC;
    while (fixture_state(f, id) != (int)state) {
        int64_t left = (deadline - clock_now()) / CLOCK_MS;
        struct pollfd p = {.fd = watcher_fd(f->watcher), .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return false;
    }
    return true;
}

/* Until all is written down that was asked for; false after 10 s. */
static inline bool fixture_saved(struct fixture *f)
{
    uint64_t ticket = session_save(f->session);
    int64_t deadline = clock_now() + 10 * CLOCK_SEC;
    while (!session_saved(f->session, ticket)) {
        int64_t left = (deadline - clock_now()) / CLOCK_MS;
        struct pollfd p = {.fd = watcher_fd(f->watcher), .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return false;
        watcher_refresh(f->watcher, &f->snapshot);
    }
    return true;
}

static inline enum haul_error fixture_do(struct fixture *f, const char *id, enum job_action action)
{
    return session_control(f->session, id, action, &f->fault);
}

static inline enum haul_error fixture_await(struct fixture *f, const char *id)
{
    return session_await(f->session, id, clock_now() + 10 * CLOCK_SEC, &f->fault);
}

static inline char *scratch_dir(void)
{
    char *dir = xstrdup("/tmp/haul-session-test-XXXXXX");
    if (!mkdtemp(dir))
        abort();
    return dir;
}

static inline int scratch_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void scratch_remove(char *dir)
{
    nftw(dir, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

#endif
