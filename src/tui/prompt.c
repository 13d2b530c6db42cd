/* SPDX-License-Identifier: MIT */
/* Line editing as people know it from shells; see prompt.h. */
#include "tui/prompt.h"

#include <string.h>

#include "core/text.h"
#include "tui/keys.h"

/* What is left for the input, where the label is long. */
#define INPUT_COLS 22

void prompt_init(struct prompt *p)
{
    *p = (struct prompt){0};
    buf_init_max(&p->text, PROMPT_MAX);
}

void prompt_release(struct prompt *p)
{
    buf_release(&p->text);
    p->label = NULL;
}

void prompt_open(struct prompt *p, const char *label, const char *text)
{
    p->label = label;
    buf_truncate(&p->text, 0);
    buf_add_str(&p->text, text ? text : "");
    p->cursor = p->text.len;
}

void prompt_close(struct prompt *p)
{
    buf_truncate(&p->text, 0);
    p->cursor = 0;
    p->label = NULL;
}

/* Marks belong to the character before them. */
static bool is_mark(const struct prompt *p, size_t at)
{
    const char *s = p->text.data + at;
    uint32_t cp;
    return at < p->text.len && width_next(&s, false, &cp) == 0;
}

static size_t before(const struct prompt *p, size_t at)
{
    do
        while (at > 0 && ((unsigned char)p->text.data[--at] & 0xC0) == 0x80)
            ;
    while (at > 0 && is_mark(p, at));
    return at;
}

static size_t after(const struct prompt *p, size_t at)
{
    uint32_t cp;
    do
        at += at < p->text.len ? text_utf8_decode(p->text.data + at, p->text.len - at, &cp) : 0;
    while (is_mark(p, at));
    return at;
}

static void delete_range(struct prompt *p, size_t from, size_t to)
{
    if (from >= to)
        return;
    memmove(p->text.data + from, p->text.data + to, p->text.len - to);
    buf_truncate(&p->text, p->text.len - (to - from));
    p->cursor = from;
}

static void insert(struct prompt *p, uint32_t cp)
{
    struct buf tail;
    buf_init(&tail);
    buf_add(&tail, p->text.data + p->cursor, p->text.len - p->cursor);
    if (p->text.len + 4 <= p->text.max) {
        buf_truncate(&p->text, p->cursor);
        text_utf8_append(&p->text, cp);
        p->cursor = p->text.len;
        buf_add(&p->text, tail.data, tail.len);
    }
    buf_release(&tail);
}

static size_t word_start(const struct prompt *p)
{
    size_t at = p->cursor;
    while (at > 0 && p->text.data[at - 1] == ' ')
        at--;
    while (at > 0 && p->text.data[at - 1] != ' ')
        at--;
    return at;
}

#define CTRL(c) ((c) - '@')

bool prompt_key(struct prompt *p, uint32_t key)
{
    switch (key) {
    case UI_KEY_LEFT:
        p->cursor = before(p, p->cursor);
        return true;
    case UI_KEY_RIGHT:
        p->cursor = after(p, p->cursor);
        return true;
    case UI_KEY_HOME:
    case CTRL('A'):
        p->cursor = 0;
        return true;
    case UI_KEY_END:
    case CTRL('E'):
        p->cursor = p->text.len;
        return true;
    case UI_KEY_BACKSPACE:
        delete_range(p, before(p, p->cursor), p->cursor);
        return true;
    case UI_KEY_DELETE:
    case CTRL('D'):
        delete_range(p, p->cursor, after(p, p->cursor));
        return true;
    case CTRL('U'):
        delete_range(p, 0, p->cursor);
        return true;
    case CTRL('K'):
        delete_range(p, p->cursor, p->text.len);
        return true;
    case CTRL('W'):
        delete_range(p, word_start(p), p->cursor);
        return true;
    default:
        break;
    }
    if (key < 0x20 || key >= UI_KEY_SPECIAL)
        return false;
    insert(p, key);
    return true;
}

void prompt_paste(struct prompt *p, uint32_t cp)
{
    if (cp == '\r')
        cp = '\n';
    if (cp == '\t')
        cp = ' ';
    if (cp == '\n' || (cp >= 0x20 && cp < UI_KEY_SPECIAL))
        insert(p, cp);
}

size_t prompt_lines(const struct prompt *p)
{
    size_t lines = 0;
    const char *s = p->text.data;
    while (*s) {
        size_t len = strcspn(s, "\n");
        lines += len > 0;
        s += len + (s[len] == '\n');
    }
    return lines;
}

/* The start of what is shown: enough is left out that the cursor fits. */
static const char *visible(const struct prompt *p, int cols, bool ascii)
{
    const char *start = p->text.data, *cursor = p->text.data + p->cursor;
    int width = 0;
    uint32_t cp;
    for (const char *s = start; s < cursor;)
        width += width_next(&s, ascii, &cp);
    while (width >= cols && start < cursor)
        width -= width_next(&start, ascii, &cp);
    return start;
}

/* A line end in the text, as a character of one column. */
static uint32_t line_end(bool ascii)
{
    return ascii ? '|' : 0x21B5;
}

/* On a narrow screen the label makes room for what is typed. */
static int draw_label(const struct prompt *p, const struct area *a, int y)
{
    int room = a->cols - (a->cols < 2 * INPUT_COLS ? a->cols / 2 : INPUT_COLS) - 2;
    int x = 2 + draw_fit(a, y, 1, room, ROLE_TITLE, CUT_END, p->label);
    size_t lines = strchr(p->text.data, '\n') ? prompt_lines(p) : 1;
    if (lines > 1)
        x += draw_textf(a, y, x, ROLE_MARK, "%zu lines ", lines);
    return x;
}

void prompt_draw(const struct prompt *p, const struct area *a, int y)
{
    bool ascii = a->canvas->ascii;
    int x = draw_label(p, a, y), at = x;
    const char *cursor = p->text.data + p->cursor;
    struct buf line;
    buf_init(&line);
    for (const char *s = visible(p, a->cols - x - 1, ascii); *s && at < a->cols;) {
        if (s == cursor)
            draw_cursor(a, y, at);
        uint32_t cp;
        bool end = *s == '\n';
        at += width_next(&s, ascii, &cp);
        text_utf8_append(&line, end ? line_end(ascii) : cp);
    }
    if (!*cursor)
        draw_cursor(a, y, at);
    draw_text(a, y, x, ROLE_NORMAL, line.data);
    buf_release(&line);
}
