/* SPDX-License-Identifier: MIT */
/* Where redirects lead, and which URLs are of one origin. */
#include "harness.h"

#include "net/url.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void check_redirect(const char *base, const char *location, const char *want)
{
    struct haul_fault fault = {0};
    char *got = NULL;
    enum haul_error err = url_redirect(base, location, &got, &fault);
    if (!want != (err != HAUL_OK) || (want && strcmp(got, want) != 0))
        HARNESS_FAIL("%s + %s: is %s, not %s", base, location, got ? got : "(refused)",
                     want ? want : "(refused)");
    if (err != HAUL_OK) {
        CHECK(got == NULL && fault.code == err && !fault.retryable && *fault.message);
        CHECK_INT(url_redirect(base, location, &got, NULL), err);
    }
    free(got);
}

TEST(a_redirect_is_resolved_against_the_url_that_gave_it)
{
    static const char base[] = "https://host.example/a/b/c?q=1";
    static const char *const rows[][2] = {
        {"https://other.example/x", "https://other.example/x"},
        {"http://other.example/x?y=z", "http://other.example/x?y=z"},
        {"HTTPS://OTHER.example/x", "https://OTHER.example/x"},
        {"https://other.example", "https://other.example/"},
        {"https://other.example:8443/x", "https://other.example:8443/x"},
        {"https://[::1]:8443/x", "https://[::1]:8443/x"},
        {"//other.example/x", "https://other.example/x"},
        {"/x/y", "https://host.example/x/y"},
        {"x", "https://host.example/a/b/x"},
        {"./x", "https://host.example/a/b/x"},
        {"../x", "https://host.example/a/x"},
        {"../../../../x", "https://host.example/x"},
        {"?z=2", "https://host.example/a/b/c?z=2"},
        {"/x#part", "https://host.example/x"},
        {"https://other.example/x#part", "https://other.example/x"},
        {"/x?u=http://evil.example/", "https://host.example/x?u=http://evil.example/"},
        {"/x%20y%2Fz", "https://host.example/x%20y%2Fz"},
        {"/x?sig=a%2Bb%3D&X=%22q%22", "https://host.example/x?sig=a%2Bb%3D&X=%22q%22"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check_redirect(base, rows[i][0], rows[i][1]);
}

TEST(blanks_and_raw_utf8_in_a_redirect_are_encoded)
{
    check_redirect("https://h/", "/my file.bin", "https://h/my%20file.bin");
    check_redirect("https://h/", "/na\xc3\xafve", "https://h/na%c3%afve");
    check_redirect("https://h/", "https://i/na\xc3\xafve", "https://i/na%c3%afve");
    check_redirect("https://h/", "https://i/my file?a=b c", "https://i/my%20file?a=b+c");
}

TEST(the_user_name_of_the_base_does_not_travel)
{
    check_redirect("https://me:secret@host.example/a", "/x", "https://host.example/x");
    check_redirect("https://me:secret@host.example/a", "//other.example/x",
                   "https://other.example/x");
    check_redirect("https://me@host.example/a", "https://other.example/x",
                   "https://other.example/x");
}

TEST(a_redirect_to_anything_but_http_is_refused)
{
    static const char *const rows[] = {
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "FILE:///etc/passwd",
        "ftp://host.example/x",
        "gopher://host.example/x",
        "scp://host.example/x",
        "dict://host.example/x",
        "ldap://host.example/x",
        "made-up://host.example/x",
        "https://user@other.example/x",
        "https://user:password@other.example/x",
        "https://:password@other.example/x",
        "//user:password@other.example/x",
        "",
        "http://",
        "https:///",
        "http://host.example:99999/x",
        "http://host.example:x/x",
        "http://[::1/x",
        "http://a b/x",
        "/x\r\nX-Evil: 1",
        "/x\ty",
        "/x\x01",
        "/x\x7f",
        "https://other.example/\x1b[31m",
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check_redirect("https://host.example/a/b", rows[i], NULL);
}

TEST(what_looks_like_a_host_to_some_stays_on_the_host)
{
    static const char *const rows[] = {"\\\\evil.example\\x", "/\\evil.example/x",
                                       "\\/evil.example",     "javascript:alert(1)",
                                       "evil.example",        "/%2fevil.example"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *got = NULL;
        if (url_redirect("https://host.example/a", rows[i], &got, NULL) == HAUL_OK)
            CHECK(url_same_origin(got, "https://host.example/"));
        free(got);
    }
}

TEST(a_refusal_shows_no_secret_of_the_location)
{
    struct haul_fault fault = {0};
    char *got = NULL;
    CHECK(url_redirect("https://h/", "https://me:geheim@h/x?token=geheim", &got, &fault) !=
          HAUL_OK);
    CHECK(!strstr(fault.message, "geheim"));
    CHECK(url_redirect("https://h/", "ftp://h/\x1b]0;x\x07", &got, &fault) != HAUL_OK);
    CHECK(!strchr(fault.message, '\x1b'));
}

TEST(an_origin_is_scheme_host_and_port_written_out)
{
    static const char *const rows[][2] = {
        {"https://h.example/x", "https://h.example:443"},
        {"http://h.example", "http://h.example:80"},
        {"HTTPS://H.Example:8443/x?y#z", "https://h.example:8443"},
        {"https://me:pw@h.example/x", "https://h.example:443"},
        {"https://[::1]/x", "https://[::1]:443"},
        {"https://[2001:DB8::1]:8080/", "https://[2001:db8::1]:8080"},
        {"ftp://h.example/x", NULL},
        {"file:///x", NULL},
        {"h.example/x", NULL},
        {"", NULL},
        {"https://", NULL},
        {"https://h.example:0x50/", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *origin = url_origin(rows[i][0]);
        if (!origin != !rows[i][1] || (origin && strcmp(origin, rows[i][1]) != 0))
            HARNESS_FAIL("%s: is %s", rows[i][0], origin ? origin : "(none)");
        free(origin);
    }
}

TEST(origins_differ_by_scheme_host_and_port_alone)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"https://h/x", "https://h:443/y?z", true},
        {"http://h:80", "http://H/", true},
        {"HTTP://h/", "http://h/", true},
        {"https://u:p@h/", "https://h/", true},
        {"https://[::1]/", "https://[0:0:0:0:0:0:0:1]:443/", true},
        {"https://h/", "http://h/", false},
        {"https://h/", "https://h:444/", false},
        {"http://h:443/", "https://h:443/", false},
        {"https://h/", "https://sub.h/", false},
        {"https://h.example/", "https://h.example.evil/", false},
        {"https://h/", "https://h@evil/", false},
        {"https://[::1]/", "https://[::2]/", false},
        {"ftp://h/", "ftp://h/", false},
        {"", "", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (url_same_origin(rows[i].a, rows[i].b) != rows[i].same ||
            url_same_origin(rows[i].b, rows[i].a) != rows[i].same)
            HARNESS_FAIL("%s and %s", rows[i].a, rows[i].b);
}

TEST(a_file_name_is_the_last_segment_decoded_once)
{
    static const char *const rows[][2] = {
        {"https://h/a/b.bin", "b.bin"},
        {"https://h/a/b.bin?c=/d#/e", "b.bin"},
        {"https://h/a%20b", "a b"},
        {"https://h/%252e%252e", "%2e%2e"},
        {"https://h/a/..%2f..%2fx", "../../x"},
        {"https://h/a/", ""},
        {"https://h", ""},
        {"https://h/%00x", ""},
        {"https://h/a%0", "a%0"},
        {"ftp://h/a", ""},
        {"junk", ""},
    };
    struct buf name;
    buf_init(&name);
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf_add_str(&name, "before");
        url_file_name(rows[i][0], &name);
        CHECK_STR(name.data, rows[i][1]);
    }
    buf_release(&name);
}

TEST(a_host_is_named_without_user_and_port)
{
    char *host = url_host("https://me:pw@h.example:8443/x");
    CHECK_STR(host, "h.example");
    free(host);
    CHECK(url_host("ftp://h/") == NULL);
    CHECK(url_host("") == NULL);
}

TEST(a_url_is_taken_apart_as_its_single_questions_are_answered)
{
    static const struct {
        const char *url, *bare, *login, *origin, *name;
    } rows[] = {
        {"https://h/a/b%20c?d#e", "https://h/a/b%20c?d", NULL, "https://h:443", "b c"},
        {"https://h/a%20b?x=1", "https://h/a%20b?x=1", NULL, "https://h:443", "a b"},
        {"HTTP://h/x", "http://h/x", NULL, "http://h:80", "x"},
        {"http://me:p%40w@H:81/x", "http://H:81/x", "me:p@w", "http://h:81", "x"},
        {"http://me@h/", "http://h/", "me:", "http://h:80", NULL},
        {"http://h/%00x", "http://h/%00x", NULL, "http://h:80", NULL},
        {"ftp://me:pw@h/x", "ftp://me:pw@h/x", NULL, NULL, NULL},
        {"junk", "junk", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct url_parts p;
        url_parts_init(&p, rows[i].url);
        CHECK_STR(p.bare, rows[i].bare);
        CHECK_STR(p.login ? p.login : "-", rows[i].login ? rows[i].login : "-");
        CHECK_STR(p.origin ? p.origin : "-", rows[i].origin ? rows[i].origin : "-");
        CHECK_STR(p.name ? p.name : "-", rows[i].name ? rows[i].name : "-");
        url_parts_release(&p);
    }
}

TEST(what_libcurl_cannot_go_through_is_no_proxy)
{
    static const char *const good[] = {"",
                                       "h",
                                       "h:3128",
                                       "http://h",
                                       "https://u:p@h:1",
                                       "socks5h://u:p@[::1]:1080",
                                       "SOCKS4A://h",
                                       "user:pw@h:8"};
    static const char *const bad[] = {"foo://h", "http://h:99999", "http://u:p w@h", "http://"};
    for (size_t i = 0; i < COUNT(good); i++)
        if (!url_is_proxy(good[i]))
            HARNESS_FAIL("\"%s\" is refused", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (url_is_proxy(bad[i]))
            HARNESS_FAIL("\"%s\" is taken", bad[i]);
}
