/* SPDX-License-Identifier: MIT */
/* See capture.h. The pipe does not block: a writer that is faster than the UI loses text. */
#include "tui/capture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"

#define LINE_MAX ((size_t)4096)

static struct {
    int saved, fd; /* 0: not begun */
    struct buf line;
} capture;

int capture_begin(void)
{
    int ends[2];
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (saved < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK))
        return -1;
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    capture.saved = saved;
    capture.fd = ends[0];
    buf_init_max(&capture.line, LINE_MAX);
    return capture.fd;
}

int capture_stderr(void)
{
    return capture.saved ? capture.saved : -1;
}

static void take(const char *text, size_t len, void (*line)(void *data, const char *text),
                 void *data)
{
    for (size_t part; len; text += part, len -= part) {
        const char *end = memchr(text, '\n', len);
        part = end ? (size_t)(end - text) + 1 : len;
        buf_add(&capture.line, text, end ? part - 1 : part);
        if (!end)
            continue;
        line(data, capture.line.data);
        buf_truncate(&capture.line, 0);
    }
}

void capture_read(void (*line)(void *data, const char *text), void *data)
{
    char chunk[2048];
    for (ssize_t n; capture.saved && (n = read(capture.fd, chunk, sizeof chunk)) > 0;)
        take(chunk, (size_t)n, line, data);
}

static void write_back(void *data, const char *text)
{
    (void)data;
    struct buf line;
    buf_init(&line);
    buf_addf(&line, "%s\n", text);
    ssize_t written = write(STDERR_FILENO, line.data, line.len);
    (void)written;
    buf_release(&line);
}

void capture_end(void)
{
    if (!capture.saved)
        return;
    dup2(capture.saved, STDERR_FILENO);
    capture_read(write_back, NULL);
    if (capture.line.len)
        write_back(NULL, capture.line.data);
    close(capture.saved);
    close(capture.fd);
    buf_release(&capture.line);
    capture.saved = capture.fd = 0;
}
