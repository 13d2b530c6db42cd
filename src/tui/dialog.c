/* SPDX-License-Identifier: MIT */
/* The boxes that stand before the list: leaving with downloads running, an error explained, a build
 * that is to be confirmed. */
#include <stdio.h>

#include "tui/remedy.h"
#include "tui/ui.h"

static struct area centred(const struct area *a, int rows, int cols)
{
    rows = rows < a->rows ? rows : a->rows;
    cols = cols < a->cols ? cols : a->cols;
    return area_sub(a, (a->rows - rows) / 2, (a->cols - cols) / 2, rows, cols);
}

static void draw_quit(const struct ui *ui, const struct area *a)
{
    static const char *const lines[] = {
        "s   save and stop: partial files stay, the next start goes on",
        "w   wait until all downloads are done, then quit",
        "n   stay here",
    };
    struct area box = centred(a, 8, 68);
    struct area in = draw_box(&box, "Quit");
    size_t n = ui->jobs.counts.active + ui->jobs.counts.queued + ui->jobs.counts.retrying;
    draw_textf(&in, 0, 0, ROLE_TITLE, "%zu download%s %s not done.", n, n == 1 ? "" : "s",
               n == 1 ? "is" : "are");
    for (int i = 0; i < (int)HAUL_ARRAY_LEN(lines); i++) {
        draw_text(&in, 2 + i, 1, ROLE_NORMAL, lines[i]);
        draw_role(&in, 2 + i, 1, 1, ROLE_TITLE);
    }
    draw_cursor(&in, 2, 1);
}

static void draw_explain(const struct ui *ui, const struct area *a)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (!row)
        return;
    const struct job_view *job = row->job;
    bool ascii = a->canvas->ascii;
    int cols = a->cols < 92 ? a->cols - 8 : 84;
    int rows = 8 + width_lines(job->fault.message, cols - 4, ascii) +
               width_lines(remedy_for(&job->fault), cols - 4, ascii);
    struct area box = centred(a, rows, cols);
    struct area in = draw_box(&box, "Why it failed");
    int y = 0;
    draw_fit(&in, y++, 0, in.cols, ROLE_TITLE, CUT_MIDDLE, job->name ? job->name : job->source);
    if (job->fault.code == HAUL_OK) {
        draw_text(&in, ++y, 0, ROLE_OK, "Nothing is wrong with this job.");
        return;
    }
    int x = draw_textf(&in, y, 0, ROLE_DIM, "error %s, exit code %d",
                       haul_error_code(job->fault.code), haul_error_exit(job->fault.code));
    if (job->fault.http_status)
        draw_textf(&in, y, x, ROLE_DIM, ", HTTP status %d", job->fault.http_status);
    y = draw_wrapped(&in, y + 2, 0, ROLE_ERROR, job->fault.message) + 1;
    draw_text(&in, y++, 0, ROLE_TITLE, "What to do");
    draw_wrapped(&in, y, 0, ROLE_NORMAL, remedy_for(&job->fault));
    draw_cursor(&in, 0, 0);
}

void draw_dialog(struct ui *ui, const struct area *a)
{
    if (ui->dialog == DIALOG_QUIT)
        draw_quit(ui, a);
    else if (ui->dialog == DIALOG_EXPLAIN)
        draw_explain(ui, a);
    else if (ui->dialog == DIALOG_BUILD)
        build_ask_draw(&ui->build, a);
}
