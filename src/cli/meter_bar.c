/* SPDX-License-Identifier: MIT */
/* Live lines of progress, fitted to the terminal's width; see meter_format.h. */
#include <string.h>

#include "api/json.h"
#include "cli/columns.h"
#include "cli/meter_format.h"
#include "cli/meter_text.h"
#include "core/clock.h"
#include "core/units.h"

#define NAME_MIN     8
#define PERCENT_SIZE 5  /* " 100%" */
#define SIZES_SIZE   20 /* " 1023.9 MiB/12.3 GiB" */
#define RATE_SIZE    12 /* " 82.1 MiB/s" */
#define ETA_SIZE     9  /* " 1:02:03" */
#define BAR_MAX      30

/* Columns of each part; 0: left out for want of room. */
struct parts {
    size_t name, bar, sizes, rate, eta;
};

static bool take(size_t *left, size_t size)
{
    if (*left < size)
        return false;
    *left -= size;
    return true;
}

/* The percentage stays longest, then the ETA, the rate, the sizes, the bar. */
static struct parts share_out(size_t width)
{
    struct parts p = {0};
    size_t left = width > PERCENT_SIZE + NAME_MIN ? width - PERCENT_SIZE - NAME_MIN : 0;
    p.eta = take(&left, ETA_SIZE) ? ETA_SIZE : 0;
    p.rate = p.eta && take(&left, RATE_SIZE) ? RATE_SIZE : 0;
    p.sizes = p.rate && take(&left, SIZES_SIZE) ? SIZES_SIZE : 0;
    size_t bar = left / 2 > BAR_MAX ? BAR_MAX : left / 2;
    p.bar = p.sizes && bar >= 6 && take(&left, bar) ? bar : 0;
    p.name = NAME_MIN + left;
    return p;
}

static void add_cells(struct buf *cells, int64_t permille, size_t width, bool ascii)
{
    static const char *const eighths[] = {"",       "\u258f", "\u258e", "\u258d",
                                          "\u258c", "\u258b", "\u258a", "\u2589"};
    size_t done = (size_t)(permille > 0 ? permille : 0) * width * 8 / 1000;
    size_t at = 0;
    for (; at < done / 8; at++)
        buf_add_str(cells, ascii ? "#" : "\u2588");
    if (!ascii && done % 8 && at++ < width)
        buf_add_str(cells, eighths[done % 8]);
    for (; at < width; at++)
        buf_add_char(cells, ascii ? '-' : ' ');
}

static void add_bar(struct buf *out, int64_t permille, size_t width,
                    const struct meter_style *style)
{
    struct buf cells;
    buf_init(&cells);
    add_cells(&cells, permille, width - 3, style->ascii);
    buf_add_str(out, " [");
    meter_add_word(out, INK_BAR, style->color, cells.data);
    buf_add_char(out, ']');
    buf_release(&cells);
}

static void add_right(struct buf *out, const char *text, size_t width)
{
    size_t len = strlen(text);
    if (width && len <= width)
        buf_addf(out, "%*s", (int)width, text);
}

static void add_speed(struct buf *out, const struct job_view *job, const struct parts *p,
                      int64_t now)
{
    struct buf condition;
    buf_init(&condition);
    meter_add_condition(&condition, job, now);
    if (condition.len) {
        add_right(out, condition.data, p->rate + p->eta);
    } else {
        char text[UNITS_TEXT_SIZE];
        units_format_rate(job->rate, text);
        add_right(out, text, p->rate);
        units_format_eta(job->eta < 0 ? -1 : units_round_eta(job->eta), text);
        add_right(out, text, p->eta);
    }
    buf_release(&condition);
}

void meter_format_bar(struct buf *out, const struct job_view *job, const struct meter_style *style,
                      int64_t now)
{
    struct parts p = share_out(style->width);
    int64_t permille = api_permille(job->bytes, job->total);
    size_t room = style->width < NAME_MIN + PERCENT_SIZE ? style->width : p.name;
    columns_pad(out, meter_name(job), room, style->ascii);
    if (style->width < NAME_MIN + PERCENT_SIZE)
        return;
    if (p.bar)
        add_bar(out, permille, p.bar, style);
    if (permille < 0)
        buf_addf(out, "%*s", PERCENT_SIZE, "?");
    else
        buf_addf(out, "%*d%%", PERCENT_SIZE - 1, (int)(permille / 10));
    struct buf sizes;
    buf_init(&sizes);
    meter_add_sizes(&sizes, job->bytes, job->total);
    add_right(out, sizes.data, p.sizes);
    buf_release(&sizes);
    add_speed(out, job, &p, now);
}

static void add_count(struct buf *line, size_t n, const char *what)
{
    if (n)
        buf_addf(line, "%s%zu %s", line->len ? " " : "", n, what);
}

size_t meter_format_total(struct buf *out, const struct snapshot *s, size_t hidden,
                          const struct meter_style *style)
{
    const struct totals_view *t = &s->totals;
    char text[UNITS_TEXT_SIZE];
    struct buf line;
    buf_init(&line);
    add_count(&line,
              t->by_state[JOB_RESOLVING] + t->by_state[JOB_RUNNING] + t->by_state[JOB_VERIFYING],
              "active");
    add_count(&line, hidden, "not shown");
    add_count(&line, t->by_state[JOB_QUEUED], "queued");
    add_count(&line, t->by_state[JOB_FAILED], "failed");
    buf_add_str(&line, "  ");
    meter_add_sizes(&line, t->total < 0 ? t->bytes : t->known, t->total);
    units_format_rate(t->rate, text);
    buf_addf(&line, "  %s", text);
    if (t->eta >= 0) {
        units_format_eta(units_round_eta(t->eta), text);
        buf_addf(&line, "  eta %s", text);
    }
    struct buf cut;
    buf_init(&cut);
    size_t columns = columns_add(&cut, line.data, style->width, style->ascii);
    meter_add_word(out, INK_HEAD, style->color, cut.data);
    buf_release(&cut);
    buf_release(&line);
    return columns;
}
