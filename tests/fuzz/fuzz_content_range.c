/* SPDX-License-Identifier: MIT */
/* A Content-Range is one of the two forms of RFC 9110 §14.4, written again it reads the same. */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "fuzz.h"
#include "net/http_header.h"

static char *written(const struct content_range *r)
{
    char *total = r->total < 0 ? xstrdup("*") : xasprintf("%" PRId64, r->total);
    char *text = r->unsatisfied
                     ? xasprintf("bytes */%s", total)
                     : xasprintf("bytes %" PRId64 "-%" PRId64 "/%s", r->begin, r->end - 1, total);
    free(total);
    return text;
}

static void check_range(const uint8_t *data, size_t size)
{
    struct content_range r = {-7, -7, -7, false}, again;
    if (!header_content_range((const char *)data, size, &r)) {
        FUZZ_ASSERT(r.begin == -7 && r.end == -7 && r.total == -7);
        return;
    }
    if (r.unsatisfied)
        FUZZ_ASSERT(r.begin == 0 && r.end == 0 && r.total >= 0);
    else
        FUZZ_ASSERT(r.begin >= 0 && r.end > r.begin && (r.total < 0 || r.end <= r.total));
    char *text = written(&r);
    FUZZ_ASSERT(header_content_range(text, strlen(text), &again));
    FUZZ_ASSERT(again.begin == r.begin && again.end == r.end && again.total == r.total);
    FUZZ_ASSERT(again.unsatisfied == r.unsatisfied);
    free(text);
}

static void check_length(const uint8_t *data, size_t size)
{
    int64_t n = -7;
    bool taken = header_content_length((const char *)data, size, &n);
    FUZZ_ASSERT(taken ? n >= 0 : n == -7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_range(data, size);
    check_length(data, size);
    return 0;
}
