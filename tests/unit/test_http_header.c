/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <curl/curl.h>
#include <time.h>

#include "core/clock.h"
#include "net/http_header.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NONE     INT64_C(-99)

TEST(a_content_range_is_read_or_refused_as_a_whole)
{
    static const struct {
        const char *text;
        int64_t begin, end, total;
        bool unsatisfied;
    } good[] = {
        {"bytes 0-0/1", 0, 1, 1, false},
        {"bytes 0-499/1234", 0, 500, 1234, false},
        {"bytes 734-1233/1234", 734, 1234, 1234, false},
        {"bytes 42-1233/*", 42, 1234, -1, false},
        {"BYTES 1-2/3", 1, 3, 3, false},
        {"bytes\t 1-2/3 ", 1, 3, 3, false},
        {"bytes 007-08/9", 7, 9, 9, false},
        {"bytes */0", 0, 0, 0, true},
        {"bytes */47022", 0, 0, 47022, true},
        {"bytes 0-9223372036854775806/9223372036854775807", 0, INT64_MAX, INT64_MAX, false},
    };
    static const char *const bad[] = {
        "",
        "bytes",
        "bytes ",
        "bytes 0-1",
        "bytes 0-1/",
        "bytes /5",
        "bytes -/5",
        "bytes 0-/5",
        "bytes -1/5",
        "bytes -1-2/5",
        "bytes 0--2/5",
        "bytes +0-1/5",
        "bytes 0-+1/5",
        "bytes 0-1/+5",
        "bytes 0-1/-5",
        "bytes 2-1/5",
        "bytes 0-5/5",
        "bytes 0-0/0",
        "bytes */*",
        "bytes */",
        "bytes * /5",
        "bytes 0 - 1/5",
        "bytes 0-1 /5",
        "bytes 0-1/ 5",
        "bytes 0-1/5,",
        "bytes 0-1/5 6",
        "bytes 0-1/5, 3-4/5",
        "bytes=0-1/5",
        "bytes: 0-1/5",
        "bytes0-1/5",
        "byte 0-1/5",
        "items 0-1/5",
        "none 0-1/5",
        "0-1/5",
        "bytes 0x0-1/5",
        "bytes 0-1.0/5",
        "bytes 0-1/5x",
        "bytes a-b/c",
        "bytes 0-9223372036854775807/*",
        "bytes 0-9223372036854775808/*",
        "bytes 0-1/9223372036854775808",
        "bytes 18446744073709551616-18446744073709551617/*",
        "bytes 0-99999999999999999999999999/99999999999999999999999999999"};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct content_range r = {NONE, NONE, NONE, false};
        CHECK(header_content_range(good[i].text, strlen(good[i].text), &r));
        CHECK_INT(r.begin, good[i].begin);
        CHECK_INT(r.end, good[i].end);
        CHECK_INT(r.total, good[i].total);
        CHECK_INT(r.unsatisfied, good[i].unsatisfied);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct content_range r = {NONE, NONE, NONE, false};
        if (header_content_range(bad[i], strlen(bad[i]), &r))
            HARNESS_FAIL("taken: \"%s\"", bad[i]);
        CHECK(r.begin == NONE && r.end == NONE && r.total == NONE);
    }
}

TEST(no_parser_reads_beyond_the_length)
{
    struct content_range r;
    int64_t n = NONE, t = NONE;
    CHECK(header_content_range("bytes 0-1/55", 11, &r) && r.total == 5);
    CHECK(!header_content_range("bytes 0-1/5", 10, &r));
    CHECK(header_content_length("123", 2, &n) && n == 12);
    CHECK(!header_content_length("5", 0, &n));
    CHECK(header_retry_after("10", 1, 0, &n) && n == CLOCK_SEC);
    CHECK(header_rate_limit("\"a\";r=1;t=23", 11, &n, &t) && t == 2);
}

TEST(a_content_length_is_digits_below_two_to_the_63)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "+5",
                                      " 5",
                                      "5 ",
                                      "5,5",
                                      "5, 5",
                                      "0x5",
                                      "5.0",
                                      "1e3",
                                      "9223372036854775808",
                                      "18446744073709551616"};
    int64_t n = NONE;
    CHECK(header_content_length("0", 1, &n) && n == 0);
    CHECK(header_content_length("9223372036854775807", 19, &n) && n == INT64_MAX);
    for (size_t i = 0; i < COUNT(bad); i++) {
        n = NONE;
        if (header_content_length(bad[i], strlen(bad[i]), &n))
            HARNESS_FAIL("taken: \"%s\"", bad[i]);
        CHECK_INT(n, NONE);
    }
}

TEST(dates_are_read_in_all_three_forms)
{
    static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994"};
    int64_t ms;
    for (size_t i = 0; i < COUNT(same); i++) {
        ms = NONE;
        CHECK(header_date(same[i], strlen(same[i]), &ms));
        CHECK_INT(ms, INT64_C(784111777000));
    }
    CHECK(header_date("Thu, 01 Jan 1970 00:00:00 GMT", 29, &ms) && ms == 0);
}

TEST(what_is_no_date_is_refused)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "-1",
                                      "yesterday",
                                      "Sun, 06 Nov",
                                      "20301231",
                                      "-20301231",
                                      "99999999999999999999",
                                      "06:30:00",
                                      "Sun, 06 Nov 1994 25:61:61 GMT",
                                      "Sun, 99 Foo 1994 08:49:37 GMT"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ms = NONE;
        if (header_date(bad[i], strlen(bad[i]), &ms))
            HARNESS_FAIL("taken: \"%s\"", bad[i]);
        CHECK_INT(ms, NONE);
    }
}

/* The quick reading of the usual form against libcurl's of any, through all kinds of years. */
TEST(the_usual_form_of_a_date_is_read_as_libcurl_reads_it)
{
    for (int64_t t = 0; t < INT64_C(16725225600); t += 86400 * 13 + 5431) {
        time_t seconds = (time_t)t;
        struct tm tm;
        char text[64];
        int64_t ms = NONE;
        gmtime_r(&seconds, &tm);
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        if (!header_date(text, strlen(text), &ms) || ms != t * 1000 ||
            curl_getdate(text, NULL) != seconds)
            HARNESS_FAIL("%s: %lld", text, (long long)ms);
    }
}

TEST(a_date_at_the_end_of_time_does_not_overflow)
{
    static const char *const far[] = {"Fri, 31 Dec 9999 23:59:59 GMT",
                                      "Fri, 31 Dec 292277026 23:59:59 GMT",
                                      "Fri, 31 Dec 2147483647 23:59:59 GMT"};
    for (size_t i = 0; i < COUNT(far); i++) {
        int64_t ms = 1, wait = 0;
        if (header_date(far[i], strlen(far[i]), &ms))
            CHECK(ms > 0);
        if (header_retry_after(far[i], strlen(far[i]), 0, &wait))
            CHECK(wait > 3600 * CLOCK_SEC);
    }
}

TEST(retry_after_is_seconds_or_a_date_by_the_servers_clock)
{
    static const struct {
        const char *text;
        int64_t wait;
    } rows[] = {
        {"0", 0},
        {"120", 120 * CLOCK_SEC},
        {"Sun, 06 Nov 1994 08:50:37 GMT", 60 * CLOCK_SEC},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:00:00 GMT", 0},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    };
    static const char *const bad[] = {"",     "-5", "-20301231", "+5",  "1.5",
                                      "soon", "5s", "5 ",        "0x10"};
    const int64_t server = INT64_C(784111777000);
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t wait = NONE;
        CHECK(header_retry_after(rows[i].text, strlen(rows[i].text), server, &wait));
        CHECK_INT(wait, rows[i].wait);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t wait = NONE;
        if (header_retry_after(bad[i], strlen(bad[i]), server, &wait))
            HARNESS_FAIL("taken: \"%s\"", bad[i]);
        CHECK_INT(wait, NONE);
    }
}

TEST(a_wait_of_any_number_of_seconds_is_a_long_wait_not_none)
{
    static const char *const huge[] = {"9223372036",           "9223372037",
                                       "99999999999",          "18446744073709551615",
                                       "18446744073709551617", "99999999999999999999999999999999"};
    for (size_t i = 0; i < COUNT(huge); i++) {
        int64_t wait = NONE;
        CHECK(header_retry_after(huge[i], strlen(huge[i]), 0, &wait));
        CHECK(wait >= INT64_C(9223372036) * CLOCK_SEC);
    }
}

TEST(the_rate_limit_of_the_hub_is_read)
{
    static const struct {
        const char *text;
        int64_t remaining, reset;
    } rows[] = {
        {"\"resolvers\";r=2999;t=172", 2999, 172},
        {"\"api\";r=0;t=55", 0, 55},
        {"\"api\"; r=0 ; t=55", 0, 55},
        {"\"api\";t=5;r=1;x=9", 1, 5},
        {"\"api\";q=500;r=7;w=300;t=3", 7, 3},
    };
    static const char *const bad[] = {"",
                                      "\"api\"",
                                      "\"api\";r=5",
                                      "\"api\";t=5",
                                      "\"api\";r=-1;t=5",
                                      "\"api\";r=1;t=+5",
                                      "\"api\";r=;t=5",
                                      "\"api\";r=x;t=5",
                                      "\"api\";r=1;t=",
                                      "\"api\";r=99999999999999999999;t=1",
                                      "limit=100, remaining=0, reset=60",
                                      ";;;;",
                                      ";r",
                                      ";r="};
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t remaining = NONE, reset = NONE;
        CHECK(header_rate_limit(rows[i].text, strlen(rows[i].text), &remaining, &reset));
        CHECK_INT(remaining, rows[i].remaining);
        CHECK_INT(reset, rows[i].reset);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t remaining = NONE, reset = NONE;
        if (header_rate_limit(bad[i], strlen(bad[i]), &remaining, &reset))
            HARNESS_FAIL("taken: \"%s\"", bad[i]);
        CHECK(remaining == NONE && reset == NONE);
    }
}

/* Of the empty text. */
#define SHA256_64 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define SHA512_64                                                                                  \
    "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
#define SHA1_64 "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
#define MD5_64  "1B2M2Y8AsgTpgAmY7PhCfg=="

TEST(the_strongest_digest_is_taken)
{
    static const struct {
        const char *text;
        bool structured;
        enum digest_algorithm algorithm;
        uint8_t first, last;
    } rows[] = {
        {"sha-256=:" SHA256_64 ":", true, DIGEST_SHA256, 0xe3, 0x55},
        {"md5=:" MD5_64 ":, sha-256=:" SHA256_64 ":", true, DIGEST_SHA256, 0xe3, 0x55},
        {"sha-256=:" SHA256_64 ":,\tsha-512=:" SHA512_64 ":", true, DIGEST_SHA512, 0xcf, 0x3e},
        {"unixsum=:AAA=:, sha=:" SHA1_64 ": ", true, DIGEST_SHA1, 0xda, 0x09},
        {"SHA-256=" SHA256_64, false, DIGEST_SHA256, 0xe3, 0x55},
        {"sha-256=" SHA256_64 ",MD5=" MD5_64, false, DIGEST_SHA256, 0xe3, 0x55},
        {"MD5=" MD5_64, false, DIGEST_MD5, 0xd4, 0x7e},
        {"SHA=" SHA1_64 ",", false, DIGEST_SHA1, 0xda, 0x09},
        /* A broken strong one leaves the weaker one good. */
        {"sha-256=:AAAA:, md5=:" MD5_64 ":", true, DIGEST_MD5, 0xd4, 0x7e},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct digest_value d = {0};
        ASSERT(header_digest(rows[i].text, strlen(rows[i].text), rows[i].structured, &d));
        CHECK_INT(d.algorithm, rows[i].algorithm);
        CHECK_INT(d.origin, DIGEST_BY_PUBLISHER);
        CHECK_INT(d.bytes[0], rows[i].first);
        CHECK_INT(d.bytes[digest_size(d.algorithm) - 1], rows[i].last);
    }
}

TEST(a_digest_that_is_not_whole_is_refused)
{
    static const struct {
        const char *text;
        bool structured;
    } rows[] = {
        {"", true},
        {",,,", true},
        {"sha-256", true},
        {"sha-256=", true},
        {"sha-256=:", true},
        {"sha-256=::", true},
        {"sha-256=" SHA256_64, true},
        {"sha-256=:" SHA256_64 ":", false},
        {"sha-384=:" SHA256_64 ":", true},
        {"sha-256=:" MD5_64 ":", true},
        {"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA:", true}, /* 33 bytes */
        {"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==:", true}, /* 31 bytes */
        {"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NM=JWZG3hSuFU=:", true},
        {"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSu!U=:", true},
        {"sha-256=: 7DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", true},
        {"sha-256=:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct digest_value d = {.algorithm = DIGEST_GIT_SHA1};
        if (header_digest(rows[i].text, strlen(rows[i].text), rows[i].structured, &d))
            HARNESS_FAIL("taken: \"%s\"", rows[i].text);
        CHECK_INT(d.algorithm, DIGEST_GIT_SHA1);
    }
}

TEST(an_entity_tag_keeps_its_quotes_and_loses_its_weakness_mark)
{
    static const struct {
        const char *text, *tag;
        bool weak;
    } rows[] = {
        {"\"abc\"", "\"abc\"", false}, {"W/\"abc\"", "\"abc\"", true},
        {"abc", "abc", false},         {"\"\"", "\"\"", false},
        {"w/\"x\"", "w/\"x\"", false}, {"\"a\xc3\xa4\"", "\"a\xc3\xa4\"", false},
    };
    static const char *const bad[] = {"",          "\"a b\"",         "\"a\tb\"",
                                      "\"a\x7f\"", "\"a\nhave 0 9\"", "W/W/\"a\""};
    struct buf tag;
    buf_init(&tag);
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool weak = !rows[i].weak;
        CHECK(header_etag(rows[i].text, strlen(rows[i].text), &tag, &weak));
        CHECK_STR(tag.data, rows[i].tag);
        CHECK_INT(weak, rows[i].weak);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        bool weak = false;
        if (header_etag(bad[i], strlen(bad[i]), &tag, &weak))
            HARNESS_FAIL("taken: \"%s\"", bad[i]);
    }
    CHECK(!header_etag("\"a\0b\"", 5, &tag, &(bool){false}));
    buf_release(&tag);
}
