/* SPDX-License-Identifier: MIT */
/* From arguments and list files to job requests. Main thread. */
#ifndef HAUL_CLI_REQUESTS_H
#define HAUL_CLI_REQUESTS_H

#include <stddef.h>

#include "cli/options.h"
#include "core/buf.h"
#include "core/request.h"

/* Fetches a small text into *out, which caps it. Given by main.c, as the front ends know no HTTP.
 */
typedef enum haul_error (*fetch_text_fn)(void *data, const char *url, struct buf *out,
                                         struct haul_fault *fault);

struct requests {
    struct job_request *items;
    size_t count;
};

/*
 * Makes a request of every SPEC on the command line and in the input files, in that order, and
 * reads the checksum file. Every SPEC is parsed, so that a bad one is refused before anything is
 * contacted; messages about a list begin with "FILE:LINE: ". HAUL_ERR_USAGE too when there are
 * input files but no SPEC. On error *r is empty.
 */
HAUL_NODISCARD enum haul_error requests_make(struct requests *r, struct cli_options *o,
                                             fetch_text_fn fetch, void *data,
                                             struct haul_fault *fault);
void requests_release(struct requests *r);

#endif
