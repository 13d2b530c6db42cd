/* SPDX-License-Identifier: MIT */
/* See targets.h. */
#include "tui/targets.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* What a filter hides is not touched, marked or not: nobody would see what became of it. */
static bool is_chosen(const struct joblist *m, size_t row, bool by_marks)
{
    return by_marks ? joblist_has_mark(m, row) : row == m->cursor;
}

bool target_any(const struct job_view *job)
{
    (void)job;
    return true;
}

bool target_is_live(const struct job_view *job)
{
    return !job_state_ended(job->state);
}

static void choose(const struct joblist *m, bool whole, struct row_set *chosen)
{
    bool by_marks = joblist_marks_shown(m) > 0;
    row_set_init(chosen);
    for (size_t i = 0; i < m->count; i++)
        if (is_chosen(m, i, by_marks) && (!whole || m->rows[i].file == ROW_JOB))
            row_set_add(chosen, m->rows[i].job->id, ROW_JOB);
}

/* chosen NULL: all. */
static struct targets pick(const struct snapshot *snapshot, const struct row_set *chosen,
                           bool (*fits)(const struct job_view *job))
{
    struct targets t = {.jobs = xcalloc(snapshot->count + 1, sizeof(struct job_view *))};
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct job_view *job = snapshot->jobs[i];
        if ((!chosen || row_set_has(chosen, job->id, ROW_JOB)) && fits(job))
            t.jobs[t.count++] = job;
    }
    return t;
}

static struct targets pick_chosen(const struct ui *ui, bool whole,
                                  bool (*fits)(const struct job_view *job))
{
    struct row_set chosen;
    choose(&ui->jobs, whole, &chosen);
    struct targets t = pick(&ui->snapshot, &chosen, fits);
    row_set_release(&chosen);
    return t;
}

/* What a filter hides is not touched. */
static struct targets pick_all(const struct ui *ui, bool (*fits)(const struct job_view *job))
{
    struct targets t = pick(&ui->snapshot, NULL, fits);
    size_t kept = 0;
    for (size_t i = 0; i < t.count; i++)
        if (!ui->jobs.filter || filter_shows(ui->jobs.filter, t.jobs[i]))
            t.jobs[kept++] = t.jobs[i];
    t.count = kept;
    return t;
}

struct targets targets_of(const struct ui *ui, bool all, bool (*fits)(const struct job_view *job))
{
    return all ? pick_all(ui, fits) : pick_chosen(ui, false, fits);
}

struct targets targets_whole(const struct ui *ui, bool (*fits)(const struct job_view *job))
{
    return pick_chosen(ui, true, fits);
}

static bool file_is_live(const struct row *row)
{
    if (row->file == ROW_JOB || job_state_ended(row->job->state))
        return false;
    enum file_state state = row->job->files[row->file].state;
    return state != FILE_DONE && state != FILE_SKIPPED && state != FILE_CANCELLED;
}

struct target_files targets_files(const struct ui *ui)
{
    const struct joblist *m = &ui->jobs;
    bool by_marks = joblist_marks_shown(m) > 0;
    struct target_files t = {.rows = xcalloc(m->count + 1, sizeof *t.rows)};
    for (size_t i = 0; i < m->count; i++)
        if (is_chosen(m, i, by_marks) && file_is_live(&m->rows[i]))
            t.rows[t.count++] = m->rows[i];
    return t;
}

const char *target_name(const struct job_view *job)
{
    return job->name && job->name[0] ? job->name : job->source;
}

void targets_report(struct ui *ui, const struct targets *t, size_t done, const char *what,
                    const struct haul_fault *fault)
{
    if (done < t->count && done && what)
        ui_say(ui, ROLE_ERROR, "%zu of %zu jobs: %s. %s", done, t->count, what, fault->message);
    else if (done < t->count)
        ui_say(ui, ROLE_ERROR, "%s", fault->message);
    else if (t->count == 1)
        ui_say(ui, ROLE_NORMAL, "%s: %s", target_name(t->jobs[0]), what);
    else
        ui_say(ui, ROLE_NORMAL, "%zu jobs: %s", done, what);
}

void targets_control(struct ui *ui, struct targets t, enum job_action action, const char *what,
                     const char *nothing)
{
    struct haul_fault fault = {0}, first = {0};
    size_t done = 0;
    for (size_t i = 0; i < t.count; i++) {
        if (session_control(ui->session, t.jobs[i]->id, action, &fault) == HAUL_OK) {
            done++;
            if (action == JOB_DROP)
                undo_note(&ui->undo, t.jobs[i]->id, 0);
        } else if (first.code == HAUL_OK)
            first = fault;
    }
    if (!t.count)
        ui_say(ui, ROLE_DIM, "%s", nothing);
    else
        targets_report(ui, &t, done, what, &first);
    free(t.jobs);
}
