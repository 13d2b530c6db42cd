/* SPDX-License-Identifier: MIT */
/* Names and sizes of digests; see digest_value.h. */
#include "core/digest_value.h"

#include <string.h>

#include "core/alloc.h"
#include "core/units.h"

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

enum digest_origin digest_origin_from_name(const char *name)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(origins); i++)
        if (!strcmp(origins[i], name))
            return (enum digest_origin)i;
    return DIGEST_BY_NONE;
}

char *digest_text(const struct digest_value *d)
{
    size_t size = digest_size(d->algorithm);
    if (!size)
        return NULL;
    char hex[2 * sizeof d->bytes + 1];
    units_format_hex(d->bytes, size, hex);
    return xasprintf("%s:%s", digest_name(d->algorithm), hex);
}

bool digest_parse(const char *text, struct digest_value *d)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    for (size_t i = DIGEST_NONE + 1; colon && i < HAUL_ARRAY_LEN(algorithms); i++) {
        if (strlen(algorithms[i].name) != len || strncmp(algorithms[i].name, text, len) != 0)
            continue;
        if (!units_parse_hex(colon + 1, d->bytes, algorithms[i].size))
            return false;
        d->algorithm = (enum digest_algorithm)i;
        return true;
    }
    return false;
}
