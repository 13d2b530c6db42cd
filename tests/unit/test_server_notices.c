/* SPDX-License-Identifier: MIT */
/* The ring that event streams read from. */
#include "harness.h"

#include "api/server_notices.h"
#include "api/server_story.h"
#include "core/alloc.h"

static void add(struct notices *n, const char *text)
{
    notices_number(n);
    notices_add(n, NOTICE_EVENT, "job-1", "log", text, false);
}

TEST(notices_are_framed_numbered_and_kept_in_order)
{
    struct notices n;
    notices_init(&n, 100);
    add(&n, "{}");
    notices_add(&n, NOTICE_STORY, "job-1", NULL, "hello", false);
    CHECK_INT(notices_end(&n), 2);
    CHECK_STR(notices_at(&n, 0)->text, "event: log\nid: 101\ndata: {}\n\n");
    CHECK_STR(notices_at(&n, 1)->text, "data: hello\n\n");
    CHECK(!notices_at(&n, 2));
    notices_release(&n);
}

TEST(no_text_begins_another_event)
{
    struct buf out;
    buf_init(&out);
    notices_frame(&out, NULL, 0, "a\n\nevent: snapshot\rdata: {}");
    CHECK_STR(out.data, "data: a\ndata: \ndata: event: snapshot\ndata: data: {}\n\n");
    buf_release(&out);
}

TEST(a_story_of_a_path_is_one_line)
{
    struct buf out;
    struct event *e = event_new(EVENT_FILE);
    e->path = xstrdup("/d/a\n\nevent: x/\033f");
    buf_init(&out);
    CHECK(story_of_event(&out, e, NULL));
    CHECK(strstr(out.data, "/d/a"));
    CHECK(!strpbrk(out.data, "\n\r\033"));
    buf_release(&out);
    event_unref(e);
}

TEST(the_ring_forgets_the_oldest_and_says_so)
{
    struct notices n;
    notices_init(&n, 0);
    for (int i = 0; i < 20000; i++)
        add(&n, "{}");
    CHECK(n.count < 20000);
    CHECK(!notices_at(&n, 0));
    CHECK(notices_at(&n, n.first));
    CHECK_INT(notices_end(&n), 20000);
    notices_release(&n);
}

TEST(the_ring_is_bounded_in_bytes_too)
{
    struct notices n;
    char *large = malloc(1 << 20);
    memset(large, 'x', 1 << 20);
    large[(1 << 20) - 1] = '\0';
    notices_init(&n, 0);
    for (int i = 0; i < 50; i++)
        add(&n, large);
    CHECK(n.bytes <= 9 << 20);
    CHECK(n.count >= 1);
    free(large);
    notices_release(&n);
}

TEST(who_has_seen_an_event_goes_on_behind_it)
{
    struct notices n;
    uint64_t place;
    notices_init(&n, 100);
    for (int i = 0; i < 5; i++)
        add(&n, "{}"); /* 101 to 105 */
    CHECK(notices_find(&n, 102, &place));
    CHECK_INT(notices_at(&n, place)->seq, 103);
    CHECK(notices_find(&n, 105, &place));
    CHECK_INT(place, notices_end(&n));
    CHECK(notices_find(&n, 100, &place));
    CHECK_INT(place, 0);
    CHECK(!notices_find(&n, 106, &place)); /* of another server, or made up */
    CHECK(!notices_find(&n, 99, &place));  /* of an earlier one */
    notices_trim(&n, 2);
    CHECK(!notices_find(&n, 102, &place));
    notices_release(&n);
}

TEST(a_line_goes_with_the_event_that_follows_it)
{
    struct notices n;
    uint64_t place;
    notices_init(&n, 100);
    add(&n, "{}"); /* 101 */
    notices_add(&n, NOTICE_STORY, "job-1", NULL, "before 102", false);
    add(&n, "{}");
    CHECK(notices_find(&n, 101, &place));
    CHECK_STR(notices_at(&n, place)->text, "data: before 102\n\n");
    CHECK(notices_find(&n, 102, &place));
    CHECK_INT(place, notices_end(&n));
    notices_release(&n);
}

TEST(with_nothing_kept_only_the_present_is_known)
{
    struct notices n;
    uint64_t place;
    notices_init(&n, 100);
    CHECK(notices_find(&n, 100, &place));
    CHECK(!notices_find(&n, 99, &place));
    notices_release(&n);
}
