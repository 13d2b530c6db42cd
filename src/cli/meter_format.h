/* SPDX-License-Identifier: MIT */
/* The lines of progress, as text without a line break. Pure functions. */
#ifndef HAUL_CLI_METER_FORMAT_H
#define HAUL_CLI_METER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/view.h"

struct meter_style {
    bool color, ascii;
    size_t width, height; /* of the terminal */
};

/* Name of a job in lists: its name, or its source while it has none. */
const char *meter_name(const struct job_view *job);

/* get NAME 35.4 GiB, resume at 2.1 GiB */
void meter_format_start(struct buf *out, const struct job_view *job, bool color);
/* NAME 51% 18.1/35.4 GiB 82.1 MiB/s eta 3:36, or: NAME 2.1/35.4 GiB try 1/6 in 14 s: reason. `now`
 * is clock_now(). */
void meter_format_plain(struct buf *out, const struct job_view *job, int64_t now);
/* ok NAME 16.0 GiB 0:06:38 41.2 MiB/s sha256 ok, or: fail NAME reason. For a job that has ended or
 * is paused. */
void meter_format_end(struct buf *out, const struct job_view *job, bool color);
/* A live line with a bar, exactly style->width columns or fewer. `now` is clock_now(). */
void meter_format_bar(struct buf *out, const struct job_view *job, const struct meter_style *style,
                      int64_t now);
/* The live line below the others; `hidden` active jobs had no room. Returns its columns. */
size_t meter_format_total(struct buf *out, const struct snapshot *s, size_t hidden,
                          const struct meter_style *style);

#endif
