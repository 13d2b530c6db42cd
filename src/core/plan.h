/* SPDX-License-Identifier: MIT */
/*
 * What a source made of a spec: the files to fetch. A source writes a plan, the engine carries it
 * out, the job shows it. Owned by whoever holds it; not shared between threads.
 */
#ifndef HAUL_CORE_PLAN_H
#define HAUL_CORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"
#include "core/settings.h"

struct plan_file {
    char *url;  /* where the bytes are; may hold secrets */
    char *path; /* relative to the plan's root; NULL: named by the reply (a plain URL) */
    char *name; /* what to call it in lists; NULL: path */
    /* A symbolic link to make when the file is whole, relative to the root too; NULL: none. It is
     * what the user is shown as the file's path then. Where links cannot be made the file moves. */
    char *link;
    bool
        addressed; /* path is named after the content: a file of the right size there is this one */
    /* A file below the root that is locked (flock) while this one is fetched, for other programs
     * that use the same store; NULL: none. It is made where it is missing, and stays. */
    char *lock;
    int64_t size; /* bytes, -1 unknown until the reply */
    struct digest_value digest;
    char *etag;          /* validator the source knows already, or NULL */
    int64_t modified_ms; /* wall time, -1 unknown */
    bool present;        /* a file of that size stood there; told by session_resolve */
};

/* A small file that the plan itself brings: a reference, a manifest. Written in order when every
 * file stands in its place, each in one step, over what was there. */
struct plan_document {
    char *path; /* relative to the root */
    char *text;
    size_t len;
    bool keep; /* one that is there already stays as it is */
    /* It names the plan's files, so it is not written while one of them is missing: the user left
     * it out, or another program tidied it away. */
    bool whole;
};

struct source;

struct plan {
    const struct source *source; /* that made it; may explain refusals; or NULL */
    char *name;                  /* of the whole: "org/Example-27B-GGUF", a file name */
    char *revision;              /* pinned commit, tag; or NULL */
    char *root;                  /* absolute directory that the paths are relative to */
    struct plan_file *files;
    size_t count;
    struct plan_document *documents;
    size_t document_count;
    /* Sent as `Authorization: Bearer …` to the origin (scheme, host, port) of auth_url and to no
     * other; NULL for none. Never logged, never stored. */
    char *auth_token;
    char *auth_url;
    struct string_list headers;   /* "K: V", to the origin of files[0].url only */
    struct string_list made_dirs; /* absolute; directories that the source has made itself */
};

void plan_init(struct plan *p);
void plan_release(struct plan *p);
/* Appends a zeroed file of unknown size; the pointer is good until the next call. */
struct plan_file *plan_add(struct plan *p);
/* Copies path and text. */
void plan_add_document(struct plan *p, const char *path, const char *text, size_t len, bool keep);

#endif
