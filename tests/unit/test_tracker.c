/* SPDX-License-Identifier: MIT */
#include "core/tracker.h"

#include "harness.h"

#define MIB (INT64_C(1) << 20)
#define T0  (1000 * CLOCK_SEC)

/* Feeds `rate` bytes/s from *now on for so many quarter seconds. */
static void feed(struct tracker *t, int64_t *now, int64_t *bytes, int64_t rate, int quarters)
{
    for (int i = 0; i < quarters; i++) {
        *now += TRACKER_SAMPLE;
        *bytes += rate / 4;
        tracker_sample(t, *now, *bytes);
    }
}

static bool near(int64_t got, int64_t want)
{
    int64_t off = got > want ? got - want : want - got;
    return off * 20 <= want;
}

TEST(a_steady_stream_has_its_rate)
{
    struct tracker t;
    int64_t now = T0, bytes = 0;
    tracker_init(&t, now);
    tracker_sample(&t, now, 0);
    feed(&t, &now, &bytes, 4 * MIB, 80);
    CHECK(near(tracker_rate(&t, now), 4 * MIB));
    CHECK(near(tracker_average(&t, now), 4 * MIB));
    CHECK(near(tracker_peak(&t), 4 * MIB));
    CHECK_INT(tracker_idle_ms(&t, now), 0);
    CHECK(near(tracker_eta(&t, now, bytes, bytes + 400 * MIB), 100));
}

TEST(what_was_there_before_is_no_speed)
{
    struct tracker t;
    tracker_init(&t, T0);
    tracker_sample(&t, T0, 500 * MIB);
    CHECK_INT(tracker_rate(&t, T0 + CLOCK_SEC), 0);
}

TEST(a_stall_brings_the_rate_to_nothing_in_five_seconds_though_nobody_feeds_it)
{
    struct tracker t;
    int64_t now = T0, bytes = 0;
    tracker_init(&t, now);
    tracker_sample(&t, now, 0);
    feed(&t, &now, &bytes, 4 * MIB, 40);
    CHECK(tracker_rate(&t, now + 3 * CLOCK_SEC) > 0);
    CHECK_INT(tracker_rate(&t, now + 6 * CLOCK_SEC), 0);
    CHECK_INT(tracker_eta(&t, now + 16 * CLOCK_SEC, bytes, 2 * bytes), -1);
    CHECK_INT(tracker_idle_ms(&t, now + 6 * CLOCK_SEC), 6000);
    CHECK_INT(tracker_rate(&t, now + 3600 * CLOCK_SEC), 0);
}

TEST(no_time_is_promised_too_early)
{
    struct tracker t;
    int64_t now = T0, bytes = 0;
    tracker_init(&t, now);
    tracker_sample(&t, now, 0);
    feed(&t, &now, &bytes, 40 * MIB, 8);
    CHECK_INT(tracker_eta(&t, now, bytes, 1000 * MIB), -1);
    feed(&t, &now, &bytes, 40 * MIB, 8);
    CHECK(tracker_eta(&t, now, bytes, 1000 * MIB) > 0);
    CHECK_INT(tracker_eta(&t, now, bytes, -1), -1);
    CHECK_INT(tracker_eta(&t, now, bytes, bytes), 0);
}

TEST(a_little_of_very_much_is_too_early_too)
{
    struct tracker t;
    int64_t now = T0, bytes = 0;
    tracker_init(&t, now);
    tracker_sample(&t, now, 0);
    feed(&t, &now, &bytes, MIB, 20);
    CHECK_INT(tracker_eta(&t, now, bytes, 10000 * MIB), -1);
    CHECK(tracker_eta(&t, now, bytes, 100 * MIB) > 0);
}

TEST(a_file_that_starts_anew_is_no_negative_rate)
{
    struct tracker t;
    int64_t now = T0, bytes = 0;
    tracker_init(&t, now);
    tracker_sample(&t, now, 0);
    feed(&t, &now, &bytes, 4 * MIB, 20);
    bytes = 0;
    tracker_sample(&t, now, bytes);
    CHECK(tracker_rate(&t, now) >= 0);
    feed(&t, &now, &bytes, 4 * MIB, 40);
    CHECK(near(tracker_rate(&t, now), 4 * MIB));
}
