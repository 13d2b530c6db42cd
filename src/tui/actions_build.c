/* SPDX-License-Identifier: MIT */
/* Builds: nothing runs that the user has not seen and said yes to. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/spec.h"
#include "tui/actions.h"
#include "tui/remedy.h"
#include "tui/targets.h"

bool actions_is_build(const char *spec)
{
    struct spec s;
    if (!spec || spec_parse(spec, &s, NULL) != HAUL_OK)
        return false;
    bool build = s.kind == SPEC_BUILD;
    spec_release(&s);
    return build;
}

bool actions_needs_confirming(const struct job_view *job)
{
    return job->state == JOB_FAILED && job->fault.code == HAUL_ERR_USAGE &&
           actions_is_build(job->source);
}

const char *actions_remedy(const struct job_view *job)
{
    return actions_needs_confirming(job)
               ? "Press r on it: you see what it would run before it does."
               : remedy_for(&job->fault);
}

void actions_ask_build(struct ui *ui, const struct job_request *request, const char *failed)
{
    if (ui->dialog != DIALOG_BUILD)
        build_ask_clear(&ui->build);
    if (build_ask_add(&ui->build, ui->session, request, failed))
        ui->dialog = DIALOG_BUILD;
    else
        ui_say(ui, ROLE_ERROR, "The system has no room for another thread.");
}

static void ask_again(struct ui *ui, const struct job_view *job)
{
    struct job_request request;
    actions_request_begin(ui, &request);
    request.spec = xstrdup(job->source);
    free(request.dir);
    request.dir = job->dir && job->dir[0] ? xstrdup(job->dir) : NULL;
    request.connections = job->connections_max;
    request.limit_rate = job->limit_rate;
    request.priority = job->priority;
    actions_ask_build(ui, &request, job->id);
    job_request_release(&request);
}

size_t actions_ask_builds(struct ui *ui)
{
    struct targets t = targets_of(ui, false, actions_needs_confirming);
    size_t count = t.count;
    for (size_t i = 0; i < count; i++)
        ask_again(ui, t.jobs[i]);
    free(t.jobs);
    return count;
}

/* The job that was refused is taken up again, or makes room for the one that takes its place. */
static void run(struct ui *ui, struct build_request *r)
{
    struct haul_fault fault;
    char id[JOB_ID_SIZE];
    r->request.confirmed = true;
    if (session_add(ui->session, &r->request, id, &fault) != HAUL_OK) {
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
        return;
    }
    ui_say(ui, ROLE_OK, "%s: added, will run", r->request.spec);
    if (r->failed[0] && strcmp(r->failed, id) != 0)
        (void)!session_control(ui->session, r->failed, JOB_DROP, &fault);
}

void actions_build_takes(struct ui *ui, uint32_t key)
{
    struct build_ask *b = &ui->build;
    if (key == 'y' && (ui->unseen || !build_ask_is_seen(b)))
        return;
    if (key == 'y')
        run(ui, &b->requests[0]);
    else
        ui_say(ui, ROLE_NORMAL, "%s: not run", b->requests[0].request.spec);
    ui->dialog = build_ask_next(b) ? DIALOG_BUILD : DIALOG_NONE;
}
