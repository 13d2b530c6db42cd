/* SPDX-License-Identifier: MIT */
/*
 * gzip (RFC 1952) with stored blocks (RFC 1951 §3.2.4): valid, of a length known in advance, and no
 * reason to link a compressor.
 */
#include "origin/body.h"

#include <pthread.h>
#include <string.h>

#define HEAD_SIZE   10
#define TAIL_SIZE   8
#define BLOCK_HEAD  5
#define BLOCK_DATA  65535
#define BLOCK_WHOLE (BLOCK_HEAD + BLOCK_DATA)

static uint32_t crc_table[256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
        crc_table[i] = crc;
    }
}

static uint32_t crc_add(uint32_t crc, const unsigned char *data, size_t len)
{
    pthread_once(&crc_once, make_crc_table);
    crc = ~crc;
    for (size_t i = 0; i < len; i++)
        crc = (crc >> 8) ^ crc_table[(crc ^ data[i]) & 0xff];
    return ~crc;
}

/* An empty file still has one block. */
static int64_t block_count(const struct origin_body *b)
{
    return b->length > 0 ? (b->length + BLOCK_DATA - 1) / BLOCK_DATA : 1;
}

static int64_t blocks_size(const struct origin_body *b)
{
    return b->length + block_count(b) * BLOCK_HEAD;
}

int64_t origin_gzip_size(const struct origin_body *b)
{
    return HEAD_SIZE + blocks_size(b) + TAIL_SIZE;
}

static void put_le(unsigned char *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static size_t copy_part(unsigned char *out, size_t len, const unsigned char *part, size_t size,
                        int64_t at)
{
    size_t n = size - (size_t)at < len ? size - (size_t)at : len;
    memcpy(out, part + at, n);
    return n;
}

static size_t read_block(struct origin_body *b, int64_t at, unsigned char *out, size_t len)
{
    int64_t block = at / BLOCK_WHOLE, inside = at % BLOCK_WHOLE;
    int64_t done = block * BLOCK_DATA;
    bool last = block + 1 == block_count(b);
    int64_t size = last ? b->length - done : BLOCK_DATA;
    if (inside < BLOCK_HEAD) {
        unsigned char head[BLOCK_HEAD] = {last ? 1 : 0};
        put_le(head + 1, (uint32_t)size, 2);
        put_le(head + 3, ~(uint32_t)size, 2);
        return copy_part(out, len, head, sizeof head, inside);
    }
    inside -= BLOCK_HEAD;
    size_t n = size - inside < (int64_t)len ? (size_t)(size - inside) : len;
    origin_body_content(b, done + inside, out, n);
    b->crc = crc_add(b->crc, out, n);
    return n;
}

size_t origin_gzip_read(struct origin_body *b, int64_t at, unsigned char *out, size_t len)
{
    static const unsigned char head[HEAD_SIZE] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    if (at < HEAD_SIZE)
        return copy_part(out, len, head, sizeof head, at);
    at -= HEAD_SIZE;
    if (at < blocks_size(b))
        return read_block(b, at, out, len);
    unsigned char tail[TAIL_SIZE];
    put_le(tail, b->crc, 4);
    put_le(tail + 4, (uint32_t)b->length, 4);
    return copy_part(out, len, tail, sizeof tail, at - blocks_size(b));
}
