/* SPDX-License-Identifier: MIT */
/*
 * Small HTTP requests: what sources ask of an API, and probes. Follows redirects by haul's rules,
 * retries by the engine's, ends early when the job is to stop. One thread: the worker's.
 */
#ifndef HAUL_NET_HTTP_H
#define HAUL_NET_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"
#include "core/run.h"
#include "core/settings.h"
#include "net/engine_internal.h"
#include "net/reply.h"

struct http_client {
    struct engine_worker *worker;
    struct run *run;         /* whose stop ends requests; or NULL */
    const atomic_bool *stop; /* likewise; or NULL */
    bool once; /* one try, and no waiting for a host that wants to be left alone: the caller comes
                  again */
};

struct http_request {
    const char *url;
    const char *accept;                /* Accept, NULL for any */
    const char *token;                 /* Bearer token, to the URL's origin only; NULL for none */
    const struct string_list *headers; /* to the URL's origin only; NULL for none */
    bool probe;                        /* ask for one byte and take no body: for the head alone */
    bool anonymous;                    /* no login from ~/.netrc either */
    size_t max_body;
};

struct http_response {
    struct reply reply;
    struct buf head; /* its header lines as they came */
    struct buf body;
    char *url; /* where redirects led */
};

void http_response_init(struct http_response *r);
void http_response_release(struct http_response *r);
/* The value of the first header of that name, trimmed; NULL where there is none. Borrowed from the
 * response. */
const char *http_response_header(const struct http_response *r, const char *name);
/* The values of all headers of that name, with ", " between two: of those whose value is a list
 * (RFC 9110 §5.3). Appends to `out`. */
void http_response_headers(const struct http_response *r, const char *name, struct buf *out);

/*
 * HAUL_OK for 200 and 206 (and 416 to a probe). Other statuses: the fault of retry.h, and the
 * response holds the head and body for whoever knows better words.
 */
HAUL_NODISCARD enum haul_error http_get(struct http_client *client,
                                        const struct http_request *request,
                                        struct http_response *response, struct haul_fault *fault);

#endif
