/* SPDX-License-Identifier: MIT */
/* See detail_parts.h. */
#include "tui/detail_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/units.h"
#include "tui/format.h"

#define MARGIN 10
#define MIB    ((int64_t)1 << 20)

enum coverage { MISSING, BEGUN, WHOLE };

static const struct {
    const char *glyph[2]; /* UTF-8, ASCII */
    enum role role;
} looks[] = {
    [MISSING] = {{"·", "."}, ROLE_DIM},
    [BEGUN] = {{"▒", "+"}, ROLE_WARN},
    [WHOLE] = {{"█", "#"}, ROLE_OK},
};

/* Cell i of n on the screen stands for a share of the cells that the engine reports. */
static enum coverage coverage_of(const struct detail_view *v, size_t i, size_t n)
{
    size_t from = i * v->cell_count / n, to = (i + 1) * v->cell_count / n;
    if (to <= from)
        to = from + 1;
    bool whole = true, any = false;
    for (size_t c = from; c < to; c++) {
        whole = whole && v->cells[c] == 255;
        any = any || v->cells[c];
    }
    return whole ? WHOLE : any ? BEGUN : MISSING;
}

static void draw_legend(const struct area *a, int y, const size_t counts[3], int64_t cell_bytes)
{
    char size[UNITS_TEXT_SIZE];
    units_format_size(cell_bytes, size);
    int x = MARGIN + draw_textf(a, y, MARGIN, ROLE_NORMAL, "%s a cell:  ", size);
    static const char *const words[] = {"missing", "begun", "whole"};
    for (enum coverage c = WHOLE + 1; c-- > MISSING;) {
        x += draw_text(a, y, x, looks[c].role, looks[c].glyph[a->canvas->ascii]);
        x += draw_textf(a, y, x, ROLE_NORMAL, " %zu %s  ", counts[c], words[c]);
    }
}

int draw_parts(const struct area *a, int y, int map_rows, const struct file_view *file,
               const struct detail_view *view)
{
    int width = a->cols - MARGIN - 1;
    if (width < 8 || map_rows < 1 || !view->cell_count || file->total <= 0)
        return y;
    size_t cells = (size_t)width * (size_t)map_rows;
    if (cells > view->cell_count)
        cells = view->cell_count;
    size_t counts[3] = {0};
    for (size_t i = 0; i < cells; i++) {
        enum coverage c = coverage_of(view, i, cells);
        counts[c]++;
        draw_text(a, y + 1 + (int)i / width, MARGIN + (int)i % width, looks[c].role,
                  looks[c].glyph[a->canvas->ascii]);
    }
    draw_text(a, y, 1, ROLE_TITLE, "Parts");
    draw_legend(a, y, counts, file->total / (int64_t)cells);
    return y + 1 + (int)((cells + (size_t)width - 1) / (size_t)width);
}

static const char *const conn_words[] = {
    [CONN_CONNECTING] = "connect",
    [CONN_WAITING] = "wait",
    [CONN_RECEIVING] = "recv",
    [CONN_STALLED] = "stalled",
};

/* Where the columns end; the host gives way first, then the state goes. */
struct conn_columns {
    int host, range_end, got_end, rate_end, state_at;
};

static struct conn_columns conn_columns(int cols)
{
    struct conn_columns c = {.host = cols - 46};
    bool with_state = c.host >= 11;
    if (!with_state)
        c.host = cols - 37;
    c.host = c.host < 1 ? 1 : c.host > 17 ? 17 : c.host;
    c.range_end = 5 + c.host + 14;
    c.got_end = c.range_end + 6;
    c.rate_end = c.got_end + 12;
    c.state_at = with_state ? c.rate_end + 2 : cols;
    return c;
}

static void draw_conn(const struct area *a, int y, size_t number, const struct conn_view *c)
{
    struct conn_columns at = conn_columns(a->cols);
    char range[64] = "?", rate[UNITS_TEXT_SIZE], got[16] = "";
    if (c->begin >= 0 && c->end > c->begin) {
        snprintf(range, sizeof range, "%6" PRId64 "-%6" PRId64, c->begin / MIB,
                 (c->end + MIB - 1) / MIB);
        int64_t length = c->end - c->begin;
        int64_t share = length > 0 ? c->got / (length / 100 + 1) : 0;
        if (c->got >= length)
            share = 100;
        snprintf(got, sizeof got, "%d%%", (int)share);
    }
    format_rate_column(c->rate, rate);
    draw_textf(a, y, 1, ROLE_NORMAL, "%2zu", number);
    draw_fit(a, y, 5, at.host, ROLE_NORMAL, CUT_MIDDLE, c->host);
    draw_right(a, y, at.range_end, ROLE_NORMAL, range);
    draw_right(a, y, at.got_end, ROLE_NORMAL, got);
    draw_right(a, y, at.rate_end, ROLE_NORMAL, rate);
    draw_text(a, y, at.state_at, c->state == CONN_STALLED ? ROLE_WARN : ROLE_NORMAL,
              conn_words[c->state]);
}

int draw_conns(const struct area *a, int y, const struct detail_view *view)
{
    if (!view->conn_count || y >= a->rows)
        return y;
    struct conn_columns at = conn_columns(a->cols);
    draw_text(a, y, 1, ROLE_TITLE, "Cn  Host");
    draw_right(a, y, at.range_end, ROLE_TITLE, "Range (MiB)");
    draw_right(a, y, at.got_end, ROLE_TITLE, "Got");
    draw_right(a, y, at.rate_end, ROLE_TITLE, "Rate");
    draw_text(a, y, at.state_at, ROLE_TITLE, "State");
    y++;
    for (size_t i = 0; i < view->conn_count && y < a->rows; i++)
        draw_conn(a, y++, i + 1, &view->conns[i]);
    return y;
}
