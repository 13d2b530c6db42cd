/* SPDX-License-Identifier: MIT */
/* The repo that the tests of the cache fetch, and how. */
#ifndef HAUL_TESTS_INTEGRATION_HUB_CACHED_H
#define HAUL_TESTS_INTEGRATION_HUB_CACHED_H

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/fake_hub.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define OTHER  "89abcdef0123456789abcdef0123456789abcdef"
#define FOLDER "models--acme--tiny"
#define BATCH  "--batch --json --retry-wait 0.05 "

static const struct fake_file files[] = {
    {"config.json", 300, 1, false},
    {"model.safetensors", 200000, 2, true},
    {"onnx/deep/config.json", 300, 1, false}, /* the same bytes as the first */
    {"zero", 0, 3, false},
};
static const struct fake_repo model = {.kind = "models",
                                       .name = "acme/tiny",
                                       .revision = "main",
                                       .commit = COMMIT,
                                       .files = files,
                                       .count = HAUL_ARRAY_LEN(files)};

static inline void fetch(struct hub_setting *s, const char *spec, int code)
{
    struct result r;
    world_run(&s->world, &r, BATCH "%s", spec);
    if (r.exit != code)
        HARNESS_FAIL("%s: exit %d, not %d: %s", spec, r.exit, code,
                     result_text(&r, "error", "message"));
    result_release(&r);
}

static inline char *in_cache(const struct hub_setting *s, const char *name)
{
    return xasprintf("%s/%s", s->cache, name);
}

static inline char *read_text(const struct hub_setting *s, const char *name)
{
    char *path = in_cache(s, name), text[512] = "";
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f)
        fclose(f);
    free(path);
    return f ? xstrdup(text) : NULL;
}

#endif
