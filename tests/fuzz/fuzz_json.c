/* SPDX-License-Identifier: MIT */
/* What the reader takes, it can walk, and the strings in it survive the writer. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "fuzz.h"

static void check_string(const char *s)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out);
    json_writer_init(&w, &out);
    json_write_string(&w, s);
    struct json *back = json_parse(out.data, out.len, 1, HAUL_ERR_NETWORK, NULL);
    FUZZ_ASSERT(back && !strcmp(json_string(back, ""), s));
    json_free(back);
    buf_release(&out);
}

static void walk(const struct json *v, unsigned depth)
{
    FUZZ_ASSERT(depth <= JSON_DEPTH_MAX);
    FUZZ_ASSERT(json_int(v, -1) >= -1);
    if (json_type(v) == JSON_STRING)
        check_string(json_string(v, ""));
    for (size_t i = 0; i < json_count(v); i++) {
        const char *key = json_key_at(v, i);
        if (key)
            FUZZ_ASSERT(json_get(v, key) == json_at(v, i));
        walk(json_at(v, i), depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_fault fault = {0};
    struct json *root = json_parse((const char *)data, size, 200, HAUL_ERR_NETWORK, &fault);
    FUZZ_ASSERT(root || (fault.code == HAUL_ERR_NETWORK && fault.message[0]));
    walk(root, 0);
    json_free(root);
    return 0;
}
