/* SPDX-License-Identifier: MIT */
/* One parsed request head. */
#ifndef HAUL_TESTS_ORIGIN_REQUEST_H
#define HAUL_TESTS_ORIGIN_REQUEST_H

#include <stdbool.h>

#include "core/attrs.h"
#include "origin/query.h"

struct origin_header {
    char *name, *value;
};

struct origin_request {
    char *text; /* the head, cut into strings; everything below points into it */
    const char *method, *target, *version;
    char *path; /* target without its query, not decoded; owned */
    struct origin_query query;
    struct origin_header *headers;
    size_t header_count;
};

/* False for what is no HTTP request. Call release in any case. */
HAUL_NODISCARD bool origin_request_init(struct origin_request *r, const char *head);
void origin_request_release(struct origin_request *r);
/* The first header of that name, case-insensitive; NULL where there is none. */
const char *origin_request_header(const struct origin_request *r, const char *name);
/* True unless the client asked to close. */
bool origin_request_keeps_alive(const struct origin_request *r);

#endif
