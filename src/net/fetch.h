/* SPDX-License-Identifier: MIT */
/* Carries out a plan: all its files through the worker's driver. Worker thread only. */
#ifndef HAUL_NET_FETCH_H
#define HAUL_NET_FETCH_H

#include "core/error.h"
#include "core/plan.h"
#include "core/run.h"
#include "net/engine_internal.h"

/* As engine_ops.run, from the plan on. */
enum haul_error fetch_plan(struct engine_worker *w, struct run *run, struct plan *plan,
                           struct haul_fault *fault);

#endif
