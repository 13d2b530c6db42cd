/* SPDX-License-Identifier: MIT */
/*
 * See outlet.h. The terminal is opened anew, because "do not block" belongs to an open file, and
 * that of standard output is shared with the shell.
 */
#include "tui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "core/buf.h"

#define WAITING_MAX ((size_t)64 << 10)
#define END_TRIES   30
#define END_STEP_MS 10
#define CANCEL      "\030" /* ends an escape sequence of which only a part has arrived */

static struct {
    FILE *stream;
    int tty, memory;
    struct buf waiting;
    size_t sent; /* of what waits */
} outlet;

/* Blocks if it must: a terminal that cannot be opened by any name, such as one of another
 * container. */
static int open_tty(void)
{
    const int flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    char name[256];
    int fd = -1;
    if (tcgetpgrp(STDOUT_FILENO) >= 0) /* it is the one that controls this process */
        fd = open("/dev/tty", flags);
    if (fd < 0 && !ttyname_r(STDOUT_FILENO, name, sizeof name))
        fd = open(name, flags);
    return fd < 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : fd;
}

enum haul_error outlet_open(struct haul_fault *fault)
{
    outlet.tty = open_tty();
    outlet.memory = memfd_create("frame", MFD_CLOEXEC);
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    outlet.stream = fd < 0 ? NULL : fdopen(fd, "w");
    buf_init(&outlet.waiting);
    if (outlet.tty >= 0 && outlet.memory >= 0 && outlet.stream)
        return HAUL_OK;
    fault_set_errno(fault, errno, "opening the terminal");
    outlet_close();
    return fault->code;
}

void outlet_close(void)
{
    if (outlet.stream)
        fclose(outlet.stream);
    if (outlet.tty >= 0)
        close(outlet.tty);
    if (outlet.memory >= 0)
        close(outlet.memory);
    buf_release(&outlet.waiting);
    memset(&outlet, 0, sizeof outlet);
}

FILE *outlet_stream(void)
{
    return outlet.stream;
}

void outlet_divert(void)
{
    dup3(outlet.memory, fileno(outlet.stream), O_CLOEXEC);
}

/* Takes over what ncurses has written since the last time. */
static void collect(void)
{
    char chunk[4096];
    off_t at = 0;
    for (ssize_t n; (n = pread(outlet.memory, chunk, sizeof chunk, at)) > 0; at += n)
        buf_add(&outlet.waiting, chunk, (size_t)n);
    if (at && !ftruncate(outlet.memory, 0))
        lseek(outlet.memory, 0, SEEK_SET);
}

void outlet_add(const char *text)
{
    collect();
    if (outlet.waiting.len - outlet.sent < WAITING_MAX)
        buf_add_str(&outlet.waiting, text);
}

static bool takes_bytes(int timeout_ms)
{
    struct pollfd tty = {.fd = outlet.tty, .events = POLLOUT};
    return poll(&tty, 1, timeout_ms) == 1 && (tty.revents & POLLOUT);
}

bool outlet_flush(void)
{
    collect();
    while (outlet.sent < outlet.waiting.len && takes_bytes(0)) {
        ssize_t n =
            write(outlet.tty, outlet.waiting.data + outlet.sent, outlet.waiting.len - outlet.sent);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0)
            outlet_forget(); /* there is no terminal any more */
        else
            outlet.sent += (size_t)n;
    }
    if (outlet.sent < outlet.waiting.len)
        return false;
    outlet_forget();
    return true;
}

int outlet_fd(void)
{
    return outlet.waiting.len ? outlet.tty : -1;
}

void outlet_forget(void)
{
    collect();
    buf_truncate(&outlet.waiting, 0);
    outlet.sent = 0;
}

void outlet_end(const char *farewell)
{
    for (int i = 0; i < END_TRIES && !outlet_flush(); i++)
        takes_bytes(END_STEP_MS);
    if (outlet_flush())
        return;
    outlet_forget();
    tcflush(outlet.tty, TCOFLUSH);
    outlet_add(CANCEL);
    outlet_add(farewell);
    (void)outlet_flush();
    outlet_forget();
}
