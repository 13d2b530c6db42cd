/* SPDX-License-Identifier: MIT */
/* A connection from its first byte to its end, in a thread of its own. */
#include <string.h>
#include <sys/socket.h>

#include "origin/exchange.h"

#define TLS_HANDSHAKE 0x16 /* RFC 8446 §5.1 */

/* A handshake where HTTP is spoken gets the answer that common servers give to it. */
static bool speaks_tls(struct origin_session *s)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    char first;
    if (!origin_conn_wait_readable(&s->conn) ||
        recv(s->conn.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || first != TLS_HANDSHAKE)
        return false;
    (void)!send(s->conn.fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    return true;
}

static bool let_in(struct origin_session *s)
{
    char first[512];
    switch (s->door) {
    case ORIGIN_DOOR_RESET:
        origin_conn_reset(&s->conn);
        return false;
    case ORIGIN_DOOR_CUT:
        if (origin_conn_wait_readable(&s->conn))
            (void)!recv(s->conn.fd, first, sizeof first, 0);
        return false;
    case ORIGIN_DOOR_HANG:
        (void)!origin_conn_sleep(&s->conn, ORIGIN_NEVER);
        return false;
    default:
        return s->origin->tls ? origin_conn_start_tls(&s->conn, s->origin->tls) : !speaks_tls(s);
    }
}

static enum origin_next serve_one(struct origin_session *s, const char *head)
{
    struct origin *o = s->origin;
    struct origin_request request;
    enum origin_next next = ORIGIN_NEXT_CLOSE;
    if (origin_request_init(&request, head)) {
        bool logged = strncmp(request.path, "/control/", 9);
        uint64_t serial =
            logged ? origin_log_begin(&o->log, s->conn.number, head, &request) : UINT64_MAX;
        next = origin_exchange_run(o, &s->conn, &request, serial);
        origin_log_end(&o->log, serial);
    }
    origin_request_release(&request);
    return next;
}

static void serve(struct origin_session *s)
{
    enum origin_next next = ORIGIN_NEXT_KEEP;
    struct buf head;
    buf_init(&head);
    while (next == ORIGIN_NEXT_KEEP && origin_conn_read_head(&s->conn, &head))
        next = serve_one(s, head.data);
    if (next == ORIGIN_NEXT_RESET)
        origin_conn_reset(&s->conn);
    origin_conn_close(&s->conn, next != ORIGIN_NEXT_ABANDON);
    buf_release(&head);
}

void *origin_session_run(void *arg)
{
    struct origin_session *s = arg;
    struct origin *o = s->origin;
    if (let_in(s))
        serve(s);
    origin_conn_release(&s->conn);
    mutex_lock(&o->lock);
    o->live--;
    s->finished = true;
    mutex_unlock(&o->lock);
    return NULL;
}
