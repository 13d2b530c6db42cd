/* SPDX-License-Identifier: MIT */
/*
 * Who may call the job server. A browser that shows somebody else's page can send requests to this
 * machine, and a name of that somebody can lead here (DNS rebinding); so Host, Origin and content
 * type are looked at besides the token. Pure functions over one request's head.
 */
#ifndef HAUL_API_SERVER_GUARD_H
#define HAUL_API_SERVER_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/settings.h"

struct guard {
    const char *token;                 /* that TCP wants */
    const char *host;                  /* name or address that was asked to listen on; NULL: none */
    const struct string_list *hosts;   /* further names that lead here; may be NULL */
    bool any_address;                  /* it listens on all addresses, whichever they are */
    const struct string_list *origins; /* may be NULL */
};

/* Header values are NULL where the request has none. */
struct guard_request {
    bool tcp;          /* else it came over the Unix socket, which is ours alone */
    bool open;         /* the route wants no token */
    bool body;         /* a method that changes something by a body: POST, PATCH */
    const char *local; /* the socket's own address, for TCP: "192.0.2.1", "::1" */
    const char *host, *origin, *authorization, *content_type;
};

/* HTTP status, 0: let in. *why is for the client; a constant. */
int guard_check(const struct guard *g, const struct guard_request *r, const char **why);

/* Whether the request comes from a page of one of the listed origins, which may read the answer. */
bool guard_listed_origin(const struct guard *g, const char *origin);

/* Takes as long wherever they differ. */
bool guard_same_secret(const char *given, size_t len, const char *secret);

#endif
