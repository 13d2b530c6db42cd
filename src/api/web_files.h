/* SPDX-License-Identifier: MIT */
/* The files of assets/web; cmake/embed.cmake makes the data. */
#ifndef HAUL_API_WEB_FILES_H
#define HAUL_API_WEB_FILES_H

#include <stddef.h>

struct web_file {
    const char *path, *type;
    /* Never written to; libmicrohttpd's interface is older than const. */
    unsigned char *data;
    size_t len;
};

extern const struct web_file web_files[];
extern const size_t web_file_count;

#endif
