/* SPDX-License-Identifier: MIT */
/*
 * What a front end asks for with every frame: a file from near, the free room of a disk. Answers
 * are kept for a moment and asked for again behind the caller's back. Any thread.
 */
#ifndef HAUL_API_CLIENT_NEAR_H
#define HAUL_API_CLIENT_NEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "api/client_wire.h"
#include "core/mutex.h"
#include "core/view.h"

#define NEAR_DISKS 8

struct near_disk {
    char *dir; /* NULL: the slot is free */
    int64_t free_bytes, asked_at;
    bool known, asking;
};

struct near {
    struct wire *wire;
    struct mutex mutex; /* guards the rest */
    struct cond answered;
    char id[JOB_ID_SIZE]; /* of the file that is looked at */
    size_t file;
    struct detail_view detail;
    int64_t asked_at; /* ns */
    bool asking;
    struct near_disk disks[NEAR_DISKS];
};

void near_init(struct near *n, struct wire *wire);
/* After the wire has been freed. */
void near_release(struct near *n);
void near_detail(struct near *n, const char *id, size_t file, struct detail_view *out);
/* -1: not known (yet). */
int64_t near_disk_free(struct near *n, const char *dir);

#endif
