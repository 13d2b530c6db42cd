/* SPDX-License-Identifier: MIT */
/* Writing small files so that they are whole or not there. Any thread. */
#ifndef HAUL_CORE_FILE_H
#define HAUL_CORE_FILE_H

#include <stddef.h>

#include "core/attrs.h"

/* Writes all of it; returns errno, 0 for success. */
HAUL_NODISCARD int file_write_all(int fd, const void *data, size_t len);
/* A new file (0666 & ~umask) with these bytes, synced to the disk; nothing is left of it on an
 * error. An existing one is EEXIST. Returns errno, 0 for success. */
HAUL_NODISCARD int file_write_new(int dirfd, const char *name, const void *data, size_t len);

#endif
