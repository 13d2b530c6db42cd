/* SPDX-License-Identifier: MIT */
/* How fast something goes; see tracker.h. */
#include "core/tracker.h"

#include <stdbool.h>

#define RATE_WINDOW   (5 * CLOCK_SEC)
#define ETA_WINDOW    (15 * CLOCK_SEC)
#define ETA_AFTER     (3 * CLOCK_SEC)
#define ETA_AFTER_GOT (INT64_C(8) << 20)
/* A burst out of a full socket buffer is not a speed. */
#define PEAK_AFTER CLOCK_SEC

void tracker_init(struct tracker *t, int64_t now)
{
    *t = (struct tracker){.started = now, .last_byte = now, .seen = -1, .count = 1};
    t->samples[0].time = now;
}

/* The sample `back` places before the newest. */
static const struct tracker_sample *sample_at(const struct tracker *t, unsigned back)
{
    return &t->samples[(t->newest + TRACKER_SAMPLES - back) % TRACKER_SAMPLES];
}

static void keep_sample(struct tracker *t, int64_t now)
{
    bool apart = t->count < 2 || sample_at(t, 0)->time - sample_at(t, 1)->time >= TRACKER_SAMPLE;
    if (apart) {
        t->newest = (t->newest + 1) % TRACKER_SAMPLES;
        t->count += t->count < TRACKER_SAMPLES;
    }
    t->samples[t->newest] = (struct tracker_sample){.time = now, .received = t->received};
}

void tracker_sample(struct tracker *t, int64_t now, int64_t fetched)
{
    int64_t delta = t->seen < 0 ? 0 : fetched - t->seen;
    t->seen = fetched;
    if (delta > 0) {
        t->received += delta;
        t->last_byte = now;
    }
    keep_sample(t, now);
    int64_t rate = tracker_rate(t, now);
    if (now - t->started >= PEAK_AFTER && rate > t->peak)
        t->peak = rate;
}

static int64_t per_second(int64_t bytes, int64_t ns)
{
    /* In double: bytes times ns can be more than 64 bits hold. */
    return (int64_t)((double)bytes * (double)CLOCK_SEC / (double)ns);
}

/* From the newest sample that is at least a window old, or the oldest there is, until now. */
static int64_t rate_over(const struct tracker *t, int64_t now, int64_t window)
{
    unsigned back = 0;
    while (back + 1 < t->count && sample_at(t, back)->time > now - window)
        back++;
    const struct tracker_sample *from = sample_at(t, back);
    int64_t span = now - from->time;
    return per_second(t->received - from->received, span < TRACKER_SAMPLE ? TRACKER_SAMPLE : span);
}

int64_t tracker_rate(const struct tracker *t, int64_t now)
{
    return rate_over(t, now, RATE_WINDOW);
}

int64_t tracker_average(const struct tracker *t, int64_t now)
{
    int64_t span = now - t->started;
    return per_second(t->received, span < TRACKER_SAMPLE ? TRACKER_SAMPLE : span);
}

int64_t tracker_peak(const struct tracker *t)
{
    return t->peak;
}

int64_t tracker_idle_ms(const struct tracker *t, int64_t now)
{
    return (now - t->last_byte) / CLOCK_MS;
}

int64_t tracker_eta(const struct tracker *t, int64_t now, int64_t bytes, int64_t total)
{
    if (total < 0 || now - t->started < ETA_AFTER)
        return -1;
    if (bytes >= total)
        return 0;
    if (t->received < ETA_AFTER_GOT && t->received < total / 100)
        return -1;
    int64_t rate = rate_over(t, now, ETA_WINDOW);
    return rate > 0 ? (total - bytes - 1) / rate + 1 : -1;
}
