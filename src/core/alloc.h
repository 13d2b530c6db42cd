/* SPDX-License-Identifier: MIT */
/*
 * Allocation that does not return on failure. A download manager that cannot get a few kilobytes
 * has nothing better to do than to stop with its state on disk; what a server can make large is
 * capped where it enters (see buf.h, json.h), so memory is never in a stranger's hands.
 */
#ifndef HAUL_CORE_ALLOC_H
#define HAUL_CORE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

#include "core/attrs.h"

/* Called once before the process aborts for lack of memory; the terminal UI restores the tty. */
void alloc_set_last_words(void (*fn)(void));

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
/* Overflow-checked growth to count * size bytes. */
void *xreallocarray(void *old, size_t count, size_t size);
/* Returns a copy, caller frees; NULL stays NULL. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);
/* Returns formatted text, caller frees. */
char *xasprintf(const char *fmt, ...) HAUL_PRINTF(1, 2);
char *xvasprintf(const char *fmt, va_list args) HAUL_PRINTF(1, 0);

#endif
