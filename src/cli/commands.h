/* SPDX-License-Identifier: MIT */
/* Commands that fetch nothing. Main thread. */
#ifndef HAUL_CLI_COMMANDS_H
#define HAUL_CLI_COMMANDS_H

#include <stddef.h>

#include "cli/options.h"
#include "core/buf.h"
#include "core/session.h"

/* `haul resolve` and `--dry-run`: files, sizes, digests and addresses of every request on standard
 * output. Returns the exit code. */
int command_resolve(struct session *session, const struct cli_options *options,
                    const struct job_request *requests, size_t count);

/* What it prints for people. */
void command_format_plan(struct buf *out, const struct plan *plan);

#endif
