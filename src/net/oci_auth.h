/* SPDX-License-Identifier: MIT */
/*
 * How a registry lets somebody in (distribution specification, token authentication): it answers
 * 401 with a challenge, the challenge names a realm, the realm hands out a token for reading one
 * repository. haul asks without a name, or with what ~/.netrc has for the registry's own host.
 */
#ifndef HAUL_NET_OCI_AUTH_H
#define HAUL_NET_OCI_AUTH_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"
#include "net/http.h"

enum oci_scheme { OCI_SCHEME_NONE, OCI_SCHEME_BASIC, OCI_SCHEME_BEARER };

/* Strings are owned; NULL where the challenge has none. */
struct oci_challenge {
    enum oci_scheme scheme;
    char *realm, *service, *scope;
};

/* Reads the value of WWW-Authenticate, all its lines joined, which may hold several challenges: a
 * Bearer one with a realm is taken before a Basic one. NULL gives OCI_SCHEME_NONE. */
void oci_challenge_parse(const char *value, struct oci_challenge *c);
void oci_challenge_release(struct oci_challenge *c);

struct oci_door {
    const char *base;       /* "https://registry.example" */
    const char *repository; /* "library/llama3" */
    bool own_realm_only;    /* Ollama's rule: the realm is the registry itself */
};

/*
 * Fetches a token for the challenge. A realm elsewhere gets no credentials, and nothing at all
 * where own_realm_only forbids it or where it would lead from https to http: then, and when it
 * refuses, HAUL_ERR_UNAUTHORIZED. *token: caller frees.
 */
HAUL_NODISCARD enum haul_error oci_token_fetch(struct http_client *client,
                                               const struct oci_door *door,
                                               const struct oci_challenge *c, char **token,
                                               struct haul_fault *fault);
/* The URL to ask for a token; caller frees. */
char *oci_token_url(const char *realm, const struct oci_challenge *c, const char *repository);
/* The token in a reply of the realm, NULL where there is none that fits into a header. Caller
 * frees. */
char *oci_token_read(const char *text, size_t len);

#endif
