/* SPDX-License-Identifier: MIT */
/* See content.h. */
#include "integration/content.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"
#include "net/part_state.h"

#define CHUNK 65536
#define LINKS 8

static FILE *open_in(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    free(path);
    return f;
}

static bool same(FILE *f, uint64_t seed, int64_t size)
{
    uint8_t got[CHUNK], want[CHUNK];
    int64_t at = 0;
    size_t n;
    while ((n = fread(got, 1, sizeof got, f)) > 0) {
        if (at + (int64_t)n > size)
            return false;
        origin_content(seed, at, want, n);
        if (memcmp(got, want, n) != 0)
            return false;
        at += (int64_t)n;
    }
    return at == size;
}

enum content content_check(const char *dir, const char *name, uint64_t seed, int64_t size)
{
    FILE *f = open_in(dir, name);
    if (!f)
        return CONTENT_NONE;
    enum content c = same(f, seed, size) ? CONTENT_RIGHT : CONTENT_WRONG;
    fclose(f);
    return c;
}

const char *content_name(enum content c)
{
    static const char *const names[] = {"absent", "right", "wrong"};
    return names[c];
}

void content_checksum(uint64_t seed, int64_t size, char out[72])
{
    uint8_t digest[32];
    origin_sha256(seed, size, digest);
    memcpy(out, "sha256:", 7);
    units_format_hex(digest, sizeof digest, out + 7);
}

int64_t content_size(const char *dir, const char *name)
{
    struct stat st;
    char *path = xasprintf("%s/%s", dir, name);
    int64_t size = lstat(path, &st) ? -1 : st.st_size;
    free(path);
    return size;
}

bool content_exists(const char *dir, const char *name)
{
    return content_size(dir, name) >= 0;
}

bool content_await(const char *dir, const char *name)
{
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    while (!content_exists(dir, name) && clock_now() < end)
        usleep(5000);
    return content_exists(dir, name);
}

int64_t content_recorded(const char *dir, const char *name)
{
    FILE *f = open_in(dir, name);
    if (!f)
        return -1;
    struct part_state state;
    part_state_init(&state);
    char *text = xmalloc(PART_STATE_MAX);
    size_t len = fread(text, 1, PART_STATE_MAX, f);
    int64_t recorded = part_state_parse(text, len, &state) ? ranges_total(&state.have) : -1;
    part_state_release(&state);
    free(text);
    fclose(f);
    return recorded;
}

static void write_in(const char *dir, const char *name, const char *end, const struct buf *text,
                     int64_t size)
{
    char *path = xasprintf("%s/%s%s", dir, name, end);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(text->data, 1, text->len, f) != text->len || fclose(f) || truncate(path, size))
        abort();
    free(path);
}

void content_pretend_part(const char *dir, const char *name, const char *etag, int64_t size)
{
    struct part_state state;
    struct buf text;
    part_state_init(&state);
    buf_init(&text);
    write_in(dir, name, ".part", &text, size);
    state.entity.size = size;
    buf_add_str(&state.entity.etag, etag);
    ranges_add(&state.have, 0, size);
    part_state_format(&state, &text);
    write_in(dir, name, ".part.state", &text, (int64_t)text.len);
    part_state_release(&state);
    buf_release(&text);
}

const char *origin_link(const struct origin *o, const char *format, ...)
{
    static struct buf links[LINKS];
    static unsigned next;
    struct buf *link = &links[next++ % LINKS];
    char *path = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&path, format, args) < 0)
        abort();
    va_end(args);
    if (!link->data)
        buf_init(link);
    buf_truncate(link, 0);
    origin_url(o, path, link);
    free(path);
    return link->data;
}
