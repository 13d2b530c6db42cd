/* SPDX-License-Identifier: MIT */
/* One line of input: its text, cursor and editing keys. Pasted line ends stay in the text. */
#ifndef HAUL_TUI_PROMPT_H
#define HAUL_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "tui/draw.h"

/* A paste longer than this is cut: longer lists come from a file. */
#define PROMPT_MAX ((size_t)4 << 20)

struct prompt {
    const char *label; /* NULL while there is no prompt; borrowed */
    struct buf text;   /* UTF-8 */
    size_t cursor;     /* byte offset */
};

void prompt_init(struct prompt *p);
void prompt_release(struct prompt *p);
void prompt_open(struct prompt *p, const char *label, const char *text);
void prompt_close(struct prompt *p);
/* False for a key that is none of editing: Enter, Esc, Tab, function keys. */
bool prompt_key(struct prompt *p, uint32_t key);
/* Inserts a character of a paste: line ends are kept, other control characters dropped. */
void prompt_paste(struct prompt *p, uint32_t cp);
size_t prompt_lines(const struct prompt *p);
/* Draws into row y, scrolled so that the cursor shows, and puts the hardware cursor there. */
void prompt_draw(const struct prompt *p, const struct area *a, int y);

#endif
