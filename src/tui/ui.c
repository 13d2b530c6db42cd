/* SPDX-License-Identifier: MIT */
/* The state of the UI: brought up to date from the session, changed by keys; see ui.h. */
#include "tui/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tui/actions.h"

void tui_options_init(struct tui_options *o)
{
    *o = (struct tui_options){.color = true, .confirm_cancel = (int64_t)1 << 30, .connections = 8};
}

void ui_init(struct ui *ui, struct session *session, const struct tui_options *options)
{
    *ui = (struct ui){.session = session, .options = options, .disk_free = -1};
    snapshot_init(&ui->snapshot);
    model_init(&ui->model);
    log_init(&ui->log);
    prompt_init(&ui->prompt);
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
    snapshot_release(&ui->snapshot);
    model_release(&ui->model);
    log_release(&ui->log);
    prompt_release(&ui->prompt);
    canvas_release(&ui->canvas);
    free(ui->needle);
    free(ui->message);
    free(ui->disk_dir);
}

void ui_say(struct ui *ui, enum role role, const char *fmt, ...)
{
    free(ui->message);
    ui->message_role = role;
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&ui->message, fmt, args) < 0)
        abort();
    va_end(args);
}

static void unsay(struct ui *ui)
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

static void put_in_order(struct ui *ui)
{
    model_rebuild(&ui->model, &ui->snapshot, ui->options->connections);
    ui->disorder = false;
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
    const struct row *row = model_current(&ui->model);
    if (!ui->follow || (row && job_state_active(row->job->state)))
        return;
    const struct job_view *newest = NULL;
    for (size_t i = 0; i < ui->snapshot.count; i++) {
        const struct job_view *job = ui->snapshot.jobs[i];
        if (job_state_active(job->state) && (!newest || job->started_ms > newest->started_ms))
            newest = job;
    }
    size_t at = newest ? model_row_of(&ui->model, newest->id) : ui->model.count;
    if (at < ui->model.count)
        model_move_to(&ui->model, at);
}

/* All that was to be done is done: leave with the code of what failed. */
static void leave_if_done(struct ui *ui)
{
    const struct model_counts *c = &ui->model.counts;
    if (!ui->leave_when_done || c->active + c->queued + c->retrying)
        return;
    int code = 0;
    for (size_t i = 0; i < ui->snapshot.count; i++) {
        const struct job_view *job = ui->snapshot.jobs[i];
        if (job->state != JOB_FAILED)
            continue;
        int its = haul_error_exit(job->fault.code);
        code = code && code != its ? 1 : its;
    }
    ui_leave(ui, code);
}

void ui_refresh(struct ui *ui)
{
    if (ui->frozen)
        return;
    bool changed = watcher_refresh(ui->watcher, &ui->snapshot);
    take_events(ui);
    if (changed || ui->disorder) {
        put_in_order(ui);
        follow(ui);
    }
    history_sample(&ui->history, &ui->snapshot, clock_now());
    leave_if_done(ui);
}

bool ui_is_live(const struct ui *ui)
{
    const struct model_counts *c = &ui->model.counts;
    return !ui->frozen && c->active + c->retrying > 0;
}

const struct file_view *ui_current_file(const struct ui *ui, size_t *index)
{
    const struct row *row = model_current(&ui->model);
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

/* ---- keys ---- */

static void remember(char **slot, const char *text)
{
    free(*slot);
    *slot = text[0] ? xstrdup(text) : NULL;
}

static void accept_prompt(struct ui *ui)
{
    char *text = xstrdup(ui->prompt.text.data);
    prompt_close(&ui->prompt);
    switch (ui->prompt_kind) {
    case PROMPT_ADD:
        actions_add_text(ui, text);
        break;
    case PROMPT_LIMIT:
        actions_set_limit(ui, text);
        break;
    case PROMPT_FILTER:
        remember(&ui->model.filter, text);
        ui->disorder = true;
        break;
    case PROMPT_SEARCH:
        remember(&ui->needle, text);
        if (ui->needle)
            actions_search(ui, ui->needle, 1, true);
        break;
    }
    free(text);
}

/* The search runs along while it is typed, always from where it began. */
static void search_along(struct ui *ui)
{
    if (ui->prompt_kind != PROMPT_SEARCH || ui->view != VIEW_JOBS)
        return;
    model_move_to(&ui->model, ui->search_from);
    actions_search(ui, ui->prompt.text.data, 1, true);
}

static void prompt_takes(struct ui *ui, uint32_t key)
{
    if (key == UI_KEY_ENTER || key == '\n') {
        accept_prompt(ui);
    } else if (key == UI_KEY_ESC) {
        if (ui->prompt_kind == PROMPT_SEARCH)
            model_move_to(&ui->model, ui->search_from);
        prompt_close(&ui->prompt);
    } else if (prompt_key(&ui->prompt, key)) {
        search_along(ui);
    }
}

static void dialog_takes(struct ui *ui, uint32_t key)
{
    enum ui_dialog dialog = ui->dialog;
    if (dialog != DIALOG_QUIT) {
        ui->dialog = DIALOG_NONE;
        unsay(ui);
        if (dialog == DIALOG_CANCEL && key == 'c')
            actions_cancel_confirmed(ui);
        return;
    }
    if (key == 's' || key == 'w' || key == 'n' || key == UI_KEY_ESC)
        ui->dialog = DIALOG_NONE;
    if (key == 's')
        ui_leave(ui, 0);
    if (key == 'w')
        ui->leave_when_done = true;
}

/* A paste into the list is a list of things to fetch. */
static bool paste_takes(struct ui *ui, uint32_t key)
{
    if (key == UI_KEY_PASTE_BEGIN) {
        ui->pasting = true;
        ui->dialog = DIALOG_NONE;
        if (!ui->prompt.label)
            action_add(ui);
    } else if (key == UI_KEY_PASTE_END) {
        ui->pasting = false;
    } else if (ui->pasting && ui->prompt.label) {
        if (ui->prompt_kind == PROMPT_ADD || (key != '\r' && key != '\n'))
            prompt_paste(&ui->prompt, key);
    } else {
        return false;
    }
    return true;
}

static enum key_place place_of(const struct ui *ui)
{
    if (ui->view == VIEW_LOG)
        return IN_LOG;
    if (ui->view == VIEW_HELP)
        return IN_HELP;
    return ui->pane_open ? IN_PANE : IN_LIST;
}

#define CTRL_C 3

void ui_key(struct ui *ui, uint32_t key)
{
    if (paste_takes(ui, key))
        return;
    if (key == CTRL_C) {
        ui->dialog = DIALOG_NONE;
        action_interrupt(ui);
    } else if (ui->prompt.label) {
        prompt_takes(ui, key);
    } else if (ui->dialog) {
        dialog_takes(ui, key);
    } else {
        unsay(ui);
        actions_run(ui, key_action(key, place_of(ui)));
    }
    if (ui->disorder)
        put_in_order(ui);
}
