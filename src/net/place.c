/* SPDX-License-Identifier: MIT */
/* Links, locks and documents of a plan; see place.h. */
#include "net/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/path.h"

#define LOCK_MODE 0664

static atomic_uint counter;

/* A name beside `base` that no other thread or process uses. */
static char *temp_name(const char *base)
{
    return xasprintf(".%.200s.%ld.%u.tmp", base, (long)getpid(), atomic_fetch_add(&counter, 1));
}

/* From the directory of `from` to `to`, both relative to one root: "../../blobs/abc". */
static char *relative_target(const char *from, const char *to)
{
    size_t same = 0; /* length of the common directories, with their last '/' */
    for (size_t i = 0; from[i] && from[i] == to[i]; i++)
        if (from[i] == '/')
            same = i + 1;
    struct buf out;
    buf_init(&out);
    for (const char *p = from + same; (p = strchr(p, '/')); p++)
        buf_add_str(&out, "../");
    buf_add_str(&out, to + same);
    return buf_detach(&out);
}

static bool leads_there(int dirfd, const char *base, const char *target)
{
    char now[PATH_MAX];
    ssize_t len = readlinkat(dirfd, base, now, sizeof now);
    return len >= 0 && (size_t)len == strlen(target) && !memcmp(now, target, (size_t)len);
}

static enum haul_error move_instead(const char *root, int dirfd, const char *base, const char *path,
                                    struct haul_fault *fault)
{
    const char *from;
    int fromfd = path_open_parent(root, path, false, &from, fault);
    if (fromfd < 0)
        return fault->code;
    enum haul_error err = HAUL_OK;
    if (renameat(fromfd, from, dirfd, base) != 0)
        err = fault_set_errno(fault, errno, "cannot move %s to %s", path, base);
    close(fromfd);
    return err;
}

enum haul_error place_link(const char *root, const char *link, const char *path,
                           struct haul_fault *fault)
{
    const char *base;
    int dirfd = path_open_parent(root, link, true, &base, fault);
    if (dirfd < 0)
        return fault->code;
    enum haul_error err = HAUL_OK;
    char *target = relative_target(link, path), *temp = temp_name(base);
    if (leads_there(dirfd, base, target))
        goto out;
    if (symlinkat(target, dirfd, temp) != 0) {
        err = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS
                  ? move_instead(root, dirfd, base, path, fault)
                  : fault_set_errno(fault, errno, "cannot link %s/%s", root, link);
    } else if (renameat(dirfd, temp, dirfd, base) != 0) {
        err = fault_set_errno(fault, errno, "cannot link %s/%s", root, link);
        unlinkat(dirfd, temp, 0);
    }
out:
    free(target);
    free(temp);
    close(dirfd);
    return err;
}

enum haul_error place_lock(const char *root, const char *lock, int *fd, struct haul_fault *fault)
{
    const char *base;
    *fd = -1;
    int dirfd = path_open_parent(root, lock, true, &base, fault);
    if (dirfd < 0)
        return fault->code;
    int made = openat(dirfd, base, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
    if (made >= 0)
        fchmod(made, LOCK_MODE); /* where that is not ours to say the lock holds all the same */
    int got = made >= 0 ? made : openat(dirfd, base, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    int err = got < 0 ? errno : 0;
    close(dirfd);
    if (err)
        return fault_set_errno(fault, err, "cannot open the lock %s/%s", root, lock);
    err = flock(got, LOCK_EX | LOCK_NB) ? errno : 0;
    if (!err) {
        *fd = got;
        return HAUL_OK;
    }
    close(got);
    if (err != EWOULDBLOCK)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_BUSY, "another program is fetching it; waiting for that");
}

static bool is_in_place(const char *root, const char *path)
{
    struct haul_fault fault;
    const char *base;
    int dirfd = path_open_parent(root, path, false, &base, &fault);
    bool there = dirfd >= 0 && faccessat(dirfd, base, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (dirfd >= 0)
        close(dirfd);
    return there;
}

enum haul_error place_check(const struct plan *plan, struct haul_fault *fault)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->files[i].path && !is_in_place(plan->root, plan->files[i].path))
            return fault_set(
                fault, HAUL_ERR_DISK,
                "%s/%s is missing although it was fetched: left out, or tidied away by "
                "another program; fetch it again",
                plan->root, plan->files[i].path);
    return HAUL_OK;
}

enum haul_error place_document(const char *root, const struct plan_document *doc,
                               struct haul_fault *fault)
{
    const char *base;
    int dirfd = path_open_parent(root, doc->path, true, &base, fault);
    if (dirfd < 0)
        return fault->code;
    enum haul_error result = HAUL_OK;
    if (!doc->keep || faccessat(dirfd, base, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        char *temp = temp_name(base);
        int err = file_write_new(dirfd, temp, doc->text, doc->len);
        if (!err && renameat(dirfd, temp, dirfd, base) != 0)
            err = errno;
        if (!err)
            fsync(dirfd); /* where directories cannot be synced the rename is all there is */
        if (err) {
            unlinkat(dirfd, temp, 0);
            result = fault_set_errno(fault, err, "cannot write %s/%s", root, doc->path);
        }
        free(temp);
    }
    close(dirfd);
    return result;
}
