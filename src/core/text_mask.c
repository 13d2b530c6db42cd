/* SPDX-License-Identifier: MIT */
/* URLs without their secrets; see text.h. */
#include <string.h>
#include <strings.h>

#include "core/text.h"

#define MASK "***"

/* A parameter whose name has one of these in it can let somebody in. */
static const char *const telling[] = {
    "auth", "code",   "credential", "expires", "hmac",   "jwt",     "key",
    "pass", "policy", "pw",         "sas",     "secret", "session", "sig",
    "sid",  "ticket", "token",      "user",    "x-amz-", "x-goog-",
};

/* Azure's shared access signatures spread over parameters of two letters. */
static const char *const exact[] = {"se",  "sp",  "sr",  "st",    "sv",    "ske",
                                    "skt", "sks", "skv", "skoid", "sktid", "spr"};

/* As long as a key or a signature; names of files and revisions are shorter. */
#define LONG_VALUE ((size_t)41)

static bool name_tells(const char *name, size_t len)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(telling); i++) {
        size_t word = strlen(telling[i]);
        for (size_t at = 0; at + word <= len; at++)
            if (!strncasecmp(name + at, telling[i], word))
                return true;
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(exact); i++)
        if (strlen(exact[i]) == len && !strncasecmp(exact[i], name, len))
            return true;
    return false;
}

/* No second parameter, URL or encoding hides in such a value, and it is too short for a key. */
static bool value_is_plain(const char *value, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._~/+,";
    return strspn(value, plain) >= len && len < LONG_VALUE;
}

static void mask_parameter(struct buf *out, const char *s, size_t len)
{
    const char *equals = memchr(s, '=', len);
    size_t name_len = equals ? (size_t)(equals - s) : len;
    if (!equals) {
        bool word = strspn(s, "abcdefghijklmnopqrstuvwxyz-_") >= len && len < LONG_VALUE;
        buf_add_str(out, word ? "" : MASK);
        buf_add(out, s, word ? len : 0);
        return;
    }
    buf_add(out, s, name_len + 1);
    size_t value_len = len - name_len - 1;
    bool digest = name_len == strlen("sha256") && !memcmp(s, "sha256", name_len);
    if (digest || (!name_tells(s, name_len) && value_is_plain(equals + 1, value_len)))
        buf_add(out, equals + 1, value_len);
    else
        buf_add_str(out, MASK);
}

/* s starts with '?' or '#'. */
static void mask_parameters(struct buf *out, const char *s)
{
    while (*s) {
        buf_add_char(out, *s++);
        size_t len = strcspn(s, "?&;#");
        mask_parameter(out, s, len);
        s += len;
    }
}

static const char *last_at(const char *s, size_t len)
{
    return memrchr(s, '@', len);
}

/* Whether the ':' of "host:port" is followed by something that is no port: then it was most likely
 * "user:password" with a '/' in the password. */
static bool port_is_odd(const char *authority, size_t len)
{
    if (authority[0] == '[')
        return false;
    const char *colon = memchr(authority, ':', len);
    return colon && strspn(colon + 1, "0123456789") < (size_t)(authority + len - colon - 1);
}

/* Appends the mask for the user info at s, if any; returns what follows it. */
static const char *mask_user(struct buf *out, const char *s, bool guess)
{
    size_t len = strcspn(s, "/?#");
    const char *at = last_at(s, len);
    if (!at && guess && port_is_odd(s, len))
        at = last_at(s, strlen(s));
    if (!at)
        return s;
    buf_add_str(out, MASK);
    return at;
}

static void mask(struct buf *out, const char *url)
{
    const char *s = url;
    if (!strstr(url, ":/"))
        s = mask_user(out, s, false);
    for (;;) {
        size_t len = strcspn(s, ":?#");
        buf_add(out, s, len);
        s += len;
        if (*s != ':')
            break;
        buf_add_char(out, *s++);
        if (*s != '/')
            continue;
        size_t slashes = strspn(s, "/");
        buf_add(out, s, slashes);
        s = mask_user(out, s + slashes, true);
    }
    mask_parameters(out, s);
}

void text_mask_url(struct buf *out, const char *url)
{
    struct buf masked;
    buf_init(&masked);
    mask(&masked, url);
    text_sanitize(out, masked.data, masked.len);
    buf_release(&masked);
}

char *text_masked_url(const char *url)
{
    struct buf out;
    buf_init(&out);
    text_mask_url(&out, url);
    return buf_detach(&out);
}
