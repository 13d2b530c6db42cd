/* SPDX-License-Identifier: MIT */
/*
 * Drives the requests of one thread; see driver.h. libcurl says which sockets it waits for
 * (on_socket) and when it wants to be called without one (on_timer); what is ready is handed to it
 * socket by socket, so that a turn costs what is ready and not what is open.
 *
 * A turn costs the same for one packet as for many. So the driver counts what each socket brings,
 * and naps before a turn (nap.h).
 */
#include "net/driver.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/settings.h"
#include "net/ahead.h"
#include "net/nap.h"

#define EVENTS_MAX 32
/* So often a socket is served in a row while TLS records come out of it. */
#define SERVE_MAX 4

/* By descriptor. */
struct watched {
    uint32_t events;   /* that libcurl waits for; 0: idle, or no socket of ours */
    uint32_t received; /* since the window began */
};

struct driver {
    CURLM *multi;
    struct waker *waker;
    int epoll;
    struct watched *sockets;
    size_t room;
    int64_t timer_at; /* INT64_MAX: none */
    CURL *spare[CONNECTIONS_MAX];
    size_t spare_count;
    int requests, running; /* the difference has ended and is not taken out yet */
    uint32_t received;     /* by the socket that is served just now */
    struct nap nap;
    int64_t window;   /* ns; what the sockets received is counted since then */
    uint64_t records; /* that connections have read so far; see ahead.h */
    bool behind;      /* there may be whole records behind a socket that is not ready */
};

static struct watched *watched(struct driver *d, int fd)
{
    size_t need = (size_t)fd + 1;
    if (need > d->room) {
        size_t room = need < 64 ? 64 : need * 2;
        d->sockets = xreallocarray(d->sockets, room, sizeof *d->sockets);
        memset(d->sockets + d->room, 0, (room - d->room) * sizeof *d->sockets);
        d->room = room;
    }
    return &d->sockets[fd];
}

/*
 * An idle socket stays in the set: mostly it is used again at once. It may have been closed since,
 * and its number given to another, so what the set knows is not remembered here.
 */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *own)
{
    (void)easy;
    (void)own;
    struct driver *d = arg;
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (events && watched(d, fd)->events != events &&
        epoll_ctl(d->epoll, EPOLL_CTL_MOD, fd, &event) &&
        epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event))
        return -1;
    watched(d, fd)->events = events;
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct driver *d = arg;
    d->timer_at = ms < 0 ? INT64_MAX : clock_now() + ms * CLOCK_MS;
    return 0;
}

static CURLM *multi_new(struct driver *d)
{
    CURLM *multi = curl_multi_init();
    if (!multi)
        abort();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, d);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, d);
    return multi;
}

struct driver *driver_new(struct waker *waker)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = waker_fd(waker)};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, waker_fd(waker), &event) != 0) {
        if (epoll >= 0)
            close(epoll);
        return NULL;
    }
    struct driver *d = xcalloc(1, sizeof *d);
    d->waker = waker_ref(waker);
    d->timer_at = INT64_MAX;
    d->window = clock_now();
    nap_init(&d->nap);
    d->epoll = epoll;
    d->multi = multi_new(d);
    return d;
}

static void drop_connections(struct driver *d)
{
    while (d->spare_count)
        curl_easy_cleanup(d->spare[--d->spare_count]);
    curl_multi_cleanup(d->multi);
}

void driver_clear(struct driver *d)
{
    drop_connections(d);
    for (size_t fd = 0; fd < d->room; fd++)
        d->sockets[fd] = (struct watched){0};
    d->timer_at = INT64_MAX;
    d->running = 0;
    d->behind = false;
    d->multi = multi_new(d);
}

void driver_free(struct driver *d)
{
    drop_connections(d);
    close(d->epoll);
    waker_unref(d->waker);
    free(d->sockets);
    free(d);
}

CURL *driver_take(struct driver *d)
{
    CURL *easy = d->spare_count ? d->spare[--d->spare_count] : curl_easy_init();
    if (!easy)
        abort();
    return easy;
}

void driver_give(struct driver *d, CURL *easy)
{
    if (d->spare_count == CONNECTIONS_MAX) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy); /* nothing of the request stays, such as its credentials */
    d->spare[d->spare_count++] = easy;
}

void driver_add(struct driver *d, CURL *easy)
{
    ahead_setup(easy, &d->records);
    if (curl_multi_add_handle(d->multi, easy) != CURLM_OK)
        abort();
    d->requests++;
}

void driver_remove(struct driver *d, CURL *easy)
{
    curl_multi_remove_handle(d->multi, easy);
    d->requests--;
}

CURL *driver_ended(struct driver *d, CURLcode *code)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(d->multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        *code = m->data.result;
        return m->easy_handle;
    }
    return NULL;
}

/* What is wrong with a socket shows when it is read. */
static int readiness(uint32_t events)
{
    return (events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
           (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
}

/* True if records came, so that there may be more. */
static bool serve_once(struct driver *d, int fd, int ready)
{
    uint64_t records = d->records;
    /* A timer that is due is run with it, for whatever connection it belongs to. */
    bool alone = d->timer_at > clock_now() + CLOCK_MS;
    d->received = 0;
    curl_multi_socket_action(d->multi, fd, ready, &d->running);
    watched(d, fd)->received += d->received;
    nap_brought(&d->nap, d->received);
    bool came = d->records != records;
    d->behind = d->behind || (came && !alone);
    return came;
}

/* OpenSSL may have read more than it has handed out; see ahead.h. */
static void serve(struct driver *d, int fd, int ready)
{
    for (int i = 0; serve_once(d, fd, ready); i++) {
        ready = CURL_CSELECT_IN;
        if (i == SERVE_MAX) {
            d->behind = true;
            return;
        }
    }
}

static void serve_ready(struct driver *d, const struct epoll_event *event)
{
    int fd = event->data.fd;
    if (watched(d, fd)->events)
        serve(d, fd, readiness(event->events));
    else /* idle: the server has closed it, or says what nobody asked */
        epoll_ctl(d->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* Any of them may be the one. */
static void serve_behind(struct driver *d)
{
    d->behind = false;
    for (size_t fd = 0; fd < d->room; fd++)
        if (d->sockets[fd].events & EPOLLIN)
            serve(d, (int)fd, CURL_CSELECT_IN);
}

static void run_timer(struct driver *d)
{
    uint64_t records = d->records;
    d->timer_at = INT64_MAX;
    curl_multi_socket_action(d->multi, CURL_SOCKET_TIMEOUT, 0, &d->running);
    d->behind = d->behind || d->records != records;
}

void driver_received(struct driver *d, size_t bytes)
{
    d->received += (uint32_t)bytes;
}

static void measure(struct driver *d, int64_t now)
{
    uint32_t most = 0;
    if (now - d->window < NAP_WINDOW)
        return;
    for (size_t fd = 0; fd < d->room; fd++) {
        if (d->sockets[fd].received > most)
            most = d->sockets[fd].received;
        d->sockets[fd].received = 0;
    }
    nap_measured(&d->nap, most, now - d->window);
    d->window = now;
}

/* True if the waker was called meanwhile. */
static bool nap(struct driver *d, int64_t until)
{
    int64_t now = clock_now(), end = now + d->nap.length;
    if (end > until)
        end = until;
    if (end > d->timer_at)
        end = d->timer_at;
    return d->nap.length && !d->behind && end > now && waker_sleep(d->waker, -1, end);
}

/* How long a turn may sleep: not at all where somebody waits for it. */
static int patience(const struct driver *d, int64_t until)
{
    int64_t now = clock_now(), at = d->timer_at < until ? d->timer_at : until;
    if (d->behind || d->running < d->requests || at <= now)
        return 0;
    int64_t ms = (at - now + CLOCK_MS - 1) / CLOCK_MS;
    return ms < INT_MAX ? (int)ms : INT_MAX;
}

bool driver_turn(struct driver *d, int64_t until, bool leisure)
{
    struct epoll_event events[EVENTS_MAX];
    bool woken = false;
    if (leisure && nap(d, until))
        return true;
    if (d->timer_at <= clock_now())
        run_timer(d);
    if (d->behind)
        serve_behind(d);
    int count = epoll_wait(d->epoll, events, EVENTS_MAX, patience(d, until));
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == waker_fd(d->waker))
            woken = waker_take(d->waker);
        else
            serve_ready(d, &events[i]);
    }
    measure(d, clock_now());
    return woken;
}
