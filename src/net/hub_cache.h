/* SPDX-License-Identifier: MIT */
/*
 * The cache that all clients of the Hub share, as huggingface_hub lays it out below $HF_HUB_CACHE:
 *
 *     models--org--name/refs/main                     a commit, without a newline
 *     models--org--name/blobs/<etag>                  the bytes; etag is SHA-256 or git blob id
 *     models--org--name/snapshots/<commit>/<path>     relative links to blobs
 *     models--org--name/trees/<commit>.json           the list of all files of a commit
 *     models--org--name/.no_exist/<commit>/<path>     known not to be there
 *     .locks/models--org--name/<etag>.lock            flock while a blob is fetched
 *
 * Any thread; nothing here asks the Hub.
 */
#ifndef HAUL_NET_HUB_CACHE_H
#define HAUL_NET_HUB_CACHE_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/plan.h"
#include "net/hub_api.h"
#include "net/hub_tree.h"

/* "models--org--name". Caller frees. */
char *hub_cache_folder(const struct hub *h);

/* The commit that the cache has for h->revision, into h->commit; false where it has none. */
bool hub_cache_find_commit(struct hub *h, const char *root, const char *folder);
/* The list of the commit's files that a client has left. */
bool hub_cache_list(const struct hub *h, const char *root, const char *folder,
                    struct hub_tree *tree);
/* What of the commit is there, from its links alone: for want of the list. */
bool hub_cache_list_snapshot(const struct hub *h, const char *root, const char *folder,
                             struct hub_tree *tree);

/* Whether a blob of the file's size is there. */
bool hub_cache_has(const char *root, const char *folder, const struct hub_file *file);
/* Adds the file to the plan, as its blob and a link. */
void hub_cache_add_file(struct plan *plan, const struct hub *h, const char *folder,
                        const struct hub_file *file);
/* Adds the documents that stand beside the files of the tree: the list, the reference, the tag that
 * tells backups to pass by. */
void hub_cache_add_documents(struct plan *plan, const struct hub *h, const char *folder,
                             const struct hub_tree *tree);
/* Notes that the commit has no file of this path, so that other clients need not ask. */
void hub_cache_note_absent(const struct hub *h, const char *root, const char *folder,
                           const char *path);

#endif
