/* SPDX-License-Identifier: MIT */
/* The state file: what was written is read, and what was damaged is not. */
#include "harness.h"

#include <openssl/evp.h>

#include "core/alloc.h"
#include "core/units.h"
#include "net/part_state.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void fill(struct part_state *s)
{
    part_state_init(s);
    buf_add_str(&s->source, "https://h.example/m.gguf?token=***");
    s->entity.size = INT64_C(17179869184);
    s->entity.last_modified_ms = INT64_C(1754000000000);
    buf_add_str(&s->entity.etag, "\"8f41\"");
    s->digest.algorithm = DIGEST_SHA256;
    memset(s->digest.bytes, 0xa5, 32);
    ranges_add(&s->have, 0, 8388608);
    ranges_add(&s->have, 9000000, 9000001);
    ranges_add(&s->have, INT64_C(17000000000), INT64_C(17179869184));
}

static void check_equal(const struct part_state *a, const struct part_state *b)
{
    CHECK_STR(a->source.data, b->source.data);
    CHECK_INT(a->entity.size, b->entity.size);
    CHECK_STR(a->entity.etag.data, b->entity.etag.data);
    CHECK_INT(a->entity.etag_weak, b->entity.etag_weak);
    CHECK_INT(a->entity.last_modified_ms, b->entity.last_modified_ms);
    CHECK_INT(a->digest.algorithm, b->digest.algorithm);
    CHECK(!memcmp(a->digest.bytes, b->digest.bytes, digest_size(a->digest.algorithm)));
    ASSERT(a->have.count == b->have.count);
    for (size_t i = 0; i < a->have.count; i++) {
        CHECK_INT(a->have.items[i].begin, b->have.items[i].begin);
        CHECK_INT(a->have.items[i].end, b->have.items[i].end);
    }
}

static void check_round_trip(const struct part_state *s)
{
    struct part_state again;
    struct buf text;
    buf_init(&text);
    buf_add_str(&text, "kept ");
    part_state_format(s, &text);
    part_state_init(&again);
    CHECK(part_state_parse(text.data + 5, text.len - 5, &again));
    check_equal(&again, s);
    part_state_release(&again);
    buf_release(&text);
}

TEST(what_was_written_is_read)
{
    struct part_state s;
    fill(&s);
    check_round_trip(&s);
    s.entity.etag_weak = true;
    check_round_trip(&s);
    part_state_release(&s);
}

TEST(every_algorithm_and_the_bare_minimum_survive)
{
    static const enum digest_algorithm algorithms[] = {DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA512,
                                                       DIGEST_SHA1, DIGEST_MD5,    DIGEST_GIT_SHA1};
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        struct part_state s;
        part_state_init(&s);
        s.entity.size = 0;
        s.digest.algorithm = algorithms[i];
        memset(s.digest.bytes, (int)i + 1, digest_size(algorithms[i]));
        check_round_trip(&s);
        s.entity.size = INT64_MAX;
        s.entity.last_modified_ms = INT64_MAX;
        ranges_add(&s.have, INT64_MAX - 1, INT64_MAX);
        check_round_trip(&s);
        part_state_release(&s);
    }
}

static void check_refused(const char *text, size_t len)
{
    /* Of its exact size, so that a sanitizer sees a read past the end. */
    char *exact = xmalloc(len ? len : 1);
    struct part_state s;
    memcpy(exact, text, len);
    part_state_init(&s);
    CHECK(!part_state_parse(exact, len, &s));
    CHECK(s.have.count == 0 && s.entity.size == -1 && s.source.len == 0 && s.entity.etag.len == 0);
    CHECK_INT(s.digest.algorithm, DIGEST_NONE);
    part_state_release(&s);
    free(exact);
}

TEST(a_state_cut_at_any_byte_is_refused)
{
    struct part_state s;
    struct buf text;
    fill(&s);
    buf_init(&text);
    part_state_format(&s, &text);
    for (size_t len = 0; len < text.len; len++)
        check_refused(text.data, len);
    buf_add_char(&text, '\n');
    check_refused(text.data, text.len);
    buf_release(&text);
    part_state_release(&s);
}

TEST(a_state_with_any_bit_flipped_is_refused)
{
    struct part_state s;
    struct buf text;
    fill(&s);
    buf_init(&text);
    part_state_format(&s, &text);
    for (size_t i = 0; i < text.len * 8; i++) {
        text.data[i / 8] = (char)(text.data[i / 8] ^ (1 << i % 8));
        check_refused(text.data, text.len);
        text.data[i / 8] = (char)(text.data[i / 8] ^ (1 << i % 8));
    }
    buf_release(&text);
    part_state_release(&s);
}

/* A state with that body and a checksum that holds. */
static bool parse_body(const char *body, struct part_state *s)
{
    unsigned char sum[32];
    char hex[65];
    EVP_Digest(body, strlen(body), sum, NULL, EVP_sha256(), NULL);
    units_format_hex(sum, sizeof sum, hex);
    char *text = xasprintf("%send %s\n", body, hex);
    bool parsed = part_state_parse(text, strlen(text), s);
    free(text);
    return parsed;
}

TEST(keys_of_a_later_version_are_passed_over)
{
    struct part_state s;
    part_state_init(&s);
    CHECK(parse_body("haul-part 1\nsize 100\nfuture something 7\nhave 0 50\ndigest sha3 00ff\n"
                     "sizes 5\n",
                     &s));
    CHECK_INT(s.entity.size, 100);
    CHECK_INT(ranges_front(&s.have), 50);
    CHECK_INT(s.digest.algorithm, DIGEST_NONE);
    part_state_release(&s);
}

TEST(a_body_that_makes_no_sense_is_refused_though_its_checksum_holds)
{
    static const char *const bodies[] = {
        "haul-part 1\n",
        "haul-part 2\nsize 100\n",
        "haul-part 1\nhave 0 50\n",
        "haul-part 1\nsize -1\n",
        "haul-part 1\nsize 100x\n",
        "haul-part 1\nsize\n",
        "haul-part 1\nsize 9223372036854775808\n",
        "haul-part 1\nsize 100\nhave 0 101\n",
        "haul-part 1\nsize 100\nhave 0 50\nsize 40\n",
        "haul-part 1\nsize 100\nhave 50 50\n",
        "haul-part 1\nsize 100\nhave 50 40\n",
        "haul-part 1\nsize 100\nhave -5 40\n",
        "haul-part 1\nsize 100\nhave 0\n",
        "haul-part 1\nsize 100\nhave 0 \n",
        "haul-part 1\nsize 100\nhave 0 5 6\n",
        "haul-part 1\nsize 100\nhave 0  5\n",
        "haul-part 1\nsize 100\nhave 0 50\nhave 40 60\n",
        "haul-part 1\nsize 100\nhave 0 50\nhave 50 60\n",
        "haul-part 1\nsize 100\nhave 60 70\nhave 0 50\n",
        "haul-part 1\nsize 100\ndigest sha256 00\n",
        "haul-part 1\nsize 100\ndigest md5 zz0cd98f00b204e9800998ecf8427e00\n",
        "haul-part 1\nsize 100\ndigest\n",
        "haul-part 1\nsize 100\nmodified x\n",
        "haul-part 1\nsize 100\netag \"a b\"\n",
        "haul-part 1\nsize 100\netag \n",
        "haul-part 1\nsize 100\n\n",
        "haul-part 1\r\nsize 100\n",
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct part_state s;
        part_state_init(&s);
        if (parse_body(bodies[i], &s))
            HARNESS_FAIL("taken: %s", bodies[i]);
        CHECK(s.have.count == 0 && s.entity.size == -1);
        part_state_release(&s);
    }
}

TEST(a_file_beyond_the_maximum_is_refused)
{
    char *text = xmalloc(PART_STATE_MAX + 1);
    memset(text, 'x', PART_STATE_MAX + 1);
    struct part_state s;
    part_state_init(&s);
    CHECK(!part_state_parse(text, PART_STATE_MAX + 1, &s));
    part_state_release(&s);
    free(text);
}
