/* SPDX-License-Identifier: MIT */
/*
 * One request of a transfer on one libcurl easy handle: asks for a range (or the whole), has the
 * reply judged before its first body byte, writes what comes to its offset. Worker thread only.
 */
#ifndef HAUL_NET_CONN_H
#define HAUL_NET_CONN_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/view.h"
#include "net/ranges.h"
#include "net/reply.h"

struct transfer;

struct conn {
    CURL *easy;
    bool used; /* the handle has options of a request before */
    struct transfer *transfer;
    struct curl_slist *headers;
    char *url; /* asked now; changes with redirects */
    unsigned redirects;
    bool with_login;    /* the request shows a password or token that the user has given */
    bool ranged;        /* the request has a Range field */
    struct range asked; /* end INT64_MAX: to the end */

    struct reply reply;
    enum verdict verdict;
    const char *why;  /* of REPLY_REFUSED, REPLY_BROKEN */
    bool judged;      /* the head was complete */
    bool accepted;    /* the body is the file's */
    size_t swallowed; /* bytes of a body that is not */
    bool failed;      /* `fault` says why; else libcurl's code does */
    struct haul_fault fault;

    int64_t pos, end;  /* next byte to write; where to stop, INT64_MAX unknown */
    int64_t committed; /* up to here it is in the part's coverage */
    bool cut;          /* stopped at `end`, from where another connection goes on */
    bool paused;
    int64_t resume_at; /* when paused: clock_now() ns; INT64_MAX: when its turn comes */
    bool lined_up;     /* in fetch.line */
    struct conn *behind;

    int64_t started, last_byte; /* ns; last_byte 0: none yet */
    int64_t round_trip;         /* ns, 0 not known */
    int64_t tick_pos, tick_at, rate, slow_since;
    char error[CURL_ERROR_SIZE];
};

struct conn *conn_new(struct transfer *t);
void conn_free(struct conn *c); /* not while a request runs */

/* Starts a request. range NULL: without a Range field. url is copied. */
void conn_start(struct conn *c, const char *url, const struct range *range);
/* Follows the reply's redirect. HAUL_OK: the request runs again. */
enum haul_error conn_follow(struct conn *c, struct haul_fault *fault);
/* Takes the request off the driver; its connection closes if the body is unfinished. */
void conn_stop(struct conn *c);

/* Into the part's coverage what was written since the last time. */
void conn_commit(struct conn *c);
/* Unpauses when its time has come. False: what had been held back could not be written, and the
 * request is to be ended. libcurl drops those bytes, says so here alone, and would go on. */
HAUL_NODISCARD bool conn_resume(struct conn *c, int64_t now);
/* Every 250 ms. */
void conn_tick(struct conn *c, int64_t now);
void conn_describe(const struct conn *c, struct conn_view *out);

#endif
