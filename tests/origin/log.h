/* SPDX-License-Identifier: MIT */
/* The request log. Guarded by its own mutex; entries are named by a serial number, so a request
 * that is still being answered when the log is reset simply has nothing to report to. */
#ifndef HAUL_TESTS_ORIGIN_LOG_H
#define HAUL_TESTS_ORIGIN_LOG_H

#include <stdio.h>

#include "core/mutex.h"
#include "origin/origin.h"
#include "origin/request.h"

struct origin_log {
    struct mutex lock; /* guards what follows */
    struct origin_entry **entries;
    size_t count;
    uint64_t first; /* serial of entries[0] */
    FILE *file;     /* NULL: none */
};

/* False when the file cannot be opened; then there is nothing to release. */
HAUL_NODISCARD bool origin_log_init(struct origin_log *log, const char *path);
void origin_log_release(struct origin_log *log);
void origin_log_reset(struct origin_log *log);

/* Returns the serial of the new entry. */
uint64_t origin_log_begin(struct origin_log *log, uint64_t connection, const char *head,
                          const struct origin_request *request);
void origin_log_status(struct origin_log *log, uint64_t serial, int status, int64_t body_start);
void origin_log_sent(struct origin_log *log, uint64_t serial, int64_t bytes);
/* Writes the line of the file. */
void origin_log_end(struct origin_log *log, uint64_t serial);

/* The public functions of origin.h, on the log itself. */
size_t origin_log_length(struct origin_log *log);
HAUL_NODISCARD bool origin_log_copy(struct origin_log *log, size_t i, struct origin_entry *out);
int64_t origin_log_total(struct origin_log *log);
void origin_log_dump(struct origin_log *log, struct buf *out);

#endif
