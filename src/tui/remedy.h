/* SPDX-License-Identifier: MIT */
/* What a user can do about an error, in words. */
#ifndef HAUL_TUI_REMEDY_H
#define HAUL_TUI_REMEDY_H

#include "core/error.h"

const char *remedy_for(const struct haul_fault *fault);

#endif
