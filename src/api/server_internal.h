/* SPDX-License-Identifier: MIT */
/* What the files of the job server share. Everything here is the server's one thread's, unless it
 * says otherwise. */
#ifndef HAUL_API_SERVER_INTERNAL_H
#define HAUL_API_SERVER_INTERNAL_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/server.h"
#include "api/server_changes.h"
#include "api/server_errand.h"
#include "api/server_guard.h"
#include "api/server_listen.h"
#include "api/server_log.h"
#include "api/server_metrics.h"
#include "api/server_notices.h"
#include "core/session.h"

struct exchange;
struct stream;

/* A connection, from its first byte on. */
struct link {
    struct server *server;
    struct port *port;
    int fd;
    /* ns: by then the request must be here, the next one begin, or some of the answer be taken; 0:
     * none */
    int64_t deadline;
    bool answers;   /* an answer is on its way that is no stream */
    uint64_t taken; /* bytes by the client's side when that was last looked at; TCP only */
    struct exchange *exchange; /* under way; NULL: none */
    struct link *next, **at;
};

/* One listening socket with its daemon. */
struct port {
    struct server *server;
    struct MHD_Daemon *daemon;
    bool tcp;
    size_t links; /* connections */
};

struct server {
    struct session *session;
    const struct server_config *config;
    struct listen_set listen;
    struct port ports[LISTEN_MAX];
    struct guard guard;
    char *token;
    struct watcher *watcher;
    struct snapshot snapshot;
    struct notices notices;
    struct changes changes;
    struct errands *errands;
    struct server_log log;
    struct metrics metrics;
    struct link *links;
    struct stream *streams;
    size_t stream_count, update_streams;
    struct exchange *awaiting; /* cancels that are not true yet */
    unsigned unsaved;          /* answers that wait until what they say is written down */
    int hangup_fd;             /* epoll: clients that leave while their connection is suspended */
    int64_t started_ms;
    int64_t looked_at, tick_at, beat_at; /* ns */
    uint64_t updates_from;               /* place since when they are told; UINT64_MAX: not now */
    int64_t updates_until;               /* ns; while nobody follows them */
    bool stale;                          /* the session has news that were not looked at */
    bool woken;                          /* a connection was resumed since libmicrohttpd last ran */
    bool stopping;
};

/* Brings snapshot, notices and those who await a job up to date. */
void server_look(struct server *s);
/* How far the job is, to those who follow. */
void server_tell_progress(struct server *s, const struct job_view *v);
/* From now on updates are told, if they were not. */
void server_want_updates(struct server *s);
/* Whether they were told all the time since that place. */
bool server_updates_since(const struct server *s, uint64_t place);
/* The job of an id, or of a number as people see it; NULL: none. The snapshot is up to date. */
struct job_view *server_find(struct server *s, const char *id);

#endif
