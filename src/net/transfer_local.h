/* SPDX-License-Identifier: MIT */
/*
 * A file whose content is on this disk already, somewhere in the library: it is taken from there
 * instead of from the network, and held against its digest like any other. Worker thread.
 */
#ifndef HAUL_NET_TRANSFER_LOCAL_H
#define HAUL_NET_TRANSFER_LOCAL_H

#include <stdbool.h>

struct transfer;
struct local_copy;

/* Before the first request: true when the phase has moved on and none is needed. */
bool transfer_take_local(struct transfer *t);
/* TRANSFER_LOCAL: looks how far the copy is. */
void transfer_local_step(struct transfer *t);
/* What may be linked was held against the digest. */
void transfer_local_checked(struct transfer *t, bool same);
/* What was taken has another digest by now: to the network after all. */
void transfer_local_wrong(struct transfer *t);
/* The copy ends soon if it still runs. NULL is fine. */
void local_copy_free(struct local_copy *c);

#endif
