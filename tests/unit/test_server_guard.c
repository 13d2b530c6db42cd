/* SPDX-License-Identifier: MIT */
/* Who may call a job server: each rule by the request that would get in without it. */
#include "harness.h"

#include "api/server_guard.h"
#include "core/attrs.h"

static char listed[] = "https://panel.example", slashed[] = "https://slash.example:8443/";
static char *origins[] = {listed, slashed};
static const struct string_list origin_list = {origins, 2};
static char named[] = "box.example", with_port[] = "port.example:80";
static char *names[] = {named, with_port};
static const struct string_list name_list = {names, 2};
static const struct guard guard = {.token = "secretsecretsecret",
                                   .host = "192.0.2.7",
                                   .hosts = &name_list,
                                   .origins = &origin_list};

static struct guard_request good_tcp(void)
{
    return (struct guard_request){.tcp = true,
                                  .local = "192.0.2.7",
                                  .host = "192.0.2.7:7835",
                                  .authorization = "Bearer secretsecretsecret"};
}

static int check(const struct guard_request *r)
{
    const char *why = "";
    int status = guard_check(&guard, r, &why);
    CHECK(!status == !*why);
    return status;
}

TEST(over_tcp_the_token_is_wanted)
{
    static const char *const wrong[] = {
        NULL,
        "",
        "Bearer",
        "Bearer ",
        "Basic secretsecretsecret",
        "Bearer secretsecretsecre",
        "Bearer secretsecretsecrets",
        "Bearer Secretsecretsecret",
    };
    struct guard_request r = good_tcp();
    CHECK_INT(check(&r), 0);
    r.authorization = "bearer  secretsecretsecret";
    CHECK_INT(check(&r), 0);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(wrong); i++) {
        r.authorization = wrong[i];
        CHECK_INT(check(&r), 401);
        r.open = true;
        CHECK_INT(check(&r), 0);
        r.open = false;
    }
}

TEST(over_the_owners_socket_no_token_is_wanted)
{
    struct guard_request r = {.host = "localhost"};
    CHECK_INT(check(&r), 0);
}

TEST(a_name_that_was_made_to_lead_here_is_refused)
{
    static const char *const hosts[] = {
        "evil.example",
        "evil.example:7835",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.0.2.8",
        "[::1",
        "",
        "localhost:x",
        "[::2]:80",
        "10.0.0.1:7835",
    };
    struct guard_request r = good_tcp();
    for (size_t i = 0; i < HAUL_ARRAY_LEN(hosts); i++) {
        r.host = hosts[i];
        if (check(&r) != 403)
            HARNESS_FAIL("let in: %s", hosts[i]);
    }
    r.host = NULL;
    CHECK_INT(check(&r), 403);
}

TEST(loopback_and_the_listening_address_are_not)
{
    static const char *const hosts[] = {"localhost",        "LOCALHOST:1",       "127.0.0.1",
                                        "127.3.2.1:80",     "[::1]:7835",        "192.0.2.7",
                                        "192.0.2.7:7835",   "[0:0:0:0:0:0:0:1]", "Box.example:7835",
                                        "port.example:7835"};
    struct guard_request r = good_tcp();
    for (size_t i = 0; i < HAUL_ARRAY_LEN(hosts); i++) {
        r.host = hosts[i];
        CHECK_INT(check(&r), 0);
    }
}

TEST(on_all_addresses_any_address_is_a_host_and_no_name)
{
    struct guard all = guard;
    struct guard_request r = good_tcp();
    const char *why;
    all.host = "";
    all.any_address = true;
    r.host = "198.51.100.9:7835";
    CHECK_INT(guard_check(&all, &r, &why), 0);
    r.host = "[2001:db8::9]:7835";
    CHECK_INT(guard_check(&all, &r, &why), 0);
    r.host = "evil.example";
    CHECK_INT(guard_check(&all, &r, &why), 403);
}

TEST(over_the_unix_socket_only_loopback_is_a_host)
{
    struct guard_request r = {.host = "192.0.2.7"};
    CHECK_INT(check(&r), 403);
}

TEST(pages_of_other_origins_are_refused)
{
    struct guard_request r = good_tcp();
    r.origin = "http://192.0.2.7:7835";
    CHECK_INT(check(&r), 0);
    r.origin = "https://slash.example:8443";
    CHECK_INT(check(&r), 0);
    r.origin = "https://panel.example";
    CHECK_INT(check(&r), 0);
    static const char *const others[] = {"http://evil.example", "null", "http://192.0.2.7:80",
                                         "https://panel.example.evil", "http://192.0.2.7:7835/x"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(others); i++) {
        r.origin = others[i];
        CHECK_INT(check(&r), 403);
    }
}

TEST(a_form_cannot_post)
{
    static const char *const types[] = {NULL, "text/plain", "application/x-www-form-urlencoded",
                                        "multipart/form-data", "application/jsonx"};
    struct guard_request r = good_tcp();
    r.body = true;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(types); i++) {
        r.content_type = types[i];
        CHECK_INT(check(&r), 415);
    }
    r.content_type = "Application/JSON; charset=utf-8";
    CHECK_INT(check(&r), 0);
}

TEST(secrets_are_the_same_only_whole)
{
    CHECK(guard_same_secret("abc", 3, "abc"));
    CHECK(!guard_same_secret("abcd", 4, "abc"));
    CHECK(!guard_same_secret("ab", 2, "abc"));
    CHECK(!guard_same_secret("abcabc", 6, "abc"));
    CHECK(!guard_same_secret("", 0, "abc"));
    CHECK(!guard_same_secret("", 0, ""));
}
