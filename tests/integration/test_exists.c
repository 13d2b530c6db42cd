/* SPDX-License-Identifier: MIT */
/* What a file is called, and what is there under that name already. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/scene.h"

#define MIB ((int64_t)1 << 20)

static void plant(const struct scene *s, const char *name, const char *text)
{
    char *in_dir = xasprintf("dir/%s", name);
    free(world_write(&s->w, in_dir, text));
    free(in_dir);
}

TEST(a_second_run_fetches_nothing)
{
    static const char *const args[] = {"", "--checksum ", "--on-exists skip"};
    struct scene s;
    char sum[72];
    content_checksum(0, 32 * MIB, sum);
    scene_init(&s);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(args); i++) {
        const char *url = origin_link(s.o, "/file/%zu.bin?size=32M", i);
        for (int run = 0; run < 2; run++) {
            origin_reset_log(s.o);
            AGAIN(&s, world_fetch, "%s%s %s", args[i], i == 1 ? sum : "", url);
            CHECK_INT(s.r.exit, 0);
            CHECK_INT(result_event_count(&s.r, "file"), 1);
        }
        CHECK(origin_log_bytes(s.o) < 16 * MIB);
    }
    scene_release(&s);
}

TEST(a_file_that_differs_is_eight_and_left_alone)
{
    struct scene s;
    scene_init(&s);
    plant(&s, "x.bin", "mine");
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 8);
    CHECK_STR(result_text(&s.r, "error", "code"), "exists");
    CHECK_INT(content_size(s.w.dir, "x.bin"), 4);
    CHECK(!content_exists(s.w.dir, "x.bin.part"));
    AGAIN(&s, world_fetch, "--on-exists fail %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 8);
    AGAIN(&s, world_fetch, "--on-exists skip %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(content_size(s.w.dir, "x.bin"), 4);
    AGAIN(&s, world_fetch, "--on-exists rename %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "x.1.bin", 0, MIB);
    CHECK_INT(content_size(s.w.dir, "x.bin"), 4);
    AGAIN(&s, world_fetch, "--on-exists overwrite %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "x.bin", 0, MIB);
    scene_release(&s);
}

TEST(skipped_is_only_a_file_and_one_that_was_pinned_only_if_it_is_that)
{
    struct scene s;
    char sum[72];
    scene_init(&s);
    char *folder = world_path(&s.w, "dir/x.bin");
    content_checksum(0, 4 << 10, sum);
    CHECK(mkdir(folder, 0700) == 0);
    world_fetch(&s.w, &s.r, "--on-exists skip %s", origin_link(s.o, "/file/x.bin?size=4K"));
    CHECK_INT(s.r.exit, 8);
    AGAIN(&s, world_fetch, "%s", origin_link(s.o, "/file/y.bin?size=4K"));
    CHECK_INT(s.r.exit, 0);
    AGAIN(&s, world_fetch, "--on-exists skip --checksum %s %s", sum,
          origin_link(s.o, "/file/y.bin?size=4K"));
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(result_text(&s.r, "file", "verified"), "pinned");
    free(world_write(&s.w, "dir/y.bin", "another file"));
    AGAIN(&s, world_fetch, "--on-exists skip --checksum %s %s", sum,
          origin_link(s.o, "/file/y.bin?size=4K"));
    CHECK_INT(s.r.exit, 8);
    AGAIN(&s, world_fetch, "--on-exists skip %s", origin_link(s.o, "/file/y.bin?size=4K"));
    CHECK_INT(s.r.exit, 0);
    free(folder);
    scene_release(&s);
}

/* A browser that has such a file open, for one. */
TEST(a_partial_file_of_another_program_is_left_alone)
{
    struct scene s;
    scene_init(&s);
    char *theirs = world_path(&s.w, "dir/x.bin.part");
    free(world_write(&s.w, "dir/x.bin.part", "of another program"));
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=3M"));
    CHECK_INT(s.r.exit, 8);
    CHECK(strstr(result_text(&s.r, "error", "message"), "none of haul's"));
    AGAIN(&s, world_fetch, "--on-exists overwrite %s", origin_link(s.o, "/file/x.bin?size=3M"));
    CHECK_INT(s.r.exit, 8);
    struct stat st;
    CHECK(!stat(theirs, &st) && st.st_size == 18);
    free(theirs);
    scene_release(&s);
}

TEST(a_directory_in_the_way_is_a_conflict_before_anything_is_fetched)
{
    static const char *const options[] = {"", "--on-exists overwrite", "--on-exists skip"};
    struct scene s;
    scene_init(&s);
    char *way = xasprintf("%s/x.bin", s.w.dir);
    ASSERT(mkdir(way, 0700) == 0);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++) {
        AGAIN(&s, world_run, "--batch %s %s", options[i], origin_link(s.o, "/file/x.bin"));
        CHECK_INT(s.r.exit, 8);
        CHECK(strstr(s.r.err.data, "x.bin is a directory; -d puts the file into it"));
        CHECK(!content_exists(s.w.dir, "x.bin.part"));
    }
    CHECK(rmdir(way) == 0);
    free(way);
    scene_release(&s);
}

/* Three that are on their way together: each finds the name free at first. */
static void check_three(const char *size, int64_t bytes)
{
    static const char *const names[] = {"x.tar", "x.1.tar", "x.2.tar"};
    struct scene s;
    struct buf list;
    scene_init(&s);
    buf_init(&list);
    for (int seed = 1; seed <= 3; seed++)
        buf_addf(&list, "%s\n",
                 origin_link(s.o, "/file/%d/x.tar?size=%s&seed=%d&delay=300", seed, size, seed));
    char *path = world_write(&s.w, "list", list.data);
    world_fetch(&s.w, &s.r, "--on-exists rename -i %s", path);
    CHECK_INT(s.r.exit, 0);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        unsigned found = 0;
        for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++)
            found += content_check(s.w.dir, names[i], seed, bytes) == CONTENT_RIGHT;
        CHECK_INT(found, 1);
    }
    free(path);
    buf_clear(&list);
    world_list(&s.w, &list);
    CHECK_STR(list.data, "x.1.tar x.2.tar x.tar");
    buf_release(&list);
    scene_release(&s);
}

TEST(downloads_that_want_one_name_get_names_of_their_own)
{
    check_three("4K", 4 << 10);
    check_three("3M", 3 * MIB);
}

/* Begun under the name that somebody else has taken since. */
TEST(a_partial_goes_on_to_the_name_that_is_free)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?size=6M&seed=3&rate=2M");
    world_start_fetch(&s.w, &p, "--on-exists rename -x 1 %s", url);
    CHECK(origin_await_bytes(s.o, 3 * MIB));
    process_signal(&p, SIGINT);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    int64_t kept = content_recorded(s.w.dir, "x.bin.part.state");
    CHECK(kept > 0);
    plant(&s, "x.bin", "somebody else's");
    AGAIN(&s, world_fetch, "--on-exists rename %s", url);
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), kept);
    CHECK_RIGHT(&s, "x.1.bin", 3, 6 * MIB);
    CHECK_INT(content_size(s.w.dir, "x.bin"), 15);
    CHECK(!content_exists(s.w.dir, "x.bin.part") && !content_exists(s.w.dir, "x.bin.part.state"));
    scene_release(&s);
}

TEST(a_name_may_be_chosen)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "-o chosen.bin %s",
                origin_link(s.o, "/file/x.bin?cd=attachment;filename=y"));
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "chosen.bin", 0, MIB);
    scene_release(&s);
}

/* So many bytes, which end in ".bin"; valid until the next call. */
static const char *long_name(size_t len)
{
    static char name[512];
    memset(name, 'n', len);
    memcpy(name + len - 4, ".bin", 5);
    return name;
}

TEST(a_name_may_be_long_but_is_refused_at_once_when_it_is_too_long)
{
    struct scene s;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?size=3M");
    world_fetch(&s.w, &s.r, "-o %s %s", long_name(241), url);
    CHECK_INT(s.r.exit, 7);
    CHECK(strstr(result_text(&s.r, "error", "message"), "241 bytes"));
    CHECK_INT(origin_log_count(s.o), 0);
    AGAIN(&s, world_fetch, "-o %s %s", long_name(240), url);
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, long_name(240), 0, 3 * MIB);
    scene_release(&s);
}

TEST(a_long_name_of_a_server_is_cut_so_that_renaming_has_room)
{
    struct scene s;
    scene_init(&s);
    for (int i = 0; i < 3; i++) {
        AGAIN(&s, world_fetch, "--on-exists rename %s",
              origin_link(s.o, "/file/x?size=3M&cd=attachment;filename=%s", long_name(400)));
        CHECK_INT(s.r.exit, 0);
        CHECK_INT(result_event_count(&s.r, "file"), 1);
    }
    scene_release(&s);
}
