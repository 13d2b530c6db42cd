/* SPDX-License-Identifier: MIT */
/* Answers that tell how far they are; see server_report.h. */
#include "api/server_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/json_put.h"
#include "api/server_exchange.h"
#include "core/alloc.h"

struct report {
    struct exchange *exchange; /* NULL: the client has left */
    struct errand *errand;     /* NULL: it has ended */
    struct buf out;
    size_t sent;
    bool ended;
    unsigned refs;
};

struct report *report_ref(struct report *r)
{
    r->refs++;
    return r;
}

void report_unref(struct report *r)
{
    if (!r || --r->refs)
        return;
    buf_release(&r->out);
    free(r);
}

static ssize_t on_read(void *arg, uint64_t pos, char *to, size_t max)
{
    (void)pos;
    struct report *r = arg;
    size_t len = r->out.len - r->sent;
    if (!r->exchange)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (!len && r->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!len) {
        exchange_sleep(r->exchange);
        return 0;
    }
    if (len > max)
        len = max;
    memcpy(to, r->out.data + r->sent, len);
    r->sent += len;
    return (ssize_t)len;
}

static void on_free(void *arg)
{
    report_unref(arg);
}

static void on_gone(struct exchange *x)
{
    struct report *r = x->state;
    r->exchange = NULL;
    if (r->errand) {
        r->errand->exchange = NULL;
        atomic_store(&r->errand->stop, true);
    }
}

struct report *report_open(struct exchange *x, struct errand *e)
{
    struct report *r = xcalloc(1, sizeof *r);
    *r = (struct report){.exchange = x, .errand = e, .refs = 2}; /* the caller's and the answer's */
    buf_init_max(&r->out, BUF_UNBOUNDED);
    x->state = r;
    x->gone = on_gone;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_read, r, on_free);
    if (!response)
        abort();
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    exchange_stream(x, response);
    return r;
}

static void say(struct report *r, const char *name, const char *data)
{
    if (!r->exchange || r->ended)
        return;
    notices_frame(&r->out, name, 0, data);
    exchange_wake(r->exchange);
}

void report_progress(struct report *r, int64_t bytes)
{
    char *data = xasprintf("{\"bytes\":%" PRId64 "}", bytes);
    say(r, "progress", data);
    free(data);
}

void report_end(struct report *r, const char *name, const char *data)
{
    say(r, name, data);
    say(r, NULL, "[DONE]");
    r->errand = NULL;
    r->ended = true;
}

void report_fault(struct report *r, const struct haul_fault *fault)
{
    struct json_writer w;
    struct buf data;
    buf_init(&data);
    json_writer_init(&w, &data);
    json_object_begin(&w);
    api_put_fault(&w, fault);
    json_object_end(&w);
    report_end(r, "error", data.data);
    buf_release(&data);
}
