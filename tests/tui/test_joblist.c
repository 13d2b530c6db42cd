/* SPDX-License-Identifier: MIT */
/* Rows, cursor, marks and counts over a snapshot that changes. */
#include "harness.h"
#include "tui/joblist.h"

#define JOBS 5

/* Five jobs "a" to "e"; "b" has three files. */
struct fixture {
    struct job_view *all[JOBS];
    struct job_view *jobs[JOBS];
    struct snapshot snapshot;
    struct joblist list;
};

static void rebuild(struct fixture *f)
{
    joblist_rebuild(&f->list, &f->snapshot, 8);
}

static void setup(struct fixture *f)
{
    static const enum job_state states[JOBS] = {JOB_RUNNING, JOB_RUNNING, JOB_QUEUED, JOB_FAILED,
                                                JOB_COMPLETED};
    *f = (struct fixture){0};
    joblist_init(&f->list);
    for (size_t i = 0; i < JOBS; i++) {
        struct job_view *job = f->all[i] = f->jobs[i] = job_view_new();
        snprintf(job->id, sizeof job->id, "job-%zu", i);
        view_set_string(&job->name, (char[]){(char)('a' + i), '\0'});
        job->state = states[i];
        job->total = (int64_t)(i * 7 % 5);
        job_view_set_files(job, i == 1 ? 3 : 1);
        for (size_t n = 0; n < job->file_count; n++)
            view_set_string(&job->files[n].name, "part");
    }
    f->snapshot.jobs = f->jobs;
    f->snapshot.count = JOBS;
    rebuild(f);
}

static void teardown(struct fixture *f)
{
    joblist_release(&f->list);
    for (size_t i = 0; i < JOBS; i++)
        job_view_free(f->all[i]);
}

/* The rows as text: a job's name, "." for a file. */
static const char *rows(const struct fixture *f)
{
    static char text[32];
    size_t n = 0;
    for (size_t i = 0; i < f->list.count; i++)
        text[n++] = f->list.rows[i].file == ROW_JOB ? f->list.rows[i].job->name[0] : '.';
    text[n] = '\0';
    return text;
}

TEST(few_files_are_shown_and_fold_under_their_job)
{
    struct fixture f;
    setup(&f);
    CHECK_STR(rows(&f), "ab...cde");
    joblist_move_to(&f.list, 3);
    CHECK(joblist_fold(&f.list, true));
    rebuild(&f);
    CHECK_STR(rows(&f), "abcde");
    CHECK_INT(f.list.cursor, 1);
    CHECK(!joblist_fold(&f.list, true));
    CHECK(joblist_fold(&f.list, false));
    rebuild(&f);
    CHECK_STR(rows(&f), "ab...cde");
    teardown(&f);
}

TEST(the_cursor_sticks_to_its_job_when_the_order_changes)
{
    struct fixture f;
    setup(&f);
    joblist_move_to(&f.list, 5);
    CHECK_STR(joblist_current(&f.list)->job->name, "c");
    f.jobs[0] = f.all[2];
    f.jobs[2] = f.all[0];
    rebuild(&f);
    CHECK_STR(rows(&f), "cb...ade");
    CHECK_INT(f.list.cursor, 0);
    teardown(&f);
}

TEST(the_cursor_keeps_its_place_when_its_job_goes)
{
    struct fixture f;
    setup(&f);
    joblist_move_to(&f.list, 7);
    f.snapshot.count = 3;
    rebuild(&f);
    CHECK_INT(f.list.cursor, 5);
    f.snapshot.count = 0;
    rebuild(&f);
    CHECK(!joblist_current(&f.list));
    joblist_move(&f.list, -3);
    CHECK_INT(f.list.cursor, 0);
    teardown(&f);
}

TEST(marks_of_jobs_that_are_gone_are_forgotten)
{
    struct fixture f;
    setup(&f);
    row_set_add(&f.list.marks, "job-0", ROW_JOB);
    row_set_add(&f.list.marks, "job-4", ROW_JOB);
    f.snapshot.count = 4;
    rebuild(&f);
    CHECK_INT(f.list.marks.count, 1);
    CHECK(row_set_has(&f.list.marks, "job-0", ROW_JOB));
    teardown(&f);
}

TEST(a_file_is_marked_alone_and_a_job_with_its_files)
{
    struct fixture f;
    setup(&f);
    joblist_move_to(&f.list, 3);
    CHECK(joblist_toggle_mark(&f.list));
    CHECK(joblist_has_mark(&f.list, 3));
    CHECK(!joblist_is_marked(&f.list, 1) && !joblist_is_marked(&f.list, 2));
    joblist_mark(&f.list, 1);
    CHECK_INT(f.list.marks.count, 1);
    CHECK(joblist_is_marked(&f.list, 1) && joblist_is_marked(&f.list, 4));
    CHECK(!joblist_toggle_mark(&f.list));
    CHECK_INT(f.list.marks.count, 1);
    joblist_move_to(&f.list, 1);
    CHECK(joblist_toggle_mark(&f.list));
    CHECK_INT(f.list.marks.count, 0);
    teardown(&f);
}

TEST(a_range_within_a_job_marks_its_files)
{
    struct fixture f;
    setup(&f);
    joblist_move_to(&f.list, 3);
    CHECK(joblist_mark_range(&f.list));
    joblist_move_to(&f.list, 2);
    CHECK(!joblist_mark_range(&f.list));
    CHECK_INT(f.list.marks.count, 2);
    CHECK(joblist_has_mark(&f.list, 2) && joblist_has_mark(&f.list, 3));
    joblist_fold(&f.list, true);
    rebuild(&f);
    CHECK_INT(joblist_marks_shown(&f.list), 0);
    CHECK_INT(f.list.marks.count, 2);
    teardown(&f);
}

TEST(tabs_and_filter_narrow_the_list)
{
    struct fixture f;
    setup(&f);
    f.list.tab = TAB_FAILED;
    rebuild(&f);
    CHECK_STR(rows(&f), "d");
    f.list.tab = TAB_ALL;
    CHECK_INT(joblist_set_filter(&f.list, "E", NULL), HAUL_OK);
    rebuild(&f);
    CHECK_STR(rows(&f), "e");
    CHECK_INT(f.list.counts.by_tab[TAB_ALL], JOBS);
    teardown(&f);
}

TEST(sorting_is_stable_and_inverts)
{
    struct fixture f;
    setup(&f);
    f.list.sort = SORT_STATE;
    rebuild(&f);
    CHECK_STR(rows(&f), "ab...cde");
    f.list.sort = SORT_SIZE; /* a 0, b 2, c 4, d 1, e 3 */
    rebuild(&f);
    CHECK_STR(rows(&f), "ceb...da");
    f.list.inverted = true;
    rebuild(&f);
    CHECK_STR(rows(&f), "adb...ec");
    teardown(&f);
}

TEST(states_are_counted_by_letter)
{
    struct fixture f;
    setup(&f);
    f.all[0]->retry_at = 1;
    rebuild(&f);
    CHECK_INT(f.list.counts.active, 1);
    CHECK_INT(f.list.counts.retrying, 1);
    CHECK_INT(f.list.counts.queued, 1);
    CHECK_INT(f.list.counts.failed, 1);
    CHECK_INT(f.list.counts.done, 1);
    CHECK_INT(f.list.counts.connections_max, 8);
    teardown(&f);
}

TEST(a_search_goes_round)
{
    struct fixture f;
    setup(&f);
    joblist_move_to(&f.list, 5);
    CHECK_INT(joblist_search(&f.list, "A", 1, false), 0);
    CHECK_INT(joblist_search(&f.list, "c", 1, true), 5);
    CHECK_INT(joblist_search(&f.list, "part", -1, false), 4);
    CHECK_INT(joblist_search(&f.list, "nowhere", 1, false), f.list.count);
    teardown(&f);
}

TEST(scrolling_keeps_the_cursor_in_view_and_the_page_full)
{
    struct fixture f;
    setup(&f);
    joblist_move_to(&f.list, 7);
    joblist_scroll(&f.list, 3);
    CHECK_INT(f.list.top, 5);
    joblist_move_to(&f.list, 0);
    joblist_scroll(&f.list, 3);
    CHECK_INT(f.list.top, 0);
    joblist_move_to(&f.list, 7);
    joblist_scroll(&f.list, 100);
    CHECK_INT(f.list.top, 0);
    teardown(&f);
}

TEST(files_have_letters_of_their_own)
{
    struct job_view job = {.state = JOB_RUNNING};
    struct file_view file = {.state = FILE_WAITING};
    CHECK_INT(file_letter(&job, &file), 'Q');
    file.state = FILE_ACTIVE;
    CHECK_INT(file_letter(&job, &file), 'D');
    file.retry_wait = true;
    CHECK_INT(file_letter(&job, &file), 'R');
    job.state = JOB_PAUSED;
    CHECK_INT(file_letter(&job, &file), 'P');
    job.state = JOB_CANCELLED;
    CHECK_INT(file_letter(&job, &file), '-');
    file.state = FILE_DONE;
    CHECK_INT(file_letter(&job, &file), 'C');
}
