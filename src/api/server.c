/* SPDX-License-Identifier: MIT */
/* The job server's loop, and its beginning and end; see server.h. */
#include "api/server.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/endpoint.h"
#include "api/server_exchange.h"
#include "api/server_stream.h"
#include "api/server_systemd.h"
#include "api/token.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

#define TICK_EVERY    (500 * CLOCK_MS)
#define STOP_PATIENCE CLOCK_SEC
/* A queue of small files has news thousands of times a second. */
#define LOOK_EVERY (20 * CLOCK_MS)

/* ---- time ---- */

static bool any_active(const struct server *s)
{
    const size_t *n = s->snapshot.totals.by_state;
    return n[JOB_RESOLVING] || n[JOB_RUNNING] || n[JOB_VERIFYING];
}

static bool ticks(const struct server *s)
{
    return (s->stream_count && any_active(s)) || errands_reporting(s->errands);
}

static void tick(struct server *s, int64_t now)
{
    s->tick_at = now + TICK_EVERY;
    errands_report(s->errands);
    if (!s->stream_count)
        return;
    server_look(s);
    for (size_t i = 0; i < s->snapshot.count; i++) {
        const struct job_view *v = s->snapshot.jobs[i];
        if (v->state == JOB_RUNNING || v->state == JOB_VERIFYING)
            server_tell_progress(s, v);
    }
    streams_wake(s);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Does what is due; returns when something is next. */
static int64_t attend(struct server *s)
{
    int64_t now = clock_now(), due = INT64_MAX;
    if (s->stale && (s->unsaved || now - s->looked_at >= LOOK_EVERY))
        server_look(s);
    if (s->stale)
        due = s->looked_at + LOOK_EVERY;
    if (ticks(s) && s->tick_at <= now)
        tick(s, now);
    if (ticks(s))
        due = earlier(due, s->tick_at);
    due = earlier(due, streams_beat(s, now));
    return earlier(due, exchange_deadlines(s, now));
}

/* ---- the loop ---- */

enum { FD_WATCHER, FD_SIGNAL, FD_ERRANDS, FD_HANGUPS, FD_PORTS };

/* Milliseconds until libmicrohttpd wants to be called, at most until `due`. Older ones do not count
 * connections that were resumed, and nothing on a socket would tell of them. */
static int timeout_ms(struct server *s, int64_t due)
{
    int64_t now = clock_now(), ms = s->woken ? 0 : INT_MAX;
    for (size_t i = 0; i < s->listen.count; i++) {
        MHD_UNSIGNED_LONG_LONG wait;
        if (MHD_get_timeout(s->ports[i].daemon, &wait) == MHD_YES && (int64_t)wait < ms)
            ms = (int64_t)wait;
    }
    if (due != INT64_MAX)
        ms = earlier(ms, due <= now ? 0 : (due - now + CLOCK_MS - 1) / CLOCK_MS);
    return ms == INT_MAX ? -1 : (int)ms;
}

static int port_fd(const struct port *p)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(p->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

/* Returns the signal that came, 0 for none. */
static int turn(struct server *s)
{
    int64_t due = attend(s);
    struct pollfd fds[FD_PORTS + LISTEN_MAX] = {
        [FD_WATCHER] = {.fd = s->stale ? -1 : watcher_fd(s->watcher), .events = POLLIN},
        [FD_SIGNAL] = {.fd = s->config->signal_fd, .events = POLLIN},
        [FD_ERRANDS] = {.fd = errands_fd(s->errands), .events = POLLIN},
        [FD_HANGUPS] = {.fd = s->hangup_fd, .events = POLLIN},
    };
    for (size_t i = 0; i < s->listen.count; i++)
        fds[FD_PORTS + i] = (struct pollfd){.fd = port_fd(&s->ports[i]), .events = POLLIN};
    if (poll(fds, FD_PORTS + s->listen.count, timeout_ms(s, due)) < 0 && errno != EINTR)
        abort();
    if (fds[FD_WATCHER].revents)
        s->stale = true;
    if (fds[FD_ERRANDS].revents)
        errands_settle(s->errands);
    if (fds[FD_HANGUPS].revents)
        exchange_hangups(s);
    s->woken = false;
    for (size_t i = 0; i < s->listen.count; i++)
        MHD_run(s->ports[i].daemon);
    return fds[FD_SIGNAL].revents ? s->config->signal_read(s->config->signal_fd) : 0;
}

static bool is_stop(int number)
{
    return number == SIGTERM || number == SIGINT || number == SIGHUP;
}

/* ---- begin and end ---- */

static enum haul_error read_token(struct server *s, struct haul_fault *fault)
{
    const struct server_config *c = s->config;
    bool tcp = false, shown = false;
    for (size_t i = 0; i < s->listen.count; i++)
        tcp |= s->listen.sockets[i].tcp;
    if (!tcp)
        return HAUL_OK;
    char *path = c->token_file ? xstrdup(c->token_file) : endpoint_token_path();
    enum haul_error err =
        path ? token_read(path, true, &s->token, &shown, fault)
             : fault_set(fault, HAUL_ERR_USAGE, "no place for the token: set HOME or --token-file");
    if (err == HAUL_OK && shown)
        server_log_line(&s->log, LOG_WARN, "%s can be read by others; chmod 600 mends that", path);
    free(path);
    return err;
}

static enum haul_error start_ports(struct server *s, struct haul_fault *fault)
{
    for (size_t i = 0; i < s->listen.count; i++) {
        struct listen_socket *l = &s->listen.sockets[i];
        s->ports[i] = (struct port){.server = s, .tcp = l->tcp};
        if (!exchange_listen(&s->ports[i], l->fd))
            return fault_set(fault, HAUL_ERR_INTERNAL, "cannot serve %s", l->shown);
        server_log_line(&s->log, LOG_INFO, "listening on %s", l->shown);
        l->fd = -1; /* the daemon's now */
    }
    return HAUL_OK;
}

static void init(struct server *s, struct session *session, const struct server_config *config)
{
    *s = (struct server){.session = session,
                         .config = config,
                         .listen = *config->sockets,
                         .watcher = session_watch(session),
                         .errands = errands_new(session),
                         .hangup_fd = epoll_create1(EPOLL_CLOEXEC),
                         .started_ms = clock_wall_ms(),
                         .updates_from = UINT64_MAX};
    listen_init(config->sockets); /* they are ours now */
    if (s->hangup_fd < 0)
        abort();
    s->log = (struct server_log){config->json, config->quiet, config->verbose, 0, 0};
    snapshot_init(&s->snapshot);
    /* Higher than what any earlier server has given out. */
    notices_init(&s->notices, (uint64_t)s->started_ms * 1000);
    changes_init(&s->changes);
}

static enum haul_error begin(struct server *s, struct haul_fault *fault)
{
    const struct server_config *c = s->config;
    if (c->warning) /* logged before the server watched */
        server_log_line(&s->log, LOG_WARN, "%s", c->warning);
    enum haul_error err = read_token(s, fault);
    if (err != HAUL_OK)
        return err;
    s->guard = (struct guard){.token = s->token,
                              .host = s->listen.host,
                              .hosts = c->hosts,
                              .origins = c->origins,
                              .any_address = s->listen.any_address};
    return start_ports(s, fault);
}

/* Streams get their proper end and who waits an answer, but nobody may take long to read it. */
static void drain(struct server *s)
{
    int64_t deadline = clock_now() + STOP_PATIENCE;
    s->stopping = true;
    for (size_t i = 0; i < s->listen.count; i++)
        s->listen.sockets[i].fd = MHD_quiesce_daemon(s->ports[i].daemon); /* ours again */
    server_look(s);
    streams_end(s);
    exchange_release_all(s);
    while (exchange_pending(s) && clock_now() < deadline) {
        struct pollfd fds[LISTEN_MAX];
        for (size_t i = 0; i < s->listen.count; i++) {
            MHD_run(s->ports[i].daemon);
            fds[i] = (struct pollfd){.fd = port_fd(&s->ports[i]), .events = POLLIN};
        }
        (void)poll(fds, s->listen.count, 10);
    }
}

static void stop_ports(struct server *s)
{
    exchange_release_all(s);
    for (size_t i = 0; i < s->listen.count; i++)
        if (s->ports[i].daemon)
            MHD_stop_daemon(s->ports[i].daemon);
}

static void end(struct server *s)
{
    errands_free(s->errands);
    stop_ports(s);
    listen_release(&s->listen);
    changes_release(&s->changes);
    notices_release(&s->notices);
    snapshot_release(&s->snapshot);
    watcher_free(s->watcher);
    close(s->hangup_fd);
    free(s->token);
}

enum haul_error server_run(struct session *session, const struct server_config *config, int *signal,
                           struct haul_fault *fault)
{
    struct server s;
    init(&s, session, config);
    enum haul_error err = begin(&s, fault);
    if (err == HAUL_OK) {
        systemd_notify("READY=1");
        int number;
        do
            number = turn(&s);
        while (!is_stop(number));
        *signal = number;
        server_log_line(&s.log, LOG_INFO, "stopping; jobs go on at the next start");
        systemd_notify("STOPPING=1");
        drain(&s);
    }
    end(&s);
    return err;
}
