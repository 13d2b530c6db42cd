/* SPDX-License-Identifier: MIT */
/* See crash.h. Everything the handler needs is prepared beforehand in static memory. */
#include "tui/crash.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/attrs.h"
#include "tui/capture.h"

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static struct sigaction before[HAUL_ARRAY_LEN(fatal)];
static char restore_text[1024];
static size_t restore_len;
static int restore_fd;
static struct termios restore_modes;
static atomic_bool armed, away;
/* A handler for a stack overflow needs a stack of its own. */
static unsigned char handler_stack[65536];
static stack_t stack_before;

/* Best effort: a step that fails must not keep the next one from being done. */
static void restore(void)
{
    if (!atomic_exchange(&armed, false))
        return;
    if (capture_stderr() >= 0)
        dup2(capture_stderr(), STDERR_FILENO); /* what is said about the crash is for people */
    if (atomic_load(&away))
        return;
    /* A terminal that takes nothing must not keep the program from dying. */
    struct pollfd tty = {.fd = restore_fd, .events = POLLOUT};
    if (poll(&tty, 1, 0) == 0)
        tcflush(restore_fd, TCOFLUSH);
    ssize_t written = write(restore_fd, restore_text, restore_len);
    (void)written;
    tcsetattr(restore_fd, TCSANOW, &restore_modes);
}

static void on_fatal(int sig)
{
    int saved_errno = errno;
    restore();
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fatal); i++)
        if (fatal[i] == sig)
            sigaction(sig, &before[i], NULL);
    /* Blocked while this handler runs: it is delivered on return, to whom it would have gone. */
    raise(sig);
    errno = saved_errno;
}

void crash_install(int fd, const char *text, const struct termios *saved)
{
    size_t len = strlen(text);
    if (len > sizeof restore_text)
        len = sizeof restore_text;
    memcpy(restore_text, text, len);
    restore_len = len;
    restore_fd = fd;
    restore_modes = *saved;
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&stack, &stack_before);
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fatal); i++)
        sigaction(fatal[i], &action, &before[i]);
    atomic_store(&away, false);
    atomic_store(&armed, true);
    alloc_set_last_words(restore);
}

void crash_set_away(bool on)
{
    atomic_store(&away, on);
}

void crash_uninstall(void)
{
    atomic_store(&armed, false);
    alloc_set_last_words(NULL);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fatal); i++)
        sigaction(fatal[i], &before[i], NULL);
    sigaltstack(&stack_before, NULL);
}
