/* SPDX-License-Identifier: MIT */
/* The registry of sources. */
#include "net/sources.h"

#include <stddef.h>
#include <string.h>

#include "core/path.h"

static const struct source *const sources[] = {
    &source_url, &source_ollama, &source_github, &source_hf, &source_file, &source_build,
};

const struct source *source_find(enum spec_kind kind)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (sources[i]->kind == kind)
            return sources[i];
    return NULL;
}

char *source_folder(const char *dir, const char *below)
{
    char *folder = path_join(dir, below ? below : "");
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        folder[--len] = '\0';
    return folder;
}
