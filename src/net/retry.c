/* SPDX-License-Identifier: MIT */
/* Retry policy; see retry.h. */
#include "net/retry.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "net/private_net.h"
#include "net/url.h"

#define BACKOFF_MAX (60 * CLOCK_SEC)

static const struct {
    CURLcode code;
    enum haul_error error;
    bool retryable;
} curl_errors[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HAUL_ERR_NETWORK, true},
    {CURLE_COULDNT_RESOLVE_PROXY, HAUL_ERR_NETWORK, true},
    {CURLE_COULDNT_CONNECT, HAUL_ERR_NETWORK, true},
    {CURLE_OPERATION_TIMEDOUT, HAUL_ERR_TIMEOUT, true},
    {CURLE_PARTIAL_FILE, HAUL_ERR_NETWORK, true},
    {CURLE_GOT_NOTHING, HAUL_ERR_NETWORK, true},
    {CURLE_RECV_ERROR, HAUL_ERR_NETWORK, true},
    {CURLE_SEND_ERROR, HAUL_ERR_NETWORK, true},
    {CURLE_SSL_CONNECT_ERROR, HAUL_ERR_TLS, true},
    {CURLE_PEER_FAILED_VERIFICATION, HAUL_ERR_TLS, false},
    {CURLE_SSL_CERTPROBLEM, HAUL_ERR_TLS, false},
    {CURLE_SSL_CIPHER, HAUL_ERR_TLS, false},
    {CURLE_SSL_CACERT_BADFILE, HAUL_ERR_TLS, false},
    {CURLE_SSL_ISSUER_ERROR, HAUL_ERR_TLS, false},
    {CURLE_SSL_INVALIDCERTSTATUS, HAUL_ERR_TLS, false},
    {CURLE_URL_MALFORMAT, HAUL_ERR_BAD_SPEC, false},
    {CURLE_UNSUPPORTED_PROTOCOL, HAUL_ERR_NETWORK, false},
    {CURLE_WEIRD_SERVER_REPLY, HAUL_ERR_NETWORK, false},
    /* What libcurl says of a header line over 100 KiB. */
    {CURLE_OUT_OF_MEMORY, HAUL_ERR_NETWORK, false},
};

/* OpenSSL's words for a first line of HTTP in the place of a handshake. */
static bool is_plain_http(CURLcode code, const char *detail)
{
    return code == CURLE_SSL_CONNECT_ERROR && strstr(detail, "wrong version number");
}

static const char *remedy(enum haul_error e, CURLcode code, const char *detail)
{
    if (is_plain_http(code, detail))
        return "; the server speaks plain HTTP there: use http:// (of a registry "
               "ollama:http://HOST/...)";
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return "; the certificate is not trusted: check the clock and the address, or give the "
               "right authority with --cacert";
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        return "; check the name and the network";
    if (code == CURLE_COULDNT_RESOLVE_PROXY)
        return "; check its name, in --proxy or in the environment, and the network";
    if (code == CURLE_OUT_OF_MEMORY)
        return ": the reply's head is too large";
    if (e == HAUL_ERR_NETWORK && code == CURLE_UNSUPPORTED_PROTOCOL)
        return "; this is not an HTTP server";
    return "";
}

enum haul_error retry_fault_of_curl(CURLcode code, const char *host, const char *detail,
                                    struct haul_fault *fault)
{
    enum haul_error error = HAUL_ERR_NETWORK;
    bool retryable = true;
    const char *denied = code == CURLE_COULDNT_CONNECT ? private_net_denied() : NULL;
    if (denied)
        return fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                         "%s: it leads to %s, a private address, and the job server was started "
                         "with --deny-private",
                         host, denied);
    /* libcurl shows the address that it cannot use, with its password. */
    if (!strncmp(detail, "Unsupported proxy", strlen("Unsupported proxy")))
        return fault_set(fault, HAUL_ERR_USAGE,
                         "%s: the address of the proxy is none; look at --proxy and at the "
                         "environment (http_proxy, https_proxy, all_proxy)",
                         host);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(curl_errors); i++) {
        if (curl_errors[i].code == code) {
            error = curl_errors[i].error;
            retryable = curl_errors[i].retryable;
        }
    }
    fault_set(fault, error, "%s: %s%s", host, *detail ? detail : curl_easy_strerror(code),
              remedy(error, code, detail));
    fault->retryable = retryable && !is_plain_http(code, detail);
    return error;
}

static const struct {
    int status;
    enum haul_error error;
    bool retryable;
    const char *text;
} statuses[] = {
    {401, HAUL_ERR_UNAUTHORIZED, false,
     "a user name or token is wanted; put it into ~/.netrc or use --header"},
    {403, HAUL_ERR_UNAUTHORIZED, false, "the server forbids it"},
    {404, HAUL_ERR_NOT_FOUND, false, "no such file; check the address"},
    {407, HAUL_ERR_UNAUTHORIZED, false,
     "as a proxy that wants a user name would say; if there is one, set it in --proxy"},
    {408, HAUL_ERR_HTTP_STATUS, true, "the server gave up waiting"},
    {410, HAUL_ERR_NOT_FOUND, false, "the file is gone for good"},
    {416, HAUL_ERR_HTTP_STATUS, true, "the server refuses the range"},
    {425, HAUL_ERR_HTTP_STATUS, true, "too early"},
    {429, HAUL_ERR_RATE_LIMITED, true, "too many requests"},
    {451, HAUL_ERR_NOT_FOUND, false, "withheld for legal reasons"},
    {500, HAUL_ERR_HTTP_STATUS, true, "the server failed"},
    {501, HAUL_ERR_HTTP_STATUS, false, "the server cannot do this"},
    {502, HAUL_ERR_HTTP_STATUS, true, "bad gateway"},
    {503, HAUL_ERR_HTTP_STATUS, true, "the server is overloaded"},
    {504, HAUL_ERR_HTTP_STATUS, true, "gateway time-out"},
};

enum haul_error retry_fault_of_status(const struct reply *reply, const char *url, bool with_login,
                                      struct haul_fault *fault)
{
    int status = reply->status;
    enum haul_error error = HAUL_ERR_HTTP_STATUS;
    /* 520 to 530 are what a CDN says of the server behind it. */
    bool retryable = status >= 520 && status <= 530;
    const char *text = retryable ? "the server behind the CDN failed" : "refused";
    for (size_t i = 0; i < HAUL_ARRAY_LEN(statuses); i++) {
        if (statuses[i].status == status) {
            error = statuses[i].error;
            retryable = statuses[i].retryable;
            text = statuses[i].text;
        }
    }
    if (status == 401 && with_login)
        text = "the user name and password, or the token, that were given are not accepted";
    char *shown = text_masked_url(url);
    const char *said = reply->error_message.data;
    fault_set(fault, error, "HTTP %d for %s: %s%s%s", status, shown, text, *said ? ": " : "", said);
    free(shown);
    fault->http_status = status;
    fault->retryable = retryable;
    return error;
}

enum haul_error retry_fault_of_proxy(int status, const char *host, struct haul_fault *fault)
{
    bool login = status == 407, denied = login || status == 401 || status == 403;
    fault_set(fault, denied ? HAUL_ERR_UNAUTHORIZED : HAUL_ERR_HTTP_STATUS,
              "HTTP %d from the proxy on the way to %s: %s", status, host,
              login ? "it wants a user name and password; put them into the address of the proxy "
                      "(--proxy, or https_proxy and all_proxy in the environment)"
                    : "it does not lead there");
    fault->http_status = status;
    fault->retryable = status == 408 || status == 429;
    return fault->code;
}

enum haul_error retry_fault_of_request(CURL *easy, CURLcode code, const char *url,
                                       const char *detail, struct haul_fault *fault)
{
    long connect = 0;
    char *host = url_host(url);
    const char *shown = host ? host : "the server";
    if (curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect) != CURLE_OK)
        connect = 0;
    /* 502 and the like are about the network behind the proxy; libcurl's words say as much. */
    enum haul_error error = connect >= 400 && connect < 500
                                ? retry_fault_of_proxy((int)connect, shown, fault)
                                : retry_fault_of_curl(code, shown, detail, fault);
    free(host);
    return error;
}

bool retry_is_overload(int status)
{
    return status == 429 || status == 503;
}

int64_t retry_backoff(int64_t first, unsigned try, double random)
{
    int64_t window = first;
    for (unsigned i = 1; i < try && window < BACKOFF_MAX; i++)
        window *= 2;
    if (window > BACKOFF_MAX)
        window = BACKOFF_MAX;
    return window - (int64_t)((double)window / 2 * (1 - random));
}

int64_t retry_asked_wait(const struct reply *reply)
{
    if (reply->retry_after >= 0)
        return reply->retry_after < RETRY_ASKED_MAX ? reply->retry_after : RETRY_ASKED_MAX;
    if (reply->rate_remaining != 0 || reply->rate_reset < 0)
        return -1;
    return reply->rate_reset < RETRY_ASKED_MAX / CLOCK_SEC ? (reply->rate_reset + 1) * CLOCK_SEC
                                                           : RETRY_ASKED_MAX;
}

void retry_gave_up(struct haul_fault *fault, unsigned tries, int64_t wait)
{
    struct haul_fault last = *fault;
    long long seconds = (wait + CLOCK_SEC - 1) / CLOCK_SEC;
    bool long_wait = seconds >= 120;
    if (seconds > 0)
        fault_set(&last, fault->code, "%s; it asks to wait %lld %s: try again then", fault->message,
                  long_wait ? seconds / 60 : seconds, long_wait ? "minutes" : "seconds");
    else if (fault->retryable && tries > 1)
        fault_set(&last, fault->code, "%s (after %u tries)", fault->message, tries);
    last.http_status = fault->http_status;
    *fault = last;
}
