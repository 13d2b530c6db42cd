/* SPDX-License-Identifier: MIT */
/* First and last steps of the program, whatever front end runs between. Main thread. */
#ifndef HAUL_CLI_STARTUP_H
#define HAUL_CLI_STARTUP_H

#include "cli/options.h"
#include "core/error.h"

/* Opens what is closed of standard input, output and error on /dev/null, before anything else
 * is opened. Writing to an output that was closed goes on failing. */
void startup_fill_descriptors(void);
/* Connections and partial files need many at once, and the usual limit is of a time of fewer:
 * raises it as far as is needed and allowed. What is started by haul has the higher one, too. Fails
 * where not one download would work. */
HAUL_NODISCARD enum haul_error startup_raise_file_limit(struct haul_fault *fault);
/* Says on standard error what went wrong, and the hint, which may be NULL. Returns the exit code.
 */
int startup_complain(const struct haul_fault *fault, const char *hint);
/* --help and --version. Returns the exit code. */
int startup_inform(const struct cli_options *o);

#endif
