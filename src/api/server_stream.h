/* SPDX-License-Identifier: MIT */
/*
 * Event streams (text/event-stream) of a job or of all. Each holds its place in the notices and a
 * small buffer; libmicrohttpd takes from it as fast as the client reads, and while there is nothing
 * to say its connection sleeps. The server's thread.
 */
#ifndef HAUL_API_SERVER_STREAM_H
#define HAUL_API_SERVER_STREAM_H

#include "api/server_internal.h"

/* Wakes those that have something to say. */
void streams_wake(struct server *s);
/* A comment to those that have been silent for a while, so that nobody in between closes them.
 * Returns when the next is due; INT64_MAX: there is no stream. */
int64_t streams_beat(struct server *s, int64_t now);
/* Ends them all: the server stops. */
void streams_end(struct server *s);

#endif
