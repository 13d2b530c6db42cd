/* SPDX-License-Identifier: MIT */
/* What a mirror remembers of each view; between its files. The mirror's mutex guards it. */
#ifndef HAUL_API_CLIENT_MARK_H
#define HAUL_API_CLIENT_MARK_H

#include <stdint.h>

#include "core/view.h"

struct mark {
    uint64_t stamp; /* of the last change */
    uint64_t round; /* the last listing that it was seen in */
};

struct mark *mark_of(struct job_view *v); /* made where there is none */

#endif
