/* SPDX-License-Identifier: MIT */
/* The detail pane: exact figures of the job or file under the cursor, its parts, its log. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "tui/actions.h"
#include "tui/bar.h"
#include "tui/detail_parts.h"
#include "tui/format.h"
#include "tui/ui.h"

#define LABEL_COLS    10
#define SPARK_SECONDS 60

/* What is looked at. file is NULL for a job of many files, or of none yet. */
struct subject {
    const struct job_view *job;
    const struct file_view *file;
    size_t row_file;
};

/* Lines are written one below the other. */
struct sheet {
    struct area area;
    int y;
    bool tall; /* there is room for second lines */
};

/* A newline in the text is a blank, and where the sheet is tall the begin of another line: at fixed
 * places, so that nothing moves when a figure becomes longer. */
static void draw_value(struct sheet *s, enum role role, char *text)
{
    int cols = s->area.cols - LABEL_COLS - 1;
    for (char *end; (end = strchr(text, '\n')); text = s->tall ? end + 1 : text) {
        *end = s->tall ? '\0' : ' ';
        if (s->tall)
            draw_fit(&s->area, s->y++, LABEL_COLS, cols, role, CUT_END, text);
    }
    draw_fit(&s->area, s->y++, LABEL_COLS, cols, role, CUT_END, text);
}

HAUL_PRINTF(4, 5)
static void line(struct sheet *s, const char *label, enum role role, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    va_end(args);
    draw_text(&s->area, s->y, 1, ROLE_TITLE, label);
    draw_value(s, role, text);
    free(text);
}

/* An address or a path: both ends matter. */
static void long_line(struct sheet *s, const char *label, const char *text)
{
    if (!text)
        return;
    draw_text(&s->area, s->y, 1, ROLE_TITLE, label);
    draw_fit(&s->area, s->y, LABEL_COLS, s->area.cols - LABEL_COLS - 1, ROLE_NORMAL, CUT_MIDDLE,
             text);
    s->y++;
}

static const char *state_words(const struct subject *what)
{
    switch (what->file ? file_letter(what->job, what->file) : job_letter(what->job)) {
    case 'D':
        return what->job->state == JOB_RESOLVING ? "asking the source" : "downloading";
    case 'V':
        return "verifying";
    case 'R':
        return "waiting to try again";
    case 'P':
        return what->job->blocked_by_disk ? "paused: the disk is full" : "paused";
    case 'Q':
        return "queued";
    case 'C':
        return what->file && what->file->state == FILE_SKIPPED ? "was there already" : "complete";
    case 'X':
        return "failed";
    default:
        return "cancelled";
    }
}

/* A file of a job of many that is not being worked on now. */
static bool stands_apart(const struct subject *what)
{
    return what->file && what->job->file_count > 1 && what->file->state != FILE_ACTIVE &&
           what->file->state != FILE_VERIFYING;
}

/* " for 5m41s": how long it has been at it, or was. */
static void write_age(const struct job_view *job, char *out, size_t size)
{
    char span[UNITS_TEXT_SIZE];
    bool ended = job_state_ended(job->state);
    int64_t until = ended ? job->ended_ms : clock_wall_ms();
    if (!job->started_ms || !until)
        return;
    format_span((until - job->started_ms) / 1000, span);
    snprintf(out, size, " %s %.30s", ended ? "after" : "for", span);
}

static void line_state(struct sheet *s, const struct subject *what)
{
    const struct job_view *job = what->job;
    char resumed[UNITS_TEXT_SIZE], age[48] = "", conns[32] = "", from[64] = "", done[48] = "";
    unsigned connections = what->file ? what->file->connections : job->connections;
    unsigned retries = what->file ? what->file->retries : job->retries;
    if (!stands_apart(what))
        write_age(job, age, sizeof age);
    if (!stands_apart(what) && !job_state_ended(job->state))
        snprintf(conns, sizeof conns, ", %u connection%s", connections,
                 connections == 1 ? "" : "s");
    if (what->file && what->file->resumed_from > 0) {
        units_format_size(what->file->resumed_from, resumed);
        snprintf(from, sizeof from, ",\nresumed at %s", resumed);
    }
    if (!what->file && job->file_count)
        snprintf(done, sizeof done, ",\n%zu of %zu files done", job->files_done, job->file_count);
    line(s, "State", ROLE_NORMAL, "%s%s%s, %u retr%s%s%s", state_words(what), age, conns, retries,
         retries == 1 ? "y" : "ies", from, done);
}

static void line_retry(struct sheet *s, const struct job_view *job)
{
    if (!job->retry_at)
        return;
    char span[UNITS_TEXT_SIZE];
    format_span((job->retry_at - clock_now() + CLOCK_SEC - 1) / CLOCK_SEC, span);
    const char *why = job->retry_why ? job->retry_why : "the last try failed";
    if (!job->retry_try) {
        line(s, "Retry", ROLE_WARN, "the host asked to wait, %s more: %s", span, why);
        return;
    }
    line(s, "Retry", ROLE_WARN, "%u of %u in %s: %s", job->retry_try, job->retry_max, span, why);
}

static void line_bytes(struct sheet *s, const struct subject *what)
{
    char bytes[UNITS_TEXT_SIZE], total[UNITS_TEXT_SIZE], disk[UNITS_TEXT_SIZE];
    int64_t have = what->file ? what->file->bytes : what->job->bytes;
    int64_t all = what->file ? what->file->total : what->job->total;
    units_format_exact(have, bytes);
    if (all >= 0)
        units_format_exact(all, total);
    units_format_size(have, disk);
    if (!what->file) {
        line(s, "Bytes", ROLE_NORMAL, "%s / %s   on disk %s", bytes, all >= 0 ? total : "?", disk);
        return;
    }
    char fetched[UNITS_TEXT_SIZE];
    int64_t resumed = what->file->resumed_from < have ? what->file->resumed_from : have;
    units_format_size(have - resumed, fetched);
    line(s, "Bytes", ROLE_NORMAL, "%s / %s   on disk %s  \nfetched %s", bytes,
         all >= 0 ? total : "?", disk, fetched);
}

static void line_rate(struct sheet *s, const struct subject *what)
{
    const struct job_view *job = what->job;
    char now[UNITS_TEXT_SIZE], average[UNITS_TEXT_SIZE], peak[UNITS_TEXT_SIZE];
    units_format_rate(what->file ? what->file->rate : job->rate, now);
    units_format_rate(job->rate_average, average);
    units_format_rate(job->rate_peak, peak);
    const char *whose = what->file && job->file_count > 1 ? "job " : "";
    if (job->state == JOB_RUNNING)
        line(s, "Rate", ROLE_NORMAL, "%s now  %s%s avg  %s peak \nidle %" PRId64 ".%d s", now,
             whose, average, peak, job->idle_ms / 1000, (int)(job->idle_ms % 1000 / 100));
    else
        line(s, "Rate", ROLE_NORMAL, "%s%s avg   %s peak", whose, average, peak);
}

/* What the user has set, where it is not what all have. */
static void line_settings(struct sheet *s, const struct job_view *job)
{
    char limit[UNITS_TEXT_SIZE], text[64] = "", priority[32] = "";
    units_format_rate(job->limit_rate, limit);
    if (job->limit_rate > 0)
        snprintf(text, sizeof text, "limit %.20s", limit);
    if (job->priority)
        snprintf(priority, sizeof priority, "%spriority %d", text[0] ? ", " : "", job->priority);
    if (text[0] || priority[0])
        line(s, "Set", ROLE_NORMAL, "%s%s", text, priority);
}

/* "8f41…d07c": enough to compare by eye with what a page says. */
static void short_digest(const char *hex, bool ascii, char out[32])
{
    if (strlen(hex) < 16)
        snprintf(out, 32, "%.20s", hex);
    else
        snprintf(out, 32, "%.8s%s%.8s", hex, ascii ? ".." : "…", hex + strlen(hex) - 8);
}

static const char *const verified_words[] = {
    [DIGEST_BY_NONE] = "nobody promised one",
    [DIGEST_BY_PUBLISHER] = "as the publisher says",
    [DIGEST_BY_PINNED] = "as it was pinned",
    [DIGEST_BY_ETAG] = "as the server's ETag says",
};

static void line_check(struct sheet *s, const struct subject *what)
{
    const struct file_view *f = what->file;
    char hashed[UNITS_TEXT_SIZE], digest[32];
    if (!f) {
        line(s, "Check", ROLE_NORMAL, "%zu of %zu files done", what->job->files_done,
             what->job->file_count);
        return;
    }
    units_format_size(f->hashed, hashed);
    short_digest(f->sha256, s->area.canvas->ascii, digest);
    if (f->state == FILE_DONE || f->state == FILE_SKIPPED)
        line(s, "Check", f->verified == DIGEST_BY_NONE ? ROLE_NORMAL : ROLE_OK, "%s%s%s%s",
             digest[0] ? "sha256 " : "", digest[0] ? digest : "whole by its size",
             digest[0] ? "  " : ", ", verified_words[f->verified]);
    else if (f->hashed > 0)
        line(s, "Check", ROLE_NORMAL, "pending (in-order prefix hashed: %s)", hashed);
    else
        line(s, "Check", ROLE_DIM, "pending");
}

static void line_spark(struct ui *ui, struct sheet *s, const struct subject *what)
{
    const struct history_track *h = history_find(
        &ui->history, what->job->id, what->row_file == ROW_JOB ? HISTORY_JOB : what->row_file);
    if (!h)
        return;
    int width = s->area.cols - LABEL_COLS - 4 - 18;
    if (width > SPARK_SECONDS)
        width = SPARK_SECONDS;
    if (width < 4)
        return;
    size_t shown = h->count < (size_t)width ? h->count : (size_t)width;
    int64_t top = 0;
    for (size_t i = h->count - shown; i < h->count; i++)
        top = h->values[i] > top ? h->values[i] : top;
    char rate[UNITS_TEXT_SIZE];
    units_format_rate(top, rate);
    draw_textf(&s->area, s->y, LABEL_COLS, ROLE_DIM, "%ds", width);
    bar_spark(&s->area, s->y, LABEL_COLS + 4, width, ROLE_MARK, h->values, h->count);
    draw_textf(&s->area, s->y, LABEL_COLS + 4 + width, ROLE_DIM, " top %s", rate);
    s->y++;
}

static void sheet_info(struct ui *ui, struct sheet *s, const struct subject *what)
{
    const struct job_view *job = what->job;
    line_state(s, what);
    line_retry(s, job);
    long_line(s, "From", what->file && what->file->url ? what->file->url : job->source);
    char *to = text_sanitized(what->file && what->file->path ? what->file->path : job->dir);
    long_line(s, "To", to);
    free(to);
    line_bytes(s, what);
    if (!stands_apart(what) && (job->state == JOB_RUNNING || job->rate_average > 0))
        line_rate(s, what);
    line_settings(s, job);
    if (job->file_count && job->fault.code == HAUL_OK)
        line_check(s, what);
    if (job->fault.code != HAUL_OK) {
        draw_text(&s->area, s->y, 1, ROLE_TITLE, "Error");
        s->y = draw_wrapped(&s->area, s->y, LABEL_COLS, ROLE_ERROR, job->fault.message);
        draw_text(&s->area, s->y, 1, ROLE_TITLE, "Remedy");
        s->y = draw_wrapped(&s->area, s->y, LABEL_COLS, ROLE_NORMAL, actions_remedy(job));
    }
    line_spark(ui, s, what);
}

/* False: there is nothing of this kind now. */
static bool sheet_parts(struct ui *ui, struct sheet *s, const struct subject *what, int map_rows,
                        bool conns)
{
    struct detail_view view;
    size_t index = 0;
    const struct file_view *file = ui_current_file(ui, &index);
    if (!file || !session_detail(ui->session, what->job->id, index, &view))
        return false;
    s->y = draw_parts(&s->area, s->y, map_rows, file, &view);
    if (conns)
        s->y = draw_conns(&s->area, s->y, &view);
    return s->y > 0;
}

/* Two columns: figures and parts on the left, connections and log on the right. */
static void wide_info(struct ui *ui, const struct area *a, const struct subject *what)
{
    int left = a->cols * 5 / 9;
    struct sheet figures = {.area = area_sub(a, 0, 0, a->rows, left), .tall = a->rows >= 16};
    struct area right = area_sub(a, 0, left + 2, a->rows, a->cols);
    for (int y = 0; y < a->rows; y++)
        draw_text(a, y, left, ROLE_DIM, theme_glyphs(a->canvas->ascii)->vline);
    sheet_info(ui, &figures, what);
    (void)sheet_parts(ui, &figures, what, 3, false);
    struct detail_view view;
    size_t index = 0;
    int y = 0;
    if (ui_current_file(ui, &index) && session_detail(ui->session, what->job->id, index, &view))
        y = draw_conns(&right, 0, &view) + 1;
    draw_text(&right, y, 0, ROLE_TITLE, "Log of this job");
    struct area log = area_sub(&right, y + 1, -1, a->rows, right.cols);
    (void)log_draw_lines(&ui->log, &log, what->job->id, 0);
}

static void draw_pane_title(const struct ui *ui, const struct area *a, const struct subject *what)
{
    static const char *const names[PANE_COUNT] = {"Info", "Parts", "Log"};
    const char *name = what->file && what->row_file != ROW_JOB ? what->file->name : what->job->name;
    draw_rule(a, 0, name ? name : what->job->source);
    int x = a->cols - 25;
    if (x < 30)
        return;
    draw_text(a, 0, x++, ROLE_NORMAL, " ");
    for (enum ui_pane p = 0; p < PANE_COUNT; p++)
        x += draw_textf(a, 0, x, p == ui->pane ? ROLE_CURSOR : ROLE_NORMAL, "%d %s", (int)p + 1,
                        names[p]) +
             draw_text(a, 0, x + 2 + (int)strlen(names[p]), ROLE_NORMAL, " ");
}

void draw_detail(struct ui *ui, const struct area *a)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (!row) {
        draw_rule(a, 0, NULL);
        return;
    }
    struct subject what = {.job = row->job, .file = row_file(row), .row_file = row->file};
    draw_pane_title(ui, a, &what);
    struct sheet sheet = {.area = area_sub(a, 1, 0, a->rows - 1, a->cols)};
    switch (ui->pane) {
    case PANE_INFO:
        if (a->cols >= 110) {
            wide_info(ui, &sheet.area, &what);
            break;
        }
        sheet_info(ui, &sheet, &what);
        (void)sheet_parts(ui, &sheet, &what, 1, true);
        break;
    case PANE_PARTS:
        if (!sheet_parts(ui, &sheet, &what, a->rows / 2, true))
            draw_wrapped(&sheet.area, 0, 1, ROLE_DIM,
                         "Parts and connections show while it downloads.");
        break;
    case PANE_LOG:
        if (!log_draw_lines(&ui->log, &sheet.area, row->job->id, 0))
            draw_wrapped(&sheet.area, 0, 1, ROLE_DIM, "Nothing has been logged for this job.");
        break;
    case PANE_COUNT:
        break;
    }
}
