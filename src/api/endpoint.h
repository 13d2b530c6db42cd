/* SPDX-License-Identifier: MIT */
/* Where a job server is and how to be let in: the places that server and client agree on. */
#ifndef HAUL_API_ENDPOINT_H
#define HAUL_API_ENDPOINT_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"

/* Where the Unix socket is when nobody says otherwise: $XDG_RUNTIME_DIR/haul.sock, without such a
 * directory below the state directory. Caller frees; NULL without either. */
char *endpoint_socket_path(void);
/* Where a client looks for it: there, or, where XDG_RUNTIME_DIR is not set and nothing is there, in
 * the user's directory below `runtime_dirs` (/run/user), if a socket of his own is there. */
char *endpoint_found_socket_path(const char *runtime_dirs);
/* Likewise the token: "token" in the state directory. */
char *endpoint_token_path(void);

struct endpoint {
    char *url;         /* scheme, host and port, without a slash at its end */
    char *socket_path; /* NULL: TCP */
    char *token;       /* NULL: none; never for the Unix socket */
    char *shown;       /* for messages */
    bool here;         /* on this machine: no proxy is to see its token */
};

/*
 * `text` is http://HOST:PORT, https://…, unix:/PATH, or NULL for the default socket. The token is
 * read from token_file, else $HAUL_TOKEN, else, for a server on this machine, from the default
 * place, if it is there. HAUL_ERR_USAGE for what is no such address; the errors of token_read for a
 * token file that was named.
 */
HAUL_NODISCARD enum haul_error endpoint_init(struct endpoint *e, const char *text,
                                             const char *token_file, struct haul_fault *fault);
void endpoint_release(struct endpoint *e);

/* Whether a name or an address without brackets is this machine's own. */
bool endpoint_is_loopback(const char *name);

/* Whether the server's files may be on a disk that is not this computer's. */
bool endpoint_is_far(const char *text);

#endif
