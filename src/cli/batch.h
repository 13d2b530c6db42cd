/* SPDX-License-Identifier: MIT */
/* `haul --batch`: fetch everything and say how it went, for scripts and programs. Main thread. */
#ifndef HAUL_CLI_BATCH_H
#define HAUL_CLI_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"
#include "core/session.h"

struct batch_input {
    const struct job_request *requests;
    size_t count;        /* 0: go on with what the session has in its queue */
    int64_t started_ms;  /* wall time before the session was made */
    const char *warning; /* of the session, when it was made; NULL: none */
    bool remote;         /* the jobs are a server's: SIGINT cancels those that were added */
    bool watch;          /* only look on, at these jobs or (none) at all that are open */
    const char (*ids)[JOB_ID_SIZE];
    size_t id_count;
};

/*
 * Runs until the last job has ended or is paused, or a signal comes (signals_block() was called).
 * Returns the exit code. After a signal the caller frees the session, which stops the transfers;
 * a second signal ends the process at once.
 */
int batch_run(struct session *session, const struct cli_options *options,
              const struct batch_input *input);

#endif
