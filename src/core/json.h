/* SPDX-License-Identifier: MIT */
/*
 * JSON in and out; the one file that knows yajl. The reader builds a small tree under caps, since
 * documents come from servers; the writer appends to a buf.
 */
#ifndef HAUL_CORE_JSON_H
#define HAUL_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A value of a document. Owned by the document's root; strings are valid UTF-8 without NUL. */
struct json;

#define JSON_DEPTH_MAX 64

/*
 * Parses text[0..len). Refused with HAUL_ERR_NETWORK-free words and code `code`: bad syntax,
 * trailing garbage, invalid UTF-8, depth over JSON_DEPTH_MAX, more than `max_nodes` values, NUL in
 * a string, a duplicate key. Returns the root, caller frees with json_free; NULL with fault.
 */
struct json *json_parse(const char *text, size_t len, size_t max_nodes, enum haul_error code,
                        struct haul_fault *fault);
void json_free(struct json *root); /* NULL is fine */

enum json_type json_type(const struct json *v);
/* All of these take NULL and values of another type, and then give the fallback. */
const char *json_string(const struct json *v, const char *fallback);
bool json_bool(const struct json *v, bool fallback);
/* A non-negative whole number up to INT64_MAX; floats with a fraction, signs and overflow give
 * the fallback. */
int64_t json_int(const struct json *v, int64_t fallback);
/* The same with a sign: INT64_MIN to INT64_MAX. */
int64_t json_signed(const struct json *v, int64_t fallback);
const struct json *json_get(const struct json *object, const char *key); /* NULL if absent */
size_t json_count(const struct json *array_or_object);
const struct json *json_at(const struct json *array_or_object, size_t i);
const char *json_key_at(const struct json *object, size_t i);

/* Writer: compact, one line, escapes control characters; strings are sanitised to valid UTF-8 by
 * replacement, nothing else is changed in them. Commas are its business. */
struct json_writer {
    struct buf *out;
    uint64_t has_item; /* a bit a depth: a comma is due */
    unsigned depth;
    bool after_key;
};

void json_writer_init(struct json_writer *w, struct buf *out);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_write_string(struct json_writer *w, const char *s); /* NULL writes null */
void json_write_int(struct json_writer *w, int64_t n);
void json_write_int_or_null(struct json_writer *w, int64_t n);              /* n < 0 writes null */
void json_write_fixed(struct json_writer *w, int64_t n, unsigned decimals); /* 519,1 -> 51.9 */
void json_write_bool(struct json_writer *w, bool b);
void json_write_null(struct json_writer *w);

#endif
