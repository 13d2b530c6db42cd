/* SPDX-License-Identifier: MIT */
/*
 * Keys and mouse, by ncurses; see term.h and term_keys.h. They are read from a pad, because reading
 * from a window would paint it.
 */
#include "tui/term_keys.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/attrs.h"
#include "tui/keys.h"
#include "tui/term.h"

enum { CODE_PASTE_BEGIN = 2000, CODE_PASTE_END = 2001 };

static struct {
    WINDOW *keys;
    MEVENT event; /* of the last UI_KEY_MOUSE */
} input;

void term_keys_open(void)
{
    input.keys = newpad(1, 1);
    keypad(input.keys, TRUE);
    nodelay(input.keys, TRUE);
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

void term_keys_again(void)
{
    keypad(input.keys, TRUE);
}

void term_keys_close(void)
{
    delwin(input.keys);
    input.keys = NULL;
}

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

/* What comes in one piece with an Esc was typed with Alt: it is not the key alone, which may cancel
 * something. */
static bool was_alt(void)
{
    wint_t next = 0;
    int got = wget_wch(input.keys, &next);
    if (got == OK && next != UI_KEY_ESC)
        return true;
    if (got == KEY_CODE_YES)
        ungetch((int)next);
    else if (got == OK)
        unget_wch((wchar_t)next);
    return false;
}

uint32_t term_key(bool *gone)
{
    wint_t code = 0;
    errno = 0;
    int got = wget_wch(input.keys, &code);
    if (got == ERR) {
        *gone = vanished(errno);
        return 0;
    }
    if (got == KEY_CODE_YES && code == KEY_MOUSE && getmouse(&input.event) != OK)
        return UI_KEY_SPECIAL;
    if (got == KEY_CODE_YES)
        return from_code(code);
    if (code == UI_KEY_ESC && was_alt())
        return UI_KEY_ALT;
    if (code == 127 || code == 8)
        return UI_KEY_BACKSPACE;
    return code ? (uint32_t)code : UI_KEY_SPECIAL;
}

void term_set_mouse(bool on)
{
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
    *y = input.event.y;
    *x = input.event.x;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(events); i++) {
        *event = events[i].event;
        if (input.event.bstate & events[i].state)
            return true;
    }
    return false;
}
