/* SPDX-License-Identifier: MIT */
/* The state of the UI: brought up to date from the session, changed by keys; see ui.h. */
#include "tui/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "tui/actions.h"
#include "tui/outcome.h"

void tui_options_init(struct tui_options *o)
{
    *o = (struct tui_options){.color = true, .confirm_cancel = (int64_t)1 << 30, .connections = 8};
}

void ui_init(struct ui *ui, struct session *session, const struct tui_options *options)
{
    *ui = (struct ui){.session = session, .options = options};
    snapshot_init(&ui->snapshot);
    joblist_init(&ui->jobs);
    log_init(&ui->log);
    prompt_init(&ui->prompt);
    undo_init(&ui->undo);
    add_init(&ui->add);
    ui->config = options->config;
    if (!ui->config) {
        (void)!tui_config_init(&ui->own_config, NULL, NULL);
        ui->config = &ui->own_config;
    }
    ui->mouse = ui->config->mouse;
    if (options->first_id)
        memcpy(ui->sought, options->first_id, sizeof ui->sought);
    /* The watcher first: what comes in between is then seen twice, and log_take drops the second.
     */
    ui->watcher = session_watch(session);
    log_load(&ui->log, session);
    if (options->notice)
        ui_say(ui, ROLE_WARN, "%s", options->notice);
}

void ui_release(struct ui *ui)
{
    watcher_free(ui->watcher);
    disk_room_free(ui->disk);
    add_release(&ui->add);
    library_release(&ui->library);
    build_ask_release(&ui->build);
    undo_release(&ui->undo);
    tui_config_release(&ui->own_config);
    free(ui->help_needle);
    snapshot_release(&ui->snapshot);
    joblist_release(&ui->jobs);
    log_release(&ui->log);
    prompt_release(&ui->prompt);
    canvas_release(&ui->canvas);
    free(ui->needle);
    free(ui->message);
}

void ui_say(struct ui *ui, enum role role, const char *fmt, ...)
{
    free(ui->message);
    ui->message_role = role;
    va_list args;
    va_start(args, fmt);
    char *text = xvasprintf(fmt, args);
    va_end(args);
    ui->message = text_sanitized(text); /* paths are exact */
    free(text);
}

void ui_unsay(struct ui *ui)
{
    free(ui->message);
    ui->message = NULL;
}

void ui_leave(struct ui *ui, int exit_code)
{
    ui->leaving = true;
    ui->exit_code = exit_code;
}

/* ---- bringing it up to date ---- */

void ui_put_in_order(struct ui *ui)
{
    joblist_rebuild(&ui->jobs, &ui->snapshot, ui->options->connections);
    ui->disorder = false;
    ui->ordered_at = clock_now();
}

/* An order by what moves is made anew once a second. */
static bool order_is_stale(const struct ui *ui)
{
    bool moves = ui->jobs.sort == SORT_SPEED || ui->jobs.sort == SORT_DONE;
    return moves && ui_is_live(ui) && clock_now() - ui->ordered_at >= CLOCK_SEC;
}

static void take_events(struct ui *ui)
{
    uint64_t lost = 0;
    for (struct event *e; (e = watcher_next(ui->watcher, &lost));)
        log_take(&ui->log, e);
}

/* The cursor goes to the job that started last, once its own no longer runs. */
static void follow(struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (!ui->follow || ui->dialog || (row && job_state_active(row->job->state)))
        return; /* a question is about the row under the cursor */
    const struct job_view *newest = NULL;
    for (size_t i = 0; i < ui->snapshot.count; i++) {
        const struct job_view *job = ui->snapshot.jobs[i];
        if (job_state_active(job->state) && (!newest || job->started_ms > newest->started_ms))
            newest = job;
    }
    size_t at = newest ? joblist_row_of(&ui->jobs, newest->id) : ui->jobs.count;
    if (at < ui->jobs.count)
        joblist_move_to(&ui->jobs, at);
}

/* A job server tells of what was just added a moment later. */
static void seek(struct ui *ui)
{
    size_t at = *ui->sought ? joblist_row_of(&ui->jobs, ui->sought) : ui->jobs.count;
    if (at >= ui->jobs.count)
        return;
    joblist_move_to(&ui->jobs, at);
    *ui->sought = '\0';
}

/* What was said last must not hide that something has failed since. */
static void notice_failure(struct ui *ui, bool first)
{
    const struct job_view *job = ui->jobs.latest_failure;
    if (!job || (!strcmp(job->id, ui->failure) && job->ended_ms == ui->failed_ms))
        return;
    memcpy(ui->failure, job->id, sizeof ui->failure);
    ui->failed_ms = job->ended_ms;
    if (!first && !ui->dialog && ui->message_role != ROLE_ERROR)
        ui_unsay(ui);
}

/* All that was to be done is done: leave with the code of what failed. */
static void leave_if_done(struct ui *ui)
{
    const struct joblist_counts *c = &ui->jobs.counts;
    bool busy = c->active + c->queued + c->retrying;
    bool told = ui->told_paused && !busy;
    ui->told_paused = ui->leave_when_done && !busy && c->paused;
    if (!ui->leave_when_done || busy)
        return;
    if (c->paused) { /* not done, and whoever has just paused the last one is still here */
        if (!told)
            ui_say(ui, ROLE_WARN, "Not done: %zu paused. p goes on, q leaves.", c->paused);
        return;
    }
    ui_leave(ui, outcome_exit(&ui->snapshot, ui->options->started_ms));
}

void ui_refresh(struct ui *ui)
{
    if (ui->frozen)
        return;
    bool changed = watcher_refresh(ui->watcher, &ui->snapshot);
    take_events(ui);
    ui_watch_library(ui);
    if (changed || ui->disorder || order_is_stale(ui)) {
        bool first = !ui->ordered_at;
        ui_put_in_order(ui);
        seek(ui);
        follow(ui);
        notice_failure(ui, first);
    }
    notify_update(&ui->notifier, ui->config->notify, &ui->jobs.counts, &ui->snapshot.totals);
    history_sample(&ui->history, &ui->snapshot, clock_now());
    leave_if_done(ui);
}

bool ui_is_live(const struct ui *ui)
{
    const struct joblist_counts *c = &ui->jobs.counts;
    return !ui->frozen && c->active + c->retrying > 0;
}

const struct file_view *ui_current_file(const struct ui *ui, size_t *index)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (!row || !row->job->file_count)
        return NULL;
    *index = row->file == ROW_JOB ? 0 : row->file;
    for (size_t i = 0; row->file == ROW_JOB && i < row->job->file_count; i++) {
        if (row->job->files[i].state != FILE_ACTIVE)
            continue;
        *index = i;
        break;
    }
    return &row->job->files[*index];
}

/* ---- what comes by itself ---- */

void ui_take_answer(struct ui *ui)
{
    add_take_answer(&ui->add);
}

void ui_take_build(struct ui *ui)
{
    build_ask_take_answer(&ui->build);
}

void ui_take_stderr(struct ui *ui, const char *line)
{
    char *clean = text_sanitized(line);
    log_add(&ui->log, LOG_WARN, clean);
    free(clean);
}
