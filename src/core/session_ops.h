/* SPDX-License-Identifier: MIT */
/*
 * What a kind of session has to offer: session.c passes every call of session.h on to these. An
 * implementation begins its own struct with struct session, and its watcher with struct watcher.
 */
#ifndef HAUL_CORE_SESSION_OPS_H
#define HAUL_CORE_SESSION_OPS_H

#include "core/session.h"

struct session_ops {
    enum haul_error (*add_many)(struct session *s, const struct job_request *requests, size_t count,
                                char (*ids)[JOB_ID_SIZE], size_t *added, struct haul_fault *fault);
    enum haul_error (*control)(struct session *s, const char *id, enum job_action action,
                               struct haul_fault *fault);
    enum haul_error (*cancel_file)(struct session *s, const char *id, size_t file,
                                   struct haul_fault *fault);
    enum haul_error (*change)(struct session *s, const char *id, const struct job_change *change,
                              struct haul_fault *fault);
    enum haul_error (*set)(struct session *s, int jobs, int64_t limit_rate,
                           struct haul_fault *fault);
    uint64_t (*save)(struct session *s);
    bool (*saved)(struct session *s, uint64_t ticket);
    enum haul_error (*await)(struct session *s, const char *id, int64_t deadline,
                             struct haul_fault *fault);
    struct watcher *(*watch)(struct session *s);
    size_t (*log)(struct session *s, const char *id, struct event **out, size_t max);
    bool (*detail)(struct session *s, const char *id, size_t file, struct detail_view *out);
    enum haul_error (*resolve)(struct session *s, const struct job_request *request,
                               const atomic_bool *stop, struct plan *plan,
                               struct haul_fault *fault);
    int64_t (*disk_free)(struct session *s, const char *dir);
    enum haul_error (*models)(struct session *s, struct model_list *out, struct haul_fault *fault);
    enum haul_error (*model_verify)(struct session *s, struct model *m,
                                    const struct digest_watch *watch, struct haul_fault *fault);
    enum haul_error (*model_remove)(struct session *s, const struct model *m,
                                    struct model_removal *out, struct haul_fault *fault);
    enum haul_error (*clean)(struct session *s, const char *dir, const struct string_list *within,
                             bool dry_run, struct leftover_list *out, struct haul_fault *fault);
    void (*stop)(struct session *s); /* NULL: there is nothing to stop */
    void (*free)(struct session *s);
    /* of its watchers */
    int (*watcher_fd)(const struct watcher *w);
    bool (*watcher_refresh)(struct watcher *w, struct snapshot *snapshot);
    struct event *(*watcher_next)(struct watcher *w, uint64_t *lost);
    void (*watcher_free)(struct watcher *w);
};

struct session {
    const struct session_ops *ops;
};

struct watcher {
    const struct session_ops *ops;
};

#endif
