/* SPDX-License-Identifier: MIT */
/*
 * One request and its answer, between libmicrohttpd and the handlers. A handler answers at once, or
 * keeps the exchange waiting and answers later; a client that leaves meanwhile is noticed. The
 * server's thread.
 */
#ifndef HAUL_API_SERVER_EXCHANGE_H
#define HAUL_API_SERVER_EXCHANGE_H

#include "api/server_internal.h"
#include "api/server_routes.h"
#include "core/buf.h"
#include "core/json.h"

#define BODY_MAX ((size_t)1 << 20)

struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    struct link *link;
    const struct route *route;
    char *args[2]; /* what the route's pattern left open */
    struct buf body;
    bool head;     /* HEAD: the answer without its body */
    bool too_big;  /* the body was */
    bool listed;   /* from a page of a listed origin, which may read the answer */
    char *origin;  /* of such a page */
    char *allowed; /* methods that the path knows, where it does not know this one */
    bool answered;
    bool waiting; /* suspended */
    bool unsaved; /* ... until the session has saved for this ticket */
    uint64_t ticket;
    struct MHD_Response *response; /* to be queued when it is resumed */
    unsigned status;
    /* Called once when the exchange is over or the client has left, for what a handler keeps. */
    void (*gone)(struct exchange *x);
    void *state; /* the handler's own */
    char awaited[JOB_ID_SIZE];
    struct exchange *next, **at; /* in server.awaiting */
};

/* ---- for handlers ---- */

/* Query parameter, NULL where it is not given. */
const char *exchange_query(struct exchange *x, const char *name);
/* A switch among them: given, and not as 0. */
bool exchange_asks(struct exchange *x, const char *name);
const char *exchange_header(struct exchange *x, const char *name);
/* The client rather hears at once what is so far (RFC 7240, respond-async). */
bool exchange_wants_no_wait(struct exchange *x);

/* Answers; the text is the buf's, which is taken over (as after init). */
void exchange_reply(struct exchange *x, unsigned status, const char *type, struct buf *text);
void exchange_reply_json(struct exchange *x, unsigned status, struct buf *text);
/* The same for what was changed: the client hears of it when it outlives the server's death. */
void exchange_reply_saved(struct exchange *x, unsigned status, struct buf *text);
/* {"error":{"code","message"}}. */
void exchange_refuse(struct exchange *x, unsigned status, const char *code, const char *fmt, ...)
    HAUL_PRINTF(4, 5);
/* The same from a fault, with the status that fits its code. */
void exchange_refuse_fault(struct exchange *x, const struct haul_fault *fault);
/* With a response that is made already, which is given up. */
void exchange_respond(struct exchange *x, unsigned status, struct MHD_Response *response);
/* With one that comes as there is news, and is taken as it comes. */
void exchange_stream(struct exchange *x, struct MHD_Response *response);

/* The body as JSON; NULL, having answered 400. Free with json_free. An empty body is an empty
 * object. */
struct json *exchange_json(struct exchange *x);

/* No answer yet, or a stream has nothing to say: the connection sleeps until one of the replies
 * above, or exchange_wake. */
void exchange_sleep(struct exchange *x);
void exchange_wake(struct exchange *x);

/* ---- for the server ---- */

/* From now on the client has to take of the answer what it can. */
void exchange_expect_reader(struct exchange *x);
/* Starts a daemon for that socket. */
HAUL_NODISCARD bool exchange_listen(struct port *p, int fd);
/* Clients that left while they were waiting. */
void exchange_hangups(struct server *s);
/* Answers those whose news is written down by now. */
void exchange_settle_saved(struct server *s);
/* Before the daemons are stopped: no connection may sleep then. Who waits is told that the server
 * stops. */
void exchange_release_all(struct server *s);
/* Whether answers are on their way. */
bool exchange_pending(const struct server *s);
/* Connections that take too long; returns when the next one will, INT64_MAX: none. */
int64_t exchange_deadlines(struct server *s, int64_t now);

#endif
