/* SPDX-License-Identifier: MIT */
/*
 * The bandwidth limit: one token bucket for all downloads, shared out fairly, and one for each
 * job. A worker asks before it takes bytes over and, when refused, leaves them in the socket; the
 * bucket may go into debt by one chunk, so that the long-term rate is exact. Any thread.
 */
#ifndef HAUL_NET_LIMITER_H
#define HAUL_NET_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limiter;

/* One download's account with the limiter. */
struct limiter_share;

struct limiter *limiter_new(int64_t rate); /* bytes/s, 0 none */
void limiter_free(struct limiter *l);      /* after its shares */
void limiter_set_rate(struct limiter *l, int64_t rate);
int64_t limiter_rate(const struct limiter *l);

struct limiter_share *limiter_share_new(struct limiter *l, int64_t rate);
void limiter_share_free(struct limiter_share *s);
void limiter_share_set_rate(struct limiter_share *s, int64_t rate);

/*
 * May `bytes` be taken now? True debits them. False: nothing was debited, and *when (clock_now()
 * ns) is a good time to ask again.
 */
bool limiter_take(struct limiter_share *s, size_t bytes, int64_t *when);
/* The tightest limit that holds for the share now; 0 none. Chooses buffer sizes. */
int64_t limiter_share_limit(const struct limiter_share *s);

#endif
