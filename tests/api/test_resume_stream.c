/* SPDX-License-Identifier: MIT */
/* Streams that break and go on (Last-Event-ID), and streams of several jobs at once. */
#include "api/serving.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/units.h"
#include "harness.h"

#define TOLD_MAX 256

/* All that a stream said to its end: "line: …" and "ID name: data" in order. */
struct transcript {
    char *items[TOLD_MAX];
    char *ids[TOLD_MAX]; /* "" for lines */
    size_t count;
    bool ended;
};

static void listen_to(struct transcript *t, const struct serving *s, const char *path,
                      const char *last_id)
{
    struct stream st;
    *t = (struct transcript){0};
    stream_open(s, &st, path, last_id);
    while (t->count < TOLD_MAX && stream_next(&st, 5 * CLOCK_SEC)) {
        t->ids[t->count] = xstrdup(st.id.data);
        t->items[t->count++] = xasprintf("%s %s: %s", st.id.data, st.name.data, st.data.data);
    }
    t->ended = st.ended;
    stream_close(&st);
}

static void forget(struct transcript *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->items[i]);
        free(t->ids[i]);
    }
}

/* Who has seen item `seen` gets what followed it, word for word. */
static void check_goes_on(const struct serving *s, const char *path, const struct transcript *all,
                          size_t seen)
{
    struct transcript rest;
    const char *last = all->ids[seen];
    seen += !seen; /* the snapshot's own words are a part of it */
    listen_to(&rest, s, path, last);
    CHECK(rest.ended);
    CHECK_INT(rest.count, all->count - seen - 1);
    for (size_t i = 0; i < rest.count && seen + 1 + i < all->count; i++)
        CHECK_STR(rest.items[i], all->items[seen + 1 + i]);
    forget(&rest);
}

TEST(who_comes_back_is_told_exactly_what_followed)
{
    struct serving s;
    struct transcript all;
    char id[JOB_ID_SIZE];
    size_t last = 0;
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=1M&rate=1M&delay=200");
    const char *path = path_of("/v1/jobs/%s/stream", id);
    listen_to(&all, &s, path, NULL);
    CHECK(all.ended);
    ASSERT(all.count > 6);
    for (size_t i = 0; i < all.count; i++)
        if (*all.ids[i])
            last = i;
    /* The end itself is the next test's. */
    for (size_t i = 0; i < last; i++)
        if (*all.ids[i])
            check_goes_on(&s, path, &all, i);
    forget(&all);
    serving_release(&s);
}

TEST(who_comes_back_after_the_last_event_is_told_of_the_end)
{
    struct serving s;
    struct transcript all, rest;
    char id[JOB_ID_SIZE];
    const char *last = "";
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=1M");
    serving_await(&s, id, "completed");
    const char *path = path_of("/v1/jobs/%s/stream", id);
    listen_to(&all, &s, path, NULL);
    for (size_t i = 0; i < all.count; i++)
        if (*all.ids[i])
            last = all.ids[i];
    listen_to(&rest, &s, path, last);
    CHECK(rest.ended);
    ASSERT(rest.count > 0);
    CHECK_STR(rest.items[rest.count - 1], " : [DONE]");
    forget(&all);
    forget(&rest);
    serving_release(&s);
}

TEST(the_query_does_what_the_header_does)
{
    struct serving s;
    struct transcript all, rest;
    char id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, id, "/file/x.bin?size=200K&delay=200");
    const char *path = path_of("/v1/jobs/%s/stream", id);
    listen_to(&all, &s, path, NULL);
    listen_to(&rest, &s, path_of("%s?last_event_id=%s", path, all.ids[0]), NULL);
    CHECK_INT(rest.count, all.count - 2); /* the snapshot, and that in words */
    forget(&all);
    forget(&rest);
    serving_release(&s);
}

/* Breaks off after an event of that name, and comes back when the job has ended. */
static void check_list_goes_on(const char *path, const char *name)
{
    struct serving s;
    struct stream st;
    char id[JOB_ID_SIZE];
    uint64_t last = 0, next = 0;
    serving_init(&s, "-x 1");
    stream_open(&s, &st, path, NULL);
    CHECK(stream_until_event(&st, "listed"));
    serving_add(&s, id, "/file/x.bin?size=300K&rate=600K");
    CHECK(stream_until_event(&st, name));
    CHECK(units_parse_u64(st.id.data, UINT64_MAX, &last));
    stream_close(&st);
    serving_await(&s, id, "completed");
    stream_open(&s, &st, path, path_of("%" PRIu64, last));
    do
        ASSERT(stream_next(&st, SERVING_PATIENCE));
    while (!st.name.len);
    CHECK(units_parse_u64(st.id.data, UINT64_MAX, &next));
    CHECK(next > last);
    CHECK(!stream_is_event(&st, "list"));
    CHECK(stream_is_event(&st, "file") || stream_until_event(&st, "file"));
    stream_close(&st);
    serving_release(&s);
}

TEST(who_follows_all_jobs_goes_on_too)
{
    check_list_goes_on("/v1/events", "job");
    check_list_goes_on("/v1/events?updates=1", "update");
}

TEST(an_id_that_nobody_gave_out_means_from_the_start)
{
    static const char *const ids[] = {"5", "99999999999999999", "nonsense", "-1", ""};
    struct serving s;
    struct stream st;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=100K");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(ids); i++) {
        stream_open(&s, &st, path_of("/v1/jobs/%s/stream", id), ids[i]);
        ASSERT(stream_next(&st, SERVING_PATIENCE));
        CHECK(stream_is_event(&st, "snapshot"));
        stream_close(&st);
    }
    serving_release(&s);
}

/* ---- many ---- */

/* From the resume on to the end. */
static void check_only(struct stream *st, const char *name, const char *other)
{
    bool downloading = false, done = false;
    while (!done && stream_next(st, SERVING_PATIENCE)) {
        CHECK(!strstr(st->data.data, other));
        downloading |= stream_is_line(st, path_of("📥 Downloading file: %s", name));
        done = stream_is_line(st, "[DONE]");
    }
    CHECK(downloading);
    CHECK(done);
    stream_close(st);
}

TEST(two_jobs_never_mix_their_lines)
{
    static const char *const names[] = {"aaaa.bin", "bbbb.bin"};
    struct serving s;
    struct stream st[2];
    char id[2][JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    for (int i = 0; i < 2; i++) {
        serving_add_source(&s, id[i], origin_link(s.o, "/file/%s?size=1M&rate=2M", names[i]),
                           ",\"paused\":true");
        stream_open(&s, &st[i], path_of("/v1/jobs/%s/stream", id[i]), NULL);
    }
    for (int i = 0; i < 2; i++)
        CHECK_INT(ask_status(&s, "POST", path_of("/v1/jobs/%s/resume", id[i]), NULL), 200);
    check_only(&st[0], names[0], names[1]);
    check_only(&st[1], names[1], names[0]);
    serving_release(&s);
}

/* In the stream of all, a line says whose it is. */
TEST(the_stream_of_all_jobs_names_the_job_and_numbers_without_gaps)
{
    struct serving s;
    struct stream st;
    char a[JOB_ID_SIZE], b[JOB_ID_SIZE];
    int done = 0;
    uint64_t last = 0;
    serving_init(&s, "-x 1");
    stream_open(&s, &st, "/v1/events", NULL);
    CHECK(stream_until_event(&st, "listed"));
    CHECK(units_parse_u64(st.id.data, UINT64_MAX, &last));
    serving_add(&s, a, "/file/aaaa.bin?size=1M&rate=2M");
    serving_add(&s, b, "/file/bbbb.bin?size=1M&rate=2M");
    while (done < 2 && stream_next(&st, SERVING_PATIENCE)) {
        uint64_t seq = 0;
        const char *text = st.data.data;
        if (st.name.len) {
            CHECK(units_parse_u64(st.id.data, UINT64_MAX, &seq));
            CHECK_INT(seq, last + 1);
            CHECK_INT(json_int(json_get(st.json, "seq"), -1), seq);
            last = seq;
        } else {
            CHECK(strstr(text, strstr(text, "aaaa.bin") ? a : b) == text);
            done += strstr(text, "✅ Download complete") != NULL;
        }
    }
    CHECK_INT(done, 2);
    CHECK(stream_next(&st, SERVING_PATIENCE)); /* the state of the second */
    CHECK(!stream_next(&st, 300 * CLOCK_MS));
    CHECK(!st.ended && !st.cut);
    stream_close(&st);
    serving_release(&s);
}

/* Follows snapshots, as front ends do, until the job has that state. */
static bool until_state(struct stream *st, const char *id, const char *state)
{
    while (stream_next(st, SERVING_PATIENCE)) {
        const char *of = json_string(json_get(st->json, "job_id"), "");
        bool shows = stream_is_event(st, "update") || stream_is_event(st, "snapshot");
        if (shows && !strcmp(of, id) &&
            !strcmp(json_string(json_get(st->json, "state"), ""), state))
            return true;
    }
    return false;
}

TEST(updates_tell_all_that_changes_in_the_list)
{
    struct serving s;
    struct stream st;
    char old[JOB_ID_SIZE], id[JOB_ID_SIZE];
    serving_init(&s, "-x 1");
    serving_add(&s, old, "/file/old.bin?size=10K");
    serving_await(&s, old, "completed");
    stream_open(&s, &st, "/v1/events?updates=1", NULL);
    ASSERT(stream_next(&st, SERVING_PATIENCE));
    CHECK(stream_is_event(&st, "list"));
    CHECK_INT(json_int(json_get(st.json, "jobs"), -1), 1);
    CHECK(stream_until_event(&st, "snapshot"));
    CHECK_STR(json_string(json_get(st.json, "job_id"), ""), old);
    CHECK(stream_until_event(&st, "listed"));
    CHECK_INT(json_int(json_get(st.json, "jobs"), -1), 3);
    serving_add(&s, id, "/file/x.bin?size=1M&rate=1M");
    CHECK(until_state(&st, id, "running"));
    CHECK(until_state(&st, id, "completed"));
    CHECK_INT(ask_status(&s, "PATCH", "/v1/settings", "{\"jobs\":5,\"limit_rate\":\"1M\"}"), 200);
    do /* perhaps one event for each of the two */
        CHECK(stream_until_event(&st, "settings"));
    while (!st.ended && json_int(json_get(st.json, "limit_rate"), -1) != 1 << 20);
    CHECK_INT(json_int(json_get(st.json, "jobs"), -1), 5);
    CHECK_INT(ask_status(&s, "POST", path_of("/v1/jobs/%s/drop", old), NULL), 200);
    CHECK(stream_until_event(&st, "removed"));
    CHECK_STR(json_string(json_get(st.json, "job"), ""), old);
    stream_close(&st);
    serving_release(&s);
}

TEST(a_silent_stream_is_kept_alive)
{
    struct serving s;
    struct stream st;
    bool alive = false;
    serving_init(&s, "");
    stream_open(&s, &st, "/v1/events", NULL);
    CHECK(stream_until_event(&st, "listed"));
    for (int i = 0; i < 110 && !alive; i++) {
        (void)stream_next(&st, 100 * CLOCK_MS);
        alive = st.comments > 0;
    }
    CHECK(alive);
    stream_close(&st);
    serving_release(&s);
}
