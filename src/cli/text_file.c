/* SPDX-License-Identifier: MIT */
/* A whole text file in memory; see text_file.h. */
#include "cli/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/signals.h"

#define LOOK_MS 100

/* A terminal or a pipe may take its time: where signals are blocked already, they must end it.
 * False when one has. */
static bool await_text(int fd, const atomic_bool *stop)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (stop && !atomic_load(stop) && poll(&p, 1, LOOK_MS) <= 0)
        ;
    return !stop || !atomic_load(stop);
}

static int read_all(int fd, struct buf *out, const atomic_bool *stop)
{
    char chunk[16384];
    ssize_t n;
    for (;;) {
        if (!await_text(fd, stop))
            return EINTR;
        n = read(fd, chunk, sizeof chunk);
        if (!n)
            break;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            return errno;
        if (!buf_add(out, chunk, (size_t)n))
            return EFBIG;
    }
    return 0;
}

enum haul_error text_file_read(const char *name, struct buf *out, int *errnum,
                               struct haul_fault *fault)
{
    bool standard = !strcmp(name, "-");
    const atomic_bool *stop = signals_blocked() ? signals_stop_flag() : NULL;
    /* To open a pipe must not wait for who writes into it. */
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | (stop ? O_NONBLOCK : 0));
    int err = fd < 0 ? errno : read_all(fd, out, stop);
    if (fd >= 0 && !standard)
        close(fd);
    if (errnum)
        *errnum = err;
    if (!err)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_USAGE, "%s: %s", standard ? "standard input" : name,
                     strerror(err));
}
