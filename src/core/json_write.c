/* SPDX-License-Identifier: MIT */
/* The writer of json.h. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "core/text_class.h"

#define WRITER_DEPTH_MAX 64

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

/* What goes in front of a value or key. */
static void separate(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (!w->depth)
        return;
    uint64_t bit = UINT64_C(1) << (w->depth - 1);
    if (w->has_item & bit)
        buf_add_char(w->out, ',');
    w->has_item |= bit;
}

static void begin(struct json_writer *w, char bracket)
{
    separate(w);
    buf_add_char(w->out, bracket);
    assert(w->depth < WRITER_DEPTH_MAX);
    w->has_item &= ~(UINT64_C(1) << w->depth++);
}

static void end(struct json_writer *w, char bracket)
{
    assert(w->depth > 0 && !w->after_key);
    w->depth--;
    buf_add_char(w->out, bracket);
}

void json_object_begin(struct json_writer *w)
{
    begin(w, '{');
}

void json_object_end(struct json_writer *w)
{
    end(w, '}');
}

void json_array_begin(struct json_writer *w)
{
    begin(w, '[');
}

void json_array_end(struct json_writer *w)
{
    end(w, ']');
}

static void add_character(struct buf *out, uint32_t cp)
{
    static const char plain[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    const char *at = cp && cp < 0x80 ? strchr(plain, (int)cp) : NULL;
    if (at)
        buf_addf(out, "\\%c", letters[at - plain]);
    else if (text_is_control(cp) || cp == 0x2028 || cp == 0x2029)
        buf_addf(out, "\\u%04" PRIx32, cp);
    else
        text_utf8_append(out, cp);
}

/* How much of s stands for itself; nearly all of most strings. */
static size_t plain_span(const char *s)
{
    const char *p = s;
    while (*p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\')
        p++;
    return (size_t)(p - s);
}

static void add_quoted(struct buf *out, const char *s)
{
    buf_add_char(out, '"');
    while (*s) {
        size_t plain = plain_span(s);
        buf_add(out, s, plain);
        s += plain;
        if (!*s)
            break;
        uint32_t cp;
        s += text_utf8_decode(s, strnlen(s, 4), &cp);
        add_character(out, cp);
    }
    buf_add_char(out, '"');
}

/* Lists of ten thousand jobs are mostly numbers: printf would take most of the time. */
static void add_number(struct buf *out, uint64_t n, unsigned min_digits)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n || sizeof digits - at < min_digits);
    buf_add(out, digits + at, sizeof digits - at);
}

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

void json_key(struct json_writer *w, const char *key)
{
    separate(w);
    add_quoted(w->out, key);
    buf_add_char(w->out, ':');
    w->after_key = true;
}

static void write_literal(struct json_writer *w, const char *literal)
{
    separate(w);
    buf_add_str(w->out, literal);
}

void json_write_string(struct json_writer *w, const char *s)
{
    if (!s) {
        json_write_null(w);
        return;
    }
    separate(w);
    add_quoted(w->out, s);
}

void json_write_int(struct json_writer *w, int64_t n)
{
    separate(w);
    if (n < 0)
        buf_add_char(w->out, '-');
    add_number(w->out, magnitude(n), 1);
}

void json_write_int_or_null(struct json_writer *w, int64_t n)
{
    if (n < 0)
        json_write_null(w);
    else
        json_write_int(w, n);
}

void json_write_fixed(struct json_writer *w, int64_t n, unsigned decimals)
{
    if (!decimals) {
        json_write_int(w, n);
        return;
    }
    uint64_t unit = 1, size = magnitude(n);
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    separate(w);
    if (n < 0)
        buf_add_char(w->out, '-');
    add_number(w->out, size / unit, 1);
    buf_add_char(w->out, '.');
    add_number(w->out, size % unit, decimals);
}

void json_write_bool(struct json_writer *w, bool b)
{
    write_literal(w, b ? "true" : "false");
}

void json_write_null(struct json_writer *w)
{
    write_literal(w, "null");
}
