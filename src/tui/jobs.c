/* SPDX-License-Identifier: MIT */
/* The list of jobs and their files. Draws the visible rows only, however many there are. */
#include <stdio.h>

#include "core/clock.h"
#include "tui/bar.h"
#include "tui/format.h"
#include "tui/ui.h"

void draw_jobs_head(const struct area *a)
{
    struct columns c = columns_for(a->cols);
    draw_text(a, 0, 2, ROLE_TITLE, c.priority ? "S P Name" : "S Name");
    int x = c.lead + c.priority + c.name + 1;
    draw_text(a, 0, x, ROLE_TITLE, "Progress");
    x += c.bar;
    const struct {
        int width;
        const char *text;
    } heads[] = {{c.percent, "%"},
                 {c.size, c.wide ? "Done/Size" : "Size"},
                 {c.speed, "Speed"},
                 {c.eta, "ETA"},
                 {c.connections, "Cn"}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(heads); i++) {
        x += heads[i].width;
        if (heads[i].width)
            draw_right(a, 0, x, ROLE_TITLE, heads[i].text);
    }
}

/* Job names lose their middle, file names their start: the end tells shards apart. */
static void draw_name(const struct ui *ui, const struct area *a, int y, int x, int cols,
                      const struct row *row, enum role role)
{
    const struct glyphs *g = theme_glyphs(a->canvas->ascii);
    const struct job_view *job = row->job;
    const char *name = job->name && job->name[0] ? job->name : job->source;
    if (!name || !name[0])
        name = "(no name)";
    if (row->file != ROW_JOB) {
        bool last = row->file + 1 == job->file_count;
        draw_text(a, y, x + 2, ROLE_DIM, last ? g->last_branch : g->branch);
        draw_fit(a, y, x + 4, cols - 4, role, CUT_LEFT, job->files[row->file].name);
        return;
    }
    if (job->file_count > 1) {
        draw_text(a, y, x, role, joblist_is_folded(&ui->jobs, job) ? g->closed : g->open);
        x += 2;
        cols -= 2;
    }
    int used = draw_fit(a, y, x, cols, role, CUT_MIDDLE, name);
    char files[48];
    int len = snprintf(files, sizeof files, " (%zu files)", job->file_count);
    if (job->file_count > 1 && joblist_is_folded(&ui->jobs, job) && used + len <= cols)
        draw_text(a, y, x + used, ROLE_DIM, files);
}

static void draw_figures(const struct area *a, int y, int x, const struct columns *c,
                         const struct row_text *t, enum role role)
{
    char connections[16];
    snprintf(connections, sizeof connections, t->connections ? "%u" : "-", t->connections);
    enum role activity = t->letter == 'D' || t->letter == 'Q' ? role : t->role;
    x += c->percent;
    if (c->percent)
        draw_right(a, y, x, role, t->percent);
    x += c->size;
    if (c->size)
        draw_right(a, y, x, role, t->size);
    x += c->speed;
    if (t->tail[0] && c->eta) {
        draw_right(a, y, x + c->eta, activity, t->tail);
    } else {
        if (c->speed)
            draw_right(a, y, x, activity, t->speed);
        if (c->eta)
            draw_right(a, y, x + c->eta, role, t->eta);
    }
    if (c->connections)
        draw_right(a, y, x + c->eta + c->connections, role, connections);
}

static void draw_row(struct ui *ui, const struct area *a, int y, const struct row *row,
                     const struct columns *c, bool current)
{
    struct row_text t;
    row_text(&t, row, c, clock_now());
    bool marked = joblist_is_marked(&ui->jobs, (size_t)(row - ui->jobs.rows));
    enum role role = marked ? ROLE_MARK : t.letter == 'C' ? ROLE_DIM : ROLE_NORMAL;
    int letter_at = c->lead - 2;
    if (marked)
        draw_text(a, y, letter_at - 1, ROLE_MARK, "*");
    if (current)
        draw_text(a, y, 0, ROLE_TITLE, ">");
    draw_char(a, y, letter_at, t.role, (wchar_t)t.letter);
    int x = c->lead;
    if (c->priority && row->file == ROW_JOB && row->job->priority)
        draw_textf(a, y, x, role, "%d", row->job->priority);
    x += c->priority;
    draw_name(ui, a, y, x, c->name, row, role);
    if (current)
        draw_role(a, y, c->lead, c->priority + c->name, ROLE_CURSOR);
    x += c->name;
    if (c->bar)
        bar_draw(a, y, ++x, c->bar, t.role, t.done, t.total);
    draw_figures(a, y, x + c->bar, c, &t, current && role != ROLE_MARK ? ROLE_TITLE : role);
}

/* Where there is no room for bars, the row under the cursor has one on a line of its own. */
static void draw_second_line(const struct area *a, int y, const struct row *row,
                             const struct columns *c)
{
    struct row_text t;
    row_text(&t, row, c, clock_now());
    bar_draw(a, y, c->lead, a->cols - c->lead - 9, t.role, t.done, t.total);
    draw_right(a, y, a->cols, ROLE_NORMAL, t.eta);
}

static const char *why_empty(const struct ui *ui)
{
    if (!ui->snapshot.count)
        return "Nothing to download yet. Press a to add, or paste URLs here.";
    return ui->jobs.filter ? "Nothing matches the filter. An empty one shows all again."
                           : "No job here. Tab shows the next list.";
}

void draw_jobs(struct ui *ui, const struct area *a)
{
    struct joblist *m = &ui->jobs;
    struct columns c = columns_for(a->cols);
    int extra = !c.bar && c.percent && c.speed && a->rows > 3;
    int height = a->rows - extra;
    ui->page = height > 1 ? height : 1;
    joblist_scroll(m, (size_t)ui->page);
    ui->list = *a;
    int y = 0;
    for (size_t i = m->top; i < m->count && y < a->rows; i++) {
        bool current = i == m->cursor;
        draw_row(ui, a, y, &m->rows[i], &c, current);
        if (current)
            draw_cursor(a, y, 0);
        y++;
        if (current && extra)
            draw_second_line(a, y++, &m->rows[i], &c);
    }
    if (m->count)
        return;
    draw_text(a, a->rows > 3 ? 1 : 0, 4, ROLE_DIM, why_empty(ui));
    draw_cursor(a, 0, 0);
}
