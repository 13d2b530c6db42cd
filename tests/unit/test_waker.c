/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <pthread.h>
#include <unistd.h>

#include "core/clock.h"
#include "net/waker.h"

static void *call_and_let_go(void *arg)
{
    struct waker *w = arg;
    for (int i = 0; i < 100; i++)
        waker_call(w);
    waker_unref(w);
    return NULL;
}

TEST(a_call_from_another_thread_ends_the_sleep)
{
    struct waker *w = waker_new();
    pthread_t thread;
    ASSERT(pthread_create(&thread, NULL, call_and_let_go, waker_ref(w)) == 0);
    int64_t start = clock_now();
    CHECK(waker_sleep(w, -1, start + 20 * CLOCK_SEC));
    CHECK(clock_now() - start < 10 * CLOCK_SEC);
    pthread_join(thread, NULL);
    waker_unref(w);
}

TEST(a_call_before_the_sleep_is_not_lost_and_counts_once)
{
    struct waker *w = waker_new();
    waker_call(w);
    waker_call(w);
    CHECK(waker_sleep(w, -1, clock_now() + 20 * CLOCK_SEC));
    CHECK(!waker_take(w));
    CHECK(!waker_sleep(w, -1, clock_now() + 20 * CLOCK_MS));
    waker_unref(w);
}

TEST(what_can_be_read_ends_the_sleep_without_a_call)
{
    struct waker *w = waker_new();
    int fds[2];
    ASSERT(pipe(fds) == 0 && write(fds[1], "x", 1) == 1);
    int64_t start = clock_now();
    CHECK(!waker_sleep(w, fds[0], start + 20 * CLOCK_SEC));
    CHECK(clock_now() - start < 10 * CLOCK_SEC);
    close(fds[0]);
    close(fds[1]);
    waker_unref(w);
}

TEST(a_late_call_finds_the_waker_after_its_worker_is_gone)
{
    struct waker *w = waker_new();
    pthread_t thread;
    ASSERT(pthread_create(&thread, NULL, call_and_let_go, waker_ref(w)) == 0);
    waker_unref(w);
    pthread_join(thread, NULL);
}
