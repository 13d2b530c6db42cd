/* SPDX-License-Identifier: MIT */
/* What the linear UI says: whole sentences with words for units, for speech. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/attrs.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/units.h"
#include "tui/bar.h"
#include "tui/linear_state.h"

#define WORDS_SIZE 64

void linear_say(struct linear *l, const char *fmt, ...)
{
    if (l->prompted)
        putchar('\n');
    l->prompted = false;
    va_list args;
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

/* "press r" and its kin; %N is the job's number. */
static const struct {
    const char *key, *command;
} rewordings[] = {{"press r", "type \"retry %N\""},
                  {"(or p, if it is paused)", "(or \"resume %N\")"},
                  {"(x)", "(\"drop %N\")"},
                  {"The log (L) says", "The log of the other terminal UI says"}};

static size_t reword(struct buf *out, const char *text, uint64_t number)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rewordings); i++) {
        size_t len = strlen(rewordings[i].key);
        if (strncasecmp(text, rewordings[i].key, len) != 0)
            continue;
        const char *command = rewordings[i].command, *hole = strstr(command, "%N");
        size_t at = out->len;
        buf_addf(out, "%.*s", hole ? (int)(hole - command) : (int)strlen(command), command);
        if (hole)
            buf_addf(out, "%" PRIu64 "%s", number, hole + 2);
        if (text[0] == 'P')
            out->data[at] = 'T'; /* at the begin of a sentence */
        return len;
    }
    buf_add_char(out, text[0]);
    return 1;
}

void linear_say_reworded(struct linear *l, uint64_t number, const char *text)
{
    struct buf out;
    buf_init(&out);
    while (*text)
        text += reword(&out, text, number);
    linear_say(l, "%s", out.data);
    buf_release(&out);
}

void linear_prompt(struct linear *l)
{
    if (!l->prompted && !l->input_ended) {
        fputs("haul> ", stdout);
        l->prompted = true;
    }
    fflush(stdout);
}

/* "35.4 GiB" to "35.4 gibibytes". */
static void size_words(int64_t bytes, char out[WORDS_SIZE])
{
    static const char *const units[][2] = {{" B", " bytes"},       {" KiB", " kibibytes"},
                                           {" MiB", " mebibytes"}, {" GiB", " gibibytes"},
                                           {" TiB", " tebibytes"}, {" PiB", " pebibytes"}};
    char text[UNITS_TEXT_SIZE];
    units_format_size(bytes, text);
    const char *blank = strchr(text, ' ');
    for (size_t i = 0; blank && i < HAUL_ARRAY_LEN(units); i++) {
        if (strcmp(blank, units[i][0]) != 0)
            continue;
        snprintf(out, WORDS_SIZE, "%.*s%s", (int)(blank - text), text, units[i][1]);
        return;
    }
    snprintf(out, WORDS_SIZE, "%s", text);
}

static void time_words(int64_t seconds, char out[WORDS_SIZE])
{
    if (seconds < 90)
        snprintf(out, WORDS_SIZE, "%" PRId64 " second%s", seconds, seconds == 1 ? "" : "s");
    else if (seconds < 5400)
        snprintf(out, WORDS_SIZE, "%" PRId64 " minutes", (seconds + 30) / 60);
    else
        snprintf(out, WORDS_SIZE, "%" PRId64 " hours", (seconds + 1800) / 3600);
}

static const char *name_of(const char *name, const char *source)
{
    return name && name[0] ? name : source ? source : "no name";
}

static void say_progress(struct linear *l, const struct job_view *job)
{
    char have[WORDS_SIZE], all[WORDS_SIZE], rate[WORDS_SIZE], left[WORDS_SIZE], tail[160] = "";
    size_words(job->bytes, have);
    size_words(job->total, all);
    size_words(job->rate, rate);
    if (job->eta >= 0) {
        time_words(units_round_eta(job->eta), left);
        snprintf(tail, sizeof tail, ", about %s left", left);
    }
    if (job->total > 0)
        linear_say(l, "Job %" PRIu64 ", %s: %d percent, %s of %s, %s per second%s.", job->number,
                   name_of(job->name, job->source), bar_share(job->bytes, job->total, 100), have,
                   all, rate, tail);
    else
        linear_say(l, "Job %" PRIu64 ", %s: %s of unknown size, %s per second.", job->number,
                   name_of(job->name, job->source), have, rate);
}

static void say_failure(struct linear *l, uint64_t number, const char *name, const char *why)
{
    bool named = name && name[0];
    char *text =
        xasprintf("Job %" PRIu64 "%s%s: failed, %s. Type \"explain %" PRIu64 "\" for the remedy.",
                  number, named ? ", " : "", named ? name : "", why, number);
    linear_say_reworded(l, number, text);
    free(text);
}

void linear_say_job(struct linear *l, const struct job_view *job)
{
    const char *name = name_of(job->name, job->source);
    int64_t wait = job->retry_at - clock_now();
    if (job->retry_at && !job_state_ended(job->state) && !job->retry_try)
        linear_say(l, "Job %" PRIu64 ", %s: the host is busy, goes on in %" PRId64 " seconds.",
                   job->number, name, wait > 0 ? wait / CLOCK_SEC + 1 : 0);
    else if (job->retry_at && !job_state_ended(job->state))
        linear_say(l, "Job %" PRIu64 ", %s: try %u of %u in %" PRId64 " seconds.", job->number,
                   name, job->retry_try, job->retry_max, wait > 0 ? wait / CLOCK_SEC + 1 : 0);
    else if (job->state == JOB_RUNNING)
        say_progress(l, job);
    else if (job->state == JOB_FAILED)
        say_failure(l, job->number, job->name, job->fault.message);
    else
        linear_say(l, "Job %" PRIu64 ", %s: %s.", job->number, name, job_state_name(job->state));
}

static void say_file(struct linear *l, const struct event *e)
{
    char *name = text_sanitized(name_of(e->path, e->name));
    linear_say(l, "Job %" PRIu64 ": %s is complete.", e->number, name);
    free(name);
}

void linear_say_event(struct linear *l, const struct event *e)
{
    switch (e->type) {
    case EVENT_JOB:
        /* A failure is told with its reason, as an error. */
        if (e->state != JOB_FAILED && e->state != JOB_RESOLVING)
            linear_say(l, "Job %" PRIu64 ", %s: %s.", e->number, name_of(e->name, e->source),
                       job_state_name(e->state));
        break;
    case EVENT_FILE:
        say_file(l, e);
        break;
    case EVENT_ERROR:
        say_failure(l, e->number, e->name, e->fault->message);
        break;
    case EVENT_LOG:
        if (e->level >= LOG_WARN)
            linear_say(l, "Warning: %s", e->message);
        break;
    }
}

void linear_say_summary(struct linear *l)
{
    const struct totals_view *t = &l->snapshot.totals;
    size_t active = 0;
    for (enum job_state s = 0; s < JOB_STATE_COUNT; s++)
        active += job_state_active(s) ? t->by_state[s] : 0;
    linear_say(l,
               "Summary: %zu active, %zu queued, %zu waiting to retry, %zu paused, %zu failed, %zu "
               "done.",
               active, t->by_state[JOB_QUEUED], t->retrying, t->by_state[JOB_PAUSED],
               t->by_state[JOB_FAILED], t->by_state[JOB_COMPLETED]);
    if (!active || t->total <= 0)
        return;
    char all[WORDS_SIZE];
    size_words(t->total, all);
    linear_say(l, "%d percent of %s.", bar_share(t->known, t->total, 100), all);
}
