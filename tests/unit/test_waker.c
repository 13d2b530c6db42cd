/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <pthread.h>

#include "core/clock.h"
#include "net/waker.h"

/* Milliseconds that a poll of up to `most` took. */
static int64_t poll_ms(CURLM *multi, int most)
{
    int64_t start = clock_now();
    curl_multi_poll(multi, NULL, 0, most, NULL);
    return (clock_now() - start) / CLOCK_MS;
}

static void *call_and_let_go(void *arg)
{
    struct waker *w = arg;
    for (int i = 0; i < 100; i++)
        waker_call(w);
    waker_unref(w);
    return NULL;
}

TEST(a_call_from_another_thread_ends_the_poll)
{
    CURLM *multi = curl_multi_init();
    struct waker *w = waker_new(multi);
    pthread_t thread;
    ASSERT(pthread_create(&thread, NULL, call_and_let_go, waker_ref(w)) == 0);
    CHECK(poll_ms(multi, 20000) < 10000);
    pthread_join(thread, NULL);
    waker_attach(w, NULL);
    waker_unref(w);
    curl_multi_cleanup(multi);
}

TEST(a_late_call_after_the_handle_is_gone_does_nothing)
{
    CURLM *multi = curl_multi_init();
    struct waker *w = waker_new(multi), *kept = waker_ref(w);
    pthread_t thread;
    ASSERT(pthread_create(&thread, NULL, call_and_let_go, waker_ref(w)) == 0);
    waker_attach(w, NULL);
    curl_multi_cleanup(multi);
    waker_unref(w);
    pthread_join(thread, NULL);
    waker_call(kept);
    waker_unref(kept);
}

TEST(a_waker_follows_to_another_handle)
{
    CURLM *first = curl_multi_init(), *second = curl_multi_init();
    struct waker *w = waker_new(first);
    waker_attach(w, second);
    waker_call(w);
    CHECK(poll_ms(second, 20000) < 10000);
    CHECK(poll_ms(first, 30) >= 25);
    waker_attach(w, NULL);
    waker_unref(w);
    curl_multi_cleanup(first);
    curl_multi_cleanup(second);
}
