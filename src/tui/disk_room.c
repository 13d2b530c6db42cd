/* SPDX-License-Identifier: MIT */
/* See disk_room.h. The mutex guards question and answer. */
#include "tui/disk_room.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "core/thread.h"

#define ASK_EVERY   (2 * CLOCK_SEC)
#define LEAVE_AFTER CLOCK_SEC /* a session with a server has answered by then */
#define KNOWN       8         /* directories whose last answer stands until there is a new one */

struct answer {
    char *dir; /* "": none was named; NULL: none yet */
    int64_t room;
};

struct disk_room {
    struct session *session;
    pthread_t thread;
    int fd;
    struct mutex mutex;
    struct cond changed;
    bool closing, asked;
    bool busy; /* the thread is in a call that may not return */
    bool left; /* nobody waits for the thread any more */
    struct answer known[KNOWN];
    size_t at;   /* the one that is asked about */
    size_t next; /* the one that makes room for another directory */
    int64_t asked_at;
};

static void dispose(struct disk_room *d)
{
    cond_release(&d->changed);
    mutex_release(&d->mutex);
    close(d->fd);
    for (size_t i = 0; i < KNOWN; i++)
        free(d->known[i].dir);
    free(d);
}

/* The place of that directory, made where there was none. */
static size_t place_of(struct disk_room *d, const char *dir) HAUL_REQUIRES(d->mutex)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (d->known[i].dir && !strcmp(d->known[i].dir, dir))
            return i;
    size_t at = d->next;
    d->next = (d->next + 1) % KNOWN;
    free(d->known[at].dir);
    d->known[at] = (struct answer){.dir = xstrdup(dir), .room = -1};
    return at;
}

static void ask(struct disk_room *d) HAUL_REQUIRES(d->mutex)
{
    char *dir = xstrdup(d->known[d->at].dir);
    d->asked = false;
    d->busy = true;
    mutex_unlock(&d->mutex);
    int64_t room = session_disk_free(d->session, *dir ? dir : NULL);
    mutex_lock(&d->mutex);
    d->busy = false;
    cond_signal(&d->changed);
    struct answer *known = &d->known[place_of(d, dir)];
    if (known->room != room)
        eventfd_write(d->fd, 1);
    known->room = room;
    free(dir);
}

static void *work(void *arg)
{
    struct disk_room *d = arg;
    mutex_lock(&d->mutex);
    while (!d->closing) {
        if (d->asked)
            ask(d);
        else
            cond_wait(&d->changed, &d->mutex);
    }
    bool left = d->left;
    mutex_unlock(&d->mutex);
    if (left)
        dispose(d);
    return NULL;
}

struct disk_room *disk_room_new(struct session *s)
{
    struct disk_room *d = xcalloc(1, sizeof *d);
    d->session = s;
    mutex_init(&d->mutex);
    cond_init(&d->changed);
    d->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (d->fd >= 0 && thread_start(&d->thread, work, d))
        return d;
    dispose(d);
    return NULL;
}

void disk_room_free(struct disk_room *d)
{
    if (!d)
        return;
    pthread_t thread = d->thread;
    mutex_lock(&d->mutex);
    d->closing = true;
    cond_signal(&d->changed);
    int64_t until = clock_now() + LEAVE_AFTER;
    for (bool in_time = true; d->busy && in_time;)
        in_time = cond_wait_until(&d->changed, &d->mutex, until);
    bool left = d->left = d->busy;
    mutex_unlock(&d->mutex);
    if (left) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    dispose(d);
}

int disk_room_fd(const struct disk_room *d)
{
    return d->fd;
}

void disk_room_heard(struct disk_room *d)
{
    eventfd_t value;
    (void)!eventfd_read(d->fd, &value);
}

int64_t disk_room_of(struct disk_room *d, const char *named)
{
    const char *dir = named ? named : "";
    int64_t now = clock_now();
    mutex_lock(&d->mutex);
    size_t at = place_of(d, dir);
    bool stale = !d->asked_at || now - d->asked_at >= ASK_EVERY;
    if (at != d->at || (stale && !d->busy)) {
        d->at = at;
        d->asked = true;
        d->asked_at = now;
        cond_signal(&d->changed);
    }
    int64_t room = d->known[at].room;
    mutex_unlock(&d->mutex);
    return room;
}
