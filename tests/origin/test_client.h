/* SPDX-License-Identifier: MIT */
/* A client of raw bytes for the tests of the server: it must not repair what the server breaks. */
#ifndef HAUL_TESTS_ORIGIN_TEST_CLIENT_H
#define HAUL_TESTS_ORIGIN_TEST_CLIENT_H

#include "origin/origin.h"

/* One answer, read to the end of the connection. */
struct answer {
    int status;
    struct buf raw;
    const char *body; /* in raw; NULL without a complete head */
    size_t body_len;
    int error; /* errno of the read that ended it; 0: a clean end */
};

/* A blocking socket whose reads end after 10 s; -1 with errno set. */
int client_dial(const struct origin *o);
/* `headers` are whole lines ("Range: bytes=1-2\r\n"). */
void client_ask(int fd, const char *method, const char *target, const char *headers);
/* Reads to the end and closes fd. The caller releases a->raw. */
void client_read(int fd, struct answer *a);
/* All of it, with "Connection: close". The caller releases the answer's raw. */
struct answer client_fetch(const struct origin *o, const char *target, const char *headers);

bool answer_has(const struct answer *a, const char *text);
/* The body is bytes [offset, offset+len) of the file with that seed. */
bool answer_body_is(const struct answer *a, uint64_t seed, int64_t offset, size_t len);

#endif
