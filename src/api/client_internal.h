/* SPDX-License-Identifier: MIT */
/* Between the files of the client. */
#ifndef HAUL_API_CLIENT_INTERNAL_H
#define HAUL_API_CLIENT_INTERNAL_H

#include "api/client_mirror.h"
#include "api/client_near.h"
#include "api/client_wire.h"
#include "core/clock.h"
#include "core/session_ops.h"

#define CLIENT_PATIENCE (10 * CLOCK_SEC)

struct client {
    struct session base;
    struct wire *wire;
    struct mirror mirror;
    struct near near;
    struct mutex mutex; /* guards following */
    bool following;     /* the stream was asked for */
    bool hasty;
};

struct client *client_of(struct session *s);

/* Asks with the usual patience. body and reply may be NULL. */
HAUL_NODISCARD enum haul_error client_ask(struct client *c, const char *method, const char *path,
                                          const char *body, struct json **reply,
                                          struct haul_fault *fault);
/* "/v1/…/ID" with the id escaped, and what follows; caller frees. */
char *client_path(const char *before, const char *id, const char *after);

/* The server is somewhere else: what is relative is so to where the user is. NULL stays NULL;
 * caller frees. */
char *client_dir(const char *dir);

/* client_library.c */
enum haul_error client_models(struct session *s, struct model_list *out, struct haul_fault *fault);
enum haul_error client_model_verify(struct session *s, struct model *m,
                                    const struct digest_watch *watch, struct haul_fault *fault);
enum haul_error client_model_remove(struct session *s, const struct model *m,
                                    struct model_removal *out, struct haul_fault *fault);
enum haul_error client_clean(struct session *s, const char *dir, const struct string_list *within,
                             bool dry_run, struct leftover_list *out, struct haul_fault *fault);
enum haul_error client_resolve(struct session *s, const struct job_request *request,
                               const atomic_bool *stop, struct plan *plan,
                               struct haul_fault *fault);

/* client_jobs.c */
void client_put_request(struct buf *body, const struct job_request *r);
enum haul_error client_add_many(struct session *s, const struct job_request *requests, size_t count,
                                char (*ids)[JOB_ID_SIZE], size_t *added, struct haul_fault *fault);
enum haul_error client_control(struct session *s, const char *id, enum job_action action,
                               struct haul_fault *fault);
enum haul_error client_cancel_file(struct session *s, const char *id, size_t file,
                                   struct haul_fault *fault);
enum haul_error client_change(struct session *s, const char *id, const struct job_change *change,
                              struct haul_fault *fault);
enum haul_error client_set(struct session *s, int jobs, int64_t limit_rate,
                           struct haul_fault *fault);

#endif
