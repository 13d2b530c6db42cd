/* SPDX-License-Identifier: MIT */
/*
 * What the list shows: rows made from a snapshot by tab, filter, sort order and folding, with a
 * cursor and marks that belong to job ids, so that they stay put when rows come and go. Rows point
 * into the snapshot and hold until model_rebuild; call that after every change but counters.
 */
#ifndef HAUL_TUI_MODEL_H
#define HAUL_TUI_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/view.h"
#include "tui/id_set.h"

enum tab { TAB_ALL, TAB_ACTIVE, TAB_QUEUE, TAB_PAUSED, TAB_FAILED, TAB_DONE, TAB_COUNT };
const char *tab_name(enum tab t); /* "Active" */

enum sort_key { SORT_QUEUE, SORT_NAME, SORT_SIZE, SORT_DONE, SORT_SPEED, SORT_STATE, SORT_COUNT };
const char *sort_name(enum sort_key k); /* "queue" */

#define ROW_JOB SIZE_MAX

struct row {
    const struct job_view *job;
    size_t file; /* ROW_JOB: the job's own row */
};

struct model_counts {
    size_t active, queued, retrying, paused, failed, done, cancelled;
    size_t by_tab[TAB_COUNT];
    unsigned connections_max; /* of all active jobs together */
};

struct model {
    struct row *rows;
    size_t count, cap;
    size_t cursor, top;
    char cursor_id[JOB_ID_SIZE]; /* the job under the cursor, "" for none */
    size_t cursor_file;
    struct id_set marks;
    struct id_set refolded; /* jobs the user folded or unfolded against the rule */
    enum tab tab;
    enum sort_key sort;
    bool inverted;
    char *filter; /* NULL: none; a part of the name */
    struct model_counts counts;
};

void model_init(struct model *m);
void model_release(struct model *m);
/* default_connections: of a job that sets none. */
void model_rebuild(struct model *m, const struct snapshot *snapshot, unsigned default_connections);

/* NULL when the list is empty. */
const struct row *model_current(const struct model *m);
const struct file_view *row_file(const struct row *r); /* NULL for a job row of many files */

void model_move(struct model *m, ptrdiff_t rows);
void model_move_to(struct model *m, size_t row);
/* Scrolls so that the cursor is within `height` rows. */
void model_scroll(struct model *m, size_t height);
/* The row of a job, count when it has none. */
size_t model_row_of(const struct model *m, const char *id);
/* The next row, from the cursor on (or at it) in direction step, whose name contains text without
 * regard to ASCII case; count when there is none. */
size_t model_search(const struct model *m, const char *text, int step, bool at_cursor);

bool model_is_folded(const struct model *m, const struct job_view *job);
/* Returns true if something changed: rebuild then. */
bool model_fold(struct model *m, bool fold);

/* Q D R P V C X -: the letter carries the meaning. */
char job_letter(const struct job_view *job);
char file_letter(const struct job_view *job, const struct file_view *file);

#endif
