/* SPDX-License-Identifier: MIT */
/* What of a job can be changed while it lives: place, priority, connections, speed. */
#include <stdio.h>
#include <stdlib.h>

#include "core/units.h"
#include "tui/actions.h"
#include "tui/targets.h"

#define NO_JOB    "There is no job here."
#define HAS_ENDED "It has ended: there is nothing left to change."

/* A priority is a step from what each job has. what: NULL where the rows themselves show what came
 * of it; nothing: what to say where no job is chosen that it could be done to. */
static void change(struct ui *ui, struct targets t, const struct job_change *how, const char *what,
                   const char *nothing)
{
    struct haul_fault fault = {0}, first = {0};
    size_t done = 0;
    for (size_t i = 0; i < t.count; i++) {
        /* A block moves in the order that keeps it together: backwards when it moves back. */
        size_t at = how->move > 0 ? t.count - 1 - i : i;
        int before = how->move ? how->move : t.jobs[at]->priority;
        struct job_change its = *how;
        its.priority += t.jobs[at]->priority;
        if (session_change(ui->session, t.jobs[at]->id, &its, &fault) == HAUL_OK) {
            done++;
            if (how->move || how->set_priority)
                undo_note(&ui->undo, t.jobs[at]->id, before);
        } else if (first.code == HAUL_OK)
            first = fault;
    }
    if (!t.count)
        ui_say(ui, ROLE_DIM, "%s", nothing);
    else if (done < t.count || what)
        targets_report(ui, &t, done, what, &first);
    free(t.jobs);
}

static bool waits(const struct job_view *job)
{
    return job->state == JOB_QUEUED || job->state == JOB_PAUSED;
}

/* The i-th of n in the direction of the move: who goes first is looked at first. */
static size_t nth(size_t i, size_t n, int places)
{
    return places < 0 ? i : n - 1 - i;
}

/* NULL for those that have nowhere to go: no job of their priority waits on that side, but for
 * others that are to move themselves. Of what does not wait the session says why it cannot move. */
static void drop_stuck(const struct snapshot *s, struct targets *t, int places)
{
    bool room = false;
    int priority = 0;
    size_t seen = 0, count = t->count;
    for (size_t i = 0; i < s->count && seen < count; i++) {
        const struct job_view *job = s->jobs[nth(i, s->count, places)];
        const struct job_view **chosen = &t->jobs[nth(seen, count, places)];
        room = room && job->priority == priority;
        priority = job->priority;
        if (*chosen != job) {
            room = room || waits(job);
            continue;
        }
        seen++;
        if (waits(job) && !room)
            *chosen = NULL;
    }
    t->count = 0;
    for (size_t i = 0; i < count; i++)
        if (t->jobs[i])
            t->jobs[t->count++] = t->jobs[i];
}

static void move_in_queue(struct ui *ui, int places)
{
    struct targets t = targets_of(ui, false, target_any);
    const char *nothing = NO_JOB;
    if (t.count)
        nothing = places < 0 ? "Nothing moves: no job of the same priority waits before it."
                             : "Nothing moves: no job of the same priority waits behind it.";
    drop_stuck(&ui->snapshot, &t, places);
    undo_begin(&ui->undo, UNDO_MOVE);
    change(ui, t, &(struct job_change){.move = places}, NULL, nothing);
    undo_end(&ui->undo);
}

void action_queue_up(struct ui *ui)
{
    move_in_queue(ui, -1);
}

void action_queue_down(struct ui *ui)
{
    move_in_queue(ui, 1);
}

static void add_priority(struct ui *ui, int step)
{
    struct job_change how = {.set_priority = true, .priority = step};
    struct targets t = targets_of(ui, false, target_is_live);
    char what[48];
    if (t.count == 1)
        snprintf(what, sizeof what, "priority %d", t.jobs[0]->priority + step);
    else
        snprintf(what, sizeof what, "priority %+d", step);
    undo_begin(&ui->undo, UNDO_PRIORITY);
    change(ui, t, &how, what, joblist_current(&ui->jobs) ? HAS_ENDED : NO_JOB);
    undo_end(&ui->undo);
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
    const struct row *row = joblist_current(&ui->jobs);
    if (!row) {
        ui_say(ui, ROLE_DIM, NO_JOB);
        return;
    }
    unsigned now = row->job->connections_max ? row->job->connections_max : ui->options->connections;
    if ((step < 0 && now <= 1) || (step > 0 && now >= CONNECTIONS_MAX)) {
        ui_say(ui, ROLE_WARN, "Between 1 and %d connections.", CONNECTIONS_MAX);
        return;
    }
    struct job_change how = {.set_connections = true, .connections = step < 0 ? now - 1 : now + 1};
    char what[48];
    snprintf(what, sizeof what, "%u connections at most", how.connections);
    change(ui, targets_of(ui, false, target_is_live), &how, what, HAS_ENDED);
}

void action_connections_less(struct ui *ui)
{
    add_connections(ui, -1);
}

void action_connections_more(struct ui *ui)
{
    add_connections(ui, 1);
}

static const char *limit_label(bool of_job)
{
    return of_job ? "Speed limit of this job (10M, off; Tab: of all):"
                  : "Speed limit of all (10M, 500K, off; Tab: this job):";
}

void action_limit(struct ui *ui)
{
    ui->prompt_kind = PROMPT_LIMIT;
    ui->limit_of_job = joblist_marks_shown(&ui->jobs) > 0;
    prompt_open(&ui->prompt, limit_label(ui->limit_of_job), NULL);
}

void actions_limit_other(struct ui *ui)
{
    ui->limit_of_job = !ui->limit_of_job;
    ui->prompt.label = limit_label(ui->limit_of_job);
}

static void limit_all(struct ui *ui, int64_t rate, const char *shown)
{
    struct haul_fault fault;
    if (session_set(ui->session, -1, rate, &fault) != HAUL_OK)
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
    else
        ui_say(ui, ROLE_NORMAL, "Speed limit: %s", shown);
}

void actions_set_limit(struct ui *ui, const char *text)
{
    int64_t rate = 0;
    char shown[UNITS_TEXT_SIZE] = "off", what[48];
    if (!text[0])
        return;
    if (!units_parse_size(text, &rate)) {
        ui_say(ui, ROLE_ERROR, "Not a rate: %s. Write 10M, 500K or off.", text);
        return;
    }
    if (rate)
        units_format_rate(rate, shown);
    if (!ui->limit_of_job) {
        limit_all(ui, rate, shown);
        return;
    }
    struct job_change how = {.set_limit_rate = true, .limit_rate = rate};
    snprintf(what, sizeof what, "speed limit %s", shown);
    change(ui, targets_of(ui, false, target_is_live), &how, what, HAS_ENDED);
}
