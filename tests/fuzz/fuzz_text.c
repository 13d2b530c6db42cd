/* SPDX-License-Identifier: MIT */
/* Whatever comes in, what is shown is valid UTF-8, harmless, and the same when cleaned again. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "core/text_class.h"
#include "fuzz.h"

static void check_shown(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        i += text_utf8_decode(s + i, len - i, &cp);
        FUZZ_ASSERT(text_is_mark(cp) || !text_is_unfit(cp));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct buf once, twice;
    buf_init(&once);
    buf_init(&twice);
    text_sanitize(&once, text, size);
    FUZZ_ASSERT(text_utf8_valid(once.data, once.len));
    check_shown(once.data, once.len);
    text_sanitize(&twice, once.data, once.len);
    FUZZ_ASSERT(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
    buf_truncate(&twice, 0);
    if (text_percent_decode(&twice, text, size))
        FUZZ_ASSERT(twice.len <= size);
    char *string = xstrndup(text, size), *masked = text_masked_url(string);
    check_shown(masked, strlen(masked));
    free(string);
    free(masked);
    buf_release(&once);
    buf_release(&twice);
    return 0;
}
