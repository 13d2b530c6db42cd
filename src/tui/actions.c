/* SPDX-License-Identifier: MIT */
/* Actions that change what is shown: moving, folding, panes, help, errors explained; leaving. */
#include "tui/actions.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tui/term.h"

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
    case VIEW_LIBRARY:
        library_move(&ui->library, lines);
        break;
    case VIEW_JOBS:
        joblist_move(&ui->jobs, lines);
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

static void fold(struct ui *ui, bool closed)
{
    const struct row *row = joblist_current(&ui->jobs);
    ui->disorder |= joblist_fold(&ui->jobs, closed);
    if (row && row->job->file_count < 2)
        ui_say(ui, ROLE_DIM, "Only a job of several files can be folded.");
}

void action_fold(struct ui *ui)
{
    fold(ui, true);
}

void action_unfold(struct ui *ui)
{
    fold(ui, false);
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
    free(ui->help_needle);
    ui->help_needle = NULL;
}

/* In a help that was searched, first back to the whole. */
void action_back(struct ui *ui)
{
    if (ui->view == VIEW_HELP && ui->help_needle) {
        free(ui->help_needle);
        ui->help_needle = NULL;
        return;
    }
    if (ui->view == VIEW_LIBRARY && actions_library_back(ui))
        return;
    ui->view = ui->view == VIEW_HELP ? ui->view_before_help : VIEW_JOBS;
}

void action_mouse(struct ui *ui)
{
    ui->mouse = !ui->mouse;
    term_set_mouse(ui->mouse);
    ui_say(ui, ROLE_NORMAL,
           ui->mouse ? "Mouse on: click, wheel, keys of the last line."
                     : "Mouse off: the terminal selects text again.");
}

static bool has_to_explain(const struct job_view *job)
{
    return job->fault.code != HAUL_OK || job_letter(job) == 'R';
}

/* Of a job that is fine there is nothing to explain: then the failure that the screen shows. */
void action_explain(struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    const struct job_view *job = row && has_to_explain(row->job) ? row->job : ui_failure(ui);
    if (!job) {
        ui_say(ui, ROLE_DIM, "Nothing has failed.");
        return;
    }
    if (row && row->job == job && actions_needs_confirming(job)) {
        actions_ask_builds(ui);
        return;
    }
    memcpy(ui->asked, job->id, sizeof ui->asked);
    ui->dialog = DIALOG_EXPLAIN;
}

void action_repaint(struct ui *ui)
{
    ui->want_repaint = true;
}

/* Where nobody waits who could bring it back, the system does not stop a program. */
void action_suspend(struct ui *ui)
{
    ui->want_suspend = getsid(getppid()) == getsid(0);
    if (!ui->want_suspend)
        ui_say(ui, ROLE_DIM, "There is no shell here to go back to.");
}

/* ---- leaving ---- */

void action_quit(struct ui *ui)
{
    const struct joblist_counts *c = &ui->jobs.counts;
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
    else if (ui->add.open)
        add_close(&ui->add);
    else
        action_quit(ui);
}
