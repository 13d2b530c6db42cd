/* SPDX-License-Identifier: MIT */
/* Sends a body at the asked pace, and breaks it where it was asked to. */
#include "origin/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

#define PIECE_MAX      (128 << 10)
#define CHUNK_HEAD_MAX 16
#define SLOW_RATE      (64 << 10)
/* Paced bodies go out in this many pieces a second. */
#define PACE_HZ 100

enum end { END_WHOLE, END_CUT, END_RESET, END_STALL };

struct limit {
    int64_t at;
    enum end how;
};

/* cut= is used up by the first body that is long enough. */
static int64_t cut_once(struct origin_exchange *x, int64_t size)
{
    int64_t cut = x->fault.cut;
    if (cut < 0 || cut >= size ||
        origin_memory_count(&x->origin->memory, "cut", origin_exchange_key(x)) > 1)
        return -1;
    return cut;
}

static struct limit first_limit(struct origin_exchange *x, int64_t size)
{
    const struct origin_fault *f = &x->fault;
    const struct limit limits[] = {{cut_once(x, size), END_CUT},
                                   {f->cut_every, END_CUT},
                                   {f->rst, END_RESET},
                                   {f->stall, END_STALL}};
    struct limit first = {size, END_WHOLE};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(limits); i++)
        if (limits[i].at >= 0 && limits[i].at < first.at)
            first = limits[i];
    return first;
}

/* Bytes a second; 0: as fast as it goes. */
static int64_t rate_of(const struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    if (f->trickle)
        return 1;
    if (f->slow_conn > 0 && x->conn->number % (uint64_t)f->slow_conn == 0)
        return f->slow_rate > 0 ? f->slow_rate : SLOW_RATE;
    return f->rate > 0 ? f->rate : 0;
}

static int64_t piece_size(int64_t rate)
{
    if (rate == 0 || rate / PACE_HZ > PIECE_MAX)
        return PIECE_MAX;
    return rate / PACE_HZ > 0 ? rate / PACE_HZ : 1;
}

/* When byte `sent` is due, after the start. Does not overflow below 9 GB/s. */
static int64_t due(int64_t sent, int64_t rate)
{
    return sent / rate * CLOCK_SEC + sent % rate * CLOCK_SEC / rate;
}

/* Sends data[0..len) as one chunk; there are CHUNK_HEAD_MAX bytes of room before and 2 behind. */
static bool send_chunk(struct origin_exchange *x, char *data, size_t len)
{
    char head[CHUNK_HEAD_MAX];
    int head_len = snprintf(head, sizeof head, "%zx\r\n", len);
    memcpy(data - head_len, head, (size_t)head_len);
    memcpy(data + len, "\r\n", 2);
    return origin_conn_send(x->conn, data - head_len, len + (size_t)head_len + 2);
}

static bool send_piece(struct origin_exchange *x, int64_t at, char *data, int64_t len)
{
    for (int64_t got = 0; got < len;)
        got += (int64_t)origin_body_read(&x->body, at + got, data + got, (size_t)(len - got));
    if (x->framing == ORIGIN_FRAME_CHUNKED)
        return send_chunk(x, data, (size_t)len);
    return origin_conn_send(x->conn, data, (size_t)len);
}

static bool send_until(struct origin_exchange *x, int64_t end, char *data)
{
    int64_t rate = rate_of(x), piece = piece_size(rate), start = clock_now();
    for (int64_t at = 0; at < end;) {
        int64_t n = end - at < piece ? end - at : piece;
        if (!send_piece(x, at, data, n))
            return false;
        at += n;
        origin_log_sent(&x->origin->log, x->serial, n);
        if (rate > 0 && !origin_conn_sleep(x->conn, start + due(at, rate)))
            return false;
    }
    return true;
}

static bool break_off(struct origin_exchange *x, enum end how)
{
    if (how == END_RESET)
        x->next = ORIGIN_NEXT_RESET;
    return how == END_STALL && origin_conn_sleep(x->conn, ORIGIN_NEVER);
}

static bool send_text(struct origin_exchange *x, const char *text)
{
    return origin_conn_send(x->conn, text, strlen(text));
}

/* What stands behind the data of a chunked body. */
static bool end_chunks(struct origin_exchange *x)
{
    switch (x->fault.length) {
    case LENGTH_CHUNK_GARBAGE:
        return send_text(x, "xyzzy\r\nnonsense\r\n0\r\n\r\n");
    case LENGTH_CHUNK_CUT:
        return send_text(x, "1f");
    case LENGTH_CHUNK_OPEN:
        return true;
    default:
        return send_text(x, "0\r\n\r\n");
    }
}

/* These two break in the middle, so that the client lacks data, not only an end. */
static int64_t whole_size(const struct origin_exchange *x)
{
    int64_t size = origin_body_size(&x->body);
    bool half = x->fault.length == LENGTH_CHUNK_GARBAGE || x->fault.length == LENGTH_CHUNK_CUT;
    return half ? size / 2 : size;
}

bool origin_transmit(struct origin_exchange *x)
{
    struct limit limit = first_limit(x, whole_size(x));
    char *room = xmalloc(CHUNK_HEAD_MAX + PIECE_MAX + 2);
    x->conn->record = x->fault.records > 0 ? (size_t)x->fault.records : 0;
    bool ok = send_until(x, limit.at, room + CHUNK_HEAD_MAX);
    free(room);
    if (ok && limit.how != END_WHOLE)
        ok = break_off(x, limit.how);
    else if (ok && x->framing == ORIGIN_FRAME_CHUNKED)
        ok = end_chunks(x);
    return ok;
}
