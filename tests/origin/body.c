/* SPDX-License-Identifier: MIT */
/* Bodies; see body.h. */
#include "origin/body.h"

#include <string.h>

#include "origin/origin.h"

void origin_body_init(struct origin_body *b)
{
    *b = (struct origin_body){.flip = -1};
    buf_init(&b->before);
    buf_init(&b->behind);
}

void origin_body_release(struct origin_body *b)
{
    buf_release(&b->before);
    buf_release(&b->behind);
}

static int64_t middle_size(const struct origin_body *b)
{
    return b->gzip ? origin_gzip_size(b) : b->length;
}

int64_t origin_body_size(const struct origin_body *b)
{
    return (int64_t)(b->before.len + b->behind.len) + middle_size(b);
}

void origin_body_content(const struct origin_body *b, int64_t at, unsigned char *out, size_t len)
{
    int64_t offset = b->start + at;
    origin_content(b->seed, offset, out, len);
    if (b->flip >= offset && b->flip - offset < (int64_t)len)
        out[b->flip - offset] ^= 0x10;
}

static size_t read_text(const struct buf *text, int64_t at, void *out, size_t len)
{
    size_t left = text->len - (size_t)at;
    size_t n = left < len ? left : len;
    memcpy(out, text->data + at, n);
    return n;
}

static size_t read_middle(struct origin_body *b, int64_t at, void *out, size_t len)
{
    if (b->gzip)
        return origin_gzip_read(b, at, out, len);
    size_t n = b->length - at < (int64_t)len ? (size_t)(b->length - at) : len;
    origin_body_content(b, at, out, n);
    return n;
}

size_t origin_body_read(struct origin_body *b, int64_t at, void *out, size_t len)
{
    if (at < (int64_t)b->before.len)
        return read_text(&b->before, at, out, len);
    at -= (int64_t)b->before.len;
    if (at < middle_size(b))
        return read_middle(b, at, out, len);
    return read_text(&b->behind, at - middle_size(b), out, len);
}
