/* SPDX-License-Identifier: MIT */
/* The lines of a text file that a person or another program wrote: LF or CRLF, with or without a
 * BOM, last line ended or not. A walk belongs to one thread. */
#ifndef HAUL_CORE_LINES_H
#define HAUL_CORE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/error.h"

#define LINES_LENGTH_MAX 16384

struct lines {
    const char *at, *end;
    unsigned number;  /* of the line that lines_next gave, from 1 */
    const char *line; /* not ended by NUL; without its end of line */
    size_t len;
};

void lines_init(struct lines *l, const char *text, size_t len);
/* Moves to the next line; false after the last. */
bool lines_next(struct lines *l);
/* Refuses a line that is too long, holds a NUL or other control character but a tab, or is no
 * UTF-8: "NAME:LINE: …", HAUL_ERR_USAGE. */
HAUL_NODISCARD enum haul_error lines_check(const struct lines *l, const char *name,
                                           struct haul_fault *fault);
/* Cuts blanks and tabs off both ends. */
void lines_trim(const char **s, size_t *len);

#endif
