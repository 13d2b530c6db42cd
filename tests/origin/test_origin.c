/* SPDX-License-Identifier: MIT */
/* The misbehaving server misbehaves as asked, and not otherwise: what is in its answers. */
#include <errno.h>

#include <openssl/evp.h>

#include "core/alloc.h"
#include "core/units.h"
#include "harness.h"
#include "origin/test_client.h"

/* What one URL must answer: most of the table of options is checked by these. */
struct expectation {
    const char *target, *headers;
    int status;
    const char *text;    /* in the raw answer; NULL: anything */
    int64_t offset, len; /* the body; len -1: not looked at */
};

static void check_one(const struct origin *o, const struct expectation *e)
{
    struct answer a = client_fetch(o, e->target, e->headers);
    if (a.status != e->status)
        HARNESS_FAIL("%s: status %d, not %d", e->target, a.status, e->status);
    if (e->text && !answer_has(&a, e->text))
        HARNESS_FAIL("%s: no '%s' in '%.300s'", e->target, e->text, a.raw.data);
    if (e->len >= 0 && !answer_body_is(&a, 0, e->offset, (size_t)e->len))
        HARNESS_FAIL("%s: other body, %zu bytes", e->target, a.body_len);
    buf_release(&a.raw);
}

static void check_all(const struct expectation *list, size_t count)
{
    struct origin *o = origin_new(NULL);
    ASSERT(o);
    for (size_t i = 0; i < count; i++)
        check_one(o, &list[i]);
    origin_free(o);
}

TEST(content_is_the_same_from_every_offset)
{
    unsigned char whole[100], part[100];
    origin_content(7, 0, whole, sizeof whole);
    for (size_t at = 0; at < sizeof whole; at++) {
        origin_content(7, (int64_t)at, part, sizeof whole - at);
        ASSERT(!memcmp(part, whole + at, sizeof whole - at));
    }
    origin_content(8, 0, part, sizeof part);
    CHECK(memcmp(part, whole, sizeof part) != 0);
}

TEST(files_and_ranges_are_served_as_rfc_9110_says)
{
    static const struct expectation list[] = {
        {"/file/a?size=1000", "", 200, "Content-Length: 1000\r\n", 0, 1000},
        {"/file/a?size=0", "", 200, "Content-Length: 0\r\n", 0, 0},
        {"/file/a?size=1000", "Range: bytes=10-19\r\n", 206, "Content-Range: bytes 10-19/1000", 10,
         10},
        {"/file/a?size=1000", "Range: bytes=990-\r\n", 206, "bytes 990-999/1000", 990, 10},
        {"/file/a?size=1000", "Range: bytes=-5\r\n", 206, "bytes 995-999/1000", 995, 5},
        {"/file/a?size=1000", "Range: bytes=0-9999\r\n", 206, "bytes 0-999/1000", 0, 1000},
        {"/file/a?size=1000", "Range: bytes=1000-\r\n", 416, "Content-Range: bytes */1000", 0, -1},
        {"/file/a?size=1000", "Range: lines=1-2\r\n", 200, NULL, 0, 1000},
        {"/file/a?size=1000", "Range: bytes=5-9\r\nIf-Range: \"0-3e8\"\r\n", 206, NULL, 5, 5},
        {"/file/a?size=1000", "Range: bytes=5-9\r\nIf-Range: \"other\"\r\n", 200, NULL, 0, 1000},
        {"/file/a?size=1000&etag=weak", "Range: bytes=5-9\r\nIf-Range: W/\"0-3e8\"\r\n", 200, NULL,
         0, 1000},
        {"/file/a?size=20G", "Range: bytes=20000000000-20000000009\r\n", 206, NULL, 20000000000,
         10},
        {"/nothing", "", 404, NULL, 0, -1},
        {"/file/a?sise=3", "", 400, "no such option", 0, -1},
        {"/file/a?size=x", "", 400, "bad value", 0, -1},
    };
    check_all(list, HAUL_ARRAY_LEN(list));
}

TEST(range_faults_lie_in_the_way_asked_for)
{
    static const char range[] = "Range: bytes=100-199\r\n";
    static const struct expectation list[] = {
        {"/file/a?size=1000&no-ranges", range, 200, "Accept-Ranges: none", 0, 1000},
        {"/file/b?size=1000&probe206", range, 206, NULL, 100, 100},
        {"/file/b?size=1000&probe206", range, 200, NULL, 0, 1000},
        {"/file/a?size=1000&cr200", range, 200, "bytes 100-199/1000", 100, 100},
        {"/file/a?size=1000&max-range=40", range, 206, "bytes 100-139/1000", 100, 40},
        {"/file/a?size=1000&cr=early", range, 206, "bytes 84-199/1000", 84, 116},
        {"/file/a?size=1000&cr=late", range, 206, "bytes 116-199/1000", 116, 84},
        {"/file/a?size=1000&cr=shift", range, 206, "bytes 100-199/1000", 101, 100},
        {"/file/a?size=1000&cr=wrong-start", range, 206, "bytes 101-199/1000", 100, 100},
        {"/file/a?size=1000&cr=wrong-end", range, 206, "bytes 100-200/1000", 100, 100},
        {"/file/a?size=1000&cr=wrong-total", range, 206, "bytes 100-199/1001", 100, 100},
        {"/file/a?size=1000&cr=star", range, 206, "bytes 100-199/*", 100, 100},
        {"/file/a?size=1000&cr=bad-unit", range, 206, "octets 100-199/1000", 100, 100},
        {"/file/a?size=1000&cr=garbage", range, 206, "bytes one-two/three", 100, 100},
        {"/file/a?size=1000&multipart206", range, 206, "--haul-origin--", 0, -1},
        {"/file/a?size=1000&r416=always", range, 416, "bytes */1000", 0, -1},
        {"/file/a?size=50&r416=wrong", range, 416, "bytes */51", 0, -1},
        {"/file/a?size=50&r416=full", range, 200, NULL, 0, 50},
        {"/file/a?size=1000&ifrange=ignore", "Range: bytes=1-2\r\nIf-Range: \"x\"\r\n", 206, NULL,
         1, 2},
        {"/file/a?size=1000&ifrange=always200", "Range: bytes=1-2\r\nIf-Range: \"0-3e8\"\r\n", 200,
         NULL, 0, 1000},
    };
    check_all(list, HAUL_ARRAY_LEN(list));
}

TEST(a_missing_content_range_is_missing)
{
    struct origin *o = origin_new(NULL);
    struct answer a = client_fetch(o, "/file/a?size=100&cr=missing", "Range: bytes=1-2\r\n");
    CHECK_INT(a.status, 206);
    CHECK(!answer_has(&a, "Content-Range"));
    buf_release(&a.raw);
    origin_free(o);
}

TEST(lengths_lie_in_the_way_asked_for)
{
    static const struct expectation list[] = {
        {"/file/a?size=1000&length=short", "", 200, "Content-Length: 500\r\n", 0, 1000},
        {"/file/a?size=1000&length=long", "", 200, "Content-Length: 1100\r\n", 0, 1000},
        {"/file/a?size=1000&lie=7", "", 200, "Content-Length: 7\r\n", 0, 1000},
        {"/file/a?size=1000&length=negative", "", 200, "Content-Length: -1\r\n", 0, 1000},
        {"/file/a?size=1000&length=huge", "", 200, "Length: 9223372036854775808\r\n", 0, 1000},
        {"/file/a?size=1000&length=plus", "", 200, "Content-Length: +1000\r\n", 0, 1000},
        {"/file/a?size=1000&length=double", "", 200, "1000\r\nContent-Length: 1001\r\n", 0, 1000},
        {"/file/a?size=9&length=chunked", "", 200, "chunked", 0, -1},
        {"/file/a?size=9&length=chunk-garbage", "", 200, "xyzzy", 0, -1},
        {"/file/a?size=9&html", "", 200, "Content-Type: text/html", 0, -1},
        {"/file/a?size=9&gzip=body", "", 200, "Content-Length: 32\r\n", 0, -1},
        {"/file/a?size=9&gzip=trap", "Accept-Encoding: identity\r\n", 200, NULL, 0, 9},
        {"/file/a?size=9&gzip=trap", "", 200, "Content-Encoding: gzip", 0, -1},
        {"/file/a?size=9&head=403", "", 200, NULL, 0, 9},
        {"/file/a?size=9&gzip=header", "", 200, "Content-Encoding: gzip", 0, 9},
    };
    check_all(list, HAUL_ARRAY_LEN(list));
}

TEST(a_body_without_length_ends_with_the_connection)
{
    struct origin *o = origin_new(NULL);
    struct answer a = client_fetch(o, "/file/a?size=5000&length=missing", "");
    CHECK(!answer_has(&a, "Content-Length") && !answer_has(&a, "chunked"));
    CHECK(answer_body_is(&a, 0, 0, 5000));
    CHECK_INT(a.error, 0);
    buf_release(&a.raw);
    origin_free(o);
}

TEST(a_gzip_body_is_a_gzip_stream)
{
    static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 9, 0, 0xf6, 0xff};
    struct origin *o = origin_new(NULL);
    unsigned char content[9];
    struct answer a = client_fetch(o, "/file/a?size=9&gzip=body", "");
    origin_content(0, 0, content, sizeof content);
    ASSERT(a.body_len == sizeof head + sizeof content + 8);
    CHECK(!memcmp(a.body, head, sizeof head));
    CHECK(!memcmp(a.body + sizeof head, content, sizeof content));
    CHECK(!memcmp(a.body + a.body_len - 4, "\x09\0\0", 4));
    buf_release(&a.raw);
    origin_free(o);
}

TEST(answers_redirects_and_headers_are_as_asked)
{
    static const struct expectation list[] = {
        {"/file/a?status=503&retry-after=7", "", 503, "Retry-After: 7\r\n", 0, -1},
        {"/file/a?status=429&retry-after=date:60&ratelimit=0,2", "", 429,
         " GMT\r\nRateLimit: \"resolvers\";r=0;t=2\r\n", 0, -1},
        {"/file/b?status=500&times=1&size=5", "", 500, NULL, 0, -1},
        {"/file/b?status=500&times=1&size=5", "", 200, NULL, 0, 5},
        {"/file/c?status=500&after=1&size=5", "", 200, NULL, 0, 5},
        {"/file/c?status=500&after=1&size=5", "", 500, NULL, 0, -1},
        {"/file/a?redirect=301:/file/b", "", 301, "Location: /file/b\r\n", 0, -1},
        {"/file/a?redirect=302:", "", 302, "Location: \r\n", 0, -1},
        {"/file/a?redirect=302:/x%0d%0aEvil:%20yes", "", 302, "Location: /x\r\nEvil: yes\r\n", 0,
         -1},
        {"/file/a?redirect=302:file:///etc/passwd", "", 302, "Location: file:///etc/passwd\r\n", 0,
         -1},
        {"/file/a?size=5&redirect-chain=2", "", 302,
         "Location: /file/a?size=5&redirect-chain=1\r\n", 0, -1},
        {"/file/a?size=5&redirect-chain=0", "", 200, NULL, 0, 5},
        {"/file/a?redirect-loop", "", 302, "Location: /file/a?redirect-loop\r\n", 0, -1},
        {"/file/a?cd=attachment%3b%20filename=a&cd=b", "", 200,
         "Disposition: attachment; filename=a\r\nContent-Disposition: b\r\n", 0, -1},
        {"/file/a?header=X-A:%20b", "", 200, "X-A: b\r\n", 0, -1},
        {"/file/a?size=3&status-line=HTTP/9.9%20what", "", 0, "HTTP/9.9 what\r\n", 0, 3},
        {"/file/a?size=3&headers-bytes=70000", "", 200, "X-Filler: xxx", 0, 3},
        {"/file/a?size=3&cookies=3", "", 200, "Set-Cookie: crumb2=", 0, 3},
        {"/file/a?size=3&etag-raw=zzz&lm=none", "", 200, "ETag: zzz\r\n", 0, 3},
    };
    check_all(list, HAUL_ARRAY_LEN(list));
}

TEST(a_token_a_password_and_no_token_are_asked_for)
{
    static const struct expectation list[] = {
        {"/file/a?size=3&need-auth=T", "", 401, "WWW-Authenticate: Bearer", 0, -1},
        {"/file/a?size=3&need-auth=T", "Authorization: Bearer T\r\n", 200, NULL, 0, 3},
        {"/file/a?size=3&need-basic=u:p", "Authorization: Bearer T\r\n", 401, "Basic", 0, -1},
        {"/file/a?size=3&need-basic=u:p", "Authorization: Basic dTpw\r\n", 200, NULL, 0, 3},
        {"/file/a?size=3&need-no-auth", "Authorization: Bearer T\r\n", 400, NULL, 0, -1},
        {"/file/a?size=3&need-no-auth", "", 200, NULL, 0, 3},
        {"/file/a?size=3&sign=307&need-no-auth&need-auth=T", "Authorization: Bearer T\r\n", 307,
         "Location: /signed/a?size=3&need-no-auth=&ticket=", 0, -1},
        {"/signed/a?size=3&expires=1", "", 403, NULL, 0, -1},
        {"/signed/a?size=3&uses=1&ticket=x", "", 200, NULL, 0, 3},
        {"/signed/a?size=3&uses=1&ticket=x", "", 403, NULL, 0, -1},
    };
    check_all(list, HAUL_ARRAY_LEN(list));
}

TEST(digests_in_headers_and_sums_are_those_of_the_body)
{
    struct origin *o = origin_new(NULL);
    uint8_t digest[32];
    char hex[65];
    unsigned char base64[64];
    origin_sha256(4, 1000, digest);
    units_format_hex(digest, 32, hex);
    EVP_EncodeBlock(base64, digest, 32);
    struct answer a = client_fetch(o, "/file/a?size=1000&seed=4&repr-digest=good&digest=bad", "");
    char *good = xasprintf("Repr-Digest: sha-256=:%s:\r\n", (const char *)base64);
    char *bad = xasprintf("Digest: SHA-256=%s\r\n", (const char *)base64);
    CHECK(answer_has(&a, good));
    CHECK(answer_has(&a, "\nDigest: SHA-256=") && !answer_has(&a, bad));
    free(good);
    free(bad);
    EVP_Digest(a.body, a.body_len, digest, NULL, EVP_sha256(), NULL);
    struct answer sums = client_fetch(o, "/sums?file=a.bin,1000,4&file=b,1,0", "");
    CHECK(answer_has(&sums, hex) && answer_has(&sums, "  a.bin\n") && answer_has(&sums, "  b\n"));
    char again[65];
    units_format_hex(digest, 32, again);
    CHECK_STR(again, hex);
    buf_release(&a.raw);
    buf_release(&sums.raw);
    origin_free(o);
}

TEST(a_cut_comes_once_and_cut_every_each_time)
{
    struct origin *o = origin_new(NULL);
    static const struct {
        const char *target;
        size_t len;
    } list[] = {{"/file/a?size=9000&cut=1000", 1000},
                {"/file/a?size=9000&cut=1000", 9000},
                {"/file/b?size=9000&cut-every=1000", 1000},
                {"/file/b?size=9000&cut-every=1000", 1000}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(list); i++) {
        struct answer a = client_fetch(o, list[i].target, "");
        CHECK(answer_has(&a, "Content-Length: 9000\r\n"));
        CHECK(answer_body_is(&a, 0, 0, list[i].len));
        CHECK_INT(a.error, 0);
        buf_release(&a.raw);
    }
    origin_free(o);
}

TEST(a_cut_ends_a_connection_that_would_be_kept)
{
    struct origin *o = origin_new(NULL);
    struct answer a;
    int fd = client_dial(o);
    client_ask(fd, "GET", "/file/a?size=9000&cut=1000", "");
    client_read(fd, &a);
    CHECK(answer_body_is(&a, 0, 0, 1000));
    CHECK_INT(a.error, 0);
    buf_release(&a.raw);
    origin_free(o);
}

TEST(a_reset_is_a_reset_after_the_bytes)
{
    struct origin *o = origin_new(NULL);
    struct answer a = client_fetch(o, "/file/a?size=9000&rst=1000", "");
    CHECK(answer_body_is(&a, 0, 0, 1000));
    CHECK_INT(a.error, ECONNRESET);
    buf_release(&a.raw);
    origin_free(o);
}

TEST(one_byte_is_flipped_once_or_always)
{
    struct origin *o = origin_new(NULL);
    static const bool good[] = {false, true};
    for (size_t i = 0; i < 2; i++) {
        struct answer a =
            client_fetch(o, "/file/a?size=900&flip-once=100", "Range: bytes=50-149\r\n");
        CHECK_INT(answer_body_is(&a, 0, 50, 100), good[i]);
        CHECK_INT(a.body_len, 100);
        buf_release(&a.raw);
        struct answer b = client_fetch(o, "/file/b?size=900&flip=100", "");
        CHECK(!answer_body_is(&b, 0, 0, 900));
        buf_release(&b.raw);
    }
    origin_free(o);
}

TEST(a_file_changes_after_requests_and_when_it_is_set)
{
    struct origin *o = origin_new(NULL);
    const char *target = "/file/a?size=100&change-after=1&change-size=50";
    struct answer first = client_fetch(o, target, ""), second = client_fetch(o, target, "");
    CHECK(answer_body_is(&first, 0, 0, 100) && answer_has(&first, "ETag: \"0-64\""));
    CHECK(answer_body_is(&second, 1, 0, 50) && answer_has(&second, "ETag: \"1-32\""));
    origin_set(o, "/file/b", "seed=9&size=70");
    struct answer set = client_fetch(o, "/file/b?size=100", "");
    CHECK(answer_body_is(&set, 9, 0, 70));
    origin_set(o, "/file/b", NULL);
    struct answer back = client_fetch(o, "/file/b?size=100", "");
    CHECK(answer_body_is(&back, 0, 0, 100));
    buf_release(&first.raw);
    buf_release(&second.raw);
    buf_release(&set.raw);
    buf_release(&back.raw);
    origin_free(o);
}

TEST(any_path_can_be_a_page_or_a_file)
{
    struct origin *o = origin_new(NULL);
    origin_put(o, "/api/m", "application/json", "{\"a\":1}");
    origin_put(o, "/api/m?page=2", "application/json", "[]");
    origin_set(o, "/api/m?page=3", "status=403");
    origin_set(o, "/a/resolve/main/f", "size=10&seed=2");
    static const struct {
        const char *target, *text;
    } list[] = {{"/api/m?what=ever", "\r\n\r\n{\"a\":1}"},
                {"/api/m?page=2", "\r\n\r\n[]"},
                {"/api/m?page=3", "HTTP/1.1 403"},
                {"/api/n", "HTTP/1.1 404"}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(list); i++) {
        struct answer a = client_fetch(o, list[i].target, "");
        CHECK(answer_has(&a, list[i].text));
        buf_release(&a.raw);
    }
    struct answer file = client_fetch(o, "/a/resolve/main/f?download=true", "");
    CHECK(answer_body_is(&file, 2, 0, 10));
    buf_release(&file.raw);
    origin_put(o, "/api/m", NULL, NULL);
    struct answer gone = client_fetch(o, "/api/m", "");
    CHECK_INT(gone.status, 404);
    buf_release(&gone.raw);
    origin_free(o);
}

TEST(redirects_can_name_the_sibling)
{
    struct origin *o = origin_new(NULL), *other = origin_new(NULL);
    origin_set_sibling(o, other);
    char *wanted = xasprintf("Location: http://u:p@127.0.0.1:%u/x\r\n", origin_port(other));
    struct answer a = client_fetch(o, "/file/a?redirect=302:http://u:p@{sibling-host}/x", "");
    CHECK(answer_has(&a, wanted));
    free(wanted);
    buf_release(&a.raw);
    origin_free(other);
    origin_free(o);
}
