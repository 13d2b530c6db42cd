/* SPDX-License-Identifier: MIT */
/*
 * Ollama's registry, and any other registry of OCI artifacts: the manifest says what belongs to a
 * model, each part is a blob named by its digest. Into Ollama's own store, where the manifest is
 * written last so that Ollama sees a whole model or none, or as plain files named by their roles.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include "core/alloc.h"
#include "core/glob.h"
#include "core/units.h"
#include "net/environment.h"
#include "net/oci_manifest.h"
#include "net/oci_names.h"
#include "net/oci_registry.h"
#include "net/ollama_store.h"
#include "net/sources.h"
#include "net/url.h"

#define OLLAMA_HOST "registry.ollama.ai"
#define TAG_MAX     128

/* Names that people use for a registry whose API is elsewhere. */
static const struct {
    const char *name, *host;
} aliases[] = {
    {"docker.io", "registry-1.docker.io"},
    {"index.docker.io", "registry-1.docker.io"},
    {"ollama.com", OLLAMA_HOST},
};

/* A model on its way from spec to plan. */
struct model {
    const struct spec *spec;
    const struct job_request *request;
    struct oci_registry registry;
    const char *reference;
    struct buf text; /* the manifest's bytes */
    struct oci_manifest manifest;
    char **names; /* one for each blob of it */
};

static void model_init(struct model *m, const struct spec *spec, const struct job_request *request)
{
    *m = (struct model){.spec = spec, .request = request};
    m->reference = request->revision ? request->revision : spec->revision;
    buf_init_max(&m->text, OCI_MANIFEST_MAX);
}

static void model_release(struct model *m)
{
    for (size_t i = 0; m->names && i < m->manifest.count; i++)
        free(m->names[i]);
    free(m->names);
    oci_manifest_release(&m->manifest);
    oci_registry_release(&m->registry);
    buf_release(&m->text);
}

static bool into_store(const struct job_request *r)
{
    return r->layout == LAYOUT_OLLAMA || (r->layout == LAYOUT_DEFAULT && !r->dir && !r->out);
}

static bool is_tag(const char *s)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
                                  "-.";
    size_t len = strlen(s);
    return len && len <= TAG_MAX && strspn(s, allowed) == len && !strchr("-.", s[0]);
}

/* What no request could make good. */
static enum haul_error check_request(const struct model *m, struct haul_fault *fault)
{
    const struct job_request *r = m->request;
    struct digest_value digest;
    bool tag = is_tag(m->reference);
    if (!tag && !oci_digest_parse(m->reference, &digest))
        return fault_set(fault, HAUL_ERR_USAGE, "--revision %.200s is neither a tag nor sha256:HEX",
                         m->reference);
    if (!into_store(r))
        return HAUL_OK;
    if (!tag)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "Ollama's store has no place for a model without a tag; give --dir");
    if (r->include.count || r->exclude.count || r->out)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "a model in Ollama's store is whole: --include, --exclude and --out go "
                         "with --dir only");
    return HAUL_OK;
}

static const char *api_host(const char *host)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(aliases); i++)
        if (!strcasecmp(aliases[i].name, host))
            return aliases[i].host;
    return host;
}

static enum haul_error open_registry(struct model *m, struct haul_fault *fault)
{
    const struct spec *s = m->spec;
    const char *host = s->host ? api_host(s->host) : NULL;
    struct oci_registry *r = &m->registry;
    r->ollama = !host || !strcasecmp(host, OLLAMA_HOST);
    r->base = host ? xasprintf("%s://%s", s->plain_http ? "http" : "https", host)
                   : environment_ollama_registry();
    r->repository = xasprintf("%s/%s", s->owner, s->name);
    char *origin = url_origin(r->base);
    bool good = origin != NULL;
    free(origin);
    if (!good)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "OLLAMA_REGISTRY is no address such as https://registry.example");
    r->label = xasprintf("%s%c%s on %s", r->repository, strchr(m->reference, ':') ? '@' : ':',
                         m->reference, strstr(r->base, "://") + 3);
    return HAUL_OK;
}

/* One manifest into m->text and m->manifest. */
static enum haul_error get_manifest(struct model *m, struct http_client *client,
                                    const char *reference, const struct digest_value *digest,
                                    struct haul_fault *fault)
{
    oci_manifest_release(&m->manifest);
    buf_truncate(&m->text, 0);
    enum haul_error err = oci_registry_manifest(client, &m->registry, reference, digest,
                                                &m->request->headers, &m->text, fault);
    if (err != HAUL_OK)
        return err;
    return oci_manifest_parse(m->registry.label, m->text.data, m->text.len, &m->manifest, fault);
}

static const char *architecture(const char *machine)
{
    static const struct {
        const char *machine, *name;
    } rows[] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i686", "386"}, {"armv7l", "arm"}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].machine, machine))
            return rows[i].name;
    return machine;
}

/* From an index to the manifest for this machine. */
static enum haul_error descend(struct model *m, struct http_client *client,
                               struct haul_fault *fault)
{
    struct utsname here;
    const struct oci_blob *chosen;
    if (uname(&here) != 0)
        return fault_set(fault, HAUL_ERR_INTERNAL, "cannot tell this machine's kind");
    enum haul_error err = oci_manifest_choose(m->registry.label, &m->manifest, "linux",
                                              architecture(here.machine), &chosen, fault);
    if (err != HAUL_OK)
        return err;
    struct digest_value digest = chosen->digest;
    char reference[OCI_DIGEST_SIZE];
    oci_digest_format(&digest, reference);
    err = get_manifest(m, client, reference, &digest, fault);
    if (err != HAUL_OK || !m->manifest.index)
        return err;
    fault_set(fault, HAUL_ERR_NETWORK, "%s: an index that leads to an index", m->registry.label);
    fault->retryable = false;
    return fault->code;
}

static enum haul_error find_manifest(struct model *m, struct http_client *client,
                                     struct haul_fault *fault)
{
    struct digest_value digest, *wanted = NULL;
    if (oci_digest_parse(m->reference, &digest)) {
        wanted = &digest;
    } else if (m->spec->has_sha256) {
        digest = (struct digest_value){DIGEST_SHA256, DIGEST_BY_PINNED, {0}};
        memcpy(digest.bytes, m->spec->sha256, sizeof m->spec->sha256);
        wanted = &digest;
    }
    enum haul_error err = get_manifest(m, client, m->reference, wanted, fault);
    if (err == HAUL_OK && m->manifest.index)
        err = descend(m, client, fault);
    if (err == HAUL_OK && !m->manifest.count)
        err =
            fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: there are no files in it", m->registry.label);
    return err;
}

static struct plan_file *add_file(const struct model *m, size_t i, struct plan *plan)
{
    const struct oci_blob *b = &m->manifest.blobs[i];
    struct plan_file *file = plan_add(plan);
    file->url = oci_registry_blob_url(&m->registry, &b->digest);
    file->size = b->size;
    file->digest = b->digest;
    return file;
}

/* Large files first: Ollama deletes what no manifest names an hour after it was written, at its
 * own start, so the small ones should not wait for the large one. */
static int by_size(const void *a, const void *b)
{
    const struct plan_file *x = a, *y = b;
    return (x->size < y->size) - (x->size > y->size);
}

static bool in_plan(const struct plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->count; i++)
        if (!strcmp(plan->files[i].path, path))
            return true;
    return false;
}

static enum haul_error plan_store(const struct model *m, struct plan *plan,
                                  struct haul_fault *fault)
{
    const struct spec *s = m->spec;
    plan->root =
        m->request->dir ? source_folder(m->request->dir, NULL) : environment_ollama_models();
    if (!plan->root)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "there is no home for Ollama's store; set OLLAMA_MODELS or give --dir");
    for (size_t i = 0; i < m->manifest.count; i++) {
        const struct oci_blob *b = &m->manifest.blobs[i];
        char hex[2 * 32 + 1];
        if (b->digest.algorithm != DIGEST_SHA256)
            return fault_set(fault, HAUL_ERR_USAGE,
                             "%s: Ollama's store takes SHA-256 only; give --dir",
                             m->registry.label);
        units_format_hex(b->digest.bytes, 32, hex);
        char *path = xasprintf("blobs/sha256-%s", hex);
        if (in_plan(plan, path)) {
            free(path);
            continue;
        }
        struct plan_file *file = add_file(m, i, plan);
        file->path = path;
        file->name = xstrdup(m->names[i]);
        file->addressed = true;
    }
    qsort(plan->files, plan->count, sizeof *plan->files, by_size);
    const char *const parts[] = {"manifests", s->host ? s->host : OLLAMA_HOST, s->owner, s->name,
                                 m->reference};
    char *path = ollama_store_path(plan->root, parts, HAUL_ARRAY_LEN(parts));
    plan_add_document(plan, path, m->text.data, m->text.len, false);
    plan->documents[0].whole = true;
    free(path);
    return HAUL_OK;
}

static bool wanted(const struct job_request *r, const char *name)
{
    return (!r->include.count || glob_match_any(&r->include, name)) &&
           !glob_match_any(&r->exclude, name);
}

/* One file stands by itself, several go into a folder of the model's name. */
static enum haul_error plan_folder(const struct model *m, struct plan *plan,
                                   struct haul_fault *fault)
{
    const struct job_request *r = m->request;
    for (size_t i = 0; i < m->manifest.count; i++) {
        if (m->names[i] && wanted(r, m->names[i]))
            add_file(m, i, plan)->path = xstrdup(m->names[i]);
    }
    plan->root = source_folder(r->dir, plan->count > 1 ? m->spec->name : NULL);
    if (!plan->count)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: none of its files is wanted",
                         m->registry.label);
    if (r->out && plan->count > 1)
        return fault_set(fault, HAUL_ERR_USAGE, "%s has %zu files; --out is for one",
                         m->registry.label, plan->count);
    if (r->out) {
        free(plan->files[0].path);
        plan->files[0].path = xstrdup(r->out);
    }
    return HAUL_OK;
}

static enum haul_error name_files(struct model *m, struct haul_fault *fault)
{
    char *stem = is_tag(m->reference) ? xasprintf("%s-%s", m->spec->name, m->reference)
                                      : xstrdup(m->spec->name);
    m->names = xcalloc(m->manifest.count, sizeof *m->names);
    enum haul_error err = oci_names(&m->manifest, stem, m->names, fault);
    free(stem);
    /* In the store names are for people only. */
    return into_store(m->request) ? HAUL_OK : err;
}

static void describe(const struct model *m, struct plan *plan)
{
    struct digest_value digest;
    char text[OCI_DIGEST_SIZE];
    oci_digest_of(m->text.data, m->text.len, DIGEST_SHA256, &digest);
    oci_digest_format(&digest, text);
    plan->name = spec_display_name(m->spec);
    plan->revision = xstrdup(text);
    plan->auth_token = xstrdup(m->registry.token);
    plan->auth_url = xstrdup(m->registry.base);
}

static enum haul_error resolve(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault)
{
    (void)source;
    struct model m;
    model_init(&m, spec, request);
    enum haul_error err = check_request(&m, fault);
    if (err == HAUL_OK)
        err = open_registry(&m, fault);
    if (err == HAUL_OK)
        err = find_manifest(&m, client, fault);
    if (err == HAUL_OK)
        err = name_files(&m, fault);
    if (err == HAUL_OK)
        err = into_store(request) ? plan_store(&m, plan, fault) : plan_folder(&m, plan, fault);
    if (err == HAUL_OK)
        describe(&m, plan);
    model_release(&m);
    return err;
}

/* "ns/model" in "https://registry.example/v2/ns/model/blobs/…"; caller frees. */
static char *repository_of(const char *url)
{
    const char *begin = strstr(url, "/v2/"), *end = begin ? strstr(begin, "/blobs/") : NULL;
    return end ? xstrndup(begin + 4, (size_t)(end - begin - 4)) : xstrdup("");
}

/* The registry says anew how to get a token, to somebody who has none. */
static enum haul_error renew(struct plan *plan, const char *url, struct http_client *client,
                             struct haul_fault *fault)
{
    char *library = environment_ollama_registry();
    struct oci_registry r = {.base = xstrdup(plan->auth_url),
                             .repository = repository_of(url),
                             .label = xstrdup(plan->name),
                             .ollama = url_same_origin(library, plan->auth_url)};
    enum haul_error err = oci_registry_token(client, &r, url, fault);
    if (err == HAUL_OK) {
        free(plan->auth_token);
        plan->auth_token = r.token;
        r.token = NULL;
    }
    oci_registry_release(&r);
    free(library);
    return err;
}

static void explain(const struct plan *plan, const struct reply *reply, struct haul_fault *fault)
{
    if (fault->code == HAUL_ERR_HTTP_STATUS)
        return; /* nothing of the registry's own */
    bool gone = reply->status == 404 || reply->status == 410;
    const char *body = gone ? "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\"}]}" : "";
    oci_registry_fault(plan->name, reply->status, body, strlen(body), fault);
}

const struct source source_ollama = {
    .kind = SPEC_OLLAMA,
    .name = "Ollama",
    .resolve = resolve,
    .explain = explain,
    .renew = renew,
};
