/* SPDX-License-Identifier: MIT */
/* What an action is for: the marked rows of the list as it is shown, else the one under the cursor.
 * UI thread only. */
#ifndef HAUL_TUI_TARGETS_H
#define HAUL_TUI_TARGETS_H

#include "tui/ui.h"

/* In queue order; whoever gets them frees jobs. */
struct targets {
    const struct job_view **jobs;
    size_t count;
};

struct target_files {
    struct row *rows;
    size_t count;
};

/* Of the chosen jobs, or of all that the filter shows, those that fit. A chosen file stands for its
 * job. */
struct targets targets_of(const struct ui *ui, bool all, bool (*fits)(const struct job_view *job));
/* The same of those alone that are chosen as a whole. */
struct targets targets_whole(const struct ui *ui, bool (*fits)(const struct job_view *job));
/* The files that are chosen by themselves and can still be cancelled. Whoever gets them frees rows.
 */
struct target_files targets_files(const struct ui *ui);
bool target_any(const struct job_view *job);
bool target_is_live(const struct job_view *job);
/* What to call a job in a message. */
const char *target_name(const struct job_view *job);
/* Reports in one line: what was done to how many, or the first refusal. */
void targets_report(struct ui *ui, const struct targets *t, size_t done, const char *what,
                    const struct haul_fault *fault);
/* Asks the session for the action, reports, and frees t. `nothing` is said where there is none. */
void targets_control(struct ui *ui, struct targets t, enum job_action action, const char *what,
                     const char *nothing);

#endif
