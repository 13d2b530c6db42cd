/* SPDX-License-Identifier: MIT */
/*
 * The config file: `long-option-name = value` lines. `#` at the start of a line or behind a blank
 * begins a comment. A value may stand in "…" (with \" and \\) or '…' (as it is), and then keeps its
 * blanks and `#`. Names are lower case, digits, `-` and `.` (`key.quit`); what they mean is the
 * caller's business. Any thread.
 */
#ifndef HAUL_CORE_CONFIG_H
#define HAUL_CORE_CONFIG_H

#include <stddef.h>

#include "core/attrs.h"
#include "core/error.h"

/* Called for each pair in the order of the file. Both strings are borrowed. An error ends the
 * parse; "NAME:LINE: " is put in front of its message. */
typedef enum haul_error (*config_pair_fn)(void *data, const char *key, const char *value,
                                          unsigned line, struct haul_fault *fault);

/* Parses text[0..len); `name` is the file's, for messages. HAUL_ERR_USAGE for a bad line. */
HAUL_NODISCARD enum haul_error config_parse(const char *name, const char *text, size_t len,
                                            config_pair_fn pair, void *data,
                                            struct haul_fault *fault);

#endif
