/* SPDX-License-Identifier: MIT */
/*
 * What listens where a job server would, and answers what a test wants it to. Any request that no
 * answer is given for hangs. One thread of its own, which liar_stop ends.
 */
#ifndef HAUL_TESTS_API_LIAR_H
#define HAUL_TESTS_API_LIAR_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Borrowed, as are its strings. */
struct lie {
    const char *request; /* how its first line begins: "POST /v1/jobs" */
    const char *status;  /* "200 OK" */
    const char *type;    /* NULL: JSON */
    const char *body;
    bool open; /* the body goes on and nothing comes: a stream */
};

/* What makes a client believe in it. */
#define LIE_INFO                                                                                   \
    {                                                                                              \
        .request = "GET /v1/info", .status = "200 OK", .body = "{\"name\":\"haul\"}"               \
    }

struct liar {
    const struct lie *lies;
    size_t count;
    int listening, stop[2];
    int held[64]; /* connections that hang */
    size_t held_count;
    pthread_t thread;
};

/* Listens on that Unix socket when this returns. */
void liar_start(struct liar *l, const char *socket, const struct lie *lies, size_t count);
void liar_stop(struct liar *l);

#endif
