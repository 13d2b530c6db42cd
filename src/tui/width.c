/* SPDX-License-Identifier: MIT */
/* Columns and cutting; see width.h. */
#include "tui/width.h"

#include <string.h>
#include <wchar.h>

#include "core/text.h"
#include "tui/theme.h"

#define REPLACEMENT 0xFFFDu

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Selectors change the width of the character before in some terminals and in none of the tables:
 * without them all agree. */
static bool is_variation_selector(uint32_t cp)
{
    return (cp >= 0xFE00 && cp <= 0xFE0F) || (cp >= 0xE0100 && cp <= 0xE01EF);
}

int width_next(const char **s, bool ascii, uint32_t *cp)
{
    *s += text_utf8_decode(*s, strlen(*s) < 4 ? strlen(*s) : 4, cp);
    if (ascii) {
        if (*cp < 0x20 || *cp > 0x7E)
            *cp = '?';
        return 1;
    }
    if (is_variation_selector(*cp)) {
        *cp = 0;
        return 0;
    }
    int width = wcwidth((wchar_t)*cp);
    if (width < 0) {
        *cp = REPLACEMENT;
        return 1;
    }
    return width;
}

int width_text(const char *s, bool ascii)
{
    int cols = 0;
    uint32_t cp;
    while (*s)
        cols += width_next(&s, ascii, &cp);
    return cols;
}

/* The end of the longest head of s that fits cols; combining marks stay with their base. */
static const char *head_end(const char *s, int cols, bool ascii, int *used)
{
    *used = 0;
    while (*s) {
        const char *next = s;
        uint32_t cp;
        int width = width_next(&next, ascii, &cp);
        if (*used + width > cols)
            break;
        *used += width;
        s = next;
    }
    return s;
}

/* The start of the longest tail of s, which is `total` columns wide, that fits cols. */
static const char *tail_start(const char *s, int total, int cols, bool ascii, int *used)
{
    int skipped = 0;
    while (*s) {
        const char *next = s;
        uint32_t cp;
        int width = width_next(&next, ascii, &cp);
        if (total - skipped <= cols && (width > 0 || !skipped))
            break;
        skipped += width;
        s = next;
    }
    *used = total - skipped;
    return s;
}

/* "00001-of-00003.gguf" at the end of a name, NULL where there is no such number. */
static const char *shard_number(const char *s)
{
    for (const char *of = s; (of = strstr(of, "-of-")); of++) {
        const char *number = of;
        while (number > s && is_digit(number[-1]))
            number--;
        if (number < of && is_digit(of[4]))
            return number;
    }
    return NULL;
}

/* The number itself does not fit: what tells it apart is its front without zeros. */
static int fit_number(struct buf *out, const char *number, int cols, bool ascii)
{
    while (number[0] == '0' && is_digit(number[1]) && width_text(number, ascii) >= cols)
        number++;
    buf_add_str(out, theme_glyphs(ascii)->ellipsis);
    return 1 + width_fit(out, number, cols - 1, CUT_END, ascii);
}

int width_fit(struct buf *out, const char *s, int cols, enum width_cut cut, bool ascii)
{
    if (cols <= 0)
        return 0;
    int total = width_text(s, ascii);
    if (total <= cols) {
        buf_add_str(out, s);
        return total;
    }
    int room = cols - 1, head = 0, tail = 0;
    int want_tail = cut == CUT_LEFT ? room : cut == CUT_MIDDLE ? room / 2 : 0;
    const char *number = want_tail ? shard_number(s) : NULL;
    int number_cols = number ? width_text(number, ascii) : 0;
    if (number_cols > room)
        return fit_number(out, number, cols, ascii);
    if (number_cols > want_tail)
        want_tail = number_cols;
    const char *end = head_end(s, room - want_tail, ascii, &head);
    const char *start = tail_start(s, total, room - head, ascii, &tail);
    buf_add(out, s, (size_t)(end - s));
    buf_add_str(out, theme_glyphs(ascii)->ellipsis);
    if (cut != CUT_END) {
        buf_add_str(out, start);
        head += tail;
    }
    return head + 1;
}

size_t width_wrap(const char *s, int cols, bool ascii)
{
    size_t line = strcspn(s, "\n");
    int used;
    const char *end = head_end(s, cols > 0 ? cols : 1, ascii, &used);
    if ((size_t)(end - s) >= line)
        return line ? line : *s != '\0';
    const char *cut = end;
    while (cut > s && *cut != ' ')
        cut--;
    if (cut > s)
        return (size_t)(cut - s);
    if (end == s) { /* not even one wide character fits: take it all the same */
        uint32_t cp;
        width_next(&end, ascii, &cp);
    }
    return (size_t)(end - s);
}

int width_lines(const char *s, int cols, bool ascii)
{
    int lines = 0;
    for (; *s; lines++) {
        s += width_wrap(s, cols, ascii);
        s += *s == ' ' || *s == '\n';
    }
    return lines ? lines : 1;
}
