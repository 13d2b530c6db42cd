/* SPDX-License-Identifier: MIT */
/* UTF-8 and what may be shown of it; see text.h. */
#include "core/text.h"

#include <string.h>

#include "core/text_class.h"

#define REPLACEMENT 0xFFFDu
#define MARKS_MAX   2

/* Length of the character that starts with `lead`, its payload bits, and the smallest code point
 * that needs that length; 0 for a byte that starts none. */
static size_t sequence(unsigned char lead, uint32_t *bits, uint32_t *least)
{
    static const struct {
        unsigned char mask, value;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(forms); i++) {
        if ((lead & forms[i].mask) != forms[i].value)
            continue;
        *bits = lead & (unsigned char)~forms[i].mask;
        *least = forms[i].least;
        return i + 1;
    }
    return 0;
}

/* False where s[0..len) starts with no valid character. */
static bool decode(const char *s, size_t len, uint32_t *cp, size_t *used)
{
    uint32_t value = 0, least = 0;
    size_t need = sequence((unsigned char)s[0], &value, &least);
    if (!need || need > len)
        return false;
    for (size_t i = 1; i < need; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c & 0xC0) != 0x80)
            return false;
        value = value << 6 | (c & 0x3F);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return false;
    *cp = value;
    *used = need;
    return true;
}

size_t text_utf8_decode(const char *s, size_t len, uint32_t *cp)
{
    size_t used = 1;
    if (!decode(s, len, cp, &used))
        *cp = REPLACEMENT;
    return used;
}

bool text_utf8_valid(const char *s, size_t len)
{
    uint32_t cp;
    size_t used;
    for (size_t i = 0; i < len; i += used)
        if (!decode(s + i, len - i, &cp, &used))
            return false;
    return true;
}

void text_utf8_append(struct buf *out, uint32_t cp)
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = REPLACEMENT;
    char bytes[4];
    size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = len - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    bytes[0] = (char)(leads[len - 1] | cp);
    if (out->max - out->len < len)
        out->full = true;
    else
        buf_add(out, bytes, len);
}

size_t text_plain_run(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && s[n] >= ' ' && s[n] <= '~')
        n++;
    return n;
}

void text_sanitize(struct buf *out, const char *s, size_t len)
{
    /* A mark at the start would sit on whatever is shown before it, so it counts as unfit. */
    unsigned marks = 0;
    bool base = false;
    for (size_t i = 0; i < len && !out->full;) {
        uint32_t cp;
        size_t run = text_plain_run(s + i, len - i);
        if (run) {
            buf_add(out, s + i, run);
            marks = 0;
            base = true;
            i += run;
            continue;
        }
        i += text_utf8_decode(s + i, len - i, &cp);
        bool mark = base && text_is_mark(cp);
        marks = mark ? marks + 1 : 0;
        if (marks > MARKS_MAX)
            continue;
        bool fit = mark || (!text_is_mark(cp) && !text_is_unfit(cp));
        text_utf8_append(out, fit ? cp : REPLACEMENT);
        base = true;
    }
}

char *text_sanitized(const char *s)
{
    struct buf out;
    buf_init(&out);
    text_sanitize(&out, s, strlen(s));
    return buf_detach(&out);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_percent_decode(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] != '%') {
            buf_add_char(out, s[i]);
            continue;
        }
        int high = len - i > 2 ? hex_digit(s[i + 1]) : -1;
        int low = len - i > 2 ? hex_digit(s[i + 2]) : -1;
        if (high < 0 || low < 0 || !(high | low))
            return false;
        buf_add_char(out, (char)(high << 4 | low));
        i += 2;
    }
    return !out->full;
}
