/* SPDX-License-Identifier: MIT */
/*
 * What haul brought: one entry ("model", whatever it is) for each source and place, with the files
 * that belong to it. Plain data of whoever holds it; the store keeps it (store_library.h), the disk
 * decides whether it is still true.
 */
#ifndef HAUL_CORE_LIBRARY_H
#define HAUL_CORE_LIBRARY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"
#include "core/plan.h"
#include "core/request.h"
#include "core/settings.h"
#include "core/spec.h"

/* Stored by number: new ones at the end. */
enum model_state { MODEL_OK, MODEL_MISSING, MODEL_BAD /* 2 in store_statements.c, too */ };
const char *model_state_name(enum model_state s); /* "ok" */

struct model_file {
    char *path; /* relative to the root */
    char *link; /* of the symbolic link that leads to it, likewise; NULL: none */
    int64_t size;
    struct digest_value digest; /* what it must have and who said so; DIGEST_NONE: nobody did */
    int64_t verified_ms;        /* wall time of the last check against the digest, 0: never */
    bool made;                  /* haul wrote it, so haul may delete it */
    bool shared;                /* named after its content: other models may use it, too */
    bool document;              /* a reference or manifest, not content */
    enum model_state state;     /* as of model_look or a verification */
};

struct model {
    char *id;     /* stable and unique; before the store has it: the id that it would like */
    char *source; /* the spec, masked */
    char *name;
    char *revision; /* or NULL */
    enum layout layout;
    char *root; /* absolute */
    bool grows; /* of the same id more files may come; else the new ones are all there are */
    struct model_file *files;
    size_t count;
    struct string_list dirs; /* absolute; that haul made for it */
    int64_t created_ms, verified_ms;
    enum model_state state;
};

struct model_list {
    struct model *items;
    size_t count;
};

void model_init(struct model *m);
void model_release(struct model *m);
/* Appends a zeroed file; the pointer is good until the next call. */
struct model_file *model_add_file(struct model *m);
int64_t model_size(const struct model *m); /* of its content, shared files counted once */
void model_list_release(struct model_list *l);

/* Where the file is: below path, or below link where links cannot be made and the file itself
 * stands there. Caller frees. */
char *model_file_path(const struct model *m, const struct model_file *f);
/* What to show as its path: the link, if there is one. Caller frees. */
char *model_file_shown(const struct model *m, const struct model_file *f);

/* Compares names and sizes with the disk and sets the states; what a verification found bad stays
 * bad. */
void model_look(struct model *m);

/*
 * The entries that `text` can mean: the one of that id, else those of that source, else of that
 * name, else the one whose id ends in "~" and it, else those whose id begins with it. Fills matches
 * (room for l->count) and returns how many.
 */
size_t model_list_find(const struct model_list *l, const char *text, struct model **matches);

/* ---- how an entry comes into being (library_note.c) ---- */

/* What a plan tells; an initialised model. Notes which directories are missing now. */
void model_note_plan(struct model *m, const struct plan *plan);
/* The id that it would like, source and layout; after the plan was noted. */
void model_note_request(struct model *m, const struct job_request *request, const char *source,
                        enum layout layout);
/* An id from a spec: what it names, with the revision pinned. Bytes that are no printable text are
 * percent-encoded, so that different specs never get the same. Caller frees. */
char *model_id(const struct spec *spec, const char *source, const char *revision,
               const char *place);
/* A tag that keeps ids apart when two places would get the same: "~" and hex digits. */
char *model_id_apart(const char *id, const char *root, unsigned attempt);

/* ---- deleting (library_remove.c) ---- */

struct model_removal {
    size_t files; /* deleted */
    int64_t bytes;
    struct string_list kept; /* "PATH: why" */
    struct string_list left; /* documents that other files of the revision need; below the root */
    char *heir;              /* id of an entry that has such files; NULL: none */
};
void model_removal_release(struct model_removal *r);
/*
 * Deletes what haul wrote and nothing else uses: no entry of `all` (m may be one of them) and, in
 * the Hub's cache, no snapshot leads to the blob, in Ollama's store no manifest names it; documents
 * of the Hub's cache go with the last file of their revision. Directories that haul made go when
 * they are empty. What has changed since, or is not haul's, stays and is listed in `kept`. Fills r,
 * which is zero before.
 */
void model_remove_files(const struct model *m, const struct model_list *all,
                        struct model_removal *r);

/* ---- what was left over (library_clean.c) ---- */

struct leftover {
    char *path; /* final path that the partial belongs to */
    int64_t bytes;
};
struct leftover_list {
    struct leftover *items;
    size_t count;
};
void leftover_list_release(struct leftover_list *l);
/* Partial files of haul in `dir` that no living process writes; `deep`: below it, too. Those of a
 * final path in `wanted` (sorted) are left out. */
void leftovers_find(const char *dir, bool deep, const struct string_list *wanted,
                    struct leftover_list *out);
void string_list_sort(struct string_list *l); /* and drops duplicates */
bool string_list_has(const struct string_list *sorted, const char *s);

#endif
