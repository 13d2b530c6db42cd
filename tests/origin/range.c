/* SPDX-License-Identifier: MIT */
/* Ranges (RFC 9110 §14) and the ways to get them wrong. */
#include "origin/exchange.h"

#include <inttypes.h>
#include <string.h>

#include "core/units.h"

/* How far cr=early and cr=late are off. */
#define CR_OFF 16

struct range {
    int64_t first, last;
};

enum verdict { RANGE_IGNORED, RANGE_GOOD, RANGE_UNSATISFIABLE };

static bool parse_number(const char *text, size_t len, int64_t *out)
{
    uint64_t n;
    if (!units_parse_u64_n(text, len, INT64_MAX, &n))
        return false;
    *out = (int64_t)n;
    return true;
}

/* "bytes=-N" */
static enum verdict parse_suffix(const char *text, int64_t size, struct range *range)
{
    int64_t n;
    if (!parse_number(text, strlen(text), &n))
        return RANGE_IGNORED;
    *range = (struct range){n < size ? size - n : 0, size - 1};
    return n > 0 && size > 0 ? RANGE_GOOD : RANGE_UNSATISFIABLE;
}

/* Bad syntax and lists of ranges are ignored, as RFC 9110 §14.2 allows. */
static enum verdict parse_range(const char *text, int64_t size, struct range *range)
{
    if (strncmp(text, "bytes=", 6))
        return RANGE_IGNORED;
    text += 6;
    size_t dash = strcspn(text, "-");
    if (!text[dash])
        return RANGE_IGNORED;
    const char *end = text + dash + 1;
    if (dash == 0)
        return parse_suffix(end, size, range);
    range->last = INT64_MAX;
    if (!parse_number(text, dash, &range->first) ||
        (*end && !parse_number(end, strlen(end), &range->last)) || range->last < range->first)
        return RANGE_IGNORED;
    if (range->first >= size)
        return RANGE_UNSATISFIABLE;
    if (range->last >= size)
        range->last = size - 1;
    return RANGE_GOOD;
}

/* RFC 9110 §13.1.5: a strong tag or the exact date. */
static bool if_range_holds(const struct origin_exchange *x)
{
    const char *value = origin_request_header(x->request, "If-Range");
    if (!value || x->fault.ifrange == IFRANGE_IGNORE)
        return true;
    if (x->fault.ifrange == IFRANGE_ALWAYS200)
        return false;
    if (x->etag && x->etag[0] == '"' && !strcmp(value, x->etag))
        return true;
    return x->last_modified && !strcmp(value, x->last_modified);
}

static bool server_ignores_ranges(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    int64_t first = f->probe206 ? 1 : f->range200;
    if (f->no_ranges || f->gzip == GZIP_BODY)
        return true;
    return first >= 0 &&
           origin_memory_count(&x->origin->memory, "range", origin_exchange_key(x)) > first;
}

static enum verdict judge(struct origin_exchange *x, struct range *range)
{
    const char *text = origin_request_header(x->request, "Range");
    if (!text || strcmp(x->request->method, "GET") || server_ignores_ranges(x) ||
        !if_range_holds(x))
        return RANGE_IGNORED;
    enum verdict verdict = parse_range(text, x->size, range);
    if (x->fault.r416 == R416_ALWAYS)
        return RANGE_UNSATISFIABLE;
    if (verdict == RANGE_UNSATISFIABLE && x->fault.r416 == R416_FULL)
        return RANGE_IGNORED;
    return verdict;
}

static void answer_416(struct origin_exchange *x)
{
    origin_answer_begin(x, 416);
    if (x->fault.r416 != R416_BARE)
        origin_answer_header(x, "Content-Range: bytes */%" PRId64,
                             x->size + (x->fault.r416 == R416_WRONG));
}

static void add_content_range(struct origin_exchange *x, struct range r)
{
    int64_t size = x->size;
    switch (x->fault.cr) {
    case CR_MISSING:
        return;
    case CR_STAR:
        origin_answer_header(x, "Content-Range: bytes %" PRId64 "-%" PRId64 "/*", r.first, r.last);
        return;
    case CR_GARBAGE:
        origin_answer_header(x, "Content-Range: bytes one-two/three");
        return;
    case CR_WRONG_START:
        r.first++;
        break;
    case CR_WRONG_END:
        r.last++;
        break;
    case CR_WRONG_TOTAL:
        size++;
        break;
    default:
        break;
    }
    origin_answer_header(x, "Content-Range: %s %" PRId64 "-%" PRId64 "/%" PRId64,
                         x->fault.cr == CR_BAD_UNIT ? "octets" : "bytes", r.first, r.last, size);
}

/* Moves what is sent; early and late say so in the header, shift does not. */
static struct range moved(const struct origin_exchange *x, struct range r)
{
    if (x->fault.max_range > 0 && r.last - r.first >= x->fault.max_range)
        r.last = r.first + x->fault.max_range - 1;
    if (x->fault.cr == CR_EARLY)
        r.first -= r.first < CR_OFF ? r.first : CR_OFF;
    if (x->fault.cr == CR_LATE && r.last - r.first > CR_OFF)
        r.first += CR_OFF;
    return r;
}

static void wrap_multipart(struct origin_exchange *x, struct range r)
{
    buf_addf(&x->body.before,
             "--haul-origin\r\nContent-Type: application/octet-stream\r\n"
             "Content-Range: bytes %" PRId64 "-%" PRId64 "/%" PRId64 "\r\n\r\n",
             r.first, r.last, x->size);
    buf_add_str(&x->body.behind, "\r\n--haul-origin--\r\n");
}

static void answer_206(struct origin_exchange *x, struct range asked)
{
    struct range r = moved(x, asked);
    origin_answer_begin(x, x->fault.cr200 ? 200 : 206);
    x->body.start = r.first + (x->fault.cr == CR_SHIFT);
    x->body.length = r.last - r.first + 1;
    if (x->fault.multipart206)
        wrap_multipart(x, r);
    else
        add_content_range(x, r);
}

void origin_range_apply(struct origin_exchange *x)
{
    struct range range;
    switch (judge(x, &range)) {
    case RANGE_IGNORED:
        origin_answer_begin(x, 200);
        x->body.length = x->size;
        return;
    case RANGE_GOOD:
        answer_206(x, range);
        return;
    case RANGE_UNSATISFIABLE:
        answer_416(x);
        return;
    }
}
