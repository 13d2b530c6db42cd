/* SPDX-License-Identifier: MIT */
/*
 * A web server that lies, for tests: in a test's own process (this header) or as the program
 * haul-origin. It serves files of any size whose bytes follow from a seed, so that a body of
 * 20 GiB costs nothing and every byte can be checked. What goes wrong is asked for in the query of
 * each URL (fault.h lists all options):
 *
 *     struct origin *o = origin_new(NULL);
 *     struct buf url;
 *     buf_init(&url);
 *     origin_url(o, "/file/big.bin?size=64M&etag=weak&cut=1M", &url);
 *     ... fetch it ...
 *     CHECK_INT(origin_log_count(o), 2);
 *     origin_free(o);
 *
 * Every function may be called from any thread. Each connection has a thread of its own.
 */
#ifndef HAUL_TESTS_ORIGIN_H
#define HAUL_TESTS_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"

struct origin;

/* What the server shows to a TLS client; all but SELF_SIGNED are signed by origin_ca_file. */
enum origin_tls {
    ORIGIN_TLS_NONE,
    ORIGIN_TLS_GOOD,        /* for 127.0.0.1 and localhost */
    ORIGIN_TLS_GOOD_1_2,    /* the same, but TLS 1.2 at most */
    ORIGIN_TLS_WRONG_HOST,  /* for wrong.example */
    ORIGIN_TLS_EXPIRED,     /* since yesterday */
    ORIGIN_TLS_SELF_SIGNED, /* by nobody else */
    ORIGIN_TLS_WRONG_USE,   /* extended key usage: client authentication only */
    ORIGIN_TLS_OLD,         /* a good certificate, but TLS 1.0 at most */
    ORIGIN_TLS_COUNT
};

/* What happens to a new connection. */
enum origin_door {
    ORIGIN_DOOR_OPEN,
    ORIGIN_DOOR_REFUSE, /* nobody listens: ECONNREFUSED */
    ORIGIN_DOOR_RESET,  /* accepted, then reset at once */
    ORIGIN_DOOR_CUT,    /* accepted, closed after the client's first bytes: inside a handshake */
    ORIGIN_DOOR_HANG    /* accepted, and never a byte */
};

struct origin_config {
    enum origin_tls tls;
    uint16_t port;        /* 0: a free one */
    const char *log_path; /* one JSON line for each request is added here; NULL: none */
};

/* Binds 127.0.0.1 and serves until origin_free. NULL config: all zero. NULL with words on stderr
 * when the port is taken or the log cannot be opened. */
struct origin *origin_new(const struct origin_config *config);
/* Stops the threads, closes every connection; NULL is fine. */
void origin_free(struct origin *o);

uint16_t origin_port(const struct origin *o);
/* Appends "http://127.0.0.1:PORT" and path, which starts with '/' and may have a query. */
void origin_url(const struct origin *o, const char *path, struct buf *out);
/* PEM of the authority that signs for every origin of this process; NULL without TLS. Lives as
 * long as an origin with TLS does. */
const char *origin_ca_file(const struct origin *o);
const char *origin_tls_name(enum origin_tls tls); /* "wrong-host" */

/* `other` is what {sibling} means in the redirects of o: another port, so another origin. */
void origin_set_sibling(struct origin *o, const struct origin *other);
/*
 * From now on `path` behaves as if its URL ended in these options; they win over the URL's own.
 * NULL takes them back. Counters of the path go on. Any path may be set, with its query or for all
 * queries; outside /file/, /signed/ and /sums it becomes a file, and the URL's own query, which is
 * some API's then, is not read as options. "HOST:PORT" with a status: so a proxy refuses a CONNECT.
 */
void origin_set(struct origin *o, const char *path, const char *options);
/* The same for a page: `path` answers with this text, and with the faults of origin_set. NULL text
 * takes it back. For the JSON of APIs: origin_put(o, "/api/models/a/b?blobs=true",
 * "application/json",
 * "{...}"). */
void origin_put(struct origin *o, const char *path, const char *type, const char *text);
/* Takes effect before it returns, for connections not yet accepted. */
void origin_set_door(struct origin *o, enum origin_door door);
/* Connections whose socket the server has open, not counting what the kernel still queues. */
size_t origin_live_connections(struct origin *o);
/* Wait up to 20 s: for just so many connections, and until the log has so many requests or bytes.
 */
bool origin_await_connections(struct origin *o, size_t count);
bool origin_await_requests(struct origin *o, size_t count);
bool origin_await_bytes(struct origin *o, int64_t bytes);

/* One request as the server saw it. Strings belong to the log: valid until origin_reset_log or
 * origin_free; NULL where the header was absent. */
struct origin_entry {
    uint64_t connection; /* 1 is the first */
    const char *method, *target, *host, *range, *if_range, *authorization;
    const char *head;   /* the whole request head */
    int64_t started_ns; /* clock_now() */
    int64_t started_ms; /* clock_wall_ms() */
    int64_t body_sent;  /* bytes of the body handed to the socket so far */
    int64_t body_start; /* offset in the file of the first of them */
    int status;         /* 0 until there is one */
    bool done;
};

size_t origin_log_count(struct origin *o);
/* Copies entry i; false where there is none. */
HAUL_NODISCARD bool origin_log_get(struct origin *o, size_t i, struct origin_entry *out);
/* Sum of body_sent over the log. */
int64_t origin_log_bytes(struct origin *o);
/* Appends a JSON array of all entries. */
void origin_log_json(struct origin *o, struct buf *out);
/* Forgets the entries and all counters of the options (times, change-after, uses...). */
void origin_reset_log(struct origin *o);

/* Bytes [offset, offset+len) of the file with that seed. */
void origin_content(uint64_t seed, int64_t offset, void *out, size_t len);
void origin_sha256(uint64_t seed, int64_t size, uint8_t out[32]);

#endif
