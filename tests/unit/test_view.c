/* SPDX-License-Identifier: MIT */
#include "core/view.h"

#include "core/clock.h"
#include "core/progress.h"

#include "harness.h"

static void put(struct snapshot *s, const char *id, enum job_state state, int64_t bytes,
                int64_t total)
{
    struct job_view *v = snapshot_touch(s, id);
    v->state = state;
    v->bytes = bytes;
    v->total = total;
    snapshot_settle(s);
}

TEST(what_belongs_to_an_unknown_size_is_no_part_of_the_known_total)
{
    struct snapshot s;
    snapshot_init(&s);
    put(&s, "job-1", JOB_RUNNING, 700, -1);
    CHECK_INT(s.totals.bytes, 700);
    CHECK_INT(s.totals.known, 0);
    CHECK_INT(s.totals.total, -1);
    put(&s, "job-2", JOB_RUNNING, 30, 100);
    CHECK_INT(s.totals.bytes, 730);
    CHECK_INT(s.totals.known, 30);
    CHECK_INT(s.totals.total, 100);
    put(&s, "job-1", JOB_RUNNING, 800, 1000); /* its size came later */
    CHECK_INT(s.totals.known, 830);
    CHECK_INT(s.totals.total, 1100);
    put(&s, "job-1", JOB_FAILED, 800, 1000);
    snapshot_remove(&s, "job-2");
    snapshot_settle(&s);
    CHECK_INT(s.totals.bytes, 0);
    CHECK_INT(s.totals.known, 0);
    CHECK_INT(s.totals.total, -1);
    snapshot_release(&s);
}

/* As a job server may claim it. */
TEST(totals_end_where_the_scale_does_and_come_back_from_there)
{
    struct snapshot s;
    snapshot_init(&s);
    for (int i = 0; i < 2; i++)
        for (int64_t n = INT64_MAX; n; n = n == INT64_MAX ? INT64_MIN : 0) {
            put(&s, "job-1", JOB_RUNNING, n, INT64_MAX);
            put(&s, "job-2", JOB_QUEUED, n, INT64_MAX);
            CHECK_INT(s.totals.total, INT64_MAX);
            CHECK_INT(s.totals.bytes, n > 0 ? INT64_MAX : 0);
        }
    put(&s, "job-2", JOB_RUNNING, 30, 100);
    put(&s, "job-1", JOB_RUNNING, 1, 2);
    CHECK_INT(s.totals.bytes, 31);
    CHECK_INT(s.totals.known, 31);
    CHECK_INT(s.totals.total, 102);
    snapshot_release(&s);
}

TEST(so_do_the_sums_of_the_files_of_a_job)
{
    struct progress *p = progress_new(2);
    for (size_t i = 0; i < 2; i++) {
        atomic_store(&p->counters[i].total, INT64_MAX);
        atomic_store(&p->counters[i].bytes, INT64_MAX);
    }
    struct progress_sum sum = progress_sum(p);
    CHECK_INT(sum.total, INT64_MAX);
    CHECK_INT(sum.bytes, INT64_MAX);
    CHECK_INT(sum.fetched, INT64_MAX);
    progress_unref(p);
}

static int64_t at = 5 * CLOCK_SEC;

static int64_t stopped_now(void)
{
    return at;
}

static void see(struct snapshot *s, const char *id, enum job_state state, int64_t bytes)
{
    struct job_view *v = snapshot_touch(s, id);
    v->state = state;
    v->bytes = v->fetched = bytes;
    v->total = 100000000;
}

/* A job of a second: its own rate is gone with it. */
TEST(what_jobs_have_brought_that_are_over_counts_for_the_speed_of_all)
{
    struct snapshot s;
    clock_replace(stopped_now, NULL);
    snapshot_init(&s);
    see(&s, "old", JOB_COMPLETED, 100000000); /* was here before anybody looked */
    see(&s, "short", JOB_QUEUED, 0);
    see(&s, "next", JOB_QUEUED, 0);
    snapshot_settle(&s);
    CHECK_INT(s.totals.rate, 0);
    at += 2 * CLOCK_SEC;
    see(&s, "short", JOB_COMPLETED, 100000000);
    see(&s, "next", JOB_RUNNING, 0);
    snapshot_settle(&s);
    CHECK_INT(s.totals.rate, 50000000);
    CHECK_INT(s.totals.eta, -1); /* too early to tell */
    at += 2 * CLOCK_SEC;
    see(&s, "next", JOB_RUNNING, 60000000);
    snapshot_settle(&s);
    CHECK_INT(s.totals.rate, 40000000);
    CHECK_INT(s.totals.eta, 1);
    see(&s, "next", JOB_RUNNING, 0); /* begun anew: what came has come */
    snapshot_settle(&s);
    CHECK_INT(s.totals.rate, 40000000);
    see(&s, "next", JOB_PAUSED, 0);
    snapshot_settle(&s);
    CHECK_INT(s.totals.rate, 0);
    CHECK_INT(s.totals.eta, -1);
    snapshot_release(&s);
    clock_replace(NULL, NULL);
}
