/* SPDX-License-Identifier: MIT */
/* What is taken for a recipe can be run and shown, and its output lies below its folder. */
#include <string.h>

#include "core/path.h"
#include "core/recipe.h"
#include "core/text.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recipe r;
    struct haul_fault fault = {0};
    struct buf shown;
    recipe_init(&r);
    buf_init(&shown);
    if (recipe_parse("r", (const char *)data, size, "/folder", &r, &fault) == HAUL_OK) {
        FUZZ_ASSERT(r.name && r.command.count && r.command.items[0][0]);
        FUZZ_ASSERT(r.cwd && r.cwd[0] == '/');
        FUZZ_ASSERT(path_check_relative(r.output, NULL) == HAUL_OK);
        for (size_t i = 0; i < r.env.count; i++)
            FUZZ_ASSERT(strchr(r.env.items[i], '=') > r.env.items[i]);
        recipe_describe(&r, &shown);
        FUZZ_ASSERT(text_utf8_valid(shown.data, shown.len) && !strchr(shown.data, '\n'));
    } else {
        FUZZ_ASSERT(fault.code == HAUL_ERR_USAGE && fault.message[0] && !r.command.count);
    }
    buf_release(&shown);
    recipe_release(&r);
    return 0;
}
