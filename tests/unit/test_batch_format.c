/* SPDX-License-Identifier: MIT */
/* What a batch counts and writes, and how output waits for its reader. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "cli/batch_jobs.h"
#include "cli/batch_report.h"
#include "cli/commands.h"
#include "cli/exit_tally.h"
#include "core/alloc.h"
#include "core/json.h"

/* ---- exit codes ---- */

TEST(failures_that_share_a_code_give_it_and_others_give_1)
{
    struct exit_tally t = {0};
    CHECK_INT(t.code, 0);
    exit_tally_add(&t, HAUL_ERR_NETWORK);
    CHECK_INT(t.code, 5);
    exit_tally_add(&t, HAUL_ERR_TLS);
    CHECK_INT(t.code, 5);
    exit_tally_add(&t, HAUL_ERR_CHECKSUM);
    CHECK_INT(t.code, 1);
    exit_tally_add(&t, HAUL_ERR_NETWORK);
    CHECK_INT(t.code, 1);
}

/* ---- jobs ---- */

static void make_id(char id[JOB_ID_SIZE], unsigned n)
{
    char *text = xasprintf("job-%016x", n);
    memcpy(id, text, strlen(text) + 1);
    free(text);
}

TEST(jobs_are_found_by_id_and_counted_once)
{
    enum { COUNT = 1000 };
    static char ids[COUNT][JOB_ID_SIZE];
    struct batch_jobs jobs = {0};
    for (unsigned i = 0; i < COUNT; i++)
        make_id(ids[i], (i * 7919) % (COUNT / 2)); /* every id twice, not in order */
    batch_jobs_add(&jobs, ids, COUNT);
    CHECK_INT(jobs.count, COUNT / 2);
    CHECK_INT(jobs.open, COUNT / 2);
    for (unsigned i = 0; i < COUNT; i++)
        CHECK(batch_jobs_find(&jobs, ids[i]) &&
              !strcmp(batch_jobs_find(&jobs, ids[i])->id, ids[i]));
    CHECK(!batch_jobs_find(&jobs, "job-ffffffffffffffff"));
    batch_jobs_release(&jobs);
}

static void settle(struct batch_jobs *jobs, unsigned n, enum job_state state, enum haul_error code)
{
    char id[JOB_ID_SIZE];
    struct job_view view = {.state = state, .fault = {.code = code}};
    make_id(id, n);
    struct batch_job *job = batch_jobs_find(jobs, id);
    job->view = &view;
    batch_jobs_settle(jobs, job, state);
    batch_jobs_settle(jobs, job, state); /* counts once */
    job->view = NULL;
}

TEST(a_job_that_waits_for_disk_space_counts_as_failed)
{
    char ids[4][JOB_ID_SIZE];
    struct batch_jobs jobs = {0};
    for (unsigned i = 0; i < 4; i++)
        make_id(ids[i], i);
    batch_jobs_add(&jobs, ids, 4);
    settle(&jobs, 0, JOB_COMPLETED, HAUL_OK);
    CHECK_INT(jobs.exit.code, 0);
    settle(&jobs, 1, JOB_PAUSED, HAUL_ERR_DISK_FULL);
    CHECK_INT(jobs.exit.code, 7);
    settle(&jobs, 2, JOB_FAILED, HAUL_ERR_DISK);
    CHECK_INT(jobs.exit.code, 7);
    settle(&jobs, 3, JOB_CANCELLED, HAUL_OK);
    CHECK_INT(jobs.exit.code, 1);
    CHECK_INT(jobs.open, 0);
    CHECK_INT(jobs.completed, 1);
    CHECK_INT(jobs.failed, 2);
    CHECK_INT(jobs.cancelled, 1);
    batch_jobs_release(&jobs);
}

/* ---- standard output ---- */

struct stage {
    struct outq out;
    struct batch_report report;
};

static void set_stage(struct stage *s, bool json)
{
    outq_init(&s->out, -1);
    batch_report_init(&s->report, &s->out, json);
}

static void strike(struct stage *s)
{
    batch_report_release(&s->report);
    outq_release(&s->out);
}

TEST(paths_are_told_once_and_nothing_else_is)
{
    static char path[] = "/d/a b";
    struct stage s;
    struct event file = {.type = EVENT_FILE, .job = "job-1", .path = path, .size = 5};
    struct event job = {.type = EVENT_JOB, .job = "job-1"};
    struct event log = {.type = EVENT_LOG, .job = "job-1", .message = path};
    struct file_view view = {.path = path, .state = FILE_SKIPPED, .total = 5};
    struct job_view same = {.id = "job-1", .files = &view, .file_count = 1};
    struct job_view other = {.id = "job-2", .files = &view, .file_count = 1};
    struct api_summary sum = {0};
    set_stage(&s, false);
    batch_report_event(&s.report, &job);
    batch_report_event(&s.report, &file);
    batch_report_event(&s.report, &file);
    batch_report_event(&s.report, &log);
    batch_report_files(&s.report, &same);
    batch_report_progress(&s.report, &same);
    batch_report_summary(&s.report, &sum);
    CHECK_STR(s.out.text.data, "/d/a b\n");
    batch_report_files(&s.report, &other);
    CHECK_STR(s.out.text.data, "/d/a b\n/d/a b\n");
    CHECK_INT(s.report.bytes, 10);
    strike(&s);
}

TEST(files_that_are_not_finished_are_not_told)
{
    static char path[] = "/d/a";
    struct stage s;
    struct file_view view = {.path = path, .state = FILE_VERIFYING};
    struct job_view job = {.id = "job-1", .files = &view, .file_count = 1};
    set_stage(&s, false);
    batch_report_files(&s.report, &job);
    view.state = FILE_FAILED;
    batch_report_files(&s.report, &job);
    CHECK_STR(s.out.text.data, "");
    strike(&s);
}

TEST(many_files_are_each_told_once)
{
    struct stage s;
    set_stage(&s, false);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 5000; i++) {
            struct event e = {.type = EVENT_FILE, .job = "job-1", .path = xasprintf("/f%u", i)};
            batch_report_event(&s.report, &e);
            free(e.path);
        }
    size_t lines = 0;
    for (const char *p = s.out.text.data; *p; p++)
        lines += *p == '\n';
    CHECK_INT(lines, 5000);
    strike(&s);
}

TEST(json_lines_are_numbered_through)
{
    static char path[] = "/d/a";
    struct stage s;
    struct event file = {
        .seq = 70, .wall_ms = 1, .type = EVENT_FILE, .job = "job-1", .path = path, .size = 5};
    struct event log = {.seq = 90, .wall_ms = 1, .type = EVENT_LOG, .message = path};
    struct job_view job = {.id = "job-1"};
    struct api_summary sum = {0};
    struct haul_fault fault, bad;
    fault_set(&fault, HAUL_ERR_USAGE, "no");
    set_stage(&s, true);
    batch_report_refusal(&s.report, &fault);
    batch_report_event(&s.report, &file);
    batch_report_event(&s.report, &file);
    batch_report_event(&s.report, &log);
    batch_report_progress(&s.report, &job);
    batch_report_state(&s.report, &job);
    batch_report_summary(&s.report, &sum);
    const char *p = s.out.text.data;
    int64_t seq = 0;
    for (; *p; p += strcspn(p, "\n") + 1) {
        struct json *line = json_parse(p, strcspn(p, "\n"), 100, HAUL_ERR_INTERNAL, &bad);
        ASSERT(line);
        CHECK_INT(json_int(json_get(line, "seq"), -1), ++seq);
        CHECK(json_string(json_get(line, "time"), NULL));
        json_free(line);
    }
    CHECK_INT(seq, 6);
    strike(&s);
}

/* ---- output that waits ---- */

TEST(a_full_pipe_does_not_block_and_loses_nothing)
{
    int fds[2];
    struct outq q;
    ASSERT(!pipe2(fds, O_CLOEXEC));
    outq_init(&q, fds[1]);
    size_t total = (size_t)1 << 20, got = 0;
    for (size_t i = 0; i < total; i++)
        buf_add_char(&q.text, (char)('a' + i % 23));
    CHECK(outq_flush(&q));
    CHECK(outq_pending(&q) > 0);
    bool same = true;
    while (got < total) {
        char chunk[3000];
        ssize_t n = read(fds[0], chunk, sizeof chunk);
        ASSERT(n > 0);
        for (ssize_t i = 0; i < n; i++, got++)
            same &= chunk[i] == (char)('a' + got % 23);
        CHECK(outq_flush(&q));
    }
    CHECK(same);
    CHECK_INT(outq_pending(&q), 0);
    outq_release(&q);
    close(fds[0]);
    close(fds[1]);
}

TEST(a_reader_that_left_is_an_error_and_not_a_signal)
{
    int fds[2];
    struct outq q;
    signal(SIGPIPE, SIG_IGN);
    ASSERT(!pipe2(fds, O_CLOEXEC));
    outq_init(&q, fds[1]);
    close(fds[0]);
    buf_add_str(&q.text, "x");
    CHECK(!outq_flush(&q));
    CHECK_INT(q.error, EPIPE);
    CHECK_INT(outq_pending(&q), 0);
    outq_release(&q);
    close(fds[1]);
}

TEST(a_full_disk_is_an_error)
{
    struct outq q;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    outq_init(&q, fd);
    buf_add_str(&q.text, "x");
    outq_drain(&q, -1);
    CHECK_INT(q.error, ENOSPC);
    outq_release(&q);
    close(fd);
}

TEST(waiting_for_a_reader_ends_when_a_signal_comes)
{
    int fds[2], stop[2];
    struct outq q;
    ASSERT(!pipe2(fds, O_CLOEXEC) && !pipe2(stop, O_CLOEXEC));
    outq_init(&q, fds[1]);
    for (size_t i = 0; i < ((size_t)1 << 20); i++)
        buf_add_char(&q.text, 'x');
    ASSERT(write(stop[1], "", 1) == 1);
    outq_drain(&q, stop[0]);
    CHECK(outq_pending(&q) > 0);
    outq_release(&q);
    for (size_t i = 0; i < 2; i++) {
        close(fds[i]);
        close(stop[i]);
    }
}

/* ---- haul resolve ---- */

TEST(a_plan_is_a_list_with_a_total)
{
    struct plan plan;
    struct buf out;
    plan_init(&plan);
    buf_init(&out);
    plan.name = xstrdup("org/x");
    plan.revision = xstrdup("9c2f1ab");
    plan.root = xstrdup("/data/x");
    struct plan_file *f = plan_add(&plan);
    f->path = xstrdup("a.gguf");
    f->size = INT64_C(16) << 30;
    f->digest.algorithm = DIGEST_MD5;
    f->url = xstrdup("https://me:pw@h/a");
    plan_add(&plan)->size = -1;
    command_format_plan(&out, &plan);
    CHECK_STR(out.data, "org/x @ 9c2f1ab -> /data/x\n"
                        "    16.0 GiB  a.gguf\n"
                        "              md5:00000000000000000000000000000000\n"
                        "              https://***@h/a\n"
                        "           ?  (named by the server)\n"
                        "    16.0 GiB  in 2 files, 1 of unknown size\n");
    buf_release(&out);
    plan_release(&plan);
}
