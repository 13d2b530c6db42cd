/* SPDX-License-Identifier: MIT */
/* Pairs come in rising lines with a key; errors name the line. */
#include <string.h>

#include "core/config.h"
#include "fuzz.h"

static enum haul_error on_pair(void *data, const char *key, const char *value, unsigned line,
                               struct haul_fault *fault)
{
    unsigned *last = data;
    FUZZ_ASSERT(key[0] && key[0] != '-' && line > *last);
    FUZZ_ASSERT(!strpbrk(value, "\n\r\x1b"));
    *last = line;
    return line % 7 ? HAUL_OK : fault_set(fault, HAUL_ERR_USAGE, "every seventh line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_fault fault = {0};
    unsigned last = 0;
    if (config_parse("file", (const char *)data, size, on_pair, &last, &fault) != HAUL_OK)
        FUZZ_ASSERT(fault.code == HAUL_ERR_USAGE && !strncmp(fault.message, "file:", 5));
    return 0;
}
