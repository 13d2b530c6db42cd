/* SPDX-License-Identifier: MIT */
/* Content-Disposition as RFC 6266 says it, as servers send it, and as nobody should. */
#include "harness.h"

#include "net/http_header.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void check_name(const char *header, const char *want)
{
    struct buf name;
    buf_init(&name);
    buf_add_str(&name, "before");
    bool named = header_content_disposition(header, strlen(header), &name);
    if (!named != !want || strcmp(name.data, want ? want : "before") != 0)
        HARNESS_FAIL("%s: is \"%s\", not \"%s\"", header, named ? name.data : "(no name)",
                     want ? want : "(no name)");
    buf_release(&name);
}

static void check_names(const char *const (*rows)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_name(rows[i][0], rows[i][1]);
}

TEST(names_are_read_as_rfc_6266_has_them)
{
    static const char *const rows[][2] = {
        {"Attachment; filename=example.html", "example.html"},
        {"INLINE; FILENAME= \"an example.html\"", "an example.html"},
        {"attachment; filename*= UTF-8''%e2%82%ac%20rates", "\xe2\x82\xac rates"},
        {"attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates",
         "\xe2\x82\xac rates"},
        {"attachment; filename*=UTF-8''%c2%a3%20and%20%e2%82%ac; filename=pound",
         "\xc2\xa3 and \xe2\x82\xac"},
        {"attachment; filename*=iso-8859-1'en'%A3%20rates", "\xc2\xa3 rates"},
        {"attachment; filename*=UTF-8'de-1996'na%C3%AFve.bin", "na\xc3\xafve.bin"},
        {"attachment; filename=\"quote\\\"back\\\\slash\"", "quote\"back\\slash"},
        {"attachment; creation-date=\"Wed, 12 Feb 1997 16:29:51 -0500\"; filename=a", "a"},
        {"inline; filename*=UTF-8''model.gguf; filename=\"model.gguf\";", "model.gguf"},
    };
    check_names(rows, COUNT(rows));
}

TEST(names_are_read_as_servers_send_them)
{
    static const char *const rows[][2] = {
        {"attachment; filename=with blanks.bin", "with blanks.bin"},
        {"attachment; filename=with blanks.bin ; x=y", "with blanks.bin"},
        {"attachment;filename=\"a;b.bin\"", "a;b.bin"},
        {"attachment;;; ;filename=a", "a"},
        {"attachment ; filename = \"a\" ;", "a"},
        {"filename=alone.bin", "alone.bin"},
        {"filename=\"alone;still.bin\"", "alone;still.bin"},
        {"; filename=x", "x"},
        {"attachment; filename=\"na\xc3\xafve\"", "na\xc3\xafve"},
        {"attachment; filename=\"na\xefve\"", "na\xc3\xafve"},
        {"attachment; filename=\"a%20b\"", "a%20b"},
        {"attachment; filename*=\"UTF-8''a%20b\"", "a b"},
        {"attachment; filename=../../etc/passwd", "../../etc/passwd"},
        {"attachment; filename*=UTF-8''..%2f..%2Fx", "../../x"},
        {"attachment; filename*=UTF-8''it's", "it's"},
    };
    check_names(rows, COUNT(rows));
}

TEST(an_extended_name_that_cannot_be_read_leaves_the_plain_one)
{
    static const char *const rows[][2] = {
        {"attachment; filename=a; filename*=UTF-16''x", "a"},
        {"attachment; filename=a; filename*=UTF-8''%zz", "a"},
        {"attachment; filename=a; filename*=UTF-8''%e", "a"},
        {"attachment; filename=a; filename*=UTF-8''x%", "a"},
        {"attachment; filename=a; filename*=UTF-8''%ff", "a"},
        {"attachment; filename=a; filename*=UTF-8''%c0%af", "a"},
        {"attachment; filename=a; filename*=UTF-8''%00", "a"},
        {"attachment; filename=a; filename*=UTF-8'x", "a"},
        {"attachment; filename=a; filename*=x", "a"},
        {"attachment; filename=a; filename*=''x", "a"},
    };
    check_names(rows, COUNT(rows));
}

TEST(a_broken_or_contradictory_header_names_nothing)
{
    static const char *const rows[] = {
        "",
        "attachment",
        "attachment;",
        "attachment; filename",
        "attachment; filename=",
        "attachment; filename=\"\"",
        "attachment; filename*=UTF-8''",
        "attachment; filename=\"open",
        "attachment; filename=\"open\\",
        "attachment; filename=\"open\\\"",
        "attachment; filename=\"a\"b",
        "attachment; filename=\"a\" b",
        "attachment; filename=a; filename=b",
        "attachment; filename=a; FileName=a",
        "attachment; filename*=UTF-8''a; filename*=UTF-8''b",
        "attachment; filename=c; filename*=UTF-8''a; filename*=UTF-8''b",
        "attachment; filename*=UTF-8''%zz; filename*=UTF-8''b",
        "attachment; =a; filename=b",
        "attachment; filename=a; junk",
        "attachment; \"filename\"=a",
        "attachment filename=a",
        "attachment, filename=a",
        "attachment; name=a",
        "attachment; filename[]=a",
        "attachment; filename*=UTF-8''%zz",
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check_name(rows[i], NULL);
}

TEST(a_name_with_a_nul_byte_is_no_name)
{
    static const char plain[] = "attachment; filename=\"a.txt\0.exe\"";
    static const char bare[] = "attachment; filename=a\0b";
    struct buf name;
    buf_init(&name);
    CHECK(!header_content_disposition(plain, sizeof plain - 1, &name));
    CHECK(!header_content_disposition(bare, sizeof bare - 1, &name));
    CHECK_INT(name.len, 0);
    buf_release(&name);
}

TEST(a_name_that_is_too_long_is_not_cut_but_refused)
{
    struct buf header, name;
    buf_init(&header);
    buf_init(&name);
    buf_add_str(&header, "attachment; filename=");
    for (int i = 0; i < 8000; i++)
        buf_add_char(&header, 'x');
    CHECK(header_content_disposition(header.data, header.len, &name));
    CHECK_INT(name.len, 8000);
    for (int i = 0; i < 8000; i++)
        buf_add_char(&header, 'x');
    CHECK(!header_content_disposition(header.data, header.len, &name));
    buf_release(&header);
    buf_release(&name);
}
