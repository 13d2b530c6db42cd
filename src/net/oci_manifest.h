/* SPDX-License-Identifier: MIT */
/*
 * Manifests of OCI and Docker registries (OCI image specification 1.1; Ollama's are Docker's
 * schema 2). They come from a server, so each digest is parsed to bytes here and each size is
 * checked; names are not safe yet. Pure, any thread.
 */
#ifndef HAUL_NET_OCI_MANIFEST_H
#define HAUL_NET_OCI_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"

#define OCI_MANIFEST_MAX ((size_t)4 << 20) /* what registries accept */
#define OCI_DIGEST_SIZE  sizeof("sha512:") + 128

/* A config or layer of a manifest, or a manifest of an index. */
struct oci_blob {
    char *media_type; /* "" where there is none */
    char *name;       /* from an annotation or Ollama's field; NULL: none. Unchecked */
    struct digest_value digest;
    int64_t size;
    bool config;
    bool attestation;        /* of an index: says something of another entry */
    char *os, *architecture; /* of an index; "" where not given */
};

struct oci_manifest {
    bool index; /* blobs are manifests to choose from; else config first, then the layers */
    struct oci_blob *blobs;
    size_t count;
};

/* "sha256:" and 64 hex digits, or "sha512:" and 128, and nothing else. */
HAUL_NODISCARD bool oci_digest_parse(const char *text, struct digest_value *digest);
void oci_digest_format(const struct digest_value *digest, char out[OCI_DIGEST_SIZE]);
/* Of the bytes themselves. */
void oci_digest_of(const char *text, size_t len, enum digest_algorithm algorithm,
                   struct digest_value *digest);
bool oci_digest_equal(const struct digest_value *a, const struct digest_value *b);

/* HAUL_ERR_NETWORK, not retryable, for what is no manifest that haul can read; *m is then as after
 * release. `label` names the manifest for people. */
HAUL_NODISCARD enum haul_error oci_manifest_parse(const char *label, const char *text, size_t len,
                                                  struct oci_manifest *m, struct haul_fault *fault);
void oci_manifest_release(struct oci_manifest *m);

/* The entry of an index to go on with: the only manifest in it, else the one for this platform
 * ("linux", "amd64"). HAUL_ERR_AMBIGUOUS lists what there is. */
HAUL_NODISCARD enum haul_error oci_manifest_choose(const char *label, const struct oci_manifest *m,
                                                   const char *os, const char *architecture,
                                                   const struct oci_blob **chosen,
                                                   struct haul_fault *fault);

#endif
