/* SPDX-License-Identifier: MIT */
#include "core/lease.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "harness.h"

TEST(no_two_sessions_of_a_process_have_the_same_lease)
{
    char a[LEASE_SIZE], b[LEASE_SIZE];
    lease_make(a);
    lease_make(b);
    CHECK(strcmp(a, b) != 0);
}

TEST(a_living_process_keeps_its_lease_without_a_heartbeat)
{
    char lease[LEASE_SIZE];
    lease_make(lease);
    CHECK(lease_alive(lease, 0, clock_wall_ms()));
}

TEST(a_dead_process_has_lost_its_lease_whatever_its_heartbeat)
{
    char lease[LEASE_SIZE] = "";
    int fds[2];
    ASSERT(pipe(fds) == 0);
    pid_t child = fork();
    if (child == 0) {
        lease_make(lease);
        ssize_t n = write(fds[1], lease, sizeof lease);
        pause();
        _exit(n < 0);
    }
    ASSERT(read(fds[0], lease, sizeof lease) == (ssize_t)sizeof lease);
    CHECK(lease_alive(lease, 0, clock_wall_ms()));
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    CHECK(!lease_alive(lease, clock_wall_ms(), clock_wall_ms())); /* not yet reaped */
    waitpid(child, NULL, 0);
    CHECK(!lease_alive(lease, clock_wall_ms(), clock_wall_ms()));
    close(fds[0]);
    close(fds[1]);
}

/* The lease with its n-th part replaced. */
static void forge(char out[LEASE_SIZE], int n, const char *with)
{
    char own[LEASE_SIZE];
    lease_make(own);
    out[0] = '\0';
    char *rest = own;
    for (int i = 0; i < 6; i++) {
        const char *part = strsep(&rest, " ");
        strcat(out, i ? " " : "");
        strcat(out, i == n ? with : part);
    }
}

TEST(a_pid_that_was_given_to_another_process_is_not_the_owner)
{
    char lease[LEASE_SIZE];
    forge(lease, 4, "1");
    CHECK(!lease_alive(lease, clock_wall_ms(), clock_wall_ms()));
}

TEST(another_machine_is_judged_by_its_heartbeat)
{
    char lease[LEASE_SIZE];
    int64_t now = clock_wall_ms();
    for (int part = 0; part < 3; part++) {
        forge(lease, part, "elsewhere");
        CHECK(lease_alive(lease, now - 59000, now));
        CHECK(!lease_alive(lease, now - 61000, now));
        CHECK(lease_alive(lease, now + 59000, now)); /* clocks differ a little */
        CHECK(!lease_alive(lease, now + 61000, now));
    }
}

TEST(a_lease_that_makes_no_sense_is_judged_by_its_heartbeat)
{
    CHECK(!lease_alive("", 0, clock_wall_ms()));
    CHECK(!lease_alive("a b c", 0, clock_wall_ms()));
    CHECK(lease_alive("a b c d e f g", 5, 5));
}
