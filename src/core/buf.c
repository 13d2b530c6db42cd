/* SPDX-License-Identifier: MIT */
/* A growing byte string; see buf.h. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static char empty[1];

void buf_init(struct buf *b)
{
    buf_init_max(b, BUF_MAX_DEFAULT);
}

void buf_init_max(struct buf *b, size_t max)
{
    *b = (struct buf){.data = empty, .max = max};
}

void buf_release(struct buf *b)
{
    if (b->cap)
        free(b->data);
    b->data = NULL;
    b->len = b->cap = 0;
}

void buf_clear(struct buf *b)
{
    size_t max = b->max;
    buf_release(b);
    buf_init_max(b, max);
}

void buf_truncate(struct buf *b, size_t len)
{
    b->len = len;
    if (b->cap)
        b->data[len] = '\0';
    b->full = false;
}

char *buf_detach(struct buf *b)
{
    char *text = b->cap ? b->data : xstrdup("");
    buf_init_max(b, b->max);
    return text;
}

static void reserve(struct buf *b, size_t need)
{
    if (need < b->cap)
        return;
    size_t cap = b->cap ? b->cap : 64;
    while (cap <= need)
        cap *= 2;
    b->data = xreallocarray(b->cap ? b->data : NULL, cap, 1);
    b->cap = cap;
}

bool buf_add(struct buf *b, const void *data, size_t len)
{
    size_t room = b->max - b->len;
    if (len > room) {
        len = room;
        b->full = true;
    }
    reserve(b, b->len + len);
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return !b->full;
}

bool buf_add_str(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_add_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    bool fits = buf_add(b, text, (size_t)len);
    free(text);
    return fits;
}
