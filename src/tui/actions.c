/* SPDX-License-Identifier: MIT */
/* Actions that change what is shown: moving, folding, tabs, search, log, help, leaving. */
#include "tui/actions.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

#define TWICE_WITHIN (2 * CLOCK_SEC)

void actions_run(struct ui *ui, enum ui_action action)
{
    static void (*const handlers[ACTION_COUNT])(struct ui *) = {
#define X(id, name, keys, places, group, rank, footer, help) action_##id,
        UI_ACTIONS(X)
#undef X
    };
    if (action != ACTION_NONE)
        handlers[action](ui);
}

/* ---- moving ---- */

static void move(struct ui *ui, ptrdiff_t lines)
{
    switch (ui->view) {
    case VIEW_LOG:
        log_scroll(&ui->log, lines);
        break;
    case VIEW_HELP:
        if (lines < 0 && (size_t)-lines > ui->help_top)
            ui->help_top = 0;
        else
            ui->help_top += (size_t)lines;
        break;
    case VIEW_JOBS:
        model_move(&ui->model, lines);
        break;
    }
}

#define FAR ((ptrdiff_t)1 << 30)

void action_line_down(struct ui *ui)
{
    move(ui, 1);
}

void action_line_up(struct ui *ui)
{
    move(ui, -1);
}

void action_page_down(struct ui *ui)
{
    move(ui, ui->page);
}

void action_page_up(struct ui *ui)
{
    move(ui, -ui->page);
}

void action_half_down(struct ui *ui)
{
    move(ui, (ui->page + 1) / 2);
}

void action_half_up(struct ui *ui)
{
    move(ui, -((ui->page + 1) / 2));
}

void action_first(struct ui *ui)
{
    move(ui, -FAR);
}

void action_last(struct ui *ui)
{
    move(ui, FAR);
}

void action_fold(struct ui *ui)
{
    ui->disorder |= model_fold(&ui->model, true);
}

void action_unfold(struct ui *ui)
{
    ui->disorder |= model_fold(&ui->model, false);
}

/* ---- the detail pane ---- */

void action_detail(struct ui *ui)
{
    ui->pane_open = !ui->pane_open;
}

void action_pane_close(struct ui *ui)
{
    ui->pane_open = false;
}

void action_pane_next(struct ui *ui)
{
    ui->pane = (ui->pane + 1) % PANE_COUNT;
}

void action_pane_info(struct ui *ui)
{
    ui->pane = PANE_INFO;
}

void action_pane_parts(struct ui *ui)
{
    ui->pane = PANE_PARTS;
}

void action_pane_log(struct ui *ui)
{
    ui->pane = PANE_LOG;
}

/* ---- tabs, order, search ---- */

static void show_tab(struct ui *ui, enum tab tab)
{
    ui->model.tab = tab;
    ui->disorder = true;
}

void action_tab_all(struct ui *ui)
{
    show_tab(ui, TAB_ALL);
}

void action_tab_active(struct ui *ui)
{
    show_tab(ui, TAB_ACTIVE);
}

void action_tab_queue(struct ui *ui)
{
    show_tab(ui, TAB_QUEUE);
}

void action_tab_paused(struct ui *ui)
{
    show_tab(ui, TAB_PAUSED);
}

void action_tab_failed(struct ui *ui)
{
    show_tab(ui, TAB_FAILED);
}

void action_tab_done(struct ui *ui)
{
    show_tab(ui, TAB_DONE);
}

void action_tab_next(struct ui *ui)
{
    show_tab(ui, (ui->model.tab + 1) % TAB_COUNT);
}

static void sort_by(struct ui *ui, unsigned step)
{
    ui->model.sort = (ui->model.sort + step) % SORT_COUNT;
    ui->disorder = true;
}

void action_sort_next(struct ui *ui)
{
    sort_by(ui, 1);
}

void action_sort_previous(struct ui *ui)
{
    sort_by(ui, SORT_COUNT - 1);
}

void action_sort_invert(struct ui *ui)
{
    ui->model.inverted = !ui->model.inverted;
    ui->disorder = true;
}

static void ask(struct ui *ui, enum ui_prompt kind, const char *label, const char *text)
{
    ui->prompt_kind = kind;
    prompt_open(&ui->prompt, label, text);
}

void action_filter(struct ui *ui)
{
    ask(ui, PROMPT_FILTER, "Filter:", ui->model.filter);
}

void action_search(struct ui *ui)
{
    ui->search_from = ui->model.cursor;
    ask(ui, PROMPT_SEARCH, "Find:", NULL);
}

void actions_search(struct ui *ui, const char *text, int step, bool at_cursor)
{
    if (ui->view == VIEW_LOG) {
        /* In the log the newest line is last: "next" goes back in time. */
        if (!log_search(&ui->log, text, -step))
            ui_say(ui, ROLE_WARN, "Not found: %s", text);
        return;
    }
    size_t row = model_search(&ui->model, text, step, at_cursor);
    if (row < ui->model.count)
        model_move_to(&ui->model, row);
    else if (!ui->prompt.label)
        ui_say(ui, ROLE_WARN, "Not found: %s", text);
}

void action_search_next(struct ui *ui)
{
    if (ui->needle)
        actions_search(ui, ui->needle, 1, false);
    else
        action_search(ui);
}

void action_search_previous(struct ui *ui)
{
    if (ui->needle)
        actions_search(ui, ui->needle, -1, false);
    else
        action_search(ui);
}

/* ---- display ---- */

void action_follow(struct ui *ui)
{
    ui->follow = !ui->follow;
    ui_say(ui, ROLE_NORMAL, ui->follow ? "The cursor follows what runs." : "Follow is off.");
}

void action_freeze(struct ui *ui)
{
    ui->frozen = !ui->frozen;
    if (ui->frozen)
        ui_say(ui, ROLE_WARN, "The display stands still; downloads go on. Z again ends it.");
}

void action_header(struct ui *ui)
{
    ui->header_hidden = !ui->header_hidden;
}

void action_help(struct ui *ui)
{
    if (ui->view == VIEW_HELP) {
        action_back(ui);
        return;
    }
    ui->view_before_help = ui->view;
    ui->view = VIEW_HELP;
    ui->help_top = 0;
}

void action_back(struct ui *ui)
{
    ui->view = ui->view == VIEW_HELP ? ui->view_before_help : VIEW_JOBS;
}

void action_explain(struct ui *ui)
{
    if (model_current(&ui->model))
        ui->dialog = DIALOG_EXPLAIN;
}

void action_repaint(struct ui *ui)
{
    ui->want_repaint = true;
}

void action_suspend(struct ui *ui)
{
    ui->want_suspend = true;
}

/* ---- the log ---- */

void action_log(struct ui *ui)
{
    ui->view = ui->view == VIEW_LOG ? VIEW_JOBS : VIEW_LOG;
    ui->log.job[0] = '\0';
}

void action_log_follow(struct ui *ui)
{
    ui->log.follow = !ui->log.follow;
    if (ui->log.follow)
        ui->log.back = 0;
}

static void log_from(struct ui *ui, enum log_level level)
{
    ui->log.level = level;
    ui->log.back = 0;
}

void action_log_all(struct ui *ui)
{
    log_from(ui, LOG_INFO);
}

void action_log_warnings(struct ui *ui)
{
    log_from(ui, LOG_WARN);
}

void action_log_errors(struct ui *ui)
{
    log_from(ui, LOG_ERROR);
}

void action_log_job(struct ui *ui)
{
    const struct row *row = model_current(&ui->model);
    bool only = row && !ui->log.job[0];
    memset(ui->log.job, 0, sizeof ui->log.job);
    if (only)
        memcpy(ui->log.job, row->job->id, sizeof ui->log.job);
    ui->log.back = 0;
}

/* ---- leaving ---- */

void action_quit(struct ui *ui)
{
    const struct model_counts *c = &ui->model.counts;
    if (ui->options->remote || !(c->active + c->queued + c->retrying))
        ui_leave(ui, 0);
    else
        ui->dialog = DIALOG_QUIT;
}

void action_interrupt(struct ui *ui)
{
    int64_t now = clock_now();
    if (ui->interrupted_at && now - ui->interrupted_at <= TWICE_WITHIN) {
        ui_leave(ui, 130);
        return;
    }
    ui->interrupted_at = now ? now : 1;
    if (ui->prompt.label)
        prompt_close(&ui->prompt);
    else
        action_quit(ui);
}
