/* SPDX-License-Identifier: MIT */
/* A session on a job server is a session: what front ends ask of one holds of the other. */
#include "harness.h"

#include "api/client.h"
#include "api/json_job.h"
#include "serving.h"

struct remote {
    struct serving serving;
    struct session *session;
    struct watcher *watcher;
    struct snapshot snapshot;
    struct haul_fault fault;
};

static void open_remote(struct remote *r, bool hasty)
{
    char *server = xasprintf("unix:%s", r->serving.socket);
    struct client_config config = {
        .server = server, .settings = &r->serving.settings, .hasty = hasty};
    r->session = session_remote_new(&config, &r->fault);
    free(server);
    ASSERT(r->session);
    r->watcher = session_watch(r->session);
    snapshot_init(&r->snapshot);
}

static void start(struct remote *r, unsigned jobs, bool hasty)
{
    serving_start(&r->serving, jobs);
    open_remote(r, hasty);
}

static void stop(struct remote *r)
{
    watcher_free(r->watcher);
    snapshot_release(&r->snapshot);
    session_free(r->session);
    serving_stop(&r->serving);
}

static enum haul_error add(struct remote *r, const char *spec, char *id)
{
    struct job_request request;
    job_request_init(&request);
    request.spec = xstrdup(spec);
    enum haul_error err = session_add(r->session, &request, id, &r->fault);
    job_request_release(&request);
    return err;
}

static struct job_view *look(struct remote *r, const char *id)
{
    (void)watcher_refresh(r->watcher, &r->snapshot);
    return snapshot_find(&r->snapshot, id);
}

/* Sleeps on the watcher's descriptor, as front ends do: it has to wake them. */
static bool wait_for(struct remote *r, const char *id, int state)
{
    int64_t deadline = clock_now() + 10 * CLOCK_SEC;
    for (;;) {
        struct job_view *v = look(r, id);
        struct event *e;
        if ((v ? (int)v->state : -1) == state)
            return true;
        while ((e = watcher_next(r->watcher, NULL)))
            event_unref(e);
        int64_t left = (deadline - clock_now()) / CLOCK_MS;
        struct pollfd p = {.fd = watcher_fd(r->watcher), .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return false;
    }
}

TEST(a_job_goes_its_way_and_can_be_seen_doing_it)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    start(&r, 2, false);
    ASSERT(add(&r, "http://h/hold/1", id) == HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    CHECK_INT(session_control(r.session, id, JOB_PAUSE, &r.fault), HAUL_OK);
    CHECK(wait_for(&r, id, JOB_PAUSED));
    CHECK_INT(session_control(r.session, id, JOB_RESUME, &r.fault), HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    fake_release(r.serving.engine);
    CHECK_INT(session_await(r.session, id, clock_now() + 10 * CLOCK_SEC, &r.fault), HAUL_OK);
    CHECK(wait_for(&r, id, JOB_COMPLETED));
    struct job_view *v = look(&r, id);
    CHECK_INT(v->file_count, 1);
    CHECK_INT(v->files[0].state, FILE_DONE);
    CHECK_INT(v->bytes, 1000);
    CHECK_INT(session_control(r.session, id, JOB_DROP, &r.fault), HAUL_OK);
    CHECK(wait_for(&r, id, -1));
    CHECK_INT(session_control(r.session, id, JOB_RESTORE, &r.fault), HAUL_OK);
    CHECK(wait_for(&r, id, JOB_COMPLETED));
    stop(&r);
}

TEST(a_cancel_is_true_when_it_returns)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    start(&r, 2, false);
    ASSERT(add(&r, "http://h/hold/1", id) == HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    CHECK_INT(session_control(r.session, id, JOB_CANCEL, &r.fault), HAUL_OK);
    CHECK_INT(atomic_load(&r.serving.engine->running), 0);
    CHECK_INT(session_control(r.session, id, JOB_CANCEL, &r.fault), HAUL_ERR_USAGE);
    CHECK(strstr(r.fault.message, "cannot be cancelled"));
    CHECK_INT(session_control(r.session, id, JOB_RETRY, &r.fault), HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    stop(&r);
}

TEST(what_is_refused_is_refused_in_the_servers_words)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    start(&r, 2, false);
    CHECK_INT(add(&r, "no spec at all", id), HAUL_ERR_BAD_SPEC);
    CHECK_INT(add(&r, "file:/etc/passwd", id), HAUL_ERR_UNAUTHORIZED);
    CHECK(strstr(r.fault.message, "--allow-local"));
    CHECK_INT(session_control(r.session, "job-0", JOB_PAUSE, &r.fault), HAUL_ERR_NOT_FOUND);
    CHECK_INT(session_await(r.session, "job-0", clock_now() + CLOCK_SEC, &r.fault),
              HAUL_ERR_NOT_FOUND);
    stop(&r);
}

TEST(many_are_added_at_once_up_to_the_first_that_is_refused)
{
    enum { COUNT = 5 };
    struct remote r;
    struct job_request requests[COUNT];
    char ids[COUNT][JOB_ID_SIZE];
    size_t added;
    start(&r, 2, false);
    for (int i = 0; i < COUNT; i++) {
        job_request_init(&requests[i]);
        requests[i].spec = i == 3 ? xstrdup("nonsense") : xasprintf("http://h/hold/%d", i);
    }
    CHECK_INT(session_add_many(r.session, requests, COUNT, ids, &added, &r.fault),
              HAUL_ERR_BAD_SPEC);
    CHECK_INT(added, 3);
    CHECK(wait_for(&r, ids[2], JOB_QUEUED));
    CHECK_INT(r.snapshot.count, 3);
    for (int i = 0; i < COUNT; i++)
        job_request_release(&requests[i]);
    stop(&r);
}

TEST(events_come_in_order_and_never_before_what_they_are_about)
{
    static const enum job_state want[] = {JOB_QUEUED, JOB_RESOLVING, JOB_RUNNING, JOB_VERIFYING,
                                          JOB_COMPLETED};
    struct remote r;
    char id[JOB_ID_SIZE];
    size_t seen = 0, files = 0;
    start(&r, 2, false);
    ASSERT(add(&r, "http://h/ok/1", id) == HAUL_OK);
    int64_t deadline = clock_now() + 10 * CLOCK_SEC;
    while (seen < HAUL_ARRAY_LEN(want) && clock_now() < deadline) {
        struct pollfd p = {.fd = watcher_fd(r.watcher), .events = POLLIN};
        (void)poll(&p, 1, 100);
        struct job_view *v = look(&r, id);
        for (struct event *e; (e = watcher_next(r.watcher, NULL)); event_unref(e)) {
            v = look(&r, id);
            files += e->type == EVENT_FILE;
            if (e->type != EVENT_JOB)
                continue;
            CHECK_INT(e->state, want[seen++]);
            CHECK(v && v->state >= e->state);
        }
    }
    CHECK_INT(seen, HAUL_ARRAY_LEN(want));
    CHECK_INT(files, 1);
    stop(&r);
}

TEST(settings_and_changes_act_on_the_server)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    start(&r, 2, false);
    ASSERT(add(&r, "http://h/hold/1", id) == HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    struct job_change change = {.set_priority = true,
                                .priority = -3,
                                .set_connections = true,
                                .connections = 5,
                                .set_limit_rate = true,
                                .limit_rate = 4096};
    CHECK_INT(session_change(r.session, id, &change, &r.fault), HAUL_OK);
    CHECK_INT(session_set(r.session, 7, 1000, &r.fault), HAUL_OK);
    CHECK_INT(atomic_load(&r.serving.engine->limit_rate), 1000);
    int64_t deadline = clock_now() + 5 * CLOCK_SEC;
    while (clock_now() < deadline &&
           (look(&r, id)->connections_max != 5 || r.snapshot.jobs_max != 7))
        usleep(10000);
    struct job_view *v = look(&r, id);
    CHECK_INT(v->priority, -3);
    CHECK_INT(v->connections_max, 5);
    CHECK_INT(v->limit_rate, 4096);
    CHECK_INT(r.snapshot.jobs_max, 7);
    CHECK_INT(r.snapshot.limit_rate, 1000);
    stop(&r);
}

TEST(a_front_end_in_haste_hears_of_a_refusal_from_the_log)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    bool refused = false, unknown = false;
    start(&r, 2, true);
    fake_release(r.serving.engine);
    ASSERT(add(&r, "http://h/ok/1", id) == HAUL_OK);
    CHECK(wait_for(&r, id, JOB_COMPLETED));
    CHECK_INT(session_control(r.session, id, JOB_PAUSE, &r.fault), HAUL_OK);
    CHECK_INT(session_control(r.session, "job-0", JOB_PAUSE, &r.fault), HAUL_OK);
    int64_t deadline = clock_now() + 5 * CLOCK_SEC;
    while ((!refused || !unknown) && clock_now() < deadline) {
        struct pollfd p = {.fd = watcher_fd(r.watcher), .events = POLLIN};
        (void)poll(&p, 1, 100);
        (void)look(&r, id);
        for (struct event *e; (e = watcher_next(r.watcher, NULL)); event_unref(e))
            if (e->type == EVENT_LOG && e->level == LOG_ERROR) {
                refused |= strstr(e->message, "cannot be paused") && !strcmp(e->job, id);
                unknown |= strstr(e->message, "no job job-0") != NULL;
            }
    }
    CHECK(refused);
    CHECK(unknown);
    stop(&r);
}

TEST(what_was_pressed_before_leaving_still_gets_there)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    start(&r, 2, true);
    ASSERT(add(&r, "http://h/hold/1", id) == HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    CHECK_INT(session_control(r.session, id, JOB_CANCEL, &r.fault), HAUL_OK);
    watcher_free(r.watcher);
    snapshot_release(&r.snapshot);
    session_free(r.session);
    CHECK_INT(session_await(r.serving.session, id, clock_now() + 5 * CLOCK_SEC, &r.fault), HAUL_OK);
    CHECK_INT(atomic_load(&r.serving.engine->running), 0);
    serving_stop(&r.serving);
}

static bool logged(struct remote *r, const char *text)
{
    struct event *events[100];
    size_t count = session_log(r->session, NULL, events, 100);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found |= events[i]->type == EVENT_LOG && strstr(events[i]->message, text) != NULL;
        event_unref(events[i]);
    }
    return found;
}

static bool comes_to_log(struct remote *r, const char *text)
{
    int64_t deadline = clock_now() + 5 * CLOCK_SEC;
    while (!logged(r, text) && clock_now() < deadline)
        usleep(10000);
    return logged(r, text);
}

TEST(a_server_that_comes_back_is_followed_again_and_nothing_is_missed)
{
    struct remote r;
    char before[JOB_ID_SIZE], while_away[JOB_ID_SIZE];
    uint64_t lost = 0;
    start(&r, 2, false);
    ASSERT(add(&r, "http://h/hold/1", before) == HAUL_OK);
    CHECK(wait_for(&r, before, JOB_RUNNING));
    serving_close(&r.serving);
    CHECK(comes_to_log(&r, "trying again"));
    CHECK_INT(session_control(r.session, before, JOB_PAUSE, &r.fault), HAUL_ERR_SERVER);
    struct job_request request;
    job_request_init(&request);
    request.spec = xstrdup("http://h/ok/while-away");
    ASSERT(session_add(r.serving.session, &request, while_away, &r.fault) == HAUL_OK);
    job_request_release(&request);
    fake_release(r.serving.engine);
    serving_open(&r.serving);
    CHECK(wait_for(&r, before, JOB_COMPLETED));
    CHECK(wait_for(&r, while_away, JOB_COMPLETED));
    CHECK(comes_to_log(&r, "answers again"));
    for (struct event *e; (e = watcher_next(r.watcher, &lost));)
        event_unref(e);
    stop(&r);
}

TEST(where_nobody_listens_the_words_say_what_to_do)
{
    struct settings settings;
    struct haul_fault fault;
    settings_init(&settings);
    struct client_config config = {.server = "unix:/nonexistent/haul.sock", .settings = &settings};
    CHECK(!session_remote_new(&config, &fault));
    CHECK_INT(fault.code, HAUL_ERR_SERVER);
    CHECK(strstr(fault.message, "haul serve"));
    config.server = "ftp://h";
    CHECK(!session_remote_new(&config, &fault));
    CHECK_INT(fault.code, HAUL_ERR_USAGE);
    settings_release(&settings);
}

TEST(a_file_from_near_and_the_disk_are_asked_for_behind_the_callers_back)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    start(&r, 2, false);
    ASSERT(add(&r, "http://h/hold/1", id) == HAUL_OK);
    CHECK(wait_for(&r, id, JOB_RUNNING));
    int64_t deadline = clock_now() + 5 * CLOCK_SEC;
    while (look(&r, id)->file_count == 0 && clock_now() < deadline)
        usleep(10000);
    struct detail_view *d = xcalloc(1, sizeof *d);
    CHECK(session_detail(r.session, id, 0, d));
    CHECK(!session_detail(r.session, id, 1, d));
    CHECK(!session_detail(r.session, "job-0", 0, d));
    CHECK(session_disk_free(r.session, "/") > 0);
    free(d);
    stop(&r);
}
