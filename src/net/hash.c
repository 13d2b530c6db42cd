/* SPDX-License-Identifier: MIT */
/* A digest computed in one go; see hash.h. */
#include "net/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"

static const EVP_MD *method(enum digest_algorithm a)
{
    switch (a) {
    case DIGEST_SHA512:
        return EVP_sha512();
    case DIGEST_SHA1:
    case DIGEST_GIT_SHA1:
        return EVP_sha1();
    case DIGEST_MD5:
        return EVP_md5();
    default:
        return EVP_sha256();
    }
}

EVP_MD_CTX *hash_begin(enum digest_algorithm algorithm, int64_t size)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || !EVP_DigestInit_ex(md, method(algorithm), NULL))
        abort();
    if (algorithm == DIGEST_GIT_SHA1) { /* git's blob id hashes a header before the bytes */
        char head[40];
        int len = snprintf(head, sizeof head, "blob %" PRId64, size);
        EVP_DigestUpdate(md, head, (size_t)len + 1);
    }
    return md;
}

void hash_end(EVP_MD_CTX *md, enum digest_algorithm algorithm, struct digest_value *out)
{
    *out = (struct digest_value){.algorithm = algorithm};
    if (!EVP_DigestFinal_ex(md, out->bytes, NULL))
        abort();
    EVP_MD_CTX_free(md);
}

enum haul_error hash_fd(int fd, enum digest_algorithm algorithm, int64_t size, const char *name,
                        const struct digest_watch *watch, struct digest_value *out,
                        struct haul_fault *fault)
{
    EVP_MD_CTX *md = hash_begin(algorithm, size);
    uint8_t *chunk = xmalloc(HASH_CHUNK);
    enum haul_error err = HAUL_OK;
    int64_t at = 0;
    ssize_t got = 1;
    while (err == HAUL_OK && got != 0) {
        got = pread(fd, chunk, HASH_CHUNK, at);
        if (got < 0 && errno != EINTR)
            err = fault_set_errno(fault, errno, "cannot read %s", name);
        if (got > 0) {
            EVP_DigestUpdate(md, chunk, (size_t)got);
            at += got;
        }
        if (err == HAUL_OK && watch && !watch->go_on(watch->context, at))
            err = fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
    }
    hash_end(md, algorithm, out);
    free(chunk);
    return err;
}
