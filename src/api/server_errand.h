/* SPDX-License-Identifier: MIT */
/*
 * What would make the server wait: disks, databases, sources. Done by a thread for each, while the
 * server's own goes on; the exchange waits for it.
 */
#ifndef HAUL_API_SERVER_ERRAND_H
#define HAUL_API_SERVER_ERRAND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/session.h"

struct exchange;
struct errands;

struct errand {
    struct session *session;
    /* On a thread of its own: does it, leaves the result in *this. Looks at `stop`, which is set
     * when nobody wants it any more. */
    void (*run)(struct errand *e);
    /* On the server's thread, with the exchange that waits; not called when the client has left. */
    void (*answer)(struct errand *e, struct exchange *x);
    /* On the server's thread, last: frees it. */
    void (*free)(struct errand *e);
    /* On the server's thread, now and then while it runs; NULL: nobody wants to hear. */
    void (*report)(struct errand *e, struct exchange *x);
    atomic_bool stop;
    _Atomic int64_t done; /* bytes, for who watches */
    enum haul_error result;
    struct haul_fault fault;
    /* the errands' own */
    struct exchange *exchange; /* NULL: it has left */
    struct errands *owner;
    struct errand *next_done;
    struct errand *next, **at;
};

struct errands *errands_new(struct session *session);
/* Ends those that run, and waits for them. */
void errands_free(struct errands *all);
int errands_fd(const struct errands *all); /* readable when one is done */

/* Takes the errand, and has the exchange wait; false, having answered 503 and freed it, when too
 * many are under way. `answered`: the answer has begun already, and waits in its own way. */
bool errand_start(struct errands *all, struct errand *e, struct exchange *x, bool answered);
/* Answers what is done. */
void errands_settle(struct errands *all);
/* Of those under way, the ones whose clients want to hear how far they are. */
void errands_report(struct errands *all);
bool errands_reporting(const struct errands *all);

#endif
