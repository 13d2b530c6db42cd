/* SPDX-License-Identifier: MIT */
/* A whole text file in memory; see text_file.h. */
#include "cli/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int read_all(int fd, struct buf *out)
{
    char chunk[16384];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
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
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    int err = fd < 0 ? errno : read_all(fd, out);
    if (fd >= 0 && !standard)
        close(fd);
    if (errnum)
        *errnum = err;
    if (!err)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_USAGE, "%s: %s", standard ? "standard input" : name,
                     strerror(err));
}
