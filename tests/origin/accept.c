/* SPDX-License-Identifier: MIT */
/* The accept thread: opens and shuts the door, starts a thread for each connection, joins it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "origin/state.h"

#define BACKLOG 1024
/* Enough for a request and OpenSSL; 600 threads must not reserve gigabytes. */
#define STACK_SIZE ((size_t)1 << 20)

int origin_accept_listen(struct origin *o)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(o->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, BACKLOG) ||
        getsockname(fd, (struct sockaddr *)&address, &len)) {
        int err = errno;
        close(fd);
        errno = err;
        return -1;
    }
    /* Others read the port, so it is written once, before there are threads. */
    if (o->port == 0)
        o->port = ntohs(address.sin_port);
    return fd;
}

void origin_accept_wake(struct origin *o)
{
    (void)!write(o->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

static enum origin_door door_locked(struct origin *o) HAUL_REQUIRES(o->lock)
{
    return o->refuse_until > clock_now() ? ORIGIN_DOOR_REFUSE : o->door;
}

static void wait_for_door_locked(struct origin *o) HAUL_REQUIRES(o->lock)
{
    origin_accept_wake(o);
    while (!o->stopping && o->door_done != door_locked(o))
        cond_wait(&o->changed, &o->lock);
}

void origin_refuse_for(struct origin *o, int64_t ns)
{
    mutex_lock(&o->lock);
    o->refuse_until = clock_now() + ns;
    wait_for_door_locked(o);
    mutex_unlock(&o->lock);
}

void origin_set_door(struct origin *o, enum origin_door door)
{
    mutex_lock(&o->lock);
    o->door = door;
    o->refuse_until = 0;
    wait_for_door_locked(o);
    mutex_unlock(&o->lock);
}

/* Opens or closes the listening socket. Returns when to look again. */
static int64_t follow_door(struct origin *o)
{
    mutex_lock(&o->lock);
    enum origin_door door = door_locked(o);
    bool refuse = door == ORIGIN_DOOR_REFUSE;
    if (refuse && o->listen_fd >= 0) {
        close(o->listen_fd);
        o->listen_fd = -1;
    } else if (!refuse && o->listen_fd < 0) {
        o->listen_fd = origin_accept_listen(o);
    }
    o->door_done = door;
    int64_t again = o->refuse_until > clock_now() ? o->refuse_until : ORIGIN_NEVER;
    /* The port may still be in somebody's way. */
    if (!refuse && o->listen_fd < 0)
        again = clock_now() + 10 * CLOCK_MS;
    cond_broadcast(&o->changed);
    mutex_unlock(&o->lock);
    return again;
}

static bool start_thread(struct origin_session *s)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    int rc = pthread_create(&s->thread, &attr, origin_session_run, s);
    pthread_attr_destroy(&attr);
    return rc == 0;
}

static void start_session(struct origin *o, int fd)
{
    struct origin_session *s = xcalloc(1, sizeof *s);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    s->origin = o;
    origin_conn_init(&s->conn, fd, o->stop_fd, ++o->last_connection);
    mutex_lock(&o->lock);
    o->live++;
    s->door = o->door_done;
    mutex_unlock(&o->lock);
    if (start_thread(s)) {
        s->next = o->sessions;
        o->sessions = s;
        return;
    }
    mutex_lock(&o->lock);
    o->live--;
    mutex_unlock(&o->lock);
    origin_conn_release(&s->conn);
    free(s);
}

static void accept_all(struct origin *o)
{
    int fd;
    while ((fd = accept4(o->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
        start_session(o, fd);
}

static bool finished(struct origin_session *s)
{
    mutex_lock(&s->origin->lock);
    bool finished = s->finished;
    mutex_unlock(&s->origin->lock);
    return finished;
}

/* Joins the threads that are finished, or waits for all. */
static void reap(struct origin *o, bool all)
{
    for (struct origin_session **at = &o->sessions; *at;) {
        struct origin_session *s = *at;
        if (!all && !finished(s)) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        pthread_join(s->thread, NULL);
        free(s);
    }
}

/* True until the server stops. */
static bool wait_for_work(struct origin *o, int64_t again)
{
    uint64_t count;
    struct pollfd fds[] = {{.fd = o->stop_fd, .events = POLLIN},
                           {.fd = o->wake_fd, .events = POLLIN},
                           {.fd = o->listen_fd, .events = POLLIN}};
    int64_t left = again - clock_now();
    int timeout = again == ORIGIN_NEVER ? -1 : left > 0 ? (int)(left / CLOCK_MS) + 1 : 0;
    poll(fds, HAUL_ARRAY_LEN(fds), timeout);
    if (fds[1].revents)
        (void)!read(o->wake_fd, &count, sizeof count);
    return !fds[0].revents;
}

void *origin_accept_run(void *arg)
{
    struct origin *o = arg;
    while (wait_for_work(o, follow_door(o))) {
        reap(o, false);
        if (o->listen_fd >= 0)
            accept_all(o);
    }
    mutex_lock(&o->lock);
    o->stopping = true;
    cond_broadcast(&o->changed);
    mutex_unlock(&o->lock);
    reap(o, true);
    return NULL;
}
