/* SPDX-License-Identifier: MIT */
/* Every named digest can be asked for, and the answer is a digest or a reason. */
#include <string.h>

#include "core/sums.h"
#include "fuzz.h"

static void ask(const struct sums *sums, const char *name)
{
    struct haul_fault fault = {0};
    struct digest_value value = {0};
    enum haul_error rc = sums_find(sums, name, &value, &fault);
    FUZZ_ASSERT(rc == HAUL_OK ? value.algorithm != DIGEST_NONE : fault.message[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_fault fault = {0};
    struct sums sums;
    enum haul_error rc = sums_parse("SUMS", (const char *)data, size, &sums, &fault);
    FUZZ_ASSERT((rc == HAUL_OK) == (sums.count > 0));
    /* Each look-up walks the whole list: a few show as much as all. */
    for (size_t i = 0; i < sums.count && i < 32; i++)
        ask(&sums, sums.entries[i].name);
    ask(&sums, "model.gguf");
    sums_release(&sums);
    return 0;
}
