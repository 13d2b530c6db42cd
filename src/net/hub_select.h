/* SPDX-License-Identifier: MIT */
/*
 * Which files of a repo are wanted: by QUANT, GLOB, --include and --exclude, from its real list
 * (interfaces.md §1). Pure.
 *
 * A "model file" here is a .gguf that is no companion of one (mmproj, imatrix, draft heads).
 *
 *   GLOB           the files that match it;
 *   QUANT          the model files of that quantisation, with all shards. --include adds to them
 *                  others that are no model files, so that `:Q4_K_M --include '*mmproj*'` brings
 * the projector of a vision model along; neither, but --include, or no model file in the repo: all
 * files; none of these  the first of Q4_K_M, Q5_K_M, Q4_0, Q5_0, Q8_0, F16 that there is, else the
 * only model, of what --exclude leaves. What is left then is narrowed by --include (but not with
 * QUANT) and by --exclude.
 */
#ifndef HAUL_NET_HUB_SELECT_H
#define HAUL_NET_HUB_SELECT_H

#include "core/settings.h"
#include "net/hub_tree.h"

struct hub_wish {
    const char *repo;  /* for messages */
    const char *quant; /* NULL: none */
    const char *glob;  /* NULL: none */
    const struct string_list *include, *exclude;
    bool models; /* a repo of models: the others know no quantisation by default */
};

/* Sets `chosen` of the tree's files, which are sorted; at least one, or an error that lists what
 * there is. */
HAUL_NODISCARD enum haul_error hub_select(struct hub_tree *t, const struct hub_wish *wish,
                                          struct haul_fault *fault);

#endif
