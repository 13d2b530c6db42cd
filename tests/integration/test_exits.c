/* SPDX-License-Identifier: MIT */
/* What scripts rely on: exit codes, standard output, JSON, lists. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/scene.h"

#define MIB ((int64_t)1 << 20)

/* ---- exit codes ---- */

TEST(each_failure_has_its_exit_code)
{
    static const struct {
        const char *options;
        int exit;
    } rows[] = {
        {"", 0},           {"status=404", 3},      {"status=410", 3},
        {"status=401", 4}, {"status=403", 4},      {"status=500", 5},
        {"status=429", 5}, {"repr-digest=bad", 6}, {"drop", 5},
    };
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        AGAIN(&s, world_fetch, "--tries 1 %s",
              origin_link(s.o, "/file/%zu.bin?%s", i, rows[i].options));
        CHECK_INT(s.r.exit, rows[i].exit);
        CHECK_INT(result_event_count(&s.r, "error"), rows[i].exit != 0);
    }
    scene_release(&s);
}

/* By CONNECT: of a file, and of an API. */
TEST(what_a_proxy_refuses_is_not_asked_for_again)
{
    static const struct {
        const char *options;
        const char *code;
        int exit;
        int64_t requests;
    } rows[] = {
        {"status=407", "unauthorized", 4, 1},
        {"status=403", "unauthorized", 4, 1},
        {"status=404", "http_status", 5, 1},
        {"status=502", "network", 5, 2},
    };
    static const char *const specs[] = {"https://files.example/x.bin", "github:o/r"};
    struct scene s;
    scene_init(&s);
    world_env(&s.w, "GITHUB_API_URL", "https://files.example/");
    for (size_t i = 0; i < 2 * HAUL_ARRAY_LEN(rows); i++) {
        origin_reset_log(s.o);
        origin_set(s.o, "files.example:443", rows[i / 2].options);
        AGAIN(&s, world_fetch, "--tries 2 --proxy http://127.0.0.1:%u %s", origin_port(s.o),
              specs[i % 2]);
        if (s.r.exit != rows[i / 2].exit)
            HARNESS_FAIL("%s: exit %d", rows[i / 2].options, s.r.exit);
        CHECK_STR(result_text(&s.r, "error", "code"), rows[i / 2].code);
        CHECK_INT(origin_log_count(s.o), rows[i / 2].requests);
    }
    scene_release(&s);
}

TEST(bad_usage_is_two_and_contacts_nobody)
{
    static const char *const rows[] = {
        "--batch --no-such-option",
        "--batch -j 0 http://127.0.0.1:1/x",
        "--batch not-a-spec",
        "--batch ftp://127.0.0.1/x",
        "--batch",
        "--batch --checksum sha256:12 http://127.0.0.1:1/x",
        "--batch -i /nonexistent",
        "--batch --on-exists what http://127.0.0.1:1/x",
        "--batch -x 65 http://127.0.0.1:1/x",
    };
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        AGAIN(&s, world_run, "%s", rows[i]);
        if (s.r.exit != 2 && i != 6)
            HARNESS_FAIL("%s: exit %d", rows[i], s.r.exit);
        CHECK(s.r.exit != 0);
        CHECK_STR(s.r.out.data, "");
        CHECK(s.r.err.len > 0);
    }
    scene_release(&s);
}

TEST(failures_of_different_kinds_are_one_and_the_rest_still_arrives)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "%s %s %s", origin_link(s.o, "/file/a.bin?status=404"),
                origin_link(s.o, "/file/b.bin"), origin_link(s.o, "/file/c.bin?status=403"));
    CHECK_INT(s.r.exit, 1);
    CHECK_RIGHT(&s, "b.bin", 0, MIB);
    CHECK_INT(result_number(&s.r, "summary", "completed"), 1);
    CHECK_INT(result_number(&s.r, "summary", "failed"), 2);
    AGAIN(&s, world_fetch, "%s %s", origin_link(s.o, "/file/d.bin?status=404"),
          origin_link(s.o, "/file/e.bin?status=410"));
    CHECK_INT(s.r.exit, 3);
    scene_release(&s);
}

TEST(a_bad_spec_among_good_ones_stops_before_anything_is_fetched)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "%s what", origin_link(s.o, "/file/a.bin"));
    CHECK_INT(s.r.exit, 2);
    CHECK_INT(origin_log_count(s.o), 0);
    scene_release(&s);
}

TEST(a_file_larger_than_allowed_is_seven_and_keeps_the_partial)
{
    struct scene s;
    scene_init(&s);
    s.w.file_max = 2 * (rlim_t)MIB;
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=8M"));
    CHECK_INT(s.r.exit, 7);
    CHECK(!content_exists(s.w.dir, "x.bin"));
    s.w.file_max = RLIM_INFINITY;
    AGAIN(&s, world_fetch, "%s", origin_link(s.o, "/file/x.bin?size=8M"));
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "x.bin", 0, 8 * MIB);
    scene_release(&s);
}

/* With a known size it is said before a byte is written, with an unknown one when it is so. */
TEST(a_full_disk_is_seven)
{
    struct scene s;
    scene_init(&s);
    if (mount("tmpfs", s.w.dir, "tmpfs", 0, "size=4m")) {
        printf("# skipped: no right to mount\n");
    } else {
        world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin?size=8M"));
        CHECK_INT(s.r.exit, 7);
        CHECK_STR(result_text(&s.r, "error", "code"), "disk_full");
        CHECK(origin_log_bytes(s.o) <= 8 * MIB);
        AGAIN(&s, world_fetch, "%s",
              origin_link(s.o, "/file/y.bin?size=8M&length=chunked&no-ranges"));
        CHECK_INT(s.r.exit, 7);
        CHECK_STR(result_text(&s.r, "error", "code"), "disk_full");
        CHECK(!content_exists(s.w.dir, "y.bin.part")); /* it could not be resumed */
        CHECK_INT(result_number(&s.r, "progress", "bytes"), 0);
        CHECK(!content_exists(s.w.dir, "x.bin") && !content_exists(s.w.dir, "y.bin"));
        AGAIN(&s, world_fetch, "%s", origin_link(s.o, "/file/z.bin?size=64K"));
        CHECK(s.r.exit == 0 || s.r.exit == 7);
        CHECK(umount(s.w.dir) == 0);
    }
    scene_release(&s);
}

/* Another program fills the disk, with files that hold nothing: the file's own room is set aside.
 * Or it gives all of that back. */
static void fill_disk(struct scene *s, bool full)
{
    int result = 0;
    for (int i = 0; result >= 0; i++) {
        char *path = xasprintf("%s/full%d", s->w.dir, i);
        result = full ? open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : unlink(path);
        if (full)
            close(result);
        free(path);
    }
}

static void start_and_fill_disk(struct scene *s, struct process *p)
{
    int64_t sent = origin_log_bytes(s->o) + (200 << 10);
    world_start_fetch(&s->w, p, "-x 2 %s", origin_link(s->o, "/file/x.bin?size=6M&rate=500K"));
    CHECK(origin_await_bytes(s->o, sent));
    fill_disk(s, true);
}

/* The first run is interrupted, the second ends by itself. */
static void on_a_disk_that_fills(struct scene *s)
{
    struct process p;
    start_and_fill_disk(s, &p);
    CHECK(!process_ended(&p, 3500 * CLOCK_MS));
    process_signal(&p, SIGINT);
    process_wait(&p, &s->r, 10 * CLOCK_SEC);
    CHECK_INT(s->r.exit, 130);
    int64_t recorded = content_recorded(s->w.dir, "x.bin.part.state");
    CHECK(recorded > MIB);
    fill_disk(s, false);
    start_and_fill_disk(s, &p);
    result_release(&s->r);
    process_wait(&p, &s->r, WORLD_TIMEOUT);
    CHECK_INT(s->r.exit, 0);
    CHECK_INT(result_number(&s->r, "file", "resumed_from"), recorded);
    CHECK_RIGHT(s, "x.bin", 0, 6 * MIB);
}

TEST(a_disk_that_others_fill_meanwhile_stops_and_loses_nothing)
{
    struct scene s;
    scene_init(&s);
    if (mount("tmpfs", s.w.dir, "tmpfs", 0, "nr_inodes=16")) {
        printf("# skipped: no right to mount\n");
    } else {
        on_a_disk_that_fills(&s);
        CHECK(umount(s.w.dir) == 0);
    }
    scene_release(&s);
}

TEST(a_signal_ends_the_wait_for_a_list)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    char *pipe = world_path(&s.w, "pipe");
    CHECK(mkfifo(pipe, 0600) == 0);
    world_start(&s.w, &p, "--batch -i %s", pipe);
    CHECK(!process_ended(&p, 500 * CLOCK_MS));
    process_signal(&p, SIGINT);
    process_wait(&p, &s.r, 5 * CLOCK_SEC);
    CHECK_INT(s.r.exit, 130);
    free(pipe);
    scene_release(&s);
}

/* Whatever it is at: starting, reading the list, making jobs of it, at work. */
TEST(a_signal_is_never_lost_while_it_starts)
{
    struct scene s;
    struct process p;
    struct buf list;
    scene_init(&s);
    buf_init_max(&list, BUF_UNBOUNDED);
    const char *url = origin_link(s.o, "/file/x.bin?rate=1&size");
    for (int i = 0; i < 10000; i++)
        buf_addf(&list, "%s=%d\n  out=%d\n", url, i, i);
    char *path = world_write(&s.w, "list", list.data);
    for (int ms = 10; ms <= 160; ms += 15) {
        world_start(&s.w, &p, "--batch -q -j 1 -i %s", path);
        CHECK(!process_ended(&p, ms * CLOCK_MS));
        process_signal(&p, SIGINT);
        result_release(&s.r);
        process_wait(&p, &s.r, WORLD_TIMEOUT);
        CHECK_INT(s.r.exit, 130);
    }
    free(path);
    buf_release(&list);
    scene_release(&s);
}

TEST(a_directory_that_cannot_be_written_is_seven)
{
    struct scene s;
    scene_init(&s);
    world_run(&s.w, &s.r, "--batch -q -d /proc/haul %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 7);
    AGAIN(&s, world_run, "--batch -q -d /dev/null/x %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 7);
    scene_release(&s);
}

/* As in a container that runs as a user without a home. */
TEST(a_home_that_cannot_be_written_keeps_nothing_but_fetches)
{
    struct scene s;
    scene_init(&s);
    world_env(&s.w, "XDG_STATE_HOME", "/proc/haul");
    world_run(&s.w, &s.r, "--batch -d %s %s", s.w.dir, origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK(strstr(s.r.err.data,
                 "this run keeps no queue and no library: cannot make the directory /proc/haul"));
    CHECK_RIGHT(&s, "x.bin", 0, MIB);
    AGAIN(&s, world_run, "--batch");
    CHECK_INT(s.r.exit, 2);
    CHECK(strstr(s.r.err.data, "this run keeps no queue"));
    AGAIN(&s, world_run, "models");
    CHECK_INT(s.r.exit, 7);
    AGAIN(&s, world_run, "serve");
    CHECK_INT(s.r.exit, 7);
    scene_release(&s);
}

TEST(no_home_at_all_is_as_one_that_cannot_be_written)
{
    struct scene s;
    scene_init(&s);
    world_env(&s.w, "HOME", "");
    world_env(&s.w, "XDG_STATE_HOME", "");
    world_run(&s.w, &s.r, "--batch -d %s %s", s.w.dir, origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK(strstr(s.r.err.data, "this run keeps no queue and no library: neither HOME nor"));
    CHECK_RIGHT(&s, "x.bin", 0, MIB);
    AGAIN(&s, world_run, "models");
    CHECK_INT(s.r.exit, 7);
    AGAIN(&s, world_run, "serve");
    CHECK_INT(s.r.exit, 7);
    AGAIN(&s, world_run, "resolve %s", origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    world_env(&s.w, "XDG_RUNTIME_DIR", "");
    AGAIN(&s, world_run, "serve");
    CHECK_INT(s.r.exit, 7);
    scene_release(&s);
}

TEST(a_full_home_keeps_nothing_but_fetches)
{
    struct scene s;
    scene_init(&s);
    char *home = world_path(&s.w, "small"), *fill = world_path(&s.w, "small/fill");
    CHECK(mkdir(home, 0700) == 0);
    if (mount("tmpfs", home, "tmpfs", 0, "size=1m")) {
        printf("# skipped: no right to mount\n");
    } else {
        world_env(&s.w, "XDG_STATE_HOME", home);
        world_run(&s.w, &s.r, "--batch -q -d %s %s", s.w.dir, origin_link(s.o, "/file/x.bin"));
        CHECK_INT(s.r.exit, 0);
        int fd = open(fill, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        while (write(fd, fill, 1) == 1)
            ;
        close(fd);
        AGAIN(&s, world_run, "--batch -d %s %s", s.w.dir, origin_link(s.o, "/file/y.bin"));
        CHECK_INT(s.r.exit, 0);
        CHECK(strstr(s.r.err.data, "this run keeps no queue"));
        CHECK_RIGHT(&s, "y.bin", 0, MIB);
        CHECK(umount(home) == 0);
    }
    free(fill);
    free(home);
    scene_release(&s);
}

/* sudo -u may leave $HOME as it was. To root nothing is closed: for it the files are not there. */
TEST(a_config_that_is_somebody_elses_is_none_unless_it_was_named)
{
    struct scene s;
    scene_init(&s);
    char *folder = world_path(&s.w, "theirs"), *file = world_path(&s.w, "theirs/haul");
    CHECK(!mkdir(folder, 0700) && !mkdir(file, 0));
    world_env(&s.w, "XDG_CONFIG_HOME", folder);
    world_run(&s.w, &s.r, "--batch -d %s %s", s.w.dir, origin_link(s.o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 0);
    AGAIN(&s, world_run, "--config %s/config --batch %s", file, origin_link(s.o, "/file/y.bin"));
    CHECK_INT(s.r.exit, 2);
    free(folder);
    free(file);
    scene_release(&s);
}

/* ---- standard output ---- */

TEST(standard_output_holds_each_path_once_and_nothing_else)
{
    struct scene s;
    scene_init(&s);
    world_run(&s.w, &s.r, "--batch -v -d . %s %s %s", origin_link(s.o, "/file/a.bin"),
              origin_link(s.o, "/file/b.bin?status=404"),
              origin_link(s.o, "/file/c.bin?cut=100K&delay=300"));
    char *real = realpath(s.w.dir, NULL);
    char *want = xasprintf("%s/a.bin\n%s/c.bin\n", real, real);
    CHECK_INT(s.r.exit, 3);
    CHECK_STR(s.r.out.data, want);
    free(want);
    free(real);
    scene_release(&s);
}

TEST(quiet_says_nothing_when_all_is_well)
{
    struct scene s;
    scene_init(&s);
    world_run(&s.w, &s.r, "--batch -q -d %s %s", s.w.dir, origin_link(s.o, "/file/a.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(s.r.err.data, "");
    scene_release(&s);
}

TEST(json_is_one_object_a_line_in_order_with_the_summary_last)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "-v %s %s", origin_link(s.o, "/file/a.bin?size=4M&cut=1M&rate=4M"),
                origin_link(s.o, "/file/b.bin?status=404"));
    CHECK(!s.r.bad_json);
    ASSERT(s.r.event_count > 5);
    for (size_t i = 0; i < s.r.event_count; i++) {
        const struct json *e = s.r.events[i];
        CHECK_INT(json_int(json_get(e, "seq"), -1), i + 1);
        CHECK(json_string(json_get(e, "time"), NULL));
        bool summary = !strcmp(json_string(json_get(e, "event"), ""), "summary");
        CHECK(summary == (i + 1 == s.r.event_count));
        CHECK(summary || json_string(json_get(e, "job"), NULL));
    }
    CHECK_INT(result_event_count(&s.r, "file"), 1);
    CHECK_INT(result_number(&s.r, "file", "size"), 4 * MIB);
    CHECK_STR(result_text(&s.r, "file", "verified"), "none");
    CHECK(result_event_count(&s.r, "progress") >= 1);
    CHECK_INT(result_number(&s.r, "error", "http_status"), 404);
    scene_release(&s);
}

/* ---- what to fetch ---- */

TEST(a_list_gives_each_job_its_own_options)
{
    struct scene s;
    scene_init(&s);
    char sum[72];
    content_checksum(3, MIB, sum);
    struct buf list;
    buf_init(&list);
    buf_addf(&list, "# a list\n\n%s\n  out=renamed.bin\n", origin_link(s.o, "/file/a.bin"));
    buf_addf(&list, "%s\n  sha256=%s\n  dir=sub/deep\n", origin_link(s.o, "/file/b.bin?seed=3"),
             sum + 7);
    buf_addf(&list, "%s\n  header=Authorization: Bearer T\n  connections=1\n  limit-rate=100M\n",
             origin_link(s.o, "/file/c.bin?need-auth=T"));
    char *path = world_write(&s.w, "list", list.data);
    world_run(&s.w, &s.r, "--batch -q -i %s", path);
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "renamed.bin", 0, MIB);
    CHECK_RIGHT(&s, "sub/deep/b.bin", 3, MIB);
    CHECK_RIGHT(&s, "c.bin", 0, MIB);
    free(path);
    buf_release(&list);
    scene_release(&s);
}

TEST(a_list_may_come_from_standard_input)
{
    struct scene s;
    scene_init(&s);
    char *path = world_write(&s.w, "list", origin_link(s.o, "/file/a.bin"));
    s.w.input = path;
    world_fetch(&s.w, &s.r, "-i -");
    CHECK_INT(s.r.exit, 0);
    CHECK_RIGHT(&s, "a.bin", 0, MIB);
    free(path);
    scene_release(&s);
}

TEST(a_dry_run_and_resolve_fetch_nothing)
{
    static const char *const ways[] = {"--batch --dry-run", "resolve"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(ways); i++) {
        struct scene s;
        struct buf names;
        buf_init(&names);
        scene_init(&s);
        world_run(&s.w, &s.r, "%s --json %s", ways[i], origin_link(s.o, "/file/a.bin?size=7M"));
        CHECK_INT(s.r.exit, 0);
        CHECK(!s.r.bad_json && s.r.event_count == 1);
        CHECK_INT(json_int(json_get(s.r.events[0], "total"), -1), 7 * MIB);
        CHECK(origin_log_bytes(s.o) < MIB);
        world_list(&s.w, &names);
        CHECK_STR(names.data, "");
        AGAIN(&s, world_run, "%s %s", ways[i], origin_link(s.o, "/file/b.bin?status=404"));
        CHECK_INT(s.r.exit, 3);
        buf_release(&names);
        scene_release(&s);
    }
}

/* ---- checks ---- */

TEST(a_digest_may_be_pinned_in_every_way)
{
    struct scene s;
    char sum[72];
    content_checksum(0, MIB, sum);
    scene_init(&s);
    world_fetch(&s.w, &s.r, "--checksum %s %s", sum, origin_link(s.o, "/file/a.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(result_text(&s.r, "file", "verified"), "pinned");
    CHECK_STR(result_text(&s.r, "file", "sha256"), sum + 7);
    AGAIN(&s, world_fetch, "%s#sha256=%s", origin_link(s.o, "/file/b.bin"), sum + 7);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(result_text(&s.r, "file", "verified"), "pinned");
    sum[8] = sum[8] == '0' ? '1' : '0';
    AGAIN(&s, world_fetch, "%s#sha256=%s", origin_link(s.o, "/file/c.bin"), sum + 7);
    CHECK_INT(s.r.exit, 6);
    CHECK(!content_exists(s.w.dir, "c.bin") && !content_exists(s.w.dir, "c.bin.part"));
    scene_release(&s);
}

TEST(a_list_of_checksums_must_hold)
{
    static const char *const styles[] = {"gnu", "binary", "bsd"};
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(styles); i++) {
        AGAIN(&s, world_fetch, "--on-exists overwrite --checksum-file %s %s",
              origin_link(s.o, "/sums?file=a.bin,1M,0&file=z.bin,5,0&style=%s", styles[i]),
              origin_link(s.o, "/file/a.bin"));
        CHECK_INT(s.r.exit, 0);
        CHECK_STR(result_text(&s.r, "file", "verified"), "pinned");
    }
    AGAIN(&s, world_fetch, "--checksum-file %s %s", origin_link(s.o, "/sums?file=b.bin,1M,0&bad"),
          origin_link(s.o, "/file/b.bin"));
    CHECK_INT(s.r.exit, 6);
    CHECK(!content_exists(s.w.dir, "b.bin"));
    AGAIN(&s, world_fetch, "--checksum-file %s %s", origin_link(s.o, "/sums?status=404"),
          origin_link(s.o, "/file/c.bin"));
    CHECK_INT(s.r.exit, 3);
    CHECK(!content_exists(s.w.dir, "c.bin"));
    scene_release(&s);
}

/* Not as it comes to be called here. */
TEST(a_list_of_checksums_names_files_as_their_publisher_does)
{
    static const char *const options[] = {"", "-o other.bin", "--on-exists rename"};
    struct scene s;
    scene_init(&s);
    const char *list = origin_link(s.o, "/sums?file=a:b.bin,1M,0&file=z.bin,5,0");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++) {
        AGAIN(&s, world_fetch, "--checksum-file %s %s %s", list, options[i],
              origin_link(s.o, "/file/a:b.bin?cut=400K&no-ranges&etag=none&lm=none&key=%zu", i));
        CHECK_INT(s.r.exit, 0);
        CHECK_STR(result_text(&s.r, "file", "verified"), "pinned");
    }
    CHECK(content_exists(s.w.dir, "a_b.bin") && content_exists(s.w.dir, "a_b.1.bin"));
    scene_release(&s);
}

TEST(the_job_is_called_as_its_file_turns_out_to_be_called)
{
    struct scene s;
    scene_init(&s);
    world_run(&s.w, &s.r, "--batch --json %s",
              origin_link(s.o, "/file/x.bin?cd=attachment;filename=Real-2.0.bin"));
    CHECK_INT(s.r.exit, 0);
    const struct json *last = s.r.events[s.r.event_count - 2];
    CHECK_STR(json_string(json_get(last, "event"), ""), "job");
    CHECK_STR(json_string(json_get(last, "state"), ""), "completed");
    CHECK_STR(json_string(json_get(last, "name"), ""), "Real-2.0.bin");
    scene_release(&s);
}

TEST(what_has_failed_is_told_where_the_queue_is_empty)
{
    struct scene s;
    scene_init(&s);
    world_run(&s.w, &s.r, "--batch %s", origin_link(s.o, "/file/x.bin?status=404"));
    CHECK_INT(s.r.exit, 3);
    AGAIN(&s, world_run, "--batch");
    CHECK_INT(s.r.exit, 2);
    CHECK(strstr(s.r.err.data, "the queue is empty; 1 download has failed before: give the SPEC"));
    scene_release(&s);
}

TEST(who_has_the_queue_is_said_where_it_seems_empty)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    world_start(&s.w, &p, "--batch -q %s", origin_link(s.o, "/file/x.bin?size=24M&rate=200K"));
    CHECK(content_await(s.w.dir, "x.bin.part"));
    CHECK(world_await_jobs(&s.w, 1));
    world_run(&s.w, &s.r, "--batch");
    CHECK_INT(s.r.exit, 2);
    CHECK(strstr(s.r.err.data, "the queue is empty; 1 download belongs to process "));
    process_signal(&p, SIGINT);
    result_release(&s.r);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    scene_release(&s);
}

/* A byte that is no UTF-8, and a character that joins its neighbours. */
TEST(a_path_that_cannot_be_shown_is_printed_once_and_as_it_is)
{
    struct scene s;
    scene_init(&s);
    char *dir = world_path(&s.w, "a\xff_\u200d_");
    char *line = xasprintf("%s/x.bin\n", dir);
    AGAIN(&s, world_run, "--batch -d %s %s", dir, origin_link(s.o, "/file/x.bin?size=1K"));
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(s.r.out.data, line);
    AGAIN(&s, world_run, "--batch --json -d %s %s", dir, origin_link(s.o, "/file/y.bin?size=1K"));
    CHECK_INT(result_event_count(&s.r, "file"), 1);
    CHECK_INT(result_number(&s.r, "summary", "bytes"), 1024);
    CHECK(!s.r.bad_json);
    free(line);
    free(dir);
    scene_release(&s);
}
