/* SPDX-License-Identifier: MIT */
/* Samples in fixed tables: what runs at once is few; the track idle for longest makes room. */
#include "tui/history.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"

static void push(struct history_track *t, int64_t value)
{
    if (t->count == HISTORY_SAMPLES) {
        memmove(t->values, t->values + 1, sizeof t->values - sizeof t->values[0]);
        t->count--;
    }
    t->values[t->count++] = value;
}

static void sample(struct history_track *t, int64_t value, int64_t second)
{
    int64_t missed = t->count ? second - t->last - 1 : 0;
    for (int64_t i = 0; i < missed && i < HISTORY_SAMPLES; i++)
        push(t, 0);
    push(t, value);
    t->last = second;
}

static struct history_track *track_for(struct history *h, const char *id, size_t file)
{
    struct history_track *oldest = &h->tracks[0];
    for (size_t i = 0; i < HISTORY_TRACKS; i++) {
        struct history_track *t = &h->tracks[i];
        if (t->file == file && !strcmp(t->id, id))
            return t;
        if (!t->id[0] || (oldest->id[0] && t->last < oldest->last))
            oldest = t;
    }
    *oldest = (struct history_track){.file = file};
    snprintf(oldest->id, sizeof oldest->id, "%s", id);
    return oldest;
}

static void sample_job(struct history *h, const struct job_view *job, int64_t second)
{
    sample(track_for(h, job->id, HISTORY_JOB), job->rate, second);
    for (size_t i = 0; job->file_count > 1 && i < job->file_count; i++)
        if (job->files[i].state == FILE_ACTIVE)
            sample(track_for(h, job->id, i), job->files[i].rate, second);
}

void history_sample(struct history *h, const struct snapshot *snapshot, int64_t now)
{
    int64_t second = now / CLOCK_SEC;
    if (h->total.count && second <= h->total.last)
        return;
    sample(&h->total, snapshot->totals.rate, second);
    for (size_t i = 0; i < snapshot->count; i++)
        if (job_state_active(snapshot->jobs[i]->state))
            sample_job(h, snapshot->jobs[i], second);
}

const struct history_track *history_find(const struct history *h, const char *id, size_t file)
{
    for (size_t i = 0; i < HISTORY_TRACKS; i++)
        if (h->tracks[i].file == file && !strcmp(h->tracks[i].id, id))
            return &h->tracks[i];
    return NULL;
}
