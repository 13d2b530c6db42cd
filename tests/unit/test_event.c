/* SPDX-License-Identifier: MIT */
#include "core/event.h"

#include "core/alloc.h"
#include "core/feed.h"
#include "harness.h"

static void publish(struct feed *f, enum event_type type, const char *job)
{
    struct event *e = event_new(type);
    strcpy(e->job, job);
    e->message = xstrdup("m");
    feed_publish(f, e, true);
}

TEST(events_come_in_order_and_once)
{
    struct feed f;
    feed_init(&f);
    uint64_t cursor = f.next_seq, lost = 0;
    for (int i = 0; i < 200; i++)
        publish(&f, EVENT_JOB, "a");
    for (uint64_t seq = 1; seq <= 200; seq++) {
        struct event *e = feed_read(&f, &cursor, &lost);
        ASSERT(e);
        CHECK_INT(e->seq, seq);
        event_unref(e);
        feed_trim(&f, cursor);
    }
    CHECK(!feed_read(&f, &cursor, &lost));
    CHECK_INT(lost, 0);
    CHECK_INT(f.unread.count, 0);
    feed_release(&f);
}

TEST(a_watcher_that_sleeps_loses_the_oldest_and_is_told_how_many)
{
    struct feed f;
    feed_init(&f);
    uint64_t cursor = f.next_seq, lost = 0;
    for (int i = 0; i < FEED_BEHIND_MAX + 10; i++)
        publish(&f, EVENT_JOB, "a");
    struct event *e = feed_read(&f, &cursor, &lost);
    ASSERT(e);
    CHECK_INT(lost, 10);
    CHECK_INT(e->seq, 11);
    event_unref(e);
    event_unref(feed_read(&f, &cursor, &lost));
    CHECK_INT(lost, 10);
    feed_release(&f);
}

TEST(the_log_keeps_the_last_lines_and_errors_only)
{
    struct feed f;
    struct event *out[FEED_LOG_MAX];
    feed_init(&f);
    for (int i = 0; i < FEED_LOG_MAX; i++) {
        publish(&f, EVENT_LOG, i % 2 ? "odd" : "even");
        publish(&f, EVENT_JOB, "odd");
    }
    publish(&f, EVENT_ERROR, "odd");
    size_t n = feed_log(&f, NULL, out, FEED_LOG_MAX);
    CHECK_INT(n, FEED_LOG_MAX);
    CHECK_INT(out[n - 1]->type, EVENT_ERROR);
    CHECK(out[0]->seq < out[1]->seq);
    for (size_t i = 0; i < n; i++)
        event_unref(out[i]);
    n = feed_log(&f, "even", out, 3);
    CHECK_INT(n, 3);
    for (size_t i = 0; i < n; i++) {
        CHECK_STR(out[i]->job, "even");
        event_unref(out[i]);
    }
    feed_release(&f);
}

TEST(an_event_outlives_the_feed_while_somebody_holds_it)
{
    struct feed f;
    feed_init(&f);
    uint64_t cursor = f.next_seq, lost = 0;
    publish(&f, EVENT_LOG, "a");
    struct event *e = feed_read(&f, &cursor, &lost);
    feed_release(&f);
    ASSERT(e);
    CHECK_STR(e->message, "m");
    event_unref(e);
}
