/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/buf.h"

TEST(a_new_buf_reads_as_the_empty_string)
{
    struct buf b;
    buf_init(&b);
    CHECK_STR(b.data, "");
    CHECK_INT(b.len, 0);
    buf_release(&b);
}

TEST(appends_grow_and_stay_terminated)
{
    struct buf b;
    buf_init(&b);
    char want[1001];
    for (int i = 0; i < 1000; i++) {
        want[i] = (char)('a' + i % 26);
        CHECK(buf_add_char(&b, want[i]));
    }
    want[1000] = '\0';
    CHECK_INT(b.len, 1000);
    CHECK_STR(b.data, want);
    buf_release(&b);
}

TEST(formatted_text_is_appended)
{
    struct buf b;
    buf_init(&b);
    CHECK(buf_add_str(&b, "a="));
    CHECK(buf_addf(&b, "%d,%s", 7, "x"));
    CHECK_STR(b.data, "a=7,x");
    buf_release(&b);
}

TEST(the_maximum_cuts_and_is_remembered_until_truncate)
{
    struct buf b;
    buf_init_max(&b, 5);
    CHECK(buf_add_str(&b, "abc"));
    CHECK(!buf_add_str(&b, "defg"));
    CHECK_STR(b.data, "abcde");
    CHECK(b.full);
    CHECK(!buf_add_str(&b, ""));
    buf_truncate(&b, 2);
    CHECK(!b.full);
    CHECK_STR(b.data, "ab");
    CHECK(buf_add_str(&b, "xyz"));
    CHECK_STR(b.data, "abxyz");
    buf_release(&b);
}

TEST(bytes_with_nul_are_kept)
{
    struct buf b;
    buf_init(&b);
    CHECK(buf_add(&b, "a\0b", 3));
    CHECK_INT(b.len, 3);
    CHECK(!memcmp(b.data, "a\0b", 4));
    buf_release(&b);
}

TEST(detach_hands_over_the_text_and_leaves_a_fresh_buf)
{
    struct buf b;
    buf_init_max(&b, 4);
    char *empty = buf_detach(&b);
    CHECK_STR(empty, "");
    CHECK(buf_add_str(&b, "ab"));
    char *text = buf_detach(&b);
    CHECK_STR(text, "ab");
    CHECK_STR(b.data, "");
    CHECK_INT(b.max, 4);
    free(empty);
    free(text);
    buf_release(&b);
}

TEST(clear_keeps_the_maximum)
{
    struct buf b;
    buf_init_max(&b, 3);
    CHECK(!buf_add_str(&b, "long"));
    buf_clear(&b);
    CHECK_STR(b.data, "");
    CHECK_INT(b.max, 3);
    CHECK(!b.full);
    buf_release(&b);
}
