/* SPDX-License-Identifier: MIT */
/* Challenges and tokens of registries; see oci_auth.h. */
#include "net/oci_auth.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "net/url.h"

#define TOKEN_MAX ((size_t)64 << 10)

void oci_challenge_release(struct oci_challenge *c)
{
    free(c->realm);
    free(c->service);
    free(c->scope);
    *c = (struct oci_challenge){0};
}

static bool is_token_char(char ch)
{
    return ch > ' ' && ch < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", ch);
}

static size_t token_span(const char *s)
{
    size_t len = 0;
    while (is_token_char(s[len]))
        len++;
    return len;
}

/* A value as it stands or quoted (RFC 9110 §5.6.4); moves *s behind it. Caller frees. */
static char *take_value(const char **s)
{
    struct buf out;
    buf_init_max(&out, 4096);
    if (**s != '"') {
        size_t len = strcspn(*s, ", \t");
        buf_add(&out, *s, len);
        *s += len;
        return buf_detach(&out);
    }
    for ((*s)++; **s && **s != '"'; (*s)++) {
        if (**s == '\\' && (*s)[1])
            (*s)++;
        buf_add_char(&out, **s);
    }
    if (**s == '"')
        (*s)++;
    return buf_detach(&out);
}

static void store(struct oci_challenge *c, const char *name, size_t len, char *value)
{
    const struct {
        const char *name;
        char **field;
    } fields[] = {{"realm", &c->realm}, {"service", &c->service}, {"scope", &c->scope}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fields); i++) {
        if (strlen(fields[i].name) != len || strncasecmp(fields[i].name, name, len) != 0 ||
            *fields[i].field)
            continue;
        *fields[i].field = value;
        return;
    }
    free(value);
}

static enum oci_scheme scheme_of(const char *name, size_t len)
{
    if (len == 6 && !strncasecmp(name, "Bearer", len))
        return OCI_SCHEME_BEARER;
    return len == 5 && !strncasecmp(name, "Basic", len) ? OCI_SCHEME_BASIC : OCI_SCHEME_NONE;
}

/* Keeps the better of the two in *best; the other is released. */
static void settle(struct oci_challenge *best, struct oci_challenge *c)
{
    if (c->scheme == OCI_SCHEME_BEARER && !c->realm)
        c->scheme = OCI_SCHEME_NONE;
    if (c->scheme > best->scheme) {
        oci_challenge_release(best);
        *best = *c;
        *c = (struct oci_challenge){0};
    }
    oci_challenge_release(c);
}

void oci_challenge_parse(const char *value, struct oci_challenge *c)
{
    struct oci_challenge now = {0};
    *c = (struct oci_challenge){0};
    const char *s = value ? value : "";
    while (*(s += strspn(s, ", \t"))) {
        size_t len = token_span(s);
        const char *name = s;
        if (!len) { /* nothing that belongs into a challenge */
            s++;
            continue;
        }
        s += len;
        const char *equals = s + strspn(s, " \t");
        if (*equals == '=') {
            s = equals + 1 + strspn(equals + 1, " \t");
            store(&now, name, len, take_value(&s));
        } else {
            settle(c, &now);
            now.scheme = scheme_of(name, len);
        }
    }
    settle(c, &now);
}

static void add_parameter(struct buf *url, const char *name, const char *value, size_t len)
{
    char *escaped = curl_easy_escape(NULL, value, (int)len);
    if (!escaped)
        abort();
    buf_addf(url, "%c%s=%s", strchr(url->data, '?') ? '&' : '?', name, escaped);
    curl_free(escaped);
}

char *oci_token_url(const char *realm, const struct oci_challenge *c, const char *repository)
{
    struct buf url;
    buf_init(&url);
    buf_add(&url, realm, strcspn(realm, "#"));
    char *scope =
        c->scope && *c->scope ? xstrdup(c->scope) : xasprintf("repository:%s:pull", repository);
    if (c->service)
        add_parameter(&url, "service", c->service, strlen(c->service));
    for (const char *s = scope; *(s += strspn(s, " ")); s += strcspn(s, " "))
        add_parameter(&url, "scope", s, strcspn(s, " "));
    free(scope);
    return buf_detach(&url);
}

char *oci_token_read(const char *text, size_t len)
{
    struct json *root = json_parse(text, len, 1000, HAUL_ERR_NETWORK, NULL);
    const char *token = json_string(json_get(root, "token"), NULL);
    if (!token || !*token)
        token = json_string(json_get(root, "access_token"), "");
    bool fits = *token != '\0';
    for (const char *s = token; *s; s++)
        fits = fits && *s > ' ' && *s < 0x7f;
    char *copy = fits ? xstrdup(token) : NULL;
    json_free(root);
    return copy;
}

/* Resolves and checks the realm; caller frees *realm. */
static enum haul_error check_realm(const struct oci_door *door, const struct oci_challenge *c,
                                   char **realm, struct haul_fault *fault)
{
    enum haul_error err = url_redirect(door->base, c->realm, realm, fault);
    if (err != HAUL_OK)
        return err;
    char *there = url_host(*realm), *here = url_host(door->base);
    bool downgrade = !strncmp(door->base, "https:", 6) && strncmp(*realm, "https:", 6) != 0;
    if (door->own_realm_only && !url_same_origin(door->base, *realm))
        err = fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                        "%s sends haul to another host, %s, for a token; that is refused", here,
                        there);
    else if (downgrade)
        err = fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                        "%s wants its token fetched without TLS from %s; that is refused", here,
                        there);
    free(there);
    free(here);
    return err;
}

static enum haul_error refused(const struct oci_door *door, struct haul_fault *fault)
{
    int status = fault->http_status;
    char *host = url_host(door->base);
    if (door->own_realm_only)
        fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                  "%s on %s is not public: the registry wants an Ollama key, which haul does not "
                  "use; fetch it with ollama pull",
                  door->repository, host);
    else
        fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                  "%s gives no token for %s: it is not public, or there is no such repository; "
                  "put a user name and token for %s into ~/.netrc",
                  host, door->repository, host);
    fault->http_status = status;
    free(host);
    return HAUL_ERR_UNAUTHORIZED;
}

enum haul_error oci_token_fetch(struct http_client *client, const struct oci_door *door,
                                const struct oci_challenge *c, char **token,
                                struct haul_fault *fault)
{
    char *realm = NULL;
    enum haul_error err = check_realm(door, c, &realm, fault);
    if (err != HAUL_OK) {
        free(realm);
        return err;
    }
    char *url = oci_token_url(realm, c, door->repository);
    struct http_response response;
    struct http_request ask = {.url = url,
                               .accept = "application/json",
                               .anonymous = !url_same_origin(door->base, realm),
                               .max_body = TOKEN_MAX};
    http_response_init(&response);
    err = http_get(client, &ask, &response, fault);
    int status = response.reply.status;
    if (err == HAUL_OK) {
        *token = oci_token_read(response.body.data, response.body.len);
        if (!*token)
            err = fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                            "the realm of the registry answered without a token for %s",
                            door->repository);
    } else if (status == 400 || status == 401 || status == 403 || status == 404) {
        err = refused(door, fault);
    }
    http_response_release(&response);
    free(url);
    free(realm);
    return err;
}
