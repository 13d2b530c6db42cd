/* SPDX-License-Identifier: MIT */
/*
 * The sockets that the job server listens on: those that systemd hands over (sd_listen_fds(3)),
 * else a Unix socket for its owner and, when asked for, TCP. Main thread.
 */
#ifndef HAUL_API_SERVER_LISTEN_H
#define HAUL_API_SERVER_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/error.h"

#define LISTEN_MAX 8

struct listen_socket {
    int fd;
    bool tcp;
    char *shown; /* "unix:/run/…", "http://127.0.0.1:7835" */
};

struct listen_set {
    struct listen_socket sockets[LISTEN_MAX];
    size_t count;
    char *path;       /* of a Unix socket that we made, to be removed; NULL */
    int lock_fd;      /* held as long as it stands; -1 */
    char *host;       /* that --listen names; NULL */
    bool any_address; /* a socket listens on all of them */
};

void listen_init(struct listen_set *l); /* without a socket */

/*
 * `path` NULL: the default place. `tcp` NULL: none. HAUL_ERR_USAGE for an address that is none,
 * HAUL_ERR_BUSY where a server listens already, HAUL_ERR_DISK. On error *l is as after init.
 */
HAUL_NODISCARD enum haul_error listen_open(struct listen_set *l, const char *path, const char *tcp,
                                           struct haul_fault *fault);
void listen_release(struct listen_set *l); /* as after init */

/* Whether an ADDR:PORT can be one; splits it, caller frees both. */
HAUL_NODISCARD enum haul_error listen_split(const char *text, char **host, char **port,
                                            struct haul_fault *fault);

#endif
