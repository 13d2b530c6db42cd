/* SPDX-License-Identifier: MIT */
/* URLs as libcurl reads them, so that what is checked is what is contacted. Pure, any thread. */
#ifndef HAUL_NET_URL_H
#define HAUL_NET_URL_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"

/* "https://host:443": scheme, host in lower case and port, always written out. Credentials belong
 * to an origin. Caller frees; NULL for what is no http(s) URL. */
char *url_origin(const char *url);
bool url_same_origin(const char *a, const char *b);
/* Host alone, for people. Caller frees; NULL as above. */
char *url_host(const char *url);
/* Whether libcurl can go through it: [SCHEME://][USER:PASSWORD@]HOST[:PORT], or "" for no proxy. */
bool url_is_proxy(const char *proxy);
/* The last path segment, percent-decoded once; may still hold anything. Empty for a path that ends
 * in '/'. */
void url_file_name(const char *url, struct buf *out);

/* A URL taken apart once, for who needs several things of it. */
struct url_parts {
    char *bare;   /* without user name, password and fragment */
    char *login;  /* "user:password", decoded; NULL where the URL names none */
    char *origin; /* as url_origin */
    char *name;   /* as url_file_name, NULL for an empty one */
};

/* What is no http(s) URL stays as it is in `bare`, and the rest NULL. */
void url_parts_init(struct url_parts *p, const char *url);
void url_parts_release(struct url_parts *p);

/*
 * Where a redirect leads: resolves `location` against `base` (RFC 9110 §10.2.2) into *out, caller
 * frees. Refused: other schemes than http and https, user names, control characters, no host.
 * Blanks and raw UTF-8 in it, which some servers send, are percent-encoded.
 */
HAUL_NODISCARD enum haul_error url_redirect(const char *base, const char *location, char **out,
                                            struct haul_fault *fault);

#endif
