/* SPDX-License-Identifier: MIT */
/* What a service manager and a service say to one another, without libsystemd: sd_listen_fds(3),
 * sd_notify(3). Main thread. */
#ifndef HAUL_API_SERVER_SYSTEMD_H
#define HAUL_API_SERVER_SYSTEMD_H

#include <stddef.h>

#define SYSTEMD_FIRST_FD 3

/* How many sockets, from SYSTEMD_FIRST_FD on, were handed to this process; asking once is all
 * there is, children do not get them. */
size_t systemd_listen_fds(size_t max);

/* "READY=1", "STOPPING=1". Does nothing where nobody wants to know. */
void systemd_notify(const char *state);

#endif
