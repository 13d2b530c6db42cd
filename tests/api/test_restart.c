/* SPDX-License-Identifier: MIT */
/* A server that is killed, or stopped, and starts again: no job is lost or doubled, and what was
 * safely on disk is not fetched again. */
#include "api/serving.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"

#define SIZE  ((int64_t)12 << 20)
#define SLACK ((int64_t)2 << 20) /* requests overlap by what was on its way */

/* So many in each state when the server dies; fifty together. */
enum { DONE = 6, FAILED = 4, CANCELLED = 4, PAUSED = 6, RUNNING = 10, QUEUED = 18 };
#define JOBS (DONE + FAILED + CANCELLED + PAUSED + RUNNING + QUEUED + 2)

struct one {
    char id[JOB_ID_SIZE];
    char name[16];
    const char *was;  /* its state when the server dies */
    int64_t recorded; /* bytes that are safely on disk then */
    bool found;
};

struct scene {
    struct serving s;
    struct origin *silent; /* never answers */
    struct one jobs[JOBS];
    size_t count;
};

static struct one *add(struct scene *c, const char *was, const char *options)
{
    struct one *j = &c->jobs[c->count];
    j->was = was;
    snprintf(j->name, sizeof j->name, "f%zu.bin", c->count++);
    serving_add(&c->s, j->id, path_of("/file/%s?%s", j->name, options));
    return j;
}

static void add_many(struct scene *c, int count, const char *was, const char *options)
{
    while (count--)
        add(c, was, options);
}

static void await_all(struct scene *c, size_t from)
{
    for (size_t i = from; i < c->count; i++)
        serving_await(&c->s, c->jobs[i].id, c->jobs[i].was);
}

static char *part_of(const struct one *j)
{
    return xasprintf("%s.part.state", j->name);
}

static int64_t recorded(const struct scene *c, const struct one *j)
{
    char *state = part_of(j);
    int64_t n = content_recorded(c->s.w.dir, state);
    free(state);
    return n;
}

static void add_ended(struct scene *c)
{
    add_many(c, DONE, "completed", "size=100K");
    add_many(c, FAILED, "failed", "status=404");
    await_all(c, 0);
    size_t first = c->count;
    add_many(c, CANCELLED, "cancelled", "size=4M&rate=100K");
    for (size_t i = first; i < c->count; i++)
        CHECK_INT(ask_status(&c->s, "DELETE", path_of("/v1/jobs/%s", c->jobs[i].id), NULL), 200);
}

/* Each has written something when it is paused. */
static void add_paused(struct scene *c)
{
    size_t first = c->count;
    add_many(c, PAUSED, "paused", "size=12M&rate=4M");
    for (size_t i = first; i < c->count; i++)
        serving_await(&c->s, c->jobs[i].id, "running");
    world_nap(500);
    for (size_t i = first; i < c->count; i++)
        CHECK_INT(ask_status(&c->s, "POST", path_of("/v1/jobs/%s/pause", c->jobs[i].id), NULL),
                  200);
    await_all(c, first);
}

/* What takes long before the first byte, and after the last one. */
static void add_slow(struct scene *c)
{
    struct one *j = &c->jobs[c->count++];
    j->was = "resolving";
    serving_add_source(&c->s, j->id, "hf:acme/tiny", "");
    j = &c->jobs[c->count];
    j->was = "verifying";
    snprintf(j->name, sizeof j->name, "f%zu.bin", c->count++);
    content_pretend_part(c->s.w.dir, j->name, "\"whole\"", INT64_C(2) << 30);
    char *fields = xasprintf(",\"checksum\":\"sha256:%064d\"", 0);
    serving_add_source(
        &c->s, j->id,
        origin_link(c->s.o, "/file/%s?size=2G&etag-raw=%%22whole%%22&delay=3200", j->name), fields);
    free(fields);
}

static void scene_init(struct scene *c)
{
    struct buf url;
    *c = (struct scene){.silent = origin_new(NULL)};
    serving_prepare(&c->s);
    origin_set_door(c->silent, ORIGIN_DOOR_HANG);
    buf_init(&url);
    origin_url(c->silent, "", &url);
    world_env(&c->s.w, "HF_ENDPOINT", url.data);
    buf_release(&url);
    serving_start(&c->s, "-j 12 -x 2");
    add_ended(c);
    add_paused(c);
    size_t first = c->count;
    add_many(c, RUNNING, "running", "size=12M&rate=600K");
    add_slow(c);
    add_many(c, QUEUED, "queued", "size=100K");
    await_all(c, first);
}

static void scene_release(struct scene *c)
{
    serving_release(&c->s);
    origin_free(c->silent);
}

/* Until every running one has had a range put down as safe, which is done every 3 s. */
static void await_records(struct scene *c)
{
    for (int tries = 0; tries < 800; tries++) {
        size_t missing = 0;
        for (size_t i = 0; i < c->count; i++)
            if (!strcmp(c->jobs[i].was, "running"))
                missing += recorded(c, &c->jobs[i]) <= 0;
        if (!missing)
            return;
        world_nap(10);
    }
    HARNESS_FAIL("no range is recorded");
}

static struct one *find(struct scene *c, const char *id)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->jobs[i].id, id))
            return &c->jobs[i];
    return NULL;
}

/* Stays as it was until somebody asks for more. */
static bool rests(const struct one *j)
{
    static const char *const states[] = {"completed", "failed", "cancelled", "paused"};
    bool found = false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(states); i++)
        found |= !strcmp(j->was, states[i]);
    return found;
}

/* Every job is there, once. */
static void check_list(struct scene *c)
{
    struct answer a;
    ask(&c->s, &a, "GET", "/v1/jobs", NULL);
    const struct json *jobs = json_get(a.json, "jobs");
    for (size_t i = 0; i < json_count(jobs); i++) {
        const struct json *job = json_at(jobs, i);
        struct one *j = find(c, json_string(json_get(job, "job_id"), ""));
        const char *state = json_string(json_get(job, "state"), "");
        ASSERT(j);
        CHECK(!j->found);
        j->found = true;
        if (rests(j))
            CHECK_STR(state, j->was);
        else
            CHECK(strcmp(state, "paused") && strcmp(state, "cancelled"));
    }
    for (size_t i = 0; i < c->count; i++)
        CHECK(c->jobs[i].found);
    answer_release(&a);
}

static int64_t sent_of(const struct scene *c, const char *name)
{
    struct origin_entry e;
    int64_t sum = 0;
    char *path = xasprintf("/file/%s?", name);
    for (size_t i = 0; i < origin_log_count(c->s.o); i++)
        if (origin_log_get(c->s.o, i, &e) && !strncmp(e.target, path, strlen(path)))
            sum += e.body_sent;
    free(path);
    return sum;
}

static void check_fetched(struct scene *c, const struct one *j, int64_t size)
{
    serving_await(&c->s, j->id, "completed");
    CHECK(content_check(c->s.w.dir, j->name, 0, size) == CONTENT_RIGHT);
    if (j->recorded > 0 && sent_of(c, j->name) > size - j->recorded + SLACK)
        HARNESS_FAIL("%s: %lld bytes were fetched again", j->name,
                     (long long)(sent_of(c, j->name) - (size - j->recorded)));
}

static void check_ends(struct scene *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->jobs[i].was, "paused"))
            CHECK_INT(ask_status(&c->s, "POST", path_of("/v1/jobs/%s/resume", c->jobs[i].id), NULL),
                      200);
    for (size_t i = 0; i < c->count; i++) {
        const struct one *j = &c->jobs[i];
        if (!strcmp(j->was, "paused") || !strcmp(j->was, "running"))
            check_fetched(c, j, SIZE);
        else if (!strcmp(j->was, "queued"))
            check_fetched(c, j, 100 << 10);
        else if (!strcmp(j->was, "completed"))
            CHECK(content_check(c->s.w.dir, j->name, 0, 100 << 10) == CONTENT_RIGHT);
        else if (!strcmp(j->was, "verifying"))
            serving_await(&c->s, j->id, "failed"); /* it has not what the digest wants */
        else if (!strcmp(j->was, "resolving"))
            CHECK_STR(serving_state(&c->s, j->id), "resolving");
    }
}

/* The slow ones may go faster from now on, yet not so fast that much is on its way. */
static void hurry(struct scene *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->jobs[i].was, "running") || !strcmp(c->jobs[i].was, "paused"))
            origin_set(c->s.o, path_of("/file/%s", c->jobs[i].name), "rate=3M");
}

TEST(kill_nine_loses_no_job_doubles_none_and_fetches_nothing_again)
{
    struct scene c;
    struct result r;
    scene_init(&c);
    await_records(&c);
    for (size_t i = 0; i < c.count; i++)
        c.jobs[i].recorded = *c.jobs[i].name ? recorded(&c, &c.jobs[i]) : 0;
    for (size_t i = 0; i < c.count; i++)
        if (!strcmp(c.jobs[i].was, "paused") || !strcmp(c.jobs[i].was, "running"))
            CHECK(c.jobs[i].recorded > 0);
    await_all(&c, 0);
    serving_stop(&c.s, SIGKILL, &r);
    CHECK_INT(r.exit, 128 + SIGKILL);
    result_release(&r);
    origin_reset_log(c.s.o);
    hurry(&c);
    serving_start(&c.s, "-j 12 -x 2");
    check_list(&c);
    check_ends(&c);
    scene_release(&c);
}

/* Each answer is the last thing that this server does. */
static void die_and_start(struct serving *s)
{
    struct result r;
    serving_stop(s, SIGKILL, &r);
    CHECK_INT(r.exit, 128 + SIGKILL);
    result_release(&r);
    serving_start(s, "");
}

TEST(what_has_been_answered_is_true_after_a_kill_that_comes_at_once)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    for (int round = 0; round < 3; round++) {
        serving_add(&s, id, path_of("/file/%d.bin?size=24M&rate=100K", round));
        die_and_start(&s);
        serving_await(&s, id, "running");
        CHECK_INT(ask_status(&s, "DELETE", path_of("/v1/jobs/%s", id), NULL), 200);
        die_and_start(&s);
        CHECK_STR(serving_state(&s, id), "cancelled");
    }
    serving_release(&s);
}

/* ---- stopped properly ---- */

TEST(being_told_to_stop_ends_streams_as_http_does_and_is_no_failure)
{
    struct serving s;
    struct stream one, all;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=200K");
    stream_open(&s, &one, path_of("/v1/jobs/%s/stream", id), NULL);
    stream_open(&s, &all, "/v1/events", NULL);
    CHECK(stream_until_event(&one, "progress"));
    CHECK(stream_until_event(&all, "progress"));
    CHECK(content_await(s.w.dir, "x.bin.part"));
    serving_stop(&s, SIGTERM, &r);
    CHECK_INT(r.exit, 0);
    CHECK_STR(r.out.data, "");
    CHECK(r.elapsed < 20 * CLOCK_SEC);
    while (stream_next(&one, CLOCK_SEC))
        CHECK(!stream_is_line(&one, "[DONE]")); /* the job is not */
    while (stream_next(&all, CLOCK_SEC))
        continue;
    CHECK(one.ended && !one.cut);
    CHECK(all.ended && !all.cut);
    CHECK(content_exists(s.w.dir, "x.bin.part"));
    CHECK(!content_exists(s.w.dir, "x.bin.part.lock"));
    CHECK(access(s.socket, F_OK) != 0);
    stream_close(&one);
    stream_close(&all);
    result_release(&r);
    serving_release(&s);
}

TEST(being_told_twice_at_a_time_is_being_told_once)
{
    struct serving s;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=1M");
    CHECK(origin_await_bytes(s.o, 100 << 10));
    process_signal(&s.p, SIGTERM);
    world_nap(1);
    serving_stop(&s, SIGTERM, &r);
    CHECK_INT(r.exit, 0);
    CHECK(content_recorded(s.w.dir, "x.bin.part.state") > 0);
    result_release(&r);
    serving_release(&s);
}

TEST(the_job_goes_on_at_the_next_start_and_an_old_event_id_is_no_trap)
{
    struct serving s;
    struct stream st;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=2M&rate=1M");
    stream_open(&s, &st, path_of("/v1/jobs/%s/stream", id), NULL);
    CHECK(stream_until_event(&st, "progress"));
    char *last = xstrdup(st.id.data);
    stream_close(&st);
    serving_stop(&s, SIGTERM, &r);
    result_release(&r);
    serving_start(&s, "-x 1");
    stream_open(&s, &st, path_of("/v1/jobs/%s/stream", id), last);
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_event(&st, "snapshot"));
    CHECK(strcmp(st.id.data, last) > 0);
    CHECK(stream_until_line(&st, "✅ Download complete: x.bin"));
    CHECK(stream_until_line(&st, "[DONE]"));
    CHECK(content_check(s.w.dir, "x.bin", 0, 2 << 20) == CONTENT_RIGHT);
    stream_close(&st);
    free(last);
    serving_release(&s);
}

struct waiting {
    pthread_t thread;
    const struct serving *s;
    struct answer a;
};

static void *ask_source(void *arg)
{
    struct waiting *w = arg;
    char *body = xasprintf("{\"operation\":\"model_download\",\"model\":\"%s\"}",
                           origin_link(w->s->o, "/file/x.bin?stall-header"));
    ask(w->s, &w->a, "POST", "/v1/resolve", body);
    free(body);
    return NULL;
}

TEST(who_waits_for_an_answer_when_it_stops_gets_one)
{
    struct serving s;
    struct result r;
    struct waiting w = {.s = &s};
    serving_init(&s, "");
    ASSERT(pthread_create(&w.thread, NULL, ask_source, &w) == 0);
    CHECK(origin_await_requests(s.o, 1));
    world_nap(100);
    serving_stop(&s, SIGTERM, &r);
    CHECK_INT(r.exit, 0);
    pthread_join(w.thread, NULL);
    CHECK_INT(w.a.status, 503);
    CHECK(w.a.whole);
    CHECK_STR(answer_error(&w.a, "code"), "stopping");
    answer_release(&w.a);
    result_release(&r);
    serving_release(&s);
}
