/* SPDX-License-Identifier: MIT */
/* Sources that fetch nothing: files that are here already, and recipes that make some. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/units.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

/* Another file system than the worlds', so that nothing can be linked from there. */
#define ELSEWHERE "/dev/shm"

static struct world w;
static struct result r;

static void begin(void)
{
    world_init(&w);
}

static void end(void)
{
    result_release(&r);
    world_release(&w);
}

static void fetch(const char *args)
{
    result_release(&r);
    world_run(&w, &r, "--batch --json %s", args);
}

static struct stat look(const char *name)
{
    struct stat st = {0};
    char *path = path_join(w.dir, name);
    (void)lstat(path, &st);
    free(path);
    return st;
}

TEST(a_file_without_a_directory_is_registered_where_it_stands)
{
    begin();
    free(world_write(&w, "dir/here.txt", "hello\n"));
    fetch("file:here.txt");
    CHECK_INT(r.exit, 0);
    CHECK_STR(result_text(&r, "file", "sha256"),
              "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    result_release(&r);
    world_run(&w, &r, "rm --yes --json here.txt");
    CHECK_INT(r.exit, 0);
    CHECK(content_exists(w.dir, "here.txt"));
    end();
}

TEST(a_file_of_the_same_disk_costs_no_room)
{
    begin();
    char *from = world_write(&w, "from.txt", "hello\n");
    char *args = xasprintf("-d %s file:%s", w.dir, from);
    struct stat st;
    fetch(args);
    CHECK_INT(r.exit, 0);
    CHECK(stat(from, &st) == 0);
    bool cloned = result_logged(&r, "cloned");
    CHECK(cloned || (result_logged(&r, "hard-linked") && look("from.txt").st_ino == st.st_ino));
    fetch(args);
    CHECK_INT(r.exit, 0); /* it is there: skipped */
    free(args);
    free(from);
    end();
}

TEST(a_file_of_another_disk_is_copied)
{
    char from[] = ELSEWHERE "/haul-test-XXXXXX";
    int fd = mkstemp(from);
    begin();
    CHECK(fd >= 0 && write(fd, "hello\n", 6) == 6);
    close(fd);
    char *args = xasprintf("-d %s -o copy.txt file:%s", w.dir, from);
    fetch(args);
    CHECK_INT(r.exit, 0);
    CHECK(result_logged(&r, "copied"));
    CHECK_INT(content_size(w.dir, "copy.txt"), 6);
    unlink(from);
    free(args);
    end();
}

/* The program runs in the download directory. */
TEST(a_file_gets_another_name_in_the_current_directory)
{
    begin();
    free(world_write(&w, "from.txt", "hello\n"));
    fetch("-o named.txt file:../from.txt");
    CHECK_INT(r.exit, 0);
    CHECK_INT(content_size(w.dir, "named.txt"), 6);
    result_release(&r);
    world_run(&w, &r, "resolve --json -o other.txt file:../from.txt");
    CHECK_INT(r.exit, 0);
    ASSERT(r.event_count == 1);
    CHECK_STR(json_string(json_get(r.events[0], "dir"), ""), w.dir);
    end();
}

TEST(a_wrong_digest_leaves_nothing)
{
    begin();
    char *from = world_write(&w, "from.txt", "hello\n");
    char *args = xasprintf("-d %s --checksum sha256:%064d file:%s", w.dir, 0, from);
    struct buf names;
    buf_init(&names);
    fetch(args);
    CHECK_INT(r.exit, 6);
    world_list(&w, &names);
    CHECK_STR(names.data, "");
    buf_release(&names);
    free(args);
    free(from);
    end();
}

TEST(a_missing_file_is_not_found_and_another_one_is_not_overwritten)
{
    begin();
    fetch("file:nowhere.bin");
    CHECK_INT(r.exit, 3);
    char *from = world_write(&w, "same.txt", "hello\n");
    free(world_write(&w, "dir/same.txt", "other\n"));
    char *args = xasprintf("-d %s file:%s", w.dir, from);
    fetch(args);
    CHECK_INT(r.exit, 8);
    free(args);
    free(from);
    end();
}

TEST(a_copy_stops_in_the_middle)
{
    char from[] = ELSEWHERE "/haul-test-XXXXXX";
    int fd = mkstemp(from);
    struct process p;
    struct buf names;
    begin();
    CHECK(fd >= 0 && ftruncate(fd, (off_t)20 << 30) == 0);
    close(fd);
    buf_init(&names);
    world_start_fetch(&w, &p, "file:%s", from);
    CHECK(!process_ended(&p, 600 * CLOCK_MS));
    process_signal(&p, SIGINT);
    CHECK(process_ended(&p, 2 * CLOCK_SEC));
    result_release(&r);
    process_wait(&p, &r, CLOCK_SEC);
    CHECK_INT(r.exit, 130);
    world_list(&w, &names);
    CHECK_STR(names.data, "");
    buf_release(&names);
    unlink(from);
    end();
}

/* ---- build ---- */

static void recipe(const char *text)
{
    free(world_write(&w, "dir/r.json", text));
}

TEST(a_recipe_does_not_run_unconfirmed)
{
    begin();
    recipe("{\"name\":\"t\",\"command\":[\"/usr/bin/touch\",\"out\"],\"output\":\"out\"}");
    fetch("build:r.json");
    CHECK_INT(r.exit, 2);
    CHECK(strstr(result_text(&r, "error", "message"), "/usr/bin/touch out"));
    CHECK(!content_exists(w.dir, "out"));
    end();
}

TEST(a_build_runs_without_a_shell_and_what_it_made_is_registered)
{
    begin();
    recipe("{\"name\":\"t\",\"command\":[\"/bin/sh\",\"-c\",\"printf %s \\\"$1$V\\\" >out; echo "
           "done\",\"x\",\"$(touch pwned);*\"],\"env\":{\"V\":\"!\"},\"output\":\"out\"}");
    fetch("--yes build:r.json");
    CHECK_INT(r.exit, 0);
    CHECK(result_logged(&r, "done"));
    CHECK_INT(content_size(w.dir, "out"), 17);
    CHECK(!content_exists(w.dir, "pwned"));
    result_release(&r);
    world_run(&w, &r, "models --json");
    CHECK_INT(r.event_count, 1);
    result_release(&r);
    world_run(&w, &r, "rm --yes t");
    CHECK_INT(r.exit, 0);
    CHECK(!content_exists(w.dir, "out"));
    end();
}

TEST(a_build_that_fails_says_its_last_lines_and_leaves_nothing)
{
    begin();
    recipe("{\"name\":\"t\",\"command\":[\"/bin/sh\",\"-c\",\"mkdir -p o/p; echo x >o/p/f; echo "
           "no such thing >&2; exit 3\"],\"output\":\"o\"}");
    fetch("--yes build:r.json");
    CHECK_INT(r.exit, 1);
    CHECK(strstr(result_text(&r, "error", "message"), "no such thing"));
    CHECK(strstr(result_text(&r, "error", "message"), "exit status 3"));
    CHECK(!content_exists(w.dir, "o"));
    end();
}

TEST(a_build_whose_digest_is_wrong_fails_and_its_output_goes)
{
    begin();
    char *text = xasprintf("{\"name\":\"t\",\"command\":[\"/usr/bin/touch\",\"out\"],\"output\":"
                           "\"out\",\"sha256\":\"%064d\"}",
                           0);
    recipe(text);
    fetch("--yes build:r.json");
    CHECK_INT(r.exit, 6);
    CHECK(!content_exists(w.dir, "out"));
    free(text);
    end();
}

TEST(what_was_there_before_a_build_is_left_alone)
{
    begin();
    recipe("{\"name\":\"t\",\"command\":[\"/bin/false\"],\"output\":\"out\"}");
    free(world_write(&w, "dir/out", "old"));
    fetch("--yes build:r.json");
    CHECK_INT(r.exit, 8);
    fetch("--yes --on-exists overwrite build:r.json");
    CHECK_INT(r.exit, 1);
    CHECK_INT(content_size(w.dir, "out"), 3);
    end();
}

static pid_t read_pid(const char *name)
{
    uint64_t pid = 0;
    char text[32] = "";
    char *path = path_join(w.dir, name);
    FILE *f = fopen(path, "r");
    if (f && fgets(text, sizeof text, f))
        text[strcspn(text, "\n")] = '\0';
    if (f)
        fclose(f);
    free(path);
    return units_parse_u64(text, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

TEST(a_cancel_ends_the_whole_group_and_takes_the_output_away)
{
    struct process p;
    begin();
    /* The grandchild and its parent turn a deaf ear to SIGTERM. */
    recipe("{\"name\":\"t\",\"command\":[\"/bin/sh\",\"-c\",\"trap '' TERM; mkdir o; sleep 1000 & "
           "echo $! >pid.tmp; mv pid.tmp pid; wait\"],\"output\":\"o\"}");
    world_start(&w, &p, "--batch --json --yes build:r.json");
    pid_t pid = 0;
    for (int i = 0; i < 100 && !(pid = read_pid("pid")); i++)
        usleep(50000);
    CHECK(pid > 0 && kill(pid, 0) == 0);
    process_signal(&p, SIGINT);
    CHECK(process_ended(&p, 4 * CLOCK_SEC));
    result_release(&r);
    process_wait(&p, &r, CLOCK_SEC);
    CHECK_INT(r.exit, 130);
    char *stat_path = xasprintf("/proc/%d/stat", (int)pid), state[512] = "";
    FILE *f = fopen(stat_path, "r");
    bool zombie = f && fgets(state, sizeof state, f) && strstr(state, ") Z");
    CHECK(!f || zombie);
    if (f)
        fclose(f);
    CHECK(!content_exists(w.dir, "o"));
    free(stat_path);
    end();
}
