/* SPDX-License-Identifier: MIT */
/*
 * What the list shows: rows made from a snapshot by tab, filter, sort order and folding, with a
 * cursor and marks that belong to job ids, so that they stay put when rows come and go. Rows point
 * into the snapshot and hold until joblist_rebuild; call that after every change but counters.
 */
#ifndef HAUL_TUI_JOBLIST_H
#define HAUL_TUI_JOBLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/view.h"
#include "tui/filter.h"
#include "tui/row_set.h"

enum tab { TAB_ALL, TAB_ACTIVE, TAB_QUEUE, TAB_PAUSED, TAB_FAILED, TAB_DONE, TAB_COUNT };
const char *tab_name(enum tab t); /* "Active" */

enum sort_key { SORT_QUEUE, SORT_NAME, SORT_SIZE, SORT_DONE, SORT_SPEED, SORT_STATE, SORT_COUNT };
const char *sort_name(enum sort_key k); /* "queue" */

struct row {
    const struct job_view *job;
    size_t file; /* ROW_JOB: the job's own row */
};

struct joblist_counts {
    size_t active, queued, retrying, paused, failed, done, cancelled;
    size_t by_tab[TAB_COUNT];
    size_t sizeless;          /* jobs that have not ended and whose size nobody knows yet */
    unsigned connections_max; /* of all active jobs together */
};

struct joblist {
    struct row *rows;
    size_t count, cap;
    size_t cursor, top;
    char cursor_id[JOB_ID_SIZE]; /* the job under the cursor, "" for none */
    size_t cursor_file;
    struct row_set marks;    /* of a job, or of some of its files: never of both */
    struct row_set refolded; /* jobs the user folded or unfolded against the rule */
    enum tab tab;
    enum sort_key sort;
    bool inverted;
    char *filter_text; /* NULL: none */
    struct filter *filter;
    char range_id[JOB_ID_SIZE]; /* where a range of marks began; "": none is open */
    size_t range_file;
    const struct job_view *latest_failure; /* of all jobs, whatever is shown; NULL: none */
    struct joblist_counts counts;
};

void joblist_init(struct joblist *m);
void joblist_release(struct joblist *m);
/* default_connections: of a job that sets none. */
void joblist_rebuild(struct joblist *m, const struct snapshot *snapshot,
                     unsigned default_connections);

/* "" shows all. HAUL_ERR_USAGE: not understood, and the old one stays. Rebuild then. */
HAUL_NODISCARD enum haul_error joblist_set_filter(struct joblist *m, const char *text,
                                                  struct haul_fault *fault);
/* Marks a row: a job with all its files, or one file. */
void joblist_mark(struct joblist *m, size_t row);
/* Marks the row under the cursor, or takes its mark away. Returns false where it is a file of a job
 * that is marked as a whole. */
bool joblist_toggle_mark(struct joblist *m);
/* Opens a range of marks at the cursor, or marks from where it was opened up to the cursor. Returns
 * true when it is open now. */
bool joblist_mark_range(struct joblist *m);
/* Marks that have a row in the list as it is now. Tab, filter and folding hide the others, and no
 * action is for what is hidden. */
size_t joblist_marks_shown(const struct joblist *m);
bool joblist_has_mark(const struct joblist *m, size_t row); /* of its own */
/* Whether the row is marked, by itself or with its job, or would be when the open range ended at
 * the cursor. */
bool joblist_is_marked(const struct joblist *m, size_t row);

/* NULL when the list is empty. */
const struct row *joblist_current(const struct joblist *m);
const struct file_view *row_file(const struct row *r); /* NULL for a job row of many files */

void joblist_move(struct joblist *m, ptrdiff_t rows);
void joblist_move_to(struct joblist *m, size_t row);
/* Scrolls so that the cursor is within `height` rows. */
void joblist_scroll(struct joblist *m, size_t height);
/* The row of a job, count when it has none. */
size_t joblist_row_of(const struct joblist *m, const char *id);
/* The next row, from the cursor on (or at it) in direction step, whose name contains text without
 * regard to ASCII case; count when there is none. */
size_t joblist_search(const struct joblist *m, const char *text, int step, bool at_cursor);

bool joblist_is_folded(const struct joblist *m, const struct job_view *job);
/* Returns true if something changed: rebuild then. */
bool joblist_fold(struct joblist *m, bool fold);

/* Q D R P V C X -: the letter carries the meaning. */
char job_letter(const struct job_view *job);
char file_letter(const struct job_view *job, const struct file_view *file);

#endif
