/* SPDX-License-Identifier: MIT */
/* The config file; see config.h. */
#include "core/config.h"

#include <stdbool.h>
#include <string.h>

#include "core/buf.h"
#include "core/lines.h"

/* Reads the quoted value at s[0..len) into out; what may follow it is a comment. NULL, or why it
 * is refused. */
static const char *read_quoted(struct buf *out, const char *s, size_t len)
{
    char quote = s[0];
    size_t i = 1;
    while (i < len && s[i] != quote) {
        bool escape = quote == '"' && s[i] == '\\';
        if (escape && (i + 1 == len || !strchr("\"\\", s[i + 1])))
            return "only \\\" and \\\\ may follow a backslash in quotes";
        i += escape ? 1 : 0;
        buf_add_char(out, s[i++]);
    }
    if (i == len)
        return "the closing quote is missing";
    const char *rest = s + i + 1;
    size_t left = len - i - 1;
    lines_trim(&rest, &left);
    return left && rest[0] != '#' ? "there is text behind the closing quote" : NULL;
}

static void read_plain(struct buf *out, const char *s, size_t len)
{
    size_t end = 0;
    while (end < len && !(s[end] == '#' && (!end || s[end - 1] == ' ' || s[end - 1] == '\t')))
        end++;
    lines_trim(&s, &end);
    buf_add(out, s, end);
}

/* Cuts "key = value" in two. NULL, or why it is refused. */
static const char *read_pair(const char *line, size_t len, struct buf *key, struct buf *value)
{
    const char *equals = memchr(line, '=', len);
    if (!equals)
        return "expected NAME = VALUE";
    const char *s = line;
    size_t key_len = (size_t)(equals - line);
    lines_trim(&s, &key_len);
    buf_add(key, s, key_len);
    if (!key_len || key->data[0] == '-' ||
        strspn(key->data, "abcdefghijklmnopqrstuvwxyz0123456789-.") != key_len)
        return "expected the long name of an option, without dashes in front, then = VALUE";
    s = equals + 1;
    size_t value_len = len - (size_t)(s - line);
    lines_trim(&s, &value_len);
    if (value_len && (s[0] == '"' || s[0] == '\''))
        return read_quoted(value, s, value_len);
    read_plain(value, s, value_len);
    return NULL;
}

static enum haul_error parse_line(const struct lines *l, const char *name, config_pair_fn pair,
                                  void *data, struct haul_fault *fault)
{
    struct buf key, value;
    buf_init(&key);
    buf_init(&value);
    struct haul_fault cause = {0};
    enum haul_error rc = HAUL_OK;
    const char *why = read_pair(l->line, l->len, &key, &value);
    if (why)
        rc = fault_set(&cause, HAUL_ERR_USAGE, "%s", why);
    else
        rc = pair(data, key.data, value.data, l->number, &cause);
    if (rc != HAUL_OK)
        fault_set(fault, rc, "%s:%u: %s", name, l->number, cause.message);
    buf_release(&key);
    buf_release(&value);
    return rc;
}

enum haul_error config_parse(const char *name, const char *text, size_t len, config_pair_fn pair,
                             void *data, struct haul_fault *fault)
{
    struct lines l;
    enum haul_error rc = HAUL_OK;
    lines_init(&l, text, len);
    while (rc == HAUL_OK && lines_next(&l)) {
        const char *s = l.line;
        size_t left = l.len;
        lines_trim(&s, &left);
        if (!left || s[0] == '#')
            continue;
        rc = lines_check(&l, name, fault);
        if (rc == HAUL_OK)
            rc = parse_line(&l, name, pair, data, fault);
    }
    return rc;
}
