/* SPDX-License-Identifier: MIT */
/* The token that TCP clients show: a file that only its owner can read. Any thread. */
#ifndef HAUL_API_TOKEN_H
#define HAUL_API_TOKEN_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"

/*
 * Reads it; *token is the caller's. `make`: one that is missing is made of 256 random bits, with
 * mode 0600. *shown (may be NULL) is set when others than the owner can read it. HAUL_ERR_NOT_FOUND
 * where it is missing, HAUL_ERR_USAGE for a file that holds no token, HAUL_ERR_DISK.
 */
HAUL_NODISCARD enum haul_error token_read(const char *path, bool make, char **token, bool *shown,
                                          struct haul_fault *fault);

#endif
