/* SPDX-License-Identifier: MIT */
/*
 * One frame: which lines the screen has at which size, from top to bottom. Space goes to the list
 * first; the lines around it drop out in fixed steps.
 */
#include <stdio.h>

#include "core/units.h"
#include "tui/bar.h"
#include "tui/format.h"
#include "tui/ui.h"

enum { HIDEABLE = 1, NEEDS_MESSAGE = 2, REPLACED_BY_MESSAGE = 4, TALL_PANE = 8 };

static void head_line(struct ui *ui, const struct area *a)
{
    (void)ui;
    draw_jobs_head(a);
}

static void tabs_line(struct ui *ui, const struct area *a)
{
    draw_tabs(ui, a);
}

static void footer_line(struct ui *ui, const struct area *a)
{
    draw_footer(ui, a);
}

struct fixed_line {
    void (*draw)(struct ui *ui, const struct area *a);
    int min_rows, min_cols;
    unsigned flags;
};

static const struct fixed_line above[] = {
    {draw_header, 4, 1, HIDEABLE},
    {draw_total, 16, 60, HIDEABLE | TALL_PANE},
    {tabs_line, 24, 110, HIDEABLE | TALL_PANE},
    {head_line, 8, 60, 0},
};

static const struct fixed_line below[] = {
    {draw_message, 16, 1, 0},
    {draw_message, 3, 1, NEEDS_MESSAGE},
    {draw_status, 8, 1, REPLACED_BY_MESSAGE},
    {draw_order, 18, 60, TALL_PANE},
    {footer_line, 6, 1, 0},
};

static bool line_shows(const struct ui *ui, const struct area *a, const struct fixed_line *l)
{
    bool own_line = a->rows >= 16, message = ui_has_message(ui);
    if (a->rows < l->min_rows || a->cols < l->min_cols)
        return false;
    if ((l->flags & HIDEABLE) && ui->header_hidden)
        return false;
    if ((l->flags & TALL_PANE) && ui->pane_open && a->rows < 30)
        return false;
    if (l->flags & NEEDS_MESSAGE)
        return message && !own_line;
    if (l->flags & REPLACED_BY_MESSAGE)
        return own_line || !message;
    return true;
}

bool ui_shows_order(const struct ui *ui)
{
    const struct area a = {.rows = ui->canvas.rows, .cols = ui->canvas.cols};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(below); i++)
        if (below[i].draw == draw_order)
            return line_shows(ui, &a, &below[i]);
    return false;
}

static int count_lines(const struct ui *ui, const struct area *a, const struct fixed_line *lines,
                       size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += line_shows(ui, a, &lines[i]);
    return count;
}

static int draw_lines(struct ui *ui, const struct area *a, int y, const struct fixed_line *lines,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!line_shows(ui, a, &lines[i]))
            continue;
        struct area line = area_sub(a, y++, 0, 1, a->cols);
        lines[i].draw(ui, &line);
    }
    return y;
}

/* With the pane open the list keeps a part, and not less than three rows. */
static int pane_rows(int rows)
{
    int list = rows < 24 ? rows / 4 : rows / 3;
    if (list < 3)
        list = 3;
    return rows - list >= 4 ? rows - list : 0;
}

static void draw_list_view(struct ui *ui, const struct area *a)
{
    int bottom = count_lines(ui, a, below, HAUL_ARRAY_LEN(below));
    int y = draw_lines(ui, a, 0, above, HAUL_ARRAY_LEN(above));
    int rows = a->rows - bottom - y;
    int pane = ui->pane_open ? pane_rows(rows) : 0;
    struct area list = area_sub(a, y, 0, rows - pane, a->cols);
    draw_jobs(ui, &list);
    if (pane) {
        struct area detail = area_sub(a, y + rows - pane, 0, pane, a->cols);
        draw_detail(ui, &detail);
    }
    draw_lines(ui, a, a->rows - bottom, below, HAUL_ARRAY_LEN(below));
}

static void draw_full_view(struct ui *ui, const struct area *a)
{
    int footer = a->rows >= 4;
    struct area body = area_sub(a, 0, 0, a->rows - footer, a->cols);
    struct area line = area_sub(a, a->rows - 1, 0, footer, a->cols);
    if (ui->view == VIEW_LOG)
        draw_log(ui, &body);
    else if (ui->view == VIEW_LIBRARY)
        draw_library(ui, &body);
    else
        draw_help(ui, &body);
    if (ui->prompt.label || ui->message)
        draw_message(ui, &line);
    else
        draw_footer(ui, &line);
}

/* Too small for a list: one line that says how things stand. */
static void draw_tiny(struct ui *ui, const struct area *a)
{
    const struct totals_view *t = &ui->snapshot.totals;
    char percent[UNITS_TEXT_SIZE], rate[UNITS_TEXT_SIZE];
    format_percent(t->bytes, t->total, false, percent);
    units_format_size(t->rate, rate);
    ui->page = 1;
    if (ui->prompt.label || ui->message) {
        draw_message(ui, a);
        return;
    }
    draw_textf(a, 0, 0, ROLE_NORMAL, "%zu act %s %s", ui->jobs.counts.active, percent, rate);
}

void ui_draw(struct ui *ui)
{
    struct area a = area_whole(&ui->canvas);
    canvas_erase(&ui->canvas);
    ui->hit_count = 0;
    if (a.cols < 20 || a.rows < 3)
        draw_tiny(ui, &a);
    else if (ui->view == VIEW_JOBS)
        draw_list_view(ui, &a);
    else
        draw_full_view(ui, &a);
    if (ui->add.open) {
        struct area above_footer = area_sub(&a, 0, 0, a.rows - (a.rows > 6), a.cols);
        add_draw(&ui->add, &above_footer);
    }
    draw_dialog(ui, &a);
}
