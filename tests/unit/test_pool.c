/* SPDX-License-Identifier: MIT */
#include "core/session.h"

#include "harness.h"
#include "session_fixture.h"

static void add_holding(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        char spec[64], id[JOB_ID_SIZE];
        snprintf(spec, sizeof spec, "http://h/hold%d", i);
        CHECK_INT(fixture_add(f, spec, id), HAUL_OK);
    }
}

/* Until so many jobs run at once; false after 10 s. */
static bool wait_running(struct fixture *f, int count)
{
    for (int i = 0; i < 1000; i++) {
        if (atomic_load(&f->engine->running) == count)
            return true;
        usleep(10000);
    }
    return false;
}

TEST(no_more_jobs_run_at_once_than_allowed)
{
    struct fixture f;
    ASSERT(fixture_open(&f, NULL, 3, ADOPT_NONE));
    add_holding(&f, 10);
    CHECK(wait_running(&f, 3));
    usleep(50000);
    CHECK_INT(atomic_load(&f.engine->running), 3);
    CHECK_INT(atomic_load(&f.engine->workers), 3);
    fake_release(f.engine);
    for (int i = 0; i < 1000 && atomic_load(&f.engine->runs) < 10; i++)
        usleep(10000);
    CHECK_INT(atomic_load(&f.engine->runs), 10);
    CHECK_INT(atomic_load(&f.engine->running_most), 3);
    fixture_close(&f);
}

TEST(one_job_needs_one_thread)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 8, ADOPT_NONE));
    CHECK_INT(atomic_load(&f.engine->workers), 0);
    for (int i = 0; i < 5; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "http://h/ok%d", i);
        CHECK_INT(fixture_add(&f, spec, id), HAUL_OK);
        CHECK_INT(fixture_await(&f, id), HAUL_OK);
        usleep(10000);
    }
    CHECK_INT(atomic_load(&f.engine->workers), 1);
    fixture_close(&f);
}

static size_t count_warnings(struct fixture *f)
{
    struct event *events[8];
    size_t count = session_log(f->session, NULL, events, HAUL_ARRAY_LEN(events)), warnings = 0;
    for (size_t i = 0; i < count; i++) {
        warnings += strstr(events[i]->message, "no more files can be opened") != NULL;
        event_unref(events[i]);
    }
    return warnings;
}

TEST(a_worker_for_which_there_is_no_room_is_made_later)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 2, ADOPT_NONE));
    atomic_store(&f.engine->no_room, 2);
    CHECK_INT(fixture_add(&f, "http://h/ok", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_state(&f, id), JOB_COMPLETED);
    CHECK_INT(count_warnings(&f), 1);
    fixture_close(&f);
}

TEST(a_session_ends_while_there_is_no_room_for_a_worker)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, NULL, 2, ADOPT_NONE));
    atomic_store(&f.engine->no_room, 1000);
    CHECK_INT(fixture_add(&f, "http://h/ok", id), HAUL_OK);
    while (!count_warnings(&f))
        usleep(1000);
    int64_t asked = clock_now();
    fixture_close(&f);
    CHECK(clock_now() - asked < CLOCK_SEC / 2);
}

TEST(the_number_of_jobs_can_be_changed_while_they_run)
{
    struct fixture f;
    ASSERT(fixture_open(&f, NULL, 1, ADOPT_NONE));
    add_holding(&f, 6);
    CHECK(wait_running(&f, 1));
    CHECK_INT(session_set(f.session, 4, -1, &f.fault), HAUL_OK);
    CHECK(wait_running(&f, 4));
    CHECK_INT(session_set(f.session, 2, 5000, &f.fault), HAUL_OK);
    CHECK_INT(atomic_load(&f.engine->limit_rate), 5000);
    CHECK_INT(atomic_load(&f.engine->running), 4); /* nothing that runs is stopped for it */
    watcher_refresh(f.watcher, &f.snapshot);
    CHECK_INT(f.snapshot.jobs_max, 2);
    int cancelled = 0;
    for (size_t i = 0; i < f.snapshot.count && cancelled < 2; i++)
        if (job_state_active(f.snapshot.jobs[i]->state))
            cancelled += fixture_do(&f, f.snapshot.jobs[i]->id, JOB_CANCEL) == HAUL_OK;
    CHECK(wait_running(&f, 2));
    usleep(50000);
    CHECK_INT(atomic_load(&f.engine->running), 2);
    CHECK_INT(session_set(f.session, 0, -1, &f.fault), HAUL_ERR_USAGE);
    fixture_close(&f);
}

TEST(freeing_stops_the_transfers_and_frees_the_engine)
{
    struct fixture f;
    atomic_bool freed = false;
    ASSERT(fixture_open(&f, NULL, 2, ADOPT_NONE));
    f.engine->freed = &freed;
    add_holding(&f, 5);
    CHECK(wait_running(&f, 2));
    fixture_close(&f);
    CHECK(atomic_load(&freed));
}
