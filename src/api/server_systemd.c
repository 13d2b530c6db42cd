/* SPDX-License-Identifier: MIT */
/* Talking with the service manager; see server_systemd.h. */
#include "api/server_systemd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/units.h"

size_t systemd_listen_fds(size_t max)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    uint64_t owner = 0, count = 0;
    bool ours = pid && fds && units_parse_u64(pid, INT32_MAX, &owner) && (pid_t)owner == getpid() &&
                units_parse_u64(fds, max, &count);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return ours ? (size_t)count : 0;
}

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (!len || (*path != '/' && *path != '@') || len >= sizeof addr.sun_path)
        return;
    memcpy(addr.sun_path, path, len);
    if (*path == '@') /* of the abstract name space */
        addr.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&addr, size);
    (void)sent;
    close(fd);
}
