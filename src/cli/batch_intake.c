/* SPDX-License-Identifier: MIT */
/* Which jobs a batch is about: see batch_internal.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/batch_internal.h"
#include "core/alloc.h"
#include "core/text.h"

static void refuse(struct batch *b, const struct job_request *request,
                   const struct haul_fault *fault)
{
    char *spec = text_masked_url(request->spec);
    size_t len = strlen(spec);
    bool named = !strncmp(fault->message, spec, len) && fault->message[len] == ':';
    meter_error(b->meter, "%s%s%s", named ? "" : spec, named ? "" : ": ", fault->message);
    free(spec);
    batch_report_refusal(&b->report, fault);
    batch_jobs_refused(&b->jobs, fault->code);
}

void batch_add_requests(struct batch *b, const struct job_request *requests, size_t count)
{
    char(*ids)[JOB_ID_SIZE] = xcalloc(count, sizeof *ids);
    size_t done = 0, kept = 0;
    while (done < count) {
        struct haul_fault fault = {0};
        size_t added = 0;
        enum haul_error err =
            session_add_many(b->session, requests + done, count - done, ids + kept, &added, &fault);
        kept += added;
        done += added;
        if (err && done < count)
            refuse(b, &requests[done++], &fault);
    }
    batch_jobs_add(&b->jobs, ids, kept);
    free(ids);
}

/* Jobs that ended between the start of the session and the first look belong to this run, too. */
static bool adopted(const struct job_view *job, int64_t started_ms)
{
    return !job_state_ended(job->state) || job->ended_ms >= started_ms;
}

void batch_adopt_queue(struct batch *b, int64_t started_ms)
{
    batch_refresh(b);
    char(*ids)[JOB_ID_SIZE] = xcalloc(b->snapshot.count + 1, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < b->snapshot.count; i++) {
        const struct job_view *job = b->snapshot.jobs[i];
        if (!adopted(job, started_ms))
            continue;
        struct haul_fault fault;
        if (job->state == JOB_PAUSED && session_control(b->session, job->id, JOB_RESUME, &fault)) {
            meter_error(b->meter, "%s", fault.message);
            continue;
        }
        memcpy(ids[count++], job->id, JOB_ID_SIZE);
    }
    batch_jobs_add(&b->jobs, ids, count);
    free(ids);
}

void batch_tell_empty(struct batch *b, const struct batch_input *input)
{
    struct buf text;
    size_t failed = 0;
    for (size_t i = 0; i < b->snapshot.count; i++)
        failed += b->snapshot.jobs[i]->state == JOB_FAILED;
    buf_init(&text);
    buf_add_str(&text, "nothing to do: no SPEC given, and the queue is empty");
    if (failed)
        buf_addf(&text,
                 "; %zu download%s failed before: give the SPEC again, or retry in the terminal UI",
                 failed, failed == 1 ? " has" : "s have");
    if (input->warning)
        buf_addf(&text, "; %s", input->warning);
    meter_error(b->meter, "%s", text.data);
    buf_release(&text);
}

void batch_adopt_watched(struct batch *b, const struct batch_input *input)
{
    batch_refresh(b);
    size_t room = input->id_count + b->snapshot.count, count = 0;
    char(*ids)[JOB_ID_SIZE] = xcalloc(room + 1, sizeof *ids);
    for (; count < input->id_count; count++)
        memcpy(ids[count], input->ids[count], JOB_ID_SIZE);
    for (size_t i = 0; !input->id_count && i < b->snapshot.count; i++)
        if (!job_state_ended(b->snapshot.jobs[i]->state))
            memcpy(ids[count++], b->snapshot.jobs[i]->id, JOB_ID_SIZE);
    batch_jobs_add(&b->jobs, ids, count);
    free(ids);
}
