/* SPDX-License-Identifier: MIT */
/*
 * A Hugging Face Hub out of two origins: one answers as huggingface.co does (repo info, tree with
 * pages, resolve with its redirects, resolve-cache), the other is its CDN, which refuses a request
 * that brings an Authorization. Any thread.
 */
#ifndef HAUL_TESTS_INTEGRATION_FAKE_HUB_H
#define HAUL_TESTS_INTEGRATION_FAKE_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "integration/world.h"
#include "origin/origin.h"

struct fake_file {
    const char *path; /* of letters that a URL need not encode */
    int64_t size;
    uint64_t seed;
    bool large; /* kept outside of git, served by the CDN */
};

struct fake_repo {
    const char *kind; /* "models", "datasets", "spaces" */
    const char *name; /* "org/name" */
    const char *revision, *commit;
    const struct fake_file *files;
    size_t count;
    const char *gated; /* "auto", "manual"; NULL: not */
    bool disabled;
    size_t page;        /* entries on a page of the tree; 0: 1000 */
    bool without_bytes; /* only listed */
};

struct fake_hub {
    struct origin *hub, *cdn;
};

void fake_hub_init(struct fake_hub *h);
void fake_hub_release(struct fake_hub *h);
/* Also for a repo that is there already: its revision is at that commit from now on. */
void fake_hub_add(struct fake_hub *h, const struct fake_repo *repo);

/* More options (fault.h) for where the file's bytes come from. */
void fake_hub_fault(struct fake_hub *h, const struct fake_repo *repo, const struct fake_file *file,
                    const char *options);
/* The large file comes by signed links of that many uses. */
void fake_hub_expire(struct fake_hub *h, const struct fake_repo *repo, const struct fake_file *file,
                     int uses, const char *options);
/* The path answers with this error; code and message may be NULL. */
void fake_hub_refuse(struct fake_hub *h, const char *path, int status, const char *code,
                     const char *message);

/* "/api/models/org/name/" + rest and "/org/name/resolve/COMMIT/" + path. Caller frees. */
char *fake_hub_api(const struct fake_repo *repo, const char *rest);
char *fake_hub_resolve(const struct fake_repo *repo, const char *path);
/* Hex of the name of the file's blob. */
void fake_hub_etag(const struct fake_file *file, char out[65]);
/* Requests in o's log whose target begins so. */
size_t fake_hub_requests(struct origin *o, const char *prefix);
/* Requests in o's log that brought an Authorization. */
size_t fake_hub_authorized(struct origin *o);

/* A world whose haul has this Hub, and a cache of its own. */
struct hub_setting {
    struct world world;
    struct fake_hub hub;
    char *cache;
};

/* Publishes the repo; $HF_HUB_CACHE is root/hub. */
void hub_setting_init(struct hub_setting *s, const struct fake_repo *repo);
/* endpoint: $HF_ENDPOINT, NULL: the fake's. The cache is root/folder, told to haul as `variable`.
 */
void hub_setting_init_with(struct hub_setting *s, const struct fake_repo *repo,
                           const char *endpoint, const char *variable, const char *folder);
void hub_setting_release(struct hub_setting *s);

#endif
