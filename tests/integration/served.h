/* SPDX-License-Identifier: MIT */
/*
 * A job server for one test: `haul serve` in a world, on its Unix socket and a loopback port, asked
 * by curl. One thread.
 */
#ifndef HAUL_TESTS_INTEGRATION_SERVED_H
#define HAUL_TESTS_INTEGRATION_SERVED_H

#include "core/attrs.h"
#include "core/buf.h"
#include "integration/world.h"

struct served {
    struct world *world;
    struct process process;
    char *socket; /* path */
    char *http;   /* "http://127.0.0.1:PORT" */
    char *token;
    struct buf body; /* of the last answer */
};

/* Arguments as for world_start. Waits until it listens; false, having said why, if it does not. */
bool served_start(struct served *s, struct world *w, const char *format, ...) HAUL_PRINTF(3, 4);
/* SIGTERM; r is released by the caller. */
void served_stop(struct served *s, struct result *r);
void served_release(struct served *s);

/* curl's own arguments, words as a shell takes them; "@unix" and "@tcp" are the addresses, the
 * latter with the token. Returns the status, 0 if there was no answer. */
int served_ask(struct served *s, const char *format, ...) HAUL_PRINTF(2, 3);
/* What it has logged so far; the caller's. */
void served_log(const struct served *s, struct buf *out);

#endif
