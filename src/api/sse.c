/* SPDX-License-Identifier: MIT */
/* The parser of event streams; see sse.h. */
#include "api/sse.h"

#include <string.h>

#define NAME_MAX_BYTES ((size_t)256)

void sse_init(struct sse *s, void (*event)(void *, const char *, const char *, const char *),
              void *context)
{
    *s = (struct sse){.event = event, .context = context};
    buf_init_max(&s->line, SSE_DATA_MAX);
    buf_init_max(&s->name, NAME_MAX_BYTES);
    buf_init_max(&s->id, NAME_MAX_BYTES);
    buf_init_max(&s->data, SSE_DATA_MAX);
}

void sse_release(struct sse *s)
{
    buf_release(&s->line);
    buf_release(&s->name);
    buf_release(&s->id);
    buf_release(&s->data);
}

static void dispatch(struct sse *s)
{
    if (s->has_data)
        s->event(s->context, s->name.data, s->id.data, s->data.data);
    buf_truncate(&s->name, 0);
    buf_truncate(&s->data, 0);
    s->has_data = false;
}

static bool set(struct buf *field, const char *value)
{
    buf_truncate(field, 0);
    return buf_add_str(field, value);
}

static bool field(struct sse *s, const char *name, size_t len, const char *value)
{
    if (len == 4 && !memcmp(name, "data", 4)) {
        bool fits = !s->has_data || buf_add_char(&s->data, '\n');
        s->has_data = true;
        return buf_add_str(&s->data, value) && fits;
    }
    if (len == 5 && !memcmp(name, "event", 5))
        return set(&s->name, value);
    if (len == 2 && !memcmp(name, "id", 2))
        return set(&s->id, value);
    return true; /* a comment, retry, or something new */
}

static bool take_line(struct sse *s)
{
    const char *line = s->line.data;
    bool good = true;
    if (!*line) {
        dispatch(s);
    } else {
        size_t len = strcspn(line, ":");
        const char *value = line + len + (line[len] == ':');
        good = field(s, line, len, value + (*value == ' '));
    }
    buf_truncate(&s->line, 0);
    return good;
}

bool sse_feed(struct sse *s, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    while (bytes < end) {
        if (s->after_cr && *bytes == '\n') /* CR LF is one end of a line */
            bytes++;
        s->after_cr = false;
        const char *stop = bytes;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        if (!buf_add(&s->line, bytes, (size_t)(stop - bytes)))
            return false;
        if (stop == end)
            break;
        s->after_cr = *stop == '\r';
        if (!take_line(s))
            return false;
        bytes = stop + 1;
    }
    return true;
}
