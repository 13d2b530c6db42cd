/* SPDX-License-Identifier: MIT */
/* The rate limit against a clock that the test turns: workers take chunks as fast as they may. */
#include "harness.h"

#include <pthread.h>

#include "core/clock.h"
#include "net/limiter.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CHUNK    ((size_t)16 << 10)
#define TAKERS   12

static int64_t fake_now;

static int64_t now(void)
{
    return fake_now;
}

/* Somebody who takes chunks through a share, at most `speed` bytes/s (0: no end). */
struct taker {
    struct limiter_share *share;
    size_t chunk;
    int64_t speed;
    int64_t next; /* when to ask again */
    int64_t taken;
};

/* Asks once; the clock says now. */
static void ask(struct taker *t)
{
    int64_t when = INT64_MIN;
    if (limiter_take(t->share, t->chunk, &when)) {
        t->taken += (int64_t)t->chunk;
        t->next = fake_now;
        if (t->speed)
            t->next += (int64_t)((double)t->chunk / (double)t->speed * (double)CLOCK_SEC);
    } else {
        CHECK(when > fake_now);
        t->next = when > fake_now ? when : fake_now + 1;
    }
}

static void run_until(struct taker *takers, size_t count, int64_t end)
{
    for (;;) {
        struct taker *first = &takers[0];
        for (size_t i = 1; i < count; i++)
            if (takers[i].next < first->next)
                first = &takers[i];
        if (first->next >= end)
            break;
        if (first->next > fake_now)
            fake_now = first->next;
        ask(first);
    }
    fake_now = end;
}

static void check_near(int64_t got, int64_t want, int64_t percent)
{
    if (got < want - want * percent / 100 || got > want + want * percent / 100)
        HARNESS_FAIL("%" PRId64 " is not within %" PRId64 " %% of %" PRId64, got, percent, want);
}

static int64_t sum(const struct taker *takers, size_t count)
{
    int64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += takers[i].taken;
    return total;
}

static void start(void)
{
    fake_now = 77 * CLOCK_SEC;
    clock_replace(now, NULL);
}

static struct taker taker(struct limiter *l, int64_t rate, size_t chunk, int64_t speed)
{
    return (struct taker){limiter_share_new(l, rate), chunk, speed, fake_now, 0};
}

static void stop(struct limiter *l, struct taker *takers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        limiter_share_free(takers[i].share);
    limiter_free(l);
    clock_replace(NULL, NULL);
}

TEST(one_download_gets_just_the_rate)
{
    /* Long enough that one chunk of debt is small against it. */
    static const struct {
        int64_t rate, seconds;
        size_t chunk;
    } rows[] = {
        {1000, 2000, CHUNK},
        {1000, 10, 64},
        {10000, 200, CHUNK},
        {100000, 20, CHUNK},
        {1000000, 10, CHUNK},
        {10000000, 10, CHUNK},
        {INT64_C(1000000000), 10, CHUNK},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int own = 0; own < 2; own++) {
            start();
            struct limiter *l = limiter_new(own ? 0 : rows[i].rate);
            struct taker t = taker(l, own ? rows[i].rate : 0, rows[i].chunk, 0);
            run_until(&t, 1, fake_now + rows[i].seconds * CLOCK_SEC);
            check_near(t.taken, rows[i].rate * rows[i].seconds, 3);
            stop(l, &t, 1);
        }
    }
}

TEST(without_a_limit_everything_may_be_taken_at_once)
{
    start();
    struct limiter *l = limiter_new(0);
    struct taker t = taker(l, 0, CHUNK, 0);
    int64_t when = -1;
    for (int i = 0; i < 1000; i++)
        CHECK(limiter_take(t.share, CHUNK << 10, &when));
    CHECK_INT(when, -1);
    CHECK_INT(limiter_share_limit(t.share), 0);
    stop(l, &t, 1);
}

TEST(greedy_downloads_get_equal_parts_of_the_whole_rate)
{
    static const struct {
        int64_t rate, seconds;
        size_t count;
    } rows[] = {{10000000, 10, 2}, {1000000, 20, 3}, {200000, 200, 12}, {1000, 4000, 2}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        start();
        struct limiter *l = limiter_new(rows[i].rate);
        struct taker t[TAKERS];
        for (size_t n = 0; n < rows[i].count; n++)
            t[n] = taker(l, 0, CHUNK, 0);
        run_until(t, rows[i].count, fake_now + rows[i].seconds * CLOCK_SEC);
        int64_t all = rows[i].rate * rows[i].seconds;
        check_near(sum(t, rows[i].count), all, 3);
        for (size_t n = 0; n < rows[i].count; n++)
            check_near(t[n].taken, all / (int64_t)rows[i].count, 8);
        stop(l, t, rows[i].count);
    }
}

TEST(downloads_that_wait_long_for_their_turn_get_equal_parts_too)
{
    static const struct {
        int64_t rate;
        size_t count, chunk;
    } rows[] = {{1087, 3, CHUNK}, {1263, 2, CHUNK}, {10458, 10, CHUNK}, {5000, 7, CHUNK / 2}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        start();
        struct limiter *l = limiter_new(rows[i].rate);
        struct taker t[TAKERS];
        for (size_t n = 0; n < rows[i].count; n++) {
            t[n] = taker(l, 0, n % 2 ? rows[i].chunk : rows[i].chunk / 4, 0);
            t[n].next += (int64_t)(n * n) * 1700 * CLOCK_MS;
        }
        run_until(t, rows[i].count, fake_now + 2000 * CLOCK_SEC);
        int64_t all = rows[i].rate * 2000;
        check_near(sum(t, rows[i].count), all, 5);
        for (size_t n = 0; n < rows[i].count; n++)
            check_near(t[n].taken, all / (int64_t)rows[i].count, 15);
        stop(l, t, rows[i].count);
    }
}

TEST(what_a_slow_download_leaves_goes_to_the_others)
{
    start();
    struct limiter *l = limiter_new(10000000);
    struct taker t[2] = {taker(l, 0, CHUNK, 500000), taker(l, 0, CHUNK, 0)};
    run_until(t, 2, fake_now + 10 * CLOCK_SEC);
    check_near(t[0].taken, 5000000, 5);
    check_near(t[1].taken, 95000000, 5);
    stop(l, t, 2);
}

TEST(what_a_limited_download_leaves_goes_to_the_others)
{
    start();
    struct limiter *l = limiter_new(10000000);
    struct taker t[3] = {taker(l, 1000000, CHUNK, 0), taker(l, 0, CHUNK, 0), taker(l, 0, CHUNK, 0)};
    run_until(t, 3, fake_now + 10 * CLOCK_SEC);
    check_near(t[0].taken, 10000000, 5);
    check_near(t[1].taken, 45000000, 8);
    check_near(sum(t, 3), 100000000, 3);
    stop(l, t, 3);
}

TEST(a_limit_of_its_own_above_the_whole_changes_nothing)
{
    start();
    struct limiter *l = limiter_new(1000000);
    struct taker t = taker(l, 9000000, CHUNK, 0);
    CHECK_INT(limiter_share_limit(t.share), 1000000);
    run_until(&t, 1, fake_now + 10 * CLOCK_SEC);
    check_near(t.taken, 10000000, 3);
    limiter_share_set_rate(t.share, 300000);
    CHECK_INT(limiter_share_limit(t.share), 300000);
    limiter_set_rate(l, 0);
    CHECK_INT(limiter_share_limit(t.share), 300000);
    stop(l, &t, 1);
}

TEST(a_change_holds_from_then_on)
{
    start();
    struct limiter *l = limiter_new(1000000);
    struct taker t = taker(l, 0, CHUNK, 0);
    run_until(&t, 1, fake_now + 10 * CLOCK_SEC);
    int64_t before = t.taken;
    limiter_set_rate(l, 20000000);
    CHECK_INT(limiter_rate(l), 20000000);
    run_until(&t, 1, fake_now + 10 * CLOCK_SEC);
    check_near(t.taken - before, 200000000, 3);
    before = t.taken;
    limiter_share_set_rate(t.share, 500000);
    run_until(&t, 1, fake_now + 10 * CLOCK_SEC);
    check_near(t.taken - before, 5000000, 3);
    before = t.taken;
    limiter_share_set_rate(t.share, 0);
    limiter_set_rate(l, 100000);
    run_until(&t, 1, fake_now + 20 * CLOCK_SEC);
    check_near(t.taken - before, 2000000, 3);
    stop(l, &t, 1);
}

TEST(setting_the_same_rate_again_and_again_grants_nothing)
{
    start();
    struct limiter *l = limiter_new(0);
    struct taker t = taker(l, 1000000, CHUNK, 0);
    int64_t end = fake_now + 10 * CLOCK_SEC;
    while (fake_now < end) {
        limiter_share_set_rate(t.share, 1000000);
        run_until(&t, 1, fake_now + 50 * CLOCK_MS);
    }
    check_near(t.taken, 10000000, 3);
    stop(l, &t, 1);
}

TEST(idle_time_is_not_saved_up)
{
    start();
    struct limiter *l = limiter_new(1000000);
    struct taker t = taker(l, 1000000, CHUNK, 0);
    run_until(&t, 1, fake_now + CLOCK_SEC);
    fake_now += 1000 * CLOCK_SEC;
    int64_t before = t.taken;
    t.next = fake_now;
    run_until(&t, 1, fake_now + CLOCK_SEC);
    check_near(t.taken - before, 1100000, 5);
    stop(l, &t, 1);
}

TEST(a_download_that_ends_leaves_its_part_to_the_rest)
{
    start();
    struct limiter *l = limiter_new(1000000);
    struct taker t[2] = {taker(l, 0, CHUNK, 0), taker(l, 0, CHUNK, 0)};
    run_until(t, 2, fake_now + 5 * CLOCK_SEC);
    limiter_share_free(t[0].share);
    int64_t before = t[1].taken;
    run_until(t + 1, 1, fake_now + 10 * CLOCK_SEC);
    check_near(t[1].taken - before, 10000000, 3);
    stop(l, t + 1, 1);
}

static void *take_much(void *arg)
{
    struct limiter_share *s = arg;
    int64_t when;
    for (int i = 0; i < 20000; i++) {
        (void)limiter_take(s, 100, &when);
        (void)limiter_share_limit(s);
    }
    return NULL;
}

TEST(many_threads_may_ask_while_rates_change)
{
    struct limiter *l = limiter_new(1000000);
    struct limiter_share *shares[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        shares[i] = limiter_share_new(l, i % 2 ? 1000 : 0);
        ASSERT(pthread_create(&threads[i], NULL, take_much, shares[i]) == 0);
    }
    for (int i = 0; i < 200; i++) {
        limiter_set_rate(l, i % 3 * 1000);
        limiter_share_set_rate(shares[i % 4], i);
        limiter_share_free(limiter_share_new(l, 5));
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        limiter_share_free(shares[i]);
    }
    limiter_free(l);
}
