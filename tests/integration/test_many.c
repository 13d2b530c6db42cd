/* SPDX-License-Identifier: MIT */
/* Many files, many jobs, many processes. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/scene.h"

#define MIB ((int64_t)1 << 20)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED false
#endif

/* A list of so many small files. */
static char *write_list(const struct scene *s, unsigned count, const char *options)
{
    struct buf list;
    buf_init(&list);
    for (unsigned i = 0; i < count; i++)
        buf_addf(&list, "%s\n",
                 origin_link(s->o, "/file/%u.bin?size=%u&seed=%u&%s", i, i * 7, i, options));
    char *path = world_write(&s->w, "list", list.data);
    buf_release(&list);
    return path;
}

static void check_files(const struct scene *s, unsigned count)
{
    unsigned right = 0;
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%u.bin", i);
        right += content_check(s->w.dir, name, i, i * 7) == CONTENT_RIGHT;
    }
    CHECK_INT(right, count);
}

TEST(two_thousand_small_files_arrive_over_few_connections)
{
    struct scene s;
    struct origin_entry last;
    scene_init(&s);
    char *list = write_list(&s, 2000, "");
    world_fetch(&s.w, &s.r, "-j 8 -i %s", list);
    CHECK_INT(s.r.exit, 0);
    CHECK(!s.r.bad_json);
    CHECK_INT(result_event_count(&s.r, "file"), 2000);
    CHECK_INT(result_number(&s.r, "summary", "completed"), 2000);
    check_files(&s, 2000);
    CHECK_INT(origin_log_count(s.o), 2000);
    CHECK(origin_log_get(s.o, origin_log_count(s.o) - 1, &last) && last.connection <= 80);
    free(list);
    scene_release(&s);
}

/* Each of the 32 workers has more than three files open. */
TEST(more_downloads_run_at_once_than_a_shell_lets_files_be_open)
{
    struct scene s;
    scene_init(&s);
    s.w.open_max = 100;
    char *list = write_list(&s, 64, "delay=300");
    world_fetch(&s.w, &s.r, "-j 32 -i %s", list);
    CHECK_INT(s.r.exit, 0);
    check_files(&s, 64);
    free(list);
    scene_release(&s);
}

TEST(ten_thousand_queued_jobs_cost_little)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    char *list = write_list(&s, 10000, "rate=1");
    world_start_fetch(&s.w, &p, "-q -j 1 -i %s", list);
    CHECK(!process_ended(&p, (SANITIZED ? 6 : 4) * CLOCK_SEC));
    int64_t asked = clock_now();
    process_signal(&p, SIGINT);
    CHECK(process_ended(&p, 20 * CLOCK_SEC));
    int64_t took = clock_now() - asked;
    process_wait(&p, &s.r, CLOCK_SEC);
    CHECK_INT(s.r.exit, 130);
    int64_t cpu_ms = (s.r.usage.ru_utime.tv_sec + s.r.usage.ru_stime.tv_sec) * 1000 +
                     (s.r.usage.ru_utime.tv_usec + s.r.usage.ru_stime.tv_usec) / 1000;
    printf("# %lld MiB, %lld ms of processor, stopped in %lld ms\n",
           (long long)s.r.usage.ru_maxrss / 1024, (long long)cpu_ms, (long long)(took / CLOCK_MS));
    if (!SANITIZED) {
        CHECK(s.r.usage.ru_maxrss < 64 * 1024);
        CHECK(cpu_ms < 1500);
        CHECK(took < CLOCK_SEC);
    }
    free(list);
    scene_release(&s);
}

TEST(of_two_processes_on_one_file_the_second_gives_way)
{
    struct scene s;
    struct process first;
    struct result r;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?size=6M&rate=1M");
    world_start_fetch(&s.w, &first, "-x 2 %s", url);
    CHECK(content_await(s.w.dir, "x.bin.part.lock"));
    world_fetch(&s.w, &s.r, "-x 2 %s", url);
    CHECK_INT(s.r.exit, 8);
    CHECK_STR(result_text(&s.r, "error", "code"), "busy");
    /* Nor where they share no state directory. */
    char *state = world_path(&s.w, "state2");
    world_env(&s.w, "XDG_STATE_HOME", state);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "-x 2 %s", url);
    CHECK_INT(s.r.exit, 8);
    CHECK_STR(result_text(&s.r, "error", "code"), "busy");
    process_wait(&first, &r, WORLD_TIMEOUT);
    CHECK_INT(r.exit, 0);
    CHECK_STR(content_name(content_check(s.w.dir, "x.bin", 0, 6 * MIB)), "right");
    free(state);
    result_release(&r);
    scene_release(&s);
}

TEST(processes_with_other_jobs_share_a_state_directory)
{
    enum { COUNT = 6 };
    struct scene s;
    struct process p[COUNT];
    scene_init(&s);
    for (int i = 0; i < COUNT; i++)
        world_start_fetch(&s.w, &p[i], "%s %s",
                          origin_link(s.o, "/file/a%d.bin?size=3M&seed=%d&rate=4M", i, i),
                          origin_link(s.o, "/file/b%d.bin?size=1M&seed=%d", i, i));
    for (int i = 0; i < COUNT; i++) {
        char name[32];
        result_release(&s.r);
        process_wait(&p[i], &s.r, WORLD_TIMEOUT);
        CHECK_INT(s.r.exit, 0);
        snprintf(name, sizeof name, "a%d.bin", i);
        CHECK_STR(content_name(content_check(s.w.dir, name, (uint64_t)i, 3 * MIB)), "right");
    }
    scene_release(&s);
}

TEST(a_queue_whose_process_was_killed_comes_back)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    char *list = write_list(&s, 60, "rate=1");
    origin_set(s.o, "/file/0.bin", "size=0");
    world_start_fetch(&s.w, &p, "-j 4 -i %s", list);
    CHECK(origin_await_requests(s.o, 5));
    CHECK(world_await_jobs(&s.w, 60));
    process_signal(&p, SIGKILL);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    CHECK_INT(s.r.exit, 137);
    for (int i = 0; i < 60; i++) {
        char path[32];
        snprintf(path, sizeof path, "/file/%d.bin", i);
        origin_set(s.o, path, "rate=100M");
    }
    result_release(&s.r);
    world_run(&s.w, &s.r, "--batch --json -j 8");
    CHECK_INT(s.r.exit, 0);
    check_files(&s, 60);
    result_release(&s.r);
    world_run(&s.w, &s.r, "--batch");
    CHECK_INT(s.r.exit, 2);
    free(list);
    scene_release(&s);
}

TEST(an_interrupted_queue_comes_back_with_its_partials)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    world_start_fetch(&s.w, &p, "%s", origin_link(s.o, "/file/x.bin?size=16M&rate=512K"));
    CHECK(origin_await_bytes(s.o, MIB));
    process_signal(&p, SIGTERM);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    CHECK_INT(s.r.exit, 143);
    int64_t kept = content_recorded(s.w.dir, "x.bin.part.state");
    CHECK(kept > 0);
    origin_set(s.o, "/file/x.bin", "rate=100M");
    result_release(&s.r);
    world_run(&s.w, &s.r, "--batch --json");
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), kept);
    CHECK_STR(content_name(content_check(s.w.dir, "x.bin", 0, 16 * MIB)), "right");
    scene_release(&s);
}
