/* SPDX-License-Identifier: MIT */
/*
 * A plan's token that has had its time: a registry's lasts some minutes, a large model some hours.
 * The source fetches another one while the transfer's requests wait. Worker thread only.
 */
#ifndef HAUL_NET_TOKEN_H
#define HAUL_NET_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "net/transfer.h"

/* A request for url that was started at `started` (ns) was answered 401. True: the plan has a newer
 * token, ask again. Else fault->retryable tells whether to come again later; one attempt is all
 * that is made here, as nothing else is looked at meanwhile. */
bool token_renew(struct fetch *f, const char *url, int64_t started, struct haul_fault *fault);

#endif
