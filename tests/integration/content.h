/* SPDX-License-Identifier: MIT */
/* What is in the files that haul left, held against what the origin serves. */
#ifndef HAUL_TESTS_INTEGRATION_CONTENT_H
#define HAUL_TESTS_INTEGRATION_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "origin/origin.h"

enum content { CONTENT_NONE, CONTENT_RIGHT, CONTENT_WRONG };

/* Whether dir/name is the origin's file of that seed and size; NONE where there is no such file. */
enum content content_check(const char *dir, const char *name, uint64_t seed, int64_t size);
const char *content_name(enum content c);
/* "sha256:HEX" of such a file. */
void content_checksum(uint64_t seed, int64_t size, char out[72]);
bool content_exists(const char *dir, const char *name);
/* Waits up to 20 s until dir/name is there. */
bool content_await(const char *dir, const char *name);
int64_t content_size(const char *dir, const char *name); /* -1: no such file */
/* Bytes that the state file dir/name records as present; -1 where there is none that parses. */
int64_t content_recorded(const char *dir, const char *name);
/* A partial file of that size, all holes, whose state says that it is all there and of that ETag.
 */
void content_pretend_part(const char *dir, const char *name, const char *etag, int64_t size);

/* The URL of o with this path and query; valid until the eighth call from now. */
const char *origin_link(const struct origin *o, const char *format, ...) HAUL_PRINTF(2, 3);

#endif
