/* SPDX-License-Identifier: MIT */
/* Fields that many JSON objects have; see json_put.h. */
#include "api/json_put.h"

#include "core/clock.h"
#include "core/units.h"

void api_put_string(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, key);
    json_write_string(w, value);
}

void api_put_int(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_write_int(w, value);
}

void api_put_int_or_null(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_write_int_or_null(w, value);
}

void api_put_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_write_bool(w, value);
}

void api_put_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
    char text[CLOCK_RFC3339_SIZE];
    if (wall_ms)
        clock_rfc3339(wall_ms, text);
    api_put_string(w, key, wall_ms ? text : NULL);
}

void api_put_digest(struct json_writer *w, const struct digest_value *digest)
{
    json_key(w, "digest");
    if (!digest->algorithm) {
        json_write_null(w);
        return;
    }
    char hex[2 * sizeof digest->bytes + 1];
    units_format_hex(digest->bytes, digest_size(digest->algorithm), hex);
    json_object_begin(w);
    api_put_string(w, "algorithm", digest_name(digest->algorithm));
    api_put_string(w, "value", hex);
    json_object_end(w);
}

void api_put_fault(struct json_writer *w, const struct haul_fault *fault)
{
    api_put_string(w, "code", haul_error_code(fault->code));
    api_put_string(w, "message", fault->message);
    api_put_int_or_null(w, "http_status", fault->http_status ? fault->http_status : -1);
}
