/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <time.h>

#include "core/clock.h"

TEST(monotonic_time_does_not_fall)
{
    int64_t before = clock_now();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_now();
        CHECK(now >= before);
        before = now;
    }
}

TEST(wall_time_is_after_this_was_written)
{
    CHECK(clock_wall_ms() > INT64_C(1700000000000));
}

TEST(rfc3339_is_utc_with_milliseconds)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {999, "1970-01-01T00:00:00.999Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59.000Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(1767362741120), "2026-01-02T14:05:41.120Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[CLOCK_RFC3339_SIZE];
        clock_rfc3339(rows[i].ms, out);
        CHECK_STR(out, rows[i].text);
    }
}

static int64_t fixed_now(void)
{
    return 42;
}

static int64_t fixed_wall(void)
{
    return 1000;
}

TEST(clocks_can_be_replaced_and_restored)
{
    clock_replace(fixed_now, fixed_wall);
    CHECK_INT(clock_now(), 42);
    CHECK_INT(clock_wall_ms(), 1000);
    clock_replace(NULL, NULL);
    CHECK(clock_wall_ms() > INT64_C(1700000000000));
}

TEST(only_work_takes_processor_time)
{
    struct timespec nap = {.tv_nsec = 50 * CLOCK_MS};
    int64_t start = clock_thread_cpu();
    nanosleep(&nap, NULL);
    CHECK(clock_thread_cpu() - start < 25 * CLOCK_MS);
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    while (clock_thread_cpu() - start < 30 * CLOCK_MS && clock_now() < end)
        ;
    CHECK(clock_now() < end);
}
