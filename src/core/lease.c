/* SPDX-License-Identifier: MIT */
/* Who a job belongs to; see lease.h. */
#include "core/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/units.h"

enum part { PART_HOST, PART_BOOT, PART_PIDNS, PART_PID, PART_START, PART_NONCE, PARTS };

struct parts {
    char *text; /* owns what the parts point into */
    char *part[PARTS];
};

/* Blanks separate the parts of a lease. */
static void squeeze(char *s)
{
    if (!*s)
        strcpy(s, "-");
    for (; *s; s++)
        if ((unsigned char)*s <= ' ')
            *s = '_';
}

static ssize_t read_small(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, out, size - 1);
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n;
}

static void boot_id(char *out, size_t size)
{
    if (read_small("/proc/sys/kernel/random/boot_id", out, size) <= 0)
        out[0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    squeeze(out);
}

static void pid_namespace(char *out, size_t size)
{
    ssize_t n = readlink("/proc/self/ns/pid", out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    squeeze(out);
}

/* proc(5), /proc/PID/stat: the state is field 3, the start time in clock ticks field 22. False
 * when the process is not there or has ended and only waits for its parent. */
static bool start_time(long pid, uint64_t *ticks)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    *ticks = 0;
    if (read_small(path, text, sizeof text) <= 0)
        return false;
    /* The name in field 2 may hold anything, even a ')'. */
    char *p = strrchr(text, ')');
    if (!p || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X')
        return false;
    p += 2;
    for (int field = 3; field < 22 && p; field++)
        p = strchr(p + 1, ' ');
    if (!p)
        return false;
    size_t digits = strspn(p + 1, "0123456789");
    return units_parse_u64_n(p + 1, digits, UINT64_MAX, ticks);
}

static uint64_t nonce(void)
{
    uint64_t n;
    if (getrandom(&n, sizeof n, 0) != (ssize_t)sizeof n)
        abort();
    return n;
}

static void host_name(char out[65])
{
    if (gethostname(out, 65) != 0)
        out[0] = '\0';
    out[64] = '\0';
    squeeze(out);
}

void lease_make(char out[LEASE_SIZE])
{
    char host[65], boot[64], pidns[64];
    host_name(host);
    boot_id(boot, sizeof boot);
    pid_namespace(pidns, sizeof pidns);
    long pid = (long)getpid();
    uint64_t start;
    (void)start_time(pid, &start);
    snprintf(out, LEASE_SIZE, "%s %s %s %ld %" PRIu64 " %016" PRIx64, host, boot, pidns, pid, start,
             nonce());
}

static bool split(const char *lease, struct parts *p)
{
    *p = (struct parts){.text = xstrdup(lease)};
    char *rest = p->text;
    for (int i = 0; i < PARTS; i++)
        p->part[i] = strsep(&rest, " ");
    return p->part[PART_NONCE] && !rest;
}

static bool is_here(const struct parts *p)
{
    char host[65], boot[64], pidns[64];
    host_name(host);
    boot_id(boot, sizeof boot);
    pid_namespace(pidns, sizeof pidns);
    return strcmp(boot, "-") != 0 && strcmp(pidns, "-") != 0 && !strcmp(p->part[PART_HOST], host) &&
           !strcmp(p->part[PART_BOOT], boot) && !strcmp(p->part[PART_PIDNS], pidns);
}

static bool process_alive(const struct parts *p)
{
    uint64_t pid, start, now;
    if (!units_parse_u64(p->part[PART_PID], INT32_MAX, &pid) || pid == 0)
        return false;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
        return false;
    if (!units_parse_u64(p->part[PART_START], UINT64_MAX, &start) || start == 0)
        return true; /* it could not read its own start time: the pid must do */
    return start_time((long)pid, &now) && now == start;
}

/* One far ahead was written by a clock that was wrong, and says nothing about now. */
static bool is_fresh(int64_t heartbeat_ms, int64_t now_ms)
{
    return heartbeat_ms >= now_ms - LEASE_STALE_MS && heartbeat_ms <= now_ms + LEASE_STALE_MS;
}

bool lease_alive(const char *lease, int64_t heartbeat_ms, int64_t now_ms)
{
    struct parts p;
    bool alive =
        split(lease, &p) && is_here(&p) ? process_alive(&p) : is_fresh(heartbeat_ms, now_ms);
    free(p.text);
    return alive;
}

char *lease_owner(const char *lease)
{
    struct parts p;
    char *owner = !split(lease, &p) ? xstrdup("another process")
                  : is_here(&p)
                      ? xasprintf("process %s", p.part[PART_PID])
                      : xasprintf("process %s on %s", p.part[PART_PID], p.part[PART_HOST]);
    free(p.text);
    return owner;
}
