/* SPDX-License-Identifier: MIT */
/* Reads the head of a reply and judges it; see reply.h. */
#include "net/reply.h"

#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/text.h"
#include "core/units.h"

void reply_init(struct reply *r)
{
    *r = (struct reply){.length = -1,
                        .last_modified_ms = -1,
                        .date_ms = -1,
                        .retry_after = -1,
                        .rate_remaining = -1,
                        .rate_reset = -1};
    buf_init_max(&r->etag, 8192);
    buf_init_max(&r->location, 16384);
    buf_init_max(&r->disposition, 8192);
    buf_init_max(&r->retry_text, 64);
    buf_init_max(&r->error_message, 512);
    buf_init_max(&r->error_code, 64);
}

void reply_release(struct reply *r)
{
    buf_release(&r->etag);
    buf_release(&r->location);
    buf_release(&r->disposition);
    buf_release(&r->retry_text);
    buf_release(&r->error_message);
    buf_release(&r->error_code);
}

void reply_clear(struct reply *r)
{
    reply_release(r);
    reply_init(r);
}

static void on_length(struct reply *r, const char *v, size_t len)
{
    int64_t n;
    if (!header_content_length(v, len, &n) || (r->length >= 0 && r->length != n))
        r->malformed = true;
    else
        r->length = n;
}

static void on_range(struct reply *r, const char *v, size_t len)
{
    if (r->has_range || !header_content_range(v, len, &r->range))
        r->bad_range = true;
    r->has_range = true;
}

static void on_etag(struct reply *r, const char *v, size_t len)
{
    if (!header_etag(v, len, &r->etag, &r->etag_weak))
        buf_truncate(&r->etag, 0);
}

static void on_last_modified(struct reply *r, const char *v, size_t len)
{
    if (!header_date(v, len, &r->last_modified_ms))
        r->last_modified_ms = -1;
}

static void on_date(struct reply *r, const char *v, size_t len)
{
    if (!header_date(v, len, &r->date_ms))
        r->date_ms = -1;
}

static void on_encoding(struct reply *r, const char *v, size_t len)
{
    if (len > 0 && !(len == 8 && !strncasecmp(v, "identity", 8)))
        r->encoded = true;
}

static void on_transfer(struct reply *r, const char *v, size_t len)
{
    (void)v;
    r->chunked = len > 0;
}

static void on_type(struct reply *r, const char *v, size_t len)
{
    if (len >= 20 && !strncasecmp(v, "multipart/byteranges", 20))
        r->multipart = true;
    r->html = len >= 9 && !strncasecmp(v, "text/html", 9);
}

static void on_accept(struct reply *r, const char *v, size_t len)
{
    r->accepts_none = len == 4 && !strncasecmp(v, "none", 4);
}

static void on_location(struct reply *r, const char *v, size_t len)
{
    buf_truncate(&r->location, 0);
    buf_add(&r->location, v, len);
    r->locations++;
}

static void on_disposition(struct reply *r, const char *v, size_t len)
{
    if (++r->dispositions > 1 || !header_content_disposition(v, len, &r->disposition))
        buf_truncate(&r->disposition, 0);
}

static void on_retry_after(struct reply *r, const char *v, size_t len)
{
    buf_truncate(&r->retry_text, 0);
    buf_add(&r->retry_text, v, len);
}

/* At the end of the head: the Date that it counts from may stand behind it. */
static void read_retry_after(struct reply *r)
{
    int64_t now = r->date_ms >= 0 ? r->date_ms : clock_wall_ms();
    if (!header_retry_after(r->retry_text.data, r->retry_text.len, now, &r->retry_after))
        r->retry_after = -1;
}

static void on_rate_limit(struct reply *r, const char *v, size_t len)
{
    if (!header_rate_limit(v, len, &r->rate_remaining, &r->rate_reset))
        r->rate_remaining = r->rate_reset = -1;
}

static void on_repr_digest(struct reply *r, const char *v, size_t len)
{
    if (!header_digest(v, len, true, &r->digest))
        return;
}

static void on_digest(struct reply *r, const char *v, size_t len)
{
    if (r->digest.algorithm == DIGEST_NONE && !header_digest(v, len, false, &r->digest))
        return;
}

static void on_error_message(struct reply *r, const char *v, size_t len)
{
    buf_truncate(&r->error_message, 0);
    text_sanitize(&r->error_message, v, len);
}

static void on_error_code(struct reply *r, const char *v, size_t len)
{
    buf_truncate(&r->error_code, 0);
    text_sanitize(&r->error_code, v, len);
}

#define FIELD(name) name, sizeof name - 1

static const struct {
    const char *name;
    size_t len;
    void (*read)(struct reply *r, const char *v, size_t len);
} fields[] = {
    {FIELD("Content-Length"), on_length},
    {FIELD("Content-Range"), on_range},
    {FIELD("ETag"), on_etag},
    {FIELD("Last-Modified"), on_last_modified},
    {FIELD("Date"), on_date},
    {FIELD("Content-Encoding"), on_encoding},
    {FIELD("Transfer-Encoding"), on_transfer},
    {FIELD("Content-Type"), on_type},
    {FIELD("Accept-Ranges"), on_accept},
    {FIELD("Location"), on_location},
    {FIELD("Content-Disposition"), on_disposition},
    {FIELD("Retry-After"), on_retry_after},
    {FIELD("RateLimit"), on_rate_limit},
    {FIELD("Repr-Digest"), on_repr_digest},
    {FIELD("Digest"), on_digest},
    {FIELD("X-Error-Message"), on_error_message},
    {FIELD("X-Error-Code"), on_error_code},
};

static bool status_line(struct reply *r, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    uint64_t status;
    if (!space || (size_t)(space - line) + 4 > len ||
        !units_parse_u64_n(space + 1, 3, 999, &status) || status < 100 ||
        (space + 4 < line + len && space[4] != ' '))
        return false;
    size_t bytes = r->head_bytes;
    reply_clear(r);
    r->head_bytes = bytes;
    r->status = (int)status;
    return true;
}

bool reply_line(struct reply *r, const char *line, size_t len)
{
    r->head_bytes += len;
    if (r->head_bytes > REPLY_HEAD_MAX)
        return false;
    while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    if (len > 5 && !strncasecmp(line, "HTTP/", 5))
        return status_line(r, line, len);
    if (!r->status)
        return false;
    if (!len) {
        if (!r->complete)
            read_retry_after(r);
        r->complete = r->status >= 200;
        return true;
    }
    const char *colon = memchr(line, ':', len);
    if (!colon || r->complete) /* no field; or a trailer, which decides nothing here */
        return true;
    size_t name = (size_t)(colon - line);
    const char *v = colon + 1, *end = line + len;
    while (v < end && (*v == ' ' || *v == '\t'))
        v++;
    while (end > v && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fields); i++)
        if (fields[i].len == name && !strncasecmp(line, fields[i].name, name))
            fields[i].read(r, v, (size_t)(end - v));
    return true;
}

void entity_init(struct entity *e)
{
    *e = (struct entity){.size = -1, .last_modified_ms = -1};
    buf_init_max(&e->etag, 8192);
}

void entity_release(struct entity *e)
{
    buf_release(&e->etag);
}

void entity_clear(struct entity *e)
{
    entity_release(e);
    entity_init(e);
}

void entity_copy(struct entity *to, const struct entity *from)
{
    entity_clear(to);
    to->size = from->size;
    to->etag_weak = from->etag_weak;
    to->last_modified_ms = from->last_modified_ms;
    buf_add(&to->etag, from->etag.data, from->etag.len);
}

static int64_t total_of(const struct reply *r)
{
    if (r->has_range)
        return r->range.total;
    return r->status == 200 ? r->length : -1;
}

void entity_from_reply(struct entity *e, const struct reply *r)
{
    entity_clear(e);
    e->size = total_of(r);
    e->etag_weak = r->etag_weak;
    e->last_modified_ms = r->last_modified_ms;
    buf_add(&e->etag, r->etag.data, r->etag.len);
}

bool entity_has_validator(const struct entity *e)
{
    return e->etag.len || e->last_modified_ms >= 0;
}

bool entity_matches(const struct entity *e, const struct reply *r)
{
    int64_t total = total_of(r);
    if (e->size >= 0 && total >= 0 && e->size != total)
        return false;
    if (e->etag.len && r->etag.len)
        return !strcmp(e->etag.data, r->etag.data);
    if (e->last_modified_ms >= 0 && r->last_modified_ms >= 0)
        return e->last_modified_ms == r->last_modified_ms;
    /* One side names a validator and the other none: nothing says that it is the same file. */
    return !e->etag.len && !r->etag.len && e->last_modified_ms == r->last_modified_ms;
}

static enum verdict broken(const char **why, const char *text)
{
    if (why)
        *why = text;
    return REPLY_BROKEN;
}

static enum verdict judge_range(const struct reply *r, const struct range *asked,
                                const struct entity *known, const char **why)
{
    const struct content_range *got = &r->range;
    if (r->multipart)
        return broken(why, "the server sent several ranges in one reply");
    if (!r->has_range)
        return broken(why, "206 without Content-Range");
    if (r->bad_range || got->unsatisfied)
        return broken(why, "unreadable Content-Range");
    if (!asked)
        return broken(why, "206 to a request without a range");
    if (got->begin != asked->begin)
        return broken(why, "Content-Range starts elsewhere than asked");
    if (got->end > asked->end)
        return broken(why, "Content-Range goes beyond what was asked");
    if (r->length >= 0 && r->length != got->end - got->begin)
        return broken(why, "Content-Length and Content-Range disagree");
    if (known && !entity_matches(known, r))
        return REPLY_CHANGED;
    return REPLY_RANGE;
}

static bool covers_all(const struct reply *r)
{
    const struct content_range *got = &r->range;
    return !r->bad_range && !got->unsatisfied && got->begin == 0 && got->end == got->total &&
           (r->length < 0 || r->length == got->total);
}

static enum verdict judge_200(const struct reply *r, const struct range *asked,
                              const struct entity *known, const char **why)
{
    if (r->multipart && asked)
        return broken(why, "the server sent several ranges in one reply");
    if (r->has_range && asked) /* some mirrors answer a range with 200 and a right Content-Range */
        return judge_range(r, asked, known, why);
    if (r->has_range && !covers_all(r))
        return broken(why, "only a part of the file although all of it was asked for");
    if (known && !entity_matches(known, r))
        return REPLY_CHANGED;
    return REPLY_WHOLE;
}

static enum verdict judge_416(const struct reply *r, const struct range *asked,
                              const struct entity *known)
{
    bool zero = r->has_range && !r->bad_range && r->range.unsatisfied && r->range.total == 0;
    if (zero && asked && asked->begin == 0 && (!known || known->size <= 0))
        return REPLY_EMPTY;
    return REPLY_UNSATISFIED;
}

enum verdict reply_judge(const struct reply *r, const struct range *asked,
                         const struct entity *known, const char **why)
{
    switch (r->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        if (r->locations == 1 && r->location.len && !r->location.full)
            return REPLY_REDIRECT;
        return broken(why, "redirect without a usable Location");
    case 200:
    case 206:
        if (r->malformed)
            return broken(why, "unreadable or contradictory Content-Length");
        if (r->encoded)
            return broken(why, "compressed although identity was asked for");
        return r->status == 206 ? judge_range(r, asked, known, why)
                                : judge_200(r, asked, known, why);
    case 416:
        return judge_416(r, asked, known);
    default:
        if (why)
            *why = "an error status";
        return REPLY_REFUSED;
    }
}
