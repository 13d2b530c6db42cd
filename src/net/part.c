/* SPDX-License-Identifier: MIT */
/* The partial file; see part.h. What runs in a lane stands in part_disk.c. */
#include "net/part_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/path.h"

static enum haul_error open_file(struct part *p, struct haul_fault *fault)
{
    p->fd = openat(p->dirfd, p->names[PART_DATA],
                   O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);
    if (p->fd < 0)
        return fault_set_errno(fault, errno, "cannot write %s.part", p->final_path);
    struct stat st;
    if (fstat(p->fd, &st) != 0)
        return fault_set_errno(fault, errno, "cannot read %s.part", p->final_path);
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        return fault_set(fault, HAUL_ERR_DISK,
                         "%s.part is not a plain file of its own; remove it and try again",
                         p->final_path);
    p->found_size = st.st_size;
    return HAUL_OK;
}

static bool is_there(int dirfd, const char *name)
{
    return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Browsers and others call theirs so, too. Ours has a state, or while it has none the lock of the
 * process that writes it, which outlives it. */
static bool is_foreign(int dirfd, char *const names[PART_NAMES])
{
    struct stat st;
    return fstatat(dirfd, names[PART_DATA], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           st.st_nlink == 1 && st.st_size > 0 && !is_there(dirfd, names[PART_STATE]) &&
           !is_there(dirfd, names[PART_LOCK]);
}

/* A state that cannot be read, or that does not fit the file, is as good as none. */
static void load_state(struct part *p)
{
    int fd = openat(p->dirfd, p->names[PART_STATE], O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    p->recorded = true;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        (size_t)st.st_size <= PART_STATE_MAX) {
        size_t len = (size_t)st.st_size;
        char *text = xmalloc(len);
        bool whole = pread(fd, text, len, 0) == (ssize_t)len;
        p->resumable = whole && part_state_parse(text, len, &p->state);
        free(text);
    }
    close(fd);
    const struct ranges *have = &p->state.have;
    if (p->resumable && have->count && have->items[have->count - 1].end > p->found_size) {
        p->resumable = false;
        part_state_release(&p->state);
        part_state_init(&p->state);
    }
}

static const char *const suffixes[PART_NAMES] = {
    [PART_FINAL] = "",
    [PART_DATA] = PATH_PART,
    [PART_STATE] = PATH_PART_STATE,
    [PART_TEMP] = PATH_PART_TEMP,
    [PART_LOCK] = PATH_PART_LOCK,
};

/* All but the final one, which a file without a name does not need. */
static void make_names(struct part *p)
{
    for (int i = PART_FINAL + 1; i < PART_NAMES; i++)
        p->names[i] = xasprintf("%s%s", p->names[PART_FINAL], suffixes[i]);
}

/* Takes dirfd. */
static struct part *part_new(int dirfd, const char *base, const char *final_path,
                             struct waker *waker)
{
    struct part *p = xcalloc(1, sizeof *p);
    mutex_init(&p->lock);
    atomic_init(&p->refs, 1);
    p->dirfd = dirfd;
    p->fd = -1;
    p->waker = waker_ref(waker);
    p->final_path = xstrdup(final_path);
    p->names[PART_FINAL] = xstrdup(base);
    part_state_init(&p->state);
    return p;
}

/*
 * The file without a name: it appears whole under its final name or not at all, so nobody can
 * write it too and nothing is left of it after a crash. False where the file system cannot do it.
 */
static bool open_nameless(struct part *p)
{
    static atomic_int proc; /* 0: not looked yet, 1: there, -1: not mounted */
    if (!atomic_load(&proc))
        atomic_store(&proc, access("/proc/self/fd", X_OK) == 0 ? 1 : -1);
    if (atomic_load(&proc) < 0)
        return false;
    p->fd = openat(p->dirfd, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
    p->nameless = p->fd >= 0;
    snprintf(p->self, sizeof p->self, "/proc/self/fd/%d", p->fd);
    return p->nameless;
}

/* A lock is spoken of by its name alone. */
static enum haul_error take_lock(struct part *p, struct haul_fault *fault)
{
    enum haul_error err = part_lock_take(p->dirfd, p->names[PART_LOCK], &p->owner, fault);
    if (err == HAUL_OK || err == HAUL_ERR_BUSY || !fault)
        return err;
    struct haul_fault inner = *fault;
    const char *slash = strrchr(p->final_path, '/');
    int len = slash ? (int)(slash - p->final_path) : 0;
    return fault_set(fault, inner.code, "%.*s: %s", len, p->final_path, inner.message);
}

enum haul_error part_open_at(int dirfd, const char *base, const char *final_path, bool small,
                             struct waker *waker, struct part **out, struct haul_fault *fault)
{
    struct part *p = part_new(dirfd, base, final_path, waker);
    enum haul_error err = HAUL_OK;
    if (!small || !open_nameless(p)) {
        make_names(p);
        err = path_check_partial(base, fault);
        if (err == HAUL_OK && is_foreign(dirfd, p->names))
            err = fault_set(fault, HAUL_ERR_EXISTS,
                            "%s.part is there and is none of haul's; move it away, or choose "
                            "another name with -o",
                            final_path);
        if (err == HAUL_OK)
            err = take_lock(p, fault);
        if (err == HAUL_OK)
            err = open_file(p, fault);
        if (err == HAUL_OK)
            load_state(p);
    }
    if (err != HAUL_OK) {
        part_close(p);
        p = NULL;
    }
    *out = p;
    return err;
}

enum haul_error part_open(const char *root, const char *rel, struct waker *waker, struct part **out,
                          struct haul_fault *fault)
{
    const char *base = NULL;
    *out = NULL;
    int dirfd = path_open_parent(root, rel, true, &base, fault);
    if (dirfd < 0)
        return fault ? fault->code : HAUL_ERR_DISK;
    char *final_path = path_join(root, rel);
    enum haul_error err = part_open_at(dirfd, base, final_path, false, waker, out, fault);
    free(final_path);
    return err;
}

void part_unref(struct part *p)
{
    if (atomic_fetch_sub(&p->refs, 1) != 1)
        return;
    part_lock_free(p->owner);
    if (p->fd >= 0)
        close(p->fd);
    close(p->dirfd);
    for (int i = 0; i < PART_NAMES; i++)
        free(p->names[i]);
    part_state_release(&p->state);
    waker_unref(p->waker);
    mutex_release(&p->lock);
    free(p->final_path);
    free(p);
}

void part_close(struct part *p)
{
    if (!p)
        return;
    if (p->owner)
        part_lock_leave(p->owner);
    part_unref(p);
}

const struct part_state *part_earlier(const struct part *p)
{
    return p->resumable ? &p->state : NULL;
}

/* The system call, not posix_fallocate: where it is not supported, glibc would write zeros. */
static enum haul_error allocate(struct part *p, int64_t size, struct haul_fault *fault)
{
    struct statfs fs;
    if (size <= PART_SMALL)
        return HAUL_OK;
    /* tmpfs would clear all its pages now, and again when they are written. */
    bool in_memory = fstatfs(p->fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
    if (!in_memory && fallocate(p->fd, 0, 0, size) == 0)
        return HAUL_OK;
    if (in_memory)
        errno = EOPNOTSUPP;
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        return fault_set_errno(fault, errno, "no room for %s (%lld bytes)", p->final_path,
                               (long long)size);
    if (ftruncate(p->fd, size) != 0)
        return fault_set_errno(fault, errno, "cannot make %s.part", p->final_path);
    return HAUL_OK;
}

/* The old record goes before the bytes: it must never describe the new ones. A save that is still
 * under way in a lane would bring it back, but for the epoch. */
static void forget_record(struct part *p)
{
    mutex_lock(&p->lock);
    p->epoch++;
    if (p->recorded)
        unlinkat(p->dirfd, p->names[PART_STATE], 0);
    p->recorded = false;
    mutex_unlock(&p->lock);
}

/* It records nothing, so it needs no sync; a disk that has no room for it now may have it later. */
static void write_first_state(struct part *p)
{
    struct buf text;
    int fd = openat(p->dirfd, p->names[PART_STATE],
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return;
    p->recorded = true;
    buf_init_max(&text, PART_STATE_MAX);
    part_state_format(&p->state, &text);
    (void)!file_write_all(fd, text.data, text.len);
    close(fd);
    buf_release(&text);
}

enum haul_error part_begin(struct part *p, const struct part_state *state, bool keep,
                           struct haul_fault *fault)
{
    struct part_state next;
    part_state_init(&next);
    buf_add(&next.source, state->source.data, state->source.len);
    entity_copy(&next.entity, &state->entity);
    next.digest = state->digest;
    if (keep)
        ranges_copy(&next.have, &p->state.have);
    part_state_release(&p->state);
    p->state = next;
    p->resumable = false;
    p->unsynced = 0;
    if (!keep)
        forget_record(p);
    int64_t size = state->entity.size, kept = keep ? size : 0;
    bool longer = p->found_size > kept || (p->begun && !keep);
    p->begun = true;
    if (kept >= 0 && longer && ftruncate(p->fd, kept) != 0)
        return fault_set_errno(fault, errno, "cannot shorten %s.part", p->final_path);
    enum haul_error err = allocate(p, size, fault);
    if (err == HAUL_OK && !keep && !p->nameless && size > PART_SMALL)
        write_first_state(p);
    return err;
}

bool part_recorded(const struct part *p)
{
    return atomic_load(&p->recorded);
}

bool part_empty(const struct part *p)
{
    return p->begun && !p->state.have.count;
}

int part_fd(const struct part *p)
{
    return p->fd;
}

const char *part_final_path(const struct part *p)
{
    return p->final_path;
}

enum haul_error part_write(struct part *p, int64_t offset, const void *data, size_t len,
                           struct haul_fault *fault)
{
    const char *at = data;
    while (len) {
        ssize_t n = pwrite(p->fd, at, len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fault_set_errno(fault, n < 0 ? errno : EIO, "cannot write %s.part",
                                   p->final_path);
        at += n;
        offset += n;
        len -= (size_t)n;
    }
    return HAUL_OK;
}

void part_add(struct part *p, int64_t begin, int64_t end)
{
    ranges_add(&p->state.have, begin, end);
    p->unsynced += end - begin;
}

const struct ranges *part_have(const struct part *p)
{
    return &p->state.have;
}

int64_t part_unsynced(const struct part *p)
{
    return p->unsynced;
}

void part_touch(struct part *p, int64_t now)
{
    if (p->owner)
        part_lock_touch(p->owner, now);
}

bool part_discard(struct part *p)
{
    mutex_lock(&p->lock);
    bool placed = p->placed;
    p->discarded = !placed;
    if (!placed && !p->nameless) {
        unlinkat(p->dirfd, p->names[PART_STATE], 0);
        unlinkat(p->dirfd, p->names[PART_TEMP], 0);
        unlinkat(p->dirfd, p->names[PART_DATA], 0);
    }
    mutex_unlock(&p->lock);
    return !placed;
}

int64_t part_missing_on_disk(const char *final_path, int64_t size)
{
    struct stat st;
    char *partial = xasprintf("%s.part", final_path);
    int64_t missing = size;
    if (lstat(final_path, &st) == 0)
        missing = 0;
    else if (lstat(partial, &st) == 0)
        missing = size > st.st_blocks * 512 ? size - st.st_blocks * 512 : 0;
    free(partial);
    return missing;
}

void part_discard_path(const char *final_path)
{
    char *dir_copy = xstrdup(final_path), *base_copy = xstrdup(final_path);
    const char *base = basename(base_copy);
    int dirfd = open(dirname(dir_copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct part_lock *owner = NULL;
    char *names[PART_NAMES] = {0};
    if (dirfd < 0)
        goto out;
    for (int i = 0; i < PART_NAMES; i++)
        names[i] = xasprintf("%s%s", base, suffixes[i]);
    bool none = !is_there(dirfd, names[PART_DATA]) && !is_there(dirfd, names[PART_STATE]);
    if (none || is_foreign(dirfd, names))
        goto out;
    if (part_lock_take(dirfd, names[PART_LOCK], &owner, NULL) != HAUL_OK)
        goto out;
    unlinkat(dirfd, names[PART_STATE], 0);
    unlinkat(dirfd, names[PART_TEMP], 0);
    unlinkat(dirfd, names[PART_DATA], 0);
out:
    part_lock_free(owner);
    for (int i = 0; i < PART_NAMES; i++)
        free(names[i]);
    if (dirfd >= 0)
        close(dirfd);
    free(dir_copy);
    free(base_copy);
}
