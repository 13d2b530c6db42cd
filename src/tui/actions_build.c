/* SPDX-License-Identifier: MIT */
/* Builds: nothing runs that the user has not seen and said yes to. */
#include <stdlib.h>

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
    build_again(job, ui->options->defaults, &request);
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

static void run(struct ui *ui, struct build_request *r)
{
    struct haul_fault fault;
    if (build_run(ui->session, r, &fault) == HAUL_OK)
        ui_say(ui, ROLE_OK, "%s: added, will run", r->request.spec);
    else
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
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
