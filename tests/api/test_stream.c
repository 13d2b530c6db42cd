/* SPDX-License-Identifier: MIT */
/* The stream of one job: what it says, in which order, to whom, and how it ends. */
#include "api/serving.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/units.h"
#include "harness.h"

static struct stream open_job(const struct serving *s, const char *id, const char *last_id)
{
    struct stream st;
    stream_open(s, &st, path_of("/v1/jobs/%s/stream", id), last_id);
    CHECK_INT(st.status, 200);
    return st;
}

static const char *state_of(const struct stream *st)
{
    return json_string(json_get(st->json, "state"), "");
}

/* After the last line comes nothing but the end as HTTP knows it. */
static void check_end(struct stream *st)
{
    CHECK(!stream_next(st, SERVING_PATIENCE));
    CHECK(st->ended);
    CHECK(!st->cut);
    stream_close(st);
}

TEST(the_answer_to_a_post_is_there_before_the_job_has_done_anything)
{
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    char *body = xasprintf("{\"operation\":\"model_download\",\"model\":\"%s\",\"hive_id\":"
                           "\"local\"}",
                           origin_link(s.o, "/file/x.bin?size=1M&delay=300"));
    ask(&s, &a, "POST", "/v1/jobs", body);
    CHECK_INT(a.status, 201);
    CHECK(a.took < 250 * CLOCK_MS);
    CHECK_INT(json_count(a.json), 2);
    const char *id = answer_text(&a, "job_id");
    CHECK(!strncmp(id, "job-", 4));
    CHECK_STR(answer_text(&a, "sse_url"), path_of("/v1/jobs/%s/stream", id));
    serving_await(&s, id, "completed");
    answer_release(&a);
    free(body);
    serving_release(&s);
}

TEST(a_stream_begins_with_a_snapshot_tells_progress_and_ends_with_done)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=2M&rate=1M&delay=200");
    struct stream st = open_job(&s, id, NULL);
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_event(&st, "snapshot"));
    CHECK_STR(json_string(json_get(st.json, "job_id"), ""), id);
    do
        CHECK(stream_until_event(&st, "progress"));
    while (json_int(json_get(st.json, "bytes"), 1) == 0);
    CHECK_INT(json_int(json_get(st.json, "total"), 0), 2 << 20);
    CHECK(stream_until_event(&st, "file"));
    CHECK(stream_until_line(&st, "✅ Download complete: x.bin"));
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_event(&st, "job"));
    CHECK_STR(state_of(&st), "completed");
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_line(&st, "[DONE]"));
    check_end(&st);
    serving_release(&s);
}

TEST(progress_comes_at_least_once_a_second)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=8M&rate=1M");
    struct stream st = open_job(&s, id, NULL);
    CHECK(stream_until_event(&st, "progress"));
    for (int i = 0; i < 3; i++) {
        int64_t before = clock_now();
        CHECK(stream_until_event(&st, "progress"));
        CHECK(clock_now() - before < CLOCK_SEC);
    }
    stream_close(&st);
    serving_release(&s);
}

TEST(people_read_what_is_being_downloaded)
{
    struct serving s;
    char id[JOB_ID_SIZE], other[JOB_ID_SIZE];
    serving_init(&s, "-j 1 -x 1");
    serving_add(&s, other, "/file/first.bin?size=1M&rate=2M");
    serving_add(&s, id, "/file/x.bin?size=100K");
    struct stream st = open_job(&s, id, NULL);
    CHECK(stream_until_line(&st, "🔍 Looking up: http://127.0.0.1:"));
    CHECK(stream_until_line(&st, "📥 Downloading file: x.bin"));
    CHECK(stream_until_line(&st, "✅ File complete: /"));
    CHECK(stream_until_line(&st, "✅ Download complete: x.bin"));
    CHECK(stream_until_line(&st, "[DONE]"));
    check_end(&st);
    serving_release(&s);
}

/* ---- bad ends ---- */

TEST(a_cancelled_job_says_so_before_the_end)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=200K");
    struct stream st = open_job(&s, id, NULL);
    CHECK(stream_until_event(&st, "progress"));
    CHECK_INT(ask_status(&s, "DELETE", path_of("/v1/jobs/%s", id), NULL), 200);
    CHECK(stream_until_line(&st, "❌ Download cancelled"));
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK_STR(state_of(&st), "cancelled");
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_line(&st, "[DONE]"));
    check_end(&st);
    serving_release(&s);
}

TEST(a_failed_job_says_why_before_the_end)
{
    struct serving s;
    struct answer a;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?status=404&delay=200");
    struct stream st = open_job(&s, id, NULL);
    CHECK(stream_until_event(&st, "error"));
    CHECK_STR(json_string(json_get(st.json, "code"), ""), "not_found");
    CHECK_INT(json_int(json_get(st.json, "http_status"), 0), 404);
    char *why = xasprintf("❌ %s", json_string(json_get(st.json, "message"), ""));
    CHECK(stream_until_line(&st, why));
    CHECK(stream_until_line(&st, "[DONE]"));
    check_end(&st);
    serving_job(&s, id, &a);
    CHECK_STR(answer_error(&a, "code"), "not_found");
    answer_release(&a);
    free(why);
    serving_release(&s);
}

/* ---- who comes late ---- */

TEST(who_comes_later_is_told_in_words_what_is_going_on)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=200K");
    serving_await(&s, id, "running");
    struct stream st = open_job(&s, id, NULL);
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_event(&st, "snapshot"));
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_line(&st, "📥 Downloading file: x.bin"));
    stream_close(&st);
    serving_release(&s);
}

static void check_late(const struct serving *s, const char *id, const char *state, const char *line)
{
    struct stream st = open_job(s, id, NULL);
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_event(&st, "snapshot"));
    CHECK_STR(state_of(&st), state);
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_line(&st, line));
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_line(&st, "[DONE]"));
    check_end(&st);
}

TEST(who_comes_after_the_end_gets_snapshot_line_and_done)
{
    struct serving s;
    char done[JOB_ID_SIZE], failed[JOB_ID_SIZE], cancelled[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, done, "/file/done.bin?size=100K");
    serving_add(&s, failed, "/file/failed.bin?status=404");
    serving_add(&s, cancelled, "/file/x.bin?size=24M&rate=100K");
    CHECK_INT(ask_status(&s, "DELETE", path_of("/v1/jobs/%s", cancelled), NULL), 200);
    serving_await(&s, done, "completed");
    serving_await(&s, failed, "failed");
    check_late(&s, done, "completed", "✅ Download complete: done.bin");
    check_late(&s, failed, "failed", "❌ ");
    check_late(&s, cancelled, "cancelled", "❌ Download cancelled");
    serving_release(&s);
}

TEST(a_second_watcher_is_told_the_same_from_then_on)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=3M&rate=2M");
    struct stream first = open_job(&s, id, NULL);
    CHECK(stream_until_event(&first, "progress"));
    struct stream second = open_job(&s, id, NULL);
    ASSERT(stream_next(&second, SERVING_PATIENCE));
    CHECK(stream_is_event(&second, "snapshot"));
    CHECK_STR(state_of(&second), "running");
    CHECK(stream_until_event(&first, "file"));
    CHECK(stream_until_event(&second, "file"));
    CHECK_STR(second.id.data, first.id.data);
    CHECK(stream_until_line(&first, "[DONE]"));
    CHECK(stream_until_line(&second, "[DONE]"));
    check_end(&first);
    check_end(&second);
    serving_release(&s);
}

TEST(nobody_needs_to_watch_and_who_leaves_stops_nothing)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=1M&rate=2M");
    struct stream st = open_job(&s, id, NULL);
    CHECK(stream_until_event(&st, "progress"));
    stream_close(&st);
    serving_await(&s, id, "completed");
    CHECK(content_check(s.w.dir, "x.bin", 0, 1 << 20) == CONTENT_RIGHT);
    serving_release(&s);
}

TEST(a_job_that_is_not_there_has_no_stream)
{
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    ask(&s, &a, "GET", "/v1/jobs/job-0000000000000000/stream", NULL);
    CHECK_INT(a.status, 404);
    CHECK_STR(answer_error(&a, "code"), "not_found");
    answer_release(&a);
    serving_release(&s);
}
