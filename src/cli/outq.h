/* SPDX-License-Identifier: MIT */
/*
 * Output that never blocks the caller: text waits here until the descriptor takes it, so that a
 * reader that sleeps does not keep signals and downloads from being looked after. One thread.
 */
#ifndef HAUL_CLI_OUTQ_H
#define HAUL_CLI_OUTQ_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

struct outq {
    int fd; /* borrowed */
    bool piped;
    struct buf text; /* append here */
    size_t sent;     /* of text */
    int error;       /* errno of the write that failed; nothing is written after it */
};

void outq_init(struct outq *q, int fd);
void outq_release(struct outq *q);

size_t outq_pending(const struct outq *q);
/* Writes what the descriptor takes now. False once it has failed (q->error says why). */
bool outq_flush(struct outq *q);
/* Waits until all is written, it fails, or stop_fd (-1: none) is readable. */
void outq_drain(struct outq *q, int stop_fd);
/* Fills in what to poll for: POLLOUT while text waits, else nothing. */
struct pollfd outq_poll(const struct outq *q);

#endif
