/* SPDX-License-Identifier: MIT */
/* What a plan as a whole wants of the disk: room before its first byte, its documents after the
 * last. Worker thread. */
#ifndef HAUL_NET_PLAN_DISK_H
#define HAUL_NET_PLAN_DISK_H

#include "core/attrs.h"
#include "core/error.h"
#include "core/plan.h"
#include "core/run.h"

/* Room for all that is missing; makes the root. Sizes that are not known yet are looked at when
 * they are. HAUL_ERR_DISK_FULL. */
HAUL_NODISCARD enum haul_error plan_check_room(struct run *run, const struct plan *plan,
                                               struct haul_fault *fault);
/* Writes them; not those that need the whole plan where a file was cancelled. */
HAUL_NODISCARD enum haul_error plan_place_documents(struct run *run, const struct plan *plan,
                                                    struct haul_fault *fault);

#endif
