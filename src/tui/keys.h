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

#include "core/buf.h"

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
    UI_KEY_RESIZE,
    UI_KEY_F0 /* + number */
};

/* Where a key is looked up. */
enum key_place { IN_LIST = 1, IN_PANE = 2, IN_LOG = 4, IN_HELP = 8 };
#define IN_JOBS  (IN_LIST | IN_PANE)
#define IN_LINES (IN_LOG | IN_HELP)
#define IN_ALL   (IN_JOBS | IN_LINES)

enum key_group {
    KEYS_MOVE,
    KEYS_FIND,
    KEYS_SELECT,
    KEYS_JOBS,
    KEYS_PANE,
    KEYS_LOG,
    KEYS_GLOBAL,
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
    X(page_down, "page-down", "PgDn", IN_ALL, MOVE, 0, NULL, "page")                               \
    X(page_up, "page-up", "PgUp", IN_ALL, MOVE, 0, NULL, NULL)                                     \
    X(half_down, "half-down", "^D", IN_ALL, MOVE, 0, NULL, "half a page")                          \
    X(half_up, "half-up", "^U", IN_ALL, MOVE, 0, NULL, NULL)                                       \
    X(first, "first", "g Home", IN_ALL, MOVE, 0, NULL, "first, last")                              \
    X(last, "last", "G End", IN_ALL, MOVE, 0, NULL, NULL)                                          \
    X(fold, "fold", "h Left", IN_JOBS, MOVE, 0, NULL, "fold, unfold job")                          \
    X(unfold, "unfold", "l Right", IN_JOBS, MOVE, 0, NULL, NULL)                                   \
    X(detail, "detail", "Enter", IN_JOBS, MOVE, 8, "Detail", "open, close detail")                 \
    X(pane_info, "pane-info", "1", IN_PANE, PANE, 0, NULL, "info, parts, log")                     \
    X(pane_parts, "pane-parts", "2", IN_PANE, PANE, 0, NULL, NULL)                                 \
    X(pane_log, "pane-log", "3", IN_PANE, PANE, 0, NULL, NULL)                                     \
    X(pane_next, "pane-next", "Tab", IN_PANE, PANE, 2, "Next pane", "next pane")                   \
    X(pane_close, "pane-close", "Esc", IN_PANE, PANE, 2, "Close", "close the pane")                \
    X(search, "search", "/", IN_JOBS | IN_LOG, FIND, 7, "Find", "search")                          \
    X(search_next, "search-next", "n", IN_JOBS | IN_LOG, FIND, 0, NULL, "next, previous")          \
    X(search_previous, "search-previous", "N", IN_JOBS | IN_LOG, FIND, 0, NULL, NULL)              \
    X(filter, "filter", "\\ F4", IN_JOBS, FIND, 0, NULL, "filter, empty: off")                     \
    X(sort_previous, "sort-previous", "<", IN_JOBS, FIND, 0, NULL, "sort column, invert")          \
    X(sort_next, "sort-next", ">", IN_JOBS, FIND, 0, NULL, NULL)                                   \
    X(sort_invert, "sort-invert", "I", IN_JOBS, FIND, 0, NULL, NULL)                               \
    X(follow, "follow", "F", IN_JOBS, FIND, 0, NULL, "follow what runs")                           \
    X(freeze, "freeze", "Z", IN_JOBS, FIND, 0, NULL, "freeze the display")                         \
    X(mark, "mark", "Space", IN_JOBS, SELECT, 3, "Mark", "mark, move down")                        \
    X(mark_all, "mark-all", "A", IN_JOBS, SELECT, 0, NULL, "mark all, none")                       \
    X(mark_none, "mark-none", "U", IN_JOBS, SELECT, 0, NULL, NULL)                                 \
    X(add, "add", "a", IN_JOBS, JOBS, 2, "Add", "add; or just paste")                              \
    X(pause, "pause", "p", IN_JOBS, JOBS, 4, "Pause", "pause, resume")                             \
    X(cancel, "cancel", "c", IN_JOBS, JOBS, 5, "Cancel", "cancel, delete part")                    \
    X(retry, "retry", "r", IN_JOBS, JOBS, 6, "Retry", "retry")                                     \
    X(drop, "drop", "x Del", IN_JOBS, JOBS, 0, NULL, "drop from the list")                         \
    X(queue_up, "queue-up", "K", IN_JOBS, JOBS, 0, NULL, "queue up, down")                         \
    X(queue_down, "queue-down", "J", IN_JOBS, JOBS, 0, NULL, NULL)                                 \
    X(priority_up, "priority-up", "+", IN_JOBS, JOBS, 0, NULL, "priority")                         \
    X(priority_down, "priority-down", "-", IN_JOBS, JOBS, 0, NULL, NULL)                           \
    X(connections_less, "connections-less", "[", IN_JOBS, JOBS, 0, NULL, "connections")            \
    X(connections_more, "connections-more", "]", IN_JOBS, JOBS, 0, NULL, NULL)                     \
    X(explain, "explain", "e", IN_JOBS, JOBS, 0, NULL, "explain the error")                        \
    X(pause_all, "pause-all", "P", IN_JOBS, GLOBAL, 0, NULL, "pause, resume all")                  \
    X(retry_all, "retry-all", "R", IN_JOBS, GLOBAL, 0, NULL, "retry all failed")                   \
    X(drop_all, "drop-all", "X", IN_JOBS, GLOBAL, 0, NULL, "drop all finished")                    \
    X(limit, "limit", "T", IN_JOBS, GLOBAL, 0, NULL, "speed limit")                                \
    X(log_follow, "log-follow", "F", IN_LOG, LOG, 2, "Follow", "follow new lines")                 \
    X(log_all, "log-all", "1", IN_LOG, LOG, 3, "All", "all, warnings, errors")                     \
    X(log_warnings, "log-warnings", "2", IN_LOG, LOG, 4, "Warn+", NULL)                            \
    X(log_errors, "log-errors", "3", IN_LOG, LOG, 5, "Errors", NULL)                               \
    X(log_job, "log-job", "=", IN_LOG, LOG, 6, "This job", "only this job")                        \
    X(tab_all, "tab-all", "1", IN_LIST, GLOBAL, 0, NULL, "all active queue")                       \
    X(tab_active, "tab-active", "2", IN_LIST, GLOBAL, 0, NULL, NULL)                               \
    X(tab_queue, "tab-queue", "3", IN_LIST, GLOBAL, 0, NULL, NULL)                                 \
    X(tab_paused, "tab-paused", "4", IN_LIST, GLOBAL, 0, NULL, "paused failed done")               \
    X(tab_failed, "tab-failed", "5", IN_LIST, GLOBAL, 0, NULL, NULL)                               \
    X(tab_done, "tab-done", "6", IN_LIST, GLOBAL, 0, NULL, NULL)                                   \
    X(tab_next, "tab-next", "Tab", IN_LIST, GLOBAL, 0, NULL, "next tab")                           \
    X(log, "log", "L", IN_JOBS | IN_LOG, GLOBAL, 0, NULL, "log")                                   \
    X(header, "header", "#", IN_JOBS, GLOBAL, 0, NULL, "hide the header")                          \
    X(help, "help", "F1 ?", IN_ALL, GLOBAL, 1, "Help", "help")                                     \
    X(back, "back", "Esc q", IN_LINES, LOG, 9, "Back", "back to the list")                         \
    X(quit, "quit", "q F10", IN_JOBS, GLOBAL, 9, "Quit", "quit")                                   \
    X(interrupt, "interrupt", "^C", IN_ALL, GLOBAL, 0, NULL, "quit (twice: at once)")              \
    X(suspend, "suspend", "^Z", IN_ALL, GLOBAL, 0, NULL, "suspend")                                \
    X(repaint, "repaint", "^L", IN_ALL, GLOBAL, 0, NULL, "repaint")

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
/* What the key does in that place; ACTION_NONE. */
enum ui_action key_action(uint32_t key, enum key_place place);

/* Appends the keys of a row and of the rows that share its line, in one line. */
void key_names(struct buf *out, enum ui_action action);
/* Appends the whole table as the KEYS section of the man page, in mdoc/man macros: .SS for a
 * group, .TP for a line. */
void keys_man_section(struct buf *out);

#endif
