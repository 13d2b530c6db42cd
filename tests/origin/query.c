/* SPDX-License-Identifier: MIT */
/* Queries of URLs; see query.h. */
#include "origin/query.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/units.h"

void origin_query_init(struct origin_query *q)
{
    *q = (struct origin_query){0};
}

void origin_query_release(struct origin_query *q)
{
    for (size_t i = 0; i < q->count; i++) {
        free(q->pairs[i].name);
        free(q->pairs[i].value);
    }
    free(q->pairs);
    origin_query_init(q);
}

static char *decoded(const char *text, size_t len)
{
    struct buf out;
    buf_init(&out);
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)text[i];
        char digits[3] = {0};
        if (byte == '%' && len - i > 2) {
            memcpy(digits, text + i + 1, 2);
            i += units_parse_hex(digits, &byte, 1) ? 2 : 0;
        }
        buf_add_char(&out, (char)byte);
    }
    return buf_detach(&out);
}

void origin_query_add(struct origin_query *q, const char *text)
{
    while (text && *text) {
        size_t len = strcspn(text, "&");
        size_t name = strcspn(text, "=&");
        size_t value = name < len ? name + 1 : len;
        if (len > 0) {
            q->pairs = xreallocarray(q->pairs, q->count + 1, sizeof *q->pairs);
            q->pairs[q->count].name = decoded(text, name);
            q->pairs[q->count++].value = decoded(text + value, len - value);
        }
        text += len + (text[len] == '&');
    }
}

const char *origin_query_get(const struct origin_query *q, const char *name)
{
    for (size_t i = q->count; i > 0; i--)
        if (!strcmp(q->pairs[i - 1].name, name))
            return q->pairs[i - 1].value;
    return NULL;
}

const char *origin_query_next(const struct origin_query *q, const char *name, size_t *i)
{
    while (*i < q->count) {
        const struct origin_pair *pair = &q->pairs[(*i)++];
        if (!strcmp(pair->name, name))
            return pair->value;
    }
    return NULL;
}

static bool contains(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

static void add_encoded(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~:/,", *text))
            buf_add_char(out, *text);
        else
            buf_addf(out, "%%%02X", (unsigned char)*text);
    }
}

void origin_query_write(const struct origin_query *q, const char *const *without, struct buf *out)
{
    for (size_t i = 0; i < q->count; i++) {
        if (contains(without, q->pairs[i].name))
            continue;
        add_encoded(out, q->pairs[i].name);
        buf_add_char(out, '=');
        add_encoded(out, q->pairs[i].value);
        buf_add_char(out, '&');
    }
}
