/* SPDX-License-Identifier: MIT */
/* The one clock of the program; see clock.h. */
#include "core/clock.h"

#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * CLOCK_SEC + ts.tv_nsec;
}

static int64_t real_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t real_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME) / CLOCK_MS;
}

static int64_t (*now_fn)(void) = real_now;
static int64_t (*wall_fn)(void) = real_wall_ms;

int64_t clock_now(void)
{
    return now_fn();
}

int64_t clock_thread_cpu(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_wall_ms(void)
{
    return wall_fn();
}

static void put_digits(char *out, int64_t n, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + n % 10);
        n /= 10;
    }
}

/* The last moment was of the same second as this one more often than not, and gmtime is dear to a
 * list of ten thousand jobs. */
static void put_second(int64_t seconds, char out[CLOCK_RFC3339_SIZE])
{
    static _Thread_local int64_t of = -1;
    static _Thread_local char text[CLOCK_RFC3339_SIZE] = "yyyy-mm-ddThh:mm:ss.000Z";
    if (seconds != of) {
        time_t t = (time_t)seconds;
        struct tm tm;
        gmtime_r(&t, &tm);
        put_digits(text, tm.tm_year + 1900, 4);
        put_digits(text + 5, tm.tm_mon + 1, 2);
        put_digits(text + 8, tm.tm_mday, 2);
        put_digits(text + 11, tm.tm_hour, 2);
        put_digits(text + 14, tm.tm_min, 2);
        put_digits(text + 17, tm.tm_sec, 2);
        of = seconds;
    }
    memcpy(out, text, sizeof text);
}

void clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_SIZE])
{
    int64_t ms = wall_ms % 1000;
    if (ms < 0)
        ms += 1000;
    put_second((wall_ms - ms) / 1000, out);
    put_digits(out + 20, ms, 3);
}

int64_t clock_parse_rfc3339(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    int64_t n[7] = {0};
    size_t at = 0, i = 0;
    for (; form[i] && text[i]; i++) {
        if (form[i] != 'd' && form[i] != text[i])
            return -1;
        if (form[i] == 'd' && (text[i] < '0' || text[i] > '9'))
            return -1;
        if (form[i] == 'd')
            n[at] = n[at] * 10 + (text[i] - '0');
        else
            at++;
    }
    if (form[i] || text[i])
        return -1;
    struct tm tm = {.tm_year = (int)n[0] - 1900,
                    .tm_mon = (int)n[1] - 1,
                    .tm_mday = (int)n[2],
                    .tm_hour = (int)n[3],
                    .tm_min = (int)n[4],
                    .tm_sec = (int)n[5]};
    return (int64_t)timegm(&tm) * 1000 + n[6];
}

void clock_replace(int64_t (*now)(void), int64_t (*wall_ms)(void))
{
    now_fn = now ? now : real_now;
    wall_fn = wall_ms ? wall_ms : real_wall_ms;
}
