/* SPDX-License-Identifier: MIT */
/* Marking: what is marked is what actions are for. */
#include <string.h>

#include "tui/actions.h"

/* The files of a marked job share its mark: on to what can be marked next. */
static void move_on(struct joblist *m)
{
    const struct row *from = joblist_current(m);
    size_t next = m->cursor + 1;
    while (from->file == ROW_JOB && next < m->count && m->rows[next].job == from->job)
        next++;
    if (next < m->count)
        joblist_move_to(m, next);
}

void action_mark(struct ui *ui)
{
    if (!joblist_current(&ui->jobs))
        ui_say(ui, ROLE_DIM, "There is no job here.");
    else if (joblist_toggle_mark(&ui->jobs))
        move_on(&ui->jobs);
    else
        ui_say(ui, ROLE_DIM, "The whole job is marked; unmark it in its own row.");
}

void action_mark_all(struct ui *ui)
{
    for (size_t i = 0; i < ui->jobs.count; i++)
        joblist_mark(&ui->jobs, i);
}

void action_mark_range(struct ui *ui)
{
    if (joblist_mark_range(&ui->jobs))
        ui_say(ui, ROLE_MARK, "Move to the other end of the range, then press %.*s again.",
               (int)strcspn(keymap_keys(&ui->config->keys, ACTION_mark_range), " "),
               keymap_keys(&ui->config->keys, ACTION_mark_range));
}

void action_mark_none(struct ui *ui)
{
    ui->jobs.range_id[0] = '\0';
    row_set_clear(&ui->jobs.marks);
}
