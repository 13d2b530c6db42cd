/* SPDX-License-Identifier: MIT */
/* Text by terminal columns; see columns.h. */
#include "cli/columns.h"

#include <string.h>
#include <wchar.h>

#include "core/text.h"

/* One character: its length in bytes and its columns. */
static size_t step(const char *text, bool ascii, size_t *columns)
{
    uint32_t cp;
    size_t len = text_utf8_decode(text, strnlen(text, 4), &cp);
    int width = ascii || cp < 0x80 ? 1 : wcwidth((wchar_t)cp);
    *columns = width < 0 ? 1 : (size_t)width;
    return len;
}

static void add_char(struct buf *out, const char *text, size_t len, bool ascii)
{
    if (ascii && len > 1)
        buf_add_char(out, '?');
    else
        buf_add(out, text, len);
}

size_t columns_of(const char *text, bool ascii)
{
    size_t sum = 0, columns;
    while (*text) {
        text += step(text, ascii, &columns);
        sum += columns;
    }
    return sum;
}

/* Appends characters up to `max` columns. */
static size_t add_head(struct buf *out, const char *text, size_t max, bool ascii)
{
    size_t used = 0;
    while (*text) {
        size_t columns, len = step(text, ascii, &columns);
        if (used + columns > max)
            break;
        add_char(out, text, len, ascii);
        used += columns;
        text += len;
    }
    return used;
}

size_t columns_add(struct buf *out, const char *text, size_t max, bool ascii)
{
    size_t all = columns_of(text, ascii);
    if (all <= max || max < 3)
        return add_head(out, text, max, ascii);
    size_t tail = (max - 1) / 2, columns;
    size_t used = add_head(out, text, max - 1 - tail, ascii);
    buf_add_str(out, ascii ? "~" : "\u2026");
    while (all > tail) {
        text += step(text, ascii, &columns);
        all -= columns;
    }
    return used + 1 + add_head(out, text, all, ascii);
}

void columns_pad(struct buf *out, const char *text, size_t width, bool ascii)
{
    size_t used = columns_add(out, text, width, ascii);
    buf_addf(out, "%*s", (int)(width - used), "");
}
