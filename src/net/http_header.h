/* SPDX-License-Identifier: MIT */
/*
 * Values of the HTTP header fields that a download depends on. Every parser takes the field value
 * v[0..len), refuses what its grammar does not allow, and leaves *out alone then. Pure functions.
 */
#ifndef HAUL_NET_HTTP_HEADER_H
#define HAUL_NET_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/digest_value.h"

/* RFC 9110 §14.4. */
struct content_range {
    int64_t begin, end; /* end is exclusive; both 0 when unsatisfied */
    int64_t total;      /* -1 for `*` */
    bool unsatisfied;   /* a star in place of the range: what a 416 says */
};
HAUL_NODISCARD bool header_content_range(const char *v, size_t len, struct content_range *out);

/* RFC 9110 §8.6: digits only, below 2^63. */
HAUL_NODISCARD bool header_content_length(const char *v, size_t len, int64_t *out);

/*
 * RFC 6266: the file name as the server meant it, decoded to UTF-8, not made safe (path.h does
 * that). `filename*` wins over `filename` if it can be read; a name that is not UTF-8 is taken as
 * ISO-8859-1.
 * False for no name, a broken value, or a parameter given twice.
 */
HAUL_NODISCARD bool header_content_disposition(const char *v, size_t len, struct buf *out);

/* RFC 9110 §5.6.7 dates in all three forms. */
HAUL_NODISCARD bool header_date(const char *v, size_t len, int64_t *wall_ms);

/* RFC 9110 §10.2.3: seconds or a date; the date counts from `server_ms` (the reply's Date). A date
 * in the past is 0; a wait that ns cannot hold is INT64_MAX. */
HAUL_NODISCARD bool header_retry_after(const char *v, size_t len, int64_t server_ms,
                                       int64_t *wait_ns);

/* `RateLimit: "bucket";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers, as the Hub sends it). */
HAUL_NODISCARD bool header_rate_limit(const char *v, size_t len, int64_t *remaining,
                                      int64_t *reset_seconds);

/* RFC 9530 `Repr-Digest: sha-256=:BASE64:` (structured) or RFC 3230 `Digest: SHA-256=BASE64`. The
 * strongest of the known algorithms is taken; origin is DIGEST_BY_PUBLISHER. */
HAUL_NODISCARD bool header_digest(const char *v, size_t len, bool structured,
                                  struct digest_value *out);

/* RFC 9110 §8.8.3: the opaque tag with its quotes; *weak for the W/ prefix. Shown as sent. */
HAUL_NODISCARD bool header_etag(const char *v, size_t len, struct buf *out, bool *weak);

#endif
