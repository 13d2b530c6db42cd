/* SPDX-License-Identifier: MIT */
/* Content of the served files and its digests; origin_content itself is public (origin.h). */
#ifndef HAUL_TESTS_ORIGIN_CONTENT_H
#define HAUL_TESTS_ORIGIN_CONTENT_H

#include <openssl/evp.h>

#include "origin/origin.h"

/* `algorithm` as OpenSSL names it ("SHA256"). Returns the number of bytes written. */
size_t origin_content_digest(const char *algorithm, uint64_t seed, int64_t size,
                             uint8_t out[EVP_MAX_MD_SIZE]);

#endif
