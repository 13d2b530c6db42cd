/* SPDX-License-Identifier: MIT */
/*
 * The files of a repo of the Hub at one commit: read from the pages of its tree API or from the
 * listing that its clients keep in the cache (trees/<commit>.json), and written as the latter.
 * Pure.
 */
#ifndef HAUL_NET_HUB_TREE_H
#define HAUL_NET_HUB_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/digest_value.h"
#include "core/error.h"

/* More files than this is no repo. */
#define HUB_FILES_MAX ((size_t)500000)
/* Bytes of a kept listing at most. */
#define HUB_LISTING_MAX ((size_t)64 << 20)

#define HUB_ETAG_SIZE 65

struct hub_file {
    char *path; /* in the repo, as the server gave it: to be checked before it names a file */
    int64_t size;
    uint8_t git[20]; /* git's blob id: of the file, or of the pointer that stands for it */
    bool large;      /* kept outside of git (LFS): sha256 is of the file */
    uint8_t sha256[32];
    bool has_xet;
    uint8_t xet[32];
    bool chosen;   /* hub_select.h */
    bool excluded; /* counts for no choice that nobody has named; hub_select.c's own */
    bool again;    /* an earlier chosen file has the same content */
};

struct hub_tree {
    struct hub_file *files;
    size_t count, room;
};

void hub_tree_init(struct hub_tree *t);
void hub_tree_release(struct hub_tree *t);
struct hub_file *hub_tree_add(struct hub_tree *t, const char *path);

/* Adds a page of the tree API. An entry that lacks what a file needs is an error, one of another
 * type than "file" is not. */
HAUL_NODISCARD enum haul_error hub_tree_add_page(struct hub_tree *t, const char *text, size_t len,
                                                 struct haul_fault *fault);
/* By path; a path that is there twice is an error, and so are sizes that no repo has. */
HAUL_NODISCARD enum haul_error hub_tree_sort(struct hub_tree *t, struct haul_fault *fault);

/* False for a listing that cannot be used, of a later format for example; t is empty then. */
HAUL_NODISCARD bool hub_tree_parse(struct hub_tree *t, const char *text, size_t len);
void hub_tree_write(const struct hub_tree *t, struct buf *out);

/* The name of the file's blob: SHA-256 or git id in hex. */
void hub_file_etag(const struct hub_file *f, char out[HUB_ETAG_SIZE]);
struct digest_value hub_file_digest(const struct hub_file *f);
/* Sets `again` among the chosen. */
void hub_tree_mark_repeats(struct hub_tree *t);

#endif
