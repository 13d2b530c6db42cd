/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and appends to a file what it cost: nanoseconds of wall clock, nanoseconds of CPU
 * time (user and system, with children that were waited for), peak RSS in KiB, exit status. Small,
 * so that neither its own memory nor its start shows in the figures.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"

#define NOT_FOUND 127

static int64_t ns_of(struct timeval t)
{
    return (int64_t)t.tv_sec * CLOCK_SEC + (int64_t)t.tv_usec * 1000;
}

static int run(char **argv, struct rusage *usage)
{
    int status = 0;
    pid_t pid = fork();
    if (pid < 0)
        return NOT_FOUND;
    if (pid == 0) {
        execvp(argv[0], argv);
        fprintf(stderr, "bench_time: %s: %s\n", argv[0], strerror(errno));
        _exit(NOT_FOUND);
    }
    while (wait4(pid, &status, 0, usage) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: bench_time RESULT-FILE COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    struct rusage usage = {0};
    int64_t start = clock_now();
    int code = run(argv + 2, &usage);
    int64_t wall = clock_now() - start;
    FILE *out = fopen(argv[1], "ae");
    if (!out) {
        perror(argv[1]);
        return 2;
    }
    fprintf(out, "%" PRId64 " %" PRId64 " %ld %d\n", wall,
            ns_of(usage.ru_utime) + ns_of(usage.ru_stime), usage.ru_maxrss, code);
    return fclose(out) == 0 ? code : 2;
}
