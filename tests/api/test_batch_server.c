/* SPDX-License-Identifier: MIT */
/* `haul --batch --server`, resolve and the library on a job server: as without one. */
#include "api/serving.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "harness.h"

HAUL_PRINTF(3, 4)
static int batch(struct serving *s, struct result *r, const char *format, ...)
{
    va_list args;
    char *rest = NULL;
    va_start(args, format);
    if (vasprintf(&rest, format, args) < 0)
        abort();
    va_end(args);
    world_run(&s->w, r, "--batch --server unix:%s %s", s->socket, rest);
    free(rest);
    return r->exit;
}

TEST(a_batch_on_a_server_prints_the_paths_and_nothing_else)
{
    struct serving s;
    struct result r;
    serving_init(&s, "-j 1");
    CHECK_INT(batch(&s, &r, "-d %s %s %s", s.w.dir, origin_link(s.o, "/file/a.bin?size=1M"),
                    origin_link(s.o, "/file/b.bin?size=0")),
              0);
    CHECK_STR(r.out.data, path_of("%s/a.bin\n%s/b.bin\n", s.w.dir, s.w.dir));
    CHECK(content_check(s.w.dir, "a.bin", 0, 1 << 20) == CONTENT_RIGHT);
    result_release(&r);
    serving_release(&s);
}

TEST(its_events_are_those_of_a_batch_without_a_server)
{
    struct serving s;
    struct result r;
    serving_init(&s, "-x 1");
    CHECK_INT(batch(&s, &r, "--json %s", origin_link(s.o, "/file/x.bin?size=1M&rate=2M")), 0);
    CHECK(!r.bad_json);
    for (size_t i = 0; i < r.event_count; i++)
        CHECK_INT(json_int(json_get(r.events[i], "seq"), 0), (int64_t)i + 1);
    CHECK_STR(result_text(&r, "job", "state"), "completed");
    CHECK_STR(result_text(&r, "file", "path"), path_of("%s/x.bin", s.w.dir));
    CHECK(result_event_count(&r, "progress") >= 1);
    CHECK_INT(result_event_count(&r, "file"), 1);
    CHECK_STR(json_string(json_get(r.events[r.event_count - 1], "event"), ""), "summary");
    CHECK_INT(result_number(&r, "summary", "bytes"), 1 << 20);
    result_release(&r);
    serving_release(&s);
}

TEST(its_exit_code_is_what_the_failures_share)
{
    struct serving s;
    struct result r;
    serving_init(&s, "--tries 1");
    const char *missing = origin_link(s.o, "/file/x.bin?status=404");
    CHECK_INT(batch(&s, &r, "%s", missing), 3);
    CHECK_STR(r.out.data, "");
    result_release(&r);
    CHECK_INT(batch(&s, &r, "%s %s", missing, origin_link(s.o, "/file/y.bin?size=1K")), 3);
    CHECK_STR(r.out.data, path_of("%s/y.bin\n", s.w.dir));
    result_release(&r);
    CHECK_INT(batch(&s, &r, "%s %s", missing, origin_link(s.o, "/file/z.bin?status=500")), 1);
    result_release(&r);
    CHECK_INT(batch(&s, &r, "file:/etc/passwd"), 4);
    result_release(&r);
    serving_release(&s);
}

/* How long it took to leave. */
static int64_t interrupt(struct serving *s, int number)
{
    struct process p;
    struct result r;
    world_start(&s->w, &p, "--batch -q --server unix:%s -d %s %s", s->socket, s->w.dir,
                origin_link(s->o, "/file/x.bin?size=24M&rate=200K"));
    CHECK(content_await(s->w.dir, "x.bin.part"));
    CHECK(content_exists(s->w.dir, "x.bin.part"));
    int64_t asked = clock_now();
    process_signal(&p, number);
    process_wait(&p, &r, 10 * CLOCK_SEC);
    int64_t took = clock_now() - asked;
    CHECK_INT(r.exit, 128 + number);
    CHECK_STR(r.out.data, "");
    result_release(&r);
    return took;
}

/* The server has been told when the batch ends, and does it a moment later. */
static void await_cancelled(struct serving *s)
{
    struct answer a;
    ask(s, &a, "GET", "/v1/jobs", NULL);
    const struct json *jobs = json_get(a.json, "jobs");
    const struct json *last = json_at(jobs, json_count(jobs) - 1);
    CHECK_STR(json_string(json_get(last, "name"), ""), "x.bin");
    serving_await(s, json_string(json_get(last, "job_id"), ""), "cancelled");
    answer_release(&a);
    CHECK(!content_exists(s->w.dir, "x.bin"));
    CHECK(!content_exists(s->w.dir, "x.bin.part"));
    CHECK(!content_exists(s->w.dir, "x.bin.part.state"));
}

TEST(an_interrupt_cancels_the_jobs_on_the_server)
{
    struct serving s;
    serving_init(&s, "");
    CHECK(interrupt(&s, SIGINT) < 2500 * CLOCK_MS);
    await_cancelled(&s);
    serving_release(&s);
}

/* A line that breaks or a time that is up says nothing about the downloads. */
static void check_leaves(int number)
{
    struct serving s;
    struct process p;
    struct result r;
    struct answer a;
    serving_init(&s, "");
    world_start(&s.w, &p, "--batch --server unix:%s -d %s %s", s.socket, s.w.dir,
                origin_link(s.o, "/file/x.bin?size=24M&rate=200K"));
    CHECK(content_await(s.w.dir, "x.bin.part"));
    process_signal(&p, number);
    process_wait(&p, &r, 10 * CLOCK_SEC);
    CHECK_INT(r.exit, 128 + number);
    CHECK(strstr(r.err.data, "leaving; the jobs go on"));
    result_release(&r);
    ask(&s, &a, "GET", "/v1/jobs/1", NULL);
    CHECK_STR(answer_text(&a, "state"), "running");
    answer_release(&a);
    CHECK(content_exists(s.w.dir, "x.bin.part"));
    serving_release(&s);
}

TEST(a_hangup_or_a_request_to_end_leaves_the_jobs_to_the_server)
{
    check_leaves(SIGTERM);
    check_leaves(SIGHUP);
}

TEST(only_its_own_jobs_are_cancelled)
{
    struct serving s;
    char other[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, other, "/file/other.bin?size=24M&rate=200K");
    serving_await(&s, other, "running");
    interrupt(&s, SIGINT);
    await_cancelled(&s);
    CHECK_STR(serving_state(&s, other), "running");
    serving_release(&s);
}

/* The server goes, its jobs stay: the batch finds both again. */
TEST(a_server_that_starts_again_does_not_end_the_batch)
{
    struct serving s;
    struct process p;
    struct result r;
    serving_init(&s, "-x 1");
    world_start(&s.w, &p, "--batch -q --server unix:%s -d %s %s", s.socket, s.w.dir,
                origin_link(s.o, "/file/x.bin?size=2M&rate=1M"));
    CHECK(content_await(s.w.dir, "x.bin.part"));
    serving_stop(&s, SIGTERM, &r);
    CHECK_INT(r.exit, 0);
    result_release(&r);
    world_nap(200);
    serving_start(&s, "-x 1");
    process_wait(&p, &r, 30 * CLOCK_SEC);
    CHECK_INT(r.exit, 0);
    CHECK_STR(r.out.data, path_of("%s/x.bin\n", s.w.dir));
    CHECK(content_check(s.w.dir, "x.bin", 0, 2 << 20) == CONTENT_RIGHT);
    result_release(&r);
    serving_release(&s);
}

TEST(resolve_asks_the_source_from_the_server)
{
    struct serving s;
    struct result r;
    serving_init(&s, "--tries 1");
    world_run(&s.w, &r, "resolve --json --server unix:%s %s", s.socket,
              origin_link(s.o, "/file/x.bin?size=3M"));
    CHECK_INT(r.exit, 0);
    ASSERT(r.event_count == 1);
    CHECK_INT(json_int(json_get(r.events[0], "total"), 0), 3 << 20);
    result_release(&r);
    world_run(&s.w, &r, "resolve --server unix:%s %s", s.socket,
              origin_link(s.o, "/file/x.bin?status=404"));
    CHECK_INT(r.exit, 3);
    result_release(&r);
    serving_release(&s);
}

/* A completed job is in the library a moment later. */
static void await_entry(struct serving *s, const char *at)
{
    struct result r;
    size_t count = 0;
    for (int i = 0; i < 50 && !count; i++) {
        world_run(&s->w, &r, "models --json %s", at);
        CHECK_INT(r.exit, 0);
        count = r.event_count;
        result_release(&r);
    }
    CHECK_INT(count, 1);
}

TEST(the_library_is_the_servers)
{
    struct serving s;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=3M");
    serving_await(&s, id, "completed");
    char *at = xasprintf("--server unix:%s", s.socket);
    await_entry(&s, at);
    world_run(&s.w, &r, "verify x.bin %s", at);
    CHECK_INT(r.exit, 0);
    result_release(&r);
    world_run(&s.w, &r, "rm --yes x.bin %s", at);
    CHECK_INT(r.exit, 0);
    CHECK(!content_exists(s.w.dir, "x.bin"));
    result_release(&r);
    world_run(&s.w, &r, "show x.bin %s", at);
    CHECK_INT(r.exit, 3);
    result_release(&r);
    free(at);
    serving_release(&s);
}

/* The program runs in the download directory; the server may run anywhere. */
TEST(a_directory_to_clean_is_meant_from_where_the_user_is)
{
    struct serving s;
    struct result r;
    serving_init(&s, "");
    char *sub = xasprintf("%s/sub", s.w.dir);
    CHECK(mkdir(sub, 0700) == 0);
    content_pretend_part(sub, "left.bin", "\"x\"", 1000);
    world_run(&s.w, &r, "clean -d sub --server unix:%s", s.socket);
    CHECK_INT(r.exit, 2);
    CHECK(content_exists(sub, "left.bin.part"));
    result_release(&r);
    world_run(&s.w, &r, "clean --yes -d sub --server unix:%s", s.socket);
    CHECK_INT(r.exit, 0);
    CHECK(strstr(r.out.data, path_of("%s/left.bin", sub)));
    CHECK(!content_exists(sub, "left.bin.part"));
    result_release(&r);
    free(sub);
    serving_release(&s);
}
