/* SPDX-License-Identifier: MIT */
/*
 * One connection: a non-blocking socket, with TLS or without, used by one thread. Every wait also
 * ends when the server stops or the client goes away, so nothing here can hang.
 */
#ifndef HAUL_TESTS_ORIGIN_CONN_H
#define HAUL_TESTS_ORIGIN_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "core/attrs.h"
#include "core/buf.h"

#define ORIGIN_NEVER INT64_MAX

struct origin_conn {
    int fd;
    int stop_fd; /* readable once the server stops */
    SSL *ssl;    /* NULL: plain */
    uint64_t number;
    size_t record; /* bytes of a TLS record at most; 0: what OpenSSL likes */
    struct buf in; /* received, not yet used */
};

/* Takes fd, borrows stop_fd. */
void origin_conn_init(struct origin_conn *c, int fd, int stop_fd, uint64_t number);
/* Closes the socket if it is still open. */
void origin_conn_release(struct origin_conn *c);

/* All of these return false when the client is gone or the server stops. */
HAUL_NODISCARD bool origin_conn_start_tls(struct origin_conn *c, SSL_CTX *ctx);
/* Waits for the client's first bytes without taking them. */
HAUL_NODISCARD bool origin_conn_wait_readable(struct origin_conn *c);
/* Cuts one request head off the input, without its blank line. */
HAUL_NODISCARD bool origin_conn_read_head(struct origin_conn *c, struct buf *head);
HAUL_NODISCARD bool origin_conn_send(struct origin_conn *c, const void *data, size_t len);
/* Sleeps until `deadline` (clock_now() time). */
HAUL_NODISCARD bool origin_conn_sleep(struct origin_conn *c, int64_t deadline);

/* Ends. `polite` sends TLS's close_notify first. */
void origin_conn_close(struct origin_conn *c, bool polite);
/* RST, after the kernel has delivered what was sent. */
void origin_conn_reset(struct origin_conn *c);

#endif
