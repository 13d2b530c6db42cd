/* SPDX-License-Identifier: MIT */
/*
 * How much room a disk has, asked in the background: on a network drive that hangs, or of a server
 * that is slow, the answer can take for ever. UI thread only; the thread inside is nobody's
 * business.
 */
#ifndef HAUL_TUI_DISK_ROOM_H
#define HAUL_TUI_DISK_ROOM_H

#include <stdint.h>

#include "core/session.h"

struct disk_room;

struct disk_room *disk_room_new(struct session *s); /* NULL where the system has no more threads */
/* To be called before session_free. An answer that is not there after a second is left to the
 * thread, which frees itself then: only a disk that hangs keeps it, and no session is needed any
 * more. */
void disk_room_free(struct disk_room *d);
/* Readable when there is another answer; disk_room_heard makes it quiet again. */
int disk_room_fd(const struct disk_room *d);
void disk_room_heard(struct disk_room *d);
/* Free bytes where `dir` is (NULL: as session_disk_free has it), as far as they are known: -1 not
 * yet, or not at all. Asks when it is about another directory than before, and every few seconds.
 */
int64_t disk_room_of(struct disk_room *d, const char *dir);

#endif
