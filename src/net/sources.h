/* SPDX-License-Identifier: MIT */
/* The sources of this build: one line each in sources.c. */
#ifndef HAUL_NET_SOURCES_H
#define HAUL_NET_SOURCES_H

#include "core/source.h"

extern const struct source source_hf;
extern const struct source source_url;
extern const struct source source_ollama;
extern const struct source source_github;
extern const struct source source_file;
extern const struct source source_build;

/* The source of that kind; NULL where this build has none. */
const struct source *source_find(enum spec_kind kind);

/* The root of a plan: `dir` (NULL: the working directory), and `below` in it unless that is NULL;
 * absolute, without a slash at its end. Caller frees. */
char *source_folder(const char *dir, const char *below);

#endif
