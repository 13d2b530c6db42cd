/* SPDX-License-Identifier: MIT */
/* The raw client; see test_client.h. */
#include "origin/test_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/units.h"

int client_dial(const struct origin *o)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(origin_port(o)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    int err = errno;
    close(fd);
    errno = err;
    return -1;
}

void client_ask(int fd, const char *method, const char *target, const char *headers)
{
    char *text = xasprintf("%s %s HTTP/1.1\r\nHost: test\r\n%s\r\n", method, target, headers);
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
    free(text);
}

void client_read(int fd, struct answer *a)
{
    char block[16384];
    ssize_t n;
    uint64_t status;
    *a = (struct answer){0};
    buf_init_max(&a->raw, (size_t)64 << 20);
    while ((n = recv(fd, block, sizeof block, 0)) > 0)
        buf_add(&a->raw, block, (size_t)n);
    a->error = n < 0 ? errno : 0;
    close(fd);
    if (a->raw.len > 12 && units_parse_u64_n(a->raw.data + 9, 3, 999, &status))
        a->status = (int)status;
    const char *end = strstr(a->raw.data, "\r\n\r\n");
    if (!end)
        return;
    a->body = end + 4;
    a->body_len = a->raw.len - (size_t)(a->body - a->raw.data);
}

struct answer client_fetch(const struct origin *o, const char *target, const char *headers)
{
    struct answer a = {.error = ECONNREFUSED};
    char *all = xasprintf("Connection: close\r\n%s", headers);
    int fd = client_dial(o);
    if (fd >= 0) {
        client_ask(fd, "GET", target, all);
        client_read(fd, &a);
    } else {
        buf_init(&a.raw);
    }
    free(all);
    return a;
}

bool answer_has(const struct answer *a, const char *text)
{
    return memmem(a->raw.data, a->raw.len, text, strlen(text)) != NULL;
}

bool answer_body_is(const struct answer *a, uint64_t seed, int64_t offset, size_t len)
{
    unsigned char *wanted = xmalloc(len + 1);
    origin_content(seed, offset, wanted, len);
    bool same = a->body && a->body_len == len && !memcmp(a->body, wanted, len);
    free(wanted);
    return same;
}
