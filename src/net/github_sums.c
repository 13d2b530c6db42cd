/* SPDX-License-Identifier: MIT */
/* Checksum files of releases; see github_sums.h. */
#include "net/github_sums.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/sums.h"

#define SUMS_MAX ((size_t)4 << 20)

static const char *const list_names[] = {
    "sha256sums",       "sha256sums.txt",       "sha256sum.txt", "sha256sum",    "checksums.txt",
    "checksums",        "checksums-sha256.txt", "checksum",      "sha512sums",   "sha512sums.txt",
    "checksums.sha256", "checksums-sha512.txt", "sha1sums",      "sha1sums.txt", "md5sums",
    "md5sums.txt",
};
/* Of goreleaser: PROJECT_VERSION_checksums.txt. */
static const char *const list_ends[] = {"_checksums.txt", "-checksums.txt", "_sha256sums",
                                        "_sha256sums.txt"};
static const char *const file_ends[] = {".sha256", ".sha256sum", ".sha512", ".sha512sum", ".md5"};

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    return len > tail && !strcasecmp(name + len - tail, end);
}

bool github_sums_is_list(const char *name)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(list_names); i++)
        if (!strcasecmp(list_names[i], name))
            return true;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(list_ends); i++)
        if (ends_in(name, list_ends[i]))
            return true;
    return false;
}

bool github_sums_is_of(const char *name, const char *file)
{
    size_t len = strlen(file);
    if (strncmp(name, file, len) != 0)
        return false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(file_ends); i++)
        if (!strcasecmp(name + len, file_ends[i]))
            return true;
    return false;
}

static bool lacks_digest(const struct github_asset *asset)
{
    return asset->digest.algorithm == DIGEST_NONE;
}

/* Whether one of those without a digest could be in that file. */
static bool is_of_use(const struct github_asset *sums, struct github_asset *const *chosen,
                      size_t count)
{
    bool list = github_sums_is_list(sums->name);
    for (size_t i = 0; i < count; i++)
        if (chosen[i] != sums && lacks_digest(chosen[i]) &&
            (list || github_sums_is_of(sums->name, chosen[i]->name)))
            return true;
    return false;
}

static enum haul_error take(const struct sums *sums, const struct github_asset *from,
                            struct github_asset *asset, struct haul_fault *fault)
{
    struct digest_value value;
    struct haul_fault why;
    switch (sums_find(sums, asset->name, &value, &why)) {
    case HAUL_OK:
        asset->digest = value;
        asset->digest.origin = DIGEST_BY_PUBLISHER;
        return HAUL_OK;
    case HAUL_ERR_AMBIGUOUS:
        return fault_set(fault, HAUL_ERR_CHECKSUM, "%.200s of the release: %s", from->name,
                         why.message);
    default: /* not named there, or with a digest that haul cannot compute */
        return HAUL_OK;
    }
}

static enum haul_error read_sums(const struct github_api *api, const struct github_asset *from,
                                 struct http_response *response, struct haul_fault *fault)
{
    char *url = api->token || !from->browser_url ? github_asset_url(api, from->id)
                                                 : xstrdup(from->browser_url);
    struct http_request request = {.url = url,
                                   .accept = "application/octet-stream",
                                   .token = api->token,
                                   .max_body = SUMS_MAX};
    enum haul_error err = http_get(api->client, &request, response, fault);
    free(url);
    return err;
}

static enum haul_error apply_one(const struct github_api *api, const struct github_asset *from,
                                 struct github_asset *const *chosen, size_t count,
                                 struct haul_fault *fault)
{
    struct http_response response;
    struct sums sums;
    http_response_init(&response);
    enum haul_error err = read_sums(api, from, &response, fault);
    if (err == HAUL_OK &&
        sums_parse(from->name, response.body.data, response.body.len, &sums, NULL) == HAUL_OK) {
        bool list = github_sums_is_list(from->name);
        for (size_t i = 0; err == HAUL_OK && i < count; i++)
            if (lacks_digest(chosen[i]) && (list || github_sums_is_of(from->name, chosen[i]->name)))
                err = take(&sums, from, chosen[i], fault);
        sums_release(&sums);
    }
    http_response_release(&response);
    return err;
}

/* Lists first: one of them may serve for all. */
enum haul_error github_sums_apply(const struct github_api *api,
                                  const struct github_release *release,
                                  struct github_asset *const *chosen, size_t count,
                                  struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    for (int list = 1; list >= 0; list--) {
        for (size_t i = 0; err == HAUL_OK && i < release->count; i++) {
            const struct github_asset *from = &release->assets[i];
            if (github_sums_is_list(from->name) == list && from->size <= (int64_t)SUMS_MAX &&
                is_of_use(from, chosen, count))
                err = apply_one(api, from, chosen, count, fault);
        }
    }
    return err;
}
