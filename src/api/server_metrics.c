/* SPDX-License-Identifier: MIT */
/* Counters for Prometheus; see server_metrics.h. */
#include "api/server_metrics.h"

#include <inttypes.h>

void metrics_event(struct metrics *m, const struct event *e)
{
    if (e->type == EVENT_ERROR)
        m->errors[e->fault->code]++;
    else if (e->type == EVENT_FILE)
        m->files++;
    else if (e->type == EVENT_JOB && job_state_ended(e->state))
        m->ended[e->state]++;
}

void metrics_request(struct metrics *m, unsigned status)
{
    unsigned kind = status / 100;
    m->requests[kind < 6 ? kind : 0]++;
}

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP haul_%s %s\n# TYPE haul_%s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help, int64_t n)
{
    head(out, name, type, help);
    buf_addf(out, "haul_%s %" PRId64 "\n", name, n);
}

static void write_jobs(struct buf *out, const struct metrics *m, const struct totals_view *t)
{
    head(out, "jobs", "gauge", "Jobs in the list, by state.");
    for (int s = 0; s < JOB_STATE_COUNT; s++)
        buf_addf(out, "haul_jobs{state=\"%s\"} %zu\n", job_state_name((enum job_state)s),
                 t->by_state[s]);
    head(out, "jobs_ended_total", "counter", "Jobs that ended, by how.");
    for (int s = 0; s < JOB_STATE_COUNT; s++)
        if (job_state_ended((enum job_state)s))
            buf_addf(out, "haul_jobs_ended_total{state=\"%s\"} %" PRIu64 "\n",
                     job_state_name((enum job_state)s), m->ended[s]);
    head(out, "errors_total", "counter", "Errors of jobs, by code.");
    for (int e = HAUL_OK + 1; e < HAUL_ERR_COUNT; e++)
        buf_addf(out, "haul_errors_total{code=\"%s\"} %" PRIu64 "\n",
                 haul_error_code((enum haul_error)e), m->errors[e]);
}

static void write_requests(struct buf *out, const struct metrics *m)
{
    head(out, "http_requests_total", "counter", "Requests that were answered, by class of status.");
    for (unsigned kind = 2; kind < 6; kind++)
        buf_addf(out, "haul_http_requests_total{status=\"%uxx\"} %" PRIu64 "\n", kind,
                 m->requests[kind]);
}

void metrics_write(struct buf *out, const struct metrics *m, const struct metrics_now *now)
{
    const struct snapshot *s = now->snapshot;
    head(out, "info", "gauge", "The version, as a label.");
    buf_addf(out, "haul_info{version=\"%s\"} 1\n", HAUL_VERSION);
    one(out, "start_time_seconds", "gauge", "When the server started, Unix time.",
        now->started_ms / 1000);
    write_jobs(out, m, &s->totals);
    one(out, "jobs_retrying", "gauge", "Jobs that wait to try again.", (int64_t)s->totals.retrying);
    one(out, "jobs_max", "gauge", "Jobs at once, at most.", s->jobs_max);
    one(out, "received_bytes_total", "counter", "Bytes of files from the network.", s->fetched);
    one(out, "receive_rate_bytes", "gauge", "Bytes a second, now.", s->totals.rate);
    one(out, "limit_rate_bytes", "gauge", "Bytes a second, at most; 0: no limit.", s->limit_rate);
    one(out, "retries_total", "counter", "Requests that had to be tried again.",
        (int64_t)s->retries);
    one(out, "files_total", "counter", "Files that were finished.", (int64_t)m->files);
    one(out, "download_connections", "gauge", "Connections that downloads have open.",
        s->totals.connections);
    one(out, "http_connections", "gauge", "Connections of clients.", (int64_t)now->connections);
    one(out, "http_streams", "gauge", "Event streams that are open.", (int64_t)now->streams);
    write_requests(out, m);
}
