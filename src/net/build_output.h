/* SPDX-License-Identifier: MIT */
/* What a build leaves on disk: found, listed as a plan, taken away again. Worker thread. */
#ifndef HAUL_NET_BUILD_OUTPUT_H
#define HAUL_NET_BUILD_OUTPUT_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/plan.h"
#include "core/recipe.h"

struct build_output {
    char *path;                 /* absolute */
    bool existed;               /* before the build: then it is not ours to delete */
    struct string_list parents; /* directories above it that were missing, inmost first */
};

/* Looks before the build. */
void build_output_init(struct build_output *o, const struct recipe *recipe);
void build_output_release(struct build_output *o);

/* After the build: one file of the plan for each plain file, sorted; links are left out. The plan's
 * root is the recipe's cwd. */
HAUL_NODISCARD enum haul_error build_output_plan(const struct build_output *o,
                                                 const struct recipe *recipe, struct plan *plan,
                                                 struct haul_fault *fault);
/* Deletes what the build made; what was there before stays. */
void build_output_remove(const struct build_output *o);

#endif
