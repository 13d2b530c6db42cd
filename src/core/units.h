/* SPDX-License-Identifier: MIT */
/* Numbers as people write and read them. The only place where text becomes a number. */
#ifndef HAUL_CORE_UNITS_H
#define HAUL_CORE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"

/* Parsers want the whole of s; no sign, no blank, no locale. False leaves *out as it was. */
HAUL_NODISCARD bool units_parse_u64(const char *s, uint64_t max, uint64_t *out);
/* s[0..len), for headers and state files. */
HAUL_NODISCARD bool units_parse_u64_n(const char *s, size_t len, uint64_t max, uint64_t *out);
/* `1048576`, `500K`, `2.5M`, `1G`, `1T`, also KiB/MiB/… and lower case; powers of 1024. At most
 * INT64_MAX. `0`, and `off`/`none` where a limit is meant, give 0. */
HAUL_NODISCARD bool units_parse_size(const char *s, int64_t *bytes);
/* `30`, `0.5`, `90s`, `2m`, `1h` to nanoseconds. */
HAUL_NODISCARD bool units_parse_duration(const char *s, int64_t *ns);
/* Lower- or upper-case hex of exactly 2*len digits. */
HAUL_NODISCARD bool units_parse_hex(const char *s, uint8_t *out, size_t len);
void units_format_hex(const uint8_t *data, size_t len, char *out /* 2*len+1 */);

/* The sum, or the end of the scale: sizes that peers name may be of any size. */
int64_t units_add(int64_t a, int64_t b);

#define UNITS_TEXT_SIZE 32

/* "0 B", "18.2 KiB", "1023 KiB" never: "1.0 MiB". At most 9 columns. bytes < 0 gives "-". */
void units_format_size(int64_t bytes, char out[UNITS_TEXT_SIZE]);
/* 2048 -> "2.0 KiB/s". */
void units_format_rate(int64_t bytes_per_second, char out[UNITS_TEXT_SIZE]);
/* Exact with thin groups: "14 737 106 534". */
void units_format_exact(int64_t n, char out[UNITS_TEXT_SIZE]);
/* Seconds as "0:06", "2:47", "1:02:03", "2d 03h"; < 0 gives "?"; above 99 h ">99h". */
void units_format_eta(int64_t seconds, char out[UNITS_TEXT_SIZE]);
/* ETA rounded so that it does not flicker: 1 s below 2 min, 5 s below 10 min, 1 min above. */
int64_t units_round_eta(int64_t seconds);

#endif
