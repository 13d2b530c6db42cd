/* SPDX-License-Identifier: MIT */
/* The state of the running UI, shared by the loop, the views and the actions. UI thread only. */
#ifndef HAUL_TUI_UI_H
#define HAUL_TUI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/session.h"
#include "tui/add.h"
#include "tui/app.h"
#include "tui/build_ask.h"
#include "tui/config.h"
#include "tui/disk_room.h"
#include "tui/draw.h"
#include "tui/history.h"
#include "tui/joblist.h"
#include "tui/keys.h"
#include "tui/library.h"
#include "tui/log.h"
#include "tui/notify.h"
#include "tui/prompt.h"
#include "tui/term.h"
#include "tui/undo.h"

enum ui_view { VIEW_JOBS, VIEW_LOG, VIEW_HELP, VIEW_LIBRARY };
enum ui_pane { PANE_INFO, PANE_PARTS, PANE_LOG, PANE_COUNT };
/* What stands before everything else and takes the next key. */
enum ui_dialog {
    DIALOG_NONE,
    DIALOG_QUIT,
    DIALOG_EXPLAIN,
    DIALOG_CANCEL,
    DIALOG_DELETE,
    DIALOG_REMOVE,
    DIALOG_BUILD
};
enum ui_prompt { PROMPT_SEARCH, PROMPT_FILTER, PROMPT_LIMIT, PROMPT_WRITE };

/* A place on the screen that a click on does something. */
struct ui_hit {
    int y, from, to; /* columns, end exclusive */
    enum ui_action action;
};
#define UI_HITS 32

struct ui {
    struct session *session;
    struct watcher *watcher;
    const struct tui_options *options;
    const struct tui_config *config;
    struct tui_config own_config; /* where the options have none */
    struct snapshot snapshot;
    struct canvas canvas;

    struct joblist jobs;
    struct history history;
    struct log_view log;
    enum ui_view view, view_before_help;
    enum ui_pane pane;
    bool pane_open, header_hidden, frozen, follow;
    int page; /* rows of the list or lines of the view at the last drawing */
    size_t help_top;
    char *help_needle; /* only lines with it are shown; NULL: all that hold here */
    struct library_view library;
    struct build_ask build;
    bool disorder;            /* rows must be made anew before drawing */
    char sought[JOB_ID_SIZE]; /* the cursor goes there once it is listed, unless a key comes before;
                                 "": nowhere */
    int64_t ordered_at;

    struct undo undo;
    struct add_dialog add;
    struct notifier notifier;
    struct ui_hit hits[UI_HITS]; /* of the last frame */
    size_t hit_count;
    struct area list; /* where the rows were drawn */
    bool mouse;

    struct prompt prompt;
    enum ui_prompt prompt_kind;
    bool pasting;
    bool limit_of_job; /* what PROMPT_LIMIT is about */
    enum ui_dialog dialog;
    char asked[JOB_ID_SIZE]; /* the job that the dialog is about; "": what is marked */
    size_t asked_file;       /* the file of it, ROW_JOB for none */
    char *needle;            /* last search, NULL: none */
    size_t search_from;

    char *message; /* the last word to the user, NULL: none; gives way to a new failure */
    enum role message_role;
    char failure[JOB_ID_SIZE]; /* the latest, and when it was */
    int64_t failed_ms;

    struct disk_room *disk; /* NULL until it is first needed */

    bool leaving, leave_when_done;
    bool told_paused; /* why it does not leave */
    bool want_suspend, want_repaint;
    bool unseen; /* the terminal has not taken the last frame: what it asks nobody has read */
    int exit_code;
    int64_t interrupted_at; /* of the last Ctrl-C; 0: none */
};

void ui_init(struct ui *ui, struct session *session, const struct tui_options *options);
void ui_release(struct ui *ui);

/* Brings the snapshot up to date, unless the display is frozen. */
void ui_refresh(struct ui *ui);
/* One key, from the keyboard or a paste. */
void ui_key(struct ui *ui, uint32_t key);
void ui_mouse(struct ui *ui, enum mouse_event event, int y, int x);
/* Where keys are looked up now. */
enum key_place ui_place(const struct ui *ui);
/* An answer of the add dialog's resolver has come. */
void ui_take_answer(struct ui *ui);
/* News of the librarian, or the answer to what a build would run, have come. */
void ui_take_library(struct ui *ui);
void ui_take_build(struct ui *ui);
/* Lists the library anew if it is shown and something was entered. */
void ui_watch_library(struct ui *ui);
/* A line that the program wrote on its standard error. */
void ui_take_stderr(struct ui *ui, const char *line);
/* Draws the whole frame onto the canvas, at the canvas' size. */
void ui_draw(struct ui *ui);
/* Whether something on the screen changes by itself: a transfer runs or a countdown does. */
bool ui_is_live(const struct ui *ui);

void ui_say(struct ui *ui, enum role role, const char *fmt, ...) HAUL_PRINTF(3, 4);
void ui_unsay(struct ui *ui);
/* Makes the rows anew, after a change of tab, filter, order or folding. */
void ui_put_in_order(struct ui *ui);
void ui_leave(struct ui *ui, int exit_code);

/* ---- the views; each draws itself into its area ---- */

void draw_header(struct ui *ui, const struct area *a); /* 1 line: counts, rate, ETA */
void draw_total(struct ui *ui, const struct area *a);  /* 1 line: bar, bytes, sparkline */
void draw_tabs(struct ui *ui, const struct area *a);
void draw_message(struct ui *ui, const struct area *a); /* 1 line: prompt, message or fault */
bool ui_has_message(const struct ui *ui);
/* The job whose failure most concerns the user: that under the cursor, else the one that failed
 * last. NULL: none has. */
const struct job_view *ui_failure(const struct ui *ui);
void draw_status(struct ui *ui, const struct area *a); /* 1 line: disk, limit, connections */
void draw_order(struct ui *ui, const struct area *a);  /* 1 line: sort, filter, tab, row */
bool ui_shows_order(const struct ui *ui);              /* there is room for that line */
void draw_footer(struct ui *ui, const struct area *a);
/* Remembers that a click there is that key. */
void ui_add_hit(struct ui *ui, const struct area *a, int from, int to, enum ui_action action);

void draw_jobs_head(const struct area *a);
void draw_jobs(struct ui *ui, const struct area *a);
void draw_detail(struct ui *ui, const struct area *a);
void draw_log(struct ui *ui, const struct area *a);
void draw_help(struct ui *ui, const struct area *a);
void draw_library(struct ui *ui, const struct area *a);
void draw_dialog(struct ui *ui, const struct area *a);

/* The file that the cursor is on; of a job row the one that is worked on, else the first. NULL
 * for a job without files. *index is its place. */
const struct file_view *ui_current_file(const struct ui *ui, size_t *index);

#endif
