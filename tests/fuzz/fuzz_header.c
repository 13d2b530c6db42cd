/* SPDX-License-Identifier: MIT */
/* Dates, waits, rate limits, digests and tags: within their bounds, or refused and unchanged. */
#include <string.h>

#include "fuzz.h"
#include "net/http_header.h"

static void check_times(const char *v, size_t len)
{
    int64_t ms = -7, wait = -7, remaining = -7, reset = -7;
    FUZZ_ASSERT(header_date(v, len, &ms) ? ms >= 0 : ms == -7);
    FUZZ_ASSERT(header_retry_after(v, len, INT64_C(784111777000), &wait) ? wait >= 0 : wait == -7);
    if (header_rate_limit(v, len, &remaining, &reset))
        FUZZ_ASSERT(remaining >= 0 && reset >= 0);
    else
        FUZZ_ASSERT(remaining == -7 && reset == -7);
}

static void check_digest(const char *v, size_t len, bool structured)
{
    struct digest_value d = {.algorithm = DIGEST_GIT_SHA1};
    bool taken = header_digest(v, len, structured, &d);
    FUZZ_ASSERT(taken == (d.algorithm != DIGEST_GIT_SHA1));
    FUZZ_ASSERT(!taken || d.origin == DIGEST_BY_PUBLISHER);
}

static void check_tag(const char *v, size_t len)
{
    struct buf tag, again;
    bool weak;
    buf_init(&tag);
    buf_init(&again);
    if (header_etag(v, len, &tag, &weak)) {
        FUZZ_ASSERT(tag.len && tag.len == strlen(tag.data) && !strpbrk(tag.data, " \r\n\t"));
        /* A strong one must not turn into a weak one on its way through a state file. */
        bool weak_again;
        FUZZ_ASSERT(header_etag(tag.data, tag.len, &again, &weak_again) && !weak_again);
        FUZZ_ASSERT(!strcmp(tag.data, again.data));
    }
    buf_release(&tag);
    buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *v = (const char *)data;
    check_times(v, size);
    check_digest(v, size, true);
    check_digest(v, size, false);
    check_tag(v, size);
    return 0;
}
