/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define R        "\uFFFD"

static void check_sanitized(const char *in, const char *want)
{
    char *got = text_sanitized(in);
    CHECK_STR(got, want);
    char *again = text_sanitized(got);
    CHECK_STR(again, got);
    free(again);
    free(got);
}

TEST(valid_characters_of_every_length_are_decoded)
{
    static const struct {
        const char *s;
        uint32_t cp;
    } rows[] = {{"A", 0x41},
                {"\xC2\x80", 0x80},
                {"\xDF\xBF", 0x7FF},
                {"\xE0\xA0\x80", 0x800},
                {"\xEF\xBF\xBF", 0xFFFF},
                {"\xF0\x90\x80\x80", 0x10000},
                {"\xF4\x8F\xBF\xBF", 0x10FFFF}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t cp;
        CHECK_INT(text_utf8_decode(rows[i].s, strlen(rows[i].s), &cp), strlen(rows[i].s));
        CHECK_INT(cp, rows[i].cp);
        struct buf b;
        buf_init(&b);
        text_utf8_append(&b, cp);
        CHECK_STR(b.data, rows[i].s);
        buf_release(&b);
    }
}

TEST(invalid_sequences_give_one_byte_and_the_replacement)
{
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x41",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xE2\x82",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint32_t cp = 0;
        CHECK_INT(text_utf8_decode(bad[i], strlen(bad[i]), &cp), 1);
        CHECK_INT(cp, 0xFFFD);
        CHECK(!text_utf8_valid(bad[i], strlen(bad[i])));
    }
    CHECK(text_utf8_valid("", 0));
    CHECK(text_utf8_valid("a\u20AC\U0001F600", 8));
}

TEST(what_moves_the_cursor_or_hides_text_is_replaced)
{
    check_sanitized("plain \u00e9\u4e2d\U0001F600", "plain \u00e9\u4e2d\U0001F600");
    check_sanitized("a\x1b[31mb\r\n\tc\x7f", "a" R "[31mb" R R R "c" R);
    check_sanitized("a\xC2\x9B"
                    "b\xC2\x80",
                    "a" R "b" R);
    check_sanitized("x\u202Egpj.exe", "x" R "gpj.exe");
    check_sanitized("\u2066\u2069\u200E\u200F\u061C", R R R R R);
    check_sanitized("a\u200Bb\u200D\u2060\uFEFF\u00AD", "a" R "b" R R R R);
    check_sanitized("\u2028\u2029", R R);
    check_sanitized("\uE000\U000F0000\U0010FFFD", R R R);
    check_sanitized("\xEF\xB7\x90\xEF\xBF\xBE\xF3\xA0\x80\x81", R R R);
    check_sanitized("\xED\xA0\x80", R R R);
    check_sanitized("a\xff\xfe"
                    "b",
                    "a" R R "b");
}

TEST(at_most_two_marks_stay_on_a_character)
{
    check_sanitized("e\u0301\u0302\u0303\u0304x", "e\u0301\u0302x");
    check_sanitized("\u0301a", R "a");
    struct buf many, out;
    buf_init(&many);
    buf_init(&out);
    buf_add_char(&many, 'z');
    for (int i = 0; i < 10000; i++)
        buf_add_str(&many, "\u0336");
    text_sanitize(&out, many.data, many.len);
    CHECK_STR(out.data, "z\u0336\u0336");
    buf_release(&many);
    buf_release(&out);
}

TEST(the_cut_at_the_maximum_is_between_characters)
{
    for (size_t max = 0; max < 8; max++) {
        struct buf out;
        buf_init_max(&out, max);
        text_sanitize(&out, "\u20AC\u20ACa", 7);
        CHECK_INT(out.len, max == 7 ? 7 : max / 3 * 3);
        CHECK_INT(out.full, max < 7);
        buf_release(&out);
    }
}

TEST(percents_are_decoded_once)
{
    static const struct {
        const char *in, *want;
    } rows[] = {{"a%20b", "a b"}, {"%2e%2E%2F", "../"}, {"%252e", "%2e"}, {"%", NULL},
                {"%4", NULL},     {"a%zz", NULL},       {"%00", NULL},    {"", ""},
                {"%ff", "\xff"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out);
        bool ok = text_percent_decode(&out, rows[i].in, strlen(rows[i].in));
        CHECK_INT(ok, rows[i].want != NULL);
        if (ok)
            CHECK_STR(out.data, rows[i].want);
        buf_release(&out);
    }
    struct buf out;
    buf_init(&out);
    CHECK(!text_percent_decode(&out, "%41", 2));
    buf_release(&out);
}

TEST(secrets_in_urls_are_masked)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        {"https://host/path/x.bin", "https://host/path/x.bin"},
        {"https://user:SECRET@host/x", "https://***@host/x"},
        {"https://SECRET@host", "https://***@host"},
        {"https://u:SE@CRET@host/x", "https://***@host/x"},
        {"https://u:SE/CRET@host/x", "https://***@host/x"},
        {"https://host:8080/@scope/x", "https://host:8080/@scope/x"},
        {"https://[::1]:80/a@b", "https://[::1]:80/a@b"},
        {"https:///u:SECRET@host/x", "https:///***@host/x"},
        {"https://a/https://u:SECRET@b/x", "https://a/https://***@b/x"},
        {"u:SECRET@proxy:3128", "***@proxy:3128"},
        {"https://h/x?token=SECRET", "https://h/x?token=***"},
        {"https://h/x?download=true&sig=SECRET", "https://h/x?download=true&sig=***"},
        {"https://h/x?X-Amz-Signature=SECRET&X-Amz-Expires=5",
         "https://h/x?X-Amz-Signature=***&X-Amz-Expires=***"},
        {"https://h/x?SECRET", "https://h/x?***"},
        {"https://h/x?a=1;key=SECRET", "https://h/x?a=1;key=***"},
        {"https://h/x?name=a?token=SECRET", "https://h/x?name=a?token=***"},
        {"https://h/x?file=https%3A%2F%2Fu%3ASECRET%40h", "https://h/x?file=***"},
        {"https://h/x?download", "https://h/x?download"},
        {"https://h/x?&", "https://h/x?&"},
        {"https://h/x#access_token=SECRET", "https://h/x#access_token=***"},
        {"https://h/x?id=42&page=7&q=a-b", "https://h/x?id=42&page=7&q=a-b"},
        {"https://h/x?x=0123456789abcdef0123456789abcdef0123456789", "https://h/x?x=***"},
        {"https://h/x?sv=2024&sp=r&sig=SECRET", "https://h/x?sv=***&sp=***&sig=***"},
        {"https://h/x#sha256=00ff", "https://h/x#sha256=00ff"},
        {"https://h/x#SECRET", "https://h/x#***"},
        {"https://h/\x1b[2J", "https://h/" R "[2J"},
        {"ollama:http://u:SECRET@h/m", "ollama:http://***@h/m"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *got = text_masked_url(rows[i].in);
        CHECK_STR(got, rows[i].want);
        free(got);
    }
}
