/* SPDX-License-Identifier: MIT */
/*
 * A program that runs for a job: in a process group of its own, with default signals, no input, and
 * its output read line by line. When it is over, or is to stop, nothing of its group goes on.
 * Worker thread.
 */
#ifndef HAUL_NET_CHILD_H
#define HAUL_NET_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/settings.h"
#include "net/waker.h"

struct child_request {
    const struct string_list *command;
    const char *cwd;
    const struct string_list *env; /* "NAME=value", on top of our own */
    struct waker *waker;           /* ends its sleep; borrowed */
    /* One line of its output (stdout and stderr), without its end. */
    void (*line)(void *context, const char *text, size_t len);
    /* Asked several times a second and when the worker is woken; false: it is to stop. */
    bool (*go_on)(void *context);
    void *context;
};

/* Lines longer than this are cut into several. */
#define CHILD_LINE_MAX 1000

/*
 * Runs it to its end; *status is that of waitpid. HAUL_ERR_CANCELLED when it was to stop: SIGTERM,
 * and SIGKILL for what is left of the group two seconds later. HAUL_ERR_NOT_FOUND, HAUL_ERR_DISK:
 * it could not be started.
 */
HAUL_NODISCARD enum haul_error child_run(const struct child_request *request, int *status,
                                         struct haul_fault *fault);

#endif
