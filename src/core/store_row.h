/* SPDX-License-Identifier: MIT */
/*
 * A job as the store keeps it: plain data, copied out of a job while the table's mutex is held, so
 * that it can be written after. Nothing secret is in it: the spec masked, no headers.
 */
#ifndef HAUL_CORE_STORE_ROW_H
#define HAUL_CORE_STORE_ROW_H

#include "core/job.h"

struct store_file {
    size_t index;
    char *name, *path;
    enum file_state state;
    int64_t bytes, total, resumed_from;
    char sha256[65];
    enum digest_origin verified;
    bool made;
};

struct store_row {
    char id[JOB_ID_SIZE];
    uint64_t number;
    enum job_state state;
    bool hidden, blocked_by_disk;
    uint64_t key;
    unsigned mark, secrets;
    enum layout layout;
    char *source, *name, *dir;
    struct job_request request; /* spec and headers are not in it */
    int priority;
    int64_t position, limit_rate;
    unsigned connections_max;
    struct haul_fault *fault;
    int64_t created_ms, started_ms, ended_ms;
    bool all_files;    /* these are all there are; else those that have changed */
    size_t file_count; /* entries in files */
    struct store_file *files;
};

void store_row_init(struct store_row *r);
void store_row_release(struct store_row *r);
/* What of the job is new since the last time; marks it as saved. The table's mutex is held. */
void store_row_take(struct store_row *r, struct job *job);
/* A job again, not in any table. What is left without its secret is failed and says so. */
struct job *store_row_job(struct store_row *r);
void store_row_add_file(struct store_row *r, const struct store_file *f); /* takes its strings */

#endif
