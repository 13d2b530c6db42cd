/* SPDX-License-Identifier: MIT */
/* The server itself, seen from inside. */
#ifndef HAUL_TESTS_ORIGIN_STATE_H
#define HAUL_TESTS_ORIGIN_STATE_H

#include <openssl/ssl.h>

#include "core/mutex.h"
#include "origin/conn.h"
#include "origin/log.h"
#include "origin/memory.h"
#include "origin/origin.h"

/* One connection and its thread. Made and joined by the accept thread. */
struct origin_session {
    struct origin *origin;
    struct origin_conn conn;
    pthread_t thread;
    enum origin_door door; /* as it was when the connection came */
    bool finished;         /* guarded by origin.lock; the thread touches nothing afterwards */
    struct origin_session *next;
};

struct origin {
    struct origin_config config; /* fixed, like all down to tls */
    uint16_t port;
    char *host;  /* "127.0.0.1:8080" */
    char *base;  /* "http://127.0.0.1:8080" */
    int wake_fd; /* wakes the accept thread */
    int stop_fd; /* becomes readable for good when the server stops */
    SSL_CTX *tls;
    pthread_t thread;
    struct origin_log log;       /* with a lock of its own */
    struct origin_memory memory; /* the same */

    int listen_fd;                   /* the accept thread's alone; -1 while the door is shut */
    struct origin_session *sessions; /* the accept thread's alone */
    uint64_t last_connection;        /* the accept thread's alone */

    struct mutex lock;   /* guards what follows */
    struct cond changed; /* door_done has followed door */
    enum origin_door door;
    enum origin_door door_done;
    bool stopping;        /* nobody follows the door any more */
    int64_t refuse_until; /* ns; 0: no */
    size_t live;
    char *sibling_host; /* NULL: none */
    char *sibling_base;
};

/* accept.c: binds and listens on o->port, 0 for any; sets the port. -1 with errno set. */
int origin_accept_listen(struct origin *o);
/* The accept thread's main function; arg is the origin. */
void *origin_accept_run(void *arg);
/* Makes the accept thread look at the door again. */
void origin_accept_wake(struct origin *o);
/* Refuses connections for that long. */
void origin_refuse_for(struct origin *o, int64_t ns);

/* session.c: a connection's main function; arg is the session. */
void *origin_session_run(void *arg);

#endif
