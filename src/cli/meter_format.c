/* SPDX-License-Identifier: MIT */
/* Lines that stay: start, plain progress and end of a job; see meter_format.h. */
#include "cli/meter_format.h"

#include <string.h>

#include "api/json.h"
#include "cli/meter_text.h"
#include "core/clock.h"
#include "core/units.h"

void meter_add_word(struct buf *out, enum meter_ink ink, bool color, const char *word)
{
    static const char *const codes[] = {
        [INK_GOOD] = "32", [INK_BAD] = "31", [INK_WARN] = "33", [INK_BAR] = "36", [INK_HEAD] = "1",
    };
    if (color)
        buf_addf(out, "\033[%sm%s\033[0m", codes[ink], word);
    else
        buf_add_str(out, word);
}

const char *meter_name(const struct job_view *job)
{
    return job->name && *job->name ? job->name : job->source ? job->source : job->id;
}

void meter_add_sizes(struct buf *out, int64_t bytes, int64_t total)
{
    char done[UNITS_TEXT_SIZE], all[UNITS_TEXT_SIZE];
    units_format_size(bytes, done);
    if (total < 0) {
        buf_add_str(out, done);
        return;
    }
    units_format_size(total, all);
    const char *done_unit = strchr(done, ' '), *all_unit = strchr(all, ' ');
    bool same = done_unit && all_unit && !strcmp(done_unit, all_unit);
    buf_addf(out, "%.*s/%s", same ? (int)(done_unit - done) : (int)strlen(done), done, all);
}

void meter_add_condition(struct buf *out, const struct job_view *job, int64_t now)
{
    if (job->retry_at > now)
        buf_addf(out, "try %u/%u in %d s", job->retry_try, job->retry_max,
                 (int)((job->retry_at - now + CLOCK_SEC - 1) / CLOCK_SEC));
    else if (job->state == JOB_RESOLVING)
        buf_add_str(out, "resolving");
    else if (job->state == JOB_VERIFYING)
        buf_add_str(out, "verifying");
}

static int64_t resumed_bytes(const struct job_view *job)
{
    int64_t sum = 0;
    for (size_t i = 0; i < job->file_count; i++)
        if (job->files[i].resumed_from > 0)
            sum = units_add(sum, job->files[i].resumed_from);
    return sum;
}

void meter_format_start(struct buf *out, const struct job_view *job, bool color)
{
    char text[UNITS_TEXT_SIZE];
    meter_add_word(out, INK_HEAD, color, "get");
    buf_addf(out, " %s", meter_name(job));
    if (job->total >= 0) {
        units_format_size(job->total, text);
        buf_addf(out, " %s", text);
    }
    if (resumed_bytes(job) > 0) {
        units_format_size(resumed_bytes(job), text);
        buf_addf(out, ", resume at %s", text);
    }
}

void meter_format_plain(struct buf *out, const struct job_view *job, int64_t now)
{
    char rate[UNITS_TEXT_SIZE], eta[UNITS_TEXT_SIZE];
    buf_add_str(out, meter_name(job));
    int64_t permille = api_permille(job->bytes, job->total);
    if (permille >= 0)
        buf_addf(out, " %d%%", (int)(permille / 10));
    buf_add_char(out, ' ');
    meter_add_sizes(out, job->bytes, job->total);
    buf_add_char(out, ' ');
    size_t before = out->len;
    meter_add_condition(out, job, now);
    if (out->len > before) {
        if (job->retry_at > now && job->retry_why)
            buf_addf(out, ": %s", job->retry_why);
        return;
    }
    units_format_rate(job->rate, rate);
    buf_add_str(out, rate);
    if (job->eta >= 0) {
        units_format_eta(units_round_eta(job->eta), eta);
        buf_addf(out, " eta %s", eta);
    }
}

static void add_elapsed(struct buf *out, int64_t ms)
{
    int64_t seconds = ms > 0 ? (ms + 500) / 1000 : 0;
    buf_addf(out, " %d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
}

static bool all_skipped(const struct job_view *job)
{
    for (size_t i = 0; i < job->file_count; i++)
        if (job->files[i].state != FILE_SKIPPED)
            return false;
    return job->file_count;
}

/* The weakest check of all files counts for the job. */
static const char *check_text(const struct job_view *job)
{
    const char *text = "sha256 ok";
    for (size_t i = 0; i < job->file_count; i++) {
        if (job->files[i].verified == DIGEST_BY_NONE)
            return "not verified";
        if (job->files[i].verified == DIGEST_BY_ETAG)
            text = "etag ok";
        else if (!*job->files[i].sha256)
            text = "digest ok";
    }
    return text;
}

static void format_completed(struct buf *out, const struct job_view *job, bool color)
{
    char text[UNITS_TEXT_SIZE];
    int64_t ms = job->ended_ms - job->started_ms;
    meter_add_word(out, INK_GOOD, color, "ok");
    units_format_size(job->bytes, text);
    buf_addf(out, " %s %s", meter_name(job), text);
    if (all_skipped(job)) {
        buf_addf(out, " there already, %s", check_text(job));
        return;
    }
    add_elapsed(out, ms);
    if (ms > 0) {
        units_format_rate((int64_t)((double)(job->bytes - resumed_bytes(job)) * 1000 / (double)ms),
                          text);
        buf_addf(out, " %s", text);
    }
    buf_addf(out, " %s", check_text(job));
}

void meter_format_end(struct buf *out, const struct job_view *job, bool color)
{
    if (job->state == JOB_COMPLETED) {
        format_completed(out, job, color);
        return;
    }
    meter_add_word(out, INK_BAD, color, "fail");
    const char *reason = *job->fault.message ? job->fault.message : job_state_name(job->state);
    buf_addf(out, " %s %s", meter_name(job), reason);
}
