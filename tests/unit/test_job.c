/* SPDX-License-Identifier: MIT */
#include "core/job.h"

#include "core/alloc.h"
#include "harness.h"

/* interfaces.md §4, written out once more: rows from, columns to, in the order of enum job_state
 * (queued resolving running verifying paused completed failed cancelled). */
static const char *const moves[JOB_STATE_COUNT] = {
    [JOB_QUEUED] = ".x..x.xx",    [JOB_RESOLVING] = "..x.x.xx", [JOB_RUNNING] = "...xx.xx",
    [JOB_VERIFYING] = "....xxxx", [JOB_PAUSED] = "x.x....x",    [JOB_COMPLETED] = "........",
    [JOB_FAILED] = "x.......",    [JOB_CANCELLED] = "x.......",
};

TEST(only_the_moves_of_the_contract_are_possible)
{
    for (unsigned from = 0; from < JOB_STATE_COUNT; from++)
        for (unsigned to = 0; to < JOB_STATE_COUNT; to++)
            if (job_may_move((enum job_state)from, (enum job_state)to) != (moves[from][to] == 'x'))
                HARNESS_FAIL("%s to %s", job_state_name((enum job_state)from),
                             job_state_name((enum job_state)to));
}

static struct job *make(const char *spec, const char *dir)
{
    struct job_request r;
    struct job *job = NULL;
    struct haul_fault fault;
    job_request_init(&r);
    r.spec = xstrdup(spec);
    r.dir = xstrdup(dir);
    CHECK_INT(job_from_request(&r, NULL, &job, &fault), HAUL_OK);
    job_request_release(&r);
    return job;
}

static bool same(const char *a, const char *b)
{
    struct job *x = make(a, "/d"), *y = make(b, "/d");
    bool is = job_same(x, y);
    job_free(x);
    job_free(y);
    return is;
}

TEST(urls_that_differ_only_in_a_masked_value_are_different_jobs)
{
    CHECK(same("http://example.org/a", "http://example.org/a"));
    CHECK(!same("http://example.org/a", "http://example.org/b"));
    CHECK(!same("http://example.org/get?token=1", "http://example.org/get?token=2"));
}

TEST(a_stored_mark_does_not_depend_on_the_password)
{
    CHECK_INT(job_mark("http://u:one@example.org/a"), job_mark("http://u:two@example.org/a"));
    CHECK(job_mark("http://example.org/a@b") != job_mark("http://example.org/x@b"));
    CHECK(job_mark("http://example.org/?id=1") != job_mark("http://example.org/?id=2"));
    CHECK(job_mark("http://u:p@example.org/?id=1") <= 0xffff);
}

TEST(a_relative_directory_becomes_absolute)
{
    struct job *job = make("http://example.org/a", "sub");
    CHECK(job->request.dir[0] == '/');
    CHECK(strstr(job->request.dir, "/sub") != NULL);
    CHECK_INT(job->layout, LAYOUT_PLAIN);
    job_free(job);
}

TEST(without_a_directory_each_kind_has_its_place)
{
    struct job *job = make("hf:org/name", NULL);
    CHECK_INT(job->layout, LAYOUT_HF_CACHE);
    CHECK(job->request.dir == NULL);
    job_free(job);
    job = make("http://example.org/a", NULL);
    CHECK_INT(job->layout, LAYOUT_PLAIN);
    CHECK(job->request.dir && job->request.dir[0] == '/');
    job_free(job);
}

TEST(a_job_is_called_as_its_file_will_be_from_the_beginning)
{
    struct job_request r;
    struct job *job;
    struct haul_fault fault;
    job_request_init(&r);
    r.spec = xstrdup("http://example.org/a.bin");
    r.out = xstrdup("other\033.bin");
    ASSERT(job_from_request(&r, NULL, &job, &fault) == HAUL_ERR_USAGE);
    free(r.out);
    r.out = xstrdup("other.bin");
    ASSERT(job_from_request(&r, NULL, &job, &fault) == HAUL_OK);
    CHECK_STR(job->name, "other.bin");
    job_free(job);
    job_request_release(&r);
}

TEST(options_that_do_not_fit_are_refused)
{
    struct job_request r;
    struct job *job = NULL;
    struct haul_fault fault;
    job_request_init(&r);
    r.spec = xstrdup("http://example.org/a");
    r.connections = 65;
    CHECK_INT(job_from_request(&r, NULL, &job, &fault), HAUL_ERR_USAGE);
    r.connections = 0;
    r.layout = LAYOUT_OLLAMA;
    CHECK_INT(job_from_request(&r, NULL, &job, &fault), HAUL_ERR_USAGE);
    r.layout = LAYOUT_DEFAULT;
    r.out = xstrdup("../x");
    CHECK_INT(job_from_request(&r, NULL, &job, &fault), HAUL_ERR_USAGE);
    job_request_release(&r);
    r.spec = xstrdup("ftp://example.org/");
    CHECK_INT(job_from_request(&r, NULL, &job, &fault), HAUL_ERR_BAD_SPEC);
    job_request_release(&r);
}
