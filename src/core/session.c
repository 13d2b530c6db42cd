/* SPDX-License-Identifier: MIT */
/* The door for front ends: passes each call on to the kind of session it is; see session_ops.h. */
#include "core/session.h"

#include <string.h>

#include "core/session_ops.h"

enum haul_error session_add(struct session *s, const struct job_request *request,
                            char id[JOB_ID_SIZE], struct haul_fault *fault)
{
    size_t added;
    char ids[1][JOB_ID_SIZE];
    enum haul_error err = s->ops->add_many(s, request, 1, ids, &added, fault);
    if (err == HAUL_OK && id)
        memcpy(id, ids[0], JOB_ID_SIZE);
    return err;
}

enum haul_error session_add_many(struct session *s, const struct job_request *requests,
                                 size_t count, char (*ids)[JOB_ID_SIZE], size_t *added,
                                 struct haul_fault *fault)
{
    return s->ops->add_many(s, requests, count, ids, added, fault);
}

enum haul_error session_control(struct session *s, const char *id, enum job_action action,
                                struct haul_fault *fault)
{
    return s->ops->control(s, id, action, fault);
}

enum haul_error session_cancel_file(struct session *s, const char *id, size_t file,
                                    struct haul_fault *fault)
{
    return s->ops->cancel_file(s, id, file, fault);
}

enum haul_error session_change(struct session *s, const char *id, const struct job_change *change,
                               struct haul_fault *fault)
{
    return s->ops->change(s, id, change, fault);
}

enum haul_error session_set(struct session *s, int jobs, int64_t limit_rate,
                            struct haul_fault *fault)
{
    return s->ops->set(s, jobs, limit_rate, fault);
}

uint64_t session_save(struct session *s)
{
    return s->ops->save(s);
}

bool session_saved(struct session *s, uint64_t ticket)
{
    return s->ops->saved(s, ticket);
}

enum haul_error session_await(struct session *s, const char *id, int64_t deadline,
                              struct haul_fault *fault)
{
    return s->ops->await(s, id, deadline, fault);
}

struct watcher *session_watch(struct session *s)
{
    return s->ops->watch(s);
}

void watcher_free(struct watcher *w)
{
    if (w)
        w->ops->watcher_free(w);
}

int watcher_fd(const struct watcher *w)
{
    return w->ops->watcher_fd(w);
}

bool watcher_refresh(struct watcher *w, struct snapshot *snapshot)
{
    return w->ops->watcher_refresh(w, snapshot);
}

struct event *watcher_next(struct watcher *w, uint64_t *lost)
{
    return w->ops->watcher_next(w, lost);
}

size_t session_log(struct session *s, const char *id, struct event **out, size_t max)
{
    return s->ops->log(s, id, out, max);
}

bool session_detail(struct session *s, const char *id, size_t file, struct detail_view *out)
{
    return s->ops->detail(s, id, file, out);
}

enum haul_error session_resolve(struct session *s, const struct job_request *request,
                                const atomic_bool *stop, struct plan *plan,
                                struct haul_fault *fault)
{
    return s->ops->resolve(s, request, stop, plan, fault);
}

int64_t session_disk_free(struct session *s, const char *dir)
{
    return s->ops->disk_free(s, dir);
}

enum haul_error session_models(struct session *s, struct model_list *out, struct haul_fault *fault)
{
    return s->ops->models(s, out, fault);
}

enum haul_error session_model_verify(struct session *s, struct model *m,
                                     const struct digest_watch *watch, struct haul_fault *fault)
{
    return s->ops->model_verify(s, m, watch, fault);
}

enum haul_error session_model_remove(struct session *s, const struct model *m,
                                     struct model_removal *out, struct haul_fault *fault)
{
    return s->ops->model_remove(s, m, out, fault);
}

enum haul_error session_clean(struct session *s, const char *dir, const struct string_list *within,
                              bool dry_run, struct leftover_list *out, struct haul_fault *fault)
{
    return s->ops->clean(s, dir, within, dry_run, out, fault);
}

void session_stop(struct session *s)
{
    if (s->ops->stop)
        s->ops->stop(s);
}

void session_free(struct session *s)
{
    if (s)
        s->ops->free(s);
}
