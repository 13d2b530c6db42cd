/* SPDX-License-Identifier: MIT */
#include "core/view.h"

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
