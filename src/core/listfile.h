/* SPDX-License-Identifier: MIT */
/*
 * The list of --input-file: a SPEC a line, comments, blank lines, and under a SPEC indented
 * `key=value` lines for that job. Neither specs nor keys are judged here. Any thread.
 */
#ifndef HAUL_CORE_LISTFILE_H
#define HAUL_CORE_LISTFILE_H

#include <stddef.h>

#include "core/attrs.h"
#include "core/error.h"

struct listfile_pair {
    char *key, *value;
    unsigned line;
};

struct listfile_entry {
    char *spec; /* trimmed; may hold a secret */
    unsigned line;
    struct listfile_pair *pairs; /* in the order of the file; a key may repeat */
    size_t pair_count;
};

struct listfile {
    struct listfile_entry *entries;
    size_t count;
};

/* Parses text[0..len) into *list; `name` is the file's, for messages. On HAUL_ERR_USAGE the fault
 * names the line and *list is as after release. */
HAUL_NODISCARD enum haul_error listfile_parse(const char *name, const char *text, size_t len,
                                              struct listfile *list, struct haul_fault *fault);
void listfile_release(struct listfile *list);

#endif
