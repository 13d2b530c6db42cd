/* SPDX-License-Identifier: MIT */
/* The head of an answer, and what can be wrong with it. */
#include "origin/exchange.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/units.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {416, "Range Not Satisfiable"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Whatever";
}

void origin_answer_header(struct origin_exchange *x, const char *fmt, ...)
{
    char *line = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&line, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    buf_add_str(&x->head, line);
    buf_add_str(&x->head, "\r\n");
    free(line);
}

static void add_date(struct origin_exchange *x, const char *name, int64_t ahead)
{
    char text[sizeof "Thu, 01 Jan 1970 00:00:00 GMT" + 8];
    time_t when = (time_t)(clock_wall_ms() / 1000 + ahead);
    struct tm tm;
    gmtime_r(&when, &tm);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    origin_answer_header(x, "%s: %s", name, text);
}

/* "7" and anything that is no date go out as they are. */
static void add_retry_after(struct origin_exchange *x)
{
    const char *value = x->fault.retry_after;
    uint64_t seconds;
    if (!strncmp(value, "date:", 5) && units_parse_u64(value + 5, INT32_MAX, &seconds))
        add_date(x, "Retry-After", (int64_t)seconds);
    else
        origin_answer_header(x, "Retry-After: %s", value);
}

static void add_ratelimit(struct origin_exchange *x)
{
    const char *value = x->fault.ratelimit;
    int r = (int)strcspn(value, ",");
    origin_answer_header(x, "RateLimit: \"resolvers\";r=%.*s;t=%s", r, value,
                         value[r] ? value + r + 1 : "0");
}

void origin_answer_begin(struct origin_exchange *x, int status)
{
    x->status = status;
    buf_truncate(&x->head, 0);
    if (x->fault.status_line)
        origin_answer_header(x, "%s", x->fault.status_line);
    else
        origin_answer_header(x, "HTTP/1.1 %d %s", status, reason_of(status));
    add_date(x, "Date", 0);
    origin_answer_header(x, "Server: haul-origin");
    if (status >= 400 && x->fault.retry_after)
        add_retry_after(x);
    if (x->fault.ratelimit)
        add_ratelimit(x);
}

static void add_length_number(struct origin_exchange *x, int64_t n)
{
    origin_answer_header(x, "Content-Length: %" PRId64, n);
}

static void add_length(struct origin_exchange *x, int64_t size)
{
    switch (x->fault.length) {
    case LENGTH_EXACT:
    case LENGTH_BOTH:
        add_length_number(x, size);
        return;
    case LENGTH_SHORT:
        add_length_number(x, size / 2);
        return;
    case LENGTH_LONG:
        add_length_number(x, size + 100);
        return;
    case LENGTH_NEGATIVE:
        add_length_number(x, -1);
        return;
    case LENGTH_HUGE: /* 2^63 */
        origin_answer_header(x, "Content-Length: 9223372036854775808");
        return;
    case LENGTH_DOUBLE:
        add_length_number(x, size);
        add_length_number(x, size + 1);
        return;
    case LENGTH_PLUS:
        origin_answer_header(x, "Content-Length: +%" PRId64, size);
        return;
    case LENGTH_GARBAGE:
        origin_answer_header(x, "Content-Length: many");
        return;
    default:
        return;
    }
}

/* Settles how the client learns the length. A lie ends with the connection. */
static void settle_framing(struct origin_exchange *x)
{
    if (x->fault.length >= LENGTH_CHUNKED)
        x->framing = ORIGIN_FRAME_CHUNKED;
    else if (x->fault.length == LENGTH_MISSING)
        x->framing = ORIGIN_FRAME_CLOSE;
    if (x->framing == ORIGIN_FRAME_CHUNKED)
        origin_answer_header(x, "Transfer-Encoding: chunked");
    bool lies = x->fault.lie >= 0 || x->fault.length > LENGTH_EXACT;
    if (lies && x->fault.length != LENGTH_CHUNKED)
        x->next = ORIGIN_NEXT_CLOSE;
    if (x->fault.lie >= 0)
        add_length_number(x, x->fault.lie);
    else
        add_length(x, origin_body_size(&x->body));
}

static void settle_connection(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    if (!origin_request_keeps_alive(x->request) || f->keepalive != KEEPALIVE_ON || f->http09 ||
        f->conn_refuse >= 0)
        x->next = ORIGIN_NEXT_CLOSE;
    if (f->tls_close)
        x->next = ORIGIN_NEXT_ABANDON;
    bool says = x->next != ORIGIN_NEXT_KEEP && f->keepalive != KEEPALIVE_LIE;
    origin_answer_header(x, "Connection: %s", says ? "close" : "keep-alive");
}

static void add_extras(struct origin_exchange *x)
{
    const char *value;
    for (size_t i = 0; (value = origin_query_next(&x->request->query, "header", &i));)
        origin_answer_header(x, "%s", value);
    for (int64_t i = 0; i < x->fault.cookies; i++)
        origin_answer_header(x, "Set-Cookie: crumb%" PRId64 "=%032" PRId64 "; Path=/", i, i);
    if (x->fault.headers_bytes < 0)
        return;
    buf_add_str(&x->head, "X-Filler: ");
    for (int64_t i = 0; i < x->fault.headers_bytes && !x->head.full; i++)
        buf_add_char(&x->head, 'x');
    buf_add_str(&x->head, "\r\n");
}

/* Sends the same for ever, that is until the client has had enough. */
static bool repeat(struct origin_exchange *x, const char *text)
{
    while (origin_conn_send(x->conn, text, strlen(text)))
        ;
    return false;
}

static bool send_head(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    if (f->endless_1xx)
        return repeat(x, "HTTP/1.1 100 Continue\r\n\r\n");
    if (f->http09)
        return true;
    bool half = f->stall_header || f->cut_header;
    if (!half && !f->headers_endless)
        buf_add_str(&x->head, "\r\n");
    if (!origin_conn_send(x->conn, x->head.data, half ? x->head.len / 2 : x->head.len))
        return false;
    if (f->headers_endless)
        return repeat(x, "X-More: and more, and more, and more, and more, and more\r\n");
    if (f->stall_header)
        return origin_conn_sleep(x->conn, ORIGIN_NEVER);
    return !half;
}

bool origin_answer_send(struct origin_exchange *x)
{
    settle_framing(x);
    add_extras(x);
    settle_connection(x);
    origin_log_status(&x->origin->log, x->serial, x->status, x->body.start);
    if (!send_head(x))
        return false;
    return !strcmp(x->request->method, "HEAD") || origin_transmit(x);
}

bool origin_answer_text(struct origin_exchange *x, int status, const char *text)
{
    origin_answer_begin(x, status);
    origin_answer_header(x, "Content-Type: text/plain; charset=utf-8");
    buf_add_str(&x->body.before, text);
    return origin_answer_send(x);
}
