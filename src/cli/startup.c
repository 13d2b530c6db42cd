/* SPDX-License-Identifier: MIT */
/* First and last steps of the program; see startup.h. */
#include "cli/startup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/option_help.h"

/* A descriptor that is closed would be given to the next file that is opened, and progress would
 * be written into it. */
void startup_fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
            abort();
}

/* 64 connections each of 64 downloads, as many again for all else: the web page's readers, files.
 */
#define FILES_WANTED ((rlim_t)8192)

#define FILES_LEAST ((rlim_t)32)

enum haul_error startup_raise_file_limit(struct haul_fault *fault)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_WANTED)
        return HAUL_OK;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    if (limit.rlim_cur >= FILES_LEAST)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_INTERNAL,
                     "no more than %llu files may be open (ulimit -n); haul needs %llu",
                     (unsigned long long)limit.rlim_cur, (unsigned long long)FILES_LEAST);
}

int startup_complain(const struct haul_fault *fault, const char *hint)
{
    fprintf(stderr, "haul: %s\n", fault->message);
    if (hint)
        fprintf(stderr, "%s\n", hint);
    return haul_error_exit(fault->code);
}

int startup_inform(const struct cli_options *o)
{
    struct buf text;
    buf_init(&text);
    if (o->action == ACTION_VERSION)
        option_version(&text);
    else
        option_help(&text, o->command);
    bool written = fputs(text.data, stdout) >= 0 && !fflush(stdout);
    buf_release(&text);
    return written ? 0 : 1;
}
