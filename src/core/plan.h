/* SPDX-License-Identifier: MIT */
/*
 * What a source made of a spec: the files to fetch. A source writes a plan, the engine carries it
 * out, the job shows it. Owned by whoever holds it; not shared between threads.
 */
#ifndef HAUL_CORE_PLAN_H
#define HAUL_CORE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"
#include "core/settings.h"

struct plan_file {
    char *url;    /* where the bytes are; may hold secrets */
    char *path;   /* relative to the plan's root; NULL: named by the reply (a plain URL) */
    int64_t size; /* bytes, -1 unknown until the reply */
    struct digest_value digest;
    char *etag;          /* validator the source knows already, or NULL */
    int64_t modified_ms; /* wall time, -1 unknown */
};

struct plan {
    char *name;     /* of the whole: "org/Example-27B-GGUF", a file name */
    char *revision; /* pinned commit, tag; or NULL */
    char *root;     /* absolute directory that the paths are relative to */
    struct plan_file *files;
    size_t count;
    /* Sent as `Authorization: Bearer …` to the origin (scheme, host, port) of auth_url and to no
     * other; NULL for none. Never logged, never stored. */
    char *auth_token;
    char *auth_url;
    struct string_list headers; /* "K: V", to the origin of files[0].url only */
};

void plan_init(struct plan *p);
void plan_release(struct plan *p);
/* Appends a zeroed file of unknown size; the pointer is good until the next call. */
struct plan_file *plan_add(struct plan *p);

#endif
