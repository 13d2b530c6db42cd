/* SPDX-License-Identifier: MIT */
/* The boxes that stand before the list: leaving with downloads running, an error explained, a build
 * that is to be confirmed. */
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tui/actions.h"
#include "tui/format.h"
#include "tui/targets.h"

static struct area centred(const struct area *a, int rows, int cols)
{
    rows = rows < a->rows ? rows : a->rows;
    cols = cols < a->cols ? cols : a->cols;
    return area_sub(a, (a->rows - rows) / 2, (a->cols - cols) / 2, rows, cols);
}

/* The long forms where all of them fit; on a small screen the choices come before everything. */
static void draw_quit(const struct ui *ui, const struct area *a)
{
    static const char *const lines[][2] = {
        {"s   save and stop: partial files stay, the next start goes on", "s  save and stop"},
        {"w   wait until all downloads are done, then quit", "w  wait and quit"},
        {"n   stay here", "n  stay here"},
    };
    const int choices = (int)HAUL_ARRAY_LEN(lines);
    struct area box = centred(a, 8, 68);
    struct area in = draw_box(&box, "Quit");
    bool brief = in.cols < 63;
    size_t n = ui->jobs.counts.active + ui->jobs.counts.queued + ui->jobs.counts.retrying;
    int y = in.rows > choices + 1 ? 2 : in.rows - choices;
    if (y > 0)
        draw_textf(&in, 0, 0, ROLE_TITLE, "%zu download%s %s not done.", n, n == 1 ? "" : "s",
                   n == 1 ? "is" : "are");
    draw_cursor(&in, y, brief ? 0 : 1);
    for (int i = 0; i < choices; i++, y++) {
        draw_text(&in, y, brief ? 0 : 1, ROLE_NORMAL, lines[i][brief]);
        draw_role(&in, y, brief ? 0 : 1, 1, ROLE_TITLE);
    }
}

/* What has happened, why, and what can be done. */
struct explanation {
    const char *title, *remedy;
    char what[256];
    char *why; /* owned */
};

static struct explanation explain_wait(const struct job_view *job)
{
    struct explanation e = {.title = "Why it waits",
                            .remedy = "It goes on by itself. p pauses it, c cancels it."};
    char span[UNITS_TEXT_SIZE] = "";
    int64_t left = job->retry_at - clock_now();
    format_span(left > 0 ? (left + CLOCK_SEC - 1) / CLOCK_SEC : 0, span);
    if (job->retry_try)
        snprintf(e.what, sizeof e.what, "try %u of %u in %s", job->retry_try, job->retry_max, span);
    else
        snprintf(e.what, sizeof e.what, "the host asked to be left alone, for %s more", span);
    e.why = xstrdup(job->retry_why ? job->retry_why : "the last try failed");
    return e;
}

static struct explanation explain_fault(const struct job_view *job)
{
    const struct haul_fault *f = &job->fault;
    struct explanation e = {.title =
                                job->state == JOB_PAUSED ? "Why it is paused" : "Why it failed",
                            .remedy = actions_remedy(job)};
    char status[48] = "";
    if (f->http_status)
        snprintf(status, sizeof status, ", HTTP status %d", f->http_status);
    snprintf(e.what, sizeof e.what, "error %s, exit code %d%s", haul_error_code(f->code),
             haul_error_exit(f->code), status);
    e.why = xstrdup(f->message);
    return e;
}

/* Where not all fits, the remedy is what is needed most: the reason gets the rest. */
static void draw_explain_tight(const struct area *in, const struct explanation *e, enum role role)
{
    int remedy = width_lines(e->remedy, in->cols, in->canvas->ascii);
    int rows = in->rows - remedy > 1 ? in->rows - remedy : 1;
    struct area top = area_sub(in, 0, 0, rows, in->cols);
    struct area rest = area_sub(in, rows, 0, in->rows - rows, in->cols);
    draw_wrapped(&top, 0, 0, role, e->why);
    draw_wrapped(&rest, 0, 0, ROLE_NORMAL, e->remedy);
}

static void draw_explain_whole(const struct area *in, const struct explanation *e, enum role role,
                               const char *name)
{
    int y = 0;
    draw_fit(in, y++, 0, in->cols, ROLE_TITLE, CUT_MIDDLE, name);
    draw_fit(in, y, 0, in->cols, ROLE_DIM, CUT_END, e->what);
    y = draw_wrapped(in, y + 2, 0, role, e->why) + 1;
    draw_text(in, y++, 0, ROLE_TITLE, "What to do");
    draw_wrapped(in, y, 0, ROLE_NORMAL, e->remedy);
}

static void draw_explain(const struct ui *ui, const struct area *a)
{
    const struct job_view *job = snapshot_find(&ui->snapshot, ui->asked);
    if (!job)
        return;
    bool waits = job->fault.code == HAUL_OK, ascii = a->canvas->ascii;
    struct explanation e = waits ? explain_wait(job) : explain_fault(job);
    enum role role = waits ? ROLE_WARN : ROLE_ERROR;
    int cols = a->cols < 60 ? a->cols : a->cols < 92 ? a->cols - 8 : 84;
    int rows = 8 + width_lines(e.why, cols - 4, ascii) + width_lines(e.remedy, cols - 4, ascii);
    struct area box = centred(a, rows, cols);
    struct area in = draw_box(&box, e.title);
    if (box.rows < rows)
        draw_explain_tight(&in, &e, role);
    else
        draw_explain_whole(&in, &e, role, target_name(job));
    draw_cursor(&in, 0, 0);
    free(e.why);
}

void draw_dialog(struct ui *ui, const struct area *a)
{
    if (ui->dialog == DIALOG_QUIT)
        draw_quit(ui, a);
    else if (ui->dialog == DIALOG_EXPLAIN)
        draw_explain(ui, a);
    else if (ui->dialog == DIALOG_BUILD)
        build_ask_draw(&ui->build, a, ui->options->remote);
}
