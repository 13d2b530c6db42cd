/* SPDX-License-Identifier: MIT */
/* See log.h. */
#include "tui/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/keeper.h"
#include "tui/remedy.h"

void log_init(struct log_view *l)
{
    *l = (struct log_view){.follow = true, .level = LOG_INFO};
}

void log_release(struct log_view *l)
{
    for (size_t i = 0; i < l->count; i++)
        event_unref(l->lines[(l->first + i) % LOG_KEPT]);
    log_init(l);
}

enum log_level log_level_of(const struct event *e)
{
    return e->type == EVENT_ERROR ? LOG_ERROR : e->level;
}

static void count_line(struct log_view *l, const struct event *e, size_t by)
{
    l->warnings += log_level_of(e) == LOG_WARN ? by : 0;
    l->errors += log_level_of(e) == LOG_ERROR ? by : 0;
}

static bool is_still(const struct event *e)
{
    return e->type == EVENT_LOG && e->level == LOG_INFO && e->message &&
           !strncmp(e->message, KEEPER_STILL, strlen(KEEPER_STILL));
}

/* The place of the last line of that job; count: it has none. */
static size_t last_of_job(const struct log_view *l, const char *job)
{
    for (size_t i = l->count; i-- > 0;)
        if (!strcmp(log_line(l, i)->job, job))
            return i;
    return l->count;
}

static void drop_line(struct log_view *l, size_t at)
{
    size_t newer = 0;
    for (size_t i = at + 1; i < l->count; i++)
        newer += log_shows(l, log_line(l, i));
    struct event *e = l->lines[(l->first + at) % LOG_KEPT];
    if (log_shows(l, e) && newer < l->back)
        l->back--;
    count_line(l, e, (size_t)-1);
    event_unref(e);
    for (size_t i = at; i + 1 < l->count; i++)
        l->lines[(l->first + i) % LOG_KEPT] = l->lines[(l->first + i + 1) % LOG_KEPT];
    l->count--;
}

/* That a download goes on is worth one line, not one every ten seconds: they would push out what
 * went wrong. */
static void keep(struct log_view *l, struct event *e)
{
    size_t last = is_still(e) ? last_of_job(l, e->job) : l->count;
    if (last < l->count && is_still(log_line(l, last)))
        drop_line(l, last);

    if (l->count == LOG_KEPT) {
        count_line(l, l->lines[l->first], (size_t)-1);
        event_unref(l->lines[l->first]);
        l->first = (l->first + 1) % LOG_KEPT;
        l->count--;
    }
    l->lines[(l->first + l->count++) % LOG_KEPT] = e;
    count_line(l, e, 1);
    if (!l->follow && log_shows(l, e))
        l->back++;
}

void log_take(struct log_view *l, struct event *e)
{
    const struct event *newest = l->count ? log_line(l, l->count - 1) : NULL;
    bool is_line = e->type == EVENT_LOG || e->type == EVENT_ERROR;
    if (!is_line || (newest && e->seq <= newest->seq)) {
        event_unref(e);
        return;
    }
    keep(l, e);
}

void log_add(struct log_view *l, enum log_level level, const char *text)
{
    const struct event *newest = l->count ? log_line(l, l->count - 1) : NULL;
    struct event *e = event_new(EVENT_LOG);
    e->seq = newest ? newest->seq : 0;
    e->wall_ms = clock_wall_ms();
    e->level = level;
    e->message = xstrdup(text);
    keep(l, e);
}

void log_load(struct log_view *l, struct session *s)
{
    struct event **old = xcalloc(LOG_KEPT, sizeof(struct event *));
    size_t count = session_log(s, NULL, old, LOG_KEPT);
    for (size_t i = 0; i < count; i++)
        log_take(l, old[i]);
    free(old);
}

const struct event *log_line(const struct log_view *l, size_t i)
{
    return l->lines[(l->first + i) % LOG_KEPT];
}

static bool shows(const struct log_view *l, const struct event *e, const char *job)
{
    return log_level_of(e) >= l->level && (!job[0] || !strcmp(job, e->job));
}

bool log_shows(const struct log_view *l, const struct event *e)
{
    return shows(l, e, l->job);
}

static size_t count_shown(const struct log_view *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        n += log_shows(l, log_line(l, i));
    return n;
}

void log_scroll(struct log_view *l, ptrdiff_t lines)
{
    size_t shown = count_shown(l), most = shown ? shown - 1 : 0;
    if (lines > 0)
        l->back -= (size_t)lines < l->back ? (size_t)lines : l->back;
    else
        l->back += (size_t)-lines < most - l->back ? (size_t)-lines : most - l->back;
    l->follow = l->back == 0;
}

static const char *text_of(const struct event *e)
{
    const char *text = e->type == EVENT_ERROR ? e->fault->message : e->message;
    return text ? text : "";
}

const struct event *log_last_shown(const struct log_view *l)
{
    size_t skipped = 0;
    for (size_t i = l->count; i-- > 0;)
        if (log_shows(l, log_line(l, i)) && skipped++ == l->back)
            return log_line(l, i);
    return NULL;
}

void log_text(const struct event *e, struct buf *out)
{
    time_t seconds = (time_t)(e->wall_ms / 1000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    buf_addf(out, "%04d-%02d-%02d %02d:%02d:%02d %-5s ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, log_level_name(log_level_of(e)));
    if (e->number)
        buf_addf(out, "#%llu ", (unsigned long long)e->number);
    buf_addf(out, "%s\n", text_of(e));
    if (e->type == EVENT_ERROR)
        buf_addf(out, "    remedy: %s\n", remedy_for(e->fault));
}

bool log_search(struct log_view *l, const char *text, int step)
{
    size_t from_end = 0, hit = SIZE_MAX;
    for (size_t i = l->count; i-- > 0;) {
        const struct event *e = log_line(l, i);
        if (!log_shows(l, e))
            continue;
        bool match = strcasestr(text_of(e), text);
        bool older = from_end > l->back, newer = from_end < l->back;
        if (match && step < 0 && older) {
            hit = from_end;
            break;
        }
        /* Towards the end, the last match on the way to the place is the nearest. */
        if (match && step > 0 && newer)
            hit = from_end;
        from_end++;
    }
    if (hit == SIZE_MAX)
        return false;
    l->back = hit;
    l->follow = false;
    return true;
}

static enum role level_role(enum log_level level)
{
    static const enum role roles[] = {
        [LOG_DEBUG] = ROLE_DIM,
        [LOG_INFO] = ROLE_NORMAL,
        [LOG_WARN] = ROLE_WARN,
        [LOG_ERROR] = ROLE_ERROR,
    };
    return roles[level];
}

/* Where the text begins: behind the level, where there is room the time, too, and where there is
 * more the job's number. */
static int text_column(const struct area *a)
{
    return a->cols < 36 ? 6 : a->cols < 60 ? 15 : 21;
}

/* Caller frees; NULL for what needs no remedy. */
static char *remedy_text(const struct event *e)
{
    return e->type == EVENT_ERROR ? xasprintf("remedy: %s", remedy_for(e->fault)) : NULL;
}

static int line_rows(const struct event *e, const struct area *a)
{
    char *remedy = remedy_text(e);
    int cols = a->cols - text_column(a);
    int rows = width_lines(text_of(e), cols, a->canvas->ascii);
    if (remedy)
        rows += width_lines(remedy, cols, a->canvas->ascii);
    free(remedy);
    return rows;
}

static void draw_line(const struct area *a, int y, const struct event *e)
{
    time_t seconds = (time_t)(e->wall_ms / 1000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    char number[24] = "";
    if (e->number)
        snprintf(number, sizeof number, "#%llu", (unsigned long long)e->number);
    enum log_level level = log_level_of(e);
    int x = 1;
    if (text_column(a) >= 15)
        x += 1 + draw_textf(a, y, x, ROLE_DIM, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
    draw_text(a, y, x, level_role(level), level == LOG_ERROR ? "ERR" : log_level_name(level));
    if (text_column(a) > 15)
        draw_fit(a, y, 15, 5, ROLE_DIM, CUT_LEFT, number);
    y = draw_wrapped(a, y, text_column(a), level >= LOG_WARN ? level_role(level) : ROLE_NORMAL,
                     text_of(e));
    char *remedy = remedy_text(e);
    if (remedy)
        draw_wrapped(a, y, text_column(a), ROLE_DIM, remedy);
    free(remedy);
}

bool log_draw_lines(const struct log_view *l, const struct area *a, const char *job, size_t back)
{
    int y = a->rows;
    size_t skipped = 0;
    size_t i = l->count;
    const struct event *shown[512];
    size_t count = 0;
    while (i-- > 0 && y > 0 && count < HAUL_ARRAY_LEN(shown)) {
        const struct event *e = log_line(l, i);
        if (!shows(l, e, job) || skipped++ < back)
            continue;
        shown[count++] = e;
        y -= line_rows(e, a);
    }
    /* A log that does not fill the screen starts at its top. */
    y = y > 0 ? 0 : y;
    bool any = count > 0;
    while (count-- > 0) {
        draw_line(a, y, shown[count]); /* of the first one perhaps the end only */
        y += line_rows(shown[count], a);
    }
    return any;
}
