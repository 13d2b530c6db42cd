/* SPDX-License-Identifier: MIT */
/*
 * An answer that tells how far it is while it is being made: a short event stream of `progress`
 * events, then one with the result and `[DONE]`. Counted by reference, as the client may leave
 * before the work ends and the other way round. The server's thread.
 */
#ifndef HAUL_API_SERVER_REPORT_H
#define HAUL_API_SERVER_REPORT_H

#include "api/server_internal.h"

struct report;

/* Begins the answer. When the client leaves, the errand is told to stop. */
struct report *report_open(struct exchange *x, struct errand *e);
struct report *report_ref(struct report *r);
void report_unref(struct report *r); /* NULL is fine */

void report_progress(struct report *r, int64_t bytes);
/* The last event; `data` is JSON. */
void report_end(struct report *r, const char *name, const char *data);
/* The same for an error. */
void report_fault(struct report *r, const struct haul_fault *fault);

#endif
