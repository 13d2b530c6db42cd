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
void actions_add_text(struct ui *ui, const char *lines);
void actions_set_limit(struct ui *ui, const char *text);
void actions_cancel_confirmed(struct ui *ui);
/* Moves to the next match; step 1 or -1. */
void actions_search(struct ui *ui, const char *text, int step, bool at_cursor);

#endif
