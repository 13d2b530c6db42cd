/* SPDX-License-Identifier: MIT */
/* Names for layers; see oci_names.h. */
#include "net/oci_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/path.h"

#define EMPTY_CONFIG "application/vnd.oci.empty.v1+json"

/* A media type, and the name: before the model's own name, behind it. Without a stem the
 * name is `before` and `after` alone. Numbered ones are counted from the first on. */
static const struct role {
    const char *type;
    bool stem, numbered;
    const char *before, *after;
} roles[] = {
    {"application/vnd.ollama.image.model", true, false, "", ".gguf"},
    {"application/vnd.ollama.image.projector", true, false, "mmproj-", ".gguf"},
    {"application/vnd.ollama.image.adapter", true, false, "", "-adapter.gguf"},
    {"application/vnd.ollama.image.draft", true, false, "", "-draft.gguf"},
    {"application/vnd.ollama.image.template", false, false, "template", ""},
    {"application/vnd.ollama.image.prompt", false, false, "template", ""},
    {"application/vnd.ollama.image.system", false, false, "system", ""},
    {"application/vnd.ollama.image.params", false, false, "params", ""},
    {"application/vnd.ollama.image.messages", false, false, "messages", ""},
    {"application/vnd.ollama.image.license", false, true, "license", ""},
    {"application/vnd.ollama.image.embed", true, false, "", "-embed.bin"},
    {"application/vnd.docker.ai.gguf.v3", true, false, "", ".gguf"},
    {"application/vnd.docker.ai.safetensors", true, false, "", ".safetensors"},
    {"application/vnd.docker.ai.mmproj", true, false, "mmproj-", ".gguf"},
    {"application/vnd.docker.ai.license", false, true, "license", ""},
    {"application/vnd.docker.ai.chat.template.jinja", false, false, "chat_template", ".jinja"},
    {"application/vnd.docker.ai.vllm.config.tar", false, false, "vllm-config", ".tar"},
    {"application/vnd.docker.ai.dduf", true, false, "", ".dduf"},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", false, true, "layer", ".tar.gz"},
    {"application/vnd.oci.image.layer.v1.tar+gzip", false, true, "layer", ".tar.gz"},
    {"application/vnd.oci.image.layer.v1.tar+zstd", false, true, "layer", ".tar.zst"},
    {"application/vnd.oci.image.layer.v1.tar", false, true, "layer", ".tar"},
};
#define ROLE_COUNT HAUL_ARRAY_LEN(roles)
static const struct role config_role = {"", false, false, "config", ".json"};

struct naming {
    const struct oci_manifest *m;
    const char *stem;
    char **names;
    size_t used[ROLE_COUNT + 1]; /* names given by role so far; the last one is config_role's */
};

static size_t role_index(const struct oci_blob *b)
{
    size_t i = 0;
    while (i < ROLE_COUNT && (b->config || strcmp(roles[i].type, b->media_type) != 0))
        i++;
    return i;
}

static bool taken(const struct naming *n, const char *name)
{
    for (size_t i = 0; i < n->m->count; i++)
        if (n->names[i] && !strcasecmp(n->names[i], name))
            return true;
    return false;
}

/* The first free one: "template", "template-2", …; numbered roles begin with 1. */
static char *name_by_role(struct naming *n, size_t index)
{
    const struct role *role = index < ROLE_COUNT ? &roles[index] : &config_role;
    const char *middle = role->stem ? n->stem : "";
    for (;;) {
        size_t number = ++n->used[index];
        char *name = number == 1 && !role->numbered
                         ? xasprintf("%s%s%s", role->before, middle, role->after)
                         : xasprintf("%s%s-%zu%s", role->before, middle, number, role->after);
        if (!taken(n, name))
            return name;
        free(name);
    }
}

static char *name_by_digest(const struct naming *n, const struct oci_blob *b)
{
    char text[OCI_DIGEST_SIZE];
    oci_digest_format(&b->digest, text);
    text[strlen("sha256")] = '-';
    return taken(n, text) ? NULL : xstrdup(text);
}

/* A name that came with the layer. Two layers may not be one file, unless they are the same. */
static enum haul_error take_given(struct naming *n, size_t i, struct haul_fault *fault)
{
    const struct oci_blob *b = &n->m->blobs[i];
    enum haul_error err = path_check_relative(b->name, fault);
    for (size_t k = 0; err == HAUL_OK && k < i; k++) {
        if (!n->names[k] || strcasecmp(n->names[k], b->name) != 0)
            continue;
        if (oci_digest_equal(&n->m->blobs[k].digest, &b->digest))
            return HAUL_OK;
        err = fault_set(fault, HAUL_ERR_NETWORK, "the manifest has two files called \"%.200s\"",
                        b->name);
        if (fault)
            fault->retryable = false;
    }
    if (err == HAUL_OK)
        n->names[i] = xstrdup(b->name);
    return err;
}

static enum haul_error name_one(struct naming *n, size_t i, struct haul_fault *fault)
{
    const struct oci_blob *b = &n->m->blobs[i];
    size_t role = role_index(b);
    if (b->config && !strcmp(b->media_type, EMPTY_CONFIG))
        return HAUL_OK;
    if (b->name)
        return take_given(n, i, fault);
    n->names[i] = role < ROLE_COUNT || b->config ? name_by_role(n, role) : name_by_digest(n, b);
    return HAUL_OK;
}

/* Names that layers bring along are settled first; those by role then stay clear of them. */
enum haul_error oci_names(const struct oci_manifest *m, const char *stem, char **names,
                          struct haul_fault *fault)
{
    struct naming n = {.m = m, .stem = stem, .names = names};
    enum haul_error err = HAUL_OK;
    for (size_t i = 0; i < m->count; i++)
        names[i] = NULL;
    for (int given = 1; given >= 0; given--)
        for (size_t i = 0; err == HAUL_OK && i < m->count; i++)
            if ((m->blobs[i].name != NULL) == given)
                err = name_one(&n, i, fault);
    for (size_t i = 0; err != HAUL_OK && i < m->count; i++) {
        free(names[i]);
        names[i] = NULL;
    }
    return err;
}
