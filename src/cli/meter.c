/* SPDX-License-Identifier: MIT */
/*
 * Progress on standard error; see meter.h. Live lines are drawn over each other: the cursor
 * rests below them, a frame begins by going up over what the last one drew. Lines that stay are
 * written in front of the block, in the same write.
 */
#include "cli/meter.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/columns.h"
#include "cli/meter_format.h"
#include "core/alloc.h"
#include "core/clock.h"

#define FRAME_INTERVAL (250 * CLOCK_MS)

struct meter {
    struct outq *err;
    enum progress_mode mode;
    bool quiet, verbose;
    int64_t interval; /* ns between two lines or frames */
    int64_t next;     /* when to draw; moves on only with meter_draw */
    struct meter_style style;
    struct buf kept; /* lines that stay, not yet written in bar mode */
    size_t *drawn;   /* columns of each live line on the screen */
    size_t drawn_count;
};

static bool terminal_can_move(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

static enum progress_mode choose_mode(const struct cli_options *o, int fd)
{
    if (o->quiet || o->progress == PROGRESS_NONE)
        return PROGRESS_NONE;
    if (o->progress != PROGRESS_PLAIN && terminal_can_move(fd))
        return o->json && isatty(STDOUT_FILENO) ? PROGRESS_NONE : PROGRESS_BAR;
    return o->json && o->progress == PROGRESS_AUTO ? PROGRESS_NONE : PROGRESS_PLAIN;
}

static bool choose_color(const struct cli_options *o, int fd)
{
    return o->color == COLOR_ALWAYS || (o->color == COLOR_AUTO && terminal_can_move(fd));
}

void meter_resize(struct meter *p)
{
    struct winsize size = {0};
    if (ioctl(p->err->fd, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    p->style.width = size.ws_col > 1 ? size.ws_col - 1u : 1; /* the last column wraps */
    p->style.height = size.ws_row;
}

struct meter *meter_new(const struct cli_options *options, struct outq *err)
{
    struct meter *p = xcalloc(1, sizeof *p);
    *p = (struct meter){
        .err = err,
        .mode = choose_mode(options, err->fd),
        .quiet = options->quiet,
        .verbose = options->verbose,
        .next = clock_now(),
    };
    p->interval = p->mode == PROGRESS_BAR ? FRAME_INTERVAL : options->progress_interval;
    p->next += p->mode == PROGRESS_BAR ? 0 : p->interval;
    p->style.color = choose_color(options, err->fd);
    p->style.ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    buf_init(&p->kept);
    meter_resize(p);
    return p;
}

/* Rows that the last frame takes now; a terminal that became narrower has wrapped its lines. */
static size_t drawn_rows(const struct meter *p)
{
    size_t rows = 0, width = p->style.width + 1;
    for (size_t i = 0; i < p->drawn_count; i++)
        rows += p->drawn[i] > width ? (p->drawn[i] + width - 1) / width : 1;
    return rows;
}

/* Goes up to where the block begins and writes the lines that stay over it. */
static void begin_frame(struct meter *p)
{
    size_t rows = drawn_rows(p);
    if (rows)
        buf_addf(&p->err->text, "\033[%zuA\r\033[J", rows);
    buf_add(&p->err->text, p->kept.data, p->kept.len);
    buf_truncate(&p->kept, 0);
    p->drawn_count = 0;
}

void meter_lift(struct meter *p)
{
    if (p->mode != PROGRESS_BAR)
        return;
    begin_frame(p);
    p->next = clock_now();
}

void meter_free(struct meter *p)
{
    if (!p)
        return;
    begin_frame(p);
    buf_release(&p->kept);
    free(p->drawn);
    free(p);
}

/* A line that stays; in bar mode it appears with the next frame. */
static void keep_line(struct meter *p, const char *line)
{
    struct buf *to = p->mode == PROGRESS_BAR ? &p->kept : &p->err->text;
    columns_add(to, line, SIZE_MAX, p->style.ascii);
    buf_add_char(to, '\n');
    if (p->mode == PROGRESS_BAR)
        p->next = clock_now();
}

void meter_state(struct meter *p, const struct job_view *job)
{
    struct buf line;
    buf_init(&line);
    bool over = job_view_is_over(job), bad = over && job->state != JOB_COMPLETED;
    if (p->mode == PROGRESS_NONE && bad)
        buf_addf(&line, "haul: %s: %s", meter_name(job),
                 *job->fault.message ? job->fault.message : job_state_name(job->state));
    else if (p->mode != PROGRESS_NONE && over)
        meter_format_end(&line, job, p->style.color);
    else if (p->mode != PROGRESS_NONE && job->state == JOB_PAUSED)
        buf_addf(&line, "paused %s", meter_name(job));
    else if (p->mode == PROGRESS_PLAIN && job->state == JOB_RUNNING)
        meter_format_start(&line, job, p->style.color);
    if (line.len)
        keep_line(p, line.data);
    buf_release(&line);
}

void meter_log(struct meter *p, const struct event *e)
{
    if (p->quiet || (!p->verbose && e->level < LOG_WARN))
        return;
    if (!p->verbose) {
        meter_notice(p, "%s", e->message);
        return;
    }
    char *line = e->number ? xasprintf("%s #%llu %s", log_level_name(e->level),
                                       (unsigned long long)e->number, e->message)
                           : xasprintf("%s %s", log_level_name(e->level), e->message);
    keep_line(p, line);
    free(line);
}

HAUL_PRINTF(2, 0) static void keep_message(struct meter *p, const char *fmt, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    char *line = xasprintf("haul: %s", text);
    keep_line(p, line);
    free(line);
    free(text);
}

void meter_error(struct meter *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    keep_message(p, fmt, args);
    va_end(args);
}

void meter_notice(struct meter *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!p->quiet)
        keep_message(p, fmt, args);
    va_end(args);
}

static bool any_active(const struct snapshot *s)
{
    const size_t *n = s->totals.by_state;
    return n[JOB_RESOLVING] || n[JOB_RUNNING] || n[JOB_VERIFYING];
}

int64_t meter_due(const struct meter *p, const struct snapshot *s)
{
    if (p->mode == PROGRESS_BAR && p->kept.len)
        return p->next;
    return p->mode != PROGRESS_NONE && any_active(s) ? p->next : INT64_MAX;
}

static void draw_live(struct meter *p, const char *line, size_t columns)
{
    buf_addf(&p->err->text, "%s\n", line);
    p->drawn[p->drawn_count++] = columns;
}

/* The terminal belongs to another process group while this one is in the background. */
static bool in_foreground(const struct meter *p)
{
    pid_t owner = tcgetpgrp(p->err->fd);
    return owner < 0 || owner == getpgrp();
}

static void draw_block(struct meter *p, const struct snapshot *s, int64_t now)
{
    size_t room = p->style.height > 2 ? p->style.height - 2 : 0, hidden = 0;
    p->drawn = xreallocarray(p->drawn, room + 1, sizeof *p->drawn);
    struct buf line;
    buf_init(&line);
    for (size_t i = 0; i < s->count; i++) {
        if (!job_state_active(s->jobs[i]->state))
            continue;
        if (p->drawn_count == room) {
            hidden++;
            continue;
        }
        buf_truncate(&line, 0);
        meter_format_bar(&line, s->jobs[i], &p->style, now);
        draw_live(p, line.data, p->style.width);
    }
    buf_truncate(&line, 0);
    size_t columns = meter_format_total(&line, s, hidden, &p->style);
    if (p->style.height > 1)
        draw_live(p, line.data, columns);
    buf_release(&line);
}

static void draw_plain(struct meter *p, const struct snapshot *s, int64_t now)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct job_view *job = s->jobs[i];
        if (!job_state_active(job->state))
            continue;
        meter_format_plain(&p->err->text, job, now);
        buf_add_char(&p->err->text, '\n');
    }
}

/* Frames that the terminal is too slow for are left out: one waits at most. */
void meter_draw(struct meter *p, const struct snapshot *s, int64_t now)
{
    if (now < p->next)
        return;
    p->next = now + p->interval;
    if (p->mode == PROGRESS_PLAIN)
        draw_plain(p, s, now);
    if (p->mode != PROGRESS_BAR || outq_pending(p->err))
        return;
    bool draw = in_foreground(p) && any_active(s);
    if (!draw && !p->kept.len && !p->drawn_count)
        return;
    begin_frame(p);
    if (draw)
        draw_block(p, s, now);
}
