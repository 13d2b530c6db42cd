/* SPDX-License-Identifier: MIT */
/* The library in haul.db; see library.h and store.h. Calls block on the disk like all of the store.
 */
#ifndef HAUL_CORE_STORE_LIBRARY_H
#define HAUL_CORE_STORE_LIBRARY_H

#include "core/library.h"
#include "core/store.h"

/*
 * Writes what a job brought; between store_begin and store_end. An entry of that id and root takes
 * the files up; when the id is another place's, the model gets one of its own (m->id is replaced).
 * A final path belongs to one entry only: others that had it lose it, unless it is shared.
 */
HAUL_NODISCARD enum haul_error store_put_model(struct store *s, struct model *m,
                                               struct haul_fault *fault);
/* Replaces states, digests and times of an entry that is there; others stay away. */
HAUL_NODISCARD enum haul_error store_update_model(struct store *s, const struct model *m,
                                                  struct haul_fault *fault);
/* The entry `heir` takes over the files of these paths; NULL: nobody does. */
HAUL_NODISCARD enum haul_error store_delete_model(struct store *s, const char *id, const char *heir,
                                                  const struct string_list *paths,
                                                  struct haul_fault *fault);
/* The entry of that id has these files no more; it goes with its last one. */
HAUL_NODISCARD enum haul_error store_forget_files(struct store *s, const struct model *m,
                                                  struct haul_fault *fault);
/* All entries, oldest first; the list is released or zero before. */
HAUL_NODISCARD enum haul_error store_list_models(struct store *s, struct model_list *out,
                                                 struct haul_fault *fault);
/* Paths of files that were whole and had this content when the library last saw them. */
HAUL_NODISCARD enum haul_error
store_find_content(struct store *s, const struct digest_value *digest, int64_t size,
                   void (*take)(void *context, const char *path, bool shared), void *context,
                   struct haul_fault *fault);
/* Directories that haul has written to, and final paths that open jobs want; both sorted. */
HAUL_NODISCARD enum haul_error store_places(struct store *s, struct string_list *dirs,
                                            struct string_list *wanted, struct haul_fault *fault);

#endif
