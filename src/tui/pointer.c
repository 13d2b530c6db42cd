/* SPDX-License-Identifier: MIT */
/* The mouse: a click selects a row, a second one opens it, keys and tabs can be clicked on. */
#include "tui/actions.h"

#define WHEEL_ROWS 3

void ui_add_hit(struct ui *ui, const struct area *a, int from, int to, enum ui_action action)
{
    if (ui->hit_count < UI_HITS)
        ui->hits[ui->hit_count++] =
            (struct ui_hit){.y = a->y, .from = a->x + from, .to = a->x + to, .action = action};
}

static enum ui_action action_at(const struct ui *ui, int y, int x)
{
    for (size_t i = 0; i < ui->hit_count; i++)
        if (ui->hits[i].y == y && x >= ui->hits[i].from && x < ui->hits[i].to)
            return ui->hits[i].action;
    return ACTION_NONE;
}

/* Where the row under the cursor has two lines, what is below it is one further down. */
static size_t row_at(const struct ui *ui, int line)
{
    const struct joblist *m = &ui->jobs;
    bool two_lines = ui->page < ui->list.rows;
    size_t row = m->top + (size_t)line;
    return two_lines && row > m->cursor ? row - 1 : row;
}

static void click_list(struct ui *ui, int y)
{
    int line = y - ui->list.y;
    if (ui->view != VIEW_JOBS || line < 0 || line >= ui->list.rows)
        return;
    size_t row = row_at(ui, line);
    if (row == ui->jobs.cursor)
        action_detail(ui);
    else if (row < ui->jobs.count)
        joblist_move_to(&ui->jobs, row);
}

void ui_mouse(struct ui *ui, enum mouse_event event, int y, int x)
{
    if (ui->prompt.label || ui->add.open || ui->dialog)
        return;
    for (int i = 0; event != MOUSE_CLICK && i < WHEEL_ROWS; i++)
        actions_run(ui, event == MOUSE_WHEEL_UP ? ACTION_line_up : ACTION_line_down);
    if (event != MOUSE_CLICK)
        return;
    enum ui_action action = action_at(ui, y, x);
    if (action != ACTION_NONE)
        actions_run(ui, action);
    else
        click_list(ui, y);
}
