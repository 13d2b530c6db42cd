/* SPDX-License-Identifier: MIT */
/* The last log lines and errors of a session, and how the log view shows them. UI thread only. */
#ifndef HAUL_TUI_LOG_H
#define HAUL_TUI_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/session.h"
#include "tui/draw.h"

#define LOG_KEPT 2000

struct log_view {
    struct event *lines[LOG_KEPT]; /* a ring, references */
    size_t first, count;
    size_t warnings, errors; /* of those kept */
    enum log_level level;    /* shown from here on */
    char job[JOB_ID_SIZE];   /* only this job, "": all */
    bool follow;
    size_t back; /* lines scrolled back from the end */
};

void log_init(struct log_view *l);
void log_release(struct log_view *l);
/* What the session kept from before. */
void log_load(struct log_view *l, struct session *s);
/* Takes the reference; events that are no log lines are dropped. */
void log_take(struct log_view *l, struct event *e);

/* A line that no session told. */
void log_add(struct log_view *l, enum log_level level, const char *text);

enum log_level log_level_of(const struct event *e);
/* Line i of those kept, oldest first. */
const struct event *log_line(const struct log_view *l, size_t i);
/* Whether the view shows it, by level and job. */
bool log_shows(const struct log_view *l, const struct event *e);
/* Scrolls by lines, negative is towards the start. */
void log_scroll(struct log_view *l, ptrdiff_t lines);
/* Scrolls to the next shown line that contains text; false where there is none. */
bool log_search(struct log_view *l, const char *text, int step);
/* The line at the lower end of what is shown; NULL: none. */
const struct event *log_last_shown(const struct log_view *l);
/* Appends a line as text, with its time and level, and its remedy on a second one. */
void log_text(const struct event *e, struct buf *out);
/* Draws the newest shown lines of `job` ("": all) that fit, `back` lines from the end. False: there
 * is none. */
bool log_draw_lines(const struct log_view *l, const struct area *a, const char *job, size_t back);

#endif
