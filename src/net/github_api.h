/* SPDX-License-Identifier: MIT */
/*
 * GitHub's REST API as far as releases go: one release with its assets, and words for what the API
 * refuses. What comes from the server is checked here; names are not safe yet. The worker's thread.
 */
#ifndef HAUL_NET_GITHUB_API_H
#define HAUL_NET_GITHUB_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"
#include "net/http.h"

struct github_asset {
    char *name;
    char *browser_url; /* where everybody gets it; NULL where there is no such */
    int64_t id, size;
    struct digest_value digest; /* DIGEST_NONE for old assets */
};

struct github_release {
    char *tag;
    int64_t id;
    struct github_asset *assets; /* those that are wholly uploaded */
    size_t count;
    size_t listed; /* all that the answer had */
};

/* Who is asked for what. Strings are borrowed. */
struct github_api {
    struct http_client *client;
    const char *base;  /* "https://api.github.com" */
    const char *token; /* NULL: none */
    const char *owner, *repo;
};

/* An answer of the API. HAUL_ERR_NETWORK, not retryable, for what is none; *r is then as after
 * release. */
HAUL_NODISCARD enum haul_error github_release_parse(const char *text, size_t len,
                                                    struct github_release *r,
                                                    struct haul_fault *fault);
/* The same for a list of assets, which are added to *r. */
HAUL_NODISCARD enum haul_error github_assets_parse(const char *text, size_t len,
                                                   struct github_release *r,
                                                   struct haul_fault *fault);
void github_release_release(struct github_release *r);

/* The release of that tag, NULL: the latest; with all its assets. */
HAUL_NODISCARD enum haul_error github_get_release(const struct github_api *api, const char *tag,
                                                  struct github_release *r,
                                                  struct haul_fault *fault);
/* The API's URL of an asset; caller frees. */
char *github_asset_url(const struct github_api *api, int64_t id);

/* What an error reply says, as far as words for people need it. Texts may be NULL. */
struct github_refusal {
    int status;
    const char *message;   /* from the body */
    const char *remaining; /* x-ratelimit-remaining */
    const char *limit;     /* x-ratelimit-limit */
    const char *reset;     /* x-ratelimit-reset */
    int64_t retry_after;   /* ns, -1 none */
    bool token;            /* one was sent */
};
/* Fills the fault and returns its code. */
enum haul_error github_fault(const char *what, const struct github_refusal *refusal,
                             struct haul_fault *fault);

#endif
