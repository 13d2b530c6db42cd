/* SPDX-License-Identifier: MIT */
#include "net/oci_auth.h"

#include "harness.h"
#include "net/oci_registry.h"

TEST(a_challenge_is_read_in_every_form_that_servers_send)
{
    static const struct {
        const char *value;
        enum oci_scheme scheme;
        const char *realm, *service, *scope; /* "" for none */
    } rows[] = {
        {"Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
         "scope=\"repository:ai/smollm2:pull\"",
         OCI_SCHEME_BEARER, "https://auth.docker.io/token", "registry.docker.io",
         "repository:ai/smollm2:pull"},
        {"bearer  Realm = \"https://r/t\" , service=plain", OCI_SCHEME_BEARER, "https://r/t",
         "plain", ""},
        {"Basic realm=\"home\"", OCI_SCHEME_BASIC, "home", "", ""},
        {"Basic realm=\"home\", Bearer realm=\"https://r/t\"", OCI_SCHEME_BEARER, "https://r/t", "",
         ""},
        {"Bearer realm=\"https://r/t\", Basic realm=\"home\"", OCI_SCHEME_BEARER, "https://r/t", "",
         ""},
        {"Bearer realm=\"a\\\"b\"", OCI_SCHEME_BEARER, "a\"b", "", ""},
        {"Bearer realm=\"a,b\",scope=\"x y\"", OCI_SCHEME_BEARER, "a,b", "", "x y"},
        {"Bearer", OCI_SCHEME_NONE, "", "", ""},
        {"Bearer service=x", OCI_SCHEME_NONE, "", "", ""},
        {"Negotiate", OCI_SCHEME_NONE, "", "", ""},
        {"Bearer realm=\"unended", OCI_SCHEME_BEARER, "unended", "", ""},
        {"Bearer realm=one, realm=two", OCI_SCHEME_BEARER, "one", "", ""},
        {"\"\"=;,,= Bearer realm=x", OCI_SCHEME_BEARER, "x", "", ""},
        {"", OCI_SCHEME_NONE, "", "", ""},
        {NULL, OCI_SCHEME_NONE, "", "", ""},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct oci_challenge c;
        oci_challenge_parse(rows[i].value, &c);
        if (c.scheme != rows[i].scheme)
            HARNESS_FAIL("%s: scheme %d", rows[i].value, c.scheme);
        CHECK_STR(c.realm ? c.realm : "", rows[i].realm);
        CHECK_STR(c.service ? c.service : "", rows[i].service);
        CHECK_STR(c.scope ? c.scope : "", rows[i].scope);
        oci_challenge_release(&c);
    }
}

TEST(the_question_for_a_token_is_escaped)
{
    static const struct {
        const char *realm, *service, *scope, *url;
    } rows[] = {
        {"https://r/token", "a b&c", "repository:ns/m:pull",
         "https://r/token?service=a%20b%26c&scope=repository%3Ans%2Fm%3Apull"},
        {"https://r/token?x=1#f", NULL, "a b", "https://r/token?x=1&scope=a&scope=b"},
        {"https://r/token", NULL, NULL, "https://r/token?scope=repository%3Ans%2Fm%3Apull"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct oci_challenge c = {.scheme = OCI_SCHEME_BEARER};
        char service[64], scope[64];
        if (rows[i].service)
            c.service = strcpy(service, rows[i].service);
        if (rows[i].scope)
            c.scope = strcpy(scope, rows[i].scope);
        char *url = oci_token_url(rows[i].realm, &c, "ns/m");
        CHECK_STR(url, rows[i].url);
        free(url);
    }
}

TEST(only_a_token_that_fits_into_a_header_is_one)
{
    static const struct {
        const char *text, *token; /* NULL: none */
    } rows[] = {
        {"{\"token\":\"abc\"}", "abc"},
        {"{\"access_token\":\"abc\",\"expires_in\":60}", "abc"},
        {"{\"token\":\"\",\"access_token\":\"x\"}", "x"},
        {"{\"token\":\"a\\r\\nX-Evil: 1\"}", NULL},
        {"{\"token\":\"a b\"}", NULL},
        {"{\"token\":17}", NULL},
        {"{}", NULL},
        {"<html>", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        char *token = oci_token_read(rows[i].text, strlen(rows[i].text));
        CHECK_STR(token ? token : "(none)", rows[i].token ? rows[i].token : "(none)");
        free(token);
    }
}

TEST(every_code_of_a_registry_has_its_words_and_exit_code)
{
    static const struct {
        const char *code;
        int status, exit;
        const char *says;
        bool retryable;
    } rows[] = {
        {"MANIFEST_UNKNOWN", 404, 3, "no such model or tag", false},
        {"NAME_UNKNOWN", 404, 3, "no such repository", false},
        {"NAME_INVALID", 400, 3, "no such name", false},
        {"TAG_INVALID", 400, 3, "no such tag", false},
        {"BLOB_UNKNOWN", 404, 3, "lacks a part", false},
        {"MANIFEST_BLOB_UNKNOWN", 404, 3, "lacks a part", false},
        {"DIGEST_INVALID", 400, 3, "takes the digest for none", false},
        {"UNAUTHORIZED", 401, 4, "~/.netrc", false},
        {"DENIED", 403, 4, "does not let you", false},
        {"TOOMANYREQUESTS", 429, 5, "too many requests", true},
        {"UNSUPPORTED", 405, 5, "cannot do this", false},
        {"MANIFEST_INVALID", 400, 5, "its manifest broken", false},
        {"SIZE_INVALID", 400, 5, "a size wrong", false},
        {"BLOB_UPLOAD_INVALID", 400, 5, "of an upload", false},
        {"BLOB_UPLOAD_UNKNOWN", 404, 5, "of an upload", false},
        {"SOMETHING_ELSE", 418, 5, "HTTP 418: said", false},
        {"SOMETHING_ELSE", 503, 5, "HTTP 503: said", true},
        {NULL, 401, 4, "~/.netrc", false},
        {NULL, 403, 4, "does not let you", false},
        {NULL, 404, 3, "no such model or tag", false},
        {NULL, 410, 3, "no such model or tag", false},
        {NULL, 429, 5, "too many requests", true},
        {NULL, 500, 5, "HTTP 500", true},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        char body[256] = "<html>";
        struct haul_fault fault;
        if (rows[i].code)
            snprintf(body, sizeof body,
                     "{\"errors\":[{\"code\":\"%s\",\"message\":\"said\\u001b\"}]}", rows[i].code);
        enum haul_error err =
            oci_registry_fault("ns/m:tag on host", rows[i].status, body, strlen(body), &fault);
        if (haul_error_exit(err) != rows[i].exit || fault.code != err ||
            !strstr(fault.message, rows[i].says) || fault.retryable != rows[i].retryable ||
            fault.http_status != rows[i].status || strncmp(fault.message, "ns/m:tag on host: ", 18))
            HARNESS_FAIL("%s %d: exit %d, %s", rows[i].code ? rows[i].code : "(none)",
                         rows[i].status, haul_error_exit(err), fault.message);
        CHECK(!strchr(fault.message, '\x1b'));
    }
}
