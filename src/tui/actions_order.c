/* SPDX-License-Identifier: MIT */
/* Which jobs are shown and in which order, and how one is found: tabs, sorting, filter, search. */
#include "tui/actions.h"

/* What no line of the screen shows at this size is said. */
static void show_tab(struct ui *ui, enum tab tab)
{
    ui->jobs.tab = tab;
    ui->disorder = true;
    if (!ui_shows_order(ui))
        ui_say(ui, ROLE_NORMAL, "Tab %d: %s", (int)tab + 1, tab_name(tab));
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
    show_tab(ui, (ui->jobs.tab + 1) % TAB_COUNT);
}

static void sort_by(struct ui *ui, unsigned step, bool invert)
{
    struct joblist *m = &ui->jobs;
    m->sort = (m->sort + step) % SORT_COUNT;
    m->inverted ^= invert;
    ui->disorder = true;
    if (!ui_shows_order(ui))
        ui_say(ui, ROLE_NORMAL, "Sorted by %s%s", sort_name(m->sort),
               m->inverted ? ", inverted" : "");
}

void action_sort_next(struct ui *ui)
{
    sort_by(ui, 1, false);
}

void action_sort_previous(struct ui *ui)
{
    sort_by(ui, SORT_COUNT - 1, false);
}

void action_sort_invert(struct ui *ui)
{
    sort_by(ui, 0, true);
}

static void ask(struct ui *ui, enum ui_prompt kind, const char *label, const char *text)
{
    ui->prompt_kind = kind;
    prompt_open(&ui->prompt, label, text);
}

void action_filter(struct ui *ui)
{
    ask(ui, PROMPT_FILTER,
        "Filter (words, state: host: size>1G, | or, ! not):", ui->jobs.filter_text);
}

void action_search(struct ui *ui)
{
    ui->search_from = ui->jobs.cursor;
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
    if (ui->view == VIEW_LIBRARY) {
        if (!library_search(&ui->library, text, step, at_cursor))
            ui_say(ui, ROLE_WARN, "Not found: %s", text);
        return;
    }
    size_t row = joblist_search(&ui->jobs, text, step, at_cursor);
    if (row < ui->jobs.count)
        joblist_move_to(&ui->jobs, row);
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
