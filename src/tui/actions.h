/* SPDX-License-Identifier: MIT */
/* What the keys do: one handler for each row of the key table. UI thread only. */
#ifndef HAUL_TUI_ACTIONS_H
#define HAUL_TUI_ACTIONS_H

#include "tui/ui.h"

#define X(id, name, keys, places, group, rank, footer, help) void action_##id(struct ui *ui);
UI_ACTIONS(X)
#undef X

void actions_run(struct ui *ui, enum ui_action action);

/* What a prompt or a dialog ends with. */
/* The lines and fields of the add dialog. */
void actions_add_accepted(struct ui *ui);
/* What the add dialog's first line means is to be found out anew. */
void actions_ask_source(struct ui *ui);
void actions_write_log(struct ui *ui, const char *path);
/* The limit prompt is about the job instead of all, or the other way round. */
void actions_limit_other(struct ui *ui);
/* What was asked about before deleting or cancelling is still what would be done. */
bool actions_asked_about_this(const struct ui *ui);
void actions_delete_confirmed(struct ui *ui);
/* A request with the options given at start and no spec. */
void actions_request_begin(const struct ui *ui, struct job_request *r);
bool actions_is_build(const char *spec);
/* A build that was refused because nobody has seen what it would run. */
bool actions_needs_confirming(const struct job_view *job);
/* What can be done about a job's failure. */
const char *actions_remedy(const struct job_view *job);
/* Shows what it would run and asks; `failed` is the job that was refused, or NULL. */
void actions_ask_build(struct ui *ui, const struct job_request *request, const char *failed);
/* The same for the chosen jobs that need it; returns how many. */
size_t actions_ask_builds(struct ui *ui);
void actions_build_takes(struct ui *ui, uint32_t key);
void actions_remove_confirmed(struct ui *ui);
/* Stops verifying or leaves the files of an entry; false: there is nothing to leave but the view.
 */
bool actions_library_back(struct ui *ui);
void actions_set_limit(struct ui *ui, const char *text);
void actions_cancel_confirmed(struct ui *ui);
/* Moves to the next match; step 1 or -1. */
void actions_search(struct ui *ui, const char *text, int step, bool at_cursor);

#endif
