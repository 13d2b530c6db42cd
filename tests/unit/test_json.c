/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/alloc.h"
#include "core/json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NODES    1000

static struct json *parse(const char *text)
{
    return json_parse(text, strlen(text), NODES, HAUL_ERR_NETWORK, NULL);
}

static void check_refused(const char *text, size_t len)
{
    struct haul_fault f = {0};
    /* A copy of its own, so that a read past the end is seen. */
    char *copy = xmalloc(len);
    memcpy(copy, text, len);
    struct json *root = json_parse(copy, len, NODES, HAUL_ERR_USAGE, &f);
    free(copy);
    if (root || f.code != HAUL_ERR_USAGE || !f.message[0])
        HARNESS_FAIL("taken: %.*s", (int)(len < 60 ? len : 60), text);
    json_free(root);
}

static const char document[] =
    "{\"name\":\"x\\u00e9\\n\",\"size\":14737106534,\"ok\":true,\"none\":null,"
    "\"files\":[{\"f\":1},[],{},\"\\ud83d\\ude00\",-1,1.5,1e3,false]}";

TEST(a_document_becomes_a_tree)
{
    struct json *root = parse(document);
    ASSERT(root);
    CHECK_INT(json_type(root), JSON_OBJECT);
    CHECK_INT(json_count(root), 5);
    CHECK_STR(json_string(json_get(root, "name"), NULL), "x\u00e9\n");
    CHECK_INT(json_int(json_get(root, "size"), -1), INT64_C(14737106534));
    CHECK(json_bool(json_get(root, "ok"), false));
    CHECK_INT(json_type(json_get(root, "none")), JSON_NULL);
    CHECK_STR(json_key_at(root, 4), "files");
    const struct json *files = json_at(root, 4);
    CHECK_INT(json_count(files), 8);
    CHECK_INT(json_int(json_get(json_at(files, 0), "f"), -1), 1);
    CHECK_STR(json_string(json_at(files, 3), NULL), "\U0001F600");
    CHECK(!json_bool(json_at(files, 7), true));
    CHECK(!json_at(files, 8) && !json_key_at(root, 5));
    json_free(root);
}

TEST(the_wrong_type_and_nothing_give_the_fallback)
{
    struct json *root = parse("{\"s\":\"x\",\"n\":1,\"b\":true,\"a\":[1]}");
    ASSERT(root);
    CHECK_STR(json_string(json_get(root, "n"), "no"), "no");
    CHECK_INT(json_int(json_get(root, "s"), 7), 7);
    CHECK(json_bool(json_get(root, "n"), true));
    CHECK(!json_get(json_get(root, "a"), "s"));
    CHECK(!json_key_at(json_get(root, "a"), 0));
    CHECK_STR(json_string(NULL, "no"), "no");
    CHECK_INT(json_int(NULL, 7), 7);
    CHECK_INT(json_count(NULL), 0);
    CHECK(!json_get(NULL, "x") && !json_at(NULL, 0) && !json_key_at(NULL, 0));
    CHECK_INT(json_type(NULL), JSON_NULL);
    json_free(root);
    json_free(NULL);
}

TEST(numbers_are_sizes_or_the_fallback)
{
    static const struct {
        const char *text;
        int64_t want;
    } rows[] = {
        {"0", 0},
        {"2147483648", INT64_C(1) << 31},
        {"9007199254740993", INT64_C(9007199254740993)},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", -7},
        {"99999999999999999999999999999999999999", -7},
        {"-1", -7},
        {"-0", -7},
        {"1.0", -7},
        {"1e3", -7},
        {"1e999999", -7},
        {"\"5\"", -7},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json *root = parse(rows[i].text);
        ASSERT(root);
        CHECK_INT(json_int(root, -7), rows[i].want);
        json_free(root);
    }
}

TEST(bad_documents_are_refused)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "[1 2]",
        "01",
        "+1",
        "1.",
        ".5",
        "nul",
        "'a'",
        "\"a",
        "[1]x",
        "[1][2]",
        "{} {}",
        "\"\\x\"",
        "\"\n\"",
        "NaN",
        "Infinity",
        "/**/1",
        "// x\n1",
        "\xEF\xBB\xBF{}",
        "\"\\u12\"",
        "[\"a\" \"b\"]",
        "1 2",
        "\"\xff\"",
        "\"\xC0\x80\"",
        "\"\xED\xA0\x80\"",
        "\"\\ude00\"",
        "{\"\\udfff\":1}",
        "\"a\\u0000b\"",
        "{\"\\u0000\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"\\u0061\":3}",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        check_refused(bad[i], strlen(bad[i]));
    check_refused("[1]\0", 4);
    check_refused("\"a\0b\"", 5);
}

TEST(a_document_cut_anywhere_is_refused)
{
    for (size_t len = 0; len < sizeof document - 1; len++)
        check_refused(document, len);
}

static char *nested(size_t depth, const char *open, const char *close)
{
    struct buf b;
    buf_init(&b);
    for (size_t i = 0; i < depth; i++)
        buf_add_str(&b, open);
    buf_add_str(&b, "1");
    for (size_t i = 0; i < depth; i++)
        buf_add_str(&b, close);
    return buf_detach(&b);
}

TEST(depth_is_limited)
{
    char *deepest = nested(JSON_DEPTH_MAX, "[", "]");
    struct json *root = parse(deepest);
    CHECK(root);
    json_free(root);
    free(deepest);
    static const size_t depths[] = {JSON_DEPTH_MAX + 1, 100000};
    for (size_t i = 0; i < COUNT(depths); i++) {
        char *arrays = nested(depths[i], "[", "]"), *objects = nested(depths[i], "{\"a\":", "}");
        check_refused(arrays, strlen(arrays));
        check_refused(objects, strlen(objects));
        check_refused(arrays, depths[i]);
        free(arrays);
        free(objects);
    }
}

TEST(the_number_of_values_is_limited)
{
    struct json *root = json_parse("[1,2,3]", 7, 4, HAUL_ERR_NETWORK, NULL);
    CHECK_INT(json_count(root), 3);
    json_free(root);
    struct haul_fault f;
    CHECK(!json_parse("[1,2,3]", 7, 3, HAUL_ERR_NETWORK, &f));
    CHECK(strstr(f.message, "too many"));
    CHECK(!json_parse("[\"a\",\"b\"]", 9, 2, HAUL_ERR_NETWORK, &f));
    CHECK(!json_parse("{\"a\":{}}", 8, 1, HAUL_ERR_NETWORK, &f));
    CHECK(!json_parse("1", 1, 0, HAUL_ERR_NETWORK, &f));
}

TEST(keys_without_duplicates_may_be_many)
{
    struct buf b;
    buf_init(&b);
    for (int i = 0; i < 20000; i++)
        buf_addf(&b, "%s\"k%d\":%d", i ? "," : "{", i, i);
    buf_add_str(&b, "}");
    struct json *root = json_parse(b.data, b.len, 30000, HAUL_ERR_NETWORK, NULL);
    CHECK_INT(json_int(json_get(root, "k19999"), -1), 19999);
    json_free(root);
    buf_release(&b);
}

TEST(the_writer_places_commas)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out);
    json_writer_init(&w, &out);
    json_object_begin(&w);
    json_key(&w, "a");
    json_write_int(&w, 1);
    json_key(&w, "list");
    json_array_begin(&w);
    json_write_bool(&w, true);
    json_write_null(&w);
    json_array_begin(&w);
    json_array_end(&w);
    json_object_begin(&w);
    json_key(&w, "x");
    json_write_string(&w, NULL);
    json_object_end(&w);
    json_array_end(&w);
    json_key(&w, "rate");
    json_write_fixed(&w, 519, 1);
    json_key(&w, "total");
    json_write_int_or_null(&w, -1);
    json_object_end(&w);
    CHECK_STR(out.data,
              "{\"a\":1,\"list\":[true,null,[],{\"x\":null}],\"rate\":51.9,\"total\":null}");
    buf_release(&out);
}

TEST(fixed_numbers_keep_their_sign_and_zeros)
{
    static const struct {
        int64_t n;
        unsigned decimals;
        const char *want;
    } rows[] = {{5, 1, "0.5"},   {-5, 1, "-0.5"}, {1000, 1, "100.0"},
                {7, 3, "0.007"}, {12, 0, "12"},   {INT64_MIN, 1, "-922337203685477580.8"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        struct json_writer w;
        buf_init(&out);
        json_writer_init(&w, &out);
        json_write_fixed(&w, rows[i].n, rows[i].decimals);
        CHECK_STR(out.data, rows[i].want);
        buf_release(&out);
    }
}

TEST(written_strings_are_one_line_and_come_back)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out);
    json_writer_init(&w, &out);
    json_write_string(&w, "q\" b\\ \n\r\t\b\f\x01\x7f \xC2\x9B\u2028 \u00e9\U0001F600 \xff");
    CHECK_STR(out.data, "\"q\\\" b\\\\ \\n\\r\\t\\b\\f\\u0001\\u007f \\u009b\\u2028 "
                        "\u00e9\U0001F600 \uFFFD\"");
    struct json *root = json_parse(out.data, out.len, 1, HAUL_ERR_NETWORK, NULL);
    CHECK_STR(json_string(root, NULL),
              "q\" b\\ \n\r\t\b\f\x01\x7f \xC2\x9B\u2028 \u00e9\U0001F600 \uFFFD");
    json_free(root);
    buf_release(&out);
}
