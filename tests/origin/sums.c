/* SPDX-License-Identifier: MIT */
/* /sums: a list of SHA-256 digests, as SHA256SUMS files have them. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/units.h"
#include "origin/exchange.h"

/* "NAME,SIZE,SEED", cut in place. */
static bool parse_file(char *text, const char **name, int64_t *size, uint64_t *seed)
{
    char *rest = text;
    *name = strsep(&rest, ",");
    const char *size_text = strsep(&rest, ",");
    return size_text && rest && units_parse_size(size_text, size) &&
           units_parse_u64(rest, INT64_MAX, seed);
}

static void add_line(const struct origin_exchange *x, const char *name, const char *hex,
                     struct buf *out)
{
    switch (x->fault.style) {
    case STYLE_GNU:
        buf_addf(out, "%s  %s\n", hex, name);
        return;
    case STYLE_BINARY:
        buf_addf(out, "%s *%s\n", hex, name);
        return;
    case STYLE_BSD:
        buf_addf(out, "SHA256 (%s) = %s\n", name, hex);
        return;
    default:
        buf_addf(out, "%s\n", hex);
        return;
    }
}

static bool add_file(struct origin_exchange *x, const char *value, struct buf *out)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    const char *name;
    int64_t size;
    uint64_t seed;
    char *text = xstrdup(value);
    bool good = parse_file(text, &name, &size, &seed);
    if (good) {
        size_t len = origin_memory_digest(&x->origin->memory, "SHA256", seed, size, digest);
        digest[0] ^= x->fault.bad;
        units_format_hex(digest, len, hex);
        add_line(x, name, hex, out);
    }
    free(text);
    return good;
}

bool origin_sums_answer(struct origin_exchange *x)
{
    struct buf text;
    buf_init(&text);
    const char *value;
    bool good = true;
    for (size_t i = 0; (value = origin_query_next(&x->request->query, "file", &i));)
        good = good && add_file(x, value, &text);
    bool ok = good ? origin_answer_text(x, 200, text.data)
                   : origin_answer_text(x, 400, "/sums?file=NAME,SIZE,SEED\n");
    buf_release(&text);
    return ok;
}
