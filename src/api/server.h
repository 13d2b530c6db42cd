/* SPDX-License-Identifier: MIT */
/*
 * `haul serve`: a session behind HTTP (interfaces.md §5, docs/api.md). One thread does all of it,
 * in one poll on sockets, session, signals and timers; what has to wait for a disk or a source is
 * done by threads of its own meanwhile (server_errand.h).
 */
#ifndef HAUL_API_SERVER_H
#define HAUL_API_SERVER_H

#include <stdbool.h>

#include "api/server_listen.h"
#include "core/attrs.h"
#include "core/error.h"
#include "core/session.h"
#include "core/settings.h"

/* Strings are borrowed. */
struct server_config {
    /* That it serves on; taken over. Opened before the session, so that a second server touches no
     * job. */
    struct listen_set *sockets;
    const char *token_file; /* NULL: the default place, made at the first start */
    const struct settings *settings;
    const struct job_request *defaults; /* of a job that says nothing else */
    const struct string_list *origins;  /* web origins that may call */
    const struct string_list *hosts;    /* names that lead here */
    bool allow_local;                   /* build: and file: */
    const char *warning;                /* of the session when it began, for the log; NULL: none */
    int64_t patience;          /* ns that a client takes nothing of an answer; 0: two minutes */
    bool json, quiet, verbose; /* what is logged on standard error, and how */
    /* Reads the next pending signal from a descriptor; 0: none. SIGHUP, SIGINT and SIGTERM end the
     * server. */
    int signal_fd;
    int (*signal_read)(int fd);
};

/*
 * Serves until a signal comes; then ends all streams, answers what can be answered, and returns:
 * HAUL_OK after a signal (*signal says which), else the fault says why it cannot serve, and what to
 * do. The session stays the caller's, who frees it, which stops the jobs.
 */
HAUL_NODISCARD enum haul_error server_run(struct session *session,
                                          const struct server_config *config, int *signal,
                                          struct haul_fault *fault);

#endif
