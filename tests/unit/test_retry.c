/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/clock.h"
#include "net/retry.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

TEST(the_wait_doubles_up_to_a_minute)
{
    static const struct {
        int64_t first;
        unsigned try;
        int64_t window;
    } rows[] = {
        {CLOCK_SEC, 1, CLOCK_SEC},
        {CLOCK_SEC, 2, 2 * CLOCK_SEC},
        {CLOCK_SEC, 5, 16 * CLOCK_SEC},
        {CLOCK_SEC, 7, 60 * CLOCK_SEC},
        {CLOCK_SEC, 1000000, 60 * CLOCK_SEC},
        {CLOCK_SEC / 2, 3, 2 * CLOCK_SEC},
        {90 * CLOCK_SEC, 1, 60 * CLOCK_SEC},
        {INT64_MAX, 9, 60 * CLOCK_SEC},
        {0, 50, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK_INT(retry_backoff(rows[i].first, rows[i].try, 0.0), rows[i].window / 2);
        int64_t middle = retry_backoff(rows[i].first, rows[i].try, 0.5);
        CHECK_INT(middle, rows[i].window / 4 * 3);
        int64_t most = retry_backoff(rows[i].first, rows[i].try, 0.999999);
        CHECK(most <= rows[i].window && most >= rows[i].window / 100 * 99);
    }
}

TEST(each_status_has_its_error_and_its_chance)
{
    static const struct {
        int status;
        enum haul_error error;
        bool retryable;
    } rows[] = {
        {400, HAUL_ERR_HTTP_STATUS, false},  {401, HAUL_ERR_UNAUTHORIZED, false},
        {403, HAUL_ERR_UNAUTHORIZED, false}, {404, HAUL_ERR_NOT_FOUND, false},
        {407, HAUL_ERR_UNAUTHORIZED, false}, {408, HAUL_ERR_HTTP_STATUS, true},
        {410, HAUL_ERR_NOT_FOUND, false},    {418, HAUL_ERR_HTTP_STATUS, false},
        {425, HAUL_ERR_HTTP_STATUS, true},   {429, HAUL_ERR_RATE_LIMITED, true},
        {451, HAUL_ERR_NOT_FOUND, false},    {500, HAUL_ERR_HTTP_STATUS, true},
        {501, HAUL_ERR_HTTP_STATUS, false},  {502, HAUL_ERR_HTTP_STATUS, true},
        {503, HAUL_ERR_HTTP_STATUS, true},   {504, HAUL_ERR_HTTP_STATUS, true},
        {505, HAUL_ERR_HTTP_STATUS, false},  {519, HAUL_ERR_HTTP_STATUS, false},
        {520, HAUL_ERR_HTTP_STATUS, true},   {524, HAUL_ERR_HTTP_STATUS, true},
        {530, HAUL_ERR_HTTP_STATUS, true},   {531, HAUL_ERR_HTTP_STATUS, false},
        {300, HAUL_ERR_HTTP_STATUS, false},  {204, HAUL_ERR_HTTP_STATUS, false},
    };
    struct reply r;
    reply_init(&r);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct haul_fault fault = {0};
        r.status = rows[i].status;
        CHECK_INT(retry_fault_of_status(&r, "https://h/f", false, &fault), rows[i].error);
        CHECK_INT(fault.code, rows[i].error);
        CHECK_INT(fault.http_status, rows[i].status);
        CHECK_INT(fault.retryable, rows[i].retryable);
        CHECK_INT(retry_is_overload(rows[i].status),
                  rows[i].status == 429 || rows[i].status == 503);
    }
    reply_release(&r);
}

TEST(the_fault_of_a_status_hides_secrets_and_quotes_the_server)
{
    struct reply r;
    struct haul_fault fault;
    reply_init(&r);
    const char *status = "HTTP/1.1 403 Forbidden\r\n";
    const char *said = "X-Error-Message: gated \x1b[31m repo\r\n";
    CHECK(reply_line(&r, status, strlen(status)) && reply_line(&r, said, strlen(said)));
    (void)retry_fault_of_status(&r, "https://me:geheim@h/f?token=geheim", false, &fault);
    CHECK(!strstr(fault.message, "geheim"));
    CHECK(strstr(fault.message, "403") && strstr(fault.message, "gated"));
    CHECK(!strchr(fault.message, '\x1b'));
    reply_release(&r);
}

TEST(each_failure_of_curl_has_its_error_and_its_chance)
{
    static const struct {
        CURLcode code;
        enum haul_error error;
        bool retryable;
    } rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, HAUL_ERR_NETWORK, true},
        {CURLE_COULDNT_CONNECT, HAUL_ERR_NETWORK, true},
        {CURLE_OPERATION_TIMEDOUT, HAUL_ERR_TIMEOUT, true},
        {CURLE_PARTIAL_FILE, HAUL_ERR_NETWORK, true},
        {CURLE_SSL_CONNECT_ERROR, HAUL_ERR_TLS, true},
        {CURLE_PEER_FAILED_VERIFICATION, HAUL_ERR_TLS, false},
        {CURLE_UNSUPPORTED_PROTOCOL, HAUL_ERR_NETWORK, false},
        {CURLE_URL_MALFORMAT, HAUL_ERR_BAD_SPEC, false},
        {CURLE_HTTP2_STREAM, HAUL_ERR_NETWORK, true}, /* not in the table */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct haul_fault fault = {0};
        CHECK_INT(retry_fault_of_curl(rows[i].code, "host", "", &fault), rows[i].error);
        CHECK_INT(fault.retryable, rows[i].retryable);
        CHECK(strstr(fault.message, curl_easy_strerror(rows[i].code)) != NULL);
    }
    struct haul_fault fault = {0};
    (void)retry_fault_of_curl(CURLE_COULDNT_CONNECT, "host", "port 9 closed", &fault);
    CHECK(strstr(fault.message, "host: port 9 closed") != NULL);
}

TEST(a_proxy_that_refuses_is_told_from_the_server)
{
    static const struct {
        int status;
        enum haul_error error;
        bool retryable;
    } rows[] = {
        {407, HAUL_ERR_UNAUTHORIZED, false},
        {403, HAUL_ERR_UNAUTHORIZED, false},
        {404, HAUL_ERR_HTTP_STATUS, false},
        {429, HAUL_ERR_HTTP_STATUS, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct haul_fault fault = {0};
        CHECK_INT(retry_fault_of_proxy(rows[i].status, "host", &fault), rows[i].error);
        CHECK_INT(fault.http_status, rows[i].status);
        CHECK_INT(fault.retryable, rows[i].retryable);
        CHECK(strstr(fault.message, "the proxy on the way to host"));
    }
}

/* With the words of libcurl. */
TEST(a_host_that_is_called_proxy_is_not_a_bad_proxy)
{
    static const struct {
        CURLcode code;
        const char *detail;
        enum haul_error error;
    } rows[] = {
        {CURLE_PEER_FAILED_VERIFICATION,
         "SSL: certificate subject name 'a' does not match target host name 'proxy.localhost'",
         HAUL_ERR_TLS},
        {CURLE_COULDNT_CONNECT,
         "Failed to connect to proxy.localhost port 9 after 0 ms: Couldn't connect to server",
         HAUL_ERR_NETWORK},
        {CURLE_COULDNT_RESOLVE_PROXY, "Couldn't resolve proxy 'nowhere.invalid'", HAUL_ERR_NETWORK},
        {CURLE_COULDNT_CONNECT, "Unsupported proxy scheme for 'foo://me:geheim@h'", HAUL_ERR_USAGE},
        {CURLE_COULDNT_RESOLVE_PROXY,
         "Unsupported proxy syntax in 'http://me:geheim@h:99999': Port number was not a decimal "
         "number between 0 and 65535",
         HAUL_ERR_USAGE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct haul_fault fault = {0};
        CHECK_INT(retry_fault_of_curl(rows[i].code, "host", rows[i].detail, &fault), rows[i].error);
        CHECK(!strstr(fault.message, "geheim"));
    }
}

TEST(plain_http_where_tls_was_asked_for_is_named_and_not_tried_again)
{
    struct haul_fault fault = {0};
    CHECK_INT(retry_fault_of_curl(CURLE_SSL_CONNECT_ERROR, "host",
                                  "TLS connect error: error:0A00010B:SSL routines::wrong version "
                                  "number",
                                  &fault),
              HAUL_ERR_TLS);
    CHECK(strstr(fault.message, "speaks plain HTTP there: use http://"));
    CHECK(!fault.retryable);
}

TEST(a_reply_is_waited_for_as_it_asks)
{
    struct reply r;
    reply_init(&r);
    CHECK_INT(retry_asked_wait(&r), -1);
    r.rate_remaining = 3;
    r.rate_reset = 55;
    CHECK_INT(retry_asked_wait(&r), -1);
    r.rate_remaining = 0;
    CHECK_INT(retry_asked_wait(&r), 56 * CLOCK_SEC);
    r.retry_after = 0;
    CHECK_INT(retry_asked_wait(&r), 0);
    r.retry_after = 7;
    CHECK_INT(retry_asked_wait(&r), 7);
    reply_release(&r);
}

TEST(no_wait_that_is_asked_for_is_too_long_to_reckon_with)
{
    static const int64_t seconds[] = {INT64_MAX, INT64_MAX / CLOCK_SEC, 9223372036, 366 * 86400};
    struct reply r;
    struct haul_fault f;
    reply_init(&r);
    r.rate_remaining = 0;
    for (size_t i = 0; i < COUNT(seconds); i++) {
        bool fits = seconds[i] < INT64_MAX / CLOCK_SEC;
        r.rate_reset = seconds[i];
        r.retry_after = -1;
        CHECK_INT(retry_asked_wait(&r), RETRY_ASKED_MAX);
        r.retry_after = fits ? seconds[i] * CLOCK_SEC : INT64_MAX;
        CHECK_INT(retry_asked_wait(&r), RETRY_ASKED_MAX);
    }
    fault_set(&f, HAUL_ERR_RATE_LIMITED, "no");
    retry_gave_up(&f, 1, retry_asked_wait(&r));
    CHECK_STR(f.message, "no; it asks to wait 525600 minutes: try again then");
    reply_release(&r);
}

TEST(the_last_words_say_how_often_or_how_long)
{
    struct haul_fault f;
    fault_set(&f, HAUL_ERR_RATE_LIMITED, "too many");
    f.http_status = 429;
    retry_gave_up(&f, 1, 0);
    CHECK_STR(f.message, "too many");
    retry_gave_up(&f, 6, 0);
    CHECK_STR(f.message, "too many (after 6 tries)");
    fault_set(&f, HAUL_ERR_RATE_LIMITED, "no");
    f.http_status = 429;
    retry_gave_up(&f, 2, 7200 * CLOCK_SEC);
    CHECK_STR(f.message, "no; it asks to wait 120 minutes: try again then");
    fault_set(&f, HAUL_ERR_RATE_LIMITED, "no");
    f.http_status = 429;
    retry_gave_up(&f, 2, 19 * CLOCK_SEC + 1);
    CHECK_STR(f.message, "no; it asks to wait 20 seconds: try again then");
    CHECK_INT(f.http_status, 429);
    fault_set(&f, HAUL_ERR_NOT_FOUND, "no such file");
    f.retryable = false;
    retry_gave_up(&f, 6, 0);
    CHECK_STR(f.message, "no such file");
}
