/* SPDX-License-Identifier: MIT */
/* The add dialog on the screen: a box whose lines are cut to what there is room for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/units.h"
#include "tui/add.h"
#include "tui/format.h"

#define BOX_COLS   72
#define SPEC_LINES 3
#define FILE_LINES 12
#define NEWS_LINES 3 /* of what is told while somebody types: the box does not jump */

/* The box from the inside, and the line that is drawn next. */
struct form {
    struct add_dialog *d;
    struct area in;
    int y;
    bool roomy; /* blank lines and hints fit */
};

/* The last line is for the buttons; above the first is what a small screen has no room for. */
static bool is_shown(const struct form *f)
{
    return f->y >= 0 && f->y < f->in.rows - 1;
}

static int width_between(const char *from, const char *to, bool ascii)
{
    int width = 0;
    uint32_t cp;
    while (from < to)
        width += width_next(&from, ascii, &cp);
    return width;
}

/* A line of input, scrolled so far that the cursor shows. */
static void draw_input(const struct area *a, int y, int x, int cols, const struct prompt *p,
                       const char *line, size_t len, bool focus)
{
    struct area cell = area_sub(a, y, x, 1, cols);
    const char *cursor = p->text.data + p->cursor, *from = line;
    bool here = focus && cursor >= line && cursor <= line + len, ascii = a->canvas->ascii;
    int before = here ? width_between(line, cursor, ascii) : 0;
    uint32_t cp;
    while (before >= cols && from < cursor)
        before -= width_next(&from, ascii, &cp);
    size_t rest = (size_t)(line + len - from), most = (size_t)cols * 8; /* with its marks */
    char *text = xstrndup(from, rest < most ? rest : most);
    draw_text(&cell, 0, 0, ROLE_NORMAL, text);
    free(text);
    if (here)
        draw_cursor(&cell, 0, before);
}

static void draw_specs(struct form *f)
{
    const struct prompt *p = &f->d->specs;
    const char *s = p->text.data;
    size_t at = 0, lines = 1;
    for (const char *c = s; *c; c++) {
        lines += *c == '\n';
        at += *c == '\n' && (size_t)(c - s) < p->cursor;
    }
    size_t show = f->roomy ? SPEC_LINES : 1, top = at >= show ? at - show + 1 : 0;
    int below = f->y + (int)(lines < show ? lines : show);
    for (size_t i = 0; i < top; i++)
        s = strchr(s, '\n') + 1;
    for (size_t i = 0; i < show && is_shown(f); i++, f->y++) {
        size_t len = strcspn(s, "\n");
        draw_text(&f->in, f->y, 0, ROLE_MARK,
                  i + top == at && f->d->focus == ADD_SPECS ? ">" : " ");
        draw_input(&f->in, f->y, 2, f->in.cols - 2, p, s, len, f->d->focus == ADD_SPECS);
        if (!s[len])
            break;
        s += len + 1;
    }
    f->y = below;
    if (lines > 1 && f->y > 0)
        draw_textf(&f->in, f->roomy ? 2 : 0, f->roomy ? 0 : f->in.cols - 10, ROLE_MARK, "%zu lines",
                   prompt_lines(p));
}

/* empty: what it means to leave the field so. */
static void draw_field(struct form *f, enum add_field field, const char *label, int cols,
                       const struct prompt *p, const char *empty)
{
    bool focus = f->d->focus == field;
    if (!is_shown(f))
        return;
    draw_text(&f->in, f->y, 0, focus ? ROLE_MARK : ROLE_NORMAL, label);
    draw_text(&f->in, f->y, 11, ROLE_DIM, "[");
    if (!p->text.len && width_text(empty, f->in.canvas->ascii) <= cols)
        draw_text(&f->in, f->y, 13, ROLE_DIM, empty);
    draw_input(&f->in, f->y, 13, cols, p, p->text.data, p->text.len, focus);
    draw_text(&f->in, f->y, 14 + cols, ROLE_DIM, "]");
}

static void draw_start(struct form *f, int x)
{
    static const char *const words[START_COUNT] = {"now", "queue", "paused"};
    bool focus = f->d->focus == ADD_START, all = f->in.cols >= 60;
    if (!is_shown(f))
        return;
    if (all)
        x += 1 + draw_text(&f->in, f->y, x, focus ? ROLE_MARK : ROLE_NORMAL, "Start");
    for (enum add_start s = 0; s < START_COUNT; s++) {
        bool on = s == f->d->start;
        if (!on && !all)
            continue;
        if (on && focus)
            draw_cursor(&f->in, f->y, x + 1);
        x += 1 + draw_textf(&f->in, f->y, x, on ? ROLE_TITLE : ROLE_NORMAL, "(%c) %s",
                            on ? 'o' : ' ', words[s]);
    }
}

/* "Found 3 files, 35.4 GiB. Disk has 412 GiB free. 1 already complete." */
static enum role result_text(const struct add_dialog *d, struct buf *out)
{
    char size[UNITS_TEXT_SIZE], disk[UNITS_TEXT_SIZE];
    int64_t bytes = 0, missing = 0;
    size_t ticked = 0, here = 0;
    bool unknown = false;
    for (size_t i = 0; i < d->found.count; i++) {
        const struct found_file *f = &d->found.files[i];
        here += f->here;
        if (!d->ticked[i])
            continue;
        ticked++;
        unknown = unknown || f->size < 0;
        bytes = units_add(bytes, f->size > 0 ? f->size : 0);
        missing = units_add(missing, f->size > 0 && !f->here ? f->size : 0);
    }
    units_format_size(bytes, size);
    format_size_short(d->found.disk_free, disk);
    buf_addf(out, "%s %zu file%s", prompt_lines(&d->specs) > 1 ? "First line:" : "Found",
             d->found.count, d->found.count == 1 ? "" : "s");
    if (ticked < d->found.count)
        buf_addf(out, ", %zu ticked", ticked);
    buf_addf(out, ", %s%s.", unknown ? "size not told" : size, unknown && bytes ? " for all" : "");
    if (d->found.disk_free >= 0)
        buf_addf(out, " Disk has %s free.", disk);
    if (here)
        buf_addf(out, " %zu already complete.", here);
    return d->found.disk_free >= 0 && missing > d->found.disk_free ? ROLE_ERROR : ROLE_OK;
}

/* What stands below the fields. */
struct result {
    struct buf text;
    enum role role;
    bool wraps; /* over several lines */
};

static struct result result_of(const struct add_dialog *d)
{
    struct result r = {.role = ROLE_DIM};
    bool answer = d->answered && !d->refusal && !d->asking;
    bool refused = answer && d->found.fault.code != HAUL_OK, program = answer && d->found.program;
    buf_init(&r.text);
    r.wraps = d->refusal || refused || program;
    if (refused || program)
        r.role = ROLE_WARN;
    if (d->refusal) {
        r.role = ROLE_ERROR;
        buf_add_str(&r.text, d->refusal);
    } else if (d->asking) {
        buf_add_str(&r.text, "Asking the source what it is ...");
    } else if (refused) {
        buf_add_str(&r.text, d->found.fault.message);
    } else if (program) {
        buf_addf(&r.text, "It would run %s. You are asked before it does.", d->found.program);
    } else if (answer) {
        r.role = result_text(d, &r.text);
    }
    return r;
}

/* Over several lines, as long as they do not reach the buttons; the last one says that more was
 * left out. */
static void draw_long_result(struct form *f, const struct result *r)
{
    bool ascii = f->in.canvas->ascii;
    const char *text = r->text.data;
    for (int last = f->in.rows - 2 - f->roomy; *text && f->y <= last; f->y++) {
        size_t len = f->y < last ? width_wrap(text, f->in.cols, ascii) : strlen(text);
        char *line = xstrndup(text, len);
        if (is_shown(f))
            draw_fit(&f->in, f->y, 0, f->in.cols, r->role, CUT_END, line);
        free(line);
        text += len;
        text += *text == ' ' || *text == '\n';
    }
}

static void draw_result(struct form *f, const struct result *r)
{
    if (r->wraps)
        draw_long_result(f, r);
    else if (!is_shown(f))
        f->y++;
    else
        draw_fit(&f->in, f->y++, 0, f->in.cols, r->role, CUT_END, r->text.data);
}

static void draw_files(struct form *f, int rows)
{
    struct add_dialog *d = f->d;
    if (d->found.count < 2 || rows < 1)
        return;
    if (d->file < d->file_top)
        d->file_top = d->file;
    if (d->file >= d->file_top + (size_t)rows)
        d->file_top = d->file - (size_t)rows + 1;
    for (size_t i = d->file_top; i < d->found.count && rows-- > 0; i++, f->y++) {
        const struct found_file *file = &d->found.files[i];
        bool current = d->focus == ADD_FILES && i == d->file;
        char size[UNITS_TEXT_SIZE];
        units_format_size(file->size, size);
        draw_textf(&f->in, f->y, 1, ROLE_TITLE, "[%c]", d->ticked[i] ? 'x' : ' ');
        draw_fit(&f->in, f->y, 5, f->in.cols - 22, current ? ROLE_CURSOR : ROLE_NORMAL, CUT_LEFT,
                 file->name);
        draw_right(&f->in, f->y, f->in.cols - 7, ROLE_NORMAL, size);
        if (file->here)
            draw_right(&f->in, f->y, f->in.cols, ROLE_OK, "here");
        if (current)
            draw_cursor(&f->in, f->y, 2);
    }
}

/* What keys do where the focus is. */
static const char *hint(enum add_field focus)
{
    switch (focus) {
    case ADD_START:
        return "Space changes it   Enter add   Esc cancel";
    case ADD_FILES:
        return "Space tick   A all   U none   Enter add";
    default:
        return "Tab next field   Enter add   Esc cancel";
    }
}

static void draw_buttons(struct form *f)
{
    const struct add_dialog *d = f->d;
    int y = f->in.rows - 1;
    draw_text(&f->in, y, 0, d->focus == ADD_OK ? ROLE_CURSOR : ROLE_TITLE, "[ Add ]");
    draw_text(&f->in, y, 10, d->focus == ADD_CANCEL ? ROLE_CURSOR : ROLE_TITLE, "[ Cancel ]");
    if (d->focus >= ADD_OK)
        draw_cursor(&f->in, y, d->focus == ADD_OK ? 2 : 12);
    if (f->in.cols >= 62)
        draw_right(&f->in, y, f->in.cols, ROLE_DIM, hint(d->focus));
}

/* Where not all lines fit, the one with the focus is the last that does. */
static int lines_above(const struct form *f)
{
    static const int line[] = {[ADD_SPECS] = 0, [ADD_DIR] = 1,   [ADD_ONLY] = 2, [ADD_CONNS] = 3,
                               [ADD_START] = 3, [ADD_FILES] = 5, [ADD_OK] = 0,   [ADD_CANCEL] = 0};
    int over = line[f->d->focus] - (f->in.rows - 2);
    return over > 0 ? over : 0;
}

static void draw_head(struct form *f)
{
    f->y = -lines_above(f);
    if (!f->roomy)
        return;
    draw_text(&f->in, 0, 0, ROLE_NORMAL, "URL, hf:ORG/NAME[:QUANT], ollama:NAME, github:O/R");
    draw_text(&f->in, 1, 0, ROLE_DIM,
              "Several lines may be pasted; one job per line. ^N begins a new one.");
    f->y = 3;
}

static int file_lines(const struct add_dialog *d)
{
    size_t count = d->found.count < FILE_LINES ? d->found.count : FILE_LINES;
    return count > 1 ? (int)count : 0;
}

/* Of a box that has room for all; what Enter was refused for is shown whole. */
static int rows_wanted(const struct add_dialog *d, const struct result *r, int cols, bool ascii)
{
    int lines = r->wraps ? width_lines(r->text.data, cols - 4, ascii) : 1, specs = 1;
    if (!d->refusal && lines > NEWS_LINES)
        lines = NEWS_LINES;
    for (const char *s = d->specs.text.data; *s && specs < SPEC_LINES; s++)
        specs += *s == '\n';
    int rows = 16 + file_lines(d), needed = 12 + specs + lines + file_lines(d);
    return needed > rows ? needed : rows;
}

/* Where the lines are few, the reason is worth more than the fields that nobody is in. */
static bool reason_comes_first(const struct form *f)
{
    return f->d->refusal && f->d->focus == ADD_SPECS && f->in.rows < 8;
}

static void draw_fields(struct form *f)
{
    const struct add_dialog *d = f->d;
    draw_field(f, ADD_DIR, "Save in", f->in.cols - 16, &d->dir,
               d->options->remote ? "(where the server puts it)"
                                  : "(where the source's own tools look, else here)");
    f->y++;
    draw_field(f, ADD_ONLY, "Only files", f->in.cols - 16, &d->only,
               "(all; or such as *.json *Q4*)");
    f->y++;
    draw_field(f, ADD_CONNS, "Conns", 4, &d->conns, "");
    draw_start(f, 22);
    f->y += f->roomy ? 2 : 1;
}

static void draw_form(struct form *f, const struct result *r)
{
    bool first = reason_comes_first(f);
    draw_head(f);
    draw_specs(f);
    f->y += f->roomy;
    if (first)
        draw_result(f, r);
    draw_fields(f);
    if (!first)
        draw_result(f, r);
    draw_files(f, f->in.rows - f->y - 1 - f->roomy);
    draw_buttons(f);
}

void add_draw(struct add_dialog *d, const struct area *a)
{
    int cols = a->cols - 4 < BOX_COLS ? a->cols - 4 : BOX_COLS;
    if (cols < 30)
        cols = a->cols;
    bool roomy = a->rows >= 20;
    struct result r = result_of(d);
    int rows = roomy ? rows_wanted(d, &r, cols, a->canvas->ascii) : a->rows;
    if (rows > a->rows)
        rows = a->rows;
    struct area box = area_sub(a, (a->rows - rows) / 2, (a->cols - cols) / 2, rows, cols);
    if (d->browse.open) {
        browse_draw(&d->browse, &box);
    } else {
        struct form f = {.d = d, .in = draw_box(&box, "Add downloads"), .roomy = roomy};
        draw_form(&f, &r);
    }
    buf_release(&r.text);
}
