/* SPDX-License-Identifier: MIT */
/*
 * The floor of the comparison: one GET on one socket, 256 KiB at a time from recv to pwrite, no
 * check of anything. What a real program costs above this is its own.
 */
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10)

static int dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

/* The body's first bytes come with the head; true when the whole head was there and said 200. */
static int skip_head(int fd, char *chunk, size_t *len)
{
    size_t have = 0;
    char *end = NULL;
    while (!end && have + 1 < CHUNK) {
        ssize_t n = recv(fd, chunk + have, CHUNK - 1 - have, 0);
        if (n <= 0)
            return 0;
        have += (size_t)n;
        chunk[have] = '\0';
        end = strstr(chunk, "\r\n\r\n");
    }
    if (!end || strncmp(chunk, "HTTP/1.1 200", 12) != 0)
        return 0;
    end += 4;
    *len = have - (size_t)(end - chunk);
    memmove(chunk, end, *len);
    return 1;
}

static int copy(int from, int to)
{
    static char chunk[CHUNK];
    size_t len = 0;
    off_t at = 0;
    if (!skip_head(from, chunk, &len))
        return 1;
    for (;;) {
        if (pwrite(to, chunk, len, at) != (ssize_t)len)
            return 1;
        at += (off_t)len;
        ssize_t n = recv(from, chunk, CHUNK, 0);
        if (n <= 0)
            return n < 0;
        len = (size_t)n;
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: bench_bare HOST PORT PATH FILE\n", stderr);
        return 2;
    }
    int from = dial(argv[1], argv[2]);
    int to = open(argv[4], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (from < 0 || to < 0) {
        fputs("bench_bare: cannot connect, or cannot write the file\n", stderr);
        return 1;
    }
    if (dprintf(from, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[3],
                argv[1]) < 0)
        return 1;
    int failed = copy(from, to);
    return close(to) != 0 || failed;
}
