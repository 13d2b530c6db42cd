/* SPDX-License-Identifier: MIT */
/*
 * Content-Disposition (RFC 6266, RFC 8187), as tolerant as browsers and as strict as a downloader
 * must be: a broken or contradictory header names nothing.
 */
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "net/http_header.h"

struct cursor {
    const char *p, *end;
};

static void blanks(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
        c->p++;
}

static bool is_token(char ch)
{
    return (unsigned char)ch > 0x20 && ch != 0x7f && !strchr("()<>@,;:\\\"/[]?={}", ch);
}

/* At the opening quote. */
static bool quoted(struct cursor *c, struct buf *out)
{
    for (c->p++; c->p < c->end && *c->p != '"'; c->p++) {
        if (*c->p == '\\' && ++c->p == c->end)
            return false;
        buf_add_char(out, *c->p);
    }
    if (c->p == c->end)
        return false;
    c->p++;
    blanks(c);
    return c->p == c->end || *c->p == ';';
}

/* Everything up to the next ';', without the blanks before it. */
static void bare(struct cursor *c, struct buf *out)
{
    const char *start = c->p;
    while (c->p < c->end && *c->p != ';')
        c->p++;
    const char *last = c->p;
    while (last > start && (last[-1] == ' ' || last[-1] == '\t'))
        last--;
    buf_add(out, start, (size_t)(last - start));
}

static bool value(struct cursor *c, struct buf *out)
{
    bool good = true;
    buf_truncate(out, 0);
    if (c->p < c->end && *c->p == '"')
        good = quoted(c, out);
    else
        bare(c, out);
    return good && !out->full && !memchr(out->data, 0, out->len);
}

static int hex(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    ch = (char)(ch | 0x20);
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static void latin1(const struct buf *in, struct buf *out)
{
    for (size_t i = 0; i < in->len; i++)
        text_utf8_append(out, (unsigned char)in->data[i]);
}

static void as_utf8(const struct buf *in, struct buf *out)
{
    buf_truncate(out, 0);
    if (text_utf8_valid(in->data, in->len))
        buf_add(out, in->data, in->len);
    else
        latin1(in, out);
}

/* ext-value = charset "'" [language] "'" value-chars */
static bool extended(const struct buf *in, struct buf *out)
{
    const char *first = strchr(in->data, '\'');
    const char *second = first ? strchr(first + 1, '\'') : NULL;
    if (!second)
        return false;
    size_t charset = (size_t)(first - in->data);
    bool utf8 = charset == 5 && !strncasecmp(in->data, "UTF-8", 5);
    bool iso = charset == 10 && !strncasecmp(in->data, "ISO-8859-1", 10);
    if (!utf8 && !iso)
        return false;
    struct buf raw;
    buf_init(&raw);
    bool good = true;
    for (const char *p = second + 1; *p && good; p++) {
        if (*p != '%') {
            buf_add_char(&raw, *p);
            continue;
        }
        int high = hex(p[1]), low = high < 0 ? -1 : hex(p[2]);
        good = low >= 0;
        if (good)
            buf_add_char(&raw, (char)(high * 16 + low));
        p += good ? 2 : 0;
    }
    good = good && (!utf8 || text_utf8_valid(raw.data, raw.len)) && !memchr(raw.data, 0, raw.len);
    if (good) {
        buf_truncate(out, 0);
        if (utf8)
            buf_add(out, raw.data, raw.len);
        else
            latin1(&raw, out);
    }
    buf_release(&raw);
    return good;
}

/* One `; name=value`; false ends the parse, *good says whether by error. */
static bool parameter(struct cursor *c, struct buf *name, struct buf *text, bool *good)
{
    blanks(c);
    while (c->p < c->end && *c->p == ';') {
        c->p++;
        blanks(c);
    }
    if (c->p == c->end)
        return false;
    const char *start = c->p;
    while (c->p < c->end && (is_token(*c->p)))
        c->p++;
    buf_truncate(name, 0);
    buf_add(name, start, (size_t)(c->p - start));
    blanks(c);
    if (!name->len || c->p == c->end || *c->p != '=') {
        *good = false;
        return false;
    }
    c->p++;
    blanks(c);
    *good = value(c, text);
    return *good;
}

bool header_content_disposition(const char *v, size_t len, struct buf *out)
{
    struct cursor c = {v, v + len};
    while (c.p < c.end && *c.p != ';' && *c.p != '=')
        c.p++;
    if (c.p < c.end && *c.p == '=') /* no disposition type: `filename=x` alone is common */
        c.p = v;
    struct buf name, text, plain, best;
    buf_init_max(&name, 256);
    buf_init_max(&text, 8192);
    buf_init_max(&plain, 8192);
    buf_init_max(&best, 16384);
    bool good = true, readable = false;
    int plains = 0, extendeds = 0;
    while (parameter(&c, &name, &text, &good)) {
        if (!strcasecmp(name.data, "filename")) {
            plains++;
            as_utf8(&text, &plain);
        } else if (!strcasecmp(name.data, "filename*")) {
            extendeds++;
            readable = extended(&text, &best);
        }
    }
    const struct buf *chosen = readable ? &best : &plain;
    good = good && plains <= 1 && extendeds <= 1 && chosen->len && !chosen->full;
    if (good) {
        buf_truncate(out, 0);
        buf_add(out, chosen->data, chosen->len);
    }
    buf_release(&name);
    buf_release(&text);
    buf_release(&plain);
    buf_release(&best);
    return good;
}
