/* SPDX-License-Identifier: MIT */
/* Files of a job one by one: cancelled without the rest, deleted, and dropped jobs restored. */
#include "core/alloc.h"
#include "harness.h"
#include "session_fixture.h"

TEST(a_job_completes_without_the_file_that_was_cancelled)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    CHECK(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://example.org/pair/hold", id), HAUL_OK);
    while (!fixture_look(&f, id)->file_count)
        CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK_INT(session_cancel_file(f.session, id, 7, &f.fault), HAUL_ERR_USAGE);
    CHECK_INT(session_cancel_file(f.session, id, 1, &f.fault), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    const struct job_view *v = fixture_look(&f, id);
    CHECK_INT(v->state, JOB_COMPLETED);
    CHECK_INT(v->files[0].state, FILE_DONE);
    CHECK_INT(v->files[1].state, FILE_CANCELLED);
    CHECK_INT(v->total, 1000);
    CHECK_INT(v->bytes, 1000);
    fixture_close(&f);
}

/* Paused with the counters of a first run. */
static void pause_one(struct fixture *f, const char *spec, char *id)
{
    CHECK_INT(fixture_add(f, spec, id), HAUL_OK);
    while (!fixture_look(f, id)->file_count)
        CHECK(fixture_wait(f, id, JOB_RUNNING));
    CHECK_INT(fixture_do(f, id, JOB_PAUSE), HAUL_OK);
    CHECK(fixture_wait(f, id, JOB_PAUSED));
}

static void pause_pair(struct fixture *f, char *id)
{
    pause_one(f, "http://example.org/pair/hold", id);
}

/* The first file's state after a pause, a restart, a second pause and the end. */
static int state_after_resumes(const char *spec)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    char *dir = scratch_dir();
    CHECK(fixture_open(&f, dir, 1, ADOPT_NONE));
    pause_one(&f, spec, id);
    fixture_close(&f);
    CHECK(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK_INT(fixture_do(&f, id, JOB_RESUME), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    CHECK_INT(fixture_do(&f, id, JOB_PAUSE), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_PAUSED));
    fixture_close(&f);
    CHECK(fixture_open(&f, dir, 1, ADOPT_ALL));
    fake_release(f.engine);
    CHECK_INT(fixture_do(&f, id, JOB_RESUME), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    int state = (int)fixture_look(&f, id)->files[0].state;
    CHECK_INT(f.snapshot.jobs[0]->files[1].state, FILE_DONE);
    fixture_close(&f);
    scratch_remove(dir);
    return state;
}

TEST(what_an_earlier_run_has_brought_is_still_the_jobs_own)
{
    CHECK_INT(state_after_resumes("http://example.org/pair/first/hold"), FILE_DONE);
}

TEST(what_was_there_before_the_job_is_never_its_own)
{
    CHECK_INT(state_after_resumes("http://example.org/pair/first/there/hold"), FILE_SKIPPED);
}

/* The worker may come to it in hours. */
TEST(a_file_that_waits_is_cancelled_at_once_though_its_job_runs)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    CHECK(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://example.org/pair/blind/hold", id), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_RUNNING));
    while (fixture_look(&f, id)->file_count < 2)
        usleep(1000);
    CHECK_INT(session_cancel_file(f.session, id, 1, &f.fault), HAUL_OK);
    CHECK_INT(fixture_look(&f, id)->files[1].state, FILE_CANCELLED);
    CHECK_INT(fixture_look(&f, id)->total, 1000);
    CHECK_INT(fixture_state(&f, id), JOB_RUNNING);
    fake_release(f.engine);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_look(&f, id)->files[1].state, FILE_CANCELLED);
    fixture_close(&f);
}

TEST(a_file_of_a_paused_job_is_discarded_at_once_and_stays_out)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    char *dir = scratch_dir();
    CHECK(fixture_open(&f, dir, 1, ADOPT_NONE));
    pause_pair(&f, id);
    CHECK_INT(session_cancel_file(f.session, id, 1, &f.fault), HAUL_OK);
    CHECK_INT(fixture_look(&f, id)->files[1].state, FILE_CANCELLED);
    for (int i = 0; i < 500 && !atomic_load(&f.engine->discards); i++)
        usleep(10000);
    CHECK_INT(atomic_load(&f.engine->discards), 1);
    fixture_close(&f);

    CHECK(fixture_open(&f, dir, 1, ADOPT_ALL));
    const struct job_view *v = fixture_look(&f, id);
    CHECK(v && v->file_count == 2);
    CHECK_INT(v->files[1].state, FILE_CANCELLED);
    CHECK_INT(v->total, 1000);
    fixture_close(&f);
    scratch_remove(dir);
}

TEST(the_last_file_takes_the_job_with_it_and_a_retry_wants_all_again)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    CHECK(fixture_open(&f, NULL, 1, ADOPT_NONE));
    pause_pair(&f, id);
    CHECK_INT(session_cancel_file(f.session, id, 1, &f.fault), HAUL_OK);
    CHECK_INT(session_cancel_file(f.session, id, 0, &f.fault), HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_CANCELLED));
    fake_release(f.engine);
    CHECK_INT(fixture_do(&f, id, JOB_RETRY), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK(fixture_look(&f, id)->files[1].state != FILE_CANCELLED);
    fixture_close(&f);
}

TEST(a_dropped_job_can_be_restored)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    CHECK(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://example.org/ok", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_do(&f, id, JOB_DROP), HAUL_OK);
    CHECK(!fixture_look(&f, id));
    CHECK_INT(fixture_do(&f, id, JOB_RESTORE), HAUL_OK);
    CHECK(fixture_look(&f, id));
    CHECK_INT(fixture_state(&f, id), JOB_COMPLETED);
    CHECK_INT(fixture_do(&f, id, JOB_RESTORE), HAUL_ERR_NOT_FOUND);
    CHECK_INT(fixture_do(&f, id, JOB_DROP), HAUL_OK);
    fixture_close(&f);
}

TEST(only_a_completed_job_has_files_to_delete)
{
    struct fixture f;
    char id[JOB_ID_SIZE];
    CHECK(fixture_open(&f, NULL, 1, ADOPT_NONE));
    CHECK_INT(fixture_add(&f, "http://example.org/fail", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_do(&f, id, JOB_DELETE), HAUL_ERR_USAGE);
    CHECK_INT(fixture_add(&f, "http://example.org/ok", id), HAUL_OK);
    CHECK_INT(fixture_await(&f, id), HAUL_OK);
    CHECK_INT(fixture_do(&f, id, JOB_DELETE), HAUL_OK);
    for (int i = 0; i < 500 && fixture_look(&f, id); i++)
        usleep(10000);
    CHECK(!fixture_look(&f, id));
    fixture_close(&f);
}
