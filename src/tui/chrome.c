/* SPDX-License-Identifier: MIT */
/* The lines above and below the list: header, total, tabs, message, status, order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "tui/bar.h"
#include "tui/format.h"
#include "tui/ui.h"

/* ---- header ---- */

struct count {
    size_t n;
    const char *name, *brief;
};

/* Where not all fit, the last ones are cut off: in brief, failures come early. */
static void counts_text(const struct joblist_counts *c, bool brief, struct buf *out)
{
    const struct count full_order[] = {
        {c->active, "active", "act"},       {c->queued, "queued", "q"},
        {c->retrying, "retry", "retry"},    {c->paused, "paused", "paus"},
        {c->failed, "failed", "fail"},      {c->done, "done", "done"},
        {c->cancelled, "cancelled", "canc"}};
    static const size_t brief_order[] = {0, 1, 4, 2, 3, 5, 6};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(full_order); i++) {
        const struct count *part = &full_order[brief ? brief_order[i] : i];
        if (part->n || i == 0)
            buf_addf(out, "%s%zu %s", out->len ? " " : "", part->n,
                     brief ? part->brief : part->name);
    }
}

/* When all is done cannot be told from what is known of it. */
static bool mostly_sizeless(const struct joblist_counts *c)
{
    return 2 * c->sizeless > c->active + c->queued + c->retrying + c->paused;
}

static void rate_text(const struct ui *ui, int cols, struct buf *out)
{
    char rate[UNITS_TEXT_SIZE], eta[UNITS_TEXT_SIZE];
    const struct totals_view *t = &ui->snapshot.totals;
    units_format_rate(t->rate, rate);
    int64_t left = mostly_sizeless(&ui->jobs.counts) ? -1 : t->eta;
    format_eta(units_round_eta(left), eta);
    if (ui->snapshot.lost.code)
        buf_add_str(out, cols >= 36 ? "not connected" : "lost");
    if (ui->snapshot.lost.code || !ui->jobs.counts.active)
        return;
    buf_add_str(out, rate);
    if (cols >= 36)
        buf_addf(out, "  %s%s", cols >= 60 ? "ETA " : "", eta);
    if (cols < 110 || left < 0)
        return;
    time_t end = (time_t)(clock_wall_ms() / 1000 + left);
    struct tm tm;
    localtime_r(&end, &tm);
    buf_addf(out, " (%02d:%02d)", tm.tm_hour, tm.tm_min);
}

static const char *banner(const struct ui *ui)
{
    return ui->frozen ? "FROZEN" : ui->leave_when_done ? "QUITS WHEN DONE" : NULL;
}

/* The longest form of title and counts that fits. */
static const char *fit_counts(const struct ui *ui, int cols, int room, struct buf *counts)
{
    static const struct {
        int min_cols;
        const char *title;
        bool brief;
    } forms[] = {{60, "haul  ", false}, {60, "haul ", false}, {60, "haul  ", true}, {0, "", true}};
    const char *title = "";
    for (size_t i = 0; i < HAUL_ARRAY_LEN(forms); i++) {
        if (cols < forms[i].min_cols)
            continue;
        buf_truncate(counts, 0);
        title = forms[i].title;
        counts_text(&ui->jobs.counts, forms[i].brief, counts);
        if ((int)(counts->len + strlen(title)) <= room)
            break;
    }
    return title;
}

void draw_header(struct ui *ui, const struct area *a)
{
    struct buf counts, right;
    buf_init(&counts);
    buf_init(&right);
    rate_text(ui, a->cols, &right);
    int room = a->cols - 1 - (right.len ? (int)right.len + 2 : 0);
    const char *title = fit_counts(ui, a->cols, room, &counts);
    int x = 1 + draw_text(a, 0, 1, ROLE_TITLE, title);
    x += draw_fit(a, 0, x, room - x + 1, ROLE_NORMAL, CUT_END, counts.data);
    draw_right(a, 0, a->cols, ROLE_TITLE, right.data);
    if (banner(ui) && x + 2 + (int)strlen(banner(ui)) + (int)right.len < a->cols)
        draw_text(a, 0, x + 2, ROLE_WARN, banner(ui));
    buf_release(&counts);
    buf_release(&right);
}

static void draw_sums(const struct area *a, int x, int bar, int64_t bytes, int64_t total, bool more)
{
    char percent[UNITS_TEXT_SIZE], pair[PAIR_TEXT_SIZE];
    bar_draw(a, 0, x, bar, ROLE_OK, bytes, total);
    format_percent(bytes, total, true, percent);
    format_pair(bytes, total, pair);
    draw_right(a, 0, x + bar + 7, ROLE_TITLE, percent);
    x += bar + 9;
    x += draw_text(a, 0, x, ROLE_NORMAL, pair);
    draw_text(a, 0, x, ROLE_NORMAL, more ? "+" : "");
}

/* With a size that nobody knows the sum is a lower bound, and at its end no share can be told. */
void draw_total(struct ui *ui, const struct area *a)
{
    const struct totals_view *t = &ui->snapshot.totals;
    const struct history_track *h = &ui->history.total;
    size_t sizeless = ui->jobs.counts.sizeless;
    int bar = a->cols < 80 ? a->cols - 46 : 34 + (a->cols - 80) / 2, x = 7;
    if (!ui->snapshot.count || (t->total < 0 && !sizeless))
        return;
    draw_text(a, 0, 1, ROLE_TITLE, "Total");
    if (t->total < 0 || (sizeless && t->known >= t->total)) {
        char all[UNITS_TEXT_SIZE];
        units_format_size(t->bytes, all);
        draw_textf(a, 0, x, ROLE_NORMAL, "%s so far, total not known", all);
    } else {
        draw_sums(a, x, bar, t->known, t->total, sizeless > 0);
    }
    x += bar + 28;
    bar_spark(a, 0, x, a->cols - x - 1, ROLE_MARK, h->values, h->count);
}

void draw_tabs(struct ui *ui, const struct area *a)
{
    int x = 1;
    for (enum tab t = TAB_ALL; t < TAB_COUNT; t++) {
        bool on = t == ui->jobs.tab;
        int from = x;
        x += draw_textf(a, 0, x, on ? ROLE_TITLE : ROLE_DIM, on ? "[%d %s %zu]" : "%d %s %zu",
                        (int)t + 1, tab_name(t), ui->jobs.counts.by_tab[t]);
        ui_add_hit(ui, a, from, x, ACTION_tab_all + t);
        x += draw_text(a, 0, x, ROLE_NORMAL, "  ");
    }
}

/* ---- message ---- */

const struct job_view *ui_failure(const struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (row && (row->job->state == JOB_FAILED || row->job->blocked_by_disk))
        return row->job;
    return ui->jobs.latest_failure;
}

bool ui_has_message(const struct ui *ui)
{
    return ui->prompt.label || ui->message || ui->snapshot.lost.code || ui_failure(ui);
}

/* Whether the first `room` columns of the message say whose it is. */
static bool names_job(const char *message, const char *name, int room, bool ascii)
{
    const char *at = name ? strstr(message, name) : NULL;
    if (!at)
        return false;
    char *head = xstrndup(message, (size_t)(at - message) + strlen(name));
    bool seen = width_text(head, ascii) < room;
    free(head);
    return seen;
}

static void draw_fault(const struct ui *ui, const struct area *a, const struct job_view *job)
{
    const char *key = keymap_keys(&ui->config->keys, ACTION_explain);
    char hint[64] = "";
    if (!ui->dialog && !ui->add.open)
        snprintf(hint, sizeof hint, "  Press %.*s for the remedy.", (int)strcspn(key, " "), key);
    int x = draw_text(a, 0, 1, ROLE_ERROR, "X ") + 1;
    int room = a->cols - x - 1 - (int)strlen(hint);
    if (room < 30 || !hint[0]) {
        hint[0] = '\0';
        room = a->cols - x;
    }
    struct buf text;
    buf_init(&text);
    const char *name = job->name ? job->name : job->source;
    if (name && !names_job(job->fault.message, name, room, a->canvas->ascii))
        buf_addf(&text, "%s: ", name);
    buf_add_str(&text, job->fault.message);
    x += draw_fit(a, 0, x, room, ROLE_NORMAL, CUT_END, text.data);
    draw_text(a, 0, x, ROLE_DIM, hint);
    buf_release(&text);
}

static void draw_lost(const struct ui *ui, const struct area *a)
{
    char *text = xasprintf("X Trying again: %s", ui->snapshot.lost.message);
    draw_fit(a, 0, 1, a->cols - 1, ROLE_ERROR, CUT_END, text);
    free(text);
}

void draw_message(struct ui *ui, const struct area *a)
{
    const struct job_view *failed = ui_failure(ui);
    if (ui->prompt.label)
        prompt_draw(&ui->prompt, a, 0);
    else if (ui->snapshot.lost.code && !(ui->message && ui->message_role == ROLE_ERROR))
        draw_lost(ui, a);
    else if (ui->message)
        draw_fit(a, 0, 1, a->cols - 1, ui->message_role, CUT_END, ui->message);
    else if (failed)
        draw_fault(ui, a, failed);
}

/* ---- status ---- */

/* Where the job under the cursor goes, else where new ones do. */
static const char *disk_dir(const struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    const char *dir = row && row->job->dir && row->job->dir[0] ? row->job->dir : NULL;
    if (!dir && ui->options->defaults)
        dir = ui->options->defaults->dir;
    return dir;
}

static int64_t disk_free(struct ui *ui, const char *dir)
{
    if (!ui->disk)
        ui->disk = disk_room_new(ui->session);
    return ui->disk ? disk_room_of(ui->disk, dir) : -1;
}

static void status_tail(const struct ui *ui, struct buf *out)
{
    char limit[UNITS_TEXT_SIZE] = "off";
    if (ui->snapshot.limit_rate > 0)
        units_format_rate(ui->snapshot.limit_rate, limit);
    buf_addf(out, "   Limit %s   Conns %u", limit, ui->snapshot.totals.connections);
    if (ui->jobs.counts.connections_max)
        buf_addf(out, "/%u", ui->jobs.counts.connections_max);
}

static void marks_text(const struct joblist *m, char *out, size_t size)
{
    size_t all = m->marks.count, hidden = all - joblist_marks_shown(m);
    if (hidden)
        snprintf(out, size, "   %zu marked, %zu hidden", all, hidden);
    else if (all)
        snprintf(out, size, "   %zu marked", all);
}

static void draw_status_narrow(const struct ui *ui, const struct area *a)
{
    char place[48];
    snprintf(place, sizeof place, "%zu of %zu", ui->jobs.count ? ui->jobs.cursor + 1 : 0,
             ui->jobs.count);
    draw_right(a, 0, a->cols - 1, ROLE_DIM, place);
}

/* Bytes that are still to come to a directory, and those of them for which the disk has set nothing
 * aside yet: a file has its room as soon as it begins. */
struct demand {
    int64_t missing, unclaimed;
};

static void add_demand(struct demand *d, const struct job_view *job)
{
    for (size_t i = 0; i < job->file_count; i++) {
        const struct file_view *f = &job->files[i];
        bool open = f->state == FILE_WAITING || f->state == FILE_ACTIVE;
        if (!open || f->total <= f->bytes)
            continue;
        d->missing += f->total - f->bytes;
        if (f->state == FILE_WAITING && !f->bytes)
            d->unclaimed += f->total;
    }
}

/* NULL: wherever it goes. */
static struct demand demand_of(const struct snapshot *s, const char *dir)
{
    struct demand d = {0};
    for (size_t i = 0; i < s->count; i++) {
        const struct job_view *job = s->jobs[i];
        if (!job_state_ended(job->state) && (!dir || (job->dir && !strcmp(job->dir, dir))))
            add_demand(&d, job);
    }
    return d;
}

/* The directory gets what room the figures leave. */
void draw_status(struct ui *ui, const struct area *a)
{
    const char *dir = disk_dir(ui);
    int64_t room_left = disk_free(ui, dir);
    struct demand d = demand_of(&ui->snapshot, dir);
    char have[UNITS_TEXT_SIZE], need[UNITS_TEXT_SIZE], needed[128] = "", lack[UNITS_TEXT_SIZE] = "",
                                                       marked[48] = "";
    enum role role = room_left >= 0 && d.unclaimed > room_left ? ROLE_ERROR : ROLE_NORMAL;
    format_size_short(room_left, have);
    format_size_short(d.missing, need);
    int x = 1 + draw_textf(a, 0, 1, role, "Disk %s free", room_left < 0 ? "?" : have);
    if (a->cols < 60) {
        draw_status_narrow(ui, a);
        return;
    }
    struct buf tail;
    buf_init(&tail);
    status_tail(ui, &tail);
    if (role == ROLE_ERROR)
        format_size_short(d.unclaimed - room_left, lack);
    if (d.missing)
        snprintf(needed, sizeof needed, ", need %s%s%s%s%s", need,
                 ui->jobs.counts.sizeless ? "+" : "", lack[0] ? ": " : "", lack,
                 lack[0] ? " short" : "");
    marks_text(&ui->jobs, marked, sizeof marked);
    int room = a->cols - x - 4 - (int)(strlen(needed) + tail.len + strlen(marked));
    if (!dir) {
        x += draw_text(a, 0, x, role, ui->options->remote ? " on the server" : " here");
    } else if (room >= 6) {
        x += draw_text(a, 0, x, role, " on ");
        x += draw_fit(a, 0, x, room, role, CUT_MIDDLE, dir);
    }
    x += draw_text(a, 0, x, role, needed);
    if (x + (int)(tail.len + strlen(marked)) <= a->cols)
        x += draw_text(a, 0, x, ROLE_NORMAL, tail.data);
    draw_text(a, 0, x, ROLE_MARK, marked);
    buf_release(&tail);
}

void draw_order(struct ui *ui, const struct area *whole)
{
    const struct joblist *m = &ui->jobs;
    char place[64];
    snprintf(place, sizeof place, "row %zu of %zu", m->count ? m->cursor + 1 : 0, m->count);
    draw_right(whole, 0, whole->cols - 1, ROLE_DIM, place);
    struct area left = area_sub(whole, 0, 0, 1, whole->cols - 3 - (int)strlen(place));
    const struct area *a = &left;
    int x = 1 + draw_textf(a, 0, 1, ROLE_DIM, "sort: %s%s   filter: ", sort_name(m->sort),
                           m->inverted ? " (inverted)" : "");
    if (m->filter)
        x += draw_fit(a, 0, x, 20, ROLE_WARN, CUT_END, m->filter_text);
    else
        x += draw_text(a, 0, x, ROLE_DIM, "none");
    x += draw_textf(a, 0, x, ROLE_DIM, "   follow: %s", ui->follow ? "on" : "off");
    if (whole->cols < 110 || whole->canvas->rows < 24) /* else there is a line of tabs */
        draw_textf(a, 0, x, m->tab == TAB_ALL ? ROLE_DIM : ROLE_WARN, "   tab: %d %s",
                   (int)m->tab + 1, tab_name(m->tab));
}
