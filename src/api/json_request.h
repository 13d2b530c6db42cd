/* SPDX-License-Identifier: MIT */
/*
 * What is asked of a job server, as JSON: the body of `POST /v1/jobs` (interfaces.md §5), there and
 * back. Pure functions, any thread.
 */
#ifndef HAUL_API_JSON_REQUEST_H
#define HAUL_API_JSON_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"
#include "core/json.h"
#include "core/request.h"

/* What a request may name its machine; there is only this one. */
#define API_HIVE_ID "local"

void api_json_request(struct buf *out, const struct job_request *r);

/*
 * Fills an initialised *r. HAUL_ERR_USAGE names the field that is missing, unknown (a newer client
 * may mean something by it) or has a value that does not fit; HAUL_ERR_NOT_FOUND is for another
 * hive_id. The spec is not parsed here.
 */
HAUL_NODISCARD enum haul_error api_read_request(const struct json *object, struct job_request *r,
                                                struct haul_fault *fault);

/* The body of `POST /v1/clean`: {"dir","dry_run"}. *dir is NULL or the caller's. HAUL_ERR_USAGE for
 * all else: a misspelt dry_run must not be none. */
HAUL_NODISCARD enum haul_error api_read_clean(const struct json *object, char **dir, bool *dry_run,
                                              struct haul_fault *fault);

/* A number of bytes, or text as on the command line ("10M", "off"). */
HAUL_NODISCARD bool api_read_rate(const struct json *value, int64_t *rate);

#endif
