/* SPDX-License-Identifier: MIT */
/*
 * Lists in the style of SHA256SUMS: GNU lines (`HEX  NAME`, `HEX *NAME`, a leading backslash for an
 * escaped name), BSD lines (`SHA256 (NAME) = HEX`), or one bare HEX. Lines of other kinds (text,
 * PGP armour) are passed over. Any thread.
 */
#ifndef HAUL_CORE_SUMS_H
#define HAUL_CORE_SUMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"

struct sums_entry {
    char *name;                /* without leading "./"; "" for a bare digest */
    struct digest_value value; /* DIGEST_NONE for a kind that haul cannot compute; origin is NONE:
                                  the caller knows who promised it */
    bool exact;                /* only for what has that very name */
};

struct sums {
    struct sums_entry *entries;
    size_t count;
};

/* HAUL_ERR_USAGE where no line is a checksum, or a name has a bad escape; *sums is then as after
 * release. `label` is the list's name, for messages. */
HAUL_NODISCARD enum haul_error sums_parse(const char *label, const char *text, size_t len,
                                          struct sums *sums, struct haul_fault *fault);
void sums_release(struct sums *sums);

/* The list is for these names together: a line whose last component several of them have is for the
 * one with its very name, and a bare digest is for none. NULLs are passed over. */
void sums_share(struct sums *sums, const char *const *names, size_t count);

/*
 * The strongest digest for `name`: of the lines with that very name, else of those with the same
 * last component if they agree, else a bare digest that is alone in the list.
 * HAUL_ERR_NOT_FOUND: not named. HAUL_ERR_AMBIGUOUS: lines contradict one another.
 * HAUL_ERR_CHECKSUM: named, but with no digest that haul can compute.
 */
HAUL_NODISCARD enum haul_error sums_find(const struct sums *sums, const char *name,
                                         struct digest_value *value, struct haul_fault *fault);

#endif
