/* SPDX-License-Identifier: MIT */
/*
 * What comes after a reply that broke is perhaps not the same file, or not as long, or says more
 * than the first one did. Never is a file made of two.
 */
#include "harness.h"
#include "integration/scene.h"

#define MIB ((int64_t)1 << 20)

static size_t with_status(const struct scene *s, int status)
{
    struct origin_entry e;
    size_t count = 0;
    for (size_t i = 0; i < origin_log_count(s->o); i++)
        count += origin_log_get(s->o, i, &e) && e.status == status;
    return count;
}

/* Of the second reply a byte is wrong that was there, and digested, before. */
TEST(what_is_here_is_not_written_over)
{
    struct scene s;
    struct process p;
    char sum[72];
    scene_init(&s);
    content_checksum(0, 3 * MIB, sum);
    origin_set(s.o, "/file/x.bin", "size=3M&no-ranges&etag-raw=\"e\"&cut=2M");
    world_start_fetch(&s.w, &p, "--retry-wait 3 --checksum %s %s", sum,
                      origin_link(s.o, "/file/x.bin"));
    CHECK(origin_await_bytes(s.o, 2 * MIB));
    origin_set(s.o, "/file/x.bin", "size=3M&no-ranges&etag-raw=\"e\"&flip=1000");
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "x.bin", 0, 3 * MIB);
    scene_release(&s);
}

TEST(without_anything_to_compare_ranges_are_not_put_together)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "-x 8 %s",
                origin_link(s.o, "/file/x.bin?size=24M&no-ranges&cut=1M&times=1&etag=none&lm=none&"
                                 "change-after=2&rate=20M"));
    CHECK_INT(s.r.exit, 0);
    CHECK(content_check(s.w.dir, "x.bin", 1, 24 * MIB) == CONTENT_RIGHT);
    CHECK(with_status(&s, 206) <= 1); /* and that one was not used */
    scene_release(&s);
}

TEST(the_length_may_be_said_by_the_second_reply)
{
    static const char *const options[] = {"", "&no-ranges"};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        scene_init(&s);
        world_fetch(&s.w, &s.r, "%s",
                    origin_link(s.o, "/file/x.bin?size=3M&length=chunk-cut&times=1%s", options[i]));
        CHECK_INT(s.r.exit, 0);
        CHECK_RIGHT(&s, "x.bin", 0, 3 * MIB);
        scene_release(&s);
    }
}

TEST(a_digest_is_forgotten_with_the_file_that_it_was_of)
{
    static const char *const options[] = {"", "&no-ranges"};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        scene_init(&s);
        world_fetch(&s.w, &s.r, "-x 1 %s",
                    origin_link(s.o, "/file/x.bin?size=3M&repr-digest=good&cut=1M&change-after=1%s",
                                options[i]));
        CHECK_INT(s.r.exit, 0);
        CHECK_RIGHT(&s, "x.bin", 1, 3 * MIB);
        CHECK_STR(result_text(&s.r, "file", "verified"), "publisher");
        scene_release(&s);
    }
}

/* Of the first file more was there than any try brings of the second. */
TEST(progress_of_the_new_file_is_progress)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "-x 1 --tries 3 %s",
                origin_link(s.o, "/file/x.bin?size=4M&cut-every=400K&change-after=8"));
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "x.bin", 1, 4 * MIB);
    scene_release(&s);
}

TEST(new_links_that_are_refused_as_well_are_not_asked_for_for_ever)
{
    struct scene s;
    scene_init(&s);
    origin_set(s.o, "/file/x.bin", "redirect=302:{base}/file/signed.bin");
    origin_set(s.o, "/file/signed.bin", "size=24M&status=403&after=1");
    world_fetch(&s.w, &s.r, "-x 8 %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 4);
    CHECK(origin_log_count(s.o) < 40);
    scene_release(&s);
}
