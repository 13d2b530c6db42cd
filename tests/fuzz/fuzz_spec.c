/* SPDX-License-Identifier: MIT */
/* Every text is a spec with all the parts of its kind, or a fault with a message. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/spec.h"
#include "core/text.h"
#include "fuzz.h"

static void check_parts(const struct spec *s)
{
    bool repo = s->kind == SPEC_HF || s->kind == SPEC_OLLAMA || s->kind == SPEC_GITHUB;
    FUZZ_ASSERT((s->kind == SPEC_URL) == (s->url != NULL));
    FUZZ_ASSERT(repo == (s->name != NULL));
    FUZZ_ASSERT((s->kind == SPEC_BUILD || s->kind == SPEC_FILE) == (s->path != NULL));
    FUZZ_ASSERT(s->kind != SPEC_OLLAMA || (s->owner && s->revision));
    FUZZ_ASSERT(s->kind != SPEC_GITHUB || s->owner);
    FUZZ_ASSERT(!s->url || !strpbrk(s->url, "# \n\r\t"));
    FUZZ_ASSERT(!s->revision || (strcmp(s->revision, "..") != 0 && s->revision[0] != '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    struct spec s;
    struct haul_fault fault = {0};
    if (spec_parse(text, &s, &fault) == HAUL_OK) {
        check_parts(&s);
        char *name = spec_display_name(&s), *masked = spec_masked(&s);
        FUZZ_ASSERT(text_utf8_valid(name, strlen(name)));
        FUZZ_ASSERT(text_utf8_valid(masked, strlen(masked)));
        free(name);
        free(masked);
    } else {
        FUZZ_ASSERT(fault.code == HAUL_ERR_BAD_SPEC && strstr(fault.message, "at position "));
    }
    spec_release(&s);
    free(text);
    return 0;
}
