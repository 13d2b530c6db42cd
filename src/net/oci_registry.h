/* SPDX-License-Identifier: MIT */
/*
 * Asks a registry for manifests (OCI distribution specification 1.1, and Ollama's registry, which
 * is one with narrower rules). The worker's thread.
 */
#ifndef HAUL_NET_OCI_REGISTRY_H
#define HAUL_NET_OCI_REGISTRY_H

#include "core/attrs.h"
#include "core/buf.h"
#include "core/digest_value.h"
#include "core/error.h"
#include "core/settings.h"
#include "net/http.h"
#include "net/oci_auth.h"

/* One repository of one registry. Strings are owned by it. */
struct oci_registry {
    char *base, *repository; /* "https://registry.example", "library/llama3" */
    char *label;             /* "library/llama3:latest on registry.example", for people */
    bool ollama;             /* its rules for realms */
    char *token;             /* NULL: none was wanted */
};

void oci_registry_release(struct oci_registry *r);

/*
 * Appends the bytes of the manifest `reference` (a tag or "sha256:HEX") to *out, fetching a token
 * when the registry wants one. `digest`: what they must hash to; NULL: what the registry says, if
 * it does. `headers`: the user's, may be NULL.
 */
HAUL_NODISCARD enum haul_error oci_registry_manifest(struct http_client *client,
                                                     struct oci_registry *r, const char *reference,
                                                     const struct digest_value *digest,
                                                     const struct string_list *headers,
                                                     struct buf *out, struct haul_fault *fault);
/* Fetches a token, into r->token, as the registry's answer to a request for `url` without one says.
 * A registry that wants none is HAUL_ERR_UNAUTHORIZED. */
HAUL_NODISCARD enum haul_error oci_registry_token(struct http_client *client,
                                                  struct oci_registry *r, const char *url,
                                                  struct haul_fault *fault);
/* The URL of a blob; caller frees. */
char *oci_registry_blob_url(const struct oci_registry *r, const struct digest_value *digest);

/* The words for an error reply: `status` and the codes in its body, "" where it has none. Fills the
 * fault and returns its code. */
enum haul_error oci_registry_fault(const char *label, int status, const char *body, size_t len,
                                   struct haul_fault *fault);

#endif
