/* SPDX-License-Identifier: MIT */
/*
 * From the last byte to the final name: the digest catches up, the disk syncs, the file is renamed.
 * And the two other ends: stopped by the user, or found to be there already.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/path.h"
#include "core/units.h"
#include "net/place.h"
#include "net/transfer.h"

#define EARLY_SYNC_SIZE ((int64_t)16 << 20)

static void place(struct transfer *t)
{
    part_place(t->part, t->fetch->worker->disk_lane, t->size, t->entity.last_modified_ms,
               t->replace);
    t->phase = TRANSFER_PLACE;
    transfer_end_step(t); /* a small file has its name by now */
}

void transfer_complete(struct transfer *t)
{
    transfer_drop_requests(t);
    atomic_store(&t->progress->total, t->size);
    atomic_store(&t->progress->bytes, t->size);
    atomic_store(&t->progress->rate, 0);
    atomic_store(&t->progress->connections, 0);
    if (!t->hash) {
        place(t);
        return;
    }
    /* The disk and the processor can work at the same time. */
    if (t->size >= EARLY_SYNC_SIZE)
        part_save(t->part, t->fetch->worker->disk_lane);
    atomic_store(&t->progress->state, FILE_VERIFYING);
    t->phase = TRANSFER_VERIFY;
    transfer_end_step(t);
}

static void fail_and_discard(struct transfer *t, const struct haul_fault *fault)
{
    part_discard(t->part);
    run_file_discarded(t->fetch->run, t->index);
    transfer_fail(t, fault);
}

static void mismatch(struct transfer *t, const struct digest_value *got)
{
    struct haul_fault fault;
    char want_hex[129], got_hex[129];
    size_t size = digest_size(t->digest.algorithm);
    units_format_hex(t->digest.bytes, size, want_hex);
    units_format_hex(got->bytes, size, got_hex);
    fault_set(
        &fault, HAUL_ERR_CHECKSUM,
        "%s: %s is %s, not %s as %s; the wrong file was deleted. Check the digest, then retry",
        t->name, digest_name(t->digest.algorithm), got_hex, want_hex,
        t->digest.origin == DIGEST_BY_PINNED ? "asked for" : "the publisher says");
    fail_and_discard(t, &fault);
}

static void step_verify(struct transfer *t)
{
    struct digest_value got;
    struct haul_fault fault;
    int error = digest_failed(t->hash);
    if (error) {
        fault_set_errno(&fault, error, "cannot read %s.part back", part_final_path(t->part));
        transfer_fail(t, &fault);
        return;
    }
    if (!digest_finish(t->hash, t->size, &got))
        return;
    atomic_store(&t->progress->hashed, t->size);
    bool same = !memcmp(got.bytes, t->digest.bytes, digest_size(got.algorithm));
    if (same)
        place(t);
    else if (t->from_disk)
        transfer_local_wrong(t);
    else
        mismatch(t, &got);
}

/* The link that the plan wants is made, and is what the user sees; false: the transfer has failed.
 */
bool transfer_link(struct transfer *t)
{
    struct haul_fault fault;
    const struct plan_file *file = t->file;
    const char *root = t->fetch->plan->root;
    if (!file->link)
        return true;
    if (place_link(root, file->link, t->name, &fault) != HAUL_OK) {
        transfer_fail(t, &fault);
        return false;
    }
    char *shown = path_join(root, file->link);
    run_set_path(t->fetch->run, t->index, shown);
    free(shown);
    return true;
}

void transfer_finish(struct transfer *t)
{
    char hex[65];
    bool sha256 = t->digest.algorithm == DIGEST_SHA256;
    if (sha256)
        units_format_hex(t->digest.bytes, 32, hex);
    part_close(t->part);
    t->part = NULL;
    if (!transfer_link(t))
        return;
    t->phase = TRANSFER_DONE;
    run_file_done(t->fetch->run, t->index, FILE_DONE, sha256 ? hex : NULL,
                  t->digest.algorithm == DIGEST_NONE ? DIGEST_BY_NONE : t->digest.origin);
}

/* The name came to be taken while the file was on its way. */
static bool place_aside(struct transfer *t)
{
    struct haul_fault fault;
    const char *base, *root = t->fetch->plan->root;
    int dirfd = path_open_parent(root, t->name, false, &base, &fault);
    bool renamed = dirfd >= 0 && transfer_rename_aside(t, dirfd, &(unsigned){1});
    if (dirfd >= 0)
        close(dirfd);
    if (!renamed)
        return false;
    run_set_path(t->fetch->run, t->index, part_final_path(t->part));
    place(t);
    return true;
}

static void step_place(struct transfer *t)
{
    struct haul_fault fault;
    enum haul_error result;
    if (!part_placed(t->part, &result, &fault))
        return;
    bool aside = t->fetch->request->on_exists == ON_EXISTS_RENAME;
    if (result == HAUL_ERR_EXISTS && aside && place_aside(t))
        return;
    if (result != HAUL_OK) {
        transfer_fail(t, &fault);
        return;
    }
    transfer_finish(t);
}

/* A file of the final name is there: it is taken for ours only when its digest says so. */
static void step_check(struct transfer *t)
{
    struct fetch *f = t->fetch;
    struct digest_value got;
    struct haul_fault fault;
    if (!t->hash) {
        atomic_store(&t->progress->total, t->size);
        atomic_store(&t->progress->state, FILE_VERIFYING);
        t->hash = digest_new(t->digest.algorithm, t->check_fd, t->size, f->worker->hash_lane,
                             f->worker->waker);
    }
    int error = digest_failed(t->hash);
    if (error && t->local_path) {
        transfer_local_checked(t, false);
        return;
    }
    if (error) {
        fault_set_errno(&fault, error, "cannot read the existing %s", t->name);
        transfer_fail(t, &fault);
        return;
    }
    if (!digest_finish(t->hash, t->size, &got))
        return;
    bool same = !memcmp(got.bytes, t->digest.bytes, digest_size(got.algorithm));
    if (t->local_path) {
        transfer_local_checked(t, same);
        return;
    }
    if (same) {
        transfer_skip(t);
        return;
    }
    fault_set(&fault, HAUL_ERR_EXISTS,
              "%s/%s exists and its digest is another; choose with --on-exists overwrite or rename",
              f->plan->root, t->name);
    transfer_fail(t, &fault);
}

void transfer_end_step(struct transfer *t)
{
    if (t->hash)
        atomic_store(&t->progress->hashed, digest_position(t->hash));
    if (t->phase == TRANSFER_CHECK)
        step_check(t);
    else if (t->phase == TRANSFER_VERIFY)
        step_verify(t);
    else if (t->phase == TRANSFER_PLACE)
        step_place(t);
}

void transfer_keep_partial(struct transfer *t)
{
    if (!t->part)
        return;
    bool resumable = t->size >= 0 && part_have(t->part)->count;
    if (resumable && (part_unsynced(t->part) || part_outdated(t->part, NULL)))
        part_save(t->part, t->fetch->worker->disk_lane);
    else if (!resumable && (part_empty(t->part) || !part_recorded(t->part)) &&
             part_discard(t->part))
        run_file_discarded(t->fetch->run, t->index); /* what is shown is what there is */
}

void transfer_stop(struct transfer *t, enum run_stop_reason reason)
{
    if (transfer_ended(t))
        return;
    transfer_drop_requests(t);
    atomic_store(&t->progress->rate, 0);
    atomic_store(&t->progress->connections, 0);
    if (!t->part)
        return;
    if (reason != STOP_CANCEL) {
        transfer_keep_partial(t);
    } else if (!part_discard(t->part)) {
        transfer_finish(t); /* too late to cancel: it has its final name */
    }
}

void transfer_stopped(struct transfer *t)
{
    if (t->phase != TRANSFER_PLACE)
        return;
    transfer_end_step(t);
    if (t->phase == TRANSFER_PLACE && !part_withhold(t->part))
        transfer_finish(t); /* only the directory is not synced yet */
}
