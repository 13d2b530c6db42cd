/* SPDX-License-Identifier: MIT */
/* A whole text file in memory. */
#ifndef HAUL_CLI_TEXT_FILE_H
#define HAUL_CLI_TEXT_FILE_H

#include <stddef.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"

/*
 * Reads a file, or standard input for "-", into an empty *out. A file that is not there, cannot
 * be read or exceeds out->max is HAUL_ERR_USAGE: it is what the user named. `errnum` (may be NULL)
 * gets the errno, 0 where there was none.
 */
HAUL_NODISCARD enum haul_error text_file_read(const char *name, struct buf *out, int *errnum,
                                              struct haul_fault *fault);

#endif
