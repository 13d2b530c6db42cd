/* SPDX-License-Identifier: MIT */
/* The session in this process: a job table with its workers, its keeper and its store. */
#ifndef HAUL_CORE_SESSION_LOCAL_H
#define HAUL_CORE_SESSION_LOCAL_H

#include "core/adoption.h"
#include "core/keeper.h"
#include "core/pool.h"
#include "core/session_ops.h"
#include "core/store.h"
#include "core/table.h"

struct session_local {
    struct session base;
    struct table table;
    struct pool pool;
    struct keeper keeper;
    struct adoption adoption;
    struct store *store; /* NULL: nothing is kept on disk */
    struct engine *engine;
    const struct engine_ops *ops;
};

/* session_add_many (session_add.c) */
enum haul_error session_local_add(struct session *s, const struct job_request *requests,
                                  size_t count, char (*ids)[JOB_ID_SIZE], size_t *added,
                                  struct haul_fault *fault);

/* session_library.c */
enum haul_error session_local_models(struct session *s, struct model_list *out,
                                     struct haul_fault *fault);
enum haul_error session_local_model_verify(struct session *s, struct model *m,
                                           const struct digest_watch *watch,
                                           struct haul_fault *fault);
enum haul_error session_local_model_remove(struct session *s, const struct model *m,
                                           struct model_removal *out, struct haul_fault *fault);
enum haul_error session_local_clean(struct session *s, const char *dir,
                                    const struct string_list *within, bool dry_run,
                                    struct leftover_list *out, struct haul_fault *fault);

#endif
