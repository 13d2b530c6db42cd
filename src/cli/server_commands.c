/* SPDX-License-Identifier: MIT */
/* Commands on a job server's queue; see server_commands.h. */
#include "cli/server_commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/json_job.h"
#include "cli/batch.h"
#include "cli/exit_tally.h"
#include "cli/option_table.h"
#include "cli/outq.h"
#include "cli/signals.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/units.h"

struct command {
    struct session *session;
    const struct cli_options *options;
    struct outq out;
    struct exit_tally tally;
};

static void complain(struct command *c, const char *what, const struct haul_fault *fault)
{
    fprintf(stderr, "haul: %s: %s\n", what, fault->message);
    exit_tally_add(&c->tally, fault->code);
}

/* ---- add ---- */

static void put_id(struct command *c, const char *id)
{
    buf_addf(&c->out.text, c->options->json ? "{\"job_id\":\"%s\"}\n" : "%s\n", id);
}

/* One that is refused does not stop the others. */
static void add(struct command *c, const struct job_request *requests, size_t count)
{
    char(*ids)[JOB_ID_SIZE] = xcalloc(count + 1, sizeof *ids);
    for (size_t done = 0; done < count;) {
        struct haul_fault fault = {0};
        size_t added = 0;
        enum haul_error err =
            session_add_many(c->session, requests + done, count - done, ids, &added, &fault);
        for (size_t i = 0; i < added; i++)
            put_id(c, ids[i]);
        done += added;
        if (!err)
            continue;
        char *spec = text_masked_url(requests[done].spec);
        complain(c, spec, &fault);
        free(spec);
        if (err == HAUL_ERR_SERVER || err == HAUL_ERR_TIMEOUT)
            break;
        done++;
    }
    free(ids);
}

/* ---- jobs, watch ---- */

/* False, and said so, when the list could not be read: that is no empty list. */
static bool look(struct command *c, struct snapshot *s)
{
    struct watcher *w = session_watch(c->session);
    snapshot_init(s);
    (void)watcher_refresh(w, s);
    watcher_free(w);
    if (s->lost.code == HAUL_OK)
        return true;
    fprintf(stderr, "haul: %s\n", s->lost.message);
    exit_tally_add(&c->tally, s->lost.code);
    return false;
}

static void list(struct command *c)
{
    struct snapshot s;
    bool known = look(c, &s);
    for (size_t i = 0; known && c->options->json && i < s.count; i++) {
        api_json_job(&c->out.text, s.jobs[i], clock_now());
        buf_add_char(&c->out.text, '\n');
    }
    if (known && !c->options->json)
        server_format_jobs(&c->out.text, &s, c->options->ascii);
    snapshot_release(&s);
}

/* "job-…", or its number as people see it, with or without '#'. */
static const struct job_view *find(const struct snapshot *s, const char *text)
{
    uint64_t number;
    const struct job_view *v = snapshot_find(s, text);
    if (v || !units_parse_u64(text + (*text == '#'), UINT64_MAX, &number))
        return v;
    for (size_t i = 0; i < s->count; i++)
        if (s->jobs[i]->number == number)
            return s->jobs[i];
    return NULL;
}

static const struct haul_fault *no_such_job(struct haul_fault *fault)
{
    fault_set(fault, HAUL_ERR_NOT_FOUND, "there is no such job; 'haul jobs' lists them");
    return fault;
}

/* The ids of the jobs that were named; returns how many of them there are. */
static size_t pick(struct command *c, const struct snapshot *s, char (*ids)[JOB_ID_SIZE])
{
    const struct string_list *names = &c->options->specs;
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++) {
        const struct job_view *v = find(s, names->items[i]);
        struct haul_fault fault;
        if (v) {
            memcpy(ids[count++], v->id, JOB_ID_SIZE);
            continue;
        }
        complain(c, names->items[i], no_such_job(&fault));
    }
    return count;
}

static int watch(struct command *c)
{
    size_t named = c->options->specs.count;
    char(*ids)[JOB_ID_SIZE] = xcalloc(named + 1, sizeof *ids);
    struct snapshot s;
    bool known = look(c, &s);
    size_t count = known ? pick(c, &s, ids) : 0;
    snapshot_release(&s);
    struct batch_input input = {.remote = true,
                                .watch = true,
                                .ids = (const char(*)[JOB_ID_SIZE])ids,
                                .id_count = count,
                                .started_ms = clock_wall_ms()};
    bool nothing = !known || (named && !count);
    int code = nothing ? 0 : batch_run(c->session, c->options, &input);
    free(ids);
    return code ? code : c->tally.code;
}

/* ---- cancel, pause, resume, retry ---- */

/* The server has one sentence for a job that is not there and one that has ended. */
static void complain_of_control(struct command *c, enum job_action action, const char *name,
                                struct haul_fault *fault)
{
    struct snapshot s;
    if (fault->code == HAUL_ERR_NOT_FOUND)
        no_such_job(fault);
    if (action == JOB_CANCEL && fault->code == HAUL_ERR_USAGE) {
        const struct job_view *v = look(c, &s) ? find(&s, name) : NULL;
        if (v && job_state_ended(v->state))
            fault_set(fault, HAUL_ERR_USAGE, "it is %s: there is nothing left to cancel",
                      job_state_name(v->state));
        snapshot_release(&s);
    }
    complain(c, name, fault);
}

static void control(struct command *c, enum job_action action, const char *done)
{
    const struct string_list *names = &c->options->specs;
    for (size_t i = 0; i < names->count && !signals_caught(); i++) {
        const char *id = names->items[i] + (*names->items[i] == '#');
        struct haul_fault fault;
        if (session_control(c->session, id, action, &fault) != HAUL_OK)
            complain_of_control(c, action, names->items[i], &fault);
        else if (c->options->json)
            buf_addf(&c->out.text, "{\"job_id\":\"%s\",\"status\":\"%s\"}\n", id, done);
        else if (!c->options->quiet)
            buf_addf(&c->out.text, "%s: %s\n", id, done);
    }
}

static const struct {
    enum job_action action;
    const char *done;
} controls[COMMAND_COUNT] = {
    [COMMAND_CANCEL] = {JOB_CANCEL, "cancelled"},
    [COMMAND_PAUSE] = {JOB_PAUSE, "paused"},
    [COMMAND_RESUME] = {JOB_RESUME, "queued"},
    [COMMAND_RETRY] = {JOB_RETRY, "queued"},
};

int command_server(struct session *session, const struct cli_options *options,
                   const struct job_request *requests, size_t count)
{
    struct command c = {.session = session, .options = options};
    enum cli_command what = options->command;
    if (what == COMMAND_WATCH)
        return watch(&c);
    outq_init(&c.out, STDOUT_FILENO);
    signals_exit_on_next();
    if (what == COMMAND_ADD)
        add(&c, requests, count);
    else if (what == COMMAND_JOBS)
        list(&c);
    else
        control(&c, controls[what].action, controls[what].done);
    outq_drain(&c.out, -1);
    int code = c.out.error ? 1 : c.tally.code;
    outq_release(&c.out);
    return code;
}
