/* SPDX-License-Identifier: MIT */
/* The verdict on every head that could mix two files. */
#include "harness.h"

#include "core/alloc.h"
#include "core/clock.h"
#include "net/reply.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A head with "|" for the line ends; the empty line is added. False where a line was refused. */
static bool feed(struct reply *r, const char *head)
{
    while (*head) {
        size_t len = strcspn(head, "|");
        char *line = xasprintf("%.*s\r\n", (int)len, head);
        bool taken = reply_line(r, line, strlen(line));
        free(line);
        if (!taken)
            return false;
        head += len + (head[len] == '|');
    }
    return reply_line(r, "\r\n", 2);
}

static enum verdict judge(const char *head, const struct range *asked, const struct entity *known)
{
    struct reply r;
    const char *why = NULL;
    reply_init(&r);
    CHECK(feed(&r, head));
    CHECK(r.complete);
    enum verdict v = reply_judge(&r, asked, known, &why);
    CHECK((v == REPLY_BROKEN || v == REPLY_REFUSED) == (why != NULL));
    CHECK_INT(reply_judge(&r, asked, known, NULL), v);
    reply_release(&r);
    return v;
}

static const struct range tail = {100, 200};
static const struct range open_end = {0, INT64_MAX};

#define PARTIAL "HTTP/1.1 206 Partial Content|"
#define WHOLE   "HTTP/1.1 200 OK|"

TEST(a_range_reply_is_taken_only_for_what_was_asked)
{
    static const struct {
        const char *head;
        enum verdict verdict;
    } rows[] = {
        {PARTIAL "Content-Range: bytes 100-199/1000", REPLY_RANGE},
        {PARTIAL "Content-Range: bytes 100-199/*", REPLY_RANGE},
        {PARTIAL "Content-Range: bytes 100-149/1000|Content-Length: 50", REPLY_RANGE},
        {PARTIAL "content-range:bytes 100-199/1000|content-length:  100 ", REPLY_RANGE},
        {PARTIAL "Content-Length: 100", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 98-199/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 0-99/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 101-199/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-200/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-999/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-199/150", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes */1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: items 100-199/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 199-100/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes -100-199/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range:", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-199/1000|Content-Length: 99", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-199/1000|Content-Length: 1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-199/1000|Content-Range: bytes 100-199/1000",
         REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 1-2/3|Content-Range: bytes 100-199/1000", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-199/1000|Content-Type: multipart/byteranges; boundary=x",
         REPLY_BROKEN},
        {PARTIAL "Content-Type: MULTIPART/BYTERANGES|Content-Length: 300", REPLY_BROKEN},
        {PARTIAL "Content-Range: bytes 100-199/1000|Content-Encoding: gzip", REPLY_BROKEN},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (judge(rows[i].head, &tail, NULL) != rows[i].verdict)
            HARNESS_FAIL("wrong verdict on %s", rows[i].head);
}

TEST(a_range_to_the_end_takes_what_the_server_has)
{
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 0-999/1000", &open_end, NULL), REPLY_RANGE);
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 1-999/1000", &open_end, NULL), REPLY_BROKEN);
}

TEST(a_partial_reply_to_a_plain_request_is_broken)
{
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 0-999/1000", NULL, NULL), REPLY_BROKEN);
    CHECK_INT(judge(PARTIAL "Content-Length: 5", NULL, NULL), REPLY_BROKEN);
}

TEST(a_200_is_the_whole_file_unless_it_says_which_range_it_is)
{
    static const struct {
        const char *head;
        bool ranged;
        enum verdict verdict;
    } rows[] = {
        {WHOLE "Content-Length: 1000", true, REPLY_WHOLE},
        {WHOLE "Content-Length: 1000", false, REPLY_WHOLE},
        {WHOLE "Transfer-Encoding: chunked", true, REPLY_WHOLE},
        {"HTTP/2 200 ", true, REPLY_WHOLE},
        {"HTTP/1.0 200", true, REPLY_WHOLE},
        {WHOLE "Content-Length: 100|Content-Range: bytes 100-199/1000", true, REPLY_RANGE},
        {WHOLE "Content-Length: 1000|Content-Range: bytes 0-999/1000", true, REPLY_BROKEN},
        {WHOLE "Content-Length: 100|Content-Range: bytes 0-99/1000", true, REPLY_BROKEN},
        {WHOLE "Content-Length: 100|Content-Range: bytes */1000", true, REPLY_BROKEN},
        /* Asked for no range: a Content-Range may only say that it is all of it. */
        {WHOLE "Content-Length: 1000|Content-Range: bytes 0-999/1000", false, REPLY_WHOLE},
        {WHOLE "Content-Range: bytes 0-999/1000", false, REPLY_WHOLE},
        {WHOLE "Content-Length: 500|Content-Range: bytes 0-499/1000", false, REPLY_BROKEN},
        {WHOLE "Content-Length: 500|Content-Range: bytes 500-999/1000", false, REPLY_BROKEN},
        {WHOLE "Content-Length: 9|Content-Range: bytes 0-999/1000", false, REPLY_BROKEN},
        {WHOLE "Content-Range: bytes 0-999/*", false, REPLY_BROKEN},
        {WHOLE "Content-Range: rubbish", false, REPLY_BROKEN},
        {WHOLE "Content-Type: multipart/byteranges; boundary=x", true, REPLY_BROKEN},
        /* A file may well be of another multipart type. */
        {WHOLE "Content-Type: multipart/related|Content-Length: 9", true, REPLY_WHOLE},
        {WHOLE "Content-Type: multipart/byteranges|Content-Length: 9", false, REPLY_WHOLE},
        {WHOLE "Content-Encoding: gzip", true, REPLY_BROKEN},
        {WHOLE "Content-Encoding: identity", true, REPLY_WHOLE},
        {WHOLE "Content-Encoding: gzip|Content-Encoding: identity", true, REPLY_BROKEN},
        {WHOLE "Content-Encoding: identity, br", true, REPLY_BROKEN},
        {WHOLE "Content-Encoding:", true, REPLY_WHOLE},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (judge(rows[i].head, rows[i].ranged ? &tail : NULL, NULL) != rows[i].verdict)
            HARNESS_FAIL("wrong verdict on %s", rows[i].head);
}

TEST(a_length_that_cannot_be_right_is_broken)
{
    static const char *const lengths[] = {"Content-Length: 5|Content-Length: 6",
                                          "Content-Length: 5|Content-Length: 5|Content-Length: 4",
                                          "Content-Length: -5",
                                          "Content-Length: +5",
                                          "Content-Length: 9223372036854775808",
                                          "Content-Length: 5, 5",
                                          "Content-Length: ",
                                          "Content-Length: x|Content-Length: 5"};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *head = xasprintf(WHOLE "%s", lengths[i]);
        if (judge(head, &open_end, NULL) != REPLY_BROKEN)
            HARNESS_FAIL("wrong verdict on %s", head);
        free(head);
    }
    CHECK_INT(judge(WHOLE "Content-Length: 5|Content-Length: 5", NULL, NULL), REPLY_WHOLE);
}

static void entity_of(struct entity *e, const char *head)
{
    struct reply r;
    reply_init(&r);
    CHECK(feed(&r, head));
    entity_init(e);
    entity_from_reply(e, &r);
    reply_release(&r);
}

#define DAY1 "Sun, 06 Nov 1994 08:49:37 GMT"
#define DAY2 "Mon, 07 Nov 1994 08:49:37 GMT"

TEST(another_tag_date_or_size_is_another_entity)
{
    static const struct {
        const char *before, *after;
        bool same;
    } rows[] = {
        {"ETag: \"a\"", "ETag: \"a\"", true},
        {"ETag: \"a\"", "ETag: \"b\"", false},
        {"ETag: \"a\"", "ETag: \"A\"", false},
        {"ETag: W/\"a\"", "ETag: W/\"a\"", true},
        {"ETag: W/\"a\"", "ETag: W/\"b\"", false},
        {"ETag: \"a\"|Last-Modified: " DAY1, "ETag: \"a\"|Last-Modified: " DAY2, true},
        {"ETag: \"a\"|Last-Modified: " DAY1, "ETag: \"b\"|Last-Modified: " DAY1, false},
        {"ETag: \"a\"|Last-Modified: " DAY1, "Last-Modified: " DAY1, true},
        {"ETag: \"a\"|Last-Modified: " DAY1, "Last-Modified: " DAY2, false},
        {"Last-Modified: " DAY1, "Last-Modified: " DAY1, true},
        {"Last-Modified: " DAY1, "Last-Modified: " DAY2, false},
        {"ETag: \"a\"", "Last-Modified: " DAY1, false},
        {"ETag: \"a\"", "Server: x", false},
        {"Last-Modified: " DAY1, "Server: x", false},
        {"Server: x", "Server: y", true},
        {"Server: x", "ETag: \"a\"", false},
        {"Content-Length: 1000|ETag: \"a\"", "Content-Length: 1001|ETag: \"a\"", false},
        {"Content-Length: 1000", "Content-Length: 999", false},
        {"Content-Length: 1000", "Transfer-Encoding: chunked", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct entity known;
        char *before = xasprintf(WHOLE "%s", rows[i].before);
        char *after = xasprintf(WHOLE "%s", rows[i].after);
        entity_of(&known, before);
        if (judge(after, NULL, &known) != (rows[i].same ? REPLY_WHOLE : REPLY_CHANGED))
            HARNESS_FAIL("wrong verdict on %s after %s", after, before);
        entity_release(&known);
        free(before);
        free(after);
    }
}

TEST(a_range_of_another_entity_is_a_change)
{
    struct entity known;
    entity_of(&known, WHOLE "Content-Length: 1000|ETag: \"a\"");
    CHECK_INT(known.size, 1000);
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 100-199/1000|ETag: \"a\"", &tail, &known),
              REPLY_RANGE);
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 100-199/*|ETag: \"a\"", &tail, &known),
              REPLY_RANGE);
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 100-199/1000|ETag: \"b\"", &tail, &known),
              REPLY_CHANGED);
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 100-199/1001|ETag: \"a\"", &tail, &known),
              REPLY_CHANGED);
    CHECK_INT(judge(WHOLE "Content-Range: bytes 100-199/1000|ETag: \"b\"", &tail, &known),
              REPLY_CHANGED);
    CHECK_INT(judge(PARTIAL "Content-Range: bytes 0-99/1000|ETag: \"b\"", &tail, &known),
              REPLY_BROKEN);
    entity_release(&known);
}

TEST(an_entity_takes_its_size_from_the_range_and_a_copy_is_equal)
{
    struct entity e, copy;
    entity_of(&e, PARTIAL "Content-Range: bytes 100-199/1000|Content-Length: 100|ETag: W/\"a\"|"
                          "Last-Modified: " DAY1);
    CHECK_INT(e.size, 1000);
    CHECK(e.etag_weak && entity_has_validator(&e));
    CHECK_INT(e.last_modified_ms, INT64_C(784111777000));
    entity_init(&copy);
    entity_copy(&copy, &e);
    CHECK_INT(copy.size, 1000);
    CHECK_STR(copy.etag.data, "\"a\"");
    CHECK(copy.etag_weak && copy.last_modified_ms == e.last_modified_ms);
    entity_clear(&copy);
    CHECK(!entity_has_validator(&copy) && copy.size == -1);
    entity_release(&copy);
    entity_release(&e);
}

TEST(a_416_is_an_empty_file_or_a_range_that_is_gone)
{
    static const char head[] = "HTTP/1.1 416 Range Not Satisfiable|Content-Range: bytes */0";
    struct entity empty, full;
    entity_of(&empty, WHOLE "Content-Length: 0");
    entity_of(&full, WHOLE "Content-Length: 1000");
    CHECK_INT(judge(head, &open_end, NULL), REPLY_EMPTY);
    CHECK_INT(judge(head, &open_end, &empty), REPLY_EMPTY);
    CHECK_INT(judge(head, &open_end, &full), REPLY_UNSATISFIED);
    CHECK_INT(judge(head, &tail, NULL), REPLY_UNSATISFIED);
    CHECK_INT(judge(head, NULL, NULL), REPLY_UNSATISFIED);
    CHECK_INT(judge("HTTP/1.1 416 x|Content-Range: bytes */50", &open_end, NULL),
              REPLY_UNSATISFIED);
    CHECK_INT(judge("HTTP/1.1 416 x|Content-Range: bytes 0-0/0", &open_end, NULL),
              REPLY_UNSATISFIED);
    CHECK_INT(judge("HTTP/1.1 416 x", &open_end, NULL), REPLY_UNSATISFIED);
    entity_release(&empty);
    entity_release(&full);
}

TEST(a_redirect_leads_to_one_place)
{
    static const int redirects[] = {301, 302, 303, 307, 308}, others[] = {300, 304, 305, 306};
    for (size_t i = 0; i < COUNT(redirects); i++) {
        char *good = xasprintf("HTTP/1.1 %d x|Location: /y", redirects[i]);
        char *none = xasprintf("HTTP/1.1 %d x", redirects[i]);
        CHECK_INT(judge(good, NULL, NULL), REPLY_REDIRECT);
        CHECK_INT(judge(none, NULL, NULL), REPLY_BROKEN);
        free(good);
        free(none);
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        char *head = xasprintf("HTTP/1.1 %d x|Location: /y", others[i]);
        CHECK_INT(judge(head, NULL, NULL), REPLY_REFUSED);
        free(head);
    }
    CHECK_INT(judge("HTTP/1.1 302 x|Location:", NULL, NULL), REPLY_BROKEN);
    CHECK_INT(judge("HTTP/1.1 302 x|Location: /a|Location: /b", NULL, NULL), REPLY_BROKEN);
    char *long_head = xasprintf("HTTP/1.1 302 x|Location: /%020000d", 0);
    CHECK_INT(judge(long_head, NULL, NULL), REPLY_BROKEN);
    free(long_head);
}

TEST(any_other_status_is_refused)
{
    static const int statuses[] = {201, 202, 203, 204, 205, 207, 400, 401,
                                   403, 404, 410, 429, 500, 503, 520, 999};
    for (size_t i = 0; i < COUNT(statuses); i++) {
        char *head = xasprintf("HTTP/1.1 %d x|Content-Range: bytes 100-199/1000", statuses[i]);
        CHECK_INT(judge(head, &tail, NULL), REPLY_REFUSED);
        free(head);
    }
}

TEST(a_new_status_line_forgets_the_head_before_it)
{
    struct reply r;
    reply_init(&r);
    CHECK(feed(&r, "HTTP/1.1 103 Early Hints|Content-Length: 7|ETag: \"x\"|Location: /z"));
    CHECK(!r.complete);
    CHECK(feed(&r, WHOLE "Content-Length: 5"));
    CHECK(r.complete && r.length == 5 && !r.malformed);
    CHECK(r.etag.len == 0 && r.locations == 0);
    reply_release(&r);
}

TEST(trailers_decide_nothing)
{
    struct reply r;
    reply_init(&r);
    CHECK(feed(&r, WHOLE "Transfer-Encoding: chunked|ETag: \"a\""));
    CHECK(r.chunked);
    CHECK(reply_line(&r, "ETag: \"b\"\r\n", 11));
    CHECK(reply_line(&r, "Content-Length: 3\r\n", 19));
    CHECK_STR(r.etag.data, "\"a\"");
    CHECK_INT(r.length, -1);
    reply_release(&r);
}

TEST(what_is_no_http_head_stops_the_request)
{
    static const char *const first[] = {"HTTP/1.1",
                                        "HTTP/1.1 ",
                                        "HTTP/1.1 20",
                                        "HTTP/1.1 2x0 OK",
                                        "HTTP/1.1 099 x",
                                        "HTTP/1.1 2000 OK",
                                        "HTTP/1.1 -20 OK",
                                        "ICY 200 OK",
                                        "<html>",
                                        "Content-Length: 5",
                                        ""};
    for (size_t i = 0; i < COUNT(first); i++) {
        struct reply r;
        reply_init(&r);
        if (reply_line(&r, first[i], strlen(first[i])))
            HARNESS_FAIL("taken: \"%s\"", first[i]);
        reply_release(&r);
    }
}

TEST(a_head_without_end_stops_the_request)
{
    static const char *const endless[] = {"X-A: 0123456789012345678901234567890\r\n", "\r\n",
                                          "HTTP/1.1 103 Early Hints\r\n", "no colon at all\r\n"};
    for (size_t i = 0; i < COUNT(endless); i++) {
        struct reply r;
        reply_init(&r);
        size_t len = strlen(endless[i]), fed = 0;
        CHECK(reply_line(&r, "HTTP/1.1 102 Processing\r\n", 25));
        while (fed <= 2 * REPLY_HEAD_MAX && reply_line(&r, endless[i], len))
            fed += len;
        CHECK(fed <= REPLY_HEAD_MAX && fed > REPLY_HEAD_MAX / 2);
        reply_release(&r);
    }
}

TEST(a_single_endless_line_stops_the_request)
{
    struct reply r;
    char *line = xcalloc(1, REPLY_HEAD_MAX + 1);
    memset(line, 'x', REPLY_HEAD_MAX);
    reply_init(&r);
    CHECK(reply_line(&r, "HTTP/1.1 200 OK\r\n", 17));
    CHECK(!reply_line(&r, line, REPLY_HEAD_MAX));
    reply_release(&r);
    free(line);
}

static int64_t wall(void)
{
    return INT64_C(1000000000000);
}

TEST(a_date_to_retry_at_counts_by_the_servers_clock_wherever_the_date_stands)
{
    static const char *const heads[] = {
        "HTTP/1.1 503 x|Date: " DAY1 "|Retry-After: Sun, 06 Nov 1994 08:50:37 GMT",
        "HTTP/1.1 503 x|Retry-After: Sun, 06 Nov 1994 08:50:37 GMT|Date: " DAY1};
    clock_replace(NULL, wall);
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct reply r;
        reply_init(&r);
        CHECK(feed(&r, heads[i]));
        CHECK_INT(r.retry_after, 60 * CLOCK_SEC);
        reply_release(&r);
    }
    struct reply r;
    reply_init(&r);
    CHECK(feed(&r, "HTTP/1.1 503 x|Retry-After: Sun, 09 Sep 2001 01:46:50 GMT"));
    CHECK_INT(r.retry_after, 10 * CLOCK_SEC);
    CHECK(feed(&r, "HTTP/1.1 503 x|Retry-After: 3"));
    CHECK_INT(r.retry_after, 3 * CLOCK_SEC);
    CHECK(feed(&r, "HTTP/1.1 503 x|Retry-After: soon"));
    CHECK_INT(r.retry_after, -1);
    reply_release(&r);
    clock_replace(NULL, NULL);
}

TEST(the_other_fields_of_a_head_are_kept)
{
    struct reply r;
    reply_init(&r);
    CHECK(feed(&r, "HTTP/1.1 429 x|RateLimit: \"api\";r=0;t=55|X-Error-Message: too\x1b many|"
                   "Accept-Ranges: None|Content-Type: Text/HTML; charset=x|"
                   "Content-Disposition: attachment; filename=a.bin|"
                   "Digest: MD5=1B2M2Y8AsgTpgAmY7PhCfg==|"
                   "Repr-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"));
    CHECK_INT(r.rate_remaining, 0);
    CHECK_INT(r.rate_reset, 55);
    CHECK_STR(r.error_message.data, "too\xef\xbf\xbd many");
    CHECK(r.accepts_none && r.html && !r.multipart);
    CHECK_STR(r.disposition.data, "a.bin");
    CHECK_INT(r.digest.algorithm, DIGEST_SHA256);
    reply_release(&r);
}

TEST(two_dispositions_name_nothing)
{
    struct reply r;
    reply_init(&r);
    CHECK(feed(&r, WHOLE "Content-Disposition: attachment; filename=a|"
                         "Content-Disposition: attachment; filename=a"));
    CHECK_INT(r.disposition.len, 0);
    CHECK(feed(&r, WHOLE "Content-Disposition: x; filename=a|Content-Disposition: x; filename=b|"
                         "Content-Disposition: x; filename=c"));
    CHECK_INT(r.disposition.len, 0);
    reply_release(&r);
}
