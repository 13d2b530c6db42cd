/* SPDX-License-Identifier: MIT */
/*
 * The patterns of GLOB, --include and --exclude: those of Python's fnmatchcase on a file's whole
 * path, as `hf download` reads them. `*` matches '/' too, `?` is one character, `[seq]` and
 * `[!seq]` one of (or none of) a set with ranges, a '[' without its ']' is itself; a pattern that
 * ends in '/' means all below that folder. Case counts, there are no braces and no escapes. Pure,
 * any thread.
 */
#ifndef HAUL_CORE_GLOB_H
#define HAUL_CORE_GLOB_H

#include <stdbool.h>

#include "core/settings.h"

/* In time |pattern| * |text| at most, whatever the pattern. */
bool glob_match(const char *pattern, const char *text);
/* The pattern has something in it that is not taken as it stands. */
bool glob_is_pattern(const char *pattern);
bool glob_match_any(const struct string_list *patterns, const char *text);

#endif
