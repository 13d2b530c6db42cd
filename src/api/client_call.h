/* SPDX-License-Identifier: MIT */
/* One request to a job server on one easy handle, and the event stream that is followed. Between
 * the files of the client's wire; the wire's thread unless it says otherwise. */
#ifndef HAUL_API_CLIENT_CALL_H
#define HAUL_API_CLIENT_CALL_H

#include <curl/curl.h>

#include "api/client_wire.h"
#include "core/mutex.h"

/* Where requests go, and how; does not change. */
struct call_origin {
    struct endpoint endpoint;
    char *cacert;
    bool insecure;
};

void call_origin_init(struct call_origin *o, struct endpoint *endpoint,
                      const struct settings *settings);
void call_origin_release(struct call_origin *o);

struct call {
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    struct curl_slist *headers;
    char *body;
    CURLcode code;
    wire_answered *on_answer; /* of one that was posted */
    void *context;
    struct call *next, *next_running;
    struct mutex *mutex; /* guards the rest, and `reply` and `status` until it is done */
    struct cond *news;
    struct buf reply;
    long status;
    bool done, abandoned;
};

/* Any thread. */
struct call *call_new(const struct call_origin *o, const struct wire_request *r,
                      struct mutex *mutex, struct cond *news);
void call_free(struct call *c);
void call_finish(struct call *c, CURLcode code);
/* Any thread, after it has finished. */
HAUL_NODISCARD enum haul_error call_result(const struct call *c, const struct call_origin *o,
                                           struct json **reply, struct haul_fault *fault);

struct follow;
struct follow *follow_new(const struct call_origin *o, const char *path,
                          const struct wire_follower *follower);
void follow_free(struct follow *f);
CURL *follow_easy(const struct follow *f);
/* Goes on after the last event that was seen. */
void follow_begin(struct follow *f, const struct call_origin *o);
/* Says why it ended; true if it had begun to speak. */
bool follow_finish(struct follow *f, const struct call_origin *o, CURLcode code,
                   struct haul_fault *fault);

#endif
