/* SPDX-License-Identifier: MIT */
/* Actions on jobs: the marked ones, else the one under the cursor. None of them waits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/units.h"
#include "tui/actions.h"

/* Jobs that an action is for, in queue order. */
struct targets {
    const struct job_view **jobs;
    size_t count;
};

static bool is_target(const struct ui *ui, const struct job_view *job)
{
    if (ui->model.marks.count)
        return id_set_has(&ui->model.marks, job->id);
    const struct row *row = model_current(&ui->model);
    return row && row->job == job;
}

static bool any_job(const struct job_view *job)
{
    (void)job;
    return true;
}

/* Of the chosen jobs those that `fits`; of all jobs where `all`. The caller frees jobs. */
static struct targets targets(const struct ui *ui, bool all,
                              bool (*fits)(const struct job_view *job))
{
    struct targets t = {.jobs = xcalloc(ui->snapshot.count + 1, sizeof(struct job_view *))};
    for (size_t i = 0; i < ui->snapshot.count; i++) {
        const struct job_view *job = ui->snapshot.jobs[i];
        if ((all || is_target(ui, job)) && fits(job))
            t.jobs[t.count++] = job;
    }
    return t;
}

static const char *short_name(const struct job_view *job)
{
    return job->name && job->name[0] ? job->name : job->source;
}

/* Reports in one line: what was done to how many, or the first refusal. */
static void report(struct ui *ui, const struct targets *t, size_t done, const char *what,
                   const struct haul_fault *fault)
{
    if (done < t->count)
        ui_say(ui, ROLE_ERROR, "%s", fault->message);
    else if (t->count == 1)
        ui_say(ui, ROLE_NORMAL, "%s: %s", short_name(t->jobs[0]), what);
    else
        ui_say(ui, ROLE_NORMAL, "%zu jobs: %s", done, what);
}

static void control(struct ui *ui, struct targets t, enum job_action action, const char *what,
                    const char *nothing)
{
    struct haul_fault fault = {0}, first = {0};
    size_t done = 0;
    for (size_t i = 0; i < t.count; i++) {
        if (session_control(ui->session, t.jobs[i]->id, action, &fault) == HAUL_OK)
            done++;
        else if (first.code == HAUL_OK)
            first = fault;
    }
    if (!t.count)
        ui_say(ui, ROLE_DIM, "%s", nothing);
    else
        report(ui, &t, done, what, &first);
    free(t.jobs);
}

/* ---- states ---- */

static bool can_pause(const struct job_view *job)
{
    return !job_state_ended(job->state) && job->state != JOB_PAUSED;
}

static bool can_resume(const struct job_view *job)
{
    return job->state == JOB_PAUSED;
}

static bool can_retry(const struct job_view *job)
{
    return job->state == JOB_FAILED || job->state == JOB_CANCELLED;
}

static bool has_failed(const struct job_view *job)
{
    return job->state == JOB_FAILED;
}

static bool is_live(const struct job_view *job)
{
    return !job_state_ended(job->state);
}

static bool has_ended(const struct job_view *job)
{
    return job_state_ended(job->state);
}

static bool is_finished(const struct job_view *job)
{
    return job->state == JOB_COMPLETED || job->state == JOB_CANCELLED;
}

/* Pauses what can be paused; where nothing can, resumes. */
static void toggle_pause(struct ui *ui, bool all)
{
    struct targets t = targets(ui, all, can_pause);
    if (t.count) {
        control(ui, t, JOB_PAUSE, "paused", "");
        return;
    }
    free(t.jobs);
    control(ui, targets(ui, all, can_resume), JOB_RESUME, "goes on", "Nothing to pause here.");
}

void action_pause(struct ui *ui)
{
    toggle_pause(ui, false);
}

void action_pause_all(struct ui *ui)
{
    toggle_pause(ui, true);
}

void action_retry(struct ui *ui)
{
    control(ui, targets(ui, false, can_retry), JOB_RETRY, "queued again",
            "Nothing to retry here: it has not failed.");
}

void action_retry_all(struct ui *ui)
{
    control(ui, targets(ui, true, has_failed), JOB_RETRY, "queued again", "No job has failed.");
}

void action_drop(struct ui *ui)
{
    control(ui, targets(ui, false, has_ended), JOB_DROP, "dropped from the list, files stay",
            "Only what has ended can be dropped; c cancels it.");
}

void action_drop_all(struct ui *ui)
{
    control(ui, targets(ui, true, is_finished), JOB_DROP, "dropped from the list, files stay",
            "Nothing has finished yet.");
}

/* ---- cancel ---- */

static int64_t partial_bytes(const struct job_view *job)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < job->file_count; i++) {
        const struct file_view *f = &job->files[i];
        if (f->state != FILE_DONE && f->state != FILE_SKIPPED)
            bytes += f->bytes;
    }
    return job->file_count ? bytes : job->bytes;
}

void action_cancel(struct ui *ui)
{
    struct targets t = targets(ui, false, is_live);
    const struct row *row = model_current(&ui->model);
    int64_t bytes = 0;
    for (size_t i = 0; i < t.count; i++)
        bytes += partial_bytes(t.jobs[i]);
    size_t count = t.count;
    free(t.jobs);
    char size[UNITS_TEXT_SIZE];
    units_format_size(bytes, size);
    /* On a file's row it is easy to think that only that file goes. */
    bool on_file = row && row->file != ROW_JOB && !ui->model.marks.count && count;
    bool big = ui->options->confirm_cancel >= 0 && bytes >= ui->options->confirm_cancel;
    if (!count || (!big && !on_file)) {
        actions_cancel_confirmed(ui);
        return;
    }
    ui->dialog = DIALOG_CANCEL;
    if (on_file)
        ui_say(ui, ROLE_WARN, "c again cancels all %zu files, deletes %s; any other key keeps it",
               row->job->file_count, size);
    else
        ui_say(ui, ROLE_WARN, "c again deletes %s of partial data, any other key keeps it", size);
}

void actions_cancel_confirmed(struct ui *ui)
{
    control(ui, targets(ui, false, is_live), JOB_CANCEL, "cancelled",
            "Nothing to cancel here: it has ended.");
}

/* ---- settings of a job ---- */

static void change(struct ui *ui, struct targets t, const struct job_change *how, const char *what)
{
    struct haul_fault fault = {0}, first = {0};
    size_t done = 0;
    for (size_t i = 0; i < t.count; i++) {
        /* A block moves in the order that keeps it together: backwards when it moves back. */
        size_t at = how->move > 0 ? t.count - 1 - i : i;
        if (session_change(ui->session, t.jobs[at]->id, how, &fault) == HAUL_OK)
            done++;
        else if (first.code == HAUL_OK)
            first = fault;
    }
    if (t.count && (done < t.count || what))
        report(ui, &t, done, what, &first);
    free(t.jobs);
}

void action_queue_up(struct ui *ui)
{
    change(ui, targets(ui, false, any_job), &(struct job_change){.move = -1}, NULL);
}

void action_queue_down(struct ui *ui)
{
    change(ui, targets(ui, false, any_job), &(struct job_change){.move = 1}, NULL);
}

static void add_priority(struct ui *ui, int step)
{
    const struct row *row = model_current(&ui->model);
    if (!row)
        return;
    struct job_change how = {.set_priority = true, .priority = row->job->priority + step};
    char what[48];
    snprintf(what, sizeof what, "priority %d", how.priority);
    change(ui, targets(ui, false, any_job), &how, what);
}

void action_priority_up(struct ui *ui)
{
    add_priority(ui, 1);
}

void action_priority_down(struct ui *ui)
{
    add_priority(ui, -1);
}

static void add_connections(struct ui *ui, int step)
{
    const struct row *row = model_current(&ui->model);
    if (!row)
        return;
    unsigned now = row->job->connections_max ? row->job->connections_max : ui->options->connections;
    if ((step < 0 && now <= 1) || (step > 0 && now >= CONNECTIONS_MAX)) {
        ui_say(ui, ROLE_WARN, "Between 1 and %d connections.", CONNECTIONS_MAX);
        return;
    }
    struct job_change how = {.set_connections = true, .connections = step < 0 ? now - 1 : now + 1};
    char what[48];
    snprintf(what, sizeof what, "%u connections at most", how.connections);
    change(ui, targets(ui, false, is_live), &how, what);
}

void action_connections_less(struct ui *ui)
{
    add_connections(ui, -1);
}

void action_connections_more(struct ui *ui)
{
    add_connections(ui, 1);
}

void action_limit(struct ui *ui)
{
    ui->prompt_kind = PROMPT_LIMIT;
    prompt_open(&ui->prompt, "Speed limit of all (10M, 500K, off):", NULL);
}

void actions_set_limit(struct ui *ui, const char *text)
{
    struct haul_fault fault;
    int64_t rate = 0;
    char shown[UNITS_TEXT_SIZE];
    if (!text[0])
        return;
    if (!units_parse_size(text, &rate)) {
        ui_say(ui, ROLE_ERROR, "Not a rate: %s. Write 10M, 500K or off.", text);
        return;
    }
    if (session_set(ui->session, -1, rate, &fault) != HAUL_OK) {
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
        return;
    }
    units_format_rate(rate, shown);
    ui_say(ui, ROLE_NORMAL, "Speed limit: %s", rate ? shown : "off");
}

/* ---- marks ---- */

void action_mark(struct ui *ui)
{
    const struct row *row = model_current(&ui->model);
    if (!row)
        return;
    id_set_toggle(&ui->model.marks, row->job->id);
    /* Down to the next job: the files of one job share its mark. */
    const struct job_view *job = row->job;
    while (ui->model.cursor + 1 < ui->model.count && model_current(&ui->model)->job == job)
        model_move(&ui->model, 1);
}

void action_mark_all(struct ui *ui)
{
    for (size_t i = 0; i < ui->model.count; i++)
        id_set_add(&ui->model.marks, ui->model.rows[i].job->id);
}

void action_mark_none(struct ui *ui)
{
    id_set_clear(&ui->model.marks);
}
