/* SPDX-License-Identifier: MIT */
/*
 * Dates in header fields (RFC 9110 §5.6.7). Every reply has one or two, all of them in the one form
 * that senders must use: that is read here, and the rest is left to libcurl, which is slower.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "net/http_header.h"

#define FORM "Sun, 06 Nov 1994 08:49:37 GMT"

static bool number(const char *p, size_t digits, int *out)
{
    *out = 0;
    for (size_t i = 0; i < digits; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        *out = *out * 10 + p[i] - '0';
    }
    return true;
}

/* 0 to 11; 12 where it is none. */
static int month_of(const char *p)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int month = 0;
    while (month < 12 && memcmp(p, names + 3 * month, 3) != 0)
        month++;
    return month;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to the first of the month. */
static int64_t days_before(int year, int month)
{
    static const int of_year[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t before = year - 1;
    int64_t leaps = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    return (year - 1970) * INT64_C(365) + leaps + of_year[month] + (month > 1 && is_leap(year));
}

static bool read_form(const char *p, size_t len, int64_t *seconds)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int day, year, hour, minute, second;
    if (len != sizeof FORM - 1 || memcmp(p + 3, ", ", 2) != 0 || p[7] != ' ' || p[11] != ' ' ||
        p[16] != ' ' || p[19] != ':' || p[22] != ':' || memcmp(p + 25, " GMT", 4) != 0)
        return false;
    int month = month_of(p + 8);
    if (month == 12 || !number(p + 5, 2, &day) || !number(p + 12, 4, &year) ||
        !number(p + 17, 2, &hour) || !number(p + 20, 2, &minute) || !number(p + 23, 2, &second))
        return false;
    if (year < 1970 || day < 1 || day > days[month] + (month == 1 && is_leap(year)) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    *seconds = ((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
    return true;
}

static bool ask_libcurl(const char *v, size_t len, int64_t *seconds)
{
    char *text = xstrndup(v, len);
    time_t t = curl_getdate(text, NULL);
    free(text);
    *seconds = t;
    return t >= 0 && t <= INT64_MAX / 1000;
}

bool header_date(const char *v, size_t len, int64_t *wall_ms)
{
    int64_t seconds;
    /* All three forms begin with the day's name; curl_getdate would take bare digits too. */
    if (len < 8 || len > 64 || (v[0] | 0x20) < 'a' || (v[0] | 0x20) > 'z')
        return false;
    if (!read_form(v, len, &seconds) && !ask_libcurl(v, len, &seconds))
        return false;
    *wall_ms = seconds * 1000;
    return true;
}
