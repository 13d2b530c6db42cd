/* SPDX-License-Identifier: MIT */
/*
 * Who writes a partial file; see part_lock.h. link() either makes the name or fails, on every file
 * system; the inode behind the name tells whose it is. The file's modification time, in the file
 * server's own clock, is the owner's sign of life.
 */
#include "net/part_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lease.h"
#include "core/mutex.h"

#define TAKE_TRIES  5
#define TOUCH_EVERY (15 * CLOCK_SEC)

struct part_lock {
    int dirfd; /* a duplicate */
    int fd;    /* of the lock file, under whatever name */
    char *name;
    dev_t device;
    ino_t inode;
    int64_t touched_at;     /* ns */
    bool left;              /* guarded by own_mutex, as is `next` */
    struct part_lock *next; /* in own_locks */
};

/* Asked of the kernel once: a lock is taken for every file. */
static char identity[LEASE_SIZE];
static pthread_once_t identity_once = PTHREAD_ONCE_INIT;
static atomic_uint counter;

/* All locks of this process; the mutex guards the list. */
static struct mutex own_mutex;
static struct part_lock *own_locks HAUL_GUARDED_BY(own_mutex);

static void make_identity(void)
{
    lease_make(identity);
    mutex_init(&own_mutex);
}

static void note_own(struct part_lock *l)
{
    mutex_lock(&own_mutex);
    l->next = own_locks;
    own_locks = l;
    mutex_unlock(&own_mutex);
}

static void forget_own(const struct part_lock *l)
{
    mutex_lock(&own_mutex);
    struct part_lock **link = &own_locks;
    while (*link && *link != l)
        link = &(*link)->next;
    if (*link)
        *link = l->next;
    mutex_unlock(&own_mutex);
}

/* A lock of this process, seen in its directory: nobody works with it any more. One that is not in
 * the list has been removed meanwhile. */
static bool is_left(const struct stat *st)
{
    bool left = true;
    mutex_lock(&own_mutex);
    for (const struct part_lock *l = own_locks; l; l = l->next)
        if (l->device == st->st_dev && l->inode == st->st_ino)
            left = l->left;
    mutex_unlock(&own_mutex);
    return left;
}

static int64_t modified_ms(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

/* A file of our own beside the lock, with our identity in it; its name is never reused, and no
 * longer than the lock's may be. */
static char *make_temp(struct part_lock *l, struct stat *st, int *err)
{
    const char *nonce = strrchr(identity, ' ');
    char *temp =
        xasprintf("%.200s.%s.%u", l->name, nonce ? nonce + 1 : "0", atomic_fetch_add(&counter, 1));
    size_t len = strlen(identity);
    l->fd = openat(l->dirfd, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    *err = l->fd < 0 ? errno : file_write_all(l->fd, identity, len);
    if (!*err && fstat(l->fd, st) != 0)
        *err = errno;
    if (!*err) {
        l->device = st->st_dev;
        l->inode = st->st_ino;
        return temp;
    }
    if (l->fd >= 0)
        unlinkat(l->dirfd, temp, 0);
    free(temp);
    return NULL;
}

/* Whether the present holder is dead or silent; `now` is a fresh file's time on the same server.
 * *owner names the living one, caller frees; *own: it is this process. */
static bool holder_is_gone(struct part_lock *l, const struct stat *now, struct stat *held,
                           char **owner, bool *own)
{
    char text[LEASE_SIZE];
    int fd = openat(l->dirfd, l->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, text, sizeof text - 1);
    bool known = fstat(fd, held) == 0 && len >= 0;
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    if (!known)
        return false;
    *own = !strcmp(text, identity);
    bool alive = lease_alive(text, modified_ms(held), modified_ms(now));
    if (alive)
        *owner = lease_owner(text);
    return !alive;
}

/* The time too: a new lock may get the inode number of one that was removed. */
static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Takes the dead holder's name away. If somebody was faster and the name is a living one's by now,
 * it gets it back, unless a third has it already. */
static void move_aside(struct part_lock *l, const char *temp, const struct stat *held)
{
    struct stat st;
    char *aside = xasprintf("%s.old", temp);
    if (renameat(l->dirfd, l->name, l->dirfd, aside) == 0) {
        bool dead = fstatat(l->dirfd, aside, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_same(&st, held);
        if (dead || linkat(l->dirfd, aside, l->dirfd, l->name, 0) == 0 || errno == EEXIST)
            unlinkat(l->dirfd, aside, 0);
    }
    free(aside);
}

/* One at a time, where flock works: who has the dead file locked and sees it under the name moves
 * that very file. */
static void evict(struct part_lock *l, const char *temp, const struct stat *held)
{
    struct stat named, opened;
    int fd = openat(l->dirfd, l->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    bool busy = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!busy && fstat(fd, &opened) == 0 && is_same(&opened, held) &&
        fstatat(l->dirfd, l->name, &named, AT_SYMLINK_NOFOLLOW) == 0 && is_same(&named, held))
        move_aside(l, temp, held);
    close(fd);
}

/* `ours`: by this process, which may wait for itself. */
static enum haul_error busy(const struct part_lock *l, const struct stat *held, bool ours,
                            const char *owner, struct haul_fault *fault)
{
    bool left = ours && is_left(held);
    fault_set(fault, HAUL_ERR_BUSY,
              left   ? "%s is held by %s until what was written before the stop is on the disk"
              : ours ? "%s is held by another download of %s, to the same name; give one of them "
                       "another with -o or -d, or all with --on-exists rename"
                     : "%s is held by %s, which downloads this file; wait for it or stop it",
              l->name, owner);
    if (fault)
        fault->retryable = left;
    return HAUL_ERR_BUSY;
}

static enum haul_error take(struct part_lock *l, const char *temp, const struct stat *own,
                            struct haul_fault *fault)
{
    for (int i = 0; i < TAKE_TRIES; i++) {
        struct stat held;
        char *owner = NULL;
        bool ours = false;
        if (linkat(l->dirfd, temp, l->dirfd, l->name, 0) == 0)
            return HAUL_OK;
        if (errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS) {
            /* No hard links here (FAT, some network shares): an exclusive rename must do. */
            if (faccessat(l->dirfd, l->name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
                renameat(l->dirfd, temp, l->dirfd, l->name) == 0)
                return HAUL_OK;
        } else if (errno != EEXIST) {
            return fault_set_errno(fault, errno, "cannot lock %s", l->name);
        }
        if (holder_is_gone(l, own, &held, &owner, &ours)) {
            evict(l, temp, &held);
        } else if (owner) {
            (void)busy(l, &held, ours, owner, fault);
            free(owner);
            return HAUL_ERR_BUSY;
        }
    }
    return fault_set(fault, HAUL_ERR_BUSY, "%s: another process takes it again and again", l->name);
}

enum haul_error part_lock_take(int dirfd, const char *name, struct part_lock **out,
                               struct haul_fault *fault)
{
    struct stat own;
    int err = 0;
    pthread_once(&identity_once, make_identity);
    struct part_lock *l = xcalloc(1, sizeof *l);
    l->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
    l->fd = -1;
    l->touched_at = clock_now();
    l->name = xstrdup(name);
    char *temp = make_temp(l, &own, &err);
    note_own(l); /* before its name can be seen */
    enum haul_error result = HAUL_OK;
    if (!temp)
        result = fault_set_errno(fault, err, "cannot make %s", name);
    else
        result = take(l, temp, &own, fault);
    if (temp)
        unlinkat(l->dirfd, temp, 0);
    free(temp);
    if (result != HAUL_OK) {
        forget_own(l); /* others may be looking at it */
        l->inode = 0;
        part_lock_free(l);
        l = NULL;
    }
    *out = l;
    return result;
}

void part_lock_touch(struct part_lock *l, int64_t now)
{
    if (now - l->touched_at < TOUCH_EVERY)
        return;
    l->touched_at = now;
    futimens(l->fd, NULL);
}

void part_lock_leave(struct part_lock *l)
{
    mutex_lock(&own_mutex);
    l->left = true;
    mutex_unlock(&own_mutex);
}

void part_lock_free(struct part_lock *l)
{
    struct stat st;
    if (!l)
        return;
    if (l->inode && fstatat(l->dirfd, l->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_ino == l->inode)
        unlinkat(l->dirfd, l->name, 0);
    forget_own(l);
    if (l->fd >= 0)
        close(l->fd);
    if (l->dirfd >= 0)
        close(l->dirfd);
    free(l->name);
    free(l);
}
