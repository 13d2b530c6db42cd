/* SPDX-License-Identifier: MIT */
/* No job server; see liar.h. */
#include "api/liar.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/attrs.h"
#include "core/buf.h"

/* Reads one head; false when the other side has gone. */
static bool read_head(int fd, char *head, size_t size)
{
    size_t len = 0;
    while (len + 1 < size) {
        ssize_t n = read(fd, head + len, size - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return true;
    }
    return false;
}

static const struct lie *find(const struct liar *l, const char *head)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strncmp(head, l->lies[i].request, strlen(l->lies[i].request)))
            return &l->lies[i];
    return NULL;
}

static void tell(int fd, const struct lie *lie)
{
    struct buf text;
    buf_init_max(&text, BUF_UNBOUNDED);
    buf_addf(&text, "HTTP/1.1 %s\r\nContent-Type: %s\r\nConnection: close\r\n", lie->status,
             lie->type ? lie->type : "application/json");
    if (!lie->open)
        buf_addf(&text, "Content-Length: %zu\r\n", strlen(lie->body));
    buf_addf(&text, "\r\n%s", lie->body);
    for (size_t sent = 0; sent < text.len;) {
        ssize_t n = send(fd, text.data + sent, text.len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    buf_release(&text);
}

static void answer(struct liar *l, int fd)
{
    char head[16384];
    const struct lie *lie = read_head(fd, head, sizeof head) ? find(l, head) : NULL;
    if (lie)
        tell(fd, lie);
    if ((!lie || lie->open) && l->held_count < HAUL_ARRAY_LEN(l->held)) {
        l->held[l->held_count++] = fd;
        return;
    }
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void *lie_on(void *arg)
{
    struct liar *l = arg;
    for (;;) {
        struct pollfd fds[] = {{.fd = l->listening, .events = POLLIN},
                               {.fd = l->stop[0], .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 || fds[1].revents)
            return NULL;
        int fd = accept(l->listening, NULL, NULL);
        if (fd >= 0)
            answer(l, fd);
    }
}

void liar_start(struct liar *l, const char *socket_path, const struct lie *lies, size_t count)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    *l = (struct liar){.lies = lies, .count = count};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", socket_path);
    l->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->listening < 0 || bind(l->listening, (struct sockaddr *)&at, sizeof at) ||
        listen(l->listening, 16) || pipe(l->stop) || pthread_create(&l->thread, NULL, lie_on, l))
        abort();
}

void liar_stop(struct liar *l)
{
    if (write(l->stop[1], "x", 1) != 1)
        abort();
    pthread_join(l->thread, NULL);
    for (size_t i = 0; i < l->held_count; i++)
        close(l->held[i]);
    close(l->listening);
    close(l->stop[0]);
    close(l->stop[1]);
}
