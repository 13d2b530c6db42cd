/* SPDX-License-Identifier: MIT */
/*
 * A session whose jobs a job server runs: core/session.h over HTTP (interfaces.md §5). Its calls
 * wait for the server's answer, at most a few seconds; those that a front end makes while it draws
 * (session_detail, session_disk_free, session_log, watchers) do not. Freeing it stops nothing.
 */
#ifndef HAUL_API_CLIENT_H
#define HAUL_API_CLIENT_H

#include <stdbool.h>

#include "core/session.h"
#include "core/settings.h"

struct client_config {
    const char *server;     /* http://HOST:PORT, unix:/PATH; NULL: the default socket */
    const char *token_file; /* NULL: $HAUL_TOKEN, else the default place */
    const struct settings *settings;
    /*
     * For a front end that must not wait: session_control, session_cancel_file, session_change and
     * session_set return at once; what the server refuses then becomes a line of the log.
     */
    bool hasty;
};

/* Asks the server who it is. NULL with fault: HAUL_ERR_SERVER (nobody there; says what to do),
 * HAUL_ERR_UNAUTHORIZED, HAUL_ERR_USAGE. */
struct session *session_remote_new(const struct client_config *config, struct haul_fault *fault);

#endif
