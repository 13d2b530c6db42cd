/* SPDX-License-Identifier: MIT */
/*
 * What a run brings, noted down for the library while it goes on. The note belongs to the worker
 * until the job is complete; then it goes to the keeper, who writes it.
 */
#ifndef HAUL_CORE_RUN_NOTE_H
#define HAUL_CORE_RUN_NOTE_H

#include "core/library.h"
#include "core/run.h"
#include "core/table.h"

struct run_note {
    struct model model;
    size_t count; /* files of the plan; documents follow */
    struct run_note *next;
};

void run_note_free(struct run_note *n); /* NULL is fine */
void run_note_plan(struct run *r, const struct plan *plan);
void run_note_path(struct run *r, size_t file, const char *path);
void run_note_done(struct run *r, size_t file, enum file_state state, const char *sha256,
                   enum digest_origin verified);
/* The job is complete: its note, with id and source, and without the files that were left out.
 * Without the table's mutex. NULL where there is nothing to keep. */
struct run_note *run_note_finish(struct run *r);

#endif
