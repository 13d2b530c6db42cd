/* SPDX-License-Identifier: MIT */
/* Reads what GitHub says of a release; see github_api.h. Pure, any thread. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "net/github_api.h"
#include "net/oci_manifest.h"
#include "net/url.h"

#define NODES_MAX  500000
#define ASSETS_MAX 10000
/* So that sizes can be added up without a thought. */
#define SIZE_MAX_EACH ((int64_t)1 << 45)

void github_release_release(struct github_release *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->assets[i].name);
        free(r->assets[i].browser_url);
    }
    free(r->assets);
    free(r->tag);
    *r = (struct github_release){0};
}

static enum haul_error refuse(struct haul_fault *fault, const char *why)
{
    fault_set(fault, HAUL_ERR_NETWORK, "GitHub's answer %s", why);
    if (fault)
        fault->retryable = false;
    return HAUL_ERR_NETWORK;
}

static struct json *parse(const char *text, size_t len, enum json_type type,
                          struct haul_fault *fault)
{
    struct haul_fault why;
    if (len && text[strspn(text, " \t\r\n")] == '<') {
        refuse(fault, "is a web page; is there a login page in between?");
        return NULL;
    }
    struct json *root = json_parse(text, len, NODES_MAX, HAUL_ERR_NETWORK, &why);
    if (!root) {
        char *reason = xasprintf("cannot be read: %s", why.message);
        refuse(fault, reason);
        free(reason);
    } else if (json_type(root) != type) {
        refuse(fault, "is not what was asked for");
        json_free(root);
        root = NULL;
    }
    return root;
}

/* An upload that was broken off stays as "starter" or "open"; it has no bytes to fetch. */
static bool is_whole(const struct json *v)
{
    return !strcmp(json_string(json_get(v, "state"), "uploaded"), "uploaded");
}

static bool is_web_address(const char *url)
{
    char *origin = url ? url_origin(url) : NULL;
    free(origin);
    return origin != NULL;
}

static enum haul_error add_asset(const struct json *v, struct github_release *r,
                                 struct haul_fault *fault)
{
    const char *name = json_string(json_get(v, "name"), NULL);
    const char *url = json_string(json_get(v, "browser_download_url"), NULL);
    const char *digest = json_string(json_get(v, "digest"), NULL);
    struct github_asset asset = {.id = json_int(json_get(v, "id"), -1),
                                 .size = json_int(json_get(v, "size"), -1)};
    r->listed++;
    if (!is_whole(v))
        return HAUL_OK;
    if (!name || asset.id < 0 || asset.size < 0 || asset.size > SIZE_MAX_EACH)
        return refuse(fault, "has an asset without a name, id or size");
    /* A kind of digest that haul cannot compute is no digest; one that is broken is a lie. */
    if (digest && !oci_digest_parse(digest, &asset.digest)) {
        asset.digest = (struct digest_value){0};
        if (!strncmp(digest, "sha256:", strlen("sha256:")))
            return refuse(fault, "has an asset with a digest that is none");
    }
    asset.name = xstrdup(name);
    asset.browser_url = is_web_address(url) ? xstrdup(url) : NULL;
    r->assets = xreallocarray(r->assets, r->count + 1, sizeof *r->assets);
    r->assets[r->count++] = asset;
    return HAUL_OK;
}

static enum haul_error add_assets(const struct json *list, struct github_release *r,
                                  struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    if (r->count + json_count(list) > ASSETS_MAX)
        return refuse(fault, "has more assets than any release");
    for (size_t i = 0; err == HAUL_OK && i < json_count(list); i++)
        err = add_asset(json_at(list, i), r, fault);
    return err;
}

enum haul_error github_release_parse(const char *text, size_t len, struct github_release *r,
                                     struct haul_fault *fault)
{
    *r = (struct github_release){0};
    struct json *root = parse(text, len, JSON_OBJECT, fault);
    if (!root)
        return HAUL_ERR_NETWORK;
    const char *tag = json_string(json_get(root, "tag_name"), NULL);
    r->id = json_int(json_get(root, "id"), -1);
    r->tag = xstrdup(tag);
    enum haul_error err = tag && *tag ? add_assets(json_get(root, "assets"), r, fault)
                                      : refuse(fault, "is no release");
    json_free(root);
    if (err != HAUL_OK)
        github_release_release(r);
    return err;
}

enum haul_error github_assets_parse(const char *text, size_t len, struct github_release *r,
                                    struct haul_fault *fault)
{
    struct json *root = parse(text, len, JSON_ARRAY, fault);
    if (!root)
        return HAUL_ERR_NETWORK;
    enum haul_error err = add_assets(root, r, fault);
    json_free(root);
    return err;
}
