/* SPDX-License-Identifier: MIT */
/* See opener.h. Two forks: the program is nobody's child, so nobody has to wait for it. */
#include "tui/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"

#define ARGUMENTS_MAX 32

static _Noreturn void become(char **argv)
{
    sigset_t none;
    setsid();
    pid_t child = fork();
    if (child != 0)
        _exit(child < 0);
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    execvp(argv[0], argv);
    _exit(127);
}

enum haul_error opener_run(const char *command, const char *path, struct haul_fault *fault)
{
    char *words = xstrdup(command), *rest = words;
    char *argv[ARGUMENTS_MAX + 2] = {0};
    size_t count = 0;
    for (char *word; count < ARGUMENTS_MAX && (word = strsep(&rest, " "));)
        if (*word)
            argv[count++] = word;
    char *own = xstrdup(path);
    argv[count] = own;
    pid_t child = count ? fork() : -1;
    if (child == 0)
        become(argv);
    enum haul_error err = HAUL_OK;
    if (child < 0)
        err = fault_set_errno(fault, errno, "starting %s", command);
    else
        waitpid(child, NULL, 0); /* it only forks */
    free(words);
    free(own);
    return err;
}
