/* SPDX-License-Identifier: MIT */
/*
 * A job as JSON, there and back: the snapshot of interfaces.md §5, which says all that a front end
 * shows. Pure functions, any thread.
 */
#ifndef HAUL_API_JSON_JOB_H
#define HAUL_API_JSON_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/view.h"

/* Appends the snapshot on one line. `now` is clock_now(), for how long a retry still waits. */
void api_json_job(struct buf *out, const struct job_view *job, int64_t now);
/* The same, but of the files only these `count` ones, each with its "index". */
void api_json_job_update(struct buf *out, const struct job_view *job, const size_t *files,
                         size_t count, int64_t now);

/*
 * Reads either into a view, made or told before (v->id is not touched): a snapshot replaces its
 * files, an update changes those it names. Text is sanitised again. False, with the view as far as
 * it was read, for what is not such an object.
 */
HAUL_NODISCARD bool api_read_job(const struct json *object, struct job_view *v, int64_t now);

#endif
