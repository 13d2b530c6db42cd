/* SPDX-License-Identifier: MIT */
/*
 * What the job server does not let others do: each rule by an attack that would work without it,
 * on the real program.
 */
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/serving.h"
#include "core/alloc.h"
#include "harness.h"
#include "integration/fake_hub.h"

#define SECRET "SECRETSECRET"
#define TCP    "--listen 127.0.0.1:0 "

static char *job_body(const char *spec, const char *fields)
{
    return xasprintf("{\"operation\":\"model_download\",\"model\":\"%s\"%s%s}", spec,
                     *fields ? "," : "", fields);
}

/* A job with further fields, over the Unix socket. The answer is the caller's. */
static int post(const struct serving *s, struct answer *a, const char *spec, const char *fields)
{
    char *body = job_body(spec, fields);
    ask(s, a, "POST", "/v1/jobs", body);
    free(body);
    return a->status;
}

static int status_of(const struct serving *s, const char *spec, const char *fields)
{
    struct answer a;
    int status = post(s, &a, spec, fields);
    answer_release(&a);
    return status;
}

/* The job is refused with words about that option. */
static void check_refused(const struct serving *s, const char *spec, const char *fields,
                          const char *option)
{
    struct answer a;
    CHECK_INT(post(s, &a, spec, fields), 403);
    CHECK(strstr(answer_error(&a, "message"), option));
    answer_release(&a);
}

static int tcp_status(const struct serving *s, const char *method, const char *path,
                      const char *body, const char *headers)
{
    struct answer a;
    ask_tcp(s, &a, method, path, body, headers);
    int status = a.status;
    answer_release(&a);
    return status;
}

static int unix_status(const struct serving *s, const char *method, const char *path,
                       const char *body, const char *headers)
{
    struct answer a;
    ask_with(s, &a, method, path, body, headers);
    int status = a.status;
    answer_release(&a);
    return status;
}

/* The header that lets in over TCP; the caller's. */
static char *authorization(const struct serving *s)
{
    char *token = serving_token(s), *line = xasprintf("Authorization: Bearer %s\r\n", token);
    free(token);
    return line;
}

static int tcp_post(const struct serving *s, const char *spec, const char *fields)
{
    char *body = job_body(spec, fields), *header = authorization(s);
    int status = tcp_status(s, "POST", "/v1/jobs", body, header);
    free(header);
    free(body);
    return status;
}

/* A job fails, with these words. */
static void check_fails(const struct serving *s, const char *number, const char *words)
{
    struct answer a;
    serving_await(s, number, "failed");
    serving_job(s, number, &a);
    if (!strstr(answer_error(&a, "message"), words))
        HARNESS_FAIL("%s: %s", number, a.body.data);
    answer_release(&a);
}

static char *make_dir(const struct serving *s, const char *name)
{
    char *path = world_path(&s->w, name);
    ASSERT(mkdir(path, 0700) == 0);
    return path;
}

TEST(over_tcp_nothing_is_told_without_the_token)
{
    static const char *const paths[] = {"/v1/jobs",     "/v1/jobs/1", "/v1/events",
                                        "/v1/log",      "/metrics",   "/v1/info",
                                        "/v1/settings", "/v1/disk",   "/v1/models"};
    static const char wrong[] = "Authorization: Bearer wrong\r\n";
    struct serving s;
    serving_init(&s, TCP);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(paths); i++) {
        CHECK_INT(tcp_status(&s, "GET", paths[i], NULL, NULL), 401);
        CHECK_INT(tcp_status(&s, "GET", paths[i], NULL, wrong), 401);
    }
    CHECK_INT(tcp_status(&s, "GET", "/v1/nothing", NULL, NULL), 404);
    CHECK_INT(tcp_status(&s, "GET", "/health", NULL, NULL), 200);
    char *header = authorization(&s);
    CHECK_INT(tcp_status(&s, "GET", "/v1/jobs", NULL, header), 200);
    free(header);
    serving_release(&s);
}

TEST(a_rebound_name_reads_nothing)
{
    static const char evil[] = "Host: evil.example\r\n";
    struct serving s;
    serving_init(&s, TCP);
    char *right = authorization(&s), *both = xasprintf("%s%s", evil, right);
    CHECK_INT(tcp_status(&s, "GET", "/v1/jobs", NULL, both), 403);
    CHECK_INT(unix_status(&s, "GET", "/v1/jobs", NULL, evil), 403);
    CHECK_INT(tcp_status(&s, "GET", "/", NULL, evil), 403);
    free(both);
    free(right);
    serving_release(&s);
}

TEST(a_page_of_somebody_else_starts_no_job)
{
    static const char ask_leave[] = "Access-Control-Request-Method: POST\r\n";
    struct serving s;
    serving_init(&s, TCP "--allow-origin https://panel.example");
    char *body = job_body(origin_link(s.o, "/file/a.bin?size=1M"), "");
    char *evil = xasprintf("Origin: http://evil.example\r\n%s", ask_leave);
    char *panel = xasprintf("Origin: https://panel.example\r\n%s", ask_leave);
    CHECK_INT(unix_status(&s, "POST", "/v1/jobs", body, "Content-Type: text/plain\r\n"), 415);
    CHECK_INT(unix_status(&s, "POST", "/v1/jobs", body, "Origin: http://evil.example\r\n"), 403);
    CHECK_INT(tcp_status(&s, "OPTIONS", "/v1/jobs", NULL, evil), 403);
    CHECK_INT(ask_status(&s, "GET", "/v1/jobs/1", NULL), 404);
    CHECK_INT(tcp_status(&s, "OPTIONS", "/v1/jobs", NULL, panel), 204);
    free(panel);
    free(evil);
    free(body);
    serving_release(&s);
}

TEST(files_go_below_the_roots_and_nowhere_else)
{
    struct serving s;
    serving_prepare(&s);
    char *inside = make_dir(&s, "inside"), *outside = make_dir(&s, "outside");
    char *link = world_path(&s.w, "inside/link");
    ASSERT(symlink(outside, link) == 0);
    serving_start(&s, path_of(TCP "--serve-root %s -d %s", inside, inside));
    const char *spec = origin_link(s.o, "/file/a.bin?size=1k");
    check_refused(&s, spec, path_of("\"dir\":\"%s\"", outside), "--serve-root");
    check_refused(&s, spec, path_of("\"dir\":\"%s/deeper\"", outside), "--serve-root");
    check_refused(&s, spec, path_of("\"dir\":\"%s/../outside\"", inside), "--serve-root");
    check_refused(&s, spec, path_of("\"dir\":\"%s\"", link), "--serve-root");
    CHECK_INT(tcp_post(&s, spec, path_of("\"dir\":\"%s/new/deep\"", inside)), 201);
    serving_await(&s, "1", "completed");
    CHECK(rmdir(outside) == 0); /* nothing was written there */
    free(link);
    free(outside);
    free(inside);
    serving_release(&s);
}

static const struct fake_file files[] = {{"config.json", 300, 2, false}};
static const struct fake_repo repo = {.kind = "models",
                                      .name = "acme/tiny",
                                      .revision = "main",
                                      .commit = "0123456789abcdef0123456789abcdef01234567",
                                      .files = files,
                                      .count = 1};

TEST(a_place_that_a_layout_chooses_is_no_way_around_the_roots)
{
    struct hub_setting hub;
    struct result r;
    hub_setting_init(&hub, &repo);
    struct serving s = {
        .w = hub.world, .without_dir = true, .socket = world_path(&hub.world, "run/haul.sock")};
    char *inside = make_dir(&s, "inside");
    serving_start(&s, path_of("--serve-root %s", inside));
    CHECK_INT(status_of(&s, "hf:acme/tiny", ""), 201);
    check_fails(&s, "1", "--serve-root");
    CHECK(access(hub.cache, F_OK) != 0); /* nothing was written there */
    CHECK_INT(status_of(&s, "hf:acme/tiny", path_of("\"dir\":\"%s\"", inside)), 201);
    serving_await(&s, "2", "completed");
    serving_stop(&s, SIGTERM, &r);
    result_release(&r);
    free(inside);
    free(s.socket);
    hub.world.runs = s.w.runs;
    hub_setting_release(&hub);
}

TEST(without_roots_who_comes_over_tcp_stays_in_the_servers_directory)
{
    struct serving s;
    serving_init(&s, TCP);
    char *elsewhere = world_path(&s.w, "elsewhere");
    const char *dir = path_of("\"dir\":\"%s\"", elsewhere);
    const char *spec = origin_link(s.o, "/file/a.bin?size=1k");
    CHECK_INT(tcp_post(&s, spec, dir), 403);
    CHECK_INT(tcp_post(&s, spec, ""), 201);
    CHECK_INT(status_of(&s, origin_link(s.o, "/file/b.bin?size=1k"), dir), 201);
    CHECK_INT(tcp_post(&s, origin_link(s.o, "/file/c.bin?size=1k"), "\"out\":\"../c\""), 400);
    serving_await(&s, "2", "completed");
    free(elsewhere);
    serving_release(&s);
}

/* Another haul of the same user has put it into the library. */
TEST(who_comes_over_tcp_deletes_nothing_outside_of_the_servers_directory)
{
    struct serving s;
    struct result r;
    serving_init(&s, TCP);
    char *outside = world_path(&s.w, "private"), *headers = authorization(&s);
    world_run(&s.w, &r, "--batch -q -d %s %s", outside, origin_link(s.o, "/file/mine.bin?size=1K"));
    CHECK_INT(r.exit, 0);
    int status = 404;
    for (int i = 0; i < 50 && status == 404; i++, world_nap(20))
        status = tcp_status(&s, "DELETE", "/v1/models/mine.bin", NULL, headers);
    CHECK_INT(status, 403);
    CHECK(content_exists(outside, "mine.bin"));
    content_pretend_part(outside, "left.bin", "\"x\"", 1000);
    CHECK_INT(tcp_status(&s, "POST", "/v1/clean", "{}", headers), 200);
    CHECK(content_exists(outside, "left.bin.part"));
    CHECK_INT(ask_status(&s, "POST", "/v1/clean", "{}"), 200);
    CHECK(!content_exists(outside, "left.bin.part"));
    CHECK_INT(ask_status(&s, "DELETE", "/v1/models/mine.bin", NULL), 200);
    CHECK(!content_exists(outside, "mine.bin"));
    result_release(&r);
    free(headers);
    free(outside);
    serving_release(&s);
}

TEST(nor_the_files_of_a_job_that_went_elsewhere)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_init(&s, TCP);
    char *outside = world_path(&s.w, "private"), *headers = authorization(&s);
    serving_add_source(&s, id, origin_link(s.o, "/file/mine.bin?size=1K"),
                       path_of(",\"dir\":\"%s\"", outside));
    serving_await(&s, id, "completed");
    const char *path = path_of("/v1/jobs/%s/delete", id);
    CHECK_INT(tcp_status(&s, "POST", path, "{}", headers), 403);
    CHECK(content_exists(outside, "mine.bin"));
    CHECK_INT(ask_status(&s, "POST", path, "{}"), 200);
    for (int i = 0; i < 2000 && content_exists(outside, "mine.bin"); i++)
        world_nap(5);
    CHECK(!content_exists(outside, "mine.bin"));
    CHECK_STR(serving_state(&s, id), "gone");
    free(headers);
    free(outside);
    serving_release(&s);
}

TEST(the_servers_directory_may_be_said_from_where_it_starts)
{
    struct serving s;
    struct answer a;
    serving_prepare(&s);
    s.without_dir = true;
    serving_start(&s, TCP "-d under");
    CHECK_INT(tcp_post(&s, origin_link(s.o, "/file/a.bin?size=1k"), ""), 201);
    const char *deeper = path_of("\"dir\":\"%s/under/deeper\"", s.w.dir);
    CHECK_INT(tcp_post(&s, origin_link(s.o, "/file/b.bin?size=1k"), deeper), 201);
    serving_await(&s, "1", "completed");
    serving_await(&s, "2", "completed");
    CHECK(content_exists(s.w.dir, "under/a.bin"));
    CHECK(content_exists(s.w.dir, "under/deeper/b.bin"));
    ask(&s, &a, "GET", "/v1/disk", NULL);
    CHECK(answer_text(&a, "dir")[0] == '/');
    answer_release(&a);
    serving_release(&s);
}

TEST(what_may_not_be_written_there_is_left_for_who_may)
{
    struct serving s;
    struct process p;
    struct result r;
    struct answer a;
    serving_prepare(&s);
    char *inside = make_dir(&s, "inside"), *outside = make_dir(&s, "outside");
    world_start(&s.w, &p, "--batch -x 1 -d %s %s", outside,
                origin_link(s.o, "/file/left.bin?size=4M&rate=1M"));
    CHECK(content_await(outside, "left.bin.part"));
    CHECK(world_await_jobs(&s.w, 1));
    process_signal(&p, SIGKILL);
    process_wait(&p, &r, SERVING_PATIENCE);
    result_release(&r);
    serving_start(&s, path_of("--serve-root %s", inside));
    ask(&s, &a, "GET", "/v1/jobs", NULL);
    CHECK_INT(json_count(json_get(a.json, "jobs")), 0);
    answer_release(&a);
    serving_stop(&s, SIGTERM, &r);
    result_release(&r);
    world_run(&s.w, &r, "--batch");
    CHECK_INT(r.exit, 0);
    CHECK(strstr(r.out.data, "left.bin"));
    result_release(&r);
    free(outside);
    free(inside);
    serving_release(&s);
}

TEST(local_sources_are_refused_until_they_are_allowed)
{
    struct serving s;
    struct result r;
    serving_init(&s, "");
    check_refused(&s, "file:/etc/passwd", "", "--allow-local");
    CHECK_INT(status_of(&s, "build:/tmp/recipe.json", "\"confirmed\":true"), 403);
    char *body = job_body("file:/etc/passwd", "");
    CHECK_INT(ask_status(&s, "POST", "/v1/resolve", body), 403);
    free(body);
    serving_stop(&s, SIGTERM, &r);
    result_release(&r);
    serving_start(&s, "--allow-local");
    char *file = world_write(&s.w, "local.txt", "hello");
    CHECK_INT(status_of(&s, path_of("file:%s", file), ""), 201);
    serving_await(&s, "1", "completed");
    free(file);
    serving_release(&s);
}

TEST(private_addresses_are_denied_however_they_are_written)
{
    static const char *const hosts[] = {"127.0.0.1",  "localhost", "2130706433",
                                        "0x7f000001", "127.1",     "[::ffff:127.0.0.1]"};
    struct serving s;
    serving_init(&s, "--deny-private --tries 1");
    const char *port = strrchr(origin_link(s.o, "/file/a.bin?size=1k"), ':');
    for (size_t i = 0; i < HAUL_ARRAY_LEN(hosts); i++) {
        const char *spec = path_of("http://%s%s", hosts[i], port);
        CHECK_INT(status_of(&s, spec, path_of("\"out\":\"file-%zu\"", i)), 201);
        check_fails(&s, path_of("%zu", i + 1), "private address");
    }
    CHECK_INT(origin_log_count(s.o), 0);
    serving_release(&s);
}

static size_t secrets_seen;

static int look_for_secret(const char *path, const struct stat *st, int type)
{
    struct buf text;
    char bytes[65536];
    FILE *f = type == FTW_F && st->st_size < (16 << 20) ? fopen(path, "r") : NULL;
    buf_init(&text);
    for (size_t n; f && (n = fread(bytes, 1, sizeof bytes, f));)
        buf_add(&text, bytes, n);
    if (f)
        fclose(f);
    if (memmem(text.data, text.len, SECRET, strlen(SECRET))) {
        printf("# the secret is in %s\n", path);
        secrets_seen++;
    }
    buf_release(&text);
    return 0;
}

static void check_says_no_secret(const struct serving *s, const char *path)
{
    struct answer a;
    ask(s, &a, "GET", path, NULL);
    CHECK_INT(a.status, 200);
    CHECK(a.body.len > 0 && !strstr(a.body.data, SECRET));
    answer_release(&a);
}

TEST(secrets_are_in_no_answer_no_log_and_no_file)
{
    struct serving s;
    struct stream st;
    serving_init(&s, "-v " TCP);
    const char *link = origin_link(s.o, "/file/a.bin?size=4M&rate=1M");
    char *spec = xasprintf("http://user:" SECRET "@%s", strstr(link, "://") + 3);
    CHECK_INT(status_of(&s, spec, "\"headers\":[\"X-Key: " SECRET "\"]"), 201);
    check_says_no_secret(&s, "/v1/jobs");
    stream_open(&s, &st, "/v1/events?updates=1", NULL);
    CHECK(stream_until_event(&st, "snapshot"));
    CHECK(!strstr(st.data.data, SECRET) && !strstr(st.raw.data, SECRET));
    stream_close(&st);
    check_says_no_secret(&s, "/v1/log");
    CHECK_INT(status_of(&s, "nonsense://" SECRET, ""), 400);
    serving_await(&s, "1", "completed");
    secrets_seen = 0;
    ftw(s.w.root, look_for_secret, 16);
    CHECK_INT(secrets_seen, 0);
    struct buf log;
    char *token = serving_token(&s);
    serving_log(&s, &log);
    CHECK(*token && !strstr(log.data, token));
    buf_release(&log);
    free(token);
    free(spec);
    serving_release(&s);
}

TEST(no_more_than_a_mebibyte_is_taken)
{
    struct serving s;
    serving_init(&s, "");
    char *large = xmalloc((2 << 20) + 1);
    memset(large, ' ', 2 << 20);
    large[2 << 20] = '\0';
    CHECK_INT(ask_status(&s, "POST", "/v1/jobs", large), 413);
    CHECK_INT(ask_status(&s, "POST", "/v1/jobs", "{"), 400);
    CHECK_INT(ask_status(&s, "POST", "/v1/jobs", "[1]"), 400);
    CHECK_INT(ask_status(&s, "GET", "/health", NULL), 200);
    free(large);
    serving_release(&s);
}

TEST(behind_a_proxy_private_addresses_cannot_be_denied_so_it_does_not_start)
{
    struct world w;
    struct result r;
    world_init(&w);
    world_run(&w, &r, "serve --deny-private --proxy http://127.0.0.1:9");
    CHECK_INT(r.exit, 2);
    CHECK(strstr(r.err.data, "--deny-private"));
    result_release(&r);
    world_release(&w);
}
