/* SPDX-License-Identifier: MIT */
/* Socket and TLS input and output; see conn.h. */
#include "origin/conn.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "core/clock.h"

#define HEAD_MAX ((size_t)64 << 10)

void origin_conn_init(struct origin_conn *c, int fd, int stop_fd, uint64_t number)
{
    *c = (struct origin_conn){.fd = fd, .stop_fd = stop_fd, .number = number};
    buf_init_max(&c->in, HEAD_MAX);
}

void origin_conn_release(struct origin_conn *c)
{
    origin_conn_close(c, false);
    buf_release(&c->in);
}

/* Waits for the events, the deadline, the client's end or the server's. Returns what came on the
 * socket, 0 for the deadline, -1 when the server stops. */
static int wait_for(struct origin_conn *c, short events, int64_t deadline)
{
    struct pollfd fds[] = {{.fd = c->fd, .events = events}, {.fd = c->stop_fd, .events = POLLIN}};
    struct timespec ts = {0}, *timeout = NULL;
    int ready;
    do {
        int64_t left = deadline - clock_now();
        if (deadline != ORIGIN_NEVER) {
            left = left < 0 ? 0 : left;
            ts = (struct timespec){.tv_sec = left / CLOCK_SEC, .tv_nsec = left % CLOCK_SEC};
            timeout = &ts;
        }
        ready = ppoll(fds, 2, timeout, NULL);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0 || fds[1].revents)
        return -1;
    return fds[0].revents;
}

bool origin_conn_sleep(struct origin_conn *c, int64_t deadline)
{
    return wait_for(c, POLLRDHUP, deadline) == 0;
}

bool origin_conn_wait_readable(struct origin_conn *c)
{
    return wait_for(c, POLLIN, ORIGIN_NEVER) > 0;
}

/* After a call on the SSL object failed: waits for what it wants. False: it failed for good. */
static bool wait_ssl(struct origin_conn *c, int rc)
{
    switch (SSL_get_error(c->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(c, POLLIN, ORIGIN_NEVER) > 0;
    case SSL_ERROR_WANT_WRITE:
        return wait_for(c, POLLOUT, ORIGIN_NEVER) > 0;
    default:
        return false;
    }
}

bool origin_conn_start_tls(struct origin_conn *c, SSL_CTX *ctx)
{
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    int rc;
    do {
        ERR_clear_error();
        rc = SSL_accept(c->ssl);
    } while (rc != 1 && wait_ssl(c, rc));
    return rc == 1;
}

static bool receive_tls(struct origin_conn *c, void *data, size_t size, size_t *got)
{
    int rc;
    do {
        ERR_clear_error();
        rc = SSL_read_ex(c->ssl, data, size, got);
    } while (rc != 1 && wait_ssl(c, rc));
    return rc == 1;
}

static bool receive(struct origin_conn *c, void *data, size_t size, size_t *got)
{
    if (c->ssl)
        return receive_tls(c, data, size, got);
    if (!origin_conn_wait_readable(c))
        return false;
    ssize_t n = recv(c->fd, data, size, 0);
    *got = n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* Length of the head with its blank line; 0 if it is not complete. */
static size_t complete_head(const struct buf *in)
{
    const char *end = strstr(in->data, "\r\n\r\n");
    return end ? (size_t)(end - in->data) + 4 : 0;
}

bool origin_conn_read_head(struct origin_conn *c, struct buf *head)
{
    char data[4096];
    size_t len, got;
    while (!(len = complete_head(&c->in)))
        if (!receive(c, data, sizeof data, &got) || !buf_add(&c->in, data, got))
            return false;
    buf_truncate(head, 0);
    buf_add(head, c->in.data, len - 4);
    memmove(c->in.data, c->in.data + len, c->in.len - len);
    buf_truncate(&c->in, c->in.len - len);
    return true;
}

static bool send_tls(struct origin_conn *c, const char *data, size_t len)
{
    while (len > 0) {
        size_t n = 0;
        ERR_clear_error();
        int rc = SSL_write_ex(c->ssl, data, c->record && c->record < len ? c->record : len, &n);
        if (rc != 1 && !wait_ssl(c, rc))
            return false;
        data += n;
        len -= n;
    }
    return true;
}

/* Records that were written meanwhile leave together. */
static void cork(struct origin_conn *c, int on)
{
    if (c->record)
        setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static bool send_plain(struct origin_conn *c, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (n < 0 && wait_for(c, POLLOUT, ORIGIN_NEVER) <= 0)
            return false;
        data += n < 0 ? 0 : n;
        len -= n < 0 ? 0 : (size_t)n;
    }
    return true;
}

bool origin_conn_send(struct origin_conn *c, const void *data, size_t len)
{
    /* A client that reads nothing must not keep the server from stopping, nor one that has gone
     * from being noticed: look before each write. */
    if (wait_for(c, POLLOUT, ORIGIN_NEVER) <= 0)
        return false;
    if (!c->ssl)
        return send_plain(c, data, len);
    cork(c, 1);
    bool ok = send_tls(c, data, len);
    cork(c, 0);
    return ok;
}

void origin_conn_close(struct origin_conn *c, bool polite)
{
    if (c->fd < 0)
        return;
    if (c->ssl && polite && SSL_is_init_finished(c->ssl)) {
        ERR_clear_error();
        SSL_shutdown(c->ssl);
    }
    SSL_free(c->ssl);
    c->ssl = NULL;
    close(c->fd);
    c->fd = -1;
}

/* Gives the client a second to take what is on its way: RST discards the rest. */
static void drain(struct origin_conn *c)
{
    int64_t end = clock_now() + CLOCK_SEC;
    int queued = 1;
    while (clock_now() < end && ioctl(c->fd, SIOCOUTQ, &queued) == 0 && queued > 0)
        if (!origin_conn_sleep(c, clock_now() + CLOCK_MS))
            return;
}

void origin_conn_reset(struct origin_conn *c)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (c->fd < 0)
        return;
    drain(c);
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    origin_conn_close(c, false);
}
