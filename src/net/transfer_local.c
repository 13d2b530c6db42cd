/* SPDX-License-Identifier: MIT */
/* Content that is on this disk already; see transfer_local.h. The copy runs in the disk lane. */
#include "net/transfer_local.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "net/import.h"
#include "net/transfer.h"

/* Shared by the worker and the lane; the last to let go frees it. */
struct local_copy {
    atomic_uint refs;
    int from, to; /* its own descriptors */
    struct waker *waker;
    atomic_bool stop, ended;
    _Atomic int64_t done;
    bool good; /* written before `ended` is set */
};

static void unref(struct local_copy *c)
{
    if (atomic_fetch_sub(&c->refs, 1) != 1)
        return;
    close(c->from);
    close(c->to);
    waker_unref(c->waker);
    free(c);
}

void local_copy_free(struct local_copy *c)
{
    if (!c)
        return;
    atomic_store(&c->stop, true);
    unref(c);
}

static bool go_on(void *context, int64_t done)
{
    struct local_copy *c = context;
    atomic_store(&c->done, done);
    return !atomic_load(&c->stop);
}

static void copy_task(void *arg)
{
    struct local_copy *c = arg;
    struct digest_value unused;
    struct digest_watch watch = {go_on, c};
    c->good = !atomic_load(&c->stop) && import_copy(c->from, c->to, "the file", DIGEST_SHA256,
                                                    &watch, &unused, NULL) == HAUL_OK;
    atomic_store(&c->ended, true);
    waker_call(c->waker);
    unref(c);
}

static void copy_in_lane(struct transfer *t, int from)
{
    struct engine_worker *w = t->fetch->worker;
    struct local_copy *c = xcalloc(1, sizeof *c);
    atomic_init(&c->refs, 2);
    c->from = from;
    c->to = fcntl(part_fd(t->part), F_DUPFD_CLOEXEC, 0);
    c->waker = waker_ref(w->waker);
    t->local = c;
    t->phase = TRANSFER_LOCAL;
    lane_push(w->disk_lane, copy_task, c);
}

/* From here on like after the last byte of a download. */
static void all_here(struct transfer *t)
{
    struct engine_worker *w = t->fetch->worker;
    part_add(t->part, 0, t->size);
    t->hash = digest_new(t->digest.algorithm, part_fd(t->part), t->size, w->hash_lane, w->waker);
    atomic_store(&t->progress->resumed_from, t->size);
    transfer_complete(t);
}

/* Only what nothing of an earlier run or of somebody else is in the way of. */
static bool open_empty_part(struct transfer *t)
{
    struct fetch *f = t->fetch;
    struct part_state state;
    char *final = path_join(f->plan->root, t->name);
    bool taken = faccessat(AT_FDCWD, final, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    free(final);
    if (taken || t->part ||
        part_open(f->plan->root, t->name, f->worker->waker, &t->part, NULL) != HAUL_OK)
        return false;
    const struct part_state *earlier = part_earlier(t->part);
    bool empty = !earlier || !earlier->have.count;
    part_state_init(&state);
    state.entity.size = t->size;
    state.digest = t->digest;
    bool begun = empty && part_begin(t->part, &state, false, NULL) == HAUL_OK;
    part_state_release(&state);
    if (begun)
        return true;
    if (empty)
        part_discard(t->part);
    part_close(t->part);
    t->part = NULL;
    return false;
}

/* What the user pins may differ from what the publisher says; the reply is waited for then. */
static bool is_known(const struct transfer *t)
{
    const struct job_request *request = t->fetch->request;
    return t->file->path && t->name && t->size > 0 && t->digest.algorithm == DIGEST_SHA256 &&
           !request->checksum_file && request->checksum.algorithm == DIGEST_NONE;
}

/* Takes path and descriptor. The part is not needed: the file itself gets another name. */
static void check_to_link(struct transfer *t, char *path, int from)
{
    part_discard(t->part);
    part_close(t->part);
    t->part = NULL;
    t->local_path = path;
    t->check_fd = from;
    t->phase = TRANSFER_CHECK;
}

static bool same_device(int a, int b)
{
    struct stat x, y;
    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev;
}

/* Takes path and descriptor. Files that never change, in stores of blobs, may be one file. */
static const char *take(struct transfer *t, char *path, int from, bool shared)
{
    t->from_disk = true;
    if (import_clone(from, part_fd(t->part))) {
        close(from);
        free(path);
        all_here(t);
        return "cloned";
    }
    if (shared && t->file->addressed && same_device(from, part_fd(t->part))) {
        check_to_link(t, path, from);
        return "linked";
    }
    copy_in_lane(t, from);
    free(path);
    return "copied";
}

bool transfer_take_local(struct transfer *t)
{
    bool shared;
    struct run *run = t->fetch->run;
    char *path = is_known(t) ? run_find_local(run, &t->digest, t->size, &shared) : NULL;
    int from = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (from < 0 || !open_empty_part(t)) {
        if (from >= 0)
            close(from);
        free(path);
        return false;
    }
    char *shown = xstrdup(path);
    run_set_path(run, t->index, part_final_path(t->part));
    atomic_store(&t->progress->total, t->size);
    const char *how = take(t, path, from, shared);
    run_log(run, LOG_INFO, "%s: the same content is in %s; %s from there", t->name, shown, how);
    free(shown);
    return true;
}

void transfer_local_checked(struct transfer *t, bool same)
{
    const char *base, *root = t->fetch->plan->root;
    int dirfd = same ? path_open_parent(root, t->name, true, &base, NULL) : -1;
    bool linked =
        dirfd >= 0 && import_link(t->check_fd, t->local_path, dirfd, base, false, NULL) == HAUL_OK;
    if (dirfd >= 0)
        close(dirfd);
    close(t->check_fd);
    t->check_fd = -1;
    free(t->local_path);
    t->local_path = NULL;
    if (!linked) {
        transfer_local_wrong(t);
        return;
    }
    atomic_store(&t->progress->bytes, t->size);
    atomic_store(&t->progress->resumed_from, t->size);
    transfer_finish(t);
}

void transfer_local_wrong(struct transfer *t)
{
    t->from_disk = false;
    local_copy_free(t->local);
    t->local = NULL;
    transfer_restart(t, "what is on this disk is not the same content any more");
}

void transfer_local_step(struct transfer *t)
{
    struct local_copy *c = t->local;
    atomic_store(&t->progress->bytes, atomic_load(&c->done));
    if (!atomic_load(&c->ended))
        return;
    bool good = c->good;
    local_copy_free(c);
    t->local = NULL;
    if (good)
        all_here(t);
    else
        transfer_local_wrong(t);
}
