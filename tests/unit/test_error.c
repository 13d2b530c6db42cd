/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <errno.h>

#include "core/error.h"
#include "core/text.h"

TEST(every_error_is_found_by_its_code)
{
    for (int e = 0; e < HAUL_ERR_COUNT; e++)
        CHECK_INT(haul_error_from_code(haul_error_code((enum haul_error)e)), e);
    CHECK_INT(haul_error_from_code("no such code"), HAUL_ERR_INTERNAL);
}

TEST(exit_codes_are_those_of_the_manual)
{
    static const struct {
        const char *code;
        int exit;
    } rows[] = {
        {"internal", 1},  {"usage", 2},    {"bad_spec", 2},     {"ambiguous", 2},
        {"not_found", 3}, {"network", 5},  {"unauthorized", 4}, {"timeout", 5},
        {"tls", 5},       {"checksum", 6}, {"http_status", 5},  {"rate_limited", 5},
        {"disk_full", 7}, {"disk", 7},     {"exists", 8},       {"busy", 8},
        {"server", 9},    {"ok", 0},       {"cancelled", 130},
    };
    CHECK_INT(sizeof rows / sizeof rows[0], HAUL_ERR_COUNT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_INT(haul_error_exit(haul_error_from_code(rows[i].code)), rows[i].exit);
}

TEST(a_fault_has_code_words_and_the_tables_retry)
{
    struct haul_fault f;
    CHECK_INT(fault_set(&f, HAUL_ERR_TIMEOUT, "no answer in %d s", 30), HAUL_ERR_TIMEOUT);
    CHECK_INT(f.code, HAUL_ERR_TIMEOUT);
    CHECK_STR(f.message, "no answer in 30 s");
    CHECK(f.retryable);
    CHECK_INT(f.http_status, 0);
    CHECK_INT(fault_set(&f, HAUL_ERR_NOT_FOUND, "gone"), HAUL_ERR_NOT_FOUND);
    CHECK(!f.retryable);
    CHECK_INT(fault_set(NULL, HAUL_ERR_DISK, "x"), HAUL_ERR_DISK);
}

TEST(control_characters_do_not_reach_a_message)
{
    struct haul_fault f;
    fault_set(&f, HAUL_ERR_NETWORK, "a\x1b[2J\r\nb\xff");
    CHECK_STR(f.message, "a\uFFFD[2J\uFFFD\uFFFDb\uFFFD");
}

TEST(a_long_message_is_cut_between_characters)
{
    char text[3001];
    for (int i = 0; i < 1000; i++)
        memcpy(text + 3 * i, "\u20AC", 3);
    text[3000] = '\0';
    struct haul_fault f;
    fault_set(&f, HAUL_ERR_NETWORK, "%s", text);
    CHECK_INT(strlen(f.message), 1023);
    CHECK(text_utf8_valid(f.message, strlen(f.message)));
}

TEST(a_full_disk_has_its_own_code)
{
    struct haul_fault f;
    CHECK_INT(fault_set_errno(&f, EACCES, "open %s", "x"), HAUL_ERR_DISK);
    CHECK_STR(f.message, "open x: Permission denied");
    CHECK_INT(fault_set_errno(&f, EMFILE, "open"), HAUL_ERR_DISK);
    CHECK(strstr(f.message, "ulimit -n"));
    CHECK_INT(fault_set_errno(&f, ENOSPC, "write"), HAUL_ERR_DISK_FULL);
    CHECK_INT(fault_set_errno(NULL, EDQUOT, "write"), HAUL_ERR_DISK_FULL);
}
