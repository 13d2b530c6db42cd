/* SPDX-License-Identifier: MIT */
/*
 * A state that parses is written as a text that parses to the same. Most inputs have no checksum
 * that holds, so each is tried a second time as the body of one that has.
 */
#include <openssl/evp.h>
#include <string.h>

#include "core/units.h"
#include "fuzz.h"
#include "net/part_state.h"

static void check_sense(const struct part_state *s)
{
    FUZZ_ASSERT(s->entity.size >= 0 && s->entity.last_modified_ms >= -1);
    for (size_t i = 0; i < s->have.count; i++) {
        const struct range *r = &s->have.items[i];
        FUZZ_ASSERT(r->begin >= 0 && r->begin < r->end && r->end <= s->entity.size);
        FUZZ_ASSERT(i == 0 || s->have.items[i - 1].end < r->begin);
    }
}

static void check_same(const struct part_state *a, const struct part_state *b)
{
    FUZZ_ASSERT(!strcmp(a->source.data, b->source.data));
    FUZZ_ASSERT(!strcmp(a->entity.etag.data, b->entity.etag.data));
    FUZZ_ASSERT(!a->entity.etag.len || a->entity.etag_weak == b->entity.etag_weak);
    FUZZ_ASSERT(a->entity.size == b->entity.size);
    FUZZ_ASSERT(a->entity.last_modified_ms == b->entity.last_modified_ms);
    FUZZ_ASSERT(a->digest.algorithm == b->digest.algorithm);
    FUZZ_ASSERT(!memcmp(a->digest.bytes, b->digest.bytes, digest_size(a->digest.algorithm)));
    FUZZ_ASSERT(a->have.count == b->have.count);
    FUZZ_ASSERT(!a->have.count ||
                !memcmp(a->have.items, b->have.items, a->have.count * sizeof *a->have.items));
}

static void check(const char *text, size_t len)
{
    struct part_state s, again;
    struct buf out;
    part_state_init(&s);
    part_state_init(&again);
    buf_init(&out);
    if (part_state_parse(text, len, &s)) {
        check_sense(&s);
        part_state_format(&s, &out);
        FUZZ_ASSERT(part_state_parse(out.data, out.len, &again));
        check_same(&s, &again);
    } else {
        FUZZ_ASSERT(s.entity.size == -1 && !s.have.count && !s.entity.etag.len && !s.source.len);
    }
    buf_release(&out);
    part_state_release(&s);
    part_state_release(&again);
}

static void check_as_body(const uint8_t *data, size_t size)
{
    unsigned char sum[32];
    char hex[65];
    struct buf text;
    buf_init(&text);
    buf_add_str(&text, "haul-part 1\n");
    buf_add(&text, data, size);
    buf_add_char(&text, '\n');
    EVP_Digest(text.data, text.len, sum, NULL, EVP_sha256(), NULL);
    units_format_hex(sum, sizeof sum, hex);
    buf_addf(&text, "end %s\n", hex);
    check(text.data, text.len);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check((const char *)data, size);
    check_as_body(data, size);
    return 0;
}
