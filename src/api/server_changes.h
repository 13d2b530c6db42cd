/* SPDX-License-Identifier: MIT */
/*
 * What of the jobs has changed since it was last told, for streams that follow whole snapshots
 * (`/v1/events?updates=1`): a job that is new, or has other files, is told whole; of others the
 * figures, and of their files those that differ. Remembers a hash for each file and no more. The
 * server's thread.
 */
#ifndef HAUL_API_SERVER_CHANGES_H
#define HAUL_API_SERVER_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "api/server_notices.h"
#include "core/map.h"
#include "core/view.h"

struct changes {
    struct map by_id;
    unsigned round; /* jobs that were not seen in this one are gone */
    unsigned jobs_max;
    int64_t limit_rate;
    uint64_t library_version;
};

void changes_init(struct changes *c);
void changes_release(struct changes *c);

/* Takes the snapshot for told: from now on only what differs from it is. */
void changes_begin(struct changes *c, const struct snapshot *s);
/* Adds NOTICE_UPDATE and NOTICE_LIST notices for what differs. `now` is clock_now(). */
void changes_tell(struct changes *c, const struct snapshot *s, struct notices *n, int64_t now);

/* {"jobs","limit_rate","library_version"} */
void changes_settings(struct buf *out, const struct snapshot *s);

#endif
