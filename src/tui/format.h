/* SPDX-License-Identifier: MIT */
/* Which columns the list has at which width, and what a row says in them. Pure functions. */
#ifndef HAUL_TUI_FORMAT_H
#define HAUL_TUI_FORMAT_H

#include <stdint.h>

#include "core/units.h"
#include "tui/joblist.h"
#include "tui/theme.h"

/* Widths in columns, with the blanks in front; 0: not shown. */
struct columns {
    int lead; /* cursor, mark, letter */
    int priority, name, bar, percent, size, speed, eta, connections;
    bool wide; /* bytes/total in the size column, decimals in the percent */
};

struct columns columns_for(int cols);

struct row_text {
    char letter;
    enum role role;
    int64_t done, total; /* of the bar; total -1: no bar */
    char percent[UNITS_TEXT_SIZE];
    char size[3 * UNITS_TEXT_SIZE];
    char speed[UNITS_TEXT_SIZE], eta[UNITS_TEXT_SIZE];
    char tail[2 * UNITS_TEXT_SIZE]; /* where not "": stands over speed and eta together */
    unsigned connections;
};

/* now: clock_now(), for the countdown of a retry. */
void row_text(struct row_text *out, const struct row *row, const struct columns *columns,
              int64_t now);
/* Without the decimals from 100 on: "412 GiB". */
void format_size_short(int64_t bytes, char out[UNITS_TEXT_SIZE]);
/* 9 columns at most, as 1000 and more have none: "999.9 MiB", "1023 MiB". */
void format_size_column(int64_t bytes, char out[UNITS_TEXT_SIZE]);
/* The same with "/s". */
void format_rate_column(int64_t bytes_per_second, char out[UNITS_TEXT_SIZE]);
/* 6 columns at most: "59:30", "1h42m", "3d 04h", ">99h", "?" for what is not known. */
void format_eta(int64_t seconds, char out[UNITS_TEXT_SIZE]);
enum role letter_role(char letter);
/* "401 auth", "disk full": what failed, in 9 columns. */
void fault_word(const struct haul_fault *fault, char out[UNITS_TEXT_SIZE]);
#define PAIR_TEXT_SIZE 96
/* "72.1/139.0 GiB", both in the unit of total; "409 MiB/1.4 GiB" where that would say 0. */
void format_pair(int64_t done, int64_t total, char out[PAIR_TEXT_SIZE]);
/* "62%", with decimals "62.1%" but never "100.0%"; "--" when total is unknown. */
void format_percent(int64_t done, int64_t total, bool decimals, char out[UNITS_TEXT_SIZE]);
/* "5m41s", "14s": a time span of at most two units. */
void format_span(int64_t seconds, char out[UNITS_TEXT_SIZE]);
/* The same in 4 columns, of one unit. */
void format_span_short(int64_t seconds, char out[UNITS_TEXT_SIZE]);

#endif
