/* SPDX-License-Identifier: MIT */
/*
 * What stands beside the fetched files when a plan is done: links into a store, references,
 * manifests. Below the plan's root only, by path.h's rules. Worker thread.
 */
#ifndef HAUL_NET_PLACE_H
#define HAUL_NET_PLACE_H

#include "core/attrs.h"
#include "core/error.h"
#include "core/plan.h"

/*
 * Makes root/link a relative symbolic link to root/path, over an earlier link or file of that name;
 * a link that leads there already stays. Where the file system has no links the file itself moves
 * there.
 */
HAUL_NODISCARD enum haul_error place_link(const char *root, const char *link, const char *path,
                                          struct haul_fault *fault);
/*
 * Takes the lock of root/lock (flock, exclusive, at once) and returns its descriptor through *fd;
 * closing it lets go. HAUL_ERR_BUSY while another program has it. *fd is -1 where the file system
 * has no locks. The mode is that of the Hub's own clients, who share such locks between users.
 */
HAUL_NODISCARD enum haul_error place_lock(const char *root, const char *lock, int *fd,
                                          struct haul_fault *fault);
/* HAUL_ERR_DISK, naming it, where a file of the plan is not in its place. */
HAUL_NODISCARD enum haul_error place_check(const struct plan *plan, struct haul_fault *fault);
/* Writes a document in one step: temporary file, sync, rename. */
HAUL_NODISCARD enum haul_error place_document(const char *root, const struct plan_document *doc,
                                              struct haul_fault *fault);

#endif
