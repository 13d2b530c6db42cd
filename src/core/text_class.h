/* SPDX-License-Identifier: MIT */
/* Classes of Unicode characters that matter when text from outside is shown. Any thread. */
#ifndef HAUL_CORE_TEXT_CLASS_H
#define HAUL_CORE_TEXT_CLASS_H

#include <stdbool.h>
#include <stdint.h>

/* A mark that is drawn on the character before it (categories Mn and Me). */
bool text_is_mark(uint32_t cp);
/* C0, DEL, C1. */
bool text_is_control(uint32_t cp);
/* Changes the direction of the text around it. */
bool text_is_bidi(uint32_t cp);
/* Everything that text_sanitize replaces but marks: controls, bidi, invisible characters,
 * separators of lines, noncharacters, private use. */
bool text_is_unfit(uint32_t cp);

#endif
