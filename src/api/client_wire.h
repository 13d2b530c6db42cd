/* SPDX-License-Identifier: MIT */
/*
 * Requests to a job server: one thread with one curl multi handle carries out what any thread asks,
 * and follows one event stream, which it opens again when it breaks.
 */
#ifndef HAUL_API_CLIENT_WIRE_H
#define HAUL_API_CLIENT_WIRE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"
#include "core/json.h"
#include "core/settings.h"

struct wire;

/* Takes the endpoint (as after release). The settings' certificates count; they are copied. NULL
 * with fault: no thread, no libcurl. */
struct wire *wire_new(struct endpoint *endpoint, const struct settings *settings,
                      struct haul_fault *fault);
/* What was posted still has two seconds to get there. Nobody is in wire_ask any more. */
void wire_free(struct wire *w);

/* Borrowed until the call returns. */
struct wire_request {
    const char *method, *path; /* the path with its query */
    const char *body;          /* JSON; NULL: none */
    bool no_wait;              /* "Prefer: respond-async" */
    int64_t patience;          /* ns until the answer must be there; 0: as long as it takes */
    const atomic_bool *stop;   /* ends it with HAUL_ERR_CANCELLED; or NULL */
    /* Takes an answer that is an event stream as it comes, on the caller's thread; false ends it
     * with HAUL_ERR_CANCELLED. NULL: the answer is one JSON value. */
    bool (*data)(void *context, const char *bytes, size_t len);
    void *context;
};

/*
 * Asks and waits. *reply (may be NULL) is the caller's. HAUL_ERR_SERVER where the server cannot be
 * reached or answers nonsense, HAUL_ERR_TIMEOUT, else the server's own refusal.
 */
HAUL_NODISCARD enum haul_error wire_ask(struct wire *w, const struct wire_request *request,
                                        struct json **reply, struct haul_fault *fault);

/* The answer to a posted request; reply is NULL on an error, and is freed by whoever is told. On
 * the wire's thread. */
typedef void wire_answered(void *context, struct json *reply, const struct haul_fault *fault);
/* Returns at once. What is posted is asked in that order, one after the other's answer. */
void wire_post(struct wire *w, const struct wire_request *request, wire_answered *answered,
               void *context);

/* On the wire's thread. */
struct wire_follower {
    void (*event)(void *context, const char *name, const char *data);
    /* It broke, or could not be opened; it will be tried again. */
    void (*broken)(void *context, const struct haul_fault *fault);
    void *context;
};
/* Once. `path` is borrowed for ever. */
void wire_follow(struct wire *w, const char *path, const struct wire_follower *follower);

#endif
