/* SPDX-License-Identifier: MIT */
/* What sources that work on this machine have in common: progress, stopping, checking, placing.
 * Worker thread. */
#ifndef HAUL_NET_LOCAL_WORK_H
#define HAUL_NET_LOCAL_WORK_H

#include <stdint.h>

#include "core/digest_value.h"
#include "core/run.h"

/* One file that is read or written. */
struct local_work {
    struct run *run;
    struct file_progress *file;
    int64_t ticked_at;
};

void local_work_begin(struct local_work *work, struct run *run, size_t file);
/* For struct digest_watch, with the work as its context: counts, and ends when the job is to stop.
 */
bool local_work_go_on(void *work, int64_t done);

/* Whether the digest is the one wanted (DIGEST_NONE: nobody wants one). HAUL_ERR_CHECKSUM. */
HAUL_NODISCARD enum haul_error local_work_check(const char *name, const struct digest_value *got,
                                                const struct digest_value *want,
                                                struct haul_fault *fault);
/* The file is whole at `path`: tells the run with its digest. */
void local_work_done(struct run *run, size_t file, enum file_state state, const char *path,
                     const struct digest_value *got, enum digest_origin origin);

#endif
