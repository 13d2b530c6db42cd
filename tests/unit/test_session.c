/* SPDX-License-Identifier: MIT */
#include "core/session.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "harness.h"
#include "session_fixture.h"

/* First in this program, while it has no thread yet. */
TEST(jobs_survive_kill_9)
{
    char *dir = scratch_dir();
    int fds[2];
    ASSERT(pipe(fds) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct fixture f;
        char id[JOB_ID_SIZE];
        if (!fixture_open(&f, dir, 1, ADOPT_ALL))
            _exit(1);
        (void)!fixture_add(&f, "http://h/hold", id);
        (void)!fixture_add(&f, "http://h/ok", id);
        (void)!fixture_add(&f, "http://h/ok-paused", id);
        (void)!fixture_do(&f, id, JOB_PAUSE);
        if (!fixture_saved(&f))
            _exit(1);
        (void)!write(fds[1], "x", 1);
        pause();
    }
    char c;
    ASSERT(read(fds[0], &c, 1) == 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    struct fixture f;
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    fake_release(f.engine);
    watcher_refresh(f.watcher, &f.snapshot);
    ASSERT(f.snapshot.count == 3);
    for (size_t i = 0; i < 3; i++) {
        char id[JOB_ID_SIZE];
        memcpy(id, f.snapshot.jobs[i]->id, sizeof id);
        bool paused = strstr(f.snapshot.jobs[i]->source, "paused") != NULL;
        CHECK(fixture_wait(&f, id, paused ? JOB_PAUSED : JOB_COMPLETED));
    }
    CHECK_STR(f.snapshot.jobs[0]->source, "http://h/hold");
    CHECK_INT(f.snapshot.jobs[0]->number, 1);
    fixture_close(&f);
    close(fds[0]);
    close(fds[1]);
    scratch_remove(dir);
}

static void *save_often(void *arg)
{
    struct fixture *f = arg, own = {.session = f->session, .watcher = session_watch(f->session)};
    snapshot_init(&own.snapshot);
    for (int i = 0; i < 2; i++) {
        static atomic_int number;
        char id[JOB_ID_SIZE], *spec = xasprintf("http://h/hold/%d", atomic_fetch_add(&number, 1));
        CHECK_INT(fixture_add(&own, spec, id), HAUL_OK);
        CHECK(fixture_saved(&own));
        free(spec);
    }
    watcher_free(own.watcher);
    snapshot_release(&own.snapshot);
    return NULL;
}

/* Whoever asks while another's save is under way is served by the next one. */
TEST(all_who_ask_for_a_save_at_once_are_told_of_it)
{
    struct fixture f;
    pthread_t threads[4];
    char *dir = scratch_dir();
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    for (int round = 0; round < 150; round++) {
        for (size_t i = 0; i < 4; i++)
            ASSERT(pthread_create(&threads[i], NULL, save_often, &f) == 0);
        for (size_t i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
    }
    fake_release(f.engine);
    fixture_close(&f);
    scratch_remove(dir);
}

TEST(nothing_waits_to_be_saved_where_nothing_is_kept)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    CHECK(session_saved(f.session, session_save(f.session)));
    fixture_close(&f);
}

TEST(a_job_runs_to_its_end)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 3, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/ok", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    struct job_view *v = fixture_look(&f, id);
    ASSERT(v);
    CHECK_INT(v->state, JOB_COMPLETED);
    CHECK_INT(v->bytes, 1000);
    CHECK_INT(v->total, 1000);
    CHECK_INT(v->files_done, 1);
    CHECK_STR(v->files[0].path, "/nowhere/file.bin");
    CHECK_STR(v->name, "file.bin");
    CHECK_INT(f.snapshot.totals.by_state[JOB_COMPLETED], 1);
    fixture_close(&f);
}

TEST(every_change_of_state_is_an_event_in_the_order_of_the_contract)
{
    static const enum job_state want[] = {JOB_QUEUED, JOB_RESOLVING, JOB_RUNNING, JOB_VERIFYING,
                                          JOB_COMPLETED};
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 3, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/ok", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    size_t seen = 0;
    uint64_t seq = 0;
    for (struct event *e; (e = watcher_next(f.watcher, NULL));) {
        CHECK(e->seq > seq);
        seq = e->seq;
        if (e->type == EVENT_JOB && seen < 5)
            CHECK_INT(e->state, want[seen++]);
        event_unref(e);
    }
    CHECK_INT(seen, 5);
    fixture_close(&f);
}

TEST(a_failed_job_says_why_and_can_be_retried)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 3, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/fail", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    struct job_view *v = fixture_look(&f, id);
    ASSERT(v);
    CHECK_INT(v->state, JOB_FAILED);
    CHECK_INT(v->fault.code, HAUL_ERR_NETWORK);
    CHECK_STR(v->fault.message, "no route");
    CHECK_INT(v->bytes, 400);
    struct event *e[1];
    CHECK_INT(session_log(f.session, id, e, 1), 1);
    CHECK_INT(e[0]->type, EVENT_ERROR);
    event_unref(e[0]);
    CHECK_INT(fixture_do(&f, id, JOB_CANCEL), HAUL_ERR_USAGE);
    CHECK_INT(fixture_do(&f, id, JOB_RETRY), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(atomic_load(&f.engine->runs), 2);
    fixture_close(&f);
}

TEST(a_cancelled_job_that_waits_is_cancelled_at_once)
{
    struct fixture f;
    char first[JOB_ID_SIZE], second[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/hold1", first), HAUL_OK);
    CHECK(fixture_wait(&f, first, JOB_RUNNING));
    CHECK_INT(fixture_add(&f, "http://h/ok", second), HAUL_OK);
    CHECK_INT(fixture_do(&f, second, JOB_CANCEL), HAUL_OK);
    CHECK_INT(fixture_state(&f, second), JOB_CANCELLED);
    CHECK_INT(fixture_do(&f, second, JOB_CANCEL), HAUL_ERR_USAGE);
    CHECK_INT(fixture_do(&f, first, JOB_CANCEL), HAUL_OK);
    CHECK_INT(fixture_await(&f, first), HAUL_OK);
    CHECK_INT(fixture_state(&f, first), JOB_CANCELLED);
    CHECK_INT(fixture_look(&f, first)->bytes, 0);
    CHECK_INT(atomic_load(&f.engine->runs), 1);
    fixture_close(&f);
}

TEST(what_is_added_again_while_it_stops_for_a_pause_goes_on)
{
    struct fixture f;
    char id[JOB_ID_SIZE], again[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/late", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK_INT(fixture_do(&f, id, JOB_PAUSE), HAUL_OK);
    CHECK_INT(fixture_add(&f, "http://h/late", again), HAUL_OK);
    CHECK_STR(again, id);
    fake_release(f.engine);
    CHECK(fixture_wait(&f, id, JOB_COMPLETED));
    fixture_close(&f);
}

TEST(cancelling_a_paused_job_deletes_its_partial_files)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK_INT(fixture_do(&f, id, JOB_PAUSE), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_state(&f, id), JOB_PAUSED);
    CHECK_INT(fixture_do(&f, id, JOB_CANCEL), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_state(&f, id), JOB_CANCELLED);
    CHECK_INT(atomic_load(&f.engine->discards), 1);
    fixture_close(&f);
}

TEST(what_is_complete_stays_complete_though_a_cancel_came)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/deaf", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK_INT(fixture_do(&f, id, JOB_CANCEL), HAUL_OK);
    fake_release(f.engine);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_state(&f, id), JOB_COMPLETED);
    fixture_close(&f);
}

TEST(a_resume_during_the_pause_wins)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK_INT(fixture_do(&f, id, JOB_PAUSE), HAUL_OK);
    (void)!fixture_do(&f, id, JOB_RESUME);
    fake_release(f.engine);
    CHECK(fixture_wait(&f, id, JOB_COMPLETED));
    fixture_close(&f);
}

TEST(a_full_disk_pauses_and_says_so)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/full", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    struct job_view *v = fixture_look(&f, id);
    CHECK_INT(v->state, JOB_PAUSED);
    CHECK(v->blocked_by_disk);
    CHECK_INT(v->fault.code, HAUL_ERR_DISK_FULL);
    fixture_close(&f);
}

TEST(the_same_spec_is_one_job)
{
    struct fixture f;
    char a[JOB_ID_SIZE], b[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/hold", a), HAUL_OK);
    CHECK_INT(fixture_add(&f, "http://h/hold", b), HAUL_OK);
    CHECK_STR(a, b);
    CHECK_INT(fixture_add(&f, "http://h/hold2", b), HAUL_OK);
    CHECK(strcmp(a, b) != 0);
    fixture_close(&f);
}

TEST(progress_never_falls_on_a_retry)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/fail", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    for (int i = 0; i < 20; i++) {
        CHECK_INT(fixture_do(&f, id, JOB_RETRY), HAUL_OK);
        CHECK(fixture_look(&f, id)->bytes >= 400);
        CHECK_INT(fixture_await(&f, id), HAUL_OK);
        CHECK_INT(fixture_look(&f, id)->total, 1000);
    }
    fixture_close(&f);
}

TEST(a_second_process_is_told_who_has_the_job)
{
    char *dir = scratch_dir();
    struct fixture a, b;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&a, dir, 1, ADOPT_ALL));
    CHECK_INT(fixture_add(&a, "http://h/hold", id), HAUL_OK);
    usleep(800000);
    ASSERT(fixture_open(&b, dir, 1, ADOPT_ALL));
    watcher_refresh(b.watcher, &b.snapshot);
    CHECK_INT(b.snapshot.count, 0);
    CHECK_INT(fixture_add(&b, "http://h/hold", id), HAUL_ERR_BUSY);
    char pid[32];
    snprintf(pid, sizeof pid, "process %d", (int)getpid());
    CHECK(strstr(b.fault.message, pid) != NULL);
    fixture_close(&a);
    CHECK_INT(fixture_add(&b, "http://h/hold", id), HAUL_OK);
    CHECK(fixture_wait(&b, id, JOB_RUNNING));
    CHECK_INT(fixture_look(&b, id)->number, 1);
    fixture_close(&b);
    scratch_remove(dir);
}

TEST(two_processes_end_up_with_different_numbers)
{
    char *dir = scratch_dir();
    struct fixture a, b;
    char one[JOB_ID_SIZE], two[JOB_ID_SIZE];
    ASSERT(fixture_open(&a, dir, 1, ADOPT_ALL));
    ASSERT(fixture_open(&b, dir, 1, ADOPT_ALL));
    CHECK_INT(fixture_add(&a, "http://h/hold1", one), HAUL_OK);
    CHECK_INT(fixture_add(&b, "http://h/hold2", two), HAUL_OK);
    usleep(300000);
    CHECK(fixture_look(&a, one)->number != fixture_look(&b, two)->number);
    fixture_close(&a);
    fixture_close(&b);
    scratch_remove(dir);
}

TEST(a_secret_is_not_stored_and_has_to_be_given_again)
{
    static const char spec[] = "http://user:hunter2@h/hold?token=s3cr3t";
    char *dir = scratch_dir();
    struct fixture f;
    char id[JOB_ID_SIZE], again[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK_INT(fixture_add(&f, spec, id), HAUL_OK);
    fixture_close(&f);
    char *grep = xasprintf("grep -rqE 'hunter2|s3cr3t' %s", dir);
    CHECK(system(grep) != 0);
    free(grep);
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    struct job_view *v = fixture_look(&f, id);
    ASSERT(v);
    CHECK_INT(v->state, JOB_FAILED);
    CHECK_INT(v->fault.code, HAUL_ERR_UNAUTHORIZED);
    CHECK_INT(fixture_do(&f, id, JOB_RETRY), HAUL_ERR_UNAUTHORIZED);
    CHECK_INT(fixture_add(&f, spec, again), HAUL_OK);
    CHECK_STR(id, again);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    fixture_close(&f);
    scratch_remove(dir);
}

TEST(dropped_and_ended_jobs_do_not_come_back)
{
    char *dir = scratch_dir();
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK_INT(fixture_add(&f, "http://h/ok", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_add(&f, "http://h/fail1", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_do(&f, id, JOB_DROP), HAUL_OK);
    CHECK_INT(fixture_state(&f, id), -1);
    CHECK_INT(fixture_add(&f, "http://h/fail2", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    fixture_close(&f);
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    watcher_refresh(f.watcher, &f.snapshot);
    ASSERT(f.snapshot.count == 1);
    CHECK_STR(f.snapshot.jobs[0]->id, id);
    CHECK_INT(f.snapshot.jobs[0]->state, JOB_FAILED);
    CHECK_INT(f.snapshot.jobs[0]->bytes, 400);
    CHECK_STR(f.snapshot.jobs[0]->fault.message, "no route");
    fixture_close(&f);
    scratch_remove(dir);
}

/* Else elapsed time and speed are also those of the hours between two runs. */
TEST(what_goes_on_in_another_run_begins_then)
{
    char *dir = scratch_dir();
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    int64_t before = fixture_look(&f, id)->started_ms;
    CHECK(before > 0);
    fixture_close(&f);
    while (clock_wall_ms() <= before)
        continue;
    int64_t reopened = clock_wall_ms();
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK(fixture_look(&f, id)->started_ms >= reopened);
    fake_release(f.engine);
    CHECK(fixture_wait(&f, id, JOB_COMPLETED));
    fixture_close(&f);
    scratch_remove(dir);
}

TEST(cancels_that_race_with_completions_have_one_outcome)
{
    struct fixture f;
    char id[JOB_ID_SIZE], spec[64];
    ASSERT(fixture_open(&f, NULL, 2, ADOPT_NONE));
    for (int i = 0; i < 1000; i++) {
        snprintf(spec, sizeof spec, "http://h/ok%d", i);
        CHECK_INT(fixture_add(&f, spec, id), HAUL_OK);
        for (volatile int spin = 0; spin < (i * 37) % 3000; spin++)
            ;
        enum haul_error asked = fixture_do(&f, id, JOB_CANCEL);
        CHECK_INT(fixture_await(&f, id), HAUL_OK);
        int state = fixture_state(&f, id), ends = 0;
        CHECK(state == JOB_COMPLETED || (state == JOB_CANCELLED && asked == HAUL_OK));
        for (struct event *e; (e = watcher_next(f.watcher, NULL));) {
            ends += e->type == EVENT_JOB && job_state_ended(e->state);
            event_unref(e);
        }
        CHECK_INT(ends, 1);
        CHECK_INT(fixture_do(&f, id, JOB_DROP), HAUL_OK);
    }
    fixture_close(&f);
}

TEST(await_gives_up_at_its_deadline)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    CHECK_INT(session_await(f.session, id, clock_now() + 20 * CLOCK_MS, &f.fault),
              HAUL_ERR_TIMEOUT);
    CHECK_INT(session_await(f.session, "job-none", 0, &f.fault), HAUL_ERR_NOT_FOUND);
    fixture_close(&f);
}

TEST(the_descriptor_is_quiet_once_it_was_looked_at)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    struct pollfd p = {.fd = watcher_fd(f.watcher), .events = POLLIN};
    CHECK_INT(fixture_add(&f, "http://h/ok", id), HAUL_OK);
    CHECK_INT(poll(&p, 1, 1000), 1);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK(watcher_refresh(f.watcher, &f.snapshot));
    CHECK_INT(poll(&p, 1, 0), 1); /* events have not been read */
    for (struct event *e; (e = watcher_next(f.watcher, NULL));)
        event_unref(e);
    CHECK_INT(poll(&p, 1, 100), 0);
    CHECK(!watcher_refresh(f.watcher, &f.snapshot));
    /* A front end that never reads events is not woken for ever. */
    CHECK_INT(fixture_add(&f, "http://h/ok2", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    watcher_refresh(f.watcher, &f.snapshot);
    watcher_refresh(f.watcher, &f.snapshot);
    CHECK_INT(poll(&p, 1, 0), 0);
    fixture_close(&f);
}

TEST(a_long_download_says_that_it_goes_on)
{
    struct settings settings;
    struct session_config config = {.settings = &settings, .heartbeat = 20 * CLOCK_MS};
    struct fixture f = {.engine = fake_engine_new()};
    char id[JOB_ID_SIZE];
    struct event *e[1];
    settings_init(&settings);
    f.session = session_local_new(&config, f.engine, &fake_ops, &f.fault);
    ASSERT(f.session);
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    size_t count = 0;
    for (int i = 0; i < 500 && !count; i++) {
        usleep(10000);
        count = session_log(f.session, id, e, 1);
    }
    ASSERT(count == 1);
    CHECK(strstr(e[0]->message, "still downloading file.bin (40.0 %, ") == e[0]->message);
    event_unref(e[0]);
    session_free(f.session);
}

TEST(details_are_of_the_file_that_is_looked_at)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    struct detail_view *d = xcalloc(1, sizeof *d);
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK(!session_detail(f.session, "job-none", 0, d));
    CHECK_INT(fixture_add(&f, "http://h/hold", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    bool there = false;
    for (int i = 0; i < 500 && !there; i++) {
        there = session_detail(f.session, id, 0, d);
        usleep(1000);
    }
    CHECK(there);
    CHECK(!session_detail(f.session, id, 1, d));
    free(d);
    fixture_close(&f);
}

static void *read_all(void *arg)
{
    struct fixture *f = arg;
    struct watcher *w = session_watch(f->session);
    struct snapshot s;
    snapshot_init(&s);
    for (int i = 0; i < 300; i++) {
        struct pollfd p = {.fd = watcher_fd(w), .events = POLLIN};
        poll(&p, 1, 2);
        watcher_refresh(w, &s);
        event_unref(watcher_next(w, NULL));
        size_t sum = 0;
        for (int k = 0; k < JOB_STATE_COUNT; k++)
            sum += s.totals.by_state[k];
        CHECK_INT(sum, s.count);
    }
    snapshot_release(&s);
    watcher_free(w);
    return NULL;
}

TEST(many_threads_may_use_one_session)
{
    char *dir = scratch_dir();
    struct fixture f;
    pthread_t readers[2];
    ASSERT(fixture_open(&f, dir, 4, ADOPT_NONE));
    for (int i = 0; i < 2; i++)
        ASSERT(pthread_create(&readers[i], NULL, read_all, &f) == 0);
    for (int i = 0; i < 400; i++) {
        char id[JOB_ID_SIZE], spec[64];
        snprintf(spec, sizeof spec, "http://h/%s%d", i % 3 ? "ok" : "hold", i);
        CHECK_INT(fixture_add(&f, spec, id), HAUL_OK);
        (void)!fixture_do(&f, id, (enum job_action)(i % 4));
        if (i % 50 == 0)
            CHECK_INT(session_set(f.session, 1 + i % 5, i, &f.fault), HAUL_OK);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    fixture_close(&f);
    scratch_remove(dir);
}

/* ---- a long list ---- */

static struct engine *engine_of_list;
static atomic_int asked_for;

/* Far into the list the engine must have begun with its start. */
static bool supports_once_it_runs(enum spec_kind kind)
{
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    bool far = atomic_fetch_add(&asked_for, 1) == 500;
    while (far && !atomic_load(&engine_of_list->runs) && clock_now() < end)
        usleep(1000);
    return fake_supports(kind);
}

TEST(the_first_jobs_of_a_long_list_begin_before_the_last_ones_are_added)
{
    static struct job_request requests[600];
    static char ids[600][JOB_ID_SIZE];
    struct engine_ops ops = fake_ops;
    struct settings settings;
    struct haul_fault fault;
    size_t added;
    ops.supports = supports_once_it_runs;
    settings_init(&settings);
    engine_of_list = fake_engine_new();
    struct session_config config = {.settings = &settings, .heartbeat = -1};
    struct session *s = session_local_new(&config, engine_of_list, &ops, &fault);
    ASSERT(s);
    for (size_t i = 0; i < 600; i++) {
        job_request_init(&requests[i]);
        requests[i].spec = xasprintf("http://example.org/hold-%zu", i);
        requests[i].dir = xstrdup("/tmp/haul-nowhere");
    }
    int64_t start = clock_now();
    CHECK_INT(session_add_many(s, requests, 600, ids, &added, &fault), HAUL_OK);
    CHECK(clock_now() - start < 10 * CLOCK_SEC);
    CHECK_INT(added, 600);
    CHECK(strcmp(ids[0], ids[599]) != 0 && *ids[599]);
    for (size_t i = 0; i < 600; i++)
        job_request_release(&requests[i]);
    settings_release(&settings);
    session_free(s);
}
