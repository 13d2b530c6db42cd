/* SPDX-License-Identifier: MIT */
/* What `c` on a file's row does, down to the disk: the real engine with a plan of three files. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/session.h"
#include "harness.h"
#include "net/engine.h"
#include "net/fetch.h"
#include "origin/origin.h"

static struct origin *origin;
static char root[] = "/tmp/haul-cancel-file-XXXXXX";

static void add_file(struct plan *plan, const char *name, const char *path, int64_t size)
{
    struct plan_file *f = plan_add(plan);
    struct buf url;
    buf_init(&url);
    origin_url(origin, path, &url);
    f->url = buf_detach(&url);
    f->path = xstrdup(name);
    f->size = size;
}

/* The engine's own way from the plan on. */
static enum haul_error run_three(struct engine_worker *w, struct run *run, struct haul_fault *fault)
{
    struct plan plan;
    plan_init(&plan);
    plan.name = xstrdup("three");
    plan.root = xstrdup(root);
    add_file(&plan, "slow.bin", "/file/slow.bin?size=8M&rate=2M", 8 << 20);
    add_file(&plan, "unwanted.bin", "/file/unwanted.bin?size=32M&rate=100K", 32 << 20);
    add_file(&plan, "later.bin", "/file/later.bin?size=1M", 1 << 20);
    run_set_plan(run, &plan);
    run_set_state(run, JOB_RUNNING);
    enum haul_error err = fetch_plan(w, run, &plan, fault);
    plan_release(&plan);
    return err;
}

static bool is_there(const char *name)
{
    struct stat st;
    char *path = xasprintf("%s/%s", root, name);
    bool there = !stat(path, &st);
    free(path);
    return there;
}

static struct session *open_session(struct engine_ops *ops)
{
    struct haul_fault fault;
    struct settings settings;
    settings_init(&settings);
    settings.connections = 2;
    struct session_config config = {.settings = &settings, .adopt = ADOPT_NONE, .heartbeat = -1};
    *ops = net_engine_ops;
    ops->run = run_three;
    struct session *s = session_local_new(&config, net_engine_new(&settings, &fault), ops, &fault);
    settings_release(&settings);
    return s;
}

static void add_job(struct session *s, char id[JOB_ID_SIZE])
{
    struct haul_fault fault;
    struct job_request request;
    job_request_init(&request);
    request.spec = xstrdup("http://127.0.0.1/three");
    request.dir = xstrdup(root);
    CHECK_INT(session_add(s, &request, id, &fault), HAUL_OK);
    job_request_release(&request);
}

static const struct job_view *look(struct watcher *w, struct snapshot *view, const char *id)
{
    watcher_refresh(w, view);
    return snapshot_find(view, id);
}

/* Until that file has bytes on disk; 10 s at most. */
static bool wait_for_bytes(struct watcher *w, struct snapshot *view, const char *id, size_t file)
{
    for (int i = 0; i < 1000; i++) {
        const struct job_view *v = look(w, view, id);
        if (v && v->file_count > file && v->files[file].bytes > 0)
            return true;
        usleep(10000);
    }
    return false;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

TEST(a_file_is_cancelled_and_its_partial_deleted_while_the_rest_goes_on)
{
    struct engine_ops ops;
    struct haul_fault fault;
    struct snapshot view;
    char id[JOB_ID_SIZE];
    CHECK(mkdtemp(root));
    origin = origin_new(NULL);
    struct session *s = open_session(&ops);
    struct watcher *w = session_watch(s);
    snapshot_init(&view);
    add_job(s, id);
    CHECK(wait_for_bytes(w, &view, id, 1));
    CHECK(is_there("unwanted.bin.part"));
    CHECK_INT(session_cancel_file(s, id, 1, &fault), HAUL_OK);
    int64_t asked = clock_now();
    while (is_there("unwanted.bin.part") && clock_now() - asked < 5 * CLOCK_SEC)
        usleep(5000);
    CHECK(clock_now() - asked < CLOCK_SEC);
    CHECK(job_state_active(look(w, &view, id)->state));
    CHECK_INT(session_await(s, id, clock_now() + 30 * CLOCK_SEC, &fault), HAUL_OK);
    const struct job_view *v = look(w, &view, id);
    CHECK_INT(v->state, JOB_COMPLETED);
    CHECK_INT(v->files[0].state, FILE_DONE);
    CHECK_INT(v->files[1].state, FILE_CANCELLED);
    CHECK_INT(v->files[2].state, FILE_DONE);
    CHECK_INT(v->total, (8 << 20) + (1 << 20));
    CHECK_INT(v->bytes, v->total);
    CHECK(is_there("slow.bin") && is_there("later.bin"));
    CHECK(!is_there("unwanted.bin") && !is_there("unwanted.bin.part"));
    watcher_free(w);
    snapshot_release(&view);
    session_free(s);
    origin_free(origin);
    nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
