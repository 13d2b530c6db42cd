/* SPDX-License-Identifier: MIT */
/* Actions on the states of jobs: pause, retry, drop, undo. None of them waits. */
#include <stdlib.h>

#include "tui/actions.h"
#include "tui/targets.h"

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
    return (job->state == JOB_FAILED && !actions_needs_confirming(job)) ||
           job->state == JOB_CANCELLED;
}

static bool has_failed(const struct job_view *job)
{
    return job->state == JOB_FAILED && !actions_needs_confirming(job);
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
    struct targets t = targets_of(ui, all, can_pause);
    if (t.count) {
        targets_control(ui, t, JOB_PAUSE, "paused", "");
        return;
    }
    free(t.jobs);
    targets_control(ui, targets_of(ui, all, can_resume), JOB_RESUME, "resumed",
                    "Nothing to pause here.");
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
    struct targets t = targets_of(ui, false, can_retry);
    if (actions_ask_builds(ui) && !t.count) {
        free(t.jobs);
        return;
    }
    targets_control(ui, t, JOB_RETRY, "queued again", "Nothing to retry here: it has not failed.");
}

void action_retry_all(struct ui *ui)
{
    targets_control(ui, targets_of(ui, true, has_failed), JOB_RETRY, "queued again",
                    "No job here has failed.");
}

static void drop(struct ui *ui, struct targets t, const char *nothing)
{
    undo_begin(&ui->undo, UNDO_DROP);
    targets_control(ui, t, JOB_DROP, "dropped from the list, files stay; u undoes", nothing);
    undo_end(&ui->undo);
}

void action_drop(struct ui *ui)
{
    drop(ui, targets_of(ui, false, has_ended), "Only what has ended can be dropped; c cancels it.");
}

void action_drop_all(struct ui *ui)
{
    drop(ui, targets_of(ui, true, is_finished), "Nothing here has finished yet.");
}

void action_undo(struct ui *ui)
{
    struct haul_fault fault = {0};
    const char *what;
    size_t done = undo_last(&ui->undo, ui->session, &what, &fault);
    if (!what)
        ui_say(ui, ROLE_DIM, "Nothing to undo. Drops, moves and priorities can be undone.");
    else if (done)
        ui_say(ui, ROLE_NORMAL, "%zu job%s: %s", done, done == 1 ? "" : "s", what);
    else
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
}
