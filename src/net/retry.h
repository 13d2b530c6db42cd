/* SPDX-License-Identifier: MIT */
/* The one place that decides what is tried again and when. Pure functions, but for
 * retry_fault_of_request. */
#ifndef HAUL_NET_RETRY_H
#define HAUL_NET_RETRY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "net/reply.h"

/* No server is waited for longer than this on its own word. */
#define RETRY_AFTER_MAX ((int64_t)3600 * 1000000000)
/* What is asked for is taken for this where it is longer, so that it can be added to any time. */
#define RETRY_ASKED_MAX ((int64_t)365 * 24 * RETRY_AFTER_MAX)

/* Fills the fault of a request that ended with `code` before or inside its body. `detail` is
 * libcurl's error text or "". */
enum haul_error retry_fault_of_curl(CURLcode code, const char *host, const char *detail,
                                    struct haul_fault *fault);
/* Fills the fault of a 4xx by which a proxy refuses to lead to the host (CONNECT). */
enum haul_error retry_fault_of_proxy(int status, const char *host, struct haul_fault *fault);
/* The one of the two that fits a request of this handle for `url`, which has ended with `code`. */
enum haul_error retry_fault_of_request(CURL *easy, CURLcode code, const char *url,
                                       const char *detail, struct haul_fault *fault);
/* Fills the fault of an error status. `url` is masked here. with_login: the request is known to
 * have shown a password or token. */
enum haul_error retry_fault_of_status(const struct reply *reply, const char *url, bool with_login,
                                      struct haul_fault *fault);
/* 429 and 503: the host wants to be left alone, not only this request. */
bool retry_is_overload(int status);

/*
 * How long to wait before try number `try` (1 is the first retry): between a half and the whole of
 * an exponential window that starts at `first`, at most 60 s. Clients that one fault threw off do
 * not come back together, and yet the tries last for as long as the user may count on.
 * `random` is uniform in [0,1).
 */
int64_t retry_backoff(int64_t first, unsigned try, double random);
/* What the reply itself asks for: Retry-After, else an exhausted RateLimit window; -1 for nothing,
 * RETRY_ASKED_MAX at most. */
int64_t retry_asked_wait(const struct reply *reply);
/* The last words when nothing is tried any more: after so many tries; or, with a wait of more than
 * 0 ns, because the server asks for one that is too long. Leaves what could not be tried again as
 * it is. */
void retry_gave_up(struct haul_fault *fault, unsigned tries, int64_t wait);

#endif
