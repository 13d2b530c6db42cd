/* SPDX-License-Identifier: MIT */
/* Entries and pairs come in rising lines, with specs and keys that are not empty. */
#include <string.h>

#include "core/listfile.h"
#include "fuzz.h"

static void check_entry(const struct listfile_entry *e, unsigned *line)
{
    FUZZ_ASSERT(e->spec[0] && e->spec[0] != ' ' && e->line > *line);
    *line = e->line;
    for (size_t i = 0; i < e->pair_count; i++) {
        FUZZ_ASSERT(e->pairs[i].key[0] && e->pairs[i].line > *line);
        FUZZ_ASSERT(!strchr(e->pairs[i].value, '\n'));
        *line = e->pairs[i].line;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct listfile list;
    struct haul_fault fault = {0};
    unsigned line = 0;
    if (listfile_parse("list", (const char *)data, size, &list, &fault) != HAUL_OK)
        FUZZ_ASSERT(!strncmp(fault.message, "list:", 5));
    for (size_t i = 0; i < list.count; i++)
        check_entry(&list.entries[i], &line);
    listfile_release(&list);
    return 0;
}
