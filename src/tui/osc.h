/* SPDX-License-Identifier: MIT */
/* Sequences that terminals take for more than text. UI thread only. */
#ifndef HAUL_TUI_OSC_H
#define HAUL_TUI_OSC_H

/* Puts the text on the clipboard (OSC 52), where the terminal lets programs do that. */
void osc_copy(const char *text);

#endif
