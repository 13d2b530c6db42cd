/* SPDX-License-Identifier: MIT */
/* Requests that the server refuses, and how: what a client may rely on, and what it must not be
 * able to do by mistake or on purpose. */
#include "api/serving.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"

/* Whether the head has that line. */
static bool has_line(const struct answer *a, const char *line)
{
    char *whole = xasprintf("\r\n%s\r\n", line);
    bool found = strcasestr(a->head.data, whole) != NULL;
    free(whole);
    return found;
}

TEST(a_method_that_a_path_does_not_know_is_answered_with_those_it_knows)
{
    static const struct {
        const char *method, *path, *allow;
    } cases[] = {
        {"PUT", "/v1/jobs", "Allow: GET, POST"},
        {"POST", "/health", "Allow: GET"},
        {"OPTIONS", "/v1/settings", "Allow: GET, PATCH"},
        {"GET", "/v1/clean", "Allow: POST"},
        {"HEAD", "/v1/events", "Allow: GET"},
        {"GET", "/v1/jobs/1/pause", "Allow: POST"},
    };
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        ask(&s, &a, cases[i].method, cases[i].path, NULL);
        CHECK_INT(a.status, 405);
        if (!has_line(&a, cases[i].allow))
            HARNESS_FAIL("%s %s: %s", cases[i].method, cases[i].path, a.head.data);
        if (strcmp(cases[i].method, "HEAD"))
            CHECK_STR(answer_error(&a, "code"), "method");
        answer_release(&a);
    }
    serving_release(&s);
}

TEST(a_path_that_is_not_there_is_not_there_for_any_method)
{
    static const char *const methods[] = {"GET", "POST", "DELETE"};
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(methods); i++) {
        ask(&s, &a, methods[i], "/v1/jobs/1/fly", NULL);
        CHECK_INT(a.status, 404);
        CHECK_STR(answer_error(&a, "code"), "not_found");
        answer_release(&a);
    }
    serving_release(&s);
}

TEST(a_job_is_meant_by_its_whole_name_and_no_other_route_by_it)
{
    struct serving s;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=200K");
    serving_await(&s, id, "running");
    CHECK_INT(ask_status(&s, "GET", "/v1/jobs/1", NULL), 200);
    CHECK_INT(ask_status(&s, "GET", "/v1/jobs/1%00", NULL), 404);
    CHECK_INT(ask_status(&s, "GET", "/v1/jobs/%31", NULL), 200);
    world_run(&s.w, &r, "cancel --server unix:%s 1/files/0", s.socket);
    CHECK_INT(r.exit, 3);
    CHECK(strstr(r.err.data, "1/files/0: there is no such job"));
    CHECK_STR(serving_state(&s, id), "running");
    result_release(&r);
    serving_release(&s);
}

TEST(the_log_of_a_job_is_found_by_its_number_too)
{
    struct serving s;
    struct answer a;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?status=404");
    serving_await(&s, id, "failed");
    ask(&s, &a, "GET", "/v1/log?job=1", NULL);
    const struct json *events = json_get(a.json, "events");
    CHECK(json_count(events) > 0);
    CHECK_STR(json_string(json_get(json_at(events, 0), "job"), ""), id);
    answer_release(&a);
    ask(&s, &a, "GET", "/v1/log?job=2", NULL);
    CHECK_INT(json_count(json_get(a.json, "events")), 0);
    answer_release(&a);
    serving_release(&s);
}

static bool file_is_active(const struct serving *s, const char *id)
{
    struct answer a;
    serving_job(s, id, &a);
    const struct json *file = json_at(json_get(a.json, "files"), 0);
    bool active = !strcmp(json_string(json_get(file, "state"), ""), "running");
    answer_release(&a);
    return active;
}

TEST(who_looks_at_a_file_once_sees_its_connections)
{
    struct serving s;
    struct answer a;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=200K");
    for (int i = 0; i < 500 && !file_is_active(&s, id); i++)
        world_nap(10);
    ask(&s, &a, "GET", path_of("/v1/jobs/%s/files/0", id), NULL);
    CHECK_INT(a.status, 200);
    CHECK(json_count(json_get(a.json, "connections")) > 0);
    answer_release(&a);
    serving_release(&s);
}

TEST(who_shows_no_token_is_told_which_kind_is_wanted)
{
    struct serving s;
    struct answer a;
    serving_init(&s, "--listen 127.0.0.1:0");
    ask_tcp(&s, &a, "GET", "/v1/jobs", NULL, NULL);
    CHECK_INT(a.status, 401);
    CHECK(has_line(&a, "WWW-Authenticate: Bearer"));
    CHECK_STR(answer_error(&a, "code"), "unauthorized");
    answer_release(&a);
    ask_tcp(&s, &a, "GET", "/health", NULL, NULL);
    CHECK_INT(a.status, 200);
    answer_release(&a);
    serving_release(&s);
}

static void check_bad(const struct serving *s, const char *path, const char *body, const char *says)
{
    struct answer a;
    ask(s, &a, "POST", path, body);
    CHECK_INT(a.status, 400);
    CHECK_STR(answer_error(&a, "code"), "usage");
    CHECK_STR(answer_error(&a, "message"), says);
    answer_release(&a);
}

TEST(a_clean_that_is_not_understood_deletes_nothing)
{
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    content_pretend_part(s.w.dir, "left.bin", "\"x\"", 1000);
    char *dir = xasprintf("{\"dir\":\"%s\",\"dryrun\":true}", s.w.dir);
    check_bad(&s, "/v1/clean", dir, "dryrun: no such field");
    check_bad(&s, "/v1/clean", "{\"dir\":\".\"}", "dir: is no absolute path");
    check_bad(&s, "/v1/clean", "{\"dir\":5}", "dir: is no text");
    check_bad(&s, "/v1/clean", "{\"dry_run\":1}", "dry_run: is neither true nor false");
    CHECK(content_exists(s.w.dir, "left.bin.part"));
    free(dir);
    dir = xasprintf("{\"dir\":\"%s\",\"dry_run\":true}", s.w.dir);
    ask(&s, &a, "POST", "/v1/clean", dir);
    CHECK_INT(json_count(json_get(a.json, "leftovers")), 1);
    CHECK(content_exists(s.w.dir, "left.bin.part"));
    answer_release(&a);
    free(dir);
    serving_release(&s);
}

TEST(a_body_is_read_to_its_end_or_refused)
{
    static const char *const bad[][2] = {
        {"{\"jobs\":[]}x", "bad JSON at byte 12: it breaks JSON's syntax"},
        {"{\"jobs\":[],\"sotp\":true}", "sotp: beside jobs there is only stop, true or false"},
        {"{\"jobs\":[],\"stop\":1}", "stop: beside jobs there is only stop, true or false"},
        {"{\"jobs\":5}", "jobs: no such field"},
        {"{\"include\":\"\"}", "include: '' is no list of texts"},
    };
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++)
        check_bad(&s, "/v1/jobs", bad[i][0], bad[i][1]);
    ask_bytes(&s, &a, "POST", "/v1/jobs", "{\"jobs\":[]}\0{", 13);
    CHECK_INT(a.status, 400);
    answer_release(&a);
    ask(&s, &a, "POST", "/v1/jobs", "{\"jobs\":[]}");
    CHECK_INT(a.status, 201);
    answer_release(&a);
    serving_release(&s);
}

/* ---- those who take their time ---- */

static bool closed(int fd)
{
    char c[256];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1 && read(fd, c, sizeof c) <= 0;
}

/* Ten seconds for a head, ten more for a body; a job in between is not disturbed. */
TEST(who_does_not_come_to_the_point_is_hung_up_on)
{
    static const char *const openings[] = {
        "",
        "GET /v1/jobs HTTP/1.1\r\nHost: local",
        ("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: 100\r\n\r\n{\"operation\":"),
    };
    enum { COUNT = HAUL_ARRAY_LEN(openings) };
    struct serving s;
    int fds[COUNT];
    serving_init(&s, "");
    for (size_t i = 0; i < COUNT; i++)
        fds[i] = speak(&s, openings[i]);
    world_nap(8000);
    for (size_t i = 0; i < COUNT; i++)
        CHECK(!closed(fds[i]));
    for (size_t i = 0; i < COUNT; i++) {
        for (int wait = 0; wait < 100 && !closed(fds[i]); wait++)
            world_nap(100);
        if (!closed(fds[i]))
            HARNESS_FAIL("still open: '%s'", openings[i]);
        close(fds[i]);
    }
    serving_release(&s);
}

/* As `nc -N` does, once it has said all. */
TEST(who_has_said_all_and_only_listens_gets_the_answer)
{
    static const char *const requests[] = {"GET /v1/disk", "GET /v1/models", "DELETE /v1/jobs/1"};
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=20M&rate=1M");
    serving_await(&s, id, "running");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(requests); i++) {
        char text[512];
        size_t len = 0;
        int fd = speak(&s, path_of("%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                                   requests[i]));
        CHECK(shutdown(fd, SHUT_WR) == 0);
        for (ssize_t n;
             len < sizeof text - 1 && (n = read(fd, text + len, sizeof text - 1 - len)) > 0;)
            len += (size_t)n;
        text[len] = '\0';
        if (strncmp(text, "HTTP/1.1 200 ", 13) != 0)
            HARNESS_FAIL("%s: %s", requests[i], text);
        close(fd);
    }
    serving_await(&s, id, "cancelled");
    serving_release(&s);
}

/* A kilobyte comes every five seconds. */
TEST(a_connection_that_the_limit_holds_back_is_not_called_stalled)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    int receiving = 0;
    serving_init(&s, "-l 200");
    serving_add(&s, id, "/file/x.bin?size=1M");
    serving_await(&s, id, "running");
    for (int i = 0; i < 28; i++) {
        struct answer a;
        ask(&s, &a, "GET", path_of("/v1/jobs/%s/files/0", id), NULL);
        const char *state =
            json_string(json_get(json_at(json_get(a.json, "connections"), 0), "state"), "");
        CHECK(strcmp(state, "stalled") != 0);
        receiving += !strcmp(state, "receiving");
        answer_release(&a);
        world_nap(200);
    }
    CHECK(receiving > 15);
    serving_release(&s);
}
