/* SPDX-License-Identifier: MIT */
/* Marking: what is marked is what actions are for. */
#include <string.h>

#include "tui/actions.h"

void action_mark(struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (!row)
        return;
    id_set_toggle(&ui->jobs.marks, row->job->id);
    /* Down to the next job: the files of one job share its mark. */
    const struct job_view *job = row->job;
    while (ui->jobs.cursor + 1 < ui->jobs.count && joblist_current(&ui->jobs)->job == job)
        joblist_move(&ui->jobs, 1);
}

void action_mark_all(struct ui *ui)
{
    for (size_t i = 0; i < ui->jobs.count; i++)
        id_set_add(&ui->jobs.marks, ui->jobs.rows[i].job->id);
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
    id_set_clear(&ui->jobs.marks);
}
