/* SPDX-License-Identifier: MIT */
/*
 * A download that is interrupted goes on where it was: after a signal, after kill -9, and never
 * with bytes of another file. The origin's log says what was fetched twice.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/scene.h"

#define SIZE ((int64_t)24 << 20)
#define MIB  ((int64_t)1 << 20)

/* Starts a download of `url` and interrupts it when the origin has sent about `bytes`. */
static void interrupt_at(struct scene *s, const char *args, const char *url, int64_t bytes)
{
    struct process p;
    struct result r;
    world_start_fetch(&s->w, &p, "%s %s", args, url);
    CHECK(origin_await_bytes(s->o, bytes));
    process_signal(&p, SIGINT);
    process_wait(&p, &r, 10 * CLOCK_SEC);
    CHECK_INT(r.exit, 130);
    CHECK(!r.bad_json);
    result_release(&r);
}

static int64_t recorded(const struct scene *s)
{
    return content_recorded(s->w.dir, "x.bin.part.state");
}

static void check_whole(const struct scene *s, uint64_t seed, int64_t size)
{
    struct buf names;
    buf_init(&names);
    world_list(&s->w, &names);
    CHECK_INT(s->r.exit, 0);
    CHECK_STR(content_name(content_check(s->w.dir, "x.bin", seed, size)), "right");
    CHECK_STR(names.data, "x.bin");
    buf_release(&names);
}

static void check_goes_on(const char *options, const char *args)
{
    struct scene s;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?size=24M&rate=4M&%s", options);
    interrupt_at(&s, args, url, 10 * MIB);
    int64_t kept = recorded(&s);
    CHECK(kept > 4 * MIB);
    CHECK(!content_exists(s.w.dir, "x.bin"));
    origin_reset_log(s.o);
    world_fetch(&s.w, &s.r, "%s %s", args, origin_link(s.o, "/file/x.bin?size=24M&%s", options));
    check_whole(&s, 0, SIZE);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), kept);
    /* Requests overlap by what was on its way when one took over from another. */
    CHECK(origin_log_bytes(s.o) <= SIZE - kept + 8 * MIB);
    scene_release(&s);
}

TEST(an_interrupted_download_goes_on_and_fetches_nothing_twice)
{
    check_goes_on("", "-x 8");
}

TEST(one_connection_goes_on_too)
{
    check_goes_on("", "-x 1");
}

TEST(a_weak_validator_is_enough_to_go_on)
{
    check_goes_on("etag=weak", "-x 4");
}

TEST(a_modification_time_is_enough_to_go_on)
{
    check_goes_on("etag=none", "-x 4");
}

TEST(a_range_that_is_recorded_is_not_asked_for_again)
{
    struct scene s;
    struct origin_entry e;
    scene_init(&s);
    interrupt_at(&s, "-x 1", origin_link(s.o, "/file/x.bin?size=24M&rate=8M"), 10 * MIB);
    int64_t kept = recorded(&s);
    origin_reset_log(s.o);
    world_fetch(&s.w, &s.r, "-x 1 %s", origin_link(s.o, "/file/x.bin?size=24M"));
    check_whole(&s, 0, SIZE);
    for (size_t i = 0; i < origin_log_count(s.o); i++)
        if (origin_log_get(s.o, i, &e))
            CHECK(e.body_start >= kept);
    scene_release(&s);
}

TEST(neither_is_one_in_the_middle_whatever_the_connections)
{
    for (int x = 1; x <= 3; x += 2) {
        struct scene s;
        scene_init(&s);
        interrupt_at(&s, "-x 6", origin_link(s.o, "/file/x.bin?size=24M&rate=1M"), 12 * MIB);
        int64_t kept = recorded(&s);
        origin_reset_log(s.o);
        world_fetch(&s.w, &s.r, "-x %d %s", x, origin_link(s.o, "/file/x.bin?size=24M"));
        check_whole(&s, 0, SIZE);
        CHECK(origin_log_bytes(s.o) <= SIZE - kept + 2 * MIB);
        scene_release(&s);
    }
}

TEST(nothing_that_could_be_checked_means_from_the_start)
{
    struct scene s;
    scene_init(&s);
    interrupt_at(&s, "-x 1", origin_link(s.o, "/file/x.bin?size=24M&rate=8M&etag=none&lm=none"),
                 8 * MIB);
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=24M&etag=none&lm=none"));
    check_whole(&s, 0, SIZE);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), 0);
    scene_release(&s);
}

/* What becomes of a partial file whose source is another one by now. */
static void check_replaced(const char *before, const char *after, uint64_t seed, int64_t size)
{
    struct scene s;
    scene_init(&s);
    origin_set(s.o, "/file/x.bin", before);
    interrupt_at(&s, "-x 8", origin_link(s.o, "/file/x.bin"), 8 * MIB);
    CHECK(recorded(&s) > 0);
    origin_set(s.o, "/file/x.bin", after);
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin"));
    check_whole(&s, seed, size);
    CHECK(result_logged(&s.r, "changed on the server"));
    CHECK(strstr(s.r.err.data, "x.bin changed on the server since the last run; starting anew"));
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), 0);
    scene_release(&s);
}

TEST(a_replaced_file_of_the_same_size_starts_anew_and_says_so)
{
    check_replaced("size=24M&rate=4M&seed=1", "size=24M&seed=2", 2, SIZE);
}

TEST(a_file_that_shrank_starts_anew)
{
    check_replaced("size=24M&rate=4M", "size=2M&seed=2", 2, 2 * MIB);
}

TEST(a_file_that_grew_starts_anew)
{
    check_replaced("size=24M&rate=4M", "size=26M&seed=2", 2, 26 * MIB);
}

TEST(a_later_modification_time_starts_anew)
{
    check_replaced("size=24M&rate=4M&etag=none",
                   "size=24M&etag=none&seed=2&lm=Fri, 02 Jan 2026 00:00:00 GMT", 2, SIZE);
}

TEST(a_server_that_stopped_doing_ranges_starts_anew)
{
    struct scene s;
    scene_init(&s);
    interrupt_at(&s, "-x 8", origin_link(s.o, "/file/x.bin?size=24M&rate=4M"), 8 * MIB);
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=24M&no-ranges"));
    check_whole(&s, 0, SIZE);
    scene_release(&s);
}

TEST(no_resume_forgets_what_is_there)
{
    struct scene s;
    scene_init(&s);
    interrupt_at(&s, "-x 8", origin_link(s.o, "/file/x.bin?size=24M&rate=4M"), 8 * MIB);
    world_fetch(&s.w, &s.r, "--no-resume %s", origin_link(s.o, "/file/x.bin?size=24M"));
    check_whole(&s, 0, SIZE);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), 0);
    scene_release(&s);
}

/* ---- damage ---- */

static void truncate_to(const char *path, int64_t size)
{
    CHECK(truncate(path, size) == 0);
}

static void flip_byte(const char *path, int64_t at)
{
    char c = 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && pread(fd, &c, 1, at) == 1);
    c ^= 1;
    CHECK(pwrite(fd, &c, 1, at) == 1);
    close(fd);
}

static void fill(const char *path, int64_t size)
{
    FILE *f = fopen(path, "w");
    for (int64_t i = 0; f && i < size; i++)
        putc('x', f);
    CHECK(f && fclose(f) == 0);
}

static void from_the_future(const char *path, int64_t unused)
{
    (void)unused;
    FILE *f = fopen(path, "w");
    CHECK(f && fputs("haul-part 9\nsize 25165824\nhave 0 25165824\n", f) >= 0 && fclose(f) == 0);
}

static void check_damaged(void (*damage)(const char *path, int64_t n), int64_t n)
{
    struct scene s;
    scene_init(&s);
    interrupt_at(&s, "-x 8", origin_link(s.o, "/file/x.bin?size=24M&rate=8M"), 6 * MIB);
    char *state = xasprintf("%s/x.bin.part.state", s.w.dir);
    damage(state, n);
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=24M"));
    check_whole(&s, 0, SIZE);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), 0);
    free(state);
    scene_release(&s);
}

TEST(a_damaged_state_costs_a_restart_never_a_wrong_file)
{
    check_damaged(truncate_to, 0);
    check_damaged(truncate_to, 40);
    check_damaged(flip_byte, 20);
    check_damaged(fill, 300);
    check_damaged(fill, 5 << 20);
    check_damaged(from_the_future, 0);
}

/* A power cut may keep the state's name and lose the data's length. */
TEST(a_partial_file_shorter_than_its_state_says_is_not_believed)
{
    struct scene s;
    scene_init(&s);
    interrupt_at(&s, "-x 8", origin_link(s.o, "/file/x.bin?size=24M&rate=8M"), 10 * MIB);
    char *part = xasprintf("%s/x.bin.part", s.w.dir);
    truncate_to(part, 100);
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=24M"));
    check_whole(&s, 0, SIZE);
    free(part);
    scene_release(&s);
}

/* ---- kill -9 ---- */

#define KILLS 16

/* Mostly at once, now and then after the state was saved for the first time. */
static int64_t time_to_live(unsigned kill, unsigned *random)
{
    *random = *random * 1103515245U + 12345U;
    return ((kill % 5 == 4 ? 3200 : 20) + *random / 65536 % 400) * CLOCK_MS;
}

static void check_what_a_kill_left(const struct scene *s, int64_t before)
{
    CHECK(!content_exists(s->w.dir, "x.bin"));
    CHECK(content_exists(s->w.dir, "x.bin.part") || before < 0);
    if (content_exists(s->w.dir, "x.bin.part.state"))
        CHECK(recorded(s) >= before);
    else
        CHECK(before < 0);
}

TEST(kill_nine_at_any_moment_costs_a_few_seconds_at_most)
{
    struct scene s;
    struct process p;
    unsigned random = 4711;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?size=24M&rate=160K");
    for (unsigned i = 0; i < KILLS; i++) {
        int64_t before = recorded(&s);
        world_start_fetch(&s.w, &p, "-x 8 %s", url);
        CHECK(!process_ended(&p, time_to_live(i, &random)));
        process_signal(&p, SIGKILL);
        process_wait(&p, &s.r, WORLD_TIMEOUT);
        result_release(&s.r);
        check_what_a_kill_left(&s, before);
    }
    CHECK(recorded(&s) > MIB);
    origin_set(s.o, "/file/x.bin", "rate=100M");
    world_fetch(&s.w, &s.r, "-x 8 %s", url);
    CHECK(result_number(&s.r, "file", "resumed_from") > MIB);
    check_whole(&s, 0, SIZE);
    scene_release(&s);
}
