/* SPDX-License-Identifier: MIT */
/* Reads manifests; see oci_manifest.h. */
#include "net/oci_manifest.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/text.h"
#include "core/units.h"

#define NODES_MAX   200000
#define ENTRIES_MAX 4096 /* a layer a tensor makes some hundreds */
/* So that sizes can be added up without a thought. */
#define TOTAL_MAX ((int64_t)1 << 60)

static const struct {
    const char *prefix;
    enum digest_algorithm algorithm;
} algorithms[] = {{"sha256:", DIGEST_SHA256}, {"sha512:", DIGEST_SHA512}};

/* Manifest lists of Docker and indexes of OCI. */
static const char *const index_types[] = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
};

static const char *const name_annotations[] = {
    "org.opencontainers.image.title",
    "org.cncf.model.filepath",
};

bool oci_digest_parse(const char *text, struct digest_value *digest)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(algorithms); i++) {
        size_t prefix = strlen(algorithms[i].prefix), size = digest_size(algorithms[i].algorithm);
        if (strncmp(text, algorithms[i].prefix, prefix) != 0)
            continue;
        *digest = (struct digest_value){algorithms[i].algorithm, DIGEST_BY_PUBLISHER, {0}};
        return strlen(text + prefix) == 2 * size &&
               units_parse_hex(text + prefix, digest->bytes, size);
    }
    return false;
}

void oci_digest_format(const struct digest_value *digest, char out[OCI_DIGEST_SIZE])
{
    size_t prefix = (size_t)snprintf(out, OCI_DIGEST_SIZE, "%s:", digest_name(digest->algorithm));
    units_format_hex(digest->bytes, digest_size(digest->algorithm), out + prefix);
}

void oci_digest_of(const char *text, size_t len, enum digest_algorithm algorithm,
                   struct digest_value *digest)
{
    const EVP_MD *md = algorithm == DIGEST_SHA512 ? EVP_sha512() : EVP_sha256();
    *digest = (struct digest_value){algorithm, DIGEST_BY_PUBLISHER, {0}};
    if (EVP_Digest(text, len, digest->bytes, NULL, md, NULL) != 1)
        abort();
}

bool oci_digest_equal(const struct digest_value *a, const struct digest_value *b)
{
    return a->algorithm == b->algorithm && !memcmp(a->bytes, b->bytes, digest_size(a->algorithm));
}

void oci_manifest_release(struct oci_manifest *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->blobs[i].media_type);
        free(m->blobs[i].name);
        free(m->blobs[i].os);
        free(m->blobs[i].architecture);
    }
    free(m->blobs);
    *m = (struct oci_manifest){0};
}

HAUL_PRINTF(3, 4)
static enum haul_error refuse(const char *label, struct haul_fault *fault, const char *fmt, ...)
{
    va_list args;
    char *why = NULL;
    va_start(args, fmt);
    if (vasprintf(&why, fmt, args) < 0)
        abort();
    va_end(args);
    fault_set(fault, HAUL_ERR_NETWORK, "%s: the registry's manifest %s", label, why);
    free(why);
    if (fault)
        fault->retryable = false;
    return HAUL_ERR_NETWORK;
}

/* Ollama's own field comes last: it is there for one kind of layer only. */
static char *name_of(const struct json *v)
{
    const struct json *annotations = json_get(v, "annotations");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(name_annotations); i++) {
        const char *name = json_string(json_get(annotations, name_annotations[i]), NULL);
        if (name)
            return xstrdup(name);
    }
    return xstrdup(json_string(json_get(v, "name"), NULL));
}

static bool is_attestation(const struct json *v)
{
    const char *type =
        json_string(json_get(json_get(v, "annotations"), "vnd.docker.reference.type"), "");
    return !strcmp(type, "attestation-manifest");
}

static enum haul_error add_blob(const char *label, const struct json *v, int64_t *total,
                                struct oci_manifest *m, struct haul_fault *fault)
{
    struct digest_value digest;
    const char *text = json_string(json_get(v, "digest"), "");
    int64_t size = json_int(json_get(v, "size"), -1);
    const struct json *platform = json_get(v, "platform");
    if (!oci_digest_parse(text, &digest))
        return refuse(label, fault, "gives \"%.100s\" where a digest should be", text);
    if (size < 0 || size > TOTAL_MAX - *total)
        return refuse(label, fault, "gives no size that could be for %.80s", text);
    *total += size;
    m->blobs = xreallocarray(m->blobs, m->count + 1, sizeof *m->blobs);
    m->blobs[m->count++] = (struct oci_blob){
        .media_type = xstrdup(json_string(json_get(v, "mediaType"), "")),
        .name = name_of(v),
        .digest = digest,
        .size = size,
        .attestation = is_attestation(v),
        .os = xstrdup(json_string(json_get(platform, "os"), "")),
        .architecture = xstrdup(json_string(json_get(platform, "architecture"), "")),
    };
    return HAUL_OK;
}

static enum haul_error add_list(const char *label, const struct json *list, int64_t *total,
                                struct oci_manifest *m, struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    if (json_count(list) > ENTRIES_MAX)
        return refuse(label, fault, "has more than %d entries", ENTRIES_MAX);
    for (size_t i = 0; err == HAUL_OK && i < json_count(list); i++)
        err = add_blob(label, json_at(list, i), total, m, fault);
    return err;
}

static bool is_index(const struct json *root)
{
    const char *type = json_string(json_get(root, "mediaType"), "");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(index_types); i++)
        if (!strcmp(type, index_types[i]))
            return true;
    return !*type && json_type(json_get(root, "manifests")) == JSON_ARRAY;
}

static enum haul_error read_root(const char *label, const struct json *root, struct oci_manifest *m,
                                 struct haul_fault *fault)
{
    const struct json *config = json_get(root, "config");
    int64_t version = json_int(json_get(root, "schemaVersion"), 2), total = 0;
    if (json_type(root) != JSON_OBJECT)
        return refuse(label, fault, "is no JSON object");
    if (version != 2)
        return refuse(label, fault, "is of schema %lld; only 2 is in use today",
                      (long long)version);
    m->index = is_index(root);
    if (m->index)
        return add_list(label, json_get(root, "manifests"), &total, m, fault);
    if (json_type(config) != JSON_OBJECT && json_type(json_get(root, "layers")) != JSON_ARRAY)
        return refuse(label, fault, "has neither config nor layers");
    if (json_type(config) == JSON_OBJECT) {
        enum haul_error err = add_blob(label, config, &total, m, fault);
        if (err != HAUL_OK)
            return err;
        m->blobs[0].config = true;
    }
    return add_list(label, json_get(root, "layers"), &total, m, fault);
}

enum haul_error oci_manifest_parse(const char *label, const char *text, size_t len,
                                   struct oci_manifest *m, struct haul_fault *fault)
{
    struct haul_fault why;
    *m = (struct oci_manifest){0};
    size_t blank = strspn(text, " \t\r\n");
    if (blank < len && text[blank] == '<') {
        fault_set(fault, HAUL_ERR_NETWORK,
                  "%s: got a web page instead of the manifest; is there a login page in between?",
                  label);
        if (fault)
            fault->retryable = false;
        return HAUL_ERR_NETWORK;
    }
    struct json *root = json_parse(text, len, NODES_MAX, HAUL_ERR_NETWORK, &why);
    if (!root)
        return refuse(label, fault, "cannot be read: %s", why.message);
    enum haul_error err = read_root(label, root, m, fault);
    json_free(root);
    if (err != HAUL_OK)
        oci_manifest_release(m);
    return err;
}

static bool is_candidate(const struct oci_blob *b)
{
    return !b->attestation && strcmp(b->os, "unknown") != 0;
}

static void list_platforms(const struct oci_manifest *m, struct buf *out)
{
    for (size_t i = 0; i < m->count; i++) {
        if (!is_candidate(&m->blobs[i]))
            continue;
        char digest[OCI_DIGEST_SIZE];
        oci_digest_format(&m->blobs[i].digest, digest);
        buf_addf(out, "%s%s/%s %.19s", out->len ? ", " : "", m->blobs[i].os,
                 m->blobs[i].architecture, digest);
    }
}

enum haul_error oci_manifest_choose(const char *label, const struct oci_manifest *m, const char *os,
                                    const char *architecture, const struct oci_blob **chosen,
                                    struct haul_fault *fault)
{
    const struct oci_blob *only = NULL, *ours = NULL;
    size_t candidates = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct oci_blob *b = &m->blobs[i];
        if (!is_candidate(b))
            continue;
        candidates++;
        only = b;
        if (!ours && !strcmp(b->os, os) && !strcmp(b->architecture, architecture))
            ours = b;
    }
    *chosen = candidates == 1 ? only : ours;
    if (*chosen)
        return HAUL_OK;
    if (!candidates)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: the index names no manifest", label);
    struct buf list;
    buf_init_max(&list, 600);
    list_platforms(m, &list);
    fault_set(fault, HAUL_ERR_AMBIGUOUS,
              "%s is for several platforms and none is %s/%s; choose with --revision sha256:HEX: "
              "%s",
              label, os, architecture, list.data);
    buf_release(&list);
    return HAUL_ERR_AMBIGUOUS;
}
