/* SPDX-License-Identifier: MIT */
/* See targets.h. */
#include "tui/targets.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static bool is_target(const struct ui *ui, const struct job_view *job)
{
    if (ui->jobs.marks.count)
        return id_set_has(&ui->jobs.marks, job->id);
    const struct row *row = joblist_current(&ui->jobs);
    return row && row->job == job;
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

struct targets targets_of(const struct ui *ui, bool all, bool (*fits)(const struct job_view *job))
{
    struct targets t = {.jobs = xcalloc(ui->snapshot.count + 1, sizeof(struct job_view *))};
    for (size_t i = 0; i < ui->snapshot.count; i++) {
        const struct job_view *job = ui->snapshot.jobs[i];
        if ((all || is_target(ui, job)) && fits(job))
            t.jobs[t.count++] = job;
    }
    return t;
}

const char *target_name(const struct job_view *job)
{
    return job->name && job->name[0] ? job->name : job->source;
}

void targets_report(struct ui *ui, const struct targets *t, size_t done, const char *what,
                    const struct haul_fault *fault)
{
    if (done < t->count)
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
