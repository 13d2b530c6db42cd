/* SPDX-License-Identifier: MIT */
/* Bars and sparklines; see bar.h. */
#include "tui/bar.h"

static const wchar_t eighths[] = L" ▏▎▍▌▋▊▉█";
static const wchar_t levels[] = L"▁▂▃▄▅▆▇█";
static const wchar_t ascii_levels[] = L"_..--==#";
#define TROUGH L'░'

int bar_share(int64_t value, int64_t total, int scale)
{
    if (value <= 0)
        return 0;
    if (value >= total)
        return scale;
    while (total > INT64_MAX / scale) {
        value >>= 1;
        total >>= 1;
    }
    int share = (int)(value * scale / total);
    return share < scale ? share : scale - 1; /* the shifts may have made them equal */
}

static void ascii_bar(wchar_t *out, int width, int64_t done, int64_t total)
{
    int inner = width - 2;
    out[0] = L'[';
    out[width - 1] = L']';
    if (inner <= 0)
        return;
    int filled = total > 0 ? bar_share(done, total, inner) : 0;
    for (int i = 0; i < inner; i++)
        out[1 + i] = i < filled ? L'=' : L' ';
    if (filled > 0 && filled < inner)
        out[filled] = L'>';
}

void bar_glyphs(wchar_t *out, int width, int64_t done, int64_t total, bool ascii)
{
    if (width <= 0)
        return;
    wmemset(out, L' ', (size_t)width);
    if (total < 0)
        return;
    if (ascii) {
        ascii_bar(out, width, done, total);
        return;
    }
    int filled = total > 0 ? bar_share(done, total, width * 8) : 0;
    for (int i = 0; i < width; i++) {
        int part = filled - i * 8;
        out[i] = part >= 8 ? L'█' : part > 0 ? eighths[part] : TROUGH;
    }
}

void bar_draw(const struct area *a, int y, int x, int width, enum role role, int64_t done,
              int64_t total)
{
    wchar_t glyphs[256];
    if (width > (int)HAUL_ARRAY_LEN(glyphs))
        width = (int)HAUL_ARRAY_LEN(glyphs);
    bar_glyphs(glyphs, width, done, total, a->canvas->ascii);
    for (int i = 0; i < width; i++)
        draw_char(a, y, x + i, glyphs[i] == TROUGH ? ROLE_DIM : role, glyphs[i]);
}

void bar_spark(const struct area *a, int y, int x, int width, enum role role, const int64_t *values,
               size_t count)
{
    if (width <= 0)
        return;
    size_t shown = count < (size_t)width ? count : (size_t)width;
    values += count - shown;
    int64_t top = 1;
    for (size_t i = 0; i < shown; i++)
        if (values[i] > top)
            top = values[i];
    const wchar_t *set = a->canvas->ascii ? ascii_levels : levels;
    for (size_t i = 0; i < shown; i++)
        draw_char(a, y, x + width - (int)shown + (int)i, role, set[bar_share(values[i], top, 7)]);
}
