/* SPDX-License-Identifier: MIT */
/* The ring of notices; see server_notices.h. */
#include "api/server_notices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define COUNT_MAX ((size_t)16384)
#define BYTES_MAX ((size_t)8 << 20)

void notices_init(struct notices *n, uint64_t seq)
{
    *n = (struct notices){.seq = seq};
}

static struct notice *slot(const struct notices *n, size_t i)
{
    return &n->ring[(n->begin + i) % n->room];
}

static void drop_oldest(struct notices *n)
{
    struct notice *oldest = slot(n, 0);
    n->bytes -= oldest->len;
    free(oldest->text);
    n->begin = (n->begin + 1) % n->room;
    n->count--;
    n->first++;
}

void notices_trim(struct notices *n, size_t keep)
{
    while (n->count > keep)
        drop_oldest(n);
}

void notices_release(struct notices *n)
{
    notices_trim(n, 0);
    free(n->ring);
    *n = (struct notices){0};
}

static void grow(struct notices *n)
{
    size_t room = n->room ? 2 * n->room : 64;
    struct notice *ring = xreallocarray(NULL, room, sizeof *ring);
    for (size_t i = 0; i < n->count; i++)
        ring[i] = *slot(n, i);
    free(n->ring);
    n->ring = ring;
    n->room = room;
    n->begin = 0;
}

uint64_t notices_number(struct notices *n)
{
    return ++n->seq;
}

/* A line break in it begins another line of the same event, and never another event. */
static void add_data(struct buf *out, const char *data)
{
    for (;; data++) {
        size_t len = strcspn(data, "\r\n");
        buf_add_str(out, "data: ");
        buf_add(out, data, len);
        buf_add_char(out, '\n');
        data += len;
        if (!*data)
            return;
    }
}

void notices_frame(struct buf *out, const char *name, uint64_t id, const char *data)
{
    if (name)
        buf_addf(out, "event: %s\n", name);
    if (id)
        buf_addf(out, "id: %" PRIu64 "\n", id);
    add_data(out, data);
    buf_add_char(out, '\n');
}

void notices_add(struct notices *n, unsigned kind, const char *job, const char *name,
                 const char *data, bool last)
{
    struct buf text;
    buf_init_max(&text, BUF_UNBOUNDED);
    notices_frame(&text, name, name ? n->seq : 0, data);
    while (n->count && (n->count == COUNT_MAX || n->bytes + text.len > BYTES_MAX))
        drop_oldest(n);
    if (n->count == n->room)
        grow(n);
    struct notice *added = slot(n, n->count++);
    *added = (struct notice){
        .seq = name ? n->seq : n->seq + 1, .kind = kind, .last = last, .len = text.len};
    strncpy(added->job, job, sizeof added->job - 1);
    added->text = buf_detach(&text);
    n->bytes += added->len;
}

uint64_t notices_end(const struct notices *n)
{
    return n->first + n->count;
}

const struct notice *notices_at(const struct notices *n, uint64_t place)
{
    if (place < n->first || place >= notices_end(n))
        return NULL;
    return slot(n, (size_t)(place - n->first));
}

bool notices_find(const struct notices *n, uint64_t seq, uint64_t *place)
{
    if (seq > n->seq || (seq < n->seq && (!n->count || seq + 1 < slot(n, 0)->seq)))
        return false;
    size_t low = 0, high = n->count; /* the first notice of a later event */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slot(n, middle)->seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    *place = n->first + low;
    return true;
}
