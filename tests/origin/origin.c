/* SPDX-License-Identifier: MIT */
/* Making and ending a server, and its small public functions; see origin.h. */
#include "origin/origin.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "origin/state.h"
#include "origin/tls.h"

/* The threads take no signals: they belong to the program under test. A blocked SIGPIPE also keeps
 * OpenSSL's writes from ending it. */
static bool start_thread(struct origin *o)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&o->thread, NULL, origin_accept_run, o);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0;
}

static bool open_sockets(struct origin *o)
{
    o->stop_fd = eventfd(0, EFD_CLOEXEC);
    o->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    o->listen_fd = origin_accept_listen(o);
    if (o->stop_fd >= 0 && o->wake_fd >= 0 && o->listen_fd >= 0)
        return true;
    fprintf(stderr, "haul-origin: port %u: %s\n", o->port, strerror(errno));
    return false;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* Everything but the thread. */
static void release(struct origin *o) HAUL_NO_TSA
{
    close_if_open(o->listen_fd);
    close_if_open(o->wake_fd);
    close_if_open(o->stop_fd);
    origin_tls_free(o->tls);
    origin_memory_release(&o->memory);
    origin_log_release(&o->log);
    mutex_release(&o->lock);
    cond_release(&o->changed);
    free(o->host);
    free(o->base);
    free(o->sibling_host);
    free(o->sibling_base);
    free(o);
}

static bool start(struct origin *o)
{
    if (!open_sockets(o))
        return false;
    if (o->config.tls != ORIGIN_TLS_NONE && !(o->tls = origin_tls_new(o->config.tls)))
        return false;
    o->host = xasprintf("127.0.0.1:%u", o->port);
    o->base = xasprintf("%s://%s", o->tls ? "https" : "http", o->host);
    return start_thread(o);
}

struct origin *origin_new(const struct origin_config *config)
{
    struct origin *o = xcalloc(1, sizeof *o);
    o->stop_fd = o->wake_fd = o->listen_fd = -1;
    if (config)
        o->config = *config;
    o->port = o->config.port;
    if (!origin_log_init(&o->log, o->config.log_path)) {
        free(o);
        return NULL;
    }
    origin_memory_init(&o->memory);
    mutex_init(&o->lock);
    cond_init(&o->changed);
    if (start(o))
        return o;
    release(o);
    return NULL;
}

void origin_free(struct origin *o)
{
    if (!o)
        return;
    (void)!write(o->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    pthread_join(o->thread, NULL);
    release(o);
}

uint16_t origin_port(const struct origin *o)
{
    return o->port;
}

void origin_url(const struct origin *o, const char *path, struct buf *out)
{
    buf_add_str(out, o->base);
    buf_add_str(out, path);
}

const char *origin_ca_file(const struct origin *o)
{
    return o->tls ? origin_tls_ca_file() : NULL;
}

void origin_set_sibling(struct origin *o, const struct origin *other)
{
    mutex_lock(&o->lock);
    free(o->sibling_host);
    free(o->sibling_base);
    o->sibling_host = xstrdup(other->host);
    o->sibling_base = xstrdup(other->base);
    mutex_unlock(&o->lock);
}

void origin_set(struct origin *o, const char *path, const char *options)
{
    origin_memory_set(&o->memory, path, options);
}

void origin_put(struct origin *o, const char *path, const char *type, const char *text)
{
    origin_memory_put(&o->memory, path, type, text);
}

size_t origin_live_connections(struct origin *o)
{
    mutex_lock(&o->lock);
    size_t live = o->live;
    mutex_unlock(&o->lock);
    return live;
}

static bool has_connections(struct origin *o, int64_t count)
{
    return origin_live_connections(o) == (size_t)count;
}

static bool has_requests(struct origin *o, int64_t count)
{
    return origin_log_count(o) >= (size_t)count;
}

static bool has_bytes(struct origin *o, int64_t bytes)
{
    return origin_log_bytes(o) >= bytes;
}

static bool await(struct origin *o, bool (*has)(struct origin *o, int64_t count), int64_t count)
{
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    while (!has(o, count) && clock_now() < end)
        usleep(1000);
    return has(o, count);
}

bool origin_await_connections(struct origin *o, size_t count)
{
    return await(o, has_connections, (int64_t)count);
}

bool origin_await_requests(struct origin *o, size_t count)
{
    return await(o, has_requests, (int64_t)count);
}

bool origin_await_bytes(struct origin *o, int64_t bytes)
{
    return await(o, has_bytes, bytes);
}

size_t origin_log_count(struct origin *o)
{
    return origin_log_length(&o->log);
}

bool origin_log_get(struct origin *o, size_t i, struct origin_entry *out)
{
    return origin_log_copy(&o->log, i, out);
}

int64_t origin_log_bytes(struct origin *o)
{
    return origin_log_total(&o->log);
}

void origin_log_json(struct origin *o, struct buf *out)
{
    origin_log_dump(&o->log, out);
}

void origin_reset_log(struct origin *o)
{
    origin_log_reset(&o->log);
    origin_memory_reset_counters(&o->memory);
}
