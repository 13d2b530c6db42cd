/* SPDX-License-Identifier: MIT */
/* Fields that many JSON objects of the API have. Pure functions, any thread. */
#ifndef HAUL_API_JSON_PUT_H
#define HAUL_API_JSON_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/digest_value.h"
#include "core/error.h"
#include "core/json.h"

void api_put_string(struct json_writer *w, const char *key, const char *value); /* NULL: null */
void api_put_int(struct json_writer *w, const char *key, int64_t value);
void api_put_int_or_null(struct json_writer *w, const char *key, int64_t value); /* < 0: null */
void api_put_bool(struct json_writer *w, const char *key, bool value);
/* RFC 3339; 0 stands for "not yet" and is written as null. */
void api_put_time(struct json_writer *w, const char *key, int64_t wall_ms);
/* "digest":{"algorithm","value"}, or null for none. */
void api_put_digest(struct json_writer *w, const struct digest_value *digest);
/* "code", "message" and "http_status", without the braces. */
void api_put_fault(struct json_writer *w, const struct haul_fault *fault);

#endif
