/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <stdatomic.h>
#include <unistd.h>

#include "core/clock.h"
#include "net/lane.h"

#define TASKS 500

static int64_t soon(int64_t ms)
{
    return clock_now() + ms * CLOCK_MS;
}

struct log {
    int seen[TASKS];
    int count; /* the lane's alone until it is drained */
};

struct entry {
    struct log *log;
    int number;
};

static void note(void *arg)
{
    struct entry *e = arg;
    e->log->seen[e->log->count++] = e->number;
}

TEST(tasks_run_one_after_the_other_in_order)
{
    static struct log log;
    static struct entry entries[TASKS];
    struct lane *l = lane_new("test");
    for (int i = 0; i < TASKS; i++) {
        entries[i] = (struct entry){&log, i};
        lane_push(l, note, &entries[i]);
    }
    CHECK(lane_drain(l, soon(20000)));
    ASSERT(log.count == TASKS);
    for (int i = 0; i < TASKS; i++)
        CHECK_INT(log.seen[i], i);
    lane_free(l, soon(20000));
}

TEST(a_lane_without_tasks_is_drained_and_freed_at_once)
{
    struct lane *l = lane_new("test");
    CHECK(lane_drain(l, 0));
    lane_free(l, 0);
}

struct hang {
    atomic_bool let_go, running, done;
};

static void hang(void *arg)
{
    struct hang *h = arg;
    atomic_store(&h->running, true);
    while (!atomic_load(&h->let_go))
        usleep(1000);
    atomic_store(&h->done, true);
}

static bool becomes(const atomic_bool *flag)
{
    for (int64_t end = soon(20000); !atomic_load(flag) && clock_now() < end;)
        usleep(1000);
    return atomic_load(flag);
}

TEST(draining_gives_up_at_its_deadline_and_can_be_tried_again)
{
    static struct hang h;
    struct lane *l = lane_new("test");
    lane_push(l, hang, &h);
    int64_t start = clock_now();
    CHECK(!lane_drain(l, soon(50)));
    int64_t ms = (clock_now() - start) / CLOCK_MS;
    CHECK(ms >= 49 && ms < 10000);
    CHECK(!lane_drain(l, 0));
    atomic_store(&h.let_go, true);
    CHECK(lane_drain(l, soon(20000)));
    CHECK(atomic_load(&h.done));
    lane_free(l, soon(20000));
}

TEST(a_lane_that_hangs_is_abandoned_and_finishes_its_tasks_alone)
{
    static struct hang h, next;
    struct lane *l = lane_new("test");
    atomic_store(&next.let_go, true);
    lane_push(l, hang, &h);
    lane_push(l, hang, &next);
    CHECK(becomes(&h.running));
    int64_t start = clock_now();
    lane_free(l, soon(50));
    CHECK((clock_now() - start) / CLOCK_MS < 10000);
    CHECK(!atomic_load(&h.done) && !atomic_load(&next.running));
    atomic_store(&h.let_go, true);
    CHECK(becomes(&next.done));
    usleep(50000); /* until the thread has freed the lane: the leak checker looks at the end */
}

TEST(freeing_waits_for_queued_tasks_until_the_deadline)
{
    static struct hang h[3];
    struct lane *l = lane_new("test");
    for (int i = 0; i < 3; i++) {
        atomic_store(&h[i].let_go, true);
        lane_push(l, hang, &h[i]);
    }
    lane_free(l, soon(20000));
    for (int i = 0; i < 3; i++)
        CHECK(atomic_load(&h[i].done));
}
