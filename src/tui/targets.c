/* SPDX-License-Identifier: MIT */
/* See targets.h. */
#include "tui/targets.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* A job that a filter hides is not touched, marked or not: nobody would see what became of it. */
static void choose(const struct ui *ui, struct id_set *chosen)
{
    const struct joblist *m = &ui->jobs;
    id_set_init(chosen);
    for (size_t i = 0; i < m->count; i++)
        if (id_set_has(&m->marks, m->rows[i].job->id))
            id_set_add(chosen, m->rows[i].job->id);
    if (!chosen->count && m->count)
        id_set_add(chosen, joblist_current(m)->job->id);
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
    struct id_set chosen;
    choose(ui, &chosen);
    for (size_t i = 0; i < ui->snapshot.count; i++) {
        const struct job_view *job = ui->snapshot.jobs[i];
        if ((all || id_set_has(&chosen, job->id)) && fits(job))
            t.jobs[t.count++] = job;
    }
    id_set_release(&chosen);
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
