/* SPDX-License-Identifier: MIT */
/* The real program: a bar that moves, a cancel that leaves nothing, the UI of plain lines. */
#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "real.h"

static void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static void paste_url(struct real *r, const char *path)
{
    char *url = real_url(r, path);
    char *keys = xasprintf("\033[200~%s\033[201~", url);
    screen_keys(&r->screen, keys);
    free(keys);
    free(url);
}

/* The percentage in the row of the first job, -1 where there is none. */
static int percent_shown(struct screen *s)
{
    screen_settle(s, 20);
    char *text = screen_text(s);
    const char *row = strstr(text, "> D"), *sign = row ? strchr(row, '%') : NULL;
    int percent = -1;
    if (sign && sign < row + strcspn(row, "\n")) {
        while (sign > row && sign[-1] >= '0' && sign[-1] <= '9')
            sign--;
        percent = (int)strtol(sign, NULL, 10);
    }
    free(text);
    return percent;
}

/* Waits until more than that is shown, and checks that it never goes back. */
static int percent_beyond(struct screen *s, int least)
{
    int last = -1;
    for (int i = 0; i < 200 && last <= least; i++) {
        int now = percent_shown(s);
        CHECK(now >= last || now < 0);
        last = now > last ? now : last;
        pause_ms(50);
    }
    return last;
}

TEST(a_file_that_was_wrong_and_deleted_is_not_shown_as_whole)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/wrong.bin?size=3M#sha256="
                  "0000000000000000000000000000000000000000000000000000000000000000");
    CHECK(screen_shows(&r.screen, "Found 1 file, 3.0 MiB"));
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "1 failed"));
    CHECK(screen_shows(&r.screen, "░   0%"));
    char *text = screen_text(&r.screen);
    CHECK(!strstr(text, "100%"));
    free(text);
    CHECK_INT(real_size(&r, "wrong.bin"), -1);
    CHECK_INT(real_size(&r, "wrong.bin.part"), -1);
    screen_keys(&r.screen, "q");
    CHECK_INT(screen_wait(&r.screen), 0);
    real_close(&r);
}

TEST(a_download_moves_its_bar_and_a_cancel_deletes_its_partial)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/large.bin?size=64M&rate=6M");
    CHECK(screen_shows(&r.screen, "Found 1 file, 64.0 MiB"));
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "1 active"));
    int first = percent_beyond(&r.screen, 0);
    int second = percent_beyond(&r.screen, first + 2);
    CHECK(first > 0 && second > first);
    CHECK(real_size(&r, "large.bin.part") > 0);
    screen_keys(&r.screen, "c");
    CHECK(screen_shows(&r.screen, "cancelled"));
    CHECK(screen_shows(&r.screen, "> -"));
    CHECK_INT(real_size(&r, "large.bin.part"), -1);
    CHECK_INT(real_size(&r, "large.bin"), -1);
    screen_keys(&r.screen, "q");
    CHECK_INT(screen_wait(&r.screen), 0);
    real_close(&r);
}

TEST(a_finished_download_is_in_the_library_and_can_be_deleted)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/small.bin?size=100K");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "done"));
    CHECK_INT(real_size(&r, "small.bin"), 100 << 10);
    screen_keys(&r.screen, "i");
    CHECK(screen_shows(&r.screen, "1 entry"));
    screen_keys(&r.screen, "v");
    CHECK(screen_shows(&r.screen, "Verified, ok"));
    screen_keys(&r.screen, "D");
    CHECK(screen_shows(&r.screen, "D again deletes"));
    screen_keys(&r.screen, "D");
    CHECK(screen_shows(&r.screen, "1 file deleted (100.0 KiB)"));
    CHECK(screen_shows(&r.screen, "0 entries"));
    CHECK_INT(real_size(&r, "small.bin"), -1);
    real_close(&r);
}

TEST(a_download_that_ends_while_the_library_is_looked_at_appears_there)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/later.bin?size=3M&rate=2M&no-ranges");
    CHECK(screen_shows(&r.screen, "Found 1 file"));
    screen_keys(&r.screen, "\ri");
    CHECK(screen_shows(&r.screen, "0 entries"));
    CHECK(screen_shows(&r.screen, "1 entry"));
    CHECK(screen_shows(&r.screen, "3.0 MiB"));
    CHECK_INT(real_size(&r, "later.bin"), 3 << 20);
    real_close(&r);
}

TEST(a_failure_takes_the_place_of_what_was_said_before_it)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/missing.bin?status=404&delay=500");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "1 added"));
    CHECK(screen_shows(&r.screen, "X missing.bin: HTTP 404"));
    real_close(&r);
}

TEST(what_is_added_twice_is_there_already)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    for (int i = 0; i < 2; i++) {
        paste_url(&r, "/file/large.bin?size=64M&rate=1M");
        screen_keys(&r.screen, "\r");
        CHECK(screen_shows(&r.screen, i ? "That is in the list already." : "1 added"));
    }
    CHECK(screen_shows(&r.screen, "row 1 of 1"));
    real_close(&r);
}

TEST(what_is_not_done_is_said_on_the_shells_screen)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/large.bin?size=64M&rate=1M");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "1 active"));
    screen_keys(&r.screen, "qs");
    CHECK_INT(screen_wait(&r.screen), 0);
    CHECK(screen_shows(&r.screen, "haul: 1 download is not done; the next start goes on with it"));
    real_close(&r);
}

TEST(a_question_stays_with_its_job_when_the_cursor_follows_what_runs)
{
    struct real r;
    char config[] = "/tmp/haul-tui-config-XXXXXX";
    int fd = mkstemp(config);
    CHECK(write(fd, "confirm-cancel = 0\n", 19) == 19);
    close(fd);
    char *option = xasprintf("--config=%s", config);
    real_open(&r, 24, 80, option);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/short.bin?size=4M&rate=500K&no-ranges"); /* 8 s for what follows */
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "> D short.bin"));
    paste_url(&r, "/file/long.bin?size=64M&rate=200K");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "  D long.bin"));
    screen_keys(&r.screen, "Fc");
    CHECK(screen_shows(&r.screen, "c again deletes"));
    CHECK(screen_shows(&r.screen, "> C short.bin") || screen_shows(&r.screen, "> C short.bin"));
    screen_keys(&r.screen, "c");
    CHECK(screen_shows(&r.screen, "Nothing to cancel here"));
    CHECK(screen_shows(&r.screen, "D long.bin"));
    unlink(config);
    free(option);
    real_close(&r);
}

TEST(bytes_of_unknown_sizes_make_no_total)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/small.bin?size=100K");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "100%  100.0/100.0 KiB"));
    paste_url(&r, "/file/stream.bin?size=8M&rate=1M&length=chunked&no-ranges");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "so far, total not known"));
    paste_url(&r, "/file/slow.bin?size=8M&rate=1M&no-ranges");
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "/8.0 MiB+"));
    real_close(&r);
}

static char *write_recipe(const struct real *r)
{
    char *path = xasprintf("%s/recipe.json", r->dir);
    FILE *f = fopen(path, "we");
    fputs("{\"name\":\"small\",\"command\":[\"/bin/sh\",\"-c\",\"printf made >out.txt\"],"
          "\"output\":\"out.txt\"}",
          f);
    fclose(f);
    return path;
}

TEST(a_recipe_runs_after_its_command_was_seen_and_agreed_to)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    char *path = write_recipe(&r);
    char *keys = xasprintf("abuild:%s", path);
    screen_keys(&r.screen, keys);
    CHECK(screen_shows(&r.screen, "It would run small: /bin/sh -c"));
    screen_keys(&r.screen, "\r");
    CHECK(screen_shows(&r.screen, "Run this program?"));
    CHECK(screen_shows(&r.screen, "printf made >out.txt"));
    CHECK(screen_shows(&r.screen, "y runs it"));
    CHECK_INT(real_size(&r, "out.txt"), -1);
    screen_keys(&r.screen, "y");
    CHECK(screen_shows(&r.screen, "> C small"));
    CHECK_INT(real_size(&r, "out.txt"), 4);
    free(keys);
    free(path);
    real_close(&r);
}

TEST(a_recipe_that_was_declined_does_not_run)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    char *path = write_recipe(&r);
    char *keys = xasprintf("abuild:%s\r", path);
    screen_keys(&r.screen, keys);
    CHECK(screen_shows(&r.screen, "y runs it"));
    screen_keys(&r.screen, "n");
    CHECK(screen_shows(&r.screen, "not run"));
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    CHECK_INT(real_size(&r, "out.txt"), -1);
    free(keys);
    free(path);
    real_close(&r);
}

TEST(a_terminate_while_downloading_keeps_the_partial_and_gives_the_terminal_back)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/kept.bin?size=64M&rate=6M");
    screen_keys(&r.screen, "\r");
    CHECK(percent_beyond(&r.screen, 2) > 2);
    kill(r.screen.pid, SIGTERM);
    int status = screen_wait(&r.screen);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 143);
    CHECK(memmem(r.screen.raw.data, r.screen.raw.len, "\033[?1049l", 8));
    CHECK(real_size(&r, "kept.bin.part") > 0);
    real_close(&r);
}

/* A thread that is not the first one. */
static pid_t worker_of(pid_t pid)
{
    char *path = xasprintf("/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    pid_t found = 0;
    for (const struct dirent *e; d && (e = readdir(d));) {
        pid_t tid = (pid_t)strtol(e->d_name, NULL, 10);
        if (tid > 0 && tid != pid)
            found = tid;
    }
    if (d)
        closedir(d);
    free(path);
    return found;
}

TEST(a_crash_in_a_worker_gives_the_terminal_back)
{
    struct real r;
    real_open(&r, 24, 80, NULL);
    CHECK(screen_shows(&r.screen, "Nothing to download yet"));
    paste_url(&r, "/file/large.bin?size=64M&rate=1M");
    screen_keys(&r.screen, "\r");
    CHECK(percent_beyond(&r.screen, 0) > 0);
    pid_t worker = worker_of(r.screen.pid);
    CHECK(worker > 0);
    syscall(SYS_tgkill, r.screen.pid, worker, SIGSEGV);
    CHECK(screen_wait(&r.screen) > 0);
    CHECK(memmem(r.screen.raw.data, r.screen.raw.len, "\033[?1049l", 8));
    CHECK(memmem(r.screen.raw.data, r.screen.raw.len, "\033[?25h", 6));
    real_close(&r);
}

TEST(the_linear_ui_says_what_happens_line_by_line)
{
    struct real r;
    real_open(&r, 24, 100, "--ui=linear");
    CHECK(screen_shows(&r.screen, "haul>"));
    char *url = real_url(&r, "/file/spoken.bin?size=32M&rate=4M");
    char *line = xasprintf("add %s\r", url);
    screen_keys(&r.screen, line);
    CHECK(screen_shows(&r.screen, "Job 1, spoken.bin: running."));
    pause_ms(700);
    screen_keys(&r.screen, "list\r");
    CHECK(screen_shows(&r.screen, " percent, "));
    CHECK(screen_shows(&r.screen, " of 32.0 mebibytes"));
    screen_keys(&r.screen, "pause 7\r");
    CHECK(screen_shows(&r.screen, "There is no job 7."));
    screen_keys(&r.screen, "cancel 1\r");
    CHECK(screen_shows(&r.screen, "spoken.bin: cancelled."));
    CHECK_INT(real_size(&r, "spoken.bin.part"), -1);
    CHECK(!memchr(r.screen.raw.data, '\033', r.screen.raw.len));
    screen_keys(&r.screen, "quit\r");
    CHECK_INT(screen_wait(&r.screen), 0);
    free(line);
    free(url);
    real_close(&r);
}

TEST(the_linear_ui_names_commands_and_not_keys)
{
    struct real r;
    real_open(&r, 24, 100, "--ui=linear");
    CHECK(screen_shows(&r.screen, "haul>"));
    char *path = write_recipe(&r);
    char *line = xasprintf("add build:%s\r", path);
    screen_keys(&r.screen, line);
    CHECK(screen_shows(&r.screen, "not confirmed"));
    screen_keys(&r.screen, "explain 1\r");
    CHECK(screen_shows(&r.screen, "Type \"confirm 1\" to run that."));
    CHECK_INT(real_size(&r, "out.txt"), -1);
    screen_keys(&r.screen, "confirm 1\r");
    CHECK(screen_shows(&r.screen, "completed."));
    CHECK_INT(real_size(&r, "out.txt"), 4);
    char *url = real_url(&r, "/file/secret.bin?need-auth=nobody");
    char *add = xasprintf("add %s\r", url);
    screen_keys(&r.screen, add);
    CHECK(screen_shows(&r.screen, "HTTP 401"));
    screen_keys(&r.screen, "explain 2\r");
    CHECK(screen_shows(&r.screen, "Then type \"retry 2\"."));
    free(add);
    free(url);
    free(line);
    free(path);
    real_close(&r);
}

static int run_with_config(const char *text, char *said, size_t size)
{
    char *root = xstrdup("/tmp/haul-tui-config-XXXXXX");
    if (!mkdtemp(root))
        abort();
    char *file = xasprintf("%s/config", root);
    FILE *f = fopen(file, "we");
    fputs(text, f);
    fclose(f);
    char *command = xasprintf(HAUL_BIN " --ui=linear --config %s 2>&1 </dev/null", file);
    FILE *p = popen(command, "re");
    size_t n = fread(said, 1, size - 1, p);
    said[n] = '\0';
    int status = pclose(p);
    unlink(file);
    rmdir(root);
    free(command);
    free(file);
    free(root);
    return WEXITSTATUS(status);
}

TEST(an_unknown_action_or_role_in_the_config_is_a_usage_error)
{
    char said[1024];
    CHECK_INT(run_with_config("key.cancle = c\n", said, sizeof said), 2);
    CHECK(strstr(said, "cancle"));
    CHECK_INT(run_with_config("color.bar = red\n", said, sizeof said), 2);
    CHECK(strstr(said, "bar"));
    CHECK_INT(run_with_config("theme = pink\n", said, sizeof said), 2);
    CHECK(strstr(said, "pink"));
}

/* What failed in earlier runs stands above it, and would hide it. */
TEST(the_cursor_begins_on_what_was_asked_for)
{
    struct real r;
    char shell[] = "/bin/sh", option[] = "-c";
    char script[] = "read u; for i in a b c d e f g h i j k l m n o p q r s t u v w x y z; do "
                    "set -- \"$@\" \"${u}$i.bin?status=404\"; done; " HAUL_BIN
                    " --batch -q -d \"$HAUL_TEST_DIR\" \"$@\" 2>/dev/null; exec " HAUL_BIN
                    " -d \"$HAUL_TEST_DIR\" \"${u}wanted.bin?size=8M&rate=100K\"";
    real_open_program(&r, 24, 80, (char *[]){shell, option, script, NULL});
    char *url = real_url(&r, "/file/"), *keys = xasprintf("%s\r", url);
    screen_keys(&r.screen, keys);
    CHECK(screen_shows(&r.screen, "> D wanted.bin"));
    free(keys);
    free(url);
    real_close(&r);
}

TEST(clean_asks_before_it_deletes)
{
    struct real r;
    char shell[] = "/bin/sh", option[] = "-c";
    char script[] = "cd \"$HAUL_TEST_DIR\"; printf half >x.bin.part; "
                    "printf 'haul-part 1\\nend 0\\n' >x.bin.part.state; " HAUL_BIN " clean -d .; "
                    "test -e x.bin.part && echo still there; " HAUL_BIN " clean -d .; "
                    "test -e x.bin.part || echo gone; read -r a";
    real_open_program(&r, 24, 120, (char *[]){shell, option, script, NULL});
    CHECK(screen_shows(&r.screen, "/files/x.bin.part"));
    CHECK(screen_shows(&r.screen, "Delete 1 partial file ("));
    screen_keys(&r.screen, "n\r");
    CHECK(screen_shows(&r.screen, "still there"));
    screen_keys(&r.screen, "y\r");
    CHECK(screen_shows(&r.screen, "in 1 partial file deleted"));
    CHECK(screen_shows(&r.screen, "gone"));
    real_close(&r);
}

/* Paths go to standard output, bars to standard error, and both are one screen. */
TEST(the_paths_of_a_batch_stay_above_its_bars)
{
    struct real r;
    char shell[] = "/bin/sh", option[] = "-c";
    char script[] = "read a b; exec " HAUL_BIN " --batch -x 1 -d \"$HAUL_TEST_DIR\" \"$a\" \"$b\"";
    real_open_program(&r, 24, 80, (char *[]){shell, option, script, NULL});
    char *first = real_url(&r, "/file/first.bin?size=100K");
    char *second = real_url(&r, "/file/second.bin?size=1M&rate=500K");
    char *keys = xasprintf("%s %s\r", first, second);
    screen_keys(&r.screen, keys);
    CHECK(screen_shows(&r.screen, "ok second.bin"));
    screen_settle(&r.screen, 300);
    char *text = screen_text(&r.screen);
    CHECK(strstr(text, "/files/first.bin\n") && strstr(text, "/files/second.bin\n"));
    CHECK(!strstr(text, "[") && !strstr(text, "active"));
    free(text);
    free(keys);
    free(second);
    free(first);
    real_close(&r);
}
