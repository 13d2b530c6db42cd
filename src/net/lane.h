/* SPDX-License-Identifier: MIT */
/*
 * A thread that does blocking work (hashing, syncing, placing) for one worker, in order, so that
 * the worker goes on receiving and can always be cancelled. A system call that hangs in a lane
 * cannot be interrupted; then the worker abandons the lane, which frees itself when it comes back.
 */
#ifndef HAUL_NET_LANE_H
#define HAUL_NET_LANE_H

#include <stdbool.h>
#include <stdint.h>

struct lane;

/* Runs in the lane's thread; owns `arg` and everything it needs. */
typedef void lane_task(void *arg);

/* The thread starts with the first task. */
struct lane *lane_new(const char *name);
/* Queues a task. Owner's thread only, like all calls here. */
void lane_push(struct lane *l, lane_task *task, void *arg);
/* Waits until all tasks have run or clock_now() reaches deadline; true if they have. */
bool lane_drain(struct lane *l, int64_t deadline);
/*
 * Gives the lane up: it ends after its tasks. Joined when they end by `deadline`, else left to
 * free itself; tasks that are still queued do run, so they must check their own stop flags.
 */
void lane_free(struct lane *l, int64_t deadline);

#endif
