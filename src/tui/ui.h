/* SPDX-License-Identifier: MIT */
/* The state of the running UI, shared by the loop, the views and the actions. UI thread only. */
#ifndef HAUL_TUI_UI_H
#define HAUL_TUI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/session.h"
#include "tui/app.h"
#include "tui/draw.h"
#include "tui/history.h"
#include "tui/keys.h"
#include "tui/log.h"
#include "tui/model.h"
#include "tui/prompt.h"

enum ui_view { VIEW_JOBS, VIEW_LOG, VIEW_HELP };
enum ui_pane { PANE_INFO, PANE_PARTS, PANE_LOG, PANE_COUNT };
/* What stands before everything else and takes the next key. */
enum ui_dialog { DIALOG_NONE, DIALOG_QUIT, DIALOG_EXPLAIN, DIALOG_CANCEL };
enum ui_prompt { PROMPT_ADD, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_LIMIT };

struct ui {
    struct session *session;
    struct watcher *watcher;
    const struct tui_options *options;
    struct snapshot snapshot;
    struct canvas canvas;

    struct model model;
    struct history history;
    struct log_view log;
    enum ui_view view, view_before_help;
    enum ui_pane pane;
    bool pane_open, header_hidden, frozen, follow;
    int page; /* rows of the list or lines of the view at the last drawing */
    size_t help_top;
    bool disorder; /* rows must be made anew before drawing */

    struct prompt prompt;
    enum ui_prompt prompt_kind;
    bool pasting;
    enum ui_dialog dialog;
    char *needle; /* last search, NULL: none */
    size_t search_from;

    char *message; /* the last word to the user, NULL: none */
    enum role message_role;

    int64_t disk_free, disk_asked_at; /* ns; cached: asked every few seconds at most */
    char *disk_dir;

    bool leaving, leave_when_done;
    bool want_suspend, want_repaint;
    int exit_code;
    int64_t interrupted_at; /* of the last Ctrl-C; 0: none */
};

void ui_init(struct ui *ui, struct session *session, const struct tui_options *options);
void ui_release(struct ui *ui);

/* Brings the snapshot up to date, unless the display is frozen. */
void ui_refresh(struct ui *ui);
/* One key, from the keyboard or a paste. */
void ui_key(struct ui *ui, uint32_t key);
/* Draws the whole frame onto the canvas, at the canvas' size. */
void ui_draw(struct ui *ui);
/* Whether something on the screen changes by itself: a transfer runs or a countdown does. */
bool ui_is_live(const struct ui *ui);

void ui_say(struct ui *ui, enum role role, const char *fmt, ...) HAUL_PRINTF(3, 4);
void ui_leave(struct ui *ui, int exit_code);

/* ---- the views; each draws itself into its area ---- */

void draw_header(struct ui *ui, const struct area *a); /* 1 line: counts, rate, ETA */
void draw_total(struct ui *ui, const struct area *a);  /* 1 line: bar, bytes, sparkline */
void draw_tabs(const struct ui *ui, const struct area *a);
void draw_message(struct ui *ui, const struct area *a); /* 1 line: prompt, message or fault */
bool ui_has_message(const struct ui *ui);
void draw_status(struct ui *ui, const struct area *a); /* 1 line: disk, limit, connections */
void draw_order(struct ui *ui, const struct area *a);  /* 1 line: sort, filter, row */
void draw_footer(const struct ui *ui, const struct area *a);

void draw_jobs_head(const struct area *a);
void draw_jobs(struct ui *ui, const struct area *a);
void draw_detail(struct ui *ui, const struct area *a);
void draw_log(struct ui *ui, const struct area *a);
void draw_help(struct ui *ui, const struct area *a);
void draw_dialog(struct ui *ui, const struct area *a);

/* The file that the cursor is on; of a job row the one that is worked on, else the first. NULL
 * for a job without files. *index is its place. */
const struct file_view *ui_current_file(const struct ui *ui, size_t *index);

#endif
