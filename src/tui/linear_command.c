/* SPDX-License-Identifier: MIT */
/* The commands of the linear UI: a table of words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"
#include "tui/actions.h"
#include "tui/build_ask.h"
#include "tui/linear_state.h"
#include "tui/remedy.h"

static const struct job_view *job_numbered(struct linear *l, const char *text)
{
    uint64_t number;
    if (units_parse_u64(text, UINT64_MAX, &number))
        for (size_t i = 0; i < l->snapshot.count; i++)
            if (l->snapshot.jobs[i]->number == number)
                return l->snapshot.jobs[i];
    linear_say(l, "There is no job %s. Type \"list\" for the numbers.",
               text[0] ? text : "without number");
    return NULL;
}

static void control(struct linear *l, const char *text, enum job_action action)
{
    struct haul_fault fault;
    const struct job_view *job = job_numbered(l, text);
    if (job && session_control(l->session, job->id, action, &fault) != HAUL_OK)
        linear_say(l, "%s.", fault.message);
}

static void do_pause(struct linear *l, const char *text)
{
    control(l, text, JOB_PAUSE);
}

static void do_resume(struct linear *l, const char *text)
{
    control(l, text, JOB_RESUME);
}

static void do_cancel(struct linear *l, const char *text)
{
    control(l, text, JOB_CANCEL);
}

static void do_retry(struct linear *l, const char *text)
{
    control(l, text, JOB_RETRY);
}

static void do_drop(struct linear *l, const char *text)
{
    control(l, text, JOB_DROP);
}

static void do_list(struct linear *l, const char *text)
{
    (void)text;
    for (size_t i = 0; i < l->snapshot.count; i++)
        linear_say_job(l, l->snapshot.jobs[i]);
    linear_say_summary(l);
}

static void do_add(struct linear *l, const char *text)
{
    struct haul_fault fault;
    struct job_request request;
    if (l->options->defaults)
        job_request_copy(&request, l->options->defaults);
    else
        job_request_init(&request);
    free(request.spec);
    request.spec = xstrdup(text);
    if (session_add(l->session, &request, NULL, &fault) != HAUL_OK)
        linear_say(l, "%s.", fault.message);
    (void)session_save(l->session); /* what somebody has typed is not lost */
    job_request_release(&request);
}

static void do_limit(struct linear *l, const char *text)
{
    struct haul_fault fault;
    int64_t rate;
    if (!units_parse_size(text, &rate))
        linear_say(l, "Type a rate, such as \"limit 10M\", or \"limit off\".");
    else if (session_set(l->session, -1, rate, &fault) != HAUL_OK)
        linear_say(l, "%s.", fault.message);
    else
        linear_say(l, rate ? "The speed limit is %s." : "There is no speed limit.", text);
}

static void do_explain(struct linear *l, const char *text)
{
    const struct job_view *job = job_numbered(l, text);
    if (!job)
        return;
    if (job->fault.code == HAUL_OK) {
        linear_say(l, "Nothing is wrong with job %" PRIu64 ".", job->number);
        return;
    }
    char *all = actions_needs_confirming(job)
                    ? xasprintf("%s. Type \"confirm %" PRIu64 "\" to run that.", job->fault.message,
                                job->number)
                    : xasprintf("%s. %s", job->fault.message, remedy_for(&job->fault));
    linear_say_reworded(l, job->number, all);
    free(all);
}

/* What it would run stands in its failure, which was said. */
static void do_confirm(struct linear *l, const char *text)
{
    const struct job_view *job = job_numbered(l, text);
    struct haul_fault fault;
    struct build_request r;
    if (!job)
        return;
    if (!actions_needs_confirming(job)) {
        linear_say(l, "Job %" PRIu64 " does not ask for it.", job->number);
        return;
    }
    build_again(job, l->options->defaults, &r.request);
    snprintf(r.failed, sizeof r.failed, "%s", job->id);
    if (build_run(l->session, &r, &fault) != HAUL_OK)
        linear_say(l, "%s.", fault.message);
    job_request_release(&r.request);
}

static void do_every(struct linear *l, const char *text)
{
    int64_t every;
    if (!units_parse_duration(text, &every)) {
        linear_say(l, "Type seconds, such as \"every 60\"; \"every 0\" is silence.");
        return;
    }
    l->every = every < CLOCK_SEC && every ? CLOCK_SEC : every;
    l->next_summary = clock_now() + l->every;
}

static void do_quit(struct linear *l, const char *text)
{
    if (!strcmp(text, "wait"))
        l->leave_when_done = true;
    else
        l->leaving = true;
}

static void do_help(struct linear *l, const char *text);

static const struct {
    const char *word;
    void (*run)(struct linear *l, const char *text);
    const char *help;
} commands[] = {
    {"list", do_list, "list: all jobs"},
    {"add", do_add, "add URL: download it"},
    {"pause", do_pause, "pause 3"},
    {"resume", do_resume, "resume 3"},
    {"cancel", do_cancel, "cancel 3: and delete what was fetched"},
    {"retry", do_retry, "retry 3"},
    {"drop", do_drop, "drop 3: out of the list"},
    {"limit", do_limit, "limit 10M, limit off"},
    {"explain", do_explain, "explain 3: why it failed, what to do"},
    {"confirm", do_confirm, "confirm 3: run the program of a build"},
    {"every", do_every, "every 60: a summary each 60 seconds; every 0: none"},
    {"help", do_help, "help"},
    {"quit", do_quit, "quit: save and leave; quit wait: when all is done"},
};

static void do_help(struct linear *l, const char *text)
{
    (void)text;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(commands); i++)
        linear_say(l, "%s.", commands[i].help);
}

void linear_command(struct linear *l, const char *line)
{
    line += strspn(line, " \t\r");
    size_t len = strcspn(line, " \t\r");
    if (!len)
        return;
    char *rest = xstrdup(line + len + strspn(line + len, " \t\r"));
    for (size_t end = strlen(rest); end && strchr(" \t\r", rest[end - 1]); end--)
        rest[end - 1] = '\0';
    size_t i = 0;
    while (i < HAUL_ARRAY_LEN(commands) &&
           (strlen(commands[i].word) != len || memcmp(commands[i].word, line, len) != 0))
        i++;
    if (i < HAUL_ARRAY_LEN(commands))
        commands[i].run(l, rest);
    else
        linear_say(l, "\"%.*s\" is not a command. Type \"help\".", len < 40 ? (int)len : 40, line);
    free(rest);
}
