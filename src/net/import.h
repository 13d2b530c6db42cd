/* SPDX-License-Identifier: MIT */
/*
 * A file's content brought from one place on this machine to another, by the cheapest way there is:
 * sharing its blocks, sharing the file, copying it. Any thread.
 */
#ifndef HAUL_NET_IMPORT_H
#define HAUL_NET_IMPORT_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"

/* Makes `to` share the blocks of `from`; false where the file system cannot. Costs next to nothing.
 */
HAUL_NODISCARD bool import_clone(int from, int to);

/*
 * Gives the open file `from`, which is called path, the name dirfd/base as well; in one step, over
 * what was there when `replace`. HAUL_ERR_EXISTS, or HAUL_ERR_DISK where it cannot be done and has
 * to be copied.
 */
HAUL_NODISCARD enum haul_error import_link(int from, const char *path, int dirfd, const char *base,
                                           bool replace, struct haul_fault *fault);

/* Writes all of `from` to `to` and digests it on the way; name is for the fault. The watch is asked
 * after each chunk. */
HAUL_NODISCARD enum haul_error import_copy(int from, int to, const char *name,
                                           enum digest_algorithm algorithm,
                                           const struct digest_watch *watch,
                                           struct digest_value *out, struct haul_fault *fault);

#endif
