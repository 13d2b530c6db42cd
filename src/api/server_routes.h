/* SPDX-License-Identifier: MIT */
/* Which path is whose: one table, which docs/openapi.json is held against. */
#ifndef HAUL_API_SERVER_ROUTES_H
#define HAUL_API_SERVER_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

struct exchange;

struct route {
    const char *method;
    /* Segments; "*" is any one of them, "**" one or more, which a fixed end may follow. */
    const char *pattern;
    void (*handle)(struct exchange *x);
    bool open; /* wants no token */
};

extern const struct route routes[];
extern const size_t route_count;

/* Fills args with what the stars stand for, caller frees. */
bool route_match(const struct route *r, const char *path, char *args[2]);
/* NULL: none. *allowed gets the methods that the path knows, "" if there is no such path; caller
 * frees. */
const struct route *route_find(const char *method, const char *path, char *args[2], char **allowed);

/* server_jobs.c */
void handle_add(struct exchange *x);
void handle_list(struct exchange *x);
void handle_job(struct exchange *x);
void handle_pause(struct exchange *x);
void handle_resume(struct exchange *x);
void handle_retry(struct exchange *x);
void handle_drop(struct exchange *x);
void handle_restore(struct exchange *x);
void handle_delete(struct exchange *x);
void handle_change(struct exchange *x);
/* server_cancel.c */
void handle_cancel(struct exchange *x);
/* server_near.c */
void handle_file(struct exchange *x);
void handle_cancel_file(struct exchange *x);
void handle_log(struct exchange *x);
/* server_stream.c */
void handle_stream(struct exchange *x);
void handle_events(struct exchange *x);
/* server_library.c */
void handle_models(struct exchange *x);
void handle_model(struct exchange *x);
void handle_verify(struct exchange *x);
void handle_remove(struct exchange *x);
void handle_clean(struct exchange *x);
void handle_resolve(struct exchange *x);
void handle_disk(struct exchange *x);
/* server_info.c */
void handle_health(struct exchange *x);
void handle_info(struct exchange *x);
void handle_settings(struct exchange *x);
void handle_set(struct exchange *x);
void handle_metrics(struct exchange *x);
/* server_page.c */
void handle_page(struct exchange *x);

#endif
