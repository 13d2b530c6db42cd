/* SPDX-License-Identifier: MIT */
/* The query of a URL as a list of names and values, percent-decoded once ('+' stays '+'). */
#ifndef HAUL_TESTS_ORIGIN_QUERY_H
#define HAUL_TESTS_ORIGIN_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

struct origin_pair {
    char *name;
    char *value; /* "" where the query has no '='; may hold any byte but NUL */
};

struct origin_query {
    struct origin_pair *pairs;
    size_t count;
};

void origin_query_init(struct origin_query *q);
void origin_query_release(struct origin_query *q);
/* Appends the pairs of "a=b&c"; NULL adds nothing. */
void origin_query_add(struct origin_query *q, const char *text);
/* The value that counts, which is the last; NULL where the name is absent. */
const char *origin_query_get(const struct origin_query *q, const char *name);
/* The first value of the name at or behind *i, which moves past it; NULL at the end. */
const char *origin_query_next(const struct origin_query *q, const char *name, size_t *i);
/* Appends "a=b&c=d&" without the names in `without` (NULL-terminated), encoded again. */
void origin_query_write(const struct origin_query *q, const char *const *without, struct buf *out);

#endif
