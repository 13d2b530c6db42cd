/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/clock.h"
#include "net/gate.h"

static int64_t fake_now;

static int64_t now(void)
{
    return fake_now;
}

TEST(an_origin_is_open_until_it_is_shut_and_after_its_time)
{
    clock_replace(now, NULL);
    fake_now = 1000;
    struct gate *g = gate_new();
    CHECK_INT(gate_opens(g, "https://a:443"), 0);
    gate_shut(g, "https://a:443", 5000);
    CHECK_INT(gate_opens(g, "https://a:443"), 5000);
    CHECK_INT(gate_opens(g, "https://b:443"), 0);
    CHECK_INT(gate_opens(g, "https://a/any/path?q"), 5000);
    CHECK_INT(gate_opens(g, "https://a:8443"), 0);
    fake_now = 4999;
    CHECK_INT(gate_opens(g, "https://a:443"), 5000);
    fake_now = 5000;
    CHECK_INT(gate_opens(g, "https://a:443"), 0);
    gate_free(g);
    clock_replace(NULL, NULL);
}

TEST(the_later_time_wins)
{
    clock_replace(now, NULL);
    fake_now = 0;
    struct gate *g = gate_new();
    gate_shut(g, "http://x", 900);
    gate_shut(g, "http://x", 300);
    CHECK_INT(gate_opens(g, "http://x"), 900);
    gate_shut(g, "http://x", 2000);
    CHECK_INT(gate_opens(g, "http://x"), 2000);
    gate_free(g);
    clock_replace(NULL, NULL);
}

TEST(forgetting_one_origin_leaves_the_others_shut)
{
    clock_replace(now, NULL);
    fake_now = 0;
    struct gate *g = gate_new();
    gate_shut(g, "http://early", 100);
    gate_shut(g, "http://late", 1000);
    gate_shut(g, "http://middle", 500);
    fake_now = 200;
    CHECK_INT(gate_opens(g, "http://early"), 0);
    CHECK_INT(gate_opens(g, "http://late"), 1000);
    CHECK_INT(gate_opens(g, "http://middle"), 500);
    gate_shut(g, "http://early", 700);
    fake_now = 600;
    CHECK_INT(gate_opens(g, "http://middle"), 0);
    CHECK_INT(gate_opens(g, "http://early"), 700);
    CHECK_INT(gate_opens(g, "http://late"), 1000);
    gate_free(g);
    clock_replace(NULL, NULL);
}
