/* SPDX-License-Identifier: MIT */
/* The part of the terminal that is read, for term.c. Its other functions stand in term.h. */
#ifndef HAUL_TUI_TERM_KEYS_H
#define HAUL_TUI_TERM_KEYS_H

void term_keys_open(void); /* when there is a screen */
/* Asks the terminal for its function keys once more, when it comes back from the shell. */
void term_keys_again(void);
void term_keys_close(void);

#endif
