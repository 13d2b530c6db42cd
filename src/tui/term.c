/* SPDX-License-Identifier: MIT */
/*
 * ncurses behind term.h. Frames are erase + one doupdate, so that ncurses sends differences only;
 * keys are read from a pad, because reading from a window would paint it.
 */
#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "core/alloc.h"
#include "tui/crash.h"
#include "tui/keys.h"

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

enum { CODE_PASTE_BEGIN = 2000, CODE_PASTE_END = 2001 };

static struct {
    SCREEN *screen;
    WINDOW *keys;
    attr_t attrs[ROLE_COUNT];
    short pairs[ROLE_COUNT];
    cchar_t *line; /* one row on its way to ncurses */
    size_t line_len;
    bool pastes; /* the terminal understands bracketed paste */
    bool away;   /* the shell has it */
    bool mouse;
    MEVENT event; /* of the last UI_KEY_MOUSE */
} term;

enum haul_error term_check(struct haul_fault *fault)
{
    const char *hint = "use --batch, or --ui=linear for a UI of plain lines";
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return fault_set(fault, HAUL_ERR_USAGE, "no terminal on stdin and stdout; %s", hint);
    const char *name = getenv("TERM");
    if (!name || !name[0] || !strcmp(name, "dumb"))
        return fault_set(fault, HAUL_ERR_USAGE, "TERM is %s; %s",
                         name && name[0] ? name : "not set", hint);
    int status;
    if (setupterm(NULL, STDOUT_FILENO, &status) == ERR)
        return fault_set(fault, HAUL_ERR_USAGE, "TERM=%s is not known here; %s", name, hint);
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

static void prepare_crash(const struct termios *saved)
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
    crash_install(STDOUT_FILENO, text.data, text.len, saved);
    collected = NULL;
    buf_release(&text);
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
    ssize_t written = write(STDOUT_FILENO, text, strlen(text));
    (void)written;
}

static void open_keys(void)
{
    term.keys = newpad(1, 1);
    keypad(term.keys, TRUE);
    nodelay(term.keys, TRUE);
    if (!getenv("ESCDELAY"))
        set_escdelay(25);
    define_key("\033[200~", CODE_PASTE_BEGIN);
    define_key("\033[201~", CODE_PASTE_END);
    /* Variants that tmux, screen and the Linux console send whatever TERM says. */
    define_key("\033[1~", KEY_HOME);
    define_key("\033[4~", KEY_END);
    define_key("\033[H", KEY_HOME);
    define_key("\033[F", KEY_END);
}

enum haul_error term_open(const struct theme *theme, bool color, struct haul_fault *fault)
{
    struct termios saved;
    if (tcgetattr(STDIN_FILENO, &saved))
        return fault_set_errno(fault, errno, "reading the terminal's modes");
    /* ncurses installs handlers of its own, which are not safe; the signals are read elsewhere. */
    static const int handled[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction before[HAUL_ARRAY_LEN(handled)];
    for (size_t i = 0; i < HAUL_ARRAY_LEN(handled); i++)
        sigaction(handled[i], NULL, &before[i]);
    use_env(TRUE);
    use_tioctl(TRUE);
    term.screen = newterm(NULL, stdout, stdin);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(handled); i++)
        sigaction(handled[i], &before[i], NULL);
    if (!term.screen)
        return fault_set(fault, HAUL_ERR_USAGE, "the terminal cannot be opened; use --batch");
    raw();
    noecho();
    nonl();
    leaveok(stdscr, FALSE);
    /* A terminal with an alternate screen is taken to know bracketed paste, which ignores it else.
     */
    term.pastes = enter_ca_mode != NULL;
    open_colors(theme, color);
    open_keys();
    prepare_crash(&saved);
    term_send(PASTE_ON);
    return HAUL_OK;
}

void term_close(void)
{
    if (!term.screen)
        return;
    term_send(PASTE_OFF);
    endwin();
    crash_uninstall();
    delwin(term.keys);
    delscreen(term.screen);
    free(term.line);
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

void term_show(const struct canvas *c)
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
    if (rows != LINES || cols != COLS)
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

/* ---- input ---- */

static const struct {
    wint_t code;
    uint32_t key;
} codes[] = {
    {KEY_UP, UI_KEY_UP},
    {KEY_DOWN, UI_KEY_DOWN},
    {KEY_LEFT, UI_KEY_LEFT},
    {KEY_RIGHT, UI_KEY_RIGHT},
    {KEY_PPAGE, UI_KEY_PAGE_UP},
    {KEY_NPAGE, UI_KEY_PAGE_DOWN},
    {KEY_HOME, UI_KEY_HOME},
    {KEY_END, UI_KEY_END},
    {KEY_DC, UI_KEY_DELETE},
    {KEY_BACKSPACE, UI_KEY_BACKSPACE},
    {KEY_ENTER, UI_KEY_ENTER},
    {KEY_RESIZE, UI_KEY_RESIZE},
    {KEY_BTAB, UI_KEY_BACK_TAB},
    {KEY_MOUSE, UI_KEY_MOUSE},
    {CODE_PASTE_BEGIN, UI_KEY_PASTE_BEGIN},
    {CODE_PASTE_END, UI_KEY_PASTE_END},
};

static uint32_t from_code(wint_t code)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(codes); i++)
        if (codes[i].code == code)
            return codes[i].key;
    if (code > KEY_F0 && code <= KEY_F(12))
        return UI_KEY_F0 + (uint32_t)(code - KEY_F0);
    return UI_KEY_SPECIAL;
}

/* An ERR from ncurses is "no key" as well as "no terminal": ask the descriptor itself. */
static bool vanished(int err)
{
    struct pollfd tty = {.fd = STDIN_FILENO, .events = POLLIN};
    return err == EIO || (poll(&tty, 1, 0) == 1 && (tty.revents & (POLLHUP | POLLERR | POLLNVAL)));
}

uint32_t term_key(bool *gone)
{
    wint_t code = 0;
    errno = 0;
    int got = wget_wch(term.keys, &code);
    if (got == ERR) {
        *gone = vanished(errno);
        return 0;
    }
    if (got == KEY_CODE_YES && code == KEY_MOUSE && getmouse(&term.event) != OK)
        return UI_KEY_SPECIAL;
    if (got == KEY_CODE_YES)
        return from_code(code);
    if (code == 127 || code == 8)
        return UI_KEY_BACKSPACE;
    return code ? (uint32_t)code : UI_KEY_SPECIAL;
}

void term_set_mouse(bool on)
{
    term.mouse = on;
    mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
    mouseinterval(0);
}

bool term_mouse(enum mouse_event *event, int *y, int *x)
{
    static const struct {
        mmask_t state;
        enum mouse_event event;
    } events[] = {{BUTTON1_PRESSED, MOUSE_CLICK},
                  {BUTTON4_PRESSED, MOUSE_WHEEL_UP},
                  {BUTTON5_PRESSED, MOUSE_WHEEL_DOWN}};
    *y = term.event.y;
    *x = term.event.x;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(events); i++) {
        *event = events[i].event;
        if (term.event.bstate & events[i].state)
            return true;
    }
    return false;
}

/* ---- leaving for a while ---- */

void term_leave(void)
{
    term_send(PASTE_OFF);
    term.away = true;
    endwin();
}

void term_enter(void)
{
    term.away = false;
    reset_prog_mode();
    term_send(PASTE_ON);
    clearok(curscr, TRUE);
    refresh();
}

bool term_is_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}
