/* SPDX-License-Identifier: MIT */
/* URLs as libcurl reads them; see url.h. */
#include "net/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/text.h"

static bool is_http(CURLU *u)
{
    char *scheme = NULL;
    bool http = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (!strcasecmp(scheme, "http") || !strcasecmp(scheme, "https"));
    curl_free(scheme);
    return http;
}

static CURLU *parse(const char *url)
{
    CURLU *u = curl_url();
    if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && is_http(u))
        return u;
    curl_url_cleanup(u);
    return NULL;
}

static char *part_of(CURLU *u, CURLUPart part, unsigned flags)
{
    char *raw = NULL, *copy = NULL;
    if (curl_url_get(u, part, &raw, flags) == CURLUE_OK)
        copy = xstrdup(raw);
    curl_free(raw);
    return copy;
}

static void lower(char *s)
{
    for (; *s; s++)
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s | 0x20);
}

static char *origin_of(CURLU *u)
{
    char *scheme = part_of(u, CURLUPART_SCHEME, 0), *host = part_of(u, CURLUPART_HOST, 0);
    char *port = part_of(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    char *origin = NULL;
    if (scheme && host && port) {
        origin = xasprintf("%s://%s:%s", scheme, host, port);
        lower(origin);
    }
    free(scheme);
    free(host);
    free(port);
    return origin;
}

char *url_origin(const char *url)
{
    CURLU *u = parse(url);
    char *origin = u ? origin_of(u) : NULL;
    curl_url_cleanup(u);
    return origin;
}

bool url_same_origin(const char *a, const char *b)
{
    char *first = url_origin(a), *second = url_origin(b);
    bool same = first && second && !strcmp(first, second);
    free(first);
    free(second);
    return same;
}

char *url_host(const char *url)
{
    CURLU *u = parse(url);
    char *host = u ? part_of(u, CURLUPART_HOST, 0) : NULL;
    curl_url_cleanup(u);
    return host;
}

/* NULL for an empty one, and for one with a NUL in it. */
static char *name_of(CURLU *u)
{
    char *path = part_of(u, CURLUPART_PATH, 0), *name = NULL;
    const char *slash = path ? strrchr(path, '/') : NULL;
    int len = 0;
    char *decoded = slash ? curl_easy_unescape(NULL, slash + 1, 0, &len) : NULL;
    if (len && !memchr(decoded, 0, (size_t)len))
        name = xstrdup(decoded);
    curl_free(decoded);
    free(path);
    return name;
}

bool url_is_proxy(const char *proxy)
{
    static const char *const schemes[] = {"http",    "https",  "socks4",
                                          "socks4a", "socks5", "socks5h"};
    char *scheme = NULL;
    CURLU *u = curl_url();
    bool good = !*proxy;
    if (u && !good &&
        !curl_url_set(u, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) &&
        !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0)) {
        /* Without "://" libcurl takes it for an HTTP proxy, whatever the name begins with. */
        good = !strstr(proxy, "://");
        for (size_t i = 0; i < HAUL_ARRAY_LEN(schemes); i++)
            good = good || !strcasecmp(scheme, schemes[i]);
    }
    curl_free(scheme);
    curl_url_cleanup(u);
    return good;
}

void url_file_name(const char *url, struct buf *out)
{
    buf_truncate(out, 0);
    CURLU *u = parse(url);
    char *name = u ? name_of(u) : NULL;
    if (name)
        buf_add_str(out, name);
    free(name);
    curl_url_cleanup(u);
}

static char *login_of(CURLU *u)
{
    char *user = part_of(u, CURLUPART_USER, CURLU_URLDECODE);
    char *password = user ? part_of(u, CURLUPART_PASSWORD, CURLU_URLDECODE) : NULL;
    char *login = user ? xasprintf("%s:%s", user, password ? password : "") : NULL;
    free(user);
    free(password);
    return login;
}

void url_parts_init(struct url_parts *p, const char *url)
{
    *p = (struct url_parts){0};
    CURLU *u = parse(url);
    if (u) {
        p->login = login_of(u);
        p->origin = origin_of(u);
        p->name = name_of(u);
    }
    bool as_it_is = !strncmp(url, "http", 4) && !strpbrk(url, "@#");
    if (u && !as_it_is) {
        curl_url_set(u, CURLUPART_USER, NULL, 0);
        curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
        curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
        p->bare = part_of(u, CURLUPART_URL, 0);
    }
    if (!p->bare)
        p->bare = xstrdup(url);
    curl_url_cleanup(u);
}

void url_parts_release(struct url_parts *p)
{
    free(p->bare);
    free(p->login);
    free(p->origin);
    free(p->name);
    *p = (struct url_parts){0};
}

static bool has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    return false;
}

static bool has_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(u, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return there;
}

enum haul_error url_redirect(const char *base, const char *location, char **out,
                             struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    char *shown = text_masked_url(location), *scheme = NULL;
    CURLU *u = parse(base);
    if (!u || !*location || has_control(location)) {
        err = fault_set(fault, HAUL_ERR_NETWORK, "redirect to “%s”: not a URL", shown);
        goto out;
    }
    if (curl_url_set(u, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
        curl_url_set(u, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
        curl_url_set(u, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) !=
            CURLUE_OK) {
        err = fault_set(fault, HAUL_ERR_NETWORK, "redirect to “%s”: not a URL", shown);
        goto out;
    }
    scheme = part_of(u, CURLUPART_SCHEME, 0);
    if (!is_http(u)) {
        err = fault_set(fault, HAUL_ERR_NETWORK,
                        "redirect to “%s”: only http and https are followed, not %s", shown,
                        scheme ? scheme : "that");
        goto out;
    }
    if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD)) {
        err = fault_set(fault, HAUL_ERR_NETWORK,
                        "redirect to “%s”: a server may not choose a user name", shown);
        goto out;
    }
    curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
    *out = part_of(u, CURLUPART_URL, 0);
    if (!*out)
        err = fault_set(fault, HAUL_ERR_NETWORK, "redirect to “%s”: no host", shown);
out:
    if (err != HAUL_OK && fault)
        fault->retryable = false;
    free(scheme);
    free(shown);
    curl_url_cleanup(u);
    return err;
}
