/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/buf.h"
#include "core/listfile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char sample[] = "# models\n"
                             "hf:org/name:Q4_K_M\n"
                             "  out=model.gguf\n"
                             "\tdir = /data/models \n"
                             "\n"
                             "   # a comment\n"
                             " header=X-A: b=c\n"
                             " header=X-B: d\n"
                             "https://host/file#sha256=00  \n"
                             "file:/my models/x\n";

static void check_sample(const char *text, size_t len)
{
    struct listfile list;
    struct haul_fault f = {0};
    if (listfile_parse("list", text, len, &list, &f) != HAUL_OK)
        HARNESS_FAIL("refused: %s", f.message);
    ASSERT(list.count == 3);
    CHECK_STR(list.entries[0].spec, "hf:org/name:Q4_K_M");
    CHECK_INT(list.entries[0].line, 2);
    ASSERT(list.entries[0].pair_count == 4);
    const struct listfile_pair *p = list.entries[0].pairs;
    CHECK_STR(p[0].key, "out");
    CHECK_STR(p[0].value, "model.gguf");
    CHECK_STR(p[1].key, "dir");
    CHECK_STR(p[1].value, "/data/models");
    CHECK_INT(p[1].line, 4);
    CHECK_STR(p[2].value, "X-A: b=c");
    CHECK_STR(p[3].value, "X-B: d");
    CHECK_STR(list.entries[1].spec, "https://host/file#sha256=00");
    CHECK_INT(list.entries[1].pair_count, 0);
    CHECK_STR(list.entries[2].spec, "file:/my models/x");
    CHECK_INT(list.entries[2].line, 10);
    listfile_release(&list);
}

TEST(specs_and_their_pairs_are_read)
{
    check_sample(sample, sizeof sample - 1);
    check_sample(sample, sizeof sample - 2); /* no newline at the end */
}

TEST(windows_lists_are_read)
{
    struct buf b;
    buf_init(&b);
    buf_add_str(&b, "\xEF\xBB\xBF");
    for (const char *s = sample; *s; s++) {
        if (*s == '\n')
            buf_add_char(&b, '\r');
        buf_add_char(&b, *s);
    }
    check_sample(b.data, b.len);
    buf_release(&b);
}

TEST(an_empty_list_is_empty)
{
    static const char *const rows[] = {"", "\n", "# x", "  \n\t\r\n", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct listfile list;
        CHECK_INT(listfile_parse("list", rows[i], strlen(rows[i]), &list, NULL), HAUL_OK);
        CHECK_INT(list.count, 0);
        listfile_release(&list);
    }
}

TEST(bad_lines_are_named)
{
    static const struct {
        const char *text, *prefix;
    } rows[] = {
        {"  out=x\n", "list:1: "},
        {"# c\n\n dir=x\nhf:a/b\n", "list:3: "},
        {"hf:a/b\n  https://h/x?a=b\n", "list:2: "},
        {"hf:a/b\n  word\n", "list:2: "},
        {"hf:a/b\n  =x\n", "list:2: "},
        {"hf:a/b\n  out\n", "list:2: "},
        {"hf:a/b\nhf:c/\x1b[2Jd\n", "list:2: "},
        {"hf:a/b\n out=\xff\n", "list:2: "},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct listfile list;
        struct haul_fault f = {0};
        CHECK_INT(listfile_parse("list", rows[i].text, strlen(rows[i].text), &list, &f),
                  HAUL_ERR_USAGE);
        if (strncmp(f.message, rows[i].prefix, strlen(rows[i].prefix)) != 0)
            HARNESS_FAIL("row %zu gives %s", i, f.message);
        CHECK_INT(list.count, 0);
    }
    struct listfile list;
    CHECK_INT(listfile_parse("list", "a\0b", 3, &list, NULL), HAUL_ERR_USAGE);
}

TEST(a_line_has_a_longest_length)
{
    struct buf b;
    buf_init(&b);
    buf_add_str(&b, "https://h/");
    while (b.len < 16384)
        buf_add_char(&b, 'x');
    struct listfile list;
    CHECK_INT(listfile_parse("list", b.data, b.len, &list, NULL), HAUL_OK);
    listfile_release(&list);
    buf_add_char(&b, 'x');
    CHECK_INT(listfile_parse("list", b.data, b.len, &list, NULL), HAUL_ERR_USAGE);
    buf_release(&b);
}
