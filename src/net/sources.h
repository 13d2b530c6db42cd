/* SPDX-License-Identifier: MIT */
/* The sources of this build: one line each in sources.c. */
#ifndef HAUL_NET_SOURCES_H
#define HAUL_NET_SOURCES_H

#include "core/source.h"

extern const struct source source_url;

/* The source of that kind; NULL where this build has none. */
const struct source *source_find(enum spec_kind kind);

#endif
