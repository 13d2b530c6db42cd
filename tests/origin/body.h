/* SPDX-License-Identifier: MIT */
/*
 * The bytes of an answer's body: a text before, a part of the file, a text behind; any of them may
 * be empty. With `gzip` the part of the file is wrapped in a real gzip stream of stored blocks.
 */
#ifndef HAUL_TESTS_ORIGIN_BODY_H
#define HAUL_TESTS_ORIGIN_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

struct origin_body {
    struct buf before, behind;
    uint64_t seed;
    int64_t start, length; /* of the file */
    int64_t flip;          /* offset in the file of a byte that is wrong; -1: none */
    bool gzip;
    uint32_t crc; /* of what gzip has wrapped so far */
};

void origin_body_init(struct origin_body *b);
void origin_body_release(struct origin_body *b);
int64_t origin_body_size(const struct origin_body *b);
/* Bytes [at, at+len) of the body, len > 0 and inside it. With gzip, in order only. Returns how
 * many were written: at least 1, at most len. */
size_t origin_body_read(struct origin_body *b, int64_t at, void *out, size_t len);

/* gzip.c: the same two for the stream that wraps the part of the file. */
int64_t origin_gzip_size(const struct origin_body *b);
size_t origin_gzip_read(struct origin_body *b, int64_t at, unsigned char *out, size_t len);
/* The part of the file itself, with its wrong byte. */
void origin_body_content(const struct origin_body *b, int64_t at, unsigned char *out, size_t len);

#endif
