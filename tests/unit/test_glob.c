/* SPDX-License-Identifier: MIT */
#include "core/glob.h"
#include "harness.h"

#include "core/attrs.h"
#include "core/clock.h"

/* The expected answers are those of Python's fnmatch.fnmatchcase. */
static const struct {
    const char *pattern, *text;
    bool match;
} cases[] = {
    {"a", "a", true},
    {"a", "b", false},
    {"a", "ab", false},
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "a/b/c", true},
    {"*.gguf", "dir/model.gguf", true},
    {"*.gguf", "model.GGUF", false},
    {"**/x", "a/b/x", true},
    {"**/x", "x", false},
    {"a*b*c", "aXbYbZc", true},
    {"a*b*c", "aXbYbZ", false},
    {"?", "", false},
    {"?", "/", true},
    {"?", "\xc3\xa4", true},
    {"??", "\xc3\xa4", false},
    {"[ab]c", "bc", true},
    {"[ab]c", "cc", false},
    {"[!ab]c", "cc", true},
    {"[!ab]c", "ac", false},
    {"[a-c]", "b", true},
    {"[a-c]", "d", false},
    {"[a-]", "-", true},
    {"[]a]", "]", true},
    {"[!]a]", "b", true},
    {"[!]a]", "]", false},
    {"[a", "[a", true},
    {"[a", "a", false},
    {"[", "[", true},
    {"[\xc3\xa4-\xc3\xb6]", "\xc3\xa5", true},
    {"\\*", "\\x", true},
    {"\\*", "*", false},
    {"{a,b}", "a", false},
    {"model-0000[12]-*", "model-00002-of-00003.gguf", true},
    {"*Q4_K_M*", "UD/model-Q4_K_M.gguf", true},
};

TEST(a_pattern_matches_what_python_says)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++)
        if (glob_match(cases[i].pattern, cases[i].text) != cases[i].match)
            HARNESS_FAIL("\"%s\" on \"%s\" is not %d", cases[i].pattern, cases[i].text,
                         cases[i].match);
}

TEST(a_pattern_that_ends_in_a_slash_means_all_below)
{
    CHECK(glob_match("onnx/", "onnx/model.onnx"));
    CHECK(glob_match("onnx/", "onnx/a/b"));
    CHECK(!glob_match("onnx/", "onnx"));
    CHECK(!glob_match("onnx/", "x/onnx/a"));
    CHECK(glob_match("*/onnx/", "x/onnx/a"));
}

TEST(a_hostile_pattern_takes_no_time)
{
    char text[4001], pattern[401];
    memset(text, 'a', 4000);
    text[4000] = '\0';
    for (size_t i = 0; i < 400; i += 2) {
        pattern[i] = '*';
        pattern[i + 1] = 'a';
    }
    pattern[399] = 'b';
    pattern[400] = '\0';
    int64_t start = clock_now();
    CHECK(!glob_match(pattern, text));
    CHECK(clock_now() - start < 2 * CLOCK_SEC);
}

TEST(text_that_is_no_utf8_is_compared_all_the_same)
{
    CHECK(glob_match("?\xff*", "\xfe\xff"));
    CHECK(glob_match("[\xff]", "\xff"));
}

TEST(a_plain_path_is_told_from_a_pattern)
{
    CHECK(!glob_is_pattern("a/b-c.gguf"));
    CHECK(glob_is_pattern("a/*"));
    CHECK(glob_is_pattern("a?"));
    CHECK(glob_is_pattern("[a]"));
    CHECK(glob_is_pattern("dir/"));
}

TEST(a_list_matches_when_one_of_it_does)
{
    struct string_list l = {0};
    CHECK(!glob_match_any(&l, "a"));
    string_list_add(&l, "*.md");
    string_list_add(&l, "*.json");
    CHECK(glob_match_any(&l, "config.json"));
    CHECK(!glob_match_any(&l, "model.bin"));
    string_list_release(&l);
}
