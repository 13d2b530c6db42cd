/* SPDX-License-Identifier: MIT */
/* First and last steps of the program; see startup.h. */
#include "cli/startup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
