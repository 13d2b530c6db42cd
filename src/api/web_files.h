/* SPDX-License-Identifier: MIT */
/* The files of assets/web; cmake/embed.cmake makes the data. Never written to: they are not const
 * only because libmicrohttpd's interface is older than that word. */
#ifndef HAUL_API_WEB_FILES_H
#define HAUL_API_WEB_FILES_H

#include <stddef.h>

extern unsigned char web_index[], web_style[], web_script[], web_icon[];
extern const size_t web_index_len, web_style_len, web_script_len, web_icon_len;

#endif
