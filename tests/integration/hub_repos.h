/* SPDX-License-Identifier: MIT */
/* The repos that the tests of hf: fetch. */
#ifndef HAUL_TESTS_INTEGRATION_HUB_REPOS_H
#define HAUL_TESTS_INTEGRATION_HUB_REPOS_H

#include <stdlib.h>

#include "core/alloc.h"
#include "integration/content.h"
#include "integration/fake_hub.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static const struct fake_file gguf[] = {
    {"README.md", 1200, 1, false},
    {"config.json", 300, 2, false},
    {"imatrix.dat", 4000, 3, true},
    {"mmproj-model-F16.gguf", 70000, 4, true},
    {"model-Q4_K_M.gguf", 300000, 5, true},
    {"model-Q8_0-00001-of-00002.gguf", 200000, 6, true},
    {"model-Q8_0-00002-of-00002.gguf", 100000, 7, true},
};
static const struct fake_repo model = {.kind = "models",
                                       .name = "acme/model-GGUF",
                                       .revision = "main",
                                       .commit = COMMIT,
                                       .files = gguf,
                                       .count = HAUL_ARRAY_LEN(gguf)};

static const struct fake_file parts[] = {
    {".gitattributes", 50, 11, false},
    {"data/train-00000.parquet", 150000, 12, true},
    {"data/deep/down/test.csv", 900, 13, false},
    {"empty.txt", 0, 14, false},
};
static const struct fake_repo dataset = {.kind = "datasets",
                                         .name = "acme/parts",
                                         .revision = "main",
                                         .commit = COMMIT,
                                         .files = parts,
                                         .count = HAUL_ARRAY_LEN(parts)};

static inline bool right(const struct hub_setting *s, const char *folder, const struct fake_file *f)
{
    char *name = folder ? xasprintf("%s/%s", folder, f->path) : xstrdup(f->path);
    bool ok = content_check(s->world.dir, name, f->seed, f->size) == CONTENT_RIGHT;
    free(name);
    return ok;
}

#endif
