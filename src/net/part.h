/* SPDX-License-Identifier: MIT */
/*
 * A file while it arrives: NAME.part beside NAME.part.state and NAME.part.lock, until it is whole
 * and gets its final name. Everything goes through the directory's descriptor; nothing that is a
 * symbolic link is followed.
 *
 * The worker opens, writes and discards; syncing, saving the state and placing block for as long as
 * the disk likes, so they run in a lane and hold a reference. Which bytes are recorded as present
 * was synced before.
 */
#ifndef HAUL_NET_PART_H
#define HAUL_NET_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/settings.h"
#include "net/lane.h"
#include "net/part_state.h"
#include "net/waker.h"

struct part;

/* Files up to here are written and synced in one go: no room is set aside, no lane is asked. */
#define PART_SMALL ((int64_t)1 << 20)

/*
 * Opens (or makes) the partial file of root/rel, with its lock. HAUL_ERR_BUSY when a living process
 * writes it; retryable where that is a lane of this one, for a download that has been stopped. A
 * readable state of an earlier run is loaded, see part_earlier. The waker is called when a save or
 * a placing has come to an end.
 */
HAUL_NODISCARD enum haul_error part_open(const char *root, const char *rel, struct waker *waker,
                                         struct part **out, struct haul_fault *fault);

/*
 * The same for a directory that is open already; takes dirfd. `small`: the file has at most
 * PART_SMALL bytes and no earlier run's partial is looked for; where the file system can, it then
 * has no name at all until it is whole.
 */
HAUL_NODISCARD enum haul_error part_open_at(int dirfd, const char *base, const char *final_path,
                                            bool small, struct waker *waker, struct part **out,
                                            struct haul_fault *fault);

/* Which entity an earlier run wrote and what of it is there; NULL where nothing can be resumed.
 * Borrowed until part_begin. */
const struct part_state *part_earlier(const struct part *p);

/*
 * Starts (keep: goes on) with this state: entity, digest, source; `have` is set to what is kept.
 * Without keep the file is emptied. Room for entity.size is allocated if known, and a first state
 * is written that records nothing, so that there is room for the later ones.
 */
HAUL_NODISCARD enum haul_error part_begin(struct part *p, const struct part_state *state, bool keep,
                                          struct haul_fault *fault);

/* There may be a state file: of an earlier run, the first one or by a save. */
bool part_recorded(const struct part *p);
/* Begun, and nothing is there yet. */
bool part_empty(const struct part *p);
int part_fd(const struct part *p);
const char *part_final_path(const struct part *p);

HAUL_NODISCARD enum haul_error part_write(struct part *p, int64_t offset, const void *data,
                                          size_t len, struct haul_fault *fault);
/* Bytes [begin,end) were written: they count from the next save on. */
void part_add(struct part *p, int64_t begin, int64_t end);
const struct ranges *part_have(const struct part *p);
/* Written but not yet synced by a save, at most. */
int64_t part_unsynced(const struct part *p);

/* Queues: sync the data, then record what was there when this was called. No second save is queued
 * while one is under way; false then. */
bool part_save(struct part *p, struct lane *lane);
bool part_saving(const struct part *p);
/* The data of the last save could not be synced: who knows what of it is on disk. HAUL_OK if it
 * could. */
enum haul_error part_save_error(struct part *p, struct haul_fault *fault);
/* The last save could not record what is there; the state on disk is an older one. No harm as long
 * as a later save can. */
bool part_outdated(struct part *p, struct haul_fault *fault);
/* Keeps the lock fresh for other hosts: a system call every 15 s. To be called every few seconds as
 * long as the part is open, whatever it waits for; now is clock_now(). */
void part_touch(struct part *p, int64_t now);

/* Queues: sync, set the modification time (wall ms, -1: leave), rename to the final name, sync the
 * directory, remove state and lock. `replace`: an existing file may be replaced. */
void part_place(struct part *p, struct lane *lane, int64_t size, int64_t modified_ms, bool replace);
/* Another final name; the partial keeps its own. Not while it is being placed; after a placing that
 * ended with HAUL_ERR_EXISTS it may be placed again. */
void part_rename(struct part *p, const char *base, const char *final_path);
/* True once placing has ended, well or badly. */
bool part_placed(struct part *p, enum haul_error *result, struct haul_fault *fault);

/* The file is not placed any more, unless it has its final name by now: false then. Saves that are
 * under way go on, and partial and state stay. */
bool part_withhold(struct part *p);

/* Deletes partial, state and lock, unless the file has its final name by now: false then. A save
 * or placing that is still under way in a lane will do nothing more. */
bool part_discard(struct part *p);
/* Lets go of it; partial and state stay, the lock goes with the last reference. NULL is fine. */
void part_close(struct part *p);

/* Bytes of a file of that size that the disk does not hold room for yet: 0 where the final file is
 * there, less what a partial has. */
int64_t part_missing_on_disk(const char *final_path, int64_t size);
/* engine_ops.discard: deletes what is left of a final path, unless somebody living writes it. */
void part_discard_path(const char *final_path);

#endif
