/* SPDX-License-Identifier: MIT */
/*
 * All options of a URL's query, in one table: it declares struct origin_fault, drives the parser
 * and is what `haul-origin --help` prints. Values are percent-decoded once.
 *
 * An option of the groups THING, ACCESS and SUMS always holds. All others are faults: with
 * `after=N` they leave the first N requests of the path alone, with `times=K` they end after K
 * more.
 *
 * Kinds: FLAG (name alone), BYTES (64M), COUNT, MILLIS (kept as ns), WORD (one of a list, the
 * first is the default), TEXT (as it stands; some may be given more than once).
 */
#ifndef HAUL_TESTS_ORIGIN_FAULT_H
#define HAUL_TESTS_ORIGIN_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "origin/query.h"

/* KIND, GROUP, field, name, argument or words (separated by '|'), help */
#define ORIGIN_OPTIONS(X)                                                                          \
    X(BYTES, THING, size, "size", "BYTES", "size of the file; 1M if not given")                    \
    X(COUNT, THING, seed, "seed", "N", "its content follows from this; 0 if not given")            \
    X(WORD, THING, etag, "etag", "strong|weak|none|per-request|per-connection",                    \
      "ETag; it follows from seed and size")                                                       \
    X(TEXT, THING, etag_raw, "etag-raw", "TEXT", "ETag of exactly this value")                     \
    X(TEXT, THING, lm, "lm", "none|DATE", "Last-Modified")                                         \
    X(TEXT, THING, type, "type", "TEXT", "Content-Type")                                           \
    X(TEXT, THING, cd, "cd", "TEXT", "Content-Disposition, raw; repeat it for two headers")        \
    X(TEXT, THING, header, "header", "NAME:VALUE", "any other header, raw; may be repeated")       \
    X(TEXT, THING, repr_digest, "repr-digest", "good|bad|sha-512", "Repr-Digest (RFC 9530)")       \
    X(TEXT, THING, digest, "digest", "good|bad", "Digest: SHA-256=... (RFC 3230)")                 \
    X(TEXT, THING, content_md5, "content-md5", "good|bad", "Content-MD5 (RFC 1864)")               \
    X(COUNT, THING, change_after, "change-after", "N",                                             \
      "after N requests the file is another: seed+1, so a new ETag")                               \
    X(BYTES, THING, change_size, "change-size", "BYTES", "... and it has this size then")          \
    X(TEXT, THING, key, "key", "TEXT", "count requests under this name, not the path")             \
    X(COUNT, THING, after, "after", "N", "faults begin after N requests")                          \
    X(COUNT, THING, times, "times", "K", "faults end after K requests")                            \
    X(TEXT, ACCESS, need_auth, "need-auth", "TOKEN", "401 unless 'Authorization: Bearer TOKEN'")   \
    X(TEXT, ACCESS, need_basic, "need-basic", "USER:PASS", "401 unless Basic authorization")       \
    X(FLAG, ACCESS, need_no_auth, "need-no-auth", "", "400 if there is an Authorization")          \
    X(COUNT, ACCESS, sign, "sign", "CODE",                                                         \
      "redirect with CODE to /signed/NAME, which keeps the other options")                         \
    X(MILLIS, ACCESS, ttl, "ttl", "MS", "the signed link answers 403 after MS")                    \
    X(COUNT, ACCESS, uses, "uses", "N", "the signed link answers 403 after N requests")            \
    X(FLAG, ACCESS, sign_sibling, "sign-sibling", "", "the signed link is on the sibling's port")  \
    X(COUNT, ACCESS, expires, "expires", "TIME", "(in signed links: when they end)")               \
    X(TEXT, ACCESS, ticket, "ticket", "TEXT", "(in signed links: what counts their uses)")         \
    X(TEXT, SUMS, file, "file", "NAME,SIZE,SEED", "a line of /sums; repeat it")                    \
    X(WORD, SUMS, style, "style", "gnu|binary|bsd|bare", "form of the lines")                      \
    X(FLAG, SUMS, bad, "bad", "", "all digests are wrong")                                         \
    X(FLAG, RANGE, no_ranges, "no-ranges", "", "Accept-Ranges: none, always 200")                  \
    X(COUNT, RANGE, range200, "range200", "N", "Range is ignored after the first N requests")      \
    X(FLAG, RANGE, probe206, "probe206", "", "206 for the first request only: range200=1")         \
    X(FLAG, RANGE, cr200, "cr200", "", "a range with its Content-Range, but status 200")           \
    X(BYTES, RANGE, max_range, "max-range", "BYTES", "a 206 is never longer (that is allowed)")    \
    X(WORD, RANGE, cr, "cr",                                                                       \
      "good|early|late|shift|wrong-start|wrong-end|wrong-total|star|bad-unit|garbage|missing",     \
      "Content-Range of a 206; early, late and shift send other bytes too")                        \
    X(FLAG, RANGE, multipart206, "multipart206", "", "206 as multipart/byteranges of one part")    \
    X(WORD, RANGE, r416, "r416", "good|bare|wrong|always|full",                                    \
      "416: no Content-Range, wrong total, for any Range, or 200 instead")                         \
    X(WORD, RANGE, ifrange, "ifrange", "good|ignore|always200", "If-Range")                        \
    X(WORD, LENGTH, length, "length",                                                              \
      "exact|short|long|negative|huge|double|plus|garbage|missing|chunked|both|chunk-garbage|"     \
      "chunk-cut|chunk-open",                                                                      \
      "Content-Length or framing; missing ends with the connection")                               \
    X(BYTES, LENGTH, lie, "lie", "BYTES", "Content-Length says this, the body stays")              \
    X(WORD, LENGTH, gzip, "gzip", "no|body|header|trap",                                           \
      "Content-Encoding: gzip that nobody asked for; only the header of it; or unless identity "   \
      "was asked for")                                                                             \
    X(FLAG, LENGTH, html, "html", "", "a captive portal: 200 with a page of HTML")                 \
    X(BYTES, BODY, flip, "flip", "OFFSET", "this byte of the file is wrong")                       \
    X(BYTES, BODY, flip_once, "flip-once", "OFFSET", "... the first time it is sent")              \
    X(BYTES, BODY, cut, "cut", "BYTES", "closed after so much body, once")                         \
    X(BYTES, BODY, cut_every, "cut-every", "BYTES", "closed after so much body, each time")        \
    X(BYTES, BODY, rst, "rst", "BYTES", "connection reset after so much body")                     \
    X(BYTES, BODY, stall, "stall", "BYTES", "nothing more after so much body")                     \
    X(BYTES, BODY, rate, "rate", "BYTES", "bytes a second on each connection")                     \
    X(FLAG, BODY, trickle, "trickle", "", "a byte a second: rate=1")                               \
    X(BYTES, BODY, records, "records", "BYTES",                                                    \
      "TLS records of at most this size, many of them in one packet")                              \
    X(COUNT, BODY, slow_conn, "slow-conn", "K", "every Kth connection is slow")                    \
    X(BYTES, BODY, slow_rate, "slow-rate", "BYTES", "... this slow; 64K if not given")             \
    X(MILLIS, ANSWER, delay, "delay", "MS", "wait before the answer")                              \
    X(COUNT, ANSWER, status, "status", "CODE", "answer with this and a line of text")              \
    X(COUNT, ANSWER, head, "head", "CODE", "answer HEAD, and only HEAD, with this")                \
    X(TEXT, ANSWER, retry_after, "retry-after", "SEC|date:SEC|TEXT", "Retry-After of errors")      \
    X(TEXT, ANSWER, ratelimit, "ratelimit", "R,T", "RateLimit: \"resolvers\";r=R;t=T")             \
    X(COUNT, ANSWER, max_conns, "max-conns", "N", "503 while more connections are open")           \
    X(FLAG, ANSWER, max_conns_rst, "max-conns-rst", "", "... a reset instead")                     \
    X(TEXT, ANSWER, redirect, "redirect", "CODE:TARGET",                                           \
      "{base} in TARGET is this server, {sibling} the other, {host} and {sibling-host} without "   \
      "scheme; CR and LF are sent raw")                                                            \
    X(COUNT, ANSWER, redirect_chain, "redirect-chain", "N", "N redirects before the file")         \
    X(FLAG, ANSWER, redirect_loop, "redirect-loop", "", "redirect to itself")                      \
    X(COUNT, ANSWER, no_location, "no-location", "CODE", "a redirect without Location")            \
    X(TEXT, ANSWER, status_line, "status-line", "TEXT", "a raw first line instead of HTTP/1.1")    \
    X(FLAG, ANSWER, http09, "http09", "", "the body at once, no header")                           \
    X(FLAG, ANSWER, endless_1xx, "endless-1xx", "", "interim answers for ever")                    \
    X(FLAG, ANSWER, headers_endless, "headers-endless", "", "header lines for ever")               \
    X(BYTES, ANSWER, headers_bytes, "headers-bytes", "BYTES", "one header line of this length")    \
    X(COUNT, ANSWER, cookies, "cookies", "N", "so many Set-Cookie")                                \
    X(FLAG, ANSWER, stall_header, "stall-header", "", "half the header, then nothing")             \
    X(FLAG, ANSWER, cut_header, "cut-header", "", "half the header, then closed")                  \
    X(FLAG, ANSWER, drop, "drop", "", "closed without an answer")                                  \
    X(WORD, ANSWER, keepalive, "keepalive", "on|off|lie",                                          \
      "close after the answer; lie: without saying so")                                            \
    X(FLAG, ANSWER, tls_close, "tls-close", "", "close without TLS close_notify")                  \
    X(MILLIS, ANSWER, conn_refuse, "conn-refuse", "MS",                                            \
      "answer, close, and refuse new connections so long")

enum origin_option_kind {
    ORIGIN_KIND_FLAG,
    ORIGIN_KIND_BYTES,
    ORIGIN_KIND_COUNT,
    ORIGIN_KIND_MILLIS,
    ORIGIN_KIND_WORD,
    ORIGIN_KIND_TEXT
};

enum origin_option_group {
    ORIGIN_GROUP_THING,
    ORIGIN_GROUP_ACCESS,
    ORIGIN_GROUP_SUMS,
    ORIGIN_GROUP_RANGE,
    ORIGIN_GROUP_LENGTH,
    ORIGIN_GROUP_BODY,
    ORIGIN_GROUP_ANSWER
};

/* Words of the WORD options, in the order of the table. */
enum { STYLE_GNU, STYLE_BINARY, STYLE_BSD, STYLE_BARE };
enum { ETAG_STRONG, ETAG_WEAK, ETAG_NONE, ETAG_PER_REQUEST, ETAG_PER_CONNECTION };
enum {
    CR_GOOD,
    CR_EARLY,
    CR_LATE,
    CR_SHIFT,
    CR_WRONG_START,
    CR_WRONG_END,
    CR_WRONG_TOTAL,
    CR_STAR,
    CR_BAD_UNIT,
    CR_GARBAGE,
    CR_MISSING
};
enum { R416_GOOD, R416_BARE, R416_WRONG, R416_ALWAYS, R416_FULL };
enum { IFRANGE_GOOD, IFRANGE_IGNORE, IFRANGE_ALWAYS200 };
enum {
    LENGTH_EXACT,
    LENGTH_SHORT,
    LENGTH_LONG,
    LENGTH_NEGATIVE,
    LENGTH_HUGE,
    LENGTH_DOUBLE,
    LENGTH_PLUS,
    LENGTH_GARBAGE,
    LENGTH_MISSING,
    LENGTH_CHUNKED,
    LENGTH_BOTH,
    LENGTH_CHUNK_GARBAGE,
    LENGTH_CHUNK_CUT,
    LENGTH_CHUNK_OPEN
};
enum { GZIP_NO, GZIP_BODY, GZIP_HEADER, GZIP_TRAP };
enum { KEEPALIVE_ON, KEEPALIVE_OFF, KEEPALIVE_LIE };

#define ORIGIN_TYPE_FLAG   bool
#define ORIGIN_TYPE_BYTES  int64_t
#define ORIGIN_TYPE_COUNT  int64_t
#define ORIGIN_TYPE_MILLIS int64_t
#define ORIGIN_TYPE_WORD   int
#define ORIGIN_TYPE_TEXT   const char *

/* Numbers that were not given are -1, texts NULL. Texts borrow from the query. */
struct origin_fault {
#define X(kind, group, field, name, argument, help) ORIGIN_TYPE_##kind field;
    ORIGIN_OPTIONS(X)
#undef X
};

/* False, with the reason in `why`, for an unknown option or a bad value: a typing error in a test
 * must not look like a good server. */
HAUL_NODISCARD bool origin_fault_parse(struct origin_fault *f, const struct origin_query *q,
                                       struct buf *why);
/* Takes back every fault; what the file is and who may have it stays. */
void origin_fault_calm(struct origin_fault *f);
void origin_fault_help(FILE *to);

#endif
