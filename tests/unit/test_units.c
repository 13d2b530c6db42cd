/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/clock.h"
#include "core/units.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

TEST(whole_numbers_are_taken_up_to_the_maximum)
{
    uint64_t n = 5;
    CHECK(units_parse_u64("0", 10, &n) && n == 0);
    CHECK(units_parse_u64("10", 10, &n) && n == 10);
    CHECK(units_parse_u64("9007199254740993", UINT64_MAX, &n) && n == 9007199254740993u);
    CHECK(units_parse_u64("18446744073709551615", UINT64_MAX, &n) && n == UINT64_MAX);
    CHECK(units_parse_u64_n("123456", 3, 1000, &n) && n == 123);
}

TEST(anything_but_digits_is_refused_and_changes_nothing)
{
    static const char *const bad[] = {"",
                                      "11",
                                      " 1",
                                      "1 ",
                                      "+1",
                                      "-1",
                                      "0x1",
                                      "1.0",
                                      "1e1",
                                      "a",
                                      "18446744073709551616",
                                      "99999999999999999999999999"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint64_t n = 7;
        CHECK(!units_parse_u64(bad[i], 10, &n));
        CHECK_INT(n, 7);
    }
    uint64_t n;
    CHECK(!units_parse_u64("18446744073709551616", UINT64_MAX, &n));
}

TEST(sizes_are_powers_of_1024)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {
        {"0", 0},
        {"off", 0},
        {"none", 0},
        {"1048576", 1048576},
        {"500K", 512000},
        {"500k", 512000},
        {"2.5M", 2621440},
        {"2.5MiB", 2621440},
        {"1kib", 1024},
        {"1G", INT64_C(1) << 30},
        {"1T", INT64_C(1) << 40},
        {"0.000001M", 1},
        {"8388607T", INT64_C(8388607) << 40},
        {"9223372036854775807", INT64_MAX},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t n = -7;
        if (!units_parse_size(rows[i].text, &n) || n != rows[i].bytes)
            HARNESS_FAIL("%s gives %" PRId64, rows[i].text, n);
    }
}

TEST(bad_sizes_are_refused)
{
    static const char *const bad[] = {
        "",           "K",   "1.5",  "-1",     "1 K",      "1KB",   "1Ki",
        "1X",         "1.K", ".5M",  "1.5.5M", "8388608T", "1KiBx", "9223372036854775808",
        "0.0000001M", "1e3", "1,5M", "1["};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t n = -7;
        if (units_parse_size(bad[i], &n) || n != -7)
            HARNESS_FAIL("%s is taken", bad[i]);
    }
}

TEST(durations_are_seconds_unless_they_say_otherwise)
{
    static const struct {
        const char *text;
        int64_t ns;
    } rows[] = {
        {"0", 0},
        {"30", 30 * CLOCK_SEC},
        {"0.5", CLOCK_SEC / 2},
        {"90s", 90 * CLOCK_SEC},
        {"2m", 120 * CLOCK_SEC},
        {"1h", 3600 * CLOCK_SEC},
        {"1.5h", 5400 * CLOCK_SEC},
        {"0.000000001", 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t n = -7;
        if (!units_parse_duration(rows[i].text, &n) || n != rows[i].ns)
            HARNESS_FAIL("%s gives %" PRId64, rows[i].text, n);
    }
    static const char *const bad[] = {"", "s", "-1", "1 s", "1d", "1.", "9223372037", "1H"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t n = -7;
        if (units_parse_duration(bad[i], &n) || n != -7)
            HARNESS_FAIL("%s is taken", bad[i]);
    }
}

TEST(hex_goes_both_ways)
{
    uint8_t bytes[4];
    char text[9];
    CHECK(units_parse_hex("00ffA5b6", bytes, 4));
    units_format_hex(bytes, 4, text);
    CHECK_STR(text, "00ffa5b6");
    CHECK(!units_parse_hex("00ffA5b", bytes, 4));
    CHECK(!units_parse_hex("00ffA5b6c", bytes, 4));
    CHECK(!units_parse_hex("00ffA5bg", bytes, 4));
    CHECK(!units_parse_hex("", bytes, 4));
}

TEST(sizes_are_shown_in_nine_columns)
{
    static const struct {
        int64_t bytes;
        const char *text;
    } rows[] = {
        {-1, "-"},
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {18637, "18.2 KiB"},
        {1023 * 1024, "1.0 MiB"},
        {1024 * 1024 - 1, "1.0 MiB"},
        {1023898, "999.9 KiB"},
        {1024000, "1.0 MiB"},
        {INT64_C(1) << 30, "1.0 GiB"},
        {INT64_C(14737106534), "13.7 GiB"},
        {INT64_MAX, "8.0 EiB"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char out[UNITS_TEXT_SIZE];
        units_format_size(rows[i].bytes, out);
        CHECK_STR(out, rows[i].text);
    }
    for (int64_t n = 1; n > 0 && n < INT64_MAX / 3; n = n * 3 / 2 + 1) {
        char out[UNITS_TEXT_SIZE];
        units_format_size(n, out);
        CHECK(strlen(out) <= 9);
    }
}

TEST(rates_exact_numbers_and_times_are_shown)
{
    char out[UNITS_TEXT_SIZE];
    units_format_rate(2048, out);
    CHECK_STR(out, "2.0 KiB/s");
    units_format_rate(-1, out);
    CHECK_STR(out, "-");
    units_format_exact(INT64_C(14737106534), out);
    CHECK_STR(out, "14 737 106 534");
    units_format_exact(999, out);
    CHECK_STR(out, "999");
    units_format_exact(INT64_MIN, out);
    CHECK_STR(out, "-9 223 372 036 854 775 808");
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {{-1, "?"},
                {0, "0:00"},
                {6, "0:06"},
                {167, "2:47"},
                {3599, "59:59"},
                {3723, "1:02:03"},
                {86399, "23:59:59"},
                {86400, "1d 00h"},
                {51 * 3600, "2d 03h"},
                {99 * 3600 + 3599, "4d 03h"},
                {100 * 3600, ">99h"},
                {INT64_MAX, ">99h"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        units_format_eta(rows[i].seconds, out);
        CHECK_STR(out, rows[i].text);
    }
}

TEST(remaining_time_is_rounded_more_when_there_is_more_of_it)
{
    CHECK_INT(units_round_eta(-1), -1);
    CHECK_INT(units_round_eta(119), 119);
    CHECK_INT(units_round_eta(121), 120);
    CHECK_INT(units_round_eta(123), 125);
    CHECK_INT(units_round_eta(629), 600);
    CHECK_INT(units_round_eta(631), 660);
    CHECK_INT(units_round_eta(INT64_MAX), INT64_MAX);
}

TEST(sums_end_where_the_scale_does)
{
    CHECK_INT(units_add(2, 3), 5);
    CHECK_INT(units_add(INT64_MAX, 0), INT64_MAX);
    CHECK_INT(units_add(INT64_MAX - 1, 2), INT64_MAX);
    CHECK_INT(units_add(INT64_MIN + 1, -2), INT64_MIN);
}
