/* SPDX-License-Identifier: MIT */
#include "net/github_api.h"

#include "core/clock.h"
#include "harness.h"
#include "net/github_sums.h"

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static enum haul_error parse(const char *text, struct github_release *r, struct haul_fault *fault)
{
    *fault = (struct haul_fault){0};
    return github_release_parse(text, strlen(text), r, fault);
}

TEST(a_release_gives_its_assets_with_size_and_digest)
{
    struct github_release r;
    struct haul_fault fault;
    ASSERT(
        parse("{\"id\":7,\"tag_name\":\"v1\",\"assets\":["
              "{\"id\":1,\"name\":\"a\",\"size\":5,\"state\":\"uploaded\",\"digest\":\"sha256:" HEX
              "\",\"browser_download_url\":\"https://github.com/o/r/a\"},"
              "{\"id\":2,\"name\":\"b\",\"size\":0,\"digest\":null},"
              "{\"id\":3,\"name\":\"c\",\"size\":1,\"digest\":\"blake3:00\","
              "\"browser_download_url\":\"ftp://x/y\"},"
              "{\"id\":4,\"name\":\"d\",\"size\":9,\"state\":\"starter\"},"
              "{\"id\":5,\"name\":\"e\",\"size\":9,\"state\":\"open\"}]}",
              &r, &fault) == HAUL_OK);
    CHECK_STR(r.tag, "v1");
    CHECK_INT(r.id, 7);
    CHECK_INT(r.listed, 5);
    ASSERT(r.count == 3);
    CHECK_INT(r.assets[0].digest.algorithm, DIGEST_SHA256);
    CHECK_INT(r.assets[0].digest.bytes[0], 0xaa);
    CHECK_STR(r.assets[0].browser_url, "https://github.com/o/r/a");
    CHECK_INT(r.assets[1].digest.algorithm, DIGEST_NONE);
    CHECK_INT(r.assets[1].size, 0);
    CHECK_INT(r.assets[2].digest.algorithm, DIGEST_NONE);
    CHECK(!r.assets[2].browser_url);
    github_release_release(&r);
}

TEST(what_is_no_release_is_refused_with_a_reason)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "cannot be read"},
        {"{\"tag_name\":", "cannot be read"},
        {"[]", "not what was asked for"},
        {"{}", "no release"},
        {"{\"tag_name\":\"\"}", "no release"},
        {"\n<html>", "web page"},
        {"{\"tag_name\":\"v\",\"assets\":[{}]}", "without a name"},
        {"{\"tag_name\":\"v\",\"assets\":[{\"id\":1,\"name\":\"a\"}]}", "without a name"},
        {"{\"tag_name\":\"v\",\"assets\":[{\"id\":1,\"name\":\"a\",\"size\":-4}]}",
         "without a name"},
        {"{\"tag_name\":\"v\",\"assets\":[{\"id\":1,\"name\":\"a\",\"size\":1,"
         "\"digest\":\"sha256:12\"}]}",
         "a digest that is none"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct github_release r;
        struct haul_fault fault;
        CHECK_INT(parse(rows[i].text, &r, &fault), HAUL_ERR_NETWORK);
        CHECK(!fault.retryable);
        if (!strstr(fault.message, rows[i].says))
            HARNESS_FAIL("%s: %s", rows[i].text, fault.message);
        CHECK(!r.assets && !r.tag);
    }
}

static int64_t wall(void)
{
    return INT64_C(1767362400000); /* 2026-01-02T14:00:00Z */
}

static int64_t now(void)
{
    return 0;
}

TEST(every_refusal_has_its_words_and_exit_code)
{
    static const struct {
        struct github_refusal r;
        int exit;
        const char *says;
        bool retryable;
    } rows[] = {
        {{.status = 403, .remaining = "0", .limit = "60", .reset = "1767362741", .retry_after = -1},
         5,
         "rate limit of 60 requests an hour is used up until 2026-01-02 14:05:41 UTC (5:41 from "
         "now); set GITHUB_TOKEN",
         true},
        {{.status = 429,
          .remaining = "0",
          .limit = "5000",
          .reset = "1767362741",
          .retry_after = -1,
          .token = true},
         5,
         "rate limit of 5000 requests an hour is used up until 2026-01-02 14:05:41 UTC",
         true},
        {{.status = 403, .remaining = "12", .retry_after = 90 * CLOCK_SEC},
         5,
         "secondary rate limit holds until 2026-01-02 14:01:30 UTC (1:30 from now)",
         true},
        {{.status = 403, .message = "You have exceeded a secondary rate limit.", .retry_after = -1},
         5,
         "secondary rate limit holds until 2026-01-02 14:01:00 UTC",
         true},
        {{.status = 429, .retry_after = -1}, 5, "secondary rate limit holds until", true},
        {{.status = 403, .remaining = "0", .reset = "soon", .retry_after = -1},
         4,
         "GITHUB_TOKEN",
         false},
        {{.status = 401, .message = "Bad credentials", .retry_after = -1, .token = true},
         4,
         "refuses the token; check GH_TOKEN and GITHUB_TOKEN (HTTP 401: Bad credentials)",
         false},
        {{.status = 401, .retry_after = -1}, 4, "set GITHUB_TOKEN", false},
        {{.status = 403, .message = "Resource protected by SAML", .retry_after = -1, .token = true},
         4,
         "no right to it (HTTP 403: Resource protected by SAML)",
         false},
        {{.status = 403, .retry_after = -1}, 4, "forbids it; set GITHUB_TOKEN", false},
        {{.status = 404, .retry_after = -1}, 3, "if it is private, set GITHUB_TOKEN", false},
        {{.status = 404, .retry_after = -1, .token = true},
         3,
         "the token has no right to see it",
         false},
        {{.status = 451, .retry_after = -1}, 3, "legal reasons", false},
        {{.status = 500, .retry_after = -1}, 5, "HTTP 500", true},
        {{.status = 422, .message = "Validation \x1b failed", .retry_after = -1},
         5,
         "HTTP 422: Val",
         false},
    };
    clock_replace(now, wall);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct haul_fault fault;
        enum haul_error err = github_fault("o/r", &rows[i].r, &fault);
        if (haul_error_exit(err) != rows[i].exit || fault.code != err ||
            !strstr(fault.message, rows[i].says) || fault.retryable != rows[i].retryable ||
            fault.http_status != rows[i].r.status || strncmp(fault.message, "o/r: ", 5))
            HARNESS_FAIL("row %zu: exit %d, %s", i, haul_error_exit(err), fault.message);
        CHECK(!strchr(fault.message, '\x1b'));
    }
    clock_replace(NULL, NULL);
}

TEST(checksum_files_are_known_by_their_names)
{
    static const char *const lists[] = {
        "SHA256SUMS", "SHA256SUMS.txt",         "sha256sum.txt", "checksums.txt",       "CHECKSUM",
        "SHA512SUMS", "haul_1.2_checksums.txt", "MD5SUMS",       "checksums-sha256.txt"};
    static const char *const others[] = {"SHA256SUMS.asc", "a.sha256",    "checksums.txt.sig",
                                         "_checksums.txt", "haul.tar.gz", ""};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(lists); i++)
        if (!github_sums_is_list(lists[i]))
            HARNESS_FAIL("%s is taken for no list", lists[i]);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(others); i++)
        if (github_sums_is_list(others[i]))
            HARNESS_FAIL("%s is taken for a list", others[i]);
    CHECK(github_sums_is_of("a.gz.sha256", "a.gz"));
    CHECK(github_sums_is_of("a.gz.SHA512", "a.gz"));
    CHECK(github_sums_is_of("a.gz.md5", "a.gz"));
    CHECK(!github_sums_is_of("a.gz.sha256.asc", "a.gz"));
    CHECK(!github_sums_is_of("b.gz.sha256", "a.gz"));
    CHECK(!github_sums_is_of("a.gz", "a.gz"));
}
