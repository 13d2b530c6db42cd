/* SPDX-License-Identifier: MIT */
/* The table of routes; see server_routes.h. */
#include "api/server_routes.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/attrs.h"
#include "core/buf.h"

const struct route routes[] = {
    {"GET", "/", handle_page, true},
    {"GET", "/haul.css", handle_page, true},
    {"GET", "/haul.js", handle_page, true},
    {"GET", "/dialogs.js", handle_page, true},
    {"GET", "/rows.js", handle_page, true},
    {"GET", "/mirror.js", handle_page, true},
    {"GET", "/server.js", handle_page, true},
    {"GET", "/figures.js", handle_page, true},
    {"GET", "/haul.svg", handle_page, true},
    {"GET", "/health", handle_health, true},
    {"GET", "/metrics", handle_metrics, false},
    {"GET", "/v1/info", handle_info, false},
    {"GET", "/v1/settings", handle_settings, false},
    {"PATCH", "/v1/settings", handle_set, false},
    {"GET", "/v1/jobs", handle_list, false},
    {"POST", "/v1/jobs", handle_add, false},
    {"GET", "/v1/jobs/*", handle_job, false},
    {"PATCH", "/v1/jobs/*", handle_change, false},
    {"DELETE", "/v1/jobs/*", handle_cancel, false},
    {"GET", "/v1/jobs/*/stream", handle_stream, false},
    {"GET", "/v1/jobs/*/files/*", handle_file, false},
    {"DELETE", "/v1/jobs/*/files/*", handle_cancel_file, false},
    {"POST", "/v1/jobs/*/cancel", handle_cancel, false},
    {"POST", "/v1/jobs/*/pause", handle_pause, false},
    {"POST", "/v1/jobs/*/resume", handle_resume, false},
    {"POST", "/v1/jobs/*/retry", handle_retry, false},
    {"POST", "/v1/jobs/*/drop", handle_drop, false},
    {"POST", "/v1/jobs/*/restore", handle_restore, false},
    {"POST", "/v1/jobs/*/delete", handle_delete, false},
    {"GET", "/v1/events", handle_events, false},
    {"GET", "/v1/log", handle_log, false},
    {"POST", "/v1/resolve", handle_resolve, false},
    {"GET", "/v1/disk", handle_disk, false},
    {"GET", "/v1/models", handle_models, false},
    {"POST", "/v1/models/**/verify", handle_verify, false},
    {"GET", "/v1/models/**", handle_model, false},
    {"DELETE", "/v1/models/**", handle_remove, false},
    {"POST", "/v1/clean", handle_clean, false},
};
const size_t route_count = HAUL_ARRAY_LEN(routes);

/* The end of the part of `path` that "*" or "**" stands for; NULL: none. */
static const char *span_end(const char *star, size_t stars, const char *path)
{
    if (stars == 1)
        return path + strcspn(path, "/");
    size_t len = strlen(path), tail = strlen(star + stars);
    bool fits = len > tail && !strcmp(path + len - tail, star + stars);
    return fits ? path + len - tail : NULL;
}

bool route_match(const struct route *r, const char *path, char *args[2])
{
    const char *p = r->pattern;
    size_t found = 0;
    while (*p && *path) {
        if (*p != '*') {
            if (*p++ != *path++)
                break;
            continue;
        }
        size_t stars = strspn(p, "*");
        const char *end = span_end(p, stars, path);
        if (!end || end == path)
            break;
        args[found++] = xstrndup(path, (size_t)(end - path));
        p += stars;
        path = end;
    }
    if (!*p && !*path)
        return true;
    for (size_t i = 0; i < found; i++) {
        free(args[i]);
        args[i] = NULL;
    }
    return false;
}

const struct route *route_find(const char *method, const char *path, char *args[2], char **allowed)
{
    struct buf others;
    buf_init(&others);
    *allowed = NULL;
    for (size_t i = 0; i < route_count; i++) {
        if (!route_match(&routes[i], path, args))
            continue;
        if (!strcmp(routes[i].method, method)) {
            buf_release(&others);
            return &routes[i];
        }
        buf_addf(&others, "%s%s", others.len ? ", " : "", routes[i].method);
        for (size_t k = 0; k < 2; k++) {
            free(args[k]);
            args[k] = NULL;
        }
    }
    *allowed = buf_detach(&others);
    return NULL;
}
