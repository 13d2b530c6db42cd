/* SPDX-License-Identifier: MIT */
/* Values of single header fields; see http_header.h. Content-Disposition has its own file. */
#include "net/http_header.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

#define FIELD_MAX ((size_t)8192)

static bool take_number(const char **p, const char *end, int64_t *out)
{
    const char *start = *p;
    while (*p < end && **p >= '0' && **p <= '9')
        (*p)++;
    uint64_t n;
    if (!units_parse_u64_n(start, (size_t)(*p - start), INT64_MAX, &n))
        return false;
    *out = (int64_t)n;
    return true;
}

static bool take_char(const char **p, const char *end, char c)
{
    if (*p >= end || **p != c)
        return false;
    (*p)++;
    return true;
}

static void skip_blanks(const char **p, const char *end)
{
    while (*p < end && (**p == ' ' || **p == '\t'))
        (*p)++;
}

bool header_content_range(const char *v, size_t len, struct content_range *out)
{
    const char *p = v, *end = v + len;
    struct content_range r = {.total = -1};
    if (len < 6 || strncasecmp(v, "bytes", 5) != 0)
        return false;
    p += 5;
    if (p < end && *p != ' ' && *p != '\t')
        return false;
    skip_blanks(&p, end);
    if (take_char(&p, end, '*')) {
        r.unsatisfied = true;
    } else {
        int64_t last;
        if (!take_number(&p, end, &r.begin) || !take_char(&p, end, '-') ||
            !take_number(&p, end, &last) || last < r.begin || last == INT64_MAX)
            return false;
        r.end = last + 1;
    }
    if (!take_char(&p, end, '/'))
        return false;
    if (!take_char(&p, end, '*') && !take_number(&p, end, &r.total))
        return false;
    skip_blanks(&p, end);
    if (p != end || (r.total >= 0 && r.end > r.total) || (r.unsatisfied && r.total < 0))
        return false;
    *out = r;
    return true;
}

bool header_content_length(const char *v, size_t len, int64_t *out)
{
    const char *p = v;
    int64_t n;
    if (!take_number(&p, v + len, &n) || p != v + len)
        return false;
    *out = n;
    return true;
}

static bool all_digits(const char *v, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (v[i] < '0' || v[i] > '9')
            return false;
    return len > 0;
}

bool header_retry_after(const char *v, size_t len, int64_t server_ms, int64_t *wait_ns)
{
    uint64_t seconds;
    if (units_parse_u64_n(v, len, INT64_MAX / CLOCK_SEC, &seconds)) {
        *wait_ns = (int64_t)seconds * CLOCK_SEC;
        return true;
    }
    if (all_digits(v, len)) {
        *wait_ns = INT64_MAX;
        return true;
    }
    int64_t at, ms;
    if (!header_date(v, len, &at))
        return false;
    if (at <= server_ms)
        *wait_ns = 0;
    else if (__builtin_sub_overflow(at, server_ms, &ms) ||
             __builtin_mul_overflow(ms, CLOCK_MS, wait_ns))
        *wait_ns = INT64_MAX;
    return true;
}

bool header_rate_limit(const char *v, size_t len, int64_t *remaining, int64_t *reset_seconds)
{
    int64_t r = -1, t = -1;
    const char *end = v + len;
    for (const char *p = v; p < end; p++) {
        if (*p != ';')
            continue;
        const char *q = p + 1;
        skip_blanks(&q, end);
        if (q + 1 >= end || q[1] != '=')
            continue;
        int64_t *slot = *q == 'r' ? &r : *q == 't' ? &t : NULL;
        q += 2;
        if (slot && !take_number(&q, end, slot))
            return false;
    }
    if (r < 0 || t < 0)
        return false;
    *remaining = r;
    *reset_seconds = t;
    return true;
}

static bool base64(const char *text, size_t len, uint8_t *out, size_t size)
{
    uint8_t raw[96];
    size_t padding = (3 - size % 3) % 3;
    if (len != (size + 2) / 3 * 4 || len > sizeof raw)
        return false;
    /* EVP_DecodeBlock takes a '=' anywhere for a zero, and blanks around the text. */
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || (text[i] == '=') != (i >= len - padding))
            return false;
    int n = EVP_DecodeBlock(raw, (const unsigned char *)text, (int)len);
    if (n < 0 || (size_t)n < size)
        return false;
    memcpy(out, raw, size);
    return true;
}

/* Strongest first. */
static const struct {
    const char *name;
    enum digest_algorithm algorithm;
} digests[] = {
    {"sha-512", DIGEST_SHA512},
    {"sha-256", DIGEST_SHA256},
    {"sha", DIGEST_SHA1},
    {"md5", DIGEST_MD5},
};

static bool digest_item(const char *item, size_t len, bool structured, size_t which,
                        struct digest_value *out)
{
    size_t name = strlen(digests[which].name);
    if (len <= name + 1 || item[name] != '=' || strncasecmp(item, digests[which].name, name) != 0)
        return false;
    item += name + 1;
    len -= name + 1;
    if (structured) {
        if (len < 2 || item[0] != ':' || item[len - 1] != ':')
            return false;
        item++;
        len -= 2;
    }
    struct digest_value d = {digests[which].algorithm, DIGEST_BY_PUBLISHER, {0}};
    if (!base64(item, len, d.bytes, digest_size(d.algorithm)))
        return false;
    *out = d;
    return true;
}

bool header_digest(const char *v, size_t len, bool structured, struct digest_value *out)
{
    for (size_t which = 0; which < HAUL_ARRAY_LEN(digests); which++) {
        const char *p = v, *end = v + len;
        while (p < end) {
            const char *comma = memchr(p, ',', (size_t)(end - p));
            const char *stop = comma ? comma : end;
            skip_blanks(&p, stop);
            const char *last = stop;
            while (last > p && (last[-1] == ' ' || last[-1] == '\t'))
                last--;
            if (digest_item(p, (size_t)(last - p), structured, which, out))
                return true;
            p = comma ? comma + 1 : end;
        }
    }
    return false;
}

bool header_etag(const char *v, size_t len, struct buf *out, bool *weak)
{
    bool is_weak = len > 2 && v[0] == 'W' && v[1] == '/';
    const char *tag = is_weak ? v + 2 : v;
    size_t tag_len = is_weak ? len - 2 : len;
    if (tag_len < 1 || tag_len > FIELD_MAX || (is_weak && tag[0] == 'W'))
        return false;
    for (size_t i = 0; i < tag_len; i++)
        if ((unsigned char)tag[i] <= 0x20 || tag[i] == 0x7f)
            return false;
    buf_truncate(out, 0);
    buf_add(out, tag, tag_len);
    *weak = is_weak;
    return true;
}
