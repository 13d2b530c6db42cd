/* SPDX-License-Identifier: MIT */
/*
 * What a job server sends, back from JSON: events, plans, the library. A server is trusted no more
 * than any other: text is sanitised again. Pure functions, any thread. Each is false, or NULL, for
 * what is not of that form; what was filled by then is the caller's to release.
 */
#ifndef HAUL_API_JSON_READ_H
#define HAUL_API_JSON_READ_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/event.h"
#include "core/json.h"
#include "core/library.h"
#include "core/plan.h"

/* The id of a job, borrowed from the object; NULL for what is none, or is not there. */
const char *api_read_job_id(const struct json *object, const char *key);
struct event *api_read_event(const struct json *object);
HAUL_NODISCARD bool api_read_plan(const struct json *object, struct plan *plan);
HAUL_NODISCARD bool api_read_model(const struct json *object, struct model *m);
HAUL_NODISCARD bool api_read_models(const struct json *object, struct model_list *l);
HAUL_NODISCARD bool api_read_removal(const struct json *object, struct model_removal *r);
HAUL_NODISCARD bool api_read_leftovers(const struct json *object, struct leftover_list *l);
/* {"error":{…}}, or the error itself. The code is HAUL_ERR_SERVER where it is none of haul's. */
void api_read_fault(const struct json *object, struct haul_fault *fault);

#endif
