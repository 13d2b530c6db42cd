/* SPDX-License-Identifier: MIT */
/* Reads and writes the text of a `.part.state` file; see part_state.h. */
#include "net/part_state.h"

#include <openssl/evp.h>
#include <string.h>

#include "core/units.h"

#define MAGIC "haul-part 1\n"

void part_state_init(struct part_state *s)
{
    *s = (struct part_state){0};
    buf_init_max(&s->source, 4096);
    entity_init(&s->entity);
    ranges_init(&s->have);
}

void part_state_release(struct part_state *s)
{
    buf_release(&s->source);
    entity_release(&s->entity);
    ranges_release(&s->have);
}

static void checksum(const char *text, size_t len, char hex[65])
{
    unsigned char sum[32];
    EVP_Digest(text, len, sum, NULL, EVP_sha256(), NULL);
    units_format_hex(sum, sizeof sum, hex);
}

void part_state_format(const struct part_state *s, struct buf *out)
{
    size_t start = out->len;
    char hex[129];
    buf_add_str(out, MAGIC);
    buf_addf(out, "source %s\n", s->source.data);
    buf_addf(out, "size %lld\n", (long long)s->entity.size);
    if (s->entity.etag.len)
        buf_addf(out, "%s %s\n", s->entity.etag_weak ? "weak-etag" : "etag", s->entity.etag.data);
    if (s->entity.last_modified_ms >= 0)
        buf_addf(out, "modified %lld\n", (long long)s->entity.last_modified_ms);
    if (s->digest.algorithm != DIGEST_NONE) {
        units_format_hex(s->digest.bytes, digest_size(s->digest.algorithm), hex);
        buf_addf(out, "digest %s %s\n", digest_name(s->digest.algorithm), hex);
    }
    for (size_t i = 0; i < s->have.count; i++)
        buf_addf(out, "have %lld %lld\n", (long long)s->have.items[i].begin,
                 (long long)s->have.items[i].end);
    checksum(out->data + start, out->len - start, hex);
    buf_addf(out, "end %s\n", hex);
}

struct line {
    const char *value;
    size_t len;
};

static bool number(struct line v, int64_t *out)
{
    uint64_t n;
    if (!units_parse_u64_n(v.value, v.len, INT64_MAX, &n))
        return false;
    *out = (int64_t)n;
    return true;
}

static bool read_source(struct part_state *s, struct line v)
{
    return buf_add(&s->source, v.value, v.len);
}

static bool read_size(struct part_state *s, struct line v)
{
    return number(v, &s->entity.size);
}

static bool read_etag(struct part_state *s, struct line v)
{
    bool weak;
    return header_etag(v.value, v.len, &s->entity.etag, &weak) && !weak;
}

static bool read_weak_etag(struct part_state *s, struct line v)
{
    s->entity.etag_weak = true;
    return read_etag(s, v);
}

static bool read_modified(struct part_state *s, struct line v)
{
    return number(v, &s->entity.last_modified_ms);
}

static bool read_digest(struct part_state *s, struct line v)
{
    const char *blank = memchr(v.value, ' ', v.len);
    if (!blank)
        return false;
    size_t name = (size_t)(blank - v.value), hex = v.len - name - 1;
    for (int a = DIGEST_SHA256; a <= DIGEST_GIT_SHA1; a++) {
        enum digest_algorithm algorithm = (enum digest_algorithm)a;
        if (strlen(digest_name(algorithm)) != name || memcmp(digest_name(algorithm), v.value, name))
            continue;
        char text[129];
        if (hex != 2 * digest_size(algorithm))
            return false;
        memcpy(text, blank + 1, hex);
        text[hex] = '\0';
        s->digest.algorithm = algorithm;
        return units_parse_hex(text, s->digest.bytes, digest_size(algorithm));
    }
    return true; /* an algorithm of a later version */
}

static bool read_have(struct part_state *s, struct line v)
{
    const char *blank = memchr(v.value, ' ', v.len);
    struct range r;
    if (!blank || !number((struct line){v.value, (size_t)(blank - v.value)}, &r.begin) ||
        !number((struct line){blank + 1, (size_t)(v.value + v.len - blank - 1)}, &r.end))
        return false;
    if (r.begin >= r.end || (s->have.count && r.begin <= s->have.items[s->have.count - 1].end))
        return false;
    ranges_add(&s->have, r.begin, r.end);
    return true;
}

static const struct {
    const char *key;
    bool (*read)(struct part_state *s, struct line v);
} keys[] = {
    {"source", read_source},       {"size", read_size},         {"etag", read_etag},
    {"weak-etag", read_weak_etag}, {"modified", read_modified}, {"digest", read_digest},
    {"have", read_have},
};

static bool read_line(struct part_state *s, const char *line, size_t len)
{
    const char *blank = memchr(line, ' ', len);
    if (!blank)
        return false;
    size_t key = (size_t)(blank - line);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++)
        if (strlen(keys[i].key) == key && !memcmp(keys[i].key, line, key))
            return keys[i].read(s, (struct line){blank + 1, len - key - 1});
    return true;
}

/* The body between the magic line and the `end` line, whose checksum must hold. */
static bool frame(const char *text, size_t len, size_t *body)
{
    const size_t tail = strlen("end \n") + 64;
    if (len < strlen(MAGIC) + tail || memcmp(text, MAGIC, strlen(MAGIC)) != 0)
        return false;
    *body = len - tail;
    char hex[65];
    checksum(text, *body, hex);
    return !memcmp(text + *body, "end ", 4) && !memcmp(text + *body + 4, hex, 64) &&
           text[len - 1] == '\n' && text[*body - 1] == '\n';
}

static bool read_body(const char *text, size_t body, struct part_state *s)
{
    for (size_t at = strlen(MAGIC); at < body;) {
        const char *eol = memchr(text + at, '\n', body - at);
        size_t len = (size_t)(eol - (text + at));
        if (!read_line(s, text + at, len))
            return false;
        at += len + 1;
    }
    const struct ranges *have = &s->have;
    return s->entity.size >= 0 &&
           (!have->count || have->items[have->count - 1].end <= s->entity.size);
}

bool part_state_parse(const char *text, size_t len, struct part_state *s)
{
    size_t body;
    if (len <= PART_STATE_MAX && frame(text, len, &body) && read_body(text, body, s))
        return true;
    part_state_release(s);
    part_state_init(s);
    return false;
}
