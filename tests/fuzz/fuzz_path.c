/* SPDX-License-Identifier: MIT */
/* A name that was made safe passes the check, and a name that passes it cannot leave its place. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "fuzz.h"

static void check_accepted(const char *path)
{
    FUZZ_ASSERT(path[0] && path[0] != '/' && path[0] != '~');
    FUZZ_ASSERT(!strpbrk(path, "\\:\n\r\x1b"));
    FUZZ_ASSERT(strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0);
    FUZZ_ASSERT(!strstr(path, "/../") && !strstr(path, "//"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *name = xstrndup((const char *)data, size);
    struct buf safe;
    struct haul_fault fault;
    buf_init(&safe);
    if (path_check_relative(name, &fault) == HAUL_OK)
        check_accepted(name);
    if (path_safe_name(name, &safe)) {
        FUZZ_ASSERT(path_check_relative(safe.data, &fault) == HAUL_OK);
        FUZZ_ASSERT(!strchr(safe.data, '/') && safe.len <= 255 - PATH_SUFFIX_RESERVE);
    }
    buf_release(&safe);
    free(path_expand(name));
    free(name);
    return 0;
}
