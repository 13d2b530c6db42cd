/* SPDX-License-Identifier: MIT */
/* What of a file is here, as a map, and the connections that fetch the rest. */
#ifndef HAUL_TUI_DETAIL_PARTS_H
#define HAUL_TUI_DETAIL_PARTS_H

#include "core/view.h"
#include "tui/draw.h"

/* Both draw from row y and return the row after. */
int draw_parts(const struct area *a, int y, int map_rows, const struct file_view *file,
               const struct detail_view *view);
int draw_conns(const struct area *a, int y, const struct detail_view *view);

#endif
