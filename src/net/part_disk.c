/* SPDX-License-Identifier: MIT */
/*
 * The part of a partial file's life that waits for the disk; runs in a lane. The order is what
 * makes a crash harmless: data synced, then recorded; whole file synced, then renamed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "net/part_internal.h"

struct save_task {
    struct part *part;
    unsigned epoch;
    struct buf text;
};

static bool is_current_locked(const struct part *p, const struct save_task *t)
    HAUL_REQUIRES(p->lock)
{
    return !p->discarded && !p->placed && p->epoch == t->epoch;
}

/* The file of the last state, to be written over; -1 with errno. */
static int open_state(const struct part *p)
{
    struct stat st;
    int fd = openat(p->dirfd, p->names[PART_STATE], O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = ENOSPC;
    return -1;
}

/* With a full disk the last state's file still has its room. A crash in between leaves a text whose
 * checksum is wrong: that costs a fresh start and no more. */
static int write_over(const struct save_task *t)
{
    struct part *p = t->part;
    size_t len = t->text.len;
    int err = 0, fd = -1;
    mutex_lock(&p->lock);
    bool current = is_current_locked(p, t);
    if (current &&
        ((fd = open_state(p)) < 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)len) != 0))
        err = errno;
    if (current && !err)
        err = file_write_all(fd, t->text.data, len);
    if (current && !err && ftruncate(fd, (off_t)len) != 0)
        err = errno;
    mutex_unlock(&p->lock);
    if (fd >= 0 && !err && fdatasync(fd) != 0)
        err = errno;
    if (fd >= 0)
        close(fd);
    return err;
}

static int record(const struct save_task *t)
{
    struct part *p = t->part;
    unlinkat(p->dirfd, p->names[PART_TEMP], 0);
    /* Synced before the rename, which is done under the lock. */
    int err = file_write_new(p->dirfd, p->names[PART_TEMP], t->text.data, t->text.len);
    if (err == ENOSPC || err == EDQUOT)
        return write_over(t);
    mutex_lock(&p->lock);
    if (!is_current_locked(p, t) || err)
        unlinkat(p->dirfd, p->names[PART_TEMP], 0);
    else if (renameat(p->dirfd, p->names[PART_TEMP], p->dirfd, p->names[PART_STATE]) != 0)
        err = errno;
    mutex_unlock(&p->lock);
    return err;
}

static void save_task(void *arg)
{
    struct save_task *t = arg;
    struct part *p = t->part;
    int unsynced = fdatasync(p->fd) == 0 ? 0 : errno;
    int unrecorded = unsynced ? 0 : record(t);
    mutex_lock(&p->lock);
    p->save_error =
        unsynced ? fault_set_errno(&p->save_fault, unsynced, "cannot sync %s.part", p->final_path)
                 : HAUL_OK;
    p->outdated = unrecorded != 0;
    if (unrecorded)
        (void)fault_set_errno(&p->outdated_fault, unrecorded, "cannot save the state of %s",
                              p->final_path);
    mutex_unlock(&p->lock);
    atomic_store(&p->saving, false);
    waker_call(p->waker);
    buf_release(&t->text);
    free(t);
    part_unref(p);
}

bool part_save(struct part *p, struct lane *lane)
{
    if (p->nameless || atomic_exchange(&p->saving, true))
        return false;
    p->recorded = true;
    struct save_task *t = xmalloc(sizeof *t);
    t->part = p;
    t->epoch = p->epoch; /* only this thread changes it */
    buf_init_max(&t->text, PART_STATE_MAX);
    part_state_format(&p->state, &t->text);
    p->unsynced = 0;
    atomic_fetch_add(&p->refs, 1);
    lane_push(lane, save_task, t);
    return true;
}

bool part_saving(const struct part *p)
{
    return atomic_load(&p->saving);
}

enum haul_error part_save_error(struct part *p, struct haul_fault *fault)
{
    mutex_lock(&p->lock);
    enum haul_error err = p->save_error;
    if (err != HAUL_OK && fault)
        *fault = p->save_fault;
    mutex_unlock(&p->lock);
    return err;
}

bool part_outdated(struct part *p, struct haul_fault *fault)
{
    mutex_lock(&p->lock);
    bool outdated = p->outdated;
    if (outdated && fault)
        *fault = p->outdated_fault;
    mutex_unlock(&p->lock);
    return outdated;
}

struct place_task {
    struct part *part;
    int64_t size, modified_ms;
    bool replace;
};

/* The direct way needs a kernel of 2024, or a right that few have. */
static int link_nameless(const struct part *p)
{
    static atomic_bool refused;
    const char *to = p->names[PART_FINAL];
    if (!atomic_load(&refused)) {
        if (linkat(p->fd, "", p->dirfd, to, AT_EMPTY_PATH) == 0)
            return 0;
        if (errno == EEXIST)
            return errno;
        atomic_store(&refused, true);
    }
    return linkat(AT_FDCWD, p->self, p->dirfd, to, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

/* Renames without replacing, also where the file system cannot do so in one step. */
static int rename_new(struct part *p)
{
    const char *from = p->names[PART_DATA], *to = p->names[PART_FINAL];
    if (p->nameless)
        return link_nameless(p);
    if (renameat2(p->dirfd, from, p->dirfd, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    if (linkat(p->dirfd, from, p->dirfd, to, 0) == 0) {
        unlinkat(p->dirfd, from, 0);
        return 0;
    }
    if (errno != EPERM && errno != ENOTSUP && errno != EOPNOTSUPP && errno != ENOSYS)
        return errno;
    /* Neither is known here (many a FUSE mount). Our lock keeps other hauls away from the name; it
     * is only a stranger that could come in between. */
    if (faccessat(p->dirfd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    return renameat(p->dirfd, from, p->dirfd, to) == 0 ? 0 : errno;
}

static enum haul_error prepare(const struct place_task *t, struct haul_fault *fault)
{
    struct part *p = t->part;
    struct stat st;
    enum haul_error unsynced = part_save_error(p, fault); /* a kernel tells it once */
    if (unsynced != HAUL_OK)
        return unsynced;
    if (fstat(p->fd, &st) != 0)
        return fault_set_errno(fault, errno, "cannot read %s.part", p->final_path);
    if (t->size >= 0 && st.st_size != t->size)
        return fault_set(fault, HAUL_ERR_DISK,
                         "%s.part has %lld bytes, not %lld: somebody else "
                         "changed it; try again",
                         p->final_path, (long long)st.st_size, (long long)t->size);
    if (t->modified_ms >= 0) {
        struct timespec times[2] = {
            {.tv_nsec = UTIME_NOW},
            {.tv_sec = t->modified_ms / 1000, .tv_nsec = t->modified_ms % 1000 * 1000000},
        };
        futimens(p->fd, times); /* a file system without times loses only the time */
    }
    if (fsync(p->fd) != 0)
        return fault_set_errno(fault, errno, "cannot sync %s.part", p->final_path);
    return HAUL_OK;
}

/* What was verified was read through the descriptor; the name must still mean that file. */
static bool is_named(const struct part *p)
{
    struct stat named, opened;
    return fstatat(p->dirfd, p->names[PART_DATA], &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstat(p->fd, &opened) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

static enum haul_error rename_locked(struct part *p, bool replace, struct haul_fault *fault)
    HAUL_REQUIRES(p->lock)
{
    if (p->discarded || p->withheld)
        return fault_set(fault, HAUL_ERR_CANCELLED, "cancelled");
    if (!p->nameless && !is_named(p))
        return fault_set(fault, HAUL_ERR_DISK,
                         "%s.part was moved or replaced by somebody else; try again",
                         p->final_path);
    int err =
        replace
            ? (renameat(p->dirfd, p->names[PART_DATA], p->dirfd, p->names[PART_FINAL]) == 0 ? 0
                                                                                            : errno)
            : rename_new(p);
    if (err == EEXIST)
        return fault_set(fault, HAUL_ERR_EXISTS,
                         "%s has come into being meanwhile; it was left alone (see --on-exists)",
                         p->final_path);
    if (err)
        return fault_set_errno(fault, err, "cannot rename %s.part", p->final_path);
    p->placed = true;
    if (p->recorded)
        unlinkat(p->dirfd, p->names[PART_STATE], 0);
    return HAUL_OK;
}

static void place(const struct place_task *t)
{
    struct part *p = t->part;
    struct haul_fault fault = {0};
    enum haul_error err = prepare(t, &fault);
    mutex_lock(&p->lock);
    if (err == HAUL_OK)
        err = rename_locked(p, t->replace, &fault);
    mutex_unlock(&p->lock);
    if (err == HAUL_OK && fsync(p->dirfd) != 0 && errno != EINVAL && errno != ENOTSUP)
        err = fault_set_errno(&fault, errno, "cannot sync the directory of %s", p->final_path);
    mutex_lock(&p->lock);
    p->place_error = err;
    p->place_fault = fault;
    mutex_unlock(&p->lock);
    atomic_store(&p->placing_ended, true);
}

static void place_task(void *arg)
{
    struct place_task *t = arg;
    place(t);
    waker_call(t->part->waker);
    part_unref(t->part);
    free(t);
}

void part_place(struct part *p, struct lane *lane, int64_t size, int64_t modified_ms, bool replace)
{
    struct place_task t = {p, size, modified_ms, replace};
    if (size >= 0 && size <= PART_SMALL) {
        place(&t);
        return;
    }
    struct place_task *queued = xmalloc(sizeof *queued);
    *queued = t;
    atomic_fetch_add(&p->refs, 1);
    lane_push(lane, place_task, queued);
}

bool part_withhold(struct part *p)
{
    mutex_lock(&p->lock);
    bool placed = p->placed;
    p->withheld = !placed;
    mutex_unlock(&p->lock);
    return !placed;
}

void part_rename(struct part *p, const char *base, const char *final_path)
{
    mutex_lock(&p->lock);
    free(p->names[PART_FINAL]);
    p->names[PART_FINAL] = xstrdup(base);
    free(p->final_path);
    p->final_path = xstrdup(final_path);
    mutex_unlock(&p->lock);
    atomic_store(&p->placing_ended, false);
}

bool part_placed(struct part *p, enum haul_error *result, struct haul_fault *fault)
{
    if (!atomic_load(&p->placing_ended))
        return false;
    mutex_lock(&p->lock);
    *result = p->place_error;
    if (fault)
        *fault = p->place_fault;
    mutex_unlock(&p->lock);
    return true;
}
