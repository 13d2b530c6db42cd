/* SPDX-License-Identifier: MIT */
/*
 * ncurses behind term.h. Frames are erase + one doupdate, so that ncurses sends differences only,
 * and what it writes goes through the outlet. The terminal's modes are switched here, because
 * ncurses would wait until its output has drained. Keys and mouse are in term_keys.c.
 */
#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "core/alloc.h"
#include "tui/crash.h"
#include "tui/outlet.h"
#include "tui/term_keys.h"

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

static struct {
    SCREEN *screen;
    attr_t attrs[ROLE_COUNT];
    short pairs[ROLE_COUNT];
    cchar_t *line; /* one row on its way to ncurses */
    size_t line_len;
    struct termios shell_modes, own_modes;
    char *farewell; /* gives the terminal back, whatever it shows */
    bool pastes;    /* the terminal understands bracketed paste */
    bool away;      /* the shell has it */
} term;

enum haul_error term_check(struct haul_fault *fault)
{
    const char *hint = "use --batch or --ui=linear";
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return fault_set(fault, HAUL_ERR_USAGE, "no terminal on stdin and stdout; %s", hint);
    const char *name = getenv("TERM");
    if (!name || !name[0] || !strcmp(name, "dumb"))
        return fault_set(fault, HAUL_ERR_USAGE, "TERM is %s; %s",
                         name && name[0] ? name : "not set", hint);
    int status;
    if (setupterm(NULL, STDOUT_FILENO, &status) == ERR)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "TERM=%s is not known here; try TERM=xterm-256color, or %s", name, hint);
    bool places = cursor_address != NULL;
    del_curterm(cur_term);
    if (!places)
        return fault_set(fault, HAUL_ERR_USAGE, "TERM=%s cannot place its cursor; %s", name, hint);
    return HAUL_OK;
}

/* ---- opening ---- */

static struct buf *collected; /* tputs takes no argument for its output function */

static int collect(int c)
{
    buf_add_char(collected, (char)c);
    return c;
}

static void collect_capability(const char *cap)
{
    if (cap)
        tputs(cap, 1, collect);
}

static void prepare_farewell(void)
{
    struct buf text;
    buf_init(&text);
    collected = &text;
    if (term.pastes)
        buf_add_str(&text, PASTE_OFF MOUSE_OFF);
    collect_capability(exit_attribute_mode);
    collect_capability(orig_pair);
    collect_capability(keypad_local);
    collect_capability(cursor_normal);
    collect_capability(exit_ca_mode);
    collected = NULL;
    term.farewell = buf_detach(&text);
}

/* A colour that this terminal does not have is left out. */
static bool shown_colour(int colour)
{
    return colour < COLORS;
}

static void open_colors(const struct theme *theme, bool color)
{
    color = color && has_colors();
    if (color) {
        start_color();
        use_default_colors();
    }
    for (int i = 0; i < ROLE_COUNT; i++) {
        const struct theme_role *role = &theme->roles[i];
        term.attrs[i] = (role->attrs & THEME_BOLD ? WA_BOLD : 0) |
                        (role->attrs & THEME_DIM ? WA_DIM : 0) |
                        (role->attrs & THEME_REVERSE ? WA_REVERSE : 0) |
                        (role->attrs & THEME_UNDERLINE ? WA_UNDERLINE : 0);
        term.pairs[i] = 0;
        bool own = role->fg < 0 && role->bg < 0;
        if (color && !own && shown_colour(role->fg) && shown_colour(role->bg) &&
            init_pair((short)(i + 1), (short)role->fg, (short)role->bg) == OK)
            term.pairs[i] = (short)(i + 1);
        else if (color && !own && role->bg >= 0)
            term.attrs[i] |= WA_REVERSE; /* a ground that cannot be shown still sets it apart */
    }
}

void term_send(const char *text)
{
    if (!term.pastes || term.away)
        return;
    outlet_add(text);
    (void)outlet_flush();
}

/* The modes are those of the terminal, which ncurses has set; its own way to them ends here. */
static SCREEN *open_screen(void)
{
    /* ncurses installs handlers of its own, which are not safe; the signals are read elsewhere. */
    static const int handled[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction before[HAUL_ARRAY_LEN(handled)];
    for (size_t i = 0; i < HAUL_ARRAY_LEN(handled); i++)
        sigaction(handled[i], NULL, &before[i]);
    use_env(TRUE);
    use_tioctl(TRUE);
    SCREEN *screen = newterm(NULL, outlet_stream(), stdin);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(handled); i++)
        sigaction(handled[i], &before[i], NULL);
    if (!screen)
        return NULL;
    raw();
    noecho();
    nonl();
    tcgetattr(STDIN_FILENO, &term.own_modes);
    outlet_divert();
    return screen;
}

enum haul_error term_open(const struct theme *theme, bool color, struct haul_fault *fault)
{
    if (tcgetattr(STDIN_FILENO, &term.shell_modes))
        return fault_set_errno(fault, errno, "reading the terminal's modes");
    if (outlet_open(fault) != HAUL_OK)
        return fault->code;
    term.screen = open_screen();
    if (!term.screen) {
        outlet_close();
        return fault_set(fault, HAUL_ERR_USAGE, "the terminal cannot be opened; use --batch");
    }
    leaveok(stdscr, FALSE);
    typeahead(-1); /* frames are whole */
    /* A terminal with an alternate screen is taken to know bracketed paste, which ignores it else.
     */
    term.pastes = enter_ca_mode != NULL;
    open_colors(theme, color);
    term_keys_open();
    prepare_farewell();
    crash_install(STDOUT_FILENO, term.farewell, &term.shell_modes);
    term_send(PASTE_ON);
    return HAUL_OK;
}

static void give_back(void)
{
    term_send(PASTE_OFF);
    endwin();
    outlet_end(term.farewell);
    tcsetattr(STDIN_FILENO, TCSANOW, &term.shell_modes);
}

void term_close(void)
{
    if (!term.screen)
        return;
    if (!term.away)
        give_back();
    crash_uninstall();
    term_keys_close();
    delscreen(term.screen);
    outlet_close();
    free(term.line);
    free(term.farewell);
    memset(&term, 0, sizeof term);
}

/* ---- output ---- */

static void show_row(const struct canvas *c, int y)
{
    int n = 0;
    for (int x = 0; x < c->cols; x++) {
        const struct cell *cell = canvas_cell(c, y, x);
        if (cell->width)
            setcchar(&term.line[n++], cell->ch, term.attrs[cell->role], term.pairs[cell->role],
                     NULL);
    }
    mvadd_wchnstr(y, 0, term.line, n);
}

bool term_show(const struct canvas *c)
{
    if ((size_t)c->cols > term.line_len) {
        term.line_len = (size_t)c->cols;
        term.line = xreallocarray(term.line, term.line_len, sizeof *term.line);
    }
    erase();
    for (int y = 0; y < c->rows; y++)
        show_row(c, y);
    move(c->cursor_y, c->cursor_x);
    wnoutrefresh(stdscr);
    doupdate();
    return outlet_flush();
}

bool term_flush(void)
{
    return outlet_flush();
}

int term_waiting_fd(void)
{
    return outlet_fd();
}

void term_size(int *rows, int *cols)
{
    struct winsize size = {0};
    *rows = LINES;
    *cols = COLS;
    if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col) {
        *rows = size.ws_row < 500 ? size.ws_row : 500;
        *cols = size.ws_col < 1000 ? size.ws_col : 1000;
    }
}

void term_resize(int rows, int cols)
{
    if (term.screen && (rows != LINES || cols != COLS))
        resizeterm(rows, cols);
}

void term_repaint(void)
{
    clearok(curscr, TRUE);
}

int term_pending(void)
{
    int pending = 0;
    return ioctl(STDOUT_FILENO, TIOCOUTQ, &pending) ? 0 : pending;
}

/* ---- leaving for a while ---- */

void term_leave(void)
{
    give_back();
    term_lose();
}

void term_lose(void)
{
    if (!term.screen)
        return;
    outlet_forget();
    term.away = true;
    crash_set_away(true);
}

void term_enter(void)
{
    term.away = false;
    crash_set_away(false);
    tcsetattr(STDIN_FILENO, TCSANOW, &term.own_modes);
    clearok(curscr, TRUE); /* the next frame is a whole one */
    term_keys_again();
    term_send(PASTE_ON);
}

bool term_is_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}
