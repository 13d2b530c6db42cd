/* SPDX-License-Identifier: MIT */
/* Content from one place on this machine to another; see import.h. */
#include "net/import.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/hash.h"

static atomic_uint counter;

bool import_clone(int from, int to)
{
    return ioctl(to, FICLONE, from) == 0;
}

static bool is_same(int fd, int dirfd, const char *name)
{
    struct stat a, b;
    return fstat(fd, &a) == 0 && fstatat(dirfd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The path may mean another file by now: the link is looked at before it gets its name. */
enum haul_error import_link(int from, const char *path, int dirfd, const char *base, bool replace,
                            struct haul_fault *fault)
{
    char *temp =
        xasprintf(".%.200s.%ld.%u.tmp", base, (long)getpid(), atomic_fetch_add(&counter, 1));
    enum haul_error err = HAUL_OK;
    if (linkat(AT_FDCWD, path, dirfd, temp, AT_SYMLINK_FOLLOW) != 0) {
        err = fault_set_errno(fault, errno, "cannot link %s", path);
    } else if (!is_same(from, dirfd, temp)) {
        err = fault_set(fault, HAUL_ERR_DISK, "%s was replaced meanwhile", path);
    } else if (replace) {
        /* Where both names are one file already, rename does nothing and leaves both. */
        if (renameat(dirfd, temp, dirfd, base) != 0)
            err = fault_set_errno(fault, errno, "cannot make %s", base);
    } else if (linkat(dirfd, temp, dirfd, base, 0) != 0) {
        err = errno == EEXIST ? fault_set(fault, HAUL_ERR_EXISTS, "%s has come into being", base)
                              : fault_set_errno(fault, errno, "cannot make %s", base);
    }
    unlinkat(dirfd, temp, 0);
    if (err == HAUL_OK)
        fsync(dirfd); /* where directories cannot be synced the link is all there is */
    free(temp);
    return err;
}

static enum haul_error write_all(int fd, const uint8_t *data, size_t len, const char *name,
                                 struct haul_fault *fault)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fault_set_errno(fault, n < 0 ? errno : EIO, "cannot write %s", name);
        data += n;
        len -= (size_t)n;
    }
    return HAUL_OK;
}

enum haul_error import_copy(int from, int to, const char *name, enum digest_algorithm algorithm,
                            const struct digest_watch *watch, struct digest_value *out,
                            struct haul_fault *fault)
{
    struct stat st;
    int64_t size = fstat(from, &st) == 0 ? st.st_size : -1, at = 0;
    EVP_MD_CTX *md = hash_begin(algorithm, size);
    uint8_t *chunk = xmalloc(HASH_CHUNK);
    enum haul_error err = lseek(to, 0, SEEK_SET) == 0
                              ? HAUL_OK
                              : fault_set_errno(fault, errno, "cannot write %s", name);
    ssize_t got = 1;
    while (err == HAUL_OK && got != 0) {
        got = pread(from, chunk, HASH_CHUNK, at);
        if (got < 0 && errno != EINTR)
            err = fault_set_errno(fault, errno, "cannot read what %s is copied from", name);
        if (got > 0) {
            EVP_DigestUpdate(md, chunk, (size_t)got);
            err = write_all(to, chunk, (size_t)got, name, fault);
            at += got;
        }
        if (err == HAUL_OK && watch && !watch->go_on(watch->context, at))
            err = fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
    }
    hash_end(md, algorithm, out);
    free(chunk);
    return err;
}
