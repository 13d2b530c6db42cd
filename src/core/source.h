/* SPDX-License-Identifier: MIT */
/*
 * A source maps a spec to a plan: which files, where, how big, with which digest. It touches no
 * byte of a file; progress, resume, limits, retry, verification, cancel and placing come from the
 * engine. One file in src/net a source, one line in the registry (src/net/sources.c).
 */
#ifndef HAUL_CORE_SOURCE_H
#define HAUL_CORE_SOURCE_H

#include "core/attrs.h"
#include "core/error.h"
#include "core/plan.h"
#include "core/request.h"
#include "core/spec.h"

/* Small HTTP requests for sources, implemented by src/net/http.c. */
struct http_client;
struct engine_worker;
struct run;
/* The head of an answer (src/net/reply.h). */
struct reply;

struct source {
    enum spec_kind kind;
    const char *name; /* for people: "Hugging Face" */
    /*
     * Fills an initialised plan. Asks `client` for what it needs; each request ends early with
     * HAUL_ERR_CANCELLED when the job is to stop. On error the plan is the caller's to release.
     */
    enum haul_error (*resolve)(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault);
    /* Better words for an error status of one of the plan's files, where the service has its own
     * meaning of it; *fault is filled already. NULL: it needs none. */
    void (*explain)(const struct plan *plan, const struct reply *reply, struct haul_fault *fault);
    /* The plan's auth_token is refused (401) for `url`, where it was good before: puts another one
     * into the plan. NULL: its tokens do not end. */
    enum haul_error (*renew)(struct plan *plan, const char *url, struct http_client *client,
                             struct haul_fault *fault);
    /*
     * Set by a source that fetches nothing but works on this machine: carries the job out itself,
     * from an empty plan, instead of a transfer (engine.h, run). Reports by run.h like one.
     */
    enum haul_error (*carry_out)(const struct source *source, const struct spec *spec,
                                 const struct job_request *request, struct run *run,
                                 struct engine_worker *worker, struct plan *plan,
                                 struct haul_fault *fault);
};

#endif
