/* SPDX-License-Identifier: MIT */
/* Names and sizes of digests; see digest_value.h. */
#include "core/digest_value.h"

static const struct {
    const char *name;
    size_t size;
} algorithms[] = {
    [DIGEST_NONE] = {"none", 0},      [DIGEST_SHA256] = {"sha256", 32},
    [DIGEST_SHA512] = {"sha512", 64}, [DIGEST_SHA1] = {"sha1", 20},
    [DIGEST_MD5] = {"md5", 16},       [DIGEST_GIT_SHA1] = {"git-sha1", 20},
};

static const char *const origins[] = {
    [DIGEST_BY_NONE] = "none",
    [DIGEST_BY_PUBLISHER] = "publisher",
    [DIGEST_BY_PINNED] = "pinned",
    [DIGEST_BY_ETAG] = "etag",
};

size_t digest_size(enum digest_algorithm a)
{
    return algorithms[a].size;
}

const char *digest_name(enum digest_algorithm a)
{
    return algorithms[a].name;
}

const char *digest_origin_name(enum digest_origin origin)
{
    return origins[origin];
}
