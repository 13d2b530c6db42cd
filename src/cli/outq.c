/* SPDX-License-Identifier: MIT */
/* Output that never blocks; see outq.h. */
#include "cli/outq.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

void outq_init(struct outq *q, int fd)
{
    struct stat st;
    *q = (struct outq){.fd = fd};
    q->piped = !fstat(fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
    buf_init_max(&q->text, BUF_UNBOUNDED); /* a long list is as long as it is */
}

void outq_release(struct outq *q)
{
    buf_release(&q->text);
}

size_t outq_pending(const struct outq *q)
{
    return q->error ? 0 : q->text.len - q->sent;
}

struct pollfd outq_poll(const struct outq *q)
{
    return (struct pollfd){.fd = outq_pending(q) ? q->fd : -1, .events = POLLOUT};
}

/* A pipe that polls as writable takes PIPE_BUF bytes without blocking, and not always more. The
 * descriptor stays in blocking mode, since other processes share it. */
static bool write_some(struct outq *q)
{
    struct pollfd p = outq_poll(q);
    if (poll(&p, 1, 0) != 1)
        return false;
    size_t len = outq_pending(q);
    if (q->piped && len > PIPE_BUF)
        len = PIPE_BUF;
    ssize_t n = write(q->fd, q->text.data + q->sent, len);
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        q->error = errno;
    if (n > 0)
        q->sent += (size_t)n;
    return n > 0;
}

bool outq_flush(struct outq *q)
{
    while (outq_pending(q) && write_some(q))
        ;
    if (!outq_pending(q)) {
        buf_truncate(&q->text, 0);
        q->sent = 0;
    }
    return !q->error;
}

void outq_drain(struct outq *q, int stop_fd)
{
    while (outq_flush(q) && outq_pending(q)) {
        struct pollfd fds[] = {outq_poll(q), {.fd = stop_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) > 0 && fds[1].revents)
            return;
    }
}
