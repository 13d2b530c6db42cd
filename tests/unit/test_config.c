/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/buf.h"
#include "core/config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum haul_error record(void *data, const char *key, const char *value, unsigned line,
                              struct haul_fault *fault)
{
    if (!strcmp(key, "bad"))
        return fault_set(fault, HAUL_ERR_USAGE, "no such option");
    buf_addf(data, "%u:%s=%s\n", line, key, value);
    return HAUL_OK;
}

static void check_pairs(const char *text, const char *want)
{
    struct buf got;
    struct haul_fault f = {0};
    buf_init(&got);
    if (config_parse("file", text, strlen(text), record, &got, &f) != HAUL_OK)
        HARNESS_FAIL("refused: %s", f.message);
    CHECK_STR(got.data, want);
    buf_release(&got);
}

TEST(pairs_come_in_order_with_their_lines)
{
    check_pairs("jobs = 3\nlimit-rate=2.5M\n\n# note\n  # note\nheader = A: b\nheader = C: d",
                "1:jobs=3\n2:limit-rate=2.5M\n6:header=A: b\n7:header=C: d\n");
    check_pairs("key.quit = q", "1:key.quit=q\n");
    check_pairs("", "");
    check_pairs("\n\n", "");
}

TEST(windows_files_are_read)
{
    check_pairs("\xEF\xBB\xBFjobs = 3\r\n# x\r\ndir = C\r\n", "1:jobs=3\n3:dir=C\n");
}

TEST(values_may_be_quoted_or_commented)
{
    check_pairs("a = b # note", "1:a=b\n");
    check_pairs("a = b#c", "1:a=b#c\n");
    check_pairs("a = # note", "1:a=\n");
    check_pairs("a =", "1:a=\n");
    check_pairs("a = \" b # c \" # note", "1:a= b # c \n");
    check_pairs("a = \"x\\\"y\\\\z\"", "1:a=x\"y\\z\n");
    check_pairs("a = 'x\\\"y'", "1:a=x\\\"y\n");
    check_pairs("a = \"\"", "1:a=\n");
    check_pairs("a = x=y", "1:a=x=y\n");
    check_pairs("\ta\t=\tb c \t", "1:a=b c\n");
}

TEST(bad_lines_are_named)
{
    static const char *const bad[] = {
        "jobs",      "= 3",        "--jobs = 3", "Jobs = 3",     "a b = 3",
        "[section]", "a = \"open", "a = 'open",  "a = \"b\" c",  "a = \"\\n\"",
        "a = \"b\\", "a = \x01",   "a = \xff",   "a = b\x1b[2J", "bad = 1",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf got, text;
        buf_init(&got);
        buf_init(&text);
        buf_addf(&text, "ok = 1\n\n%s\nlater = 2\n", bad[i]);
        struct haul_fault f = {0};
        CHECK_INT(config_parse("some/file", text.data, text.len, record, &got, &f), HAUL_ERR_USAGE);
        if (strncmp(f.message, "some/file:3: ", 13) != 0)
            HARNESS_FAIL("%s gives %s", bad[i], f.message);
        CHECK_STR(got.data, "1:ok=1\n");
        buf_release(&got);
        buf_release(&text);
    }
}

TEST(the_callers_words_are_kept)
{
    struct haul_fault f;
    struct buf got;
    buf_init(&got);
    CHECK_INT(config_parse("f", "bad=1", 5, record, &got, &f), HAUL_ERR_USAGE);
    CHECK_STR(f.message, "f:1: no such option");
    CHECK_INT(config_parse("f", "bad=1", 5, record, &got, NULL), HAUL_ERR_USAGE);
    CHECK_INT(config_parse("f", "a=\0x", 4, record, &got, &f), HAUL_ERR_USAGE);
    buf_release(&got);
}
