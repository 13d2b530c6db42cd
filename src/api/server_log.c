/* SPDX-License-Identifier: MIT */
/* The server's log; see server_log.h. */
#include "api/server_log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/json.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"

static bool takes_text(void)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

static void put(struct server_log *l, struct buf *line)
{
    buf_add_char(line, '\n');
    if (!takes_text()) {
        l->lost++;
        return;
    }
    ssize_t n = write(STDERR_FILENO, line->data, line->len);
    (void)n;
}

static bool wanted(const struct server_log *l, enum log_level level)
{
    enum log_level least = l->verbose ? LOG_DEBUG : l->quiet ? LOG_ERROR : LOG_INFO;
    return level >= least;
}

static enum log_level level_of(const struct event *e)
{
    switch (e->type) {
    case EVENT_LOG:
        return e->level;
    case EVENT_ERROR:
        return LOG_ERROR;
    case EVENT_JOB:
    case EVENT_FILE:
        break;
    }
    return LOG_INFO;
}

static void put_words(struct buf *line, const struct event *e)
{
    switch (e->type) {
    case EVENT_JOB:
        buf_addf(line, "%s %s", job_state_name(e->state), e->source);
        break;
    case EVENT_FILE: {
        char *path = text_sanitized(e->path ? e->path : "");
        buf_addf(line, "file %s, %" PRId64 " bytes, checked against %s", path, e->size,
                 digest_origin_name(e->verified));
        free(path);
        break;
    }
    case EVENT_LOG:
        buf_add_str(line, e->message);
        break;
    case EVENT_ERROR:
        buf_addf(line, "%s: %s", haul_error_code(e->fault->code), e->fault->message);
        break;
    }
}

void server_log_event(struct server_log *l, const struct event *e)
{
    if (!wanted(l, level_of(e)))
        return;
    struct buf line;
    char time[CLOCK_RFC3339_SIZE];
    buf_init(&line);
    if (l->json) {
        api_json_event(&line, e, ++l->seq);
    } else {
        clock_rfc3339(e->wall_ms, time);
        buf_addf(&line, "%s %-5s %s ", time, log_level_name(level_of(e)), *e->job ? e->job : "-");
        put_words(&line, e);
    }
    put(l, &line);
    buf_release(&line);
}

void server_log_line(struct server_log *l, enum log_level level, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = xvasprintf(fmt, args);
    va_end(args);
    char *clean = text_sanitized(text);
    struct event e = {
        .type = EVENT_LOG, .wall_ms = clock_wall_ms(), .level = level, .message = clean};
    server_log_event(l, &e);
    free(clean);
    free(text);
}
