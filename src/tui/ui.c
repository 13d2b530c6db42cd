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

void tui_options_init(struct tui_options *o)
{
    *o = (struct tui_options){.color = true, .confirm_cancel = (int64_t)1 << 30, .connections = 8};
}

void ui_init(struct ui *ui, struct session *session, const struct tui_options *options)
{
    *ui = (struct ui){.session = session, .options = options, .disk_free = -1};
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
    if (!ui->follow || (row && job_state_active(row->job->state)))
        return;
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

/* What was said last must not hide that something has failed since. */
static void notice_failure(struct ui *ui, bool first)
{
    const struct job_view *job = ui->jobs.latest_failure;
    if (!job || (!strcmp(job->id, ui->failure) && job->ended_ms == ui->failed_ms))
        return;
    memcpy(ui->failure, job->id, sizeof ui->failure);
    ui->failed_ms = job->ended_ms;
    if (!first && !ui->dialog && ui->message_role != ROLE_ERROR)
        unsay(ui);
}

/* All that was to be done is done: leave with the code of what failed. */
static void leave_if_done(struct ui *ui)
{
    const struct joblist_counts *c = &ui->jobs.counts;
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
    ui_watch_library(ui);
    if (changed || ui->disorder || order_is_stale(ui)) {
        bool first = !ui->ordered_at;
        put_in_order(ui);
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

/* ---- keys ---- */

static void remember(char **slot, const char *text)
{
    free(*slot);
    *slot = text[0] ? xstrdup(text) : NULL;
}

static void accept_filter(struct ui *ui, const char *text)
{
    struct haul_fault fault;
    if (joblist_set_filter(&ui->jobs, text, &fault) == HAUL_OK)
        ui->disorder = true;
    else
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
}

static void accept_search(struct ui *ui, const char *text)
{
    if (ui->view == VIEW_HELP) {
        remember(&ui->help_needle, text);
        ui->help_top = 0;
        return;
    }
    remember(&ui->needle, text);
    if (ui->needle)
        actions_search(ui, ui->needle, 1, true);
}

static void accept_prompt(struct ui *ui)
{
    static void (*const accept[])(struct ui * ui, const char *text) = {
        [PROMPT_SEARCH] = accept_search,
        [PROMPT_FILTER] = accept_filter,
        [PROMPT_LIMIT] = actions_set_limit,
        [PROMPT_WRITE] = actions_write_log,
    };
    char *text = xstrdup(ui->prompt.text.data);
    prompt_close(&ui->prompt);
    accept[ui->prompt_kind](ui, text);
    free(text);
}

/* The search runs along while it is typed, always from where it began. */
static void search_along(struct ui *ui)
{
    if (ui->prompt_kind != PROMPT_SEARCH || ui->view != VIEW_JOBS)
        return;
    joblist_move_to(&ui->jobs, ui->search_from);
    actions_search(ui, ui->prompt.text.data, 1, true);
}

static void prompt_takes(struct ui *ui, uint32_t key)
{
    if (key == UI_KEY_ENTER || key == '\n') {
        accept_prompt(ui);
    } else if (key == UI_KEY_ESC) {
        if (ui->prompt_kind == PROMPT_SEARCH)
            joblist_move_to(&ui->jobs, ui->search_from);
        prompt_close(&ui->prompt);
    } else if (key == UI_KEY_TAB && ui->prompt_kind == PROMPT_LIMIT) {
        actions_limit_other(ui);
    } else if (prompt_key(&ui->prompt, key)) {
        search_along(ui);
    }
}

/* What asks for the same key again; any other closes it. Nobody agrees to what he cannot see. */
static void same_key_takes(struct ui *ui, uint32_t key)
{
    enum ui_dialog dialog = ui->dialog;
    const struct keymap *keys = &ui->config->keys;
    enum ui_action again = keymap_action(keys, key, IN_LIST);
    ui->dialog = DIALOG_NONE;
    unsay(ui);
    if (ui->unseen && dialog != DIALOG_EXPLAIN) {
        ui_say(ui, ROLE_WARN, "Nothing was deleted: the question had not reached the screen yet.");
        return;
    }
    if (dialog == DIALOG_CANCEL && again == ACTION_cancel)
        actions_cancel_confirmed(ui);
    if (dialog == DIALOG_DELETE && again == ACTION_delete)
        actions_delete_confirmed(ui);
    if (dialog == DIALOG_REMOVE && keymap_action(keys, key, IN_LIBRARY) == ACTION_library_delete)
        actions_remove_confirmed(ui);
}

static void dialog_takes(struct ui *ui, uint32_t key)
{
    if (ui->dialog == DIALOG_BUILD) {
        actions_build_takes(ui, key);
        return;
    }
    if (ui->dialog != DIALOG_QUIT) {
        same_key_takes(ui, key);
        return;
    }
    if (key == 's' || key == 'w' || key == 'n' || key == UI_KEY_ESC)
        ui->dialog = DIALOG_NONE;
    if (key == 's')
        ui_leave(ui, 0);
    if (key == 'w')
        ui->leave_when_done = true;
}

static void add_takes(struct ui *ui, uint32_t key)
{
    switch (add_key(&ui->add, key)) {
    case ADD_CHANGED:
        actions_ask_source(ui);
        break;
    case ADD_ACCEPTED:
        actions_add_accepted(ui);
        break;
    case ADD_CANCELLED:
        add_close(&ui->add);
        break;
    case ADD_STAYS:
        break;
    }
}

/* A paste into the list is a list of things to fetch. */
static bool paste_takes(struct ui *ui, uint32_t key)
{
    if (key == UI_KEY_PASTE_BEGIN) {
        ui->pasting = true;
        ui->dialog = DIALOG_NONE;
        if (!ui->prompt.label && !ui->add.open)
            action_add(ui);
    } else if (key == UI_KEY_PASTE_END) {
        ui->pasting = false;
        if (ui->add.open) {
            add_paste_end(&ui->add);
            actions_ask_source(ui);
        }
    } else if (ui->pasting && ui->prompt.label) {
        if (key != '\r' && key != '\n')
            prompt_paste(&ui->prompt, key);
    } else if (ui->pasting) {
        add_paste(&ui->add, key);
    } else {
        return false;
    }
    return true;
}

enum key_place ui_place(const struct ui *ui)
{
    static const enum key_place places[] = {[VIEW_LOG] = IN_LOG,
                                            [VIEW_HELP] = IN_HELP,
                                            [VIEW_LIBRARY] = IN_LIBRARY,
                                            [VIEW_JOBS] = IN_LIST};
    return ui->view == VIEW_JOBS && ui->pane_open ? IN_PANE : places[ui->view];
}

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

#define CTRL_C 3
#define CTRL_L 12
#define CTRL_Z 26

static bool takes_text(const struct ui *ui)
{
    return ui->prompt.label || ui->dialog || ui->add.open;
}

void ui_key(struct ui *ui, uint32_t key)
{
    if (paste_takes(ui, key))
        return;
    if (key == CTRL_C) {
        ui->dialog = DIALOG_NONE;
        action_interrupt(ui);
    } else if (key == CTRL_Z && takes_text(ui)) {
        action_suspend(ui);
    } else if (key == CTRL_L && takes_text(ui)) {
        action_repaint(ui);
    } else if (ui->prompt.label) {
        prompt_takes(ui, key);
    } else if (ui->dialog) {
        dialog_takes(ui, key);
    } else if (ui->add.open) {
        unsay(ui);
        add_takes(ui, key);
    } else {
        unsay(ui);
        actions_run(ui, keymap_action(&ui->config->keys, key, ui_place(ui)));
    }
    if (ui->disorder)
        put_in_order(ui);
}
