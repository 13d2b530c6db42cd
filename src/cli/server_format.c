/* SPDX-License-Identifier: MIT */
/* `haul jobs` for people; see server_commands.h. */
#include <inttypes.h>
#include <stdio.h>

#include "api/json.h"
#include "cli/columns.h"
#include "cli/server_commands.h"
#include "core/units.h"

#define NAME_COLUMNS 36

static void add_percent(struct buf *out, const struct job_view *v)
{
    int64_t permille = api_permille(v->bytes, v->total);
    if (permille < 0)
        buf_addf(out, "%5s", "-");
    else
        buf_addf(out, "%4d%%", (int)(permille / 10));
}

static void add_job(struct buf *out, const struct job_view *v, bool ascii)
{
    char size[UNITS_TEXT_SIZE], rate[UNITS_TEXT_SIZE] = "-", eta[UNITS_TEXT_SIZE] = "-";
    units_format_size(v->total, size);
    if (v->state == JOB_RUNNING)
        units_format_rate(v->rate, rate);
    if (v->state == JOB_RUNNING && v->eta >= 0)
        units_format_eta(units_round_eta(v->eta), eta);
    buf_addf(out, "%5" PRIu64 "  %-9s ", v->number, job_state_name(v->state));
    add_percent(out, v);
    buf_addf(out, " %10s %12s %8s  ", v->total < 0 ? "-" : size, rate, eta);
    columns_add(out, v->name, NAME_COLUMNS, ascii);
    buf_add_char(out, '\n');
    if (v->fault.code)
        buf_addf(out, "       %s\n", v->fault.message);
}

void server_format_jobs(struct buf *out, const struct snapshot *s, bool ascii)
{
    if (!s->count) {
        buf_add_str(out, "no jobs; 'haul add SPEC' adds one\n");
        return;
    }
    buf_addf(out, "%5s  %-9s %5s %10s %12s %8s  %s\n", "ID", "STATE", "%", "SIZE", "RATE", "ETA",
             "NAME");
    for (size_t i = 0; i < s->count; i++)
        add_job(out, s->jobs[i], ascii);
}
