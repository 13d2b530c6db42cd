/* SPDX-License-Identifier: MIT */
/* From arguments and list files to job requests. */
#include "harness.h"

#include <unistd.h>

#include "cli/requests.h"
#include "core/alloc.h"

static enum haul_error no_fetch(void *data, const char *url, struct buf *out,
                                struct haul_fault *fault)
{
    const char *text = data;
    CHECK(strstr(url, "https://"));
    if (!text)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "404 for %s", url);
    buf_add_str(out, text);
    return HAUL_OK;
}

static char list_path[] = "/tmp/haul-test-list-XXXXXX";

/* Options with one list of that text. */
static void set_options(struct cli_options *o, const char *list)
{
    memcpy(list_path + sizeof list_path - 7, "XXXXXX", 6);
    int fd = mkstemp(list_path);
    ASSERT(fd >= 0);
    ASSERT(write(fd, list, strlen(list)) == (ssize_t)strlen(list));
    close(fd);
    cli_options_init(o);
    string_list_add(&o->input_files, list_path);
}

static void drop_options(struct cli_options *o)
{
    unlink(list_path);
    cli_options_release(o);
}

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

TEST(a_list_makes_a_request_of_each_spec_with_its_options)
{
    struct cli_options o;
    struct requests r;
    struct haul_fault fault;
    set_options(&o, "# list\n\nhttps://h/a\n  out=b\n  dir=/d\n  sha256=" HEX "\n"
                    "  connections=4\n  limit-rate=1M\n  priority=-3\n  header=X: y\n"
                    "https://h/c\nhttps://h/d\n  dir=~/x\n");
    setenv("HOME", "/home/u", 1);
    o.defaults.dir = xstrdup("/default");
    string_list_add(&o.specs, "https://h/first");
    ASSERT(requests_make(&r, &o, no_fetch, NULL, &fault) == HAUL_OK);
    ASSERT(r.count == 4);
    CHECK_STR(r.items[0].spec, "https://h/first");
    CHECK_STR(r.items[0].dir, "/default");
    CHECK_STR(r.items[1].spec, "https://h/a");
    CHECK_STR(r.items[1].out, "b");
    CHECK_STR(r.items[1].dir, "/d");
    CHECK_INT(r.items[1].checksum.algorithm, DIGEST_SHA256);
    CHECK_INT(r.items[1].checksum.origin, DIGEST_BY_PINNED);
    CHECK_INT(r.items[1].connections, 4);
    CHECK_INT(r.items[1].limit_rate, 1 << 20);
    CHECK_INT(r.items[1].priority, -3);
    CHECK_INT(r.items[1].headers.count, 1);
    CHECK_STR(r.items[2].dir, "/default");
    CHECK_STR(r.items[3].dir, "/home/u/x");
    CHECK_INT(r.items[2].limit_rate, -1);
    CHECK(!r.items[2].out && !r.items[2].headers.count);
    requests_release(&r);
    drop_options(&o);
}

static const struct {
    const char *list;
    unsigned line;
    const char *message;
    enum haul_error code;
} bad[] = {
    {"https://h/a\n  connections=0\n", 2, "connections: '0' is not a number from 1 to 64",
     HAUL_ERR_USAGE},
    {"https://h/a\n  sha256=12\n", 2, "sha256: '12' is not 64 hex digits", HAUL_ERR_USAGE},
    {"https://h/a\n\n  speed=12\n", 3, "'speed' is none of", HAUL_ERR_USAGE},
    {"https://h/a\n  header=secret\n", 2, "header: '***' is not", HAUL_ERR_USAGE},
    {"https://h/a\nftp://h/b\n", 2, "", HAUL_ERR_BAD_SPEC},
    {"https://h/a\n  out=/tmp/x\n", 2, "out: '/tmp/x' is no name below the directory",
     HAUL_ERR_USAGE},
    {"  out=x\n", 1, "", HAUL_ERR_USAGE},
};

TEST(a_mistake_in_a_list_names_file_and_line_before_anything_starts)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        struct cli_options o;
        struct requests r;
        struct haul_fault fault;
        set_options(&o, bad[i].list);
        CHECK_INT(requests_make(&r, &o, no_fetch, NULL, &fault), bad[i].code);
        CHECK_INT(r.count, 0);
        char *head = xasprintf("%s:%u: %s", list_path, bad[i].line, bad[i].message);
        if (strncmp(fault.message, head, strlen(head)) != 0)
            HARNESS_FAIL("%s, not %s", fault.message, head);
        free(head);
        drop_options(&o);
    }
}

TEST(a_list_without_a_spec_is_a_mistake)
{
    struct cli_options o;
    struct requests r;
    struct haul_fault fault;
    set_options(&o, "# nothing\n");
    CHECK_INT(requests_make(&r, &o, no_fetch, NULL, &fault), HAUL_ERR_USAGE);
    drop_options(&o);
}

TEST(a_bad_spec_is_refused_with_the_forms_that_exist)
{
    struct cli_options o;
    struct requests r;
    struct haul_fault fault;
    cli_options_init(&o);
    string_list_add(&o.specs, "https://h/a");
    string_list_add(&o.specs, "nonsense://");
    CHECK_INT(requests_make(&r, &o, no_fetch, NULL, &fault), HAUL_ERR_BAD_SPEC);
    CHECK_INT(r.count, 0);
    cli_options_release(&o);
}

TEST(a_checksum_file_is_read_once_for_all)
{
    static char sums[] = HEX "  a\n";
    struct cli_options o;
    struct requests r;
    struct haul_fault fault;
    cli_options_init(&o);
    o.checksum_file = xstrdup("https://h/SHA256SUMS");
    string_list_add(&o.specs, "https://h/a");
    string_list_add(&o.specs, "https://h/b");
    CHECK_INT(requests_make(&r, &o, no_fetch, NULL, &fault), HAUL_ERR_NOT_FOUND);
    ASSERT(requests_make(&r, &o, no_fetch, sums, &fault) == HAUL_OK);
    CHECK_STR(r.items[0].checksum_file, sums);
    CHECK_STR(r.items[1].checksum_file, sums);
    requests_release(&r);
    cli_options_release(&o);
}

TEST(a_checksum_file_without_checksums_is_refused)
{
    static char text[] = "<html>not here</html>\n";
    struct cli_options o;
    struct requests r;
    struct haul_fault fault;
    cli_options_init(&o);
    o.checksum_file = xstrdup("https://h/SHA256SUMS");
    CHECK_INT(requests_make(&r, &o, no_fetch, text, &fault), HAUL_ERR_USAGE);
    cli_options_release(&o);
}
