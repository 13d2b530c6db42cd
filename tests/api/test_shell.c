/* SPDX-License-Identifier: MIT */
/* A job server from the shell: add, jobs, watch, cancel, pause, resume, retry; what goes to
 * standard output, and exit codes. */
#include "api/serving.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "harness.h"

/* Runs a command on the server at its usual place. */
HAUL_PRINTF(3, 4)
static int run(struct serving *s, struct result *r, const char *format, ...)
{
    va_list args;
    char *line = NULL;
    va_start(args, format);
    if (vasprintf(&line, format, args) < 0)
        abort();
    va_end(args);
    world_run(&s->w, r, "%s", line);
    free(line);
    return r->exit;
}

static int run_quietly(struct serving *s, const char *command, const char *id)
{
    struct result r;
    int code = run(s, &r, "%s %s", command, id);
    result_release(&r);
    return code;
}

TEST(add_prints_the_id_of_the_job_and_nothing_else)
{
    struct serving s;
    struct result r;
    char id[JOB_ID_SIZE] = "";
    serving_init(&s, "");
    CHECK_INT(run(&s, &r, "add %s", origin_link(s.o, "/file/x.bin?size=1M")), 0);
    CHECK_STR(r.err.data, "");
    ASSERT(r.out.len == strlen("job-0123456789abcdef\n"));
    memcpy(id, r.out.data, r.out.len - 1);
    CHECK(!strncmp(id, "job-", 4));
    serving_await(&s, id, "completed");
    CHECK(content_check(s.w.dir, "x.bin", 0, 1 << 20) == CONTENT_RIGHT);
    result_release(&r);
    CHECK_INT(run(&s, &r, "add --json %s", origin_link(s.o, "/file/y.bin?size=1K")), 0);
    CHECK_INT(r.event_count, 1);
    CHECK(!strncmp(json_string(json_get(r.events[0], "job_id"), ""), "job-", 4));
    result_release(&r);
    serving_release(&s);
}

TEST(options_of_add_get_to_the_job)
{
    struct serving s;
    struct result r;
    struct answer a;
    serving_init(&s, "-j 1");
    char *dir = world_path(&s.w, "elsewhere");
    CHECK_INT(run(&s, &r, "add -d %s -o other.bin -x 3 --job-limit-rate 1M %s", dir,
                  origin_link(s.o, "/file/x.bin?size=24M")),
              0);
    ask(&s, &a, "GET", "/v1/jobs", NULL);
    const struct json *job = json_at(json_get(a.json, "jobs"), 0);
    CHECK_STR(json_string(json_get(job, "dir"), ""), dir);
    CHECK_STR(json_string(json_get(job, "name"), ""), "other.bin");
    CHECK_INT(json_int(json_get(job, "connections_max"), 0), 3);
    CHECK_INT(json_int(json_get(job, "limit_rate"), 0), 1 << 20);
    answer_release(&a);
    result_release(&r);
    free(dir);
    serving_release(&s);
}

TEST(what_the_server_refuses_does_not_stop_the_others)
{
    struct serving s;
    struct result r;
    serving_init(&s, "");
    CHECK_INT(run(&s, &r, "add file:/etc/passwd %s", origin_link(s.o, "/file/x.bin?size=1K")), 4);
    CHECK(strstr(r.err.data, "--allow-local"));
    CHECK(!strncmp(r.out.data, "job-", 4));
    CHECK(strchr(r.out.data, '\n') == r.out.data + r.out.len - 1);
    result_release(&r);
    CHECK_INT(run(&s, &r, "add 'no such thing' %s", origin_link(s.o, "/file/y.bin?size=1K")), 2);
    CHECK_STR(r.out.data, "");
    result_release(&r);
    serving_release(&s);
}

TEST(jobs_lists_what_there_is)
{
    struct serving s;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    CHECK_INT(run(&s, &r, "jobs"), 0);
    CHECK(strstr(r.out.data, "no jobs"));
    result_release(&r);
    serving_add(&s, id, "/file/x.bin?size=1M");
    serving_await(&s, id, "completed");
    CHECK_INT(run(&s, &r, "jobs"), 0);
    CHECK(strstr(r.out.data, "completed"));
    CHECK(strstr(r.out.data, "x.bin"));
    CHECK_STR(r.err.data, "");
    result_release(&r);
    CHECK_INT(run(&s, &r, "jobs --json"), 0);
    ASSERT(r.event_count == 1);
    CHECK_STR(json_string(json_get(r.events[0], "job_id"), ""), id);
    result_release(&r);
    serving_release(&s);
}

/* ---- watch ---- */

TEST(watch_follows_to_the_end_and_ends_as_the_job_did)
{
    struct serving s;
    struct result r;
    char good[JOB_ID_SIZE], bad[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, good, "/file/x.bin?size=1M&rate=2M");
    CHECK_INT(run(&s, &r, "watch %s", good), 0);
    CHECK_STR(r.out.data, path_of("%s/x.bin\n", s.w.dir));
    result_release(&r);
    serving_add(&s, bad, "/file/y.bin?status=404&delay=300");
    CHECK_INT(run(&s, &r, "watch --json %s", bad), 3);
    CHECK(!r.bad_json);
    CHECK_STR(result_text(&r, "error", "code"), "not_found");
    CHECK_INT(result_number(&r, "summary", "failed"), 1);
    result_release(&r);
    serving_release(&s);
}

TEST(watch_tells_how_it_ended_to_who_comes_late)
{
    struct serving s;
    struct result r;
    char good[JOB_ID_SIZE], bad[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, good, "/file/x.bin?size=1M");
    serving_add(&s, bad, "/file/y.bin?status=404");
    serving_await(&s, good, "completed");
    serving_await(&s, bad, "failed");
    CHECK_INT(run(&s, &r, "watch 1"), 0);
    CHECK_STR(r.out.data, path_of("%s/x.bin\n", s.w.dir));
    result_release(&r);
    CHECK_INT(run_quietly(&s, "watch", bad), 3);
    CHECK_INT(run_quietly(&s, "watch", "job-0000000000000000"), 3);
    CHECK_INT(run_quietly(&s, "watch", ""), 0); /* nothing is open */
    serving_release(&s);
}

/* Stops the program that watches, has the job end behind its back, and lets it go on. */
static void end_behind_its_back(struct serving *s, const struct process *watching, const char *id)
{
    struct result r;
    process_signal(watching, SIGSTOP);
    serving_stop(s, SIGKILL, &r);
    result_release(&r);
    serving_start(s, "-x 1");
    serving_await(s, id, "completed");
    process_signal(watching, SIGCONT);
}

TEST(watch_ends_with_a_job_that_ended_while_there_was_no_line)
{
    struct serving s;
    struct process p;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=2M&rate=500K");
    world_start(&s.w, &p, "watch --progress plain --progress-interval 1 %s", id);
    CHECK(process_await_text(&p, "x.bin"));
    end_behind_its_back(&s, &p, id);
    process_wait(&p, &r, 20 * CLOCK_SEC);
    CHECK_INT(r.exit, 0);
    CHECK_STR(r.out.data, path_of("%s/x.bin\n", s.w.dir));
    result_release(&r);
    serving_release(&s);
}

TEST(a_pause_is_no_end_for_who_watches)
{
    struct serving s;
    struct process p;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=1M&rate=1M");
    CHECK_INT(run_quietly(&s, "pause", id), 0);
    world_start(&s.w, &p, "watch --progress plain %s", id);
    CHECK(!process_ended(&p, 700 * CLOCK_MS));
    CHECK_INT(run_quietly(&s, "resume", id), 0);
    process_wait(&p, &r, 20 * CLOCK_SEC);
    CHECK_INT(r.exit, 0);
    CHECK(!strstr(r.err.data, "fail"));
    CHECK(strstr(r.err.data, "ok x.bin"));
    result_release(&r);
    serving_release(&s);
}

TEST(watch_shows_nothing_of_other_jobs)
{
    struct serving s;
    struct result r;
    char mine[JOB_ID_SIZE], other[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, other, "/file/other.bin?size=20M&rate=1M");
    serving_add(&s, mine, "/file/mine.bin?size=3M&rate=1M");
    CHECK_INT(run(&s, &r, "watch --progress plain --progress-interval 1 %s", mine), 0);
    CHECK(strstr(r.err.data, "mine.bin "));
    CHECK(!strstr(r.err.data, "other.bin"));
    result_release(&r);
    CHECK_INT(run_quietly(&s, "cancel", other), 0);
    serving_release(&s);
}

TEST(who_stops_watching_stops_nothing)
{
    struct serving s;
    struct process p;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=2M&rate=1M");
    world_start(&s.w, &p, "watch %s", id);
    CHECK(!process_ended(&p, 700 * CLOCK_MS));
    process_signal(&p, SIGINT);
    process_wait(&p, &r, 5 * CLOCK_SEC);
    CHECK_INT(r.exit, 130);
    CHECK_STR(r.out.data, "");
    serving_await(&s, id, "completed");
    result_release(&r);
    serving_release(&s);
}

/* ---- control ---- */

static int control(struct serving *s, const char *command, const char *id, const char *says)
{
    struct result r;
    int code = run(s, &r, "%s %s", command, id);
    if (says)
        CHECK_STR(r.out.data, path_of("%s: %s\n", id, says));
    else
        CHECK_STR(r.out.data, "");
    CHECK(!r.err.len == !code);
    result_release(&r);
    return code;
}

TEST(jobs_are_paused_resumed_cancelled_and_retried_by_id_or_number)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=300K");
    serving_await(&s, id, "running");
    CHECK_INT(control(&s, "pause", id, "paused"), 0);
    serving_await(&s, id, "paused");
    CHECK_INT(control(&s, "resume", "1", "queued"), 0);
    serving_await(&s, id, "running");
    CHECK_INT(control(&s, "cancel", id, "cancelled"), 0);
    CHECK_STR(serving_state(&s, id), "cancelled");
    CHECK(!content_exists(s.w.dir, "x.bin.part"));
    CHECK_INT(control(&s, "retry", id, "queued"), 0);
    CHECK(strcmp(serving_state(&s, id), "cancelled"));
    serving_release(&s);
}

TEST(what_cannot_be_done_says_why_and_how_bad_it_is)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=1K");
    serving_await(&s, id, "completed");
    CHECK_INT(control(&s, "cancel", id, NULL), 2);
    CHECK_INT(control(&s, "retry", id, NULL), 2);
    CHECK_INT(control(&s, "pause", id, NULL), 2);
    CHECK_INT(control(&s, "resume", id, NULL), 2);
    CHECK_INT(control(&s, "cancel", "job-0000000000000000", NULL), 3);
    CHECK_INT(control(&s, "pause", "77", NULL), 3);
    serving_release(&s);
}

TEST(a_cancel_that_fails_says_whether_the_job_is_there)
{
    struct serving s;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=1K");
    serving_await(&s, id, "completed");
    world_run(&s.w, &r, "cancel --server unix:%s 1", s.socket);
    CHECK_STR(r.err.data, "haul: 1: it is completed: there is nothing left to cancel\n");
    result_release(&r);
    world_run(&s.w, &r, "cancel --server unix:%s 99", s.socket);
    CHECK_STR(r.err.data, "haul: 99: there is no such job; 'haul jobs' lists them\n");
    result_release(&r);
    serving_release(&s);
}

/* ---- getting there ---- */

TEST(nobody_there_is_exit_nine)
{
    static const char *const commands[] = {
        "add http://127.0.0.1:1/x",
        "jobs",
        "watch",
        "cancel 1",
        "pause 1",
        "resume 1",
        "retry 1",
        "models --server unix:/nowhere",
        "--batch --server http://127.0.0.1:1 http://127.0.0.1:1/x",
        "resolve --server unix:/nowhere http://127.0.0.1:1/x"};
    struct world w;
    struct result r;
    world_init(&w);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(commands); i++) {
        world_run(&w, &r, "%s", commands[i]);
        if (r.exit != 9)
            HARNESS_FAIL("%s: exit %d", commands[i], r.exit);
        CHECK_STR(r.out.data, "");
        CHECK(strstr(r.err.data, "haul serve"));
        result_release(&r);
    }
    world_release(&w);
}

TEST(a_socket_that_is_not_there_is_spoken_of_as_a_socket)
{
    struct world w;
    struct result r;
    world_init(&w);
    world_run(&w, &r, "jobs --server unix:/nowhere");
    CHECK(strstr(r.err.data, "unix:/nowhere: No such file or directory"));
    CHECK(!strstr(r.err.data, "port"));
    result_release(&r);
    world_release(&w);
}

TEST(what_answers_but_is_no_job_server_is_exit_nine)
{
    struct world w;
    struct result r;
    struct origin *o = origin_new(NULL);
    world_init(&w);
    world_run(&w, &r, "jobs --server %s", origin_link(o, "%s", ""));
    CHECK_INT(r.exit, 9);
    result_release(&r);
    world_release(&w);
    origin_free(o);
}

TEST(over_tcp_the_token_decides)
{
    struct serving s;
    struct result r;
    serving_init(&s, "--listen 127.0.0.1:0");
    char *wrong = world_write(&s.w, "wrong", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    CHECK_INT(run(&s, &r, "jobs --server http://127.0.0.1:%d", s.port), 0); /* its usual place */
    result_release(&r);
    CHECK_INT(run(&s, &r, "jobs --server http://127.0.0.1:%d --token-file %s", s.port, wrong), 4);
    CHECK_STR(r.out.data, "");
    CHECK(strstr(r.err.data, "token"));
    result_release(&r);
    free(wrong);
    serving_release(&s);
}

TEST(no_proxy_is_shown_the_token_of_a_server_that_runs_here)
{
    struct serving s;
    struct result r;
    serving_init(&s, "--listen 127.0.0.1:0");
    struct origin *proxy = origin_new(NULL);
    world_env(&s.w, "http_proxy", origin_link(proxy, "%s", ""));
    CHECK_INT(run(&s, &r, "jobs --server http://127.0.0.1:%d", s.port), 0);
    CHECK_INT(origin_log_count(proxy), 0);
    result_release(&r);
    origin_free(proxy);
    serving_release(&s);
}

TEST(haul_token_and_haul_server_say_it_once_for_all)
{
    struct serving s;
    struct world other;
    struct result r;
    serving_init(&s, "--listen 127.0.0.1:0");
    char *token = serving_token(&s), *url = xasprintf("http://127.0.0.1:%d", s.port);
    world_init(&other);
    world_env(&other, "HAUL_SERVER", url);
    world_run(&other, &r, "jobs");
    CHECK_INT(r.exit, 4);
    result_release(&r);
    world_env(&other, "HAUL_TOKEN", token);
    world_run(&other, &r, "jobs");
    CHECK_INT(r.exit, 0);
    result_release(&r);
    world_release(&other);
    free(token);
    free(url);
    serving_release(&s);
}
