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

static void add_quoted(struct buf *out, const char *s)
{
    size_t len = strlen(s);
    buf_add_char(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        i += text_utf8_decode(s + i, len - i, &cp);
        add_character(out, cp);
    }
    buf_add_char(out, '"');
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
    buf_addf(w->out, "%" PRId64, n);
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
    uint64_t unit = 1, size = n < 0 ? -(uint64_t)n : (uint64_t)n;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    separate(w);
    buf_addf(w->out, "%s%" PRIu64 ".%0*" PRIu64, n < 0 ? "-" : "", size / unit, (int)decimals,
             size % unit);
}

void json_write_bool(struct json_writer *w, bool b)
{
    write_literal(w, b ? "true" : "false");
}

void json_write_null(struct json_writer *w)
{
    write_literal(w, "null");
}
