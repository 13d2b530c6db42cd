/* SPDX-License-Identifier: MIT */
/*
 * The head of a reply, and the verdict on it before its first body byte is written. libcurl checks
 * neither a 206 nor its Content-Range, so everything that could mix two files is decided here.
 */
#ifndef HAUL_NET_REPLY_H
#define HAUL_NET_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"
#include "net/http_header.h"
#include "net/ranges.h"

/* More header bytes than this is an attack or a broken server. */
#define REPLY_HEAD_MAX ((size_t)256 << 10)

struct reply {
    int status;
    size_t head_bytes; /* of all heads of this request, 1xx too */
    bool complete;     /* the empty line was seen */
    bool malformed;    /* a field that must be right is not: contradictory or unreadable length */
    int64_t length;    /* Content-Length, -1 absent */
    bool chunked;
    bool has_range, bad_range;
    struct content_range range;
    struct buf etag;
    bool etag_weak;
    int64_t last_modified_ms, date_ms; /* -1 absent */
    bool encoded;                      /* Content-Encoding other than identity */
    bool multipart;                    /* multipart/byteranges: several ranges in one body */
    bool html;
    bool accepts_none; /* Accept-Ranges: none */
    struct buf location;
    int locations;
    struct buf disposition; /* decoded file name, not yet safe */
    int dispositions;
    struct buf retry_text;              /* Retry-After as sent */
    int64_t retry_after;                /* ns, -1 absent; known once complete */
    int64_t rate_remaining, rate_reset; /* -1 absent; seconds */
    struct digest_value digest;
    struct buf error_message; /* X-Error-Message and the like, for the fault */
    struct buf error_code;    /* X-Error-Code: what the Hub and its mirrors call the error */
};

void reply_init(struct reply *r);
void reply_release(struct reply *r);
void reply_clear(struct reply *r);

/* Feeds one header line as libcurl gives it (with CRLF). A status line starts the head anew. False:
 * the head is too large or no head at all; stop the request. */
bool reply_line(struct reply *r, const char *line, size_t len);

/* What the bytes belong to: two replies are of one file when their entities agree. */
struct entity {
    int64_t size; /* -1 unknown */
    struct buf etag;
    bool etag_weak;
    int64_t last_modified_ms; /* -1 unknown */
};
void entity_init(struct entity *e);
void entity_release(struct entity *e);
void entity_clear(struct entity *e);
void entity_copy(struct entity *to, const struct entity *from);
/* Takes size and validators from a reply with a body. */
void entity_from_reply(struct entity *e, const struct reply *r);
/* Something a later reply can be held against: an ETag or a modification time. */
bool entity_has_validator(const struct entity *e);
/* Whether the reply's validators and total are those of *e. A changed weak tag is a change. */
bool entity_matches(const struct entity *e, const struct reply *r);

enum verdict {
    REPLY_RANGE,       /* 206 (or 200 with Content-Range) for just the range that was asked */
    REPLY_WHOLE,       /* 200: the whole file from its first byte (a Content-Range may say so) */
    REPLY_REDIRECT,    /* 301 302 303 307 308 with a Location */
    REPLY_EMPTY,       /* 416 of an empty file */
    REPLY_UNSATISFIED, /* 416: our range is not in the file any more */
    REPLY_CHANGED,     /* another entity than before */
    REPLY_REFUSED,     /* a status that is an error */
    REPLY_BROKEN       /* breaks the protocol in a way that could mix bytes */
};

/*
 * Judges a complete head. `asked`: the range of the request (end may be INT64_MAX: to the end),
 * NULL for a request without Range. `known`: the entity of the file so far, NULL for the first
 * reply. On REPLY_REFUSED and REPLY_BROKEN *why (may be NULL) gets a static text for people.
 */
enum verdict reply_judge(const struct reply *r, const struct range *asked,
                         const struct entity *known, const char **why);

#endif
