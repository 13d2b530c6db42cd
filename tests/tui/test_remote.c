/* SPDX-License-Identifier: MIT */
/* The real UI on a real job server: what it shows is the server's, and leaving stops nothing. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/serving.h"
#include "core/alloc.h"
#include "core/path.h"
#include "harness.h"
#include "real.h"

static char program[] = HAUL_BIN, linear[] = "--ui=linear";

struct remote {
    struct serving serving;
    struct real real;
};

/* ui: one more argument, or NULL. */
static void look_in(struct remote *r, char *ui)
{
    char *server = xasprintf("--server=unix:%s", r->serving.socket);
    real_open_program(&r->real, 24, 100, (char *[]){program, server, ui, NULL});
    free(server);
}

static void remote_open(struct remote *r)
{
    serving_init(&r->serving, "");
    look_in(r, NULL);
    CHECK(screen_shows(&r->real.screen, "Nothing to download yet"));
}

static void remote_close(struct remote *r)
{
    real_close(&r->real);
    serving_release(&r->serving);
}

static void paste(struct remote *r, const char *path)
{
    char *keys = xasprintf("\033[200~%s\033[201~", origin_link(r->serving.o, "%s", path));
    screen_keys(&r->real.screen, keys);
    free(keys);
}

static bool is_there(const struct serving *s, const char *name)
{
    char *path = path_join(s->w.dir, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static size_t job_count(const struct serving *s)
{
    struct answer a;
    ask(s, &a, "GET", "/v1/jobs", NULL);
    size_t count = json_count(json_get(a.json, "jobs"));
    answer_release(&a);
    return count;
}

TEST(leaving_stops_nothing_and_the_next_look_can_cancel)
{
    struct remote r;
    remote_open(&r);
    CHECK(screen_shows(&r.real.screen, "free on the server"));
    paste(&r, "/file/far.bin?size=64M&rate=1M");
    CHECK(screen_shows(&r.real.screen, "Found 1 file, 64.0 MiB"));
    screen_keys(&r.real.screen, "\r");
    CHECK(screen_shows(&r.real.screen, "1 active"));
    screen_keys(&r.real.screen, "q");
    CHECK_INT(screen_wait(&r.real.screen), 0);
    CHECK(screen_shows(&r.real.screen, "haul: 1 download is not done; the server goes on with it"));
    real_close(&r.real);
    CHECK(is_there(&r.serving, "far.bin.part"));

    look_in(&r, NULL);
    CHECK(screen_shows(&r.real.screen, "> D far.bin"));
    screen_keys(&r.real.screen, "c");
    CHECK(screen_shows(&r.real.screen, "> - far.bin"));
    CHECK(!is_there(&r.serving, "far.bin.part"));
    remote_close(&r);
}

TEST(what_others_do_on_the_server_is_shown)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    remote_open(&r);
    serving_add(&r.serving, id, "/file/theirs.bin?size=64M&rate=1M");
    CHECK(screen_shows(&r.real.screen, "D theirs.bin"));
    CHECK_INT(ask_status(&r.serving, "DELETE", path_of("/v1/jobs/%s", id), NULL), 200);
    CHECK(screen_shows(&r.real.screen, "- theirs.bin"));
    serving_add(&r.serving, id, "/file/short.bin?size=100K");
    CHECK(screen_shows(&r.real.screen, "C short.bin"));
    screen_keys(&r.real.screen, "i");
    CHECK(screen_shows(&r.real.screen, "1 entry"));
    remote_close(&r);
}

TEST(a_server_that_comes_back_is_followed_again)
{
    struct remote r;
    struct result result;
    remote_open(&r);
    paste(&r, "/file/long.bin?size=64M&rate=1M");
    CHECK(screen_shows(&r.real.screen, "Found 1 file"));
    screen_keys(&r.real.screen, "\r");
    CHECK(screen_shows(&r.real.screen, "1 active"));
    serving_stop(&r.serving, SIGTERM, &result);
    CHECK_INT(result.exit, 0);
    result_release(&result);
    CHECK(screen_shows(&r.real.screen, "not connected"));
    CHECK(screen_shows(&r.real.screen, "X Trying again: "));
    screen_keys(&r.real.screen, "p");
    CHECK(screen_shows(&r.real.screen, "not done: the job server does not answer"));
    serving_start(&r.serving, "");
    CHECK(screen_shows(&r.real.screen, "ETA 0:"));
    screen_keys(&r.real.screen, "L");
    CHECK(screen_shows(&r.real.screen, "the job server answers again"));
    CHECK_INT(job_count(&r.serving), 1);
    remote_close(&r);
}

TEST(what_a_stopped_server_does_not_take_can_be_added_when_it_is_back)
{
    struct remote r;
    struct result result;
    remote_open(&r);
    serving_stop(&r.serving, SIGTERM, &result);
    CHECK_INT(result.exit, 0);
    result_release(&result);
    CHECK(screen_shows(&r.real.screen, "not connected"));
    paste(&r, "/file/kept.bin?size=100K");
    screen_keys(&r.real.screen, "\r");
    CHECK(screen_shows(&r.real.screen, "\u2502 no job server at unix:"));
    CHECK(screen_shows(&r.real.screen, "/file/kept.bin?size=100K"));
    serving_start(&r.serving, "");
    CHECK(screen_shows(&r.real.screen, "0 active"));
    screen_keys(&r.real.screen, "\r");
    CHECK(screen_shows(&r.real.screen, "C kept.bin"));
    CHECK_INT(job_count(&r.serving), 1);
    screen_keys(&r.real.screen, "L");
    CHECK(screen_shows(&r.real.screen, "warn       no job server at unix:"));
    remote_close(&r);
}

TEST(nothing_is_done_here_with_files_of_another_computer)
{
    struct remote r;
    serving_init(&r.serving, "--listen 127.0.0.1:0");
    char *token_file = world_path(&r.serving.w, "state/haul/token");
    char *server = xasprintf("--server=http://127.0.0.1:%u", r.serving.port);
    char *token = xasprintf("--token-file=%s", token_file);
    real_open_program(&r.real, 24, 100, (char *[]){program, server, token, NULL});
    CHECK(screen_shows(&r.real.screen, "Nothing to download yet"));
    paste(&r, "/file/short.bin?size=100K");
    CHECK(screen_shows(&r.real.screen, "(where the server puts it)"));
    screen_keys(&r.real.screen, "\033OQ");
    CHECK(screen_shows(&r.real.screen, "The directory is on the server's disk: type it."));
    screen_keys(&r.real.screen, "\r");
    CHECK(screen_shows(&r.real.screen, "C short.bin"));
    screen_keys(&r.real.screen, "o");
    CHECK(screen_shows(&r.real.screen, "It is on the server's disk, not on this computer."));
    free(token);
    free(server);
    free(token_file);
    remote_close(&r);
}

TEST(the_linear_ui_begins_with_what_is_under_way)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    serving_init(&r.serving, "");
    serving_add(&r.serving, id, "/file/spoken.bin?size=32M&rate=1M");
    serving_await(&r.serving, id, "running");
    look_in(&r, linear);
    CHECK(screen_shows(&r.real.screen, "Job 1, spoken.bin: "));
    CHECK(screen_shows(&r.real.screen, "Summary: 1 active"));
    CHECK(screen_shows(&r.real.screen, "haul>"));
    screen_keys(&r.real.screen, "quit\r");
    CHECK_INT(screen_wait(&r.real.screen), 0);
    remote_close(&r);
}

TEST(the_linear_ui_says_what_happens_on_the_server)
{
    struct remote r;
    char id[JOB_ID_SIZE];
    serving_init(&r.serving, "");
    look_in(&r, linear);
    CHECK(screen_shows(&r.real.screen, "haul>"));
    serving_add(&r.serving, id, "/file/spoken.bin?size=32M&rate=1M");
    CHECK(screen_shows(&r.real.screen, "spoken.bin: running."));
    screen_keys(&r.real.screen, "cancel 1\r");
    CHECK(screen_shows(&r.real.screen, "spoken.bin: cancelled."));
    CHECK(!is_there(&r.serving, "spoken.bin.part"));
    screen_keys(&r.real.screen, "quit\r");
    CHECK_INT(screen_wait(&r.real.screen), 0);
    remote_close(&r);
}
