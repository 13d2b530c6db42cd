/* SPDX-License-Identifier: MIT */
/* Whatever is sent as a release or a list of assets: each asset that comes of it has a name, an id
 * and a size that can be used. */
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "fuzz.h"
#include "net/github_api.h"
#include "net/github_sums.h"

static void check(const struct github_release *r)
{
    FUZZ_ASSERT(r->count <= r->listed);
    for (size_t i = 0; i < r->count; i++) {
        const struct github_asset *a = &r->assets[i];
        FUZZ_ASSERT(a->name && a->id >= 0 && a->size >= 0);
        FUZZ_ASSERT(!a->browser_url || !strncasecmp(a->browser_url, "http", 4));
        FUZZ_ASSERT(digest_size(a->digest.algorithm) <= sizeof a->digest.bytes);
        FUZZ_ASSERT(!github_sums_is_of(a->name, a->name));
        (void)github_sums_is_list(a->name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct github_release r;
    struct haul_fault fault = {0};
    char *text = xstrndup((const char *)data, size); /* as a buf ends: with NUL */
    enum haul_error err = github_release_parse(text, strlen(text), &r, &fault);
    FUZZ_ASSERT((err == HAUL_OK) == (r.tag != NULL));
    FUZZ_ASSERT(err == HAUL_OK || (err == HAUL_ERR_NETWORK && !fault.retryable));
    check(&r);
    if (github_assets_parse(text, strlen(text), &r, &fault) == HAUL_OK)
        check(&r);
    github_release_release(&r);
    free(text);
    return 0;
}
