/* SPDX-License-Identifier: MIT */
/*
 * Specs that are URLs. The rules are stricter than RFC 3986 where leniency lets two programs read
 * two different hosts out of one text.
 */
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/spec_parse.h"
#include "core/units.h"

#define ALNUM     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define HEX_CHARS "0123456789abcdefABCDEF"
#define PIN       "#sha256="

struct authority {
    bool has_user;
    const char *host; /* an IPv6 address with its brackets */
    size_t host_len;
    const char *port; /* NULL: none */
    size_t port_len;
};

static bool check_blanks(struct spec_cursor *c)
{
    size_t len = strcspn(c->at, " ");
    return !c->at[len] || spec_fail(c, c->at + len, "no blank in a URL (write %20)");
}

/* "[::1]": returns its length, 0 if it is none. */
static size_t literal_span(const char *s, size_t len)
{
    size_t inside = strspn(s + 1, HEX_CHARS ":.");
    return inside >= 2 && inside + 2 <= len && s[inside + 1] == ']' ? inside + 2 : 0;
}

/* Bytes from 0x80 up are an international name, which curl turns to punycode. */
static size_t host_span(const char *s, size_t len)
{
    if (len && s[0] == '[')
        return literal_span(s, len);
    size_t i = 0;
    while (i < len && ((unsigned char)s[i] >= 0x80 || strchr(ALNUM "-._", s[i])))
        i++;
    return i;
}

static bool parse_authority(struct spec_cursor *c, const char *s, size_t len, struct authority *a)
{
    const char *end = s + len;
    const char *slash = memchr(s, '\\', len);
    if (slash)
        return spec_fail(c, slash, "no backslash in a host");
    const char *at = memchr(s, '@', len);
    if (at && memchr(at + 1, '@', (size_t)(end - at - 1)))
        return spec_fail(c, at, "only one @ in front of the host (write %40)");
    a->has_user = at != NULL;
    a->host = at ? at + 1 : s;
    a->host_len = host_span(a->host, (size_t)(end - a->host));
    if (!a->host_len)
        return spec_fail(c, a->host, "a host");
    const char *rest = a->host + a->host_len;
    if (rest == end)
        return true;
    if (*rest != ':')
        return spec_fail(c, rest, "the end of the host, :PORT or /PATH");
    a->port = rest + 1;
    a->port_len = (size_t)(end - a->port);
    uint64_t port;
    if (!units_parse_u64_n(a->port, a->port_len, 65535, &port) || !port)
        return spec_fail(c, a->port, "a port from 1 to 65535");
    return true;
}

/* A fragment is never sent; only a digest in it means something. */
static bool parse_fragment(struct spec_cursor *c, const char *fragment)
{
    struct spec *s = c->spec;
    if (strncasecmp(fragment, PIN, strlen(PIN)) != 0)
        return true;
    s->has_sha256 = units_parse_hex(fragment + strlen(PIN), s->sha256, sizeof s->sha256);
    return s->has_sha256 || spec_fail(c, fragment + strlen(PIN), "64 hex digits");
}

/* Whether the URL reaches the service itself: nobody's user name, no port of one's own. */
static bool is_plain_origin(const char *url, const struct authority *a)
{
    bool https = !strncasecmp(url, "https:", strlen("https:"));
    const char *usual = https ? "443" : "80";
    bool port = !a->port || (a->port_len == strlen(usual) && !memcmp(a->port, usual, a->port_len));
    return port && !a->has_user;
}

bool spec_parse_url(struct spec_cursor *c)
{
    if (!check_blanks(c))
        return false;
    const char *authority = strstr(c->at, "://") + 3;
    size_t len = strcspn(authority, "/?#");
    struct authority a = {0};
    if (!parse_authority(c, authority, len, &a))
        return false;
    size_t whole = strcspn(c->at, "#");
    if (!parse_fragment(c, c->at + whole))
        return false;
    c->spec->url = xstrndup(c->at, whole);
    if (is_plain_origin(c->at, &a))
        (void)spec_from_known_url(c->spec, a.host, a.host_len, authority + len);
    return true;
}
