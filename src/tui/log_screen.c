/* SPDX-License-Identifier: MIT */
/* The log view: head line and lines. */
#include <stdio.h>

#include "tui/ui.h"

static const char *level_text(enum log_level level)
{
    return level == LOG_ERROR ? "errors" : level == LOG_WARN ? "warnings and errors" : "all levels";
}

void draw_log(struct ui *ui, const struct area *a)
{
    const struct log_view *l = &ui->log;
    const struct job_view *job = l->job[0] ? snapshot_find(&ui->snapshot, l->job) : NULL;
    int x = 1 + draw_text(a, 0, 1, ROLE_TITLE, "Log");
    x += draw_textf(a, 0, x, ROLE_NORMAL, "  %s  follow %s", level_text(l->level),
                    l->follow ? "on" : "off");
    if (job)
        draw_textf(a, 0, x, ROLE_MARK, "  job #%llu", (unsigned long long)job->number);
    char right[96];
    snprintf(right, sizeof right, "%zu lines  warn %zu  err %zu", l->count, l->warnings, l->errors);
    if (x + 12 + (int)sizeof "2000 lines  warn 99  err 99" < a->cols)
        draw_right(a, 0, a->cols - 1, ROLE_DIM, right);
    struct area lines = area_sub(a, 1, 0, a->rows - 1, a->cols);
    ui->page = lines.rows;
    if (!log_draw_lines(l, &lines, l->job, l->back))
        draw_wrapped(&lines, 0, 1, ROLE_DIM, "No such line has been logged.");
    draw_cursor(a, a->rows - 1, 0);
}
