/* SPDX-License-Identifier: MIT */
/* Rate limits are kept, with one connection and with many, and jobs share them fairly. */
#include <stdlib.h>
#include <time.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/scene.h"
#include "net/part_state.h"

#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)

/* Over the whole life of the program. */
static int64_t bytes_a_second(const struct scene *s, int64_t bytes)
{
    return (int64_t)((double)bytes * 1e9 / (double)s->r.elapsed);
}

/* Start and end of the program count, too. */
static void check_rate(const struct scene *s, int64_t bytes, int64_t limit)
{
    int64_t rate = bytes_a_second(s, bytes);
    CHECK_INT(s->r.exit, 0);
    if (rate > limit * 103 / 100 || rate < limit * 92 / 100)
        HARNESS_FAIL("%lld KiB/s at a limit of %lld", (long long)(rate / KIB),
                     (long long)(limit / KIB));
}

static void check_limit(const char *args, const char *size, int64_t bytes, int64_t limit)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "%s %s", args, origin_link(s.o, "/file/x.bin?size=%s", size));
    check_rate(&s, bytes, limit);
    CHECK_STR(content_name(content_check(s.w.dir, "x.bin", 0, bytes)), "right");
    scene_release(&s);
}

TEST(a_limit_holds_with_one_connection)
{
    check_limit("-x 1 -l 2M", "16M", 16 * MIB, 2 * MIB);
}

TEST(a_limit_holds_with_eight_connections)
{
    check_limit("-x 8 -l 2M", "16M", 16 * MIB, 2 * MIB);
}

TEST(a_small_limit_holds)
{
    check_limit("-l 20K", "80K", 80 * KIB, 20 * KIB);
}

TEST(a_limit_for_each_job_holds_beside_another)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "-j 2 --job-limit-rate 1M %s %s",
                origin_link(s.o, "/file/a.bin?size=5M"), origin_link(s.o, "/file/b.bin?size=5M"));
    check_rate(&s, 10 * MIB, 2 * MIB);
    scene_release(&s);
}

/* What each connection has brought is a range of its own. */
TEST(connections_of_a_file_take_turns)
{
    struct scene s;
    struct process p;
    char text[4096] = "";
    struct part_state state;
    scene_init(&s);
    world_start_fetch(&s.w, &p, "-x 4 -l 1M %s", origin_link(s.o, "/file/x.bin?size=100M"));
    CHECK(!process_ended(&p, 5 * CLOCK_SEC));
    process_signal(&p, 2);
    process_wait(&p, &s.r, 10 * CLOCK_SEC);
    char *path = xasprintf("%s/x.bin.part.state", s.w.dir);
    FILE *f = fopen(path, "re");
    ASSERT(f != NULL);
    part_state_init(&state);
    CHECK(part_state_parse(text, fread(text, 1, sizeof text, f), &state));
    fclose(f);
    int64_t total = ranges_total(&state.have);
    CHECK(total > 4 * MIB && total < 11 * MIB / 2);
    CHECK_INT(state.have.count, 4);
    for (size_t i = 0; i < state.have.count; i++) {
        int64_t got = state.have.items[i].end - state.have.items[i].begin;
        printf("# %lld KiB\n", (long long)(got / KIB));
        CHECK(got > total * 15 / 100);
    }
    part_state_release(&state);
    free(path);
    scene_release(&s);
}

/* Bytes that the origin sent for the path. */
static int64_t sent_for(struct origin *o, const char *path)
{
    struct origin_entry e;
    int64_t sum = 0;
    for (size_t i = 0; i < origin_log_count(o); i++)
        if (origin_log_get(o, i, &e) && strstr(e.target, path))
            sum += e.body_sent;
    return sum;
}

/* One job has a connection, the other eight: each gets half all the same. */
TEST(two_jobs_share_a_limit_fairly)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    char *text = xasprintf("%s\n  connections=1\n%s\n  connections=8\n",
                           origin_link(s.o, "/file/a.bin?size=100M"),
                           origin_link(s.o, "/file/b.bin?size=100M"));
    char *list = world_write(&s.w, "list", text);
    world_start_fetch(&s.w, &p, "-j 2 -l 8M -i %s", list);
    CHECK(!process_ended(&p, 6 * CLOCK_SEC));
    process_signal(&p, 2);
    process_wait(&p, &s.r, 10 * CLOCK_SEC);
    int64_t a = content_recorded(s.w.dir, "a.bin.part.state");
    int64_t b = content_recorded(s.w.dir, "b.bin.part.state");
    printf("# %lld and %lld KiB; the origin sent %lld and %lld\n", (long long)(a / KIB),
           (long long)(b / KIB), (long long)(sent_for(s.o, "a.bin") / KIB),
           (long long)(sent_for(s.o, "b.bin") / KIB));
    CHECK(a + b > 40 * MIB && a + b < 50 * MIB);
    CHECK(a > (a + b) * 40 / 100 && b > (a + b) * 40 / 100);
    free(list);
    free(text);
    scene_release(&s);
}
