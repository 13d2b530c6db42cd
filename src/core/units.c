/* SPDX-License-Identifier: MIT */
/* Numbers as people write and read them; see units.h. */
#include "core/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"

bool units_parse_u64_n(const char *s, size_t len, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        if (__builtin_mul_overflow(n, 10u, &n) ||
            __builtin_add_overflow(n, (uint64_t)(s[i] - '0'), &n))
            return false;
    }
    if (!len || n > max)
        return false;
    *out = n;
    return true;
}

bool units_parse_u64(const char *s, uint64_t max, uint64_t *out)
{
    return units_parse_u64_n(s, strlen(s), max, out);
}

struct decimal {
    uint64_t whole;
    uint64_t fraction; /* in units of 10^-digits */
    bool has_fraction;
};

/* Reads "12" or "12.5" at *s and moves *s behind it; more than `digits` decimals are refused. */
static bool parse_decimal(const char **s, size_t digits, struct decimal *d)
{
    static const char figures[] = "0123456789";
    *d = (struct decimal){0};
    size_t len = strspn(*s, figures);
    if (!units_parse_u64_n(*s, len, INT64_MAX, &d->whole))
        return false;
    *s += len;
    if (**s != '.')
        return true;
    d->has_fraction = true;
    len = strspn(++*s, figures);
    if (len > digits || !units_parse_u64_n(*s, len, UINT64_MAX, &d->fraction))
        return false;
    *s += len;
    for (; len < digits; len++)
        d->fraction *= 10;
    return true;
}

/* whole * unit + part, if an int64_t holds it. */
static bool combine(uint64_t whole, uint64_t unit, uint64_t part, int64_t *out)
{
    uint64_t n;
    if (__builtin_mul_overflow(whole, unit, &n) || __builtin_add_overflow(n, part, &n) ||
        n > INT64_MAX)
        return false;
    *out = (int64_t)n;
    return true;
}

/* "K", "k", "KiB", "kib", … "T": the power of 1024; 0 for anything else. */
static unsigned size_power(const char *unit)
{
    static const char letters[] = "KMGT";
    char letter = unit[0] >= 'a' ? (char)(unit[0] - 'a' + 'A') : unit[0];
    const char *at = letter ? strchr(letters, letter) : NULL;
    if (!at || (unit[1] && strcasecmp(unit + 1, "iB") != 0))
        return 0;
    return (unsigned)(at - letters) + 1;
}

bool units_parse_size(const char *s, int64_t *bytes)
{
    if (!strcasecmp(s, "off") || !strcasecmp(s, "none")) {
        *bytes = 0;
        return true;
    }
    /* Six decimals of 2^40 stay below 2^60. */
    struct decimal d;
    if (!parse_decimal(&s, 6, &d))
        return false;
    unsigned power = *s ? size_power(s) : 0;
    if (power == 0 && (*s || d.has_fraction))
        return false;
    uint64_t unit = UINT64_C(1) << (10 * power);
    return combine(d.whole, unit, d.fraction * unit / 1000000, bytes);
}

bool units_parse_duration(const char *s, int64_t *ns)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    struct decimal d;
    if (!parse_decimal(&s, 9, &d))
        return false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(units); i++)
        if (!strcmp(s, units[i].unit))
            return combine(d.whole, units[i].seconds * (uint64_t)CLOCK_SEC,
                           d.fraction * units[i].seconds, ns);
    return false;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)((at - digits) & 15) : -1;
}

bool units_parse_hex(const char *s, uint8_t *out, size_t len)
{
    if (strlen(s) != 2 * len || strspn(s, "0123456789abcdefABCDEF") != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_digit(s[2 * i]) << 4 | hex_digit(s[2 * i + 1]));
    return true;
}

void units_format_hex(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

/* bytes / unit in tenths, rounded. */
static uint64_t tenths(uint64_t bytes, uint64_t unit)
{
    return bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit;
}

void units_format_size(int64_t bytes, char out[UNITS_TEXT_SIZE])
{
    static const char *const names[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        if (bytes < 0)
            snprintf(out, UNITS_TEXT_SIZE, "-");
        else
            snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 " B", bytes);
        return;
    }
    size_t i = 0;
    uint64_t unit = 1024;
    while (i + 1 < HAUL_ARRAY_LEN(names) && tenths((uint64_t)bytes, unit) >= 10000) {
        unit *= 1024;
        i++;
    }
    uint64_t n = tenths((uint64_t)bytes, unit);
    snprintf(out, UNITS_TEXT_SIZE, "%" PRIu64 ".%" PRIu64 " %s", n / 10, n % 10, names[i]);
}

void units_format_rate(int64_t bytes_per_second, char out[UNITS_TEXT_SIZE])
{
    units_format_size(bytes_per_second, out);
    if (bytes_per_second >= 0)
        snprintf(out + strlen(out), UNITS_TEXT_SIZE - strlen(out), "/s");
}

void units_format_exact(int64_t n, char out[UNITS_TEXT_SIZE])
{
    char digits[UNITS_TEXT_SIZE];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n < 0 ? -(uint64_t)n : (uint64_t)n);
    size_t at = 0;
    if (n < 0)
        out[at++] = '-';
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ' ';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void units_format_eta(int64_t seconds, char out[UNITS_TEXT_SIZE])
{
    int64_t minutes = seconds / 60, hours = minutes / 60;
    if (seconds < 0)
        snprintf(out, UNITS_TEXT_SIZE, "?");
    else if (hours > 99)
        snprintf(out, UNITS_TEXT_SIZE, ">99h");
    else if (hours >= 24)
        snprintf(out, UNITS_TEXT_SIZE, "%dd %02dh", (int)(hours / 24), (int)(hours % 24));
    else if (hours > 0)
        snprintf(out, UNITS_TEXT_SIZE, "%d:%02d:%02d", (int)hours, (int)(minutes % 60),
                 (int)(seconds % 60));
    else
        snprintf(out, UNITS_TEXT_SIZE, "%d:%02d", (int)minutes, (int)(seconds % 60));
}

int64_t units_round_eta(int64_t seconds)
{
    int64_t step = seconds < 120 ? 1 : seconds < 600 ? 5 : 60;
    if (seconds > INT64_MAX - step)
        return seconds;
    return (seconds + step / 2) / step * step;
}

int64_t units_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a > 0 ? INT64_MAX : INT64_MIN;
}
