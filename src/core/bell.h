/* SPDX-License-Identifier: MIT */
/*
 * How a watcher of a session is woken: a descriptor that is readable while there are jobs or events
 * to look at. Whoever owns it guards it.
 */
#ifndef HAUL_CORE_BELL_H
#define HAUL_CORE_BELL_H

#include <stdbool.h>

enum bell_reason { BELL_JOBS, BELL_EVENTS, BELL_REASONS };

struct bell {
    int fd;
    bool rings;
    /*
     * What there is to look at. Looking at one does not hide the other: it stays for one look
     * more, so that nothing is missed whichever a front end does first, and so that a front end
     * that never looks at the other is not woken for ever.
     */
    unsigned pending[BELL_REASONS];
};

void bell_init(struct bell *b);
void bell_release(struct bell *b);
void bell_ring(struct bell *b, enum bell_reason reason);
/* All there was of that kind has been looked at. */
void bell_looked(struct bell *b, enum bell_reason reason);

#endif
