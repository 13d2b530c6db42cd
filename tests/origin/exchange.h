/* SPDX-License-Identifier: MIT */
/*
 * One request and its answer. Runs in the connection's thread. The steps of the answer are in
 * exchange.c; what they share is here.
 */
#ifndef HAUL_TESTS_ORIGIN_EXCHANGE_H
#define HAUL_TESTS_ORIGIN_EXCHANGE_H

#include "origin/body.h"
#include "origin/conn.h"
#include "origin/fault.h"
#include "origin/request.h"
#include "origin/state.h"

/* How the connection goes on after an exchange. */
enum origin_next {
    ORIGIN_NEXT_KEEP,
    ORIGIN_NEXT_CLOSE,
    ORIGIN_NEXT_ABANDON, /* close without TLS close_notify */
    ORIGIN_NEXT_RESET
};

/* How the client learns where the body ends. */
enum origin_framing { ORIGIN_FRAME_LENGTH, ORIGIN_FRAME_CLOSE, ORIGIN_FRAME_CHUNKED };

struct origin_exchange {
    struct origin *origin;
    struct origin_conn *conn;
    const struct origin_request *request;
    const struct origin_override *set; /* by origin_set and origin_put; target NULL: nothing */
    struct origin_fault fault;
    int64_t hit;     /* this is the nth request of the key, from 1 */
    uint64_t serial; /* in the log */
    /* The file as this request sees it. */
    uint64_t seed;
    int64_t size;
    char *etag; /* NULL: none; owned */
    char *last_modified;
    /* The answer so far. */
    int status;
    struct buf head;
    struct origin_body body;
    enum origin_framing framing;
    enum origin_next next;
};

/* Serves one request, already in the log as `serial`. */
enum origin_next origin_exchange_run(struct origin *o, struct origin_conn *c,
                                     struct origin_request *r, uint64_t serial);

/* What the key of the counters is: `key=` or the path. */
const char *origin_exchange_key(const struct origin_exchange *x);

/* answer.c: starts the head with the status line and the headers of every answer. */
void origin_answer_begin(struct origin_exchange *x, int status);
void origin_answer_header(struct origin_exchange *x, const char *fmt, ...) HAUL_PRINTF(2, 3);
/* Sends head and body, with the faults of both. False: the connection is of no more use. */
HAUL_NODISCARD bool origin_answer_send(struct origin_exchange *x);
/* transmit.c: the body with its faults, after the head. */
HAUL_NODISCARD bool origin_transmit(struct origin_exchange *x);
/* A whole small answer of plain text; `text` is copied. */
HAUL_NODISCARD bool origin_answer_text(struct origin_exchange *x, int status, const char *text);

/* file.c: answers with the file or a part of it. */
HAUL_NODISCARD bool origin_file_answer(struct origin_exchange *x);
/* range.c: settles status, body and Content-Range. */
void origin_range_apply(struct origin_exchange *x);
/* redirect.c: false where no redirect was asked for; else *ok is what sending it gave. */
bool origin_redirect_answer(struct origin_exchange *x, bool *ok);
/* access.c: the same for a request that may not have the file, or not from here. */
bool origin_access_answer(struct origin_exchange *x, bool *ok);
/* control.c and sums.c: /control/..., for shell tests, and /sums. */
HAUL_NODISCARD bool origin_control_answer(struct origin_exchange *x);
HAUL_NODISCARD bool origin_sums_answer(struct origin_exchange *x);

#endif
