/* SPDX-License-Identifier: MIT */
/* What is in the files: a function of seed and offset, so nothing is stored. Pure, any thread. */
#include "origin/content.h"

#include <string.h>

#include <openssl/evp.h>

/* splitmix64 by Steele, Lea and Flood: one word for each index, in any order. */
static uint64_t word_at(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * UINT64_C(0xd1342543de82ef95) + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void origin_content(uint64_t seed, int64_t offset, void *out, size_t len)
{
    unsigned char *to = out;
    uint64_t index = (uint64_t)offset / 8;
    size_t skip = (size_t)((uint64_t)offset % 8);
    while (len > 0) {
        uint64_t word = word_at(seed, index++);
        size_t n = 8 - skip < len ? 8 - skip : len;
        memcpy(to, (const unsigned char *)&word + skip, n);
        to += n;
        len -= n;
        skip = 0;
    }
}

size_t origin_content_digest(const char *algorithm, uint64_t seed, int64_t size,
                             uint8_t out[EVP_MAX_MD_SIZE])
{
    unsigned char block[32768];
    unsigned len = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_DigestInit_ex(ctx, EVP_get_digestbyname(algorithm), NULL);
    for (int64_t at = 0; at < size;) {
        size_t n = size - at < (int64_t)sizeof block ? (size_t)(size - at) : sizeof block;
        origin_content(seed, at, block, n);
        EVP_DigestUpdate(ctx, block, n);
        at += (int64_t)n;
    }
    EVP_DigestFinal_ex(ctx, out, &len);
    EVP_MD_CTX_free(ctx);
    return len;
}

void origin_sha256(uint64_t seed, int64_t size, uint8_t out[32])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    origin_content_digest("SHA256", seed, size, digest);
    memcpy(out, digest, 32);
}
