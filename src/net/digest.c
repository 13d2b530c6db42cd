/* SPDX-License-Identifier: MIT */
/* A digest that follows the front of a file; see digest.h. */
#include "net/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/hash.h"

/* Fits a core's second-level cache, so that the hash reads what the copy just wrote. */
#define CHUNK ((size_t)256 << 10)
/* Below this much news the lane is not woken, unless the file is to be finished. */
#define WORTH_WAKING ((int64_t)1 << 20)

struct digest {
    EVP_MD_CTX *md; /* the lane's while a task runs, the worker's when position == size */
    enum digest_algorithm algorithm;
    int fd;
    struct lane *lane;
    struct waker *waker;
    atomic_uint refs;
    _Atomic int64_t front, position, size; /* size: -1 until digest_finish */
    atomic_bool stop, queued;
    atomic_int error;
};

struct digest *digest_new(enum digest_algorithm algorithm, int fd, int64_t size, struct lane *lane,
                          struct waker *waker)
{
    struct digest *d = xcalloc(1, sizeof *d);
    d->algorithm = algorithm;
    d->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    d->lane = lane;
    d->waker = waker_ref(waker);
    atomic_init(&d->refs, 1);
    atomic_init(&d->size, -1);
    atomic_init(&d->error, d->fd < 0 ? errno : 0);
    d->md = hash_begin(algorithm, size);
    return d;
}

static void unref(struct digest *d)
{
    if (atomic_fetch_sub(&d->refs, 1) != 1)
        return;
    EVP_MD_CTX_free(d->md);
    if (d->fd >= 0)
        close(d->fd);
    waker_unref(d->waker);
    free(d);
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    atomic_store(&d->stop, true);
    unref(d);
}

/* One chunk; false when there is nothing to do. */
static bool step(struct digest *d, uint8_t *chunk)
{
    int64_t position = atomic_load(&d->position), front = atomic_load(&d->front);
    if (position >= front || atomic_load(&d->stop) || atomic_load(&d->error))
        return false;
    size_t want = front - position < (int64_t)CHUNK ? (size_t)(front - position) : CHUNK;
    ssize_t got = pread(d->fd, chunk, want, position);
    if (got < 0 && errno == EINTR)
        return true;
    if (got <= 0) {
        atomic_store(&d->error, got < 0 ? errno : EIO);
        return false;
    }
    EVP_DigestUpdate(d->md, chunk, (size_t)got);
    atomic_store(&d->position, position + got);
    return true;
}

static void follow(void *arg)
{
    struct digest *d = arg;
    uint8_t *chunk = xmalloc(CHUNK);
    do {
        atomic_store(&d->queued, true);
        while (step(d, chunk))
            ;
        /* The front may move between the last look and this; then whoever sees it first goes on. */
        atomic_store(&d->queued, false);
    } while (atomic_load(&d->position) < atomic_load(&d->front) && !atomic_load(&d->stop) &&
             !atomic_load(&d->error) && !atomic_exchange(&d->queued, true));
    free(chunk);
    if (atomic_load(&d->size) >= 0 || atomic_load(&d->error))
        waker_call(d->waker);
    unref(d);
}

static void wake(struct digest *d)
{
    if (atomic_load(&d->stop) || atomic_exchange(&d->queued, true))
        return;
    atomic_fetch_add(&d->refs, 1);
    lane_push(d->lane, follow, d);
}

void digest_advance(struct digest *d, int64_t front)
{
    atomic_store(&d->front, front);
    if (front - atomic_load(&d->position) >= WORTH_WAKING)
        wake(d);
}

int64_t digest_position(const struct digest *d)
{
    return atomic_load(&d->position);
}

int digest_failed(const struct digest *d)
{
    return atomic_load(&d->error);
}

bool digest_finish(struct digest *d, int64_t size, struct digest_value *value)
{
    atomic_store(&d->size, size);
    atomic_store(&d->front, size);
    if (atomic_load(&d->position) < size) {
        wake(d);
        return false;
    }
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    *value = (struct digest_value){.algorithm = d->algorithm};
    if (!copy || !EVP_MD_CTX_copy_ex(copy, d->md) || !EVP_DigestFinal_ex(copy, value->bytes, NULL))
        abort();
    EVP_MD_CTX_free(copy);
    return true;
}
