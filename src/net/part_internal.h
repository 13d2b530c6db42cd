/* SPDX-License-Identifier: MIT */
/* What part.c and part_disk.c share. */
#ifndef HAUL_NET_PART_INTERNAL_H
#define HAUL_NET_PART_INTERNAL_H

#include <stdatomic.h>

#include "core/mutex.h"
#include "net/part.h"
#include "net/part_lock.h"

enum part_name { PART_FINAL, PART_DATA, PART_STATE, PART_TEMP, PART_LOCK, PART_NAMES };

struct part {
    atomic_uint refs;
    int dirfd, fd;
    char *names[PART_NAMES]; /* in dirfd; the final one alone while it has no name */
    char *final_path;        /* absolute, for people */
    bool nameless;           /* the data has no name yet, and so neither lock nor state */
    char self[32];           /* the way to it then */
    struct part_lock *owner;
    struct waker *waker;
    /* the worker's */
    struct part_state state;
    int64_t found_size;
    int64_t unsynced;
    bool resumable, begun;
    atomic_bool recorded; /* there may be a state file */
    /* set by a lane, read by the worker */
    atomic_bool saving, placing_ended;
    /* guards what follows, and every rename and unlink */
    struct mutex lock;
    bool discarded, withheld, placed;
    unsigned epoch; /* grows when the file is emptied; a save of an earlier one records nothing */
    bool outdated;  /* the last save wrote no state */
    enum haul_error save_error, place_error;
    struct haul_fault save_fault, place_fault, outdated_fault;
};

void part_unref(struct part *p);

#endif
