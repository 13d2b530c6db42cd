/* SPDX-License-Identifier: MIT */
/* The digest that somebody promised for a file: plain data. */
#ifndef HAUL_CORE_DIGEST_VALUE_H
#define HAUL_CORE_DIGEST_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"

/* GIT_SHA1 is git's blob id: SHA-1 over "blob <size>\0" and the bytes. */
enum digest_algorithm {
    DIGEST_NONE,
    DIGEST_SHA256,
    DIGEST_SHA512,
    DIGEST_SHA1,
    DIGEST_MD5,
    DIGEST_GIT_SHA1
};

/* Who promised it (interfaces.md §4, `verified`). */
enum digest_origin { DIGEST_BY_NONE, DIGEST_BY_PUBLISHER, DIGEST_BY_PINNED, DIGEST_BY_ETAG };

struct digest_value {
    enum digest_algorithm algorithm;
    enum digest_origin origin;
    uint8_t bytes[64]; /* as many as the algorithm makes */
};

/* Asked again and again while a digest is computed, with the bytes so far; false ends it. */
struct digest_watch {
    bool (*go_on)(void *context, int64_t done);
    void *context;
};

/* 32 for SHA-256 and so on; 0 for DIGEST_NONE. */
size_t digest_size(enum digest_algorithm a);
const char *digest_name(enum digest_algorithm a);          /* "sha256" */
const char *digest_origin_name(enum digest_origin origin); /* "publisher" … "none" */
/* DIGEST_BY_NONE where no origin is called so. */
enum digest_origin digest_origin_from_name(const char *name);

/* "sha256:HEX"; caller frees; NULL for DIGEST_NONE. */
char *digest_text(const struct digest_value *d);
/* Reads that; false, and *d as it was, for anything else. Leaves d->origin alone. */
HAUL_NODISCARD bool digest_parse(const char *text, struct digest_value *d);

#endif
