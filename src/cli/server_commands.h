/* SPDX-License-Identifier: MIT */
/* `haul add`, `jobs`, `watch`, `cancel`, `pause`, `resume`, `retry`: a job server's queue from the
 * shell. Main thread. */
#ifndef HAUL_CLI_SERVER_COMMANDS_H
#define HAUL_CLI_SERVER_COMMANDS_H

#include <stddef.h>

#include "cli/options.h"
#include "core/buf.h"
#include "core/session.h"

/* Carries out the command of the options on a server's session. Returns the exit code. */
int command_server(struct session *session, const struct cli_options *options,
                   const struct job_request *requests, size_t count);

/* The list as `haul jobs` prints it for people. */
void server_format_jobs(struct buf *out, const struct snapshot *s, bool ascii);

#endif
