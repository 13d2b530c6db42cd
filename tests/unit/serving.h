/* SPDX-License-Identifier: MIT */
/*
 * A job server in this process, on the fake engine and a Unix socket of its own, so that the
 * sanitizers see all of it. Requests are made by hand, over plain sockets.
 */
#ifndef HAUL_TESTS_SERVING_H
#define HAUL_TESTS_SERVING_H

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/server.h"
#include "core/buf.h"
#include "session_fixture.h"

struct serving {
    struct session *session;
    struct engine *engine;
    struct settings settings;
    struct job_request defaults;
    struct server_config config;
    struct listen_set sockets;
    char *dir, *socket;
    const char *tcp; /* NULL: none */
    struct sockaddr_in at;
    pthread_t thread;
    int stop[2];
    enum haul_error result;
    struct haul_fault fault;
};

static inline int serving_signal(int fd)
{
    char c;
    return read(fd, &c, 1) == 1 ? SIGTERM : 0;
}

static inline void *serving_run(void *arg)
{
    struct serving *s = arg;
    int number;
    s->result = server_run(s->session, &s->config, &number, &s->fault);
    return NULL;
}

/* A connection; -1 with errno. */
static inline int serving_connect(const struct serving *s)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    strncpy(addr.sun_path, s->socket, sizeof addr.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The server alone, on the session that is there. */
static inline void serving_open(struct serving *s)
{
    if (pipe(s->stop) != 0)
        abort();
    s->config.signal_fd = s->stop[0];
    if (listen_open(&s->sockets, s->socket, s->tcp, &s->fault))
        abort();
    for (size_t i = 0; i < s->sockets.count; i++) {
        socklen_t len = sizeof s->at;
        if (s->sockets.sockets[i].tcp)
            getsockname(s->sockets.sockets[i].fd, (struct sockaddr *)&s->at, &len);
    }
    if (pthread_create(&s->thread, NULL, serving_run, s) != 0)
        abort();
    int fd;
    for (int i = 0; (fd = serving_connect(s)) < 0 && i < 500; i++)
        usleep(10000);
    if (fd < 0)
        abort();
    close(fd);
}

static inline void serving_close(struct serving *s)
{
    if (write(s->stop[1], "x", 1) != 1)
        abort();
    pthread_join(s->thread, NULL);
    close(s->stop[0]);
    close(s->stop[1]);
}

static inline void serving_start(struct serving *s, unsigned jobs)
{
    *s = (struct serving){.engine = fake_engine_new(), .dir = scratch_dir()};
    signal(SIGPIPE, SIG_IGN);
    settings_init(&s->settings);
    s->settings.jobs = jobs;
    job_request_init(&s->defaults);
    s->defaults.dir = xstrdup("/tmp/haul-nowhere");
    s->socket = xasprintf("%s/sock", s->dir);
    struct session_config config = {.settings = &s->settings, .heartbeat = -1};
    s->session = session_local_new(&config, s->engine, &fake_ops, &s->fault);
    if (!s->session)
        abort();
    s->config = (struct server_config){.sockets = &s->sockets,
                                       .settings = &s->settings,
                                       .defaults = &s->defaults,
                                       .quiet = true,
                                       .signal_read = serving_signal};
    serving_open(s);
}

static inline void serving_stop(struct serving *s)
{
    serving_close(s);
    fake_release(s->engine);
    session_free(s->session);
    settings_release(&s->settings);
    job_request_release(&s->defaults);
    free(s->socket);
    scratch_remove(s->dir);
}

static inline void serving_send(int fd, const char *text)
{
    size_t len = strlen(text);
    while (len) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

/* Appends what comes until `text` (may be NULL) is there, the other side closes, or `ms` are over.
 */
static inline void serving_read(int fd, struct buf *out, const char *text, int ms)
{
    int64_t deadline = clock_now() + ms * CLOCK_MS;
    while (!text || !strstr(out->data, text)) {
        char bytes[16384];
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = (deadline - clock_now()) / CLOCK_MS;
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return;
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n <= 0)
            return;
        buf_add(out, bytes, (size_t)n);
    }
}

/* One request on a connection of its own. Returns the status; the body is the caller's. */
static inline int serving_ask(const struct serving *s, const char *method, const char *path,
                              const char *json, struct buf *body)
{
    struct buf all;
    int fd = serving_connect(s), status = 0;
    if (fd < 0)
        return -errno;
    char *head = xasprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                           "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                           method, path, json ? strlen(json) : 0, json ? json : "");
    buf_init_max(&all, BUF_UNBOUNDED);
    serving_send(fd, head);
    serving_read(fd, &all, NULL, 20000);
    close(fd);
    free(head);
    if (!strncmp(all.data, "HTTP/1.1 ", 9))
        status = atoi(all.data + 9);
    char *end = strstr(all.data, "\r\n\r\n");
    if (body)
        buf_add_str(body, end ? end + 4 : "");
    buf_release(&all);
    return status;
}

/* Adds a job of the fake engine, e.g. "hold"; its id. */
static inline bool serving_add(const struct serving *s, const char *what, char id[JOB_ID_SIZE])
{
    static atomic_uint count;
    struct buf body;
    char *json = xasprintf("{\"operation\":\"model_download\",\"model\":\"http://h/%s/%u\"}", what,
                           atomic_fetch_add(&count, 1));
    buf_init(&body);
    int status = serving_ask(s, "POST", "/v1/jobs", json, &body);
    const char *at = strstr(body.data, "job-");
    if (at)
        snprintf(id, JOB_ID_SIZE, "%.20s", at);
    buf_release(&body);
    free(json);
    return status == 201 && at;
}

#endif
