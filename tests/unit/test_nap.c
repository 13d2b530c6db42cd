/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/attrs.h"
#include "core/clock.h"
#include "net/nap.h"

#define KIB ((int64_t)1 << 10)

/* A second at that rate (bytes/s), in windows as long as the naps make them. */
static void second(struct nap *n, int64_t rate)
{
    for (int64_t now = 0, ns; now < CLOCK_SEC; now += ns) {
        ns = n->length > NAP_WINDOW ? n->length : NAP_WINDOW;
        nap_measured(n, (int64_t)((double)rate * (double)ns / (double)CLOCK_SEC), ns);
    }
}

TEST(a_trickle_is_left_to_gather)
{
    static const int64_t rates[] = {100, 20 * KIB, 100 * KIB};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rates); i++) {
        struct nap n;
        nap_init(&n);
        second(&n, rates[i]);
        CHECK_INT(n.length, 100 * CLOCK_MS);
    }
}

TEST(a_nap_is_as_long_as_sixteen_kib_take)
{
    struct nap n;
    nap_init(&n);
    second(&n, 1024 * KIB);
    CHECK(n.length > 15 * CLOCK_MS && n.length < 17 * CLOCK_MS);
    second(&n, 8 * 1024 * KIB);
    CHECK(n.length > CLOCK_MS && n.length <= 2 * CLOCK_MS);
    second(&n, 100 * 1024 * KIB);
    CHECK_INT(n.length, 0);
}

TEST(where_nothing_comes_there_is_nothing_to_gather)
{
    struct nap n;
    nap_init(&n);
    second(&n, 20 * KIB);
    CHECK(n.length > 0);
    second(&n, 0);
    CHECK_INT(n.length, 0);
}

TEST(a_connection_that_speeds_up_is_not_kept_waiting)
{
    /* Twice as fast every round trip, from ten packets on. */
    static const int64_t trips[] = {20 * CLOCK_MS, 50 * CLOCK_MS, 100 * CLOCK_MS};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(trips); i++) {
        struct nap n;
        double rate = 14600.0 * 1e9 / (double)trips[i];
        nap_init(&n);
        for (int64_t now = 0; now < CLOCK_SEC / 2; now += NAP_WINDOW) {
            nap_measured(&n, (int64_t)(rate * (double)NAP_WINDOW / 1e9), NAP_WINDOW);
            CHECK_INT(n.length, 0);
            for (int64_t t = 0; t < NAP_WINDOW; t += trips[i] / 10)
                rate *= 1.0717734625; /* the tenth root of 2 */
        }
    }
}

TEST(a_rate_that_is_uneven_is_not_one_that_grows)
{
    struct nap n;
    nap_init(&n);
    second(&n, 60 * KIB);
    for (int i = 0; i < 100; i++) {
        nap_measured(&n, (i % 3 + 4) * KIB, 100 * CLOCK_MS);
        CHECK_INT(n.length, 100 * CLOCK_MS);
    }
}

TEST(much_at_once_ends_the_naps)
{
    struct nap n;
    nap_init(&n);
    second(&n, 20 * KIB);
    nap_brought(&n, 16 * KIB);
    CHECK(n.length > 0);
    nap_brought(&n, 256 * KIB);
    CHECK_INT(n.length, 0);
}
