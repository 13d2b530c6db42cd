/* SPDX-License-Identifier: MIT */
/*
 * Which jobs a filter lets through: words that must all hold, `|` between alternatives, `!` before
 * what must not hold. A word is a part of the name or the source, or one of
 *   state:failed  (a state's name or its beginning)   host:example.org  dir:/data
 *   size>1G  done<50  speed>=1M  (also = and <=; done is a percentage)
 * Pure functions.
 */
#ifndef HAUL_TUI_FILTER_H
#define HAUL_TUI_FILTER_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/view.h"

struct filter;

/* *out is NULL for a blank text, which lets all through. HAUL_ERR_USAGE says what is not
 * understood. */
HAUL_NODISCARD enum haul_error filter_new(const char *text, struct filter **out,
                                          struct haul_fault *fault);
void filter_free(struct filter *f); /* NULL is fine */
bool filter_shows(const struct filter *f, const struct job_view *job);

#endif
