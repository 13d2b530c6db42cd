/* SPDX-License-Identifier: MIT */
/* The jobs of a batch and their views in a snapshot that others change, too. */
#include "cli/batch_jobs.h"

#include <string.h>

#include "harness.h"

static void touch(struct snapshot *s, const char *id, int64_t position)
{
    struct job_view *v = snapshot_touch(s, id);
    v->position = position;
}

TEST(views_are_found_again_when_one_job_has_taken_the_place_of_another)
{
    struct snapshot s;
    struct batch_jobs jobs = {0};
    char ids[2][JOB_ID_SIZE] = {"one", "two"};
    snapshot_init(&s);
    touch(&s, "one", 1);
    snapshot_settle(&s);
    batch_jobs_add(&jobs, ids, 2);
    batch_jobs_link(&jobs, &s);
    CHECK(batch_jobs_find(&jobs, "one")->view == snapshot_find(&s, "one"));
    CHECK(!batch_jobs_find(&jobs, "two")->view);
    snapshot_remove(&s, "one");
    touch(&s, "two", 2);
    snapshot_settle(&s);
    CHECK_INT(s.count, 1);
    batch_jobs_link(&jobs, &s);
    CHECK(!batch_jobs_find(&jobs, "one")->view);
    CHECK(batch_jobs_find(&jobs, "two")->view == snapshot_find(&s, "two"));
    CHECK(!batch_jobs_find(&jobs, "three"));
    batch_jobs_release(&jobs);
    snapshot_release(&s);
}

TEST(a_job_that_is_named_twice_is_one)
{
    struct batch_jobs jobs = {0};
    char ids[3][JOB_ID_SIZE] = {"b", "a", "b"};
    batch_jobs_add(&jobs, ids, 3);
    CHECK_INT(jobs.count, 2);
    CHECK_INT(jobs.open, 2);
    batch_jobs_settle(&jobs, batch_jobs_find(&jobs, "a"), JOB_CANCELLED);
    batch_jobs_settle(&jobs, batch_jobs_find(&jobs, "a"), JOB_COMPLETED);
    CHECK_INT(jobs.open, 1);
    CHECK_INT(jobs.cancelled, 1);
    batch_jobs_release(&jobs);
}
