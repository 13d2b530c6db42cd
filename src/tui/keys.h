/* SPDX-License-Identifier: MIT */
/*
 * The one table of what keys do. It makes the help screen, the footer, the man page section and
 * the remapping; actions.h declares a handler `action_<id>` for each row. No ncurses here, so that
 * the documentation tool can print it.
 */
#ifndef HAUL_TUI_KEYS_H
#define HAUL_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"

/* Keys are Unicode characters (Ctrl as C0) or one of these. */
enum ui_key {
    UI_KEY_TAB = 9,
    UI_KEY_ENTER = 13,
    UI_KEY_ESC = 27,
    UI_KEY_SPECIAL = 0x110000,
    UI_KEY_BACKSPACE,
    UI_KEY_DELETE,
    UI_KEY_UP,
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_PASTE_BEGIN,
    UI_KEY_PASTE_END,
    UI_KEY_BACK_TAB,
    UI_KEY_MOUSE, /* term_mouse says where */
    UI_KEY_ALT,   /* with any other */
    UI_KEY_RESIZE,
    UI_KEY_F0 /* + number */
};

/* Where a key is looked up. */
enum key_place { IN_LIST = 1, IN_PANE = 2, IN_LOG = 4, IN_HELP = 8, IN_LIBRARY = 16 };
#define IN_JOBS  (IN_LIST | IN_PANE)
#define IN_LINES (IN_LOG | IN_HELP | IN_LIBRARY)
#define IN_ALL   (IN_JOBS | IN_LINES)

/* In the help screen the first three stand on the left, KEYS_OTHER in the last line. */
enum key_group {
    KEYS_MOVE,
    KEYS_FIND,
    KEYS_SELECT,
    KEYS_JOBS,
    KEYS_LOG,
    KEYS_GLOBAL,
    KEYS_OTHER,
    KEYS_GROUP_COUNT
};

/*
 * id, action name, default keys, places, group, footer rank (0: not there), footer text, help
 * text. A row without help text shares the line of the row before. Where two rows have the same
 * key, the first one in that place wins.
 */
#define UI_ACTIONS(X)                                                                              \
    X(line_down, "line-down", "j Down", IN_ALL, MOVE, 0, NULL, "line")                             \
    X(line_up, "line-up", "k Up", IN_ALL, MOVE, 0, NULL, NULL)                                     \
    X(page_down, "page-down", "PgDn", IN_ALL, MOVE, 0, NULL, "page, half a page")                  \
    X(page_up, "page-up", "PgUp", IN_ALL, MOVE, 0, NULL, NULL)                                     \
    X(half_down, "half-down", "^D", IN_ALL, MOVE, 0, NULL, NULL)                                   \
    X(half_up, "half-up", "^U", IN_ALL, MOVE, 0, NULL, NULL)                                       \
    X(first, "first", "g Home", IN_ALL, MOVE, 0, NULL, "first, last")                              \
    X(last, "last", "G End", IN_ALL, MOVE, 0, NULL, NULL)                                          \
    X(fold, "fold", "h Left", IN_JOBS, MOVE, 0, NULL, "fold, unfold job")                          \
    X(unfold, "unfold", "l Right", IN_JOBS, MOVE, 0, NULL, NULL)                                   \
    X(detail, "detail", "Enter", IN_JOBS, MOVE, 8, "Detail", "open, close detail")                 \
    X(pane_info, "pane-info", "1", IN_PANE, MOVE, 0, NULL, "info, parts, log")                     \
    X(pane_parts, "pane-parts", "2", IN_PANE, MOVE, 0, NULL, NULL)                                 \
    X(pane_log, "pane-log", "3", IN_PANE, MOVE, 0, NULL, NULL)                                     \
    X(pane_next, "pane-next", "Tab", IN_PANE, MOVE, 2, "Next pane", NULL)                          \
    X(pane_close, "pane-close", "Esc", IN_PANE, MOVE, 2, "Close", NULL)                            \
    X(tab_all, "tab-all", "1", IN_LIST, MOVE, 0, NULL, "tabs: all ... done")                       \
    X(tab_active, "tab-active", "2", IN_LIST, MOVE, 0, NULL, NULL)                                 \
    X(tab_queue, "tab-queue", "3", IN_LIST, MOVE, 0, NULL, NULL)                                   \
    X(tab_paused, "tab-paused", "4", IN_LIST, MOVE, 0, NULL, NULL)                                 \
    X(tab_failed, "tab-failed", "5", IN_LIST, MOVE, 0, NULL, NULL)                                 \
    X(tab_done, "tab-done", "6", IN_LIST, MOVE, 0, NULL, NULL)                                     \
    X(tab_next, "tab-next", "Tab", IN_LIST, MOVE, 0, NULL, "next tab")                             \
    X(search, "search", "/", IN_ALL, FIND, 7, "Find", "search, next, previous")                    \
    X(search_next, "search-next", "n", IN_JOBS | IN_LOG | IN_LIBRARY, FIND, 0, NULL, NULL)         \
    X(search_previous, "search-previous", "N", IN_JOBS | IN_LOG | IN_LIBRARY, FIND, 0, NULL, NULL) \
    X(filter, "filter", "\\ F4", IN_JOBS, FIND, 0, NULL, "filter, empty: off")                     \
    X(sort_previous, "sort-previous", "<", IN_JOBS, FIND, 0, NULL, "sort column, invert")          \
    X(sort_next, "sort-next", ">", IN_JOBS, FIND, 0, NULL, NULL)                                   \
    X(sort_invert, "sort-invert", "I", IN_JOBS, FIND, 0, NULL, NULL)                               \
    X(follow, "follow", "F", IN_JOBS, FIND, 0, NULL, "follow what runs")                           \
    X(freeze, "freeze", "Z", IN_JOBS, FIND, 0, NULL, "freeze the display")                         \
    X(mark, "mark", "Space", IN_JOBS, SELECT, 3, "Mark", "mark, move down")                        \
    X(mark_range, "mark-range", "V", IN_JOBS, SELECT, 0, NULL, "mark a range")                     \
    X(mark_all, "mark-all", "A", IN_JOBS, SELECT, 0, NULL, "mark all, none")                       \
    X(mark_none, "mark-none", "U", IN_JOBS, SELECT, 0, NULL, NULL)                                 \
    X(add, "add", "a", IN_JOBS, JOBS, 2, "Add", "add; or just paste")                              \
    X(pause, "pause", "p", IN_JOBS, JOBS, 4, "Pause", "pause, resume")                             \
    X(cancel, "cancel", "c", IN_JOBS, JOBS, 5, "Cancel", "cancel, delete part")                    \
    X(retry, "retry", "r", IN_JOBS, JOBS, 6, "Retry", "retry")                                     \
    X(drop, "drop", "x Del", IN_JOBS, JOBS, 0, NULL, "drop, all finished")                         \
    X(drop_all, "drop-all", "X", IN_JOBS, JOBS, 0, NULL, NULL)                                     \
    X(delete, "delete", "D", IN_JOBS, JOBS, 0, NULL, "delete, verify, stop")                       \
    X(verify, "verify", "v", IN_JOBS, JOBS, 0, NULL, NULL)                                         \
    X(verify_stop, "verify-stop", "Esc", IN_LIST, JOBS, 0, NULL, NULL)                             \
    X(undo, "undo", "u", IN_JOBS, JOBS, 0, NULL, "undo drop, reorder")                             \
    X(queue_up, "queue-up", "K", IN_JOBS, JOBS, 0, NULL, "queue up, down")                         \
    X(queue_down, "queue-down", "J", IN_JOBS, JOBS, 0, NULL, NULL)                                 \
    X(priority_up, "priority-up", "+", IN_JOBS, JOBS, 0, NULL, "priority")                         \
    X(priority_down, "priority-down", "-", IN_JOBS, JOBS, 0, NULL, NULL)                           \
    X(connections_less, "connections-less", "[", IN_JOBS, JOBS, 0, NULL, "connections")            \
    X(connections_more, "connections-more", "]", IN_JOBS, JOBS, 0, NULL, NULL)                     \
    X(copy, "copy", "y", IN_JOBS, JOBS, 0, NULL, "copy URL, open file")                            \
    X(open, "open", "o", IN_JOBS, JOBS, 0, NULL, NULL)                                             \
    X(library_files, "library-files", "Enter", IN_LIBRARY, JOBS, 2, "Files", "files of the entry") \
    X(library_verify, "library-verify", "v", IN_LIBRARY, JOBS, 3, "Verify",                        \
      "verify; Esc stops it")                                                                      \
    X(library_delete, "library-delete", "D", IN_LIBRARY, JOBS, 4, "Delete", "delete (asks)")       \
    X(library_copy, "library-copy", "y", IN_LIBRARY, JOBS, 5, "Copy path", "copy path, open file") \
    X(library_open, "library-open", "o", IN_LIBRARY, JOBS, 6, "Open", NULL)                        \
    X(explain, "explain", "e", IN_JOBS, JOBS, 0, NULL, "explain the error")                        \
    X(log_follow, "log-follow", "F", IN_LOG, LOG, 2, "Follow", "follow new lines")                 \
    X(log_all, "log-all", "1", IN_LOG, LOG, 3, "All", "all, warn+, errors")                        \
    X(log_warnings, "log-warnings", "2", IN_LOG, LOG, 4, "Warn+", NULL)                            \
    X(log_errors, "log-errors", "3", IN_LOG, LOG, 5, "Errors", NULL)                               \
    X(log_job, "log-job", "=", IN_LOG, LOG, 6, "This job", "only this job")                        \
    X(log_copy, "log-copy", "y", IN_LOG, LOG, 7, "Copy", "copy last shown line")                   \
    X(log_write, "log-write", "w", IN_LOG, LOG, 8, "Write", "write to a file")                     \
    X(pause_all, "pause-all", "P", IN_JOBS, GLOBAL, 0, NULL, "pause all, retry all")               \
    X(retry_all, "retry-all", "R", IN_JOBS, GLOBAL, 0, NULL, NULL)                                 \
    X(limit, "limit", "T", IN_JOBS, GLOBAL, 0, NULL, "speed limit")                                \
    X(log, "log", "L", IN_JOBS | IN_LOG, GLOBAL, 0, NULL, "log, library")                          \
    X(library, "library", "i", IN_JOBS | IN_LIBRARY, GLOBAL, 0, NULL, NULL)                        \
    X(header, "header", "#", IN_JOBS, GLOBAL, 0, NULL, "hide the header")                          \
    X(back, "back", "Esc q", IN_LINES, GLOBAL, 9, "Back", "back to the list")                      \
    X(help, "help", "F1 ?", IN_ALL, OTHER, 1, "Help", "help")                                      \
    X(mouse, "mouse", "m", IN_JOBS, OTHER, 0, NULL, "mouse")                                       \
    X(repaint, "repaint", "^L", IN_ALL, OTHER, 0, NULL, "repaint")                                 \
    X(suspend, "suspend", "^Z", IN_ALL, OTHER, 0, NULL, "suspend")                                 \
    X(quit, "quit", "q F10", IN_JOBS, OTHER, 9, "Quit", "quit")                                    \
    X(interrupt, "interrupt", "^C", IN_ALL, OTHER, 0, NULL, "quit (2x: now)")

enum ui_action {
#define X(id, name, keys, places, group, rank, footer, help) ACTION_##id,
    UI_ACTIONS(X)
#undef X
        ACTION_COUNT,
    ACTION_NONE = ACTION_COUNT
};

struct key_row {
    const char *name;
    const char *keys; /* separated by blanks, the first is shown in the footer */
    unsigned places;  /* enum key_place */
    enum key_group group;
    int rank;
    const char *footer, *help;
};

extern const struct key_row key_table[ACTION_COUNT];
const char *key_group_name(enum key_group g); /* "MOVE" */

/* "j", "^L", "F10", "Space", "PgDn" to a key, 0 where there is no such key. */
uint32_t key_parse(const char *name, size_t len);

/* The user's own keys for some actions; the others have those of the table. */
struct keymap {
    char *keys[ACTION_COUNT]; /* as in key_row; NULL: not changed */
};

void keymap_init(struct keymap *m);
void keymap_release(struct keymap *m);
/* text: "c, Del" or "none". HAUL_ERR_USAGE for an unknown action or key. */
HAUL_NODISCARD enum haul_error keymap_bind(struct keymap *m, const char *name, const char *text,
                                           struct haul_fault *fault);
/* To be called when all is bound: HAUL_ERR_USAGE where a key of the user's would do two things in
 * one place. */
HAUL_NODISCARD enum haul_error keymap_check(const struct keymap *m, struct haul_fault *fault);
/* Separated by blanks. */
const char *keymap_keys(const struct keymap *m, enum ui_action action);
/* What the key does in that place; ACTION_NONE. */
enum ui_action keymap_action(const struct keymap *m, uint32_t key, enum key_place place);
/* Appends the keys of a row and of the rows in that place that share its line, in one line. */
void keymap_names(const struct keymap *m, struct buf *out, enum ui_action action,
                  enum key_place place);

/* Appends the whole table as the KEYS section of the man page, in mdoc/man macros: .SS for a
 * group, .TP for a line. */
void keys_man_section(struct buf *out);

#endif
