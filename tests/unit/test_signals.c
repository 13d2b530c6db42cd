/* SPDX-License-Identifier: MIT */
/* What ends the program at once and what does not, in a child by a clock that it turns. */
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/signals.h"
#include "core/clock.h"

#define ALIVE 7

static int64_t fake_now = 50 * CLOCK_SEC;

static int64_t now(void)
{
    return fake_now;
}

/* Exit status of a child that does this. */
static int status_of(void (*child)(void))
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        clock_replace(now, NULL);
        child();
        _exit(ALIVE);
    }
    CHECK_INT(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* As batch.c and the server do it: one signal is read, the next ones are for the handler. */
static void read_one(void)
{
    signals_block();
    int fd = signals_open();
    raise(SIGTERM);
    if (signals_read(fd) != SIGTERM)
        _exit(1);
    signals_exit_on_next();
}

static void repeat(void)
{
    read_one();
    raise(SIGTERM);
    fake_now += CLOCK_SEC - 1;
    raise(SIGTERM);
    raise(SIGINT);
}

static void insist(void)
{
    read_one();
    raise(SIGTERM);
    fake_now += CLOCK_SEC;
    raise(SIGINT);
}

static void only_one(void)
{
    signals_block();
    signals_exit_on_next();
    raise(SIGINT);
}

static void resize(void)
{
    signals_block();
    int fd = signals_open();
    raise(SIGWINCH);
    if (signals_read(fd) != SIGWINCH)
        _exit(1);
    signals_exit_on_next();
    raise(SIGINT);
}

TEST(a_signal_within_a_second_of_the_first_is_the_same_request)
{
    CHECK_INT(status_of(repeat), ALIVE);
}

TEST(a_later_one_ends_the_program_at_once)
{
    CHECK_INT(status_of(insist), 128 + SIGINT);
}

TEST(where_none_was_read_the_first_ends_it)
{
    CHECK_INT(status_of(only_one), 128 + SIGINT);
    CHECK_INT(status_of(resize), 128 + SIGINT);
}

static void flag_repeat(void)
{
    const atomic_bool *stop = signals_stop_flag();
    raise(SIGTERM);
    raise(SIGTERM);
    if (!atomic_load(stop) || signals_caught() != SIGTERM)
        _exit(1);
}

static void flag_insist(void)
{
    flag_repeat();
    fake_now += CLOCK_SEC;
    raise(SIGTERM);
}

TEST(a_call_that_waits_is_told_once_and_then_ended)
{
    CHECK_INT(status_of(flag_repeat), ALIVE);
    CHECK_INT(status_of(flag_insist), 128 + SIGTERM);
}
