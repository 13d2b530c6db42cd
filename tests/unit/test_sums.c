/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/alloc.h"
#include "core/sums.h"
#include "core/units.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define A64      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64      "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C32      "cccccccccccccccccccccccccccccccc"
#define D40      "dddddddddddddddddddddddddddddddddddddddd"
#define E96      C32 C32 C32

/* "sha256:aa", "not_found", …: algorithm and first byte, or the error's code. */
static char *look_up(const char *text, size_t len, const char *name)
{
    struct sums sums;
    enum haul_error rc = sums_parse("SUMS", text, len, &sums, NULL);
    if (rc != HAUL_OK)
        return xasprintf("parse:%s", haul_error_code(rc));
    struct digest_value v = {0};
    rc = sums_find(&sums, name, &v, NULL);
    sums_release(&sums);
    if (rc != HAUL_OK)
        return xstrdup(haul_error_code(rc));
    return xasprintf("%s:%02x", digest_name(v.algorithm), v.bytes[0]);
}

static const struct row {
    const char *text, *name, *want;
} rows[] = {
    {A64 "  x.bin\n" B64 "  y.bin\n", "y.bin", "sha256:bb"},
    {A64 " *x.bin", "x.bin", "sha256:aa"},
    {A64 " x.bin", "x.bin", "sha256:aa"},
    {A64 "  with two  blanks", "with two  blanks", "sha256:aa"},
    {A64 "\tx.bin", "x.bin", "sha256:aa"},
    {"\xEF\xBB\xBF" A64 "  x.bin\r\n" B64 "  y.bin\r\n", "x.bin", "sha256:aa"},
    {"# note\n\n" A64 "  x.bin\n", "x.bin", "sha256:aa"},
    {A64 "  ./x.bin\n", "x.bin", "sha256:aa"},
    {A64 "  x.bin\n", "./x.bin", "sha256:aa"},
    {A64 "\n", "anything", "sha256:aa"},
    {A64, "anything", "sha256:aa"},
    {A64 "\n" B64 "\n", "anything", "not_found"},
    {A64 "\n" B64 "  x\n", "y", "not_found"},
    {"SHA256 (x.bin) = " A64 "\n", "x.bin", "sha256:aa"},
    {"SHA256 (x (1).bin) = " A64 "\n", "x (1).bin", "sha256:aa"},
    {"SHA2-256(x.bin)= " A64 "\n", "x.bin", "sha256:aa"},
    {"MD5 (x.bin) = " C32 "\nSHA256 (x.bin) = " A64 "\n", "x.bin", "sha256:aa"},
    {"SHA256 (x.bin) = " A64 "\nMD5 (x.bin) = " C32 "\n", "x.bin", "sha256:aa"},
    {"SHA256 (x.bin) = " C32 "\n", "x.bin", "parse:usage"},
    {C32 "  x\n", "x", "md5:cc"},
    {D40 "  x\n", "x", "sha1:dd"},
    {A64 A64 "  x\n", "x", "sha512:aa"},
    {E96 "  x\n", "x", "checksum"},
    {"BLAKE2b (x) = " A64 A64 "\n", "x", "checksum"},
    {"BLAKE2b (x) = " A64 A64 "\nSHA256 (x) = " A64 "\n", "x", "sha256:aa"},
    {"\\" A64 "  a\\nb\\\\c\n", "a\nb\\c", "sha256:aa"},
    {A64 "  a\\nb\n", "a\\nb", "sha256:aa"},
    {"\\" A64 "  a\\xb\n", "a", "parse:usage"},
    {"\\" A64 "  a\\\n", "a", "parse:usage"},
    {A64 "  dir/x.bin\n", "x.bin", "sha256:aa"},
    {A64 "  x.bin\n", "dir/x.bin", "sha256:aa"},
    {A64 "  a/x.bin\n" B64 "  b/x.bin\n", "x.bin", "ambiguous"},
    {A64 "  a/x.bin\n" B64 "  b/x.bin\n", "b/x.bin", "sha256:bb"},
    {A64 "  a/x.bin\n" A64 "  b/x.bin\n", "x.bin", "sha256:aa"},
    {A64 "  a/x.bin\n" B64 "  x.bin\n", "x.bin", "sha256:bb"},
    {A64 "  x\n" B64 "  x\n", "x", "ambiguous"},
    {A64 "  x\n" B64 "  x\n", "y", "not_found"},
    {A64 "  x.bin.asc\n", "x.bin", "not_found"},
    {"a" A64 "  x\n", "x", "parse:usage"},
    {A64 "x\n", "x", "parse:usage"},
    {"<html>not found</html>\n", "x", "parse:usage"},
    {"", "x", "parse:usage"},
    {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" A64 "  x\n-----BEGIN PGP SIGNATURE"
     "-----\n\niQIzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----\n",
     "x", "sha256:aa"},
};

TEST(every_form_of_line_is_found)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *got = look_up(rows[i].text, strlen(rows[i].text), rows[i].name);
        if (strcmp(got, rows[i].want) != 0)
            HARNESS_FAIL("row %zu (%s): %s, not %s", i, rows[i].name, got, rows[i].want);
        free(got);
    }
}

TEST(a_nul_in_a_line_makes_it_no_checksum)
{
    static const char text[] = A64 "  x\0y\n";
    char *got = look_up(text, sizeof text - 1, "x");
    CHECK_STR(got, "parse:usage");
    free(got);
}

TEST(the_whole_digest_is_kept_in_either_case)
{
    static const char hex[] = "0123456789abcdefABCDEF0123456789fedcba9876543210FEDCBA9876543210";
    struct sums sums;
    char *text = xasprintf("%s  x\n", hex);
    ASSERT(sums_parse("SUMS", text, strlen(text), &sums, NULL) == HAUL_OK);
    uint8_t want[32];
    CHECK(units_parse_hex(hex, want, 32));
    CHECK(!memcmp(sums.entries[0].value.bytes, want, 32));
    CHECK_INT(sums.entries[0].value.origin, DIGEST_BY_NONE);
    sums_release(&sums);
    free(text);
}

static char *look_up_among(const char *text, const char *const *names, size_t count,
                           const char *name)
{
    struct sums sums;
    struct digest_value v = {0};
    ASSERT(sums_parse("SUMS", text, strlen(text), &sums, NULL) == HAUL_OK);
    sums_share(&sums, names, count);
    enum haul_error rc = sums_find(&sums, name, &v, NULL);
    sums_release(&sums);
    return rc ? xstrdup(haul_error_code(rc))
              : xasprintf("%s:%02x", digest_name(v.algorithm), v.bytes[0]);
}

TEST(a_line_is_for_one_of_the_files_of_a_repo)
{
    static const char *const repo[] = {"config.json", "sub/config.json", NULL, "a/only.bin"};
    static const char *const folders[] = {"a/config.json", "b/config.json"};
    static const struct {
        const char *const *names;
        size_t count;
        const char *text, *name, *want;
    } shared[] = {
        {repo, COUNT(repo), A64 "  config.json\n", "config.json", "sha256:aa"},
        {repo, COUNT(repo), A64 "  config.json\n", "sub/config.json", "not_found"},
        {repo, COUNT(repo), A64 "  only.bin\n", "a/only.bin", "sha256:aa"},
        {repo, COUNT(repo), A64 "  repo/only.bin\n", "a/only.bin", "sha256:aa"},
        {repo, COUNT(repo), A64 "\n", "config.json", "not_found"},
        {folders, COUNT(folders), A64 "  config.json\n", "a/config.json", "not_found"},
        {folders, 1, A64 "  config.json\n", "a/config.json", "sha256:aa"},
        {folders, 1, A64 "\n", "a/config.json", "sha256:aa"},
    };
    for (size_t i = 0; i < COUNT(shared); i++) {
        char *got = look_up_among(shared[i].text, shared[i].names, shared[i].count, shared[i].name);
        if (strcmp(got, shared[i].want) != 0)
            HARNESS_FAIL("%zu, %s: %s, not %s", i, shared[i].name, got, shared[i].want);
        free(got);
    }
}
