/* SPDX-License-Identifier: MIT */
/*
 * What the job server does not let others do: each rule by an attack that would work without it,
 * on the real program.
 */
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/fake_hub.h"
#include "integration/served.h"
#include "origin/origin.h"

#define JSON   "-H 'Content-Type: application/json' "
#define SECRET "SECRETSECRET"

struct scene {
    struct world w;
    struct origin *o;
    struct served s;
    struct result r;
    struct buf url;
};

static bool scene_start(struct scene *c, const char *options)
{
    *c = (struct scene){.o = origin_new(NULL)};
    buf_init(&c->url);
    world_init(&c->w);
    return served_start(&c->s, &c->w, "%s", options);
}

static void scene_end(struct scene *c)
{
    served_stop(&c->s, &c->r);
    CHECK_INT(c->r.exit, 0);
    result_release(&c->r);
    served_release(&c->s);
    world_release(&c->w);
    origin_free(c->o);
    buf_release(&c->url);
}

/* An address of the origin, until the next one. */
static const char *link_of(struct scene *c, const char *path)
{
    buf_truncate(&c->url, 0);
    origin_url(c->o, path, &c->url);
    return c->url.data;
}

/* POST of a job with further fields; `how` is @unix or @tcp. */
static int post(struct scene *c, const char *how, const char *spec, const char *fields)
{
    return served_ask(&c->s,
                      JSON "-d '{\"operation\":\"model_download\",\"model\":\"%s\"%s%s}' "
                           "%s/v1/jobs",
                      spec, *fields ? "," : "", fields, how);
}

static size_t jobs(struct scene *c)
{
    size_t count = 0;
    CHECK_INT(served_ask(&c->s, "@unix/v1/jobs"), 200);
    for (const char *p = c->s.body.data; (p = strstr(p, "\"job_id\"")); p++)
        count++;
    return count;
}

/* The state of job N when it has ended; the error's text stays in the body. */
static bool ends_as(struct scene *c, int number, const char *state)
{
    char *want = xasprintf("\"state\":\"%s\"", state);
    bool found = false;
    for (int i = 0; i < 200 && !found; i++) {
        CHECK_INT(served_ask(&c->s, "@unix/v1/jobs/%d", number), 200);
        found = strstr(c->s.body.data, want) != NULL;
        if (!found)
            usleep(50000);
    }
    free(want);
    return found;
}

TEST(socket_and_token_are_their_owners_alone)
{
    struct scene c;
    struct stat st;
    ASSERT(scene_start(&c, ""));
    ASSERT(stat(c.s.socket, &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    char *token = world_path(&c.w, "state/haul/token");
    ASSERT(stat(token, &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    CHECK_INT(strlen(c.s.token), 64);
    free(token);
    scene_end(&c);
}

TEST(over_tcp_nothing_is_told_without_the_token)
{
    static const char *const paths[] = {"/v1/jobs", "/v1/jobs/1", "/v1/events", "/v1/log",
                                        "/metrics", "/v1/info",   "/v1/models", "/v1/settings",
                                        "/v1/disk", "/v1/nothing"};
    struct scene c;
    ASSERT(scene_start(&c, ""));
    for (size_t i = 0; i < HAUL_ARRAY_LEN(paths); i++) {
        int want = i + 1 == HAUL_ARRAY_LEN(paths) ? 404 : 401;
        CHECK_INT(served_ask(&c.s, "%s%s", c.s.http, paths[i]), want);
        CHECK_INT(served_ask(&c.s, "-H 'Authorization: Bearer wrong' %s%s", c.s.http, paths[i]),
                  want);
    }
    CHECK_INT(served_ask(&c.s, "%s/health", c.s.http), 200);
    CHECK_INT(served_ask(&c.s, "@tcp/v1/jobs"), 200);
    scene_end(&c);
}

TEST(a_rebound_name_reads_nothing)
{
    struct scene c;
    ASSERT(scene_start(&c, ""));
    CHECK_INT(served_ask(&c.s, "-H 'Host: evil.example' @tcp/v1/jobs"), 403);
    CHECK_INT(served_ask(&c.s, "-H 'Host: evil.example' @unix/v1/jobs"), 403);
    CHECK_INT(served_ask(&c.s, "-H 'Host: evil.example' %s/", c.s.http), 403);
    scene_end(&c);
}

TEST(a_page_of_somebody_else_starts_no_job)
{
    struct scene c;
    ASSERT(scene_start(&c, "--allow-origin https://panel.example"));
    char *url = xstrdup(link_of(&c, "/file/a.bin?size=1M"));
    CHECK_INT(served_ask(&c.s,
                         "-H 'Content-Type: text/plain' -d '{\"operation\":"
                         "\"model_download\",\"model\":\"%s\"}' @unix/v1/jobs",
                         url),
              415);
    CHECK_INT(served_ask(&c.s,
                         "-H 'Origin: http://evil.example' " JSON
                         "-d '{\"operation\":\"model_download\",\"model\":\"%s\"}' "
                         "@unix/v1/jobs",
                         url),
              403);
    CHECK_INT(served_ask(&c.s,
                         "-X OPTIONS -H 'Origin: http://evil.example' "
                         "-H 'Access-Control-Request-Method: POST' %s/v1/jobs",
                         c.s.http),
              403);
    CHECK_INT(jobs(&c), 0);
    CHECK_INT(served_ask(&c.s,
                         "-X OPTIONS -H 'Origin: https://panel.example' "
                         "-H 'Access-Control-Request-Method: POST' %s/v1/jobs",
                         c.s.http),
              204);
    free(url);
    scene_end(&c);
}

TEST(files_go_below_the_roots_and_nowhere_else)
{
    struct scene c;
    world_init(&c.w);
    buf_init(&c.url);
    char *inside = world_path(&c.w, "inside"), *outside = world_path(&c.w, "outside");
    char *link = world_path(&c.w, "inside/link");
    ASSERT(mkdir(inside, 0700) == 0 && mkdir(outside, 0700) == 0 && symlink(outside, link) == 0);
    c.o = origin_new(NULL);
    ASSERT(served_start(&c.s, &c.w, "--serve-root %s -d %s", inside, inside));
    static const char *const bad[] = {"%s", "%s/../outside", "%s/deeper"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        char *dir = i == 1 ? xasprintf("%s/../outside", inside)
                           : xasprintf("%s%s", outside, i ? "/deeper" : "");
        char *fields = xasprintf("\"dir\":\"%s\"", dir);
        CHECK_INT(post(&c, "@unix", link_of(&c, "/file/a.bin?size=1k"), fields), 403);
        CHECK(strstr(c.s.body.data, "--serve-root"));
        free(fields);
        free(dir);
    }
    char *fields = xasprintf("\"dir\":\"%s\"", link);
    CHECK_INT(post(&c, "@unix", link_of(&c, "/file/a.bin?size=1k"), fields), 403);
    free(fields);
    fields = xasprintf("\"dir\":\"%s/new/deep\"", inside);
    CHECK_INT(post(&c, "@tcp", link_of(&c, "/file/a.bin?size=1k"), fields), 201);
    CHECK(ends_as(&c, 1, "completed"));
    free(fields);
    CHECK(rmdir(outside) == 0); /* nothing was written there */
    free(link);
    free(outside);
    free(inside);
    scene_end(&c);
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
    struct scene c = {.o = NULL};
    hub_setting_init(&hub, &repo);
    c.w = hub.world;
    char *inside = world_path(&c.w, "inside");
    ASSERT(mkdir(inside, 0700) == 0);
    ASSERT(served_start(&c.s, &c.w, "--serve-root %s", inside));
    CHECK_INT(post(&c, "@unix", "hf:acme/tiny", ""), 201);
    CHECK(ends_as(&c, 1, "failed"));
    CHECK(strstr(c.s.body.data, "--serve-root"));
    CHECK(access(hub.cache, F_OK) != 0); /* nothing was written there */
    char *fields = xasprintf("\"dir\":\"%s\"", inside);
    CHECK_INT(post(&c, "@unix", "hf:acme/tiny", fields), 201);
    CHECK(ends_as(&c, 2, "completed"));
    free(fields);
    free(inside);
    served_stop(&c.s, &c.r);
    hub.world.runs = c.w.runs;
    result_release(&c.r);
    served_release(&c.s);
    hub_setting_release(&hub);
}

TEST(without_roots_who_comes_over_tcp_stays_in_the_servers_directory)
{
    struct scene c;
    ASSERT(scene_start(&c, ""));
    char *elsewhere = world_path(&c.w, "elsewhere");
    char *fields = xasprintf("\"dir\":\"%s\"", elsewhere);
    CHECK_INT(post(&c, "@tcp", link_of(&c, "/file/a.bin?size=1k"), fields), 403);
    CHECK_INT(post(&c, "@tcp", link_of(&c, "/file/a.bin?size=1k"), ""), 201);
    CHECK_INT(post(&c, "@unix", link_of(&c, "/file/b.bin?size=1k"), fields), 201);
    CHECK_INT(post(&c, "@tcp", link_of(&c, "/file/c.bin?size=1k"), "\"out\":\"../c\""), 400);
    CHECK(ends_as(&c, 2, "completed"));
    free(fields);
    free(elsewhere);
    scene_end(&c);
}

TEST(local_sources_are_refused_until_they_are_allowed)
{
    struct scene c;
    ASSERT(scene_start(&c, ""));
    CHECK_INT(post(&c, "@unix", "file:/etc/passwd", ""), 403);
    CHECK(strstr(c.s.body.data, "--allow-local"));
    CHECK_INT(post(&c, "@unix", "build:/tmp/recipe.json", "\"confirmed\":true"), 403);
    CHECK_INT(served_ask(&c.s, JSON "-d '{\"operation\":\"model_download\",\"model\":"
                                    "\"file:/etc/passwd\"}' @unix/v1/resolve"),
              403);
    scene_end(&c);
    ASSERT(scene_start(&c, "--allow-local"));
    char *file = world_write(&c.w, "local.txt", "hello");
    char *spec = xasprintf("file:%s", file);
    CHECK_INT(post(&c, "@unix", spec, ""), 201);
    CHECK(ends_as(&c, 1, "completed"));
    free(spec);
    free(file);
    scene_end(&c);
}

TEST(private_addresses_are_denied_however_they_are_written)
{
    struct scene c;
    ASSERT(scene_start(&c, "--deny-private --tries 1"));
    const char *link = link_of(&c, "/file/a.bin?size=1k");
    const char *port = strrchr(link, ':');
    char *rest = xasprintf("%s", port);
    static const char *const hosts[] = {"127.0.0.1",  "localhost", "2130706433",
                                        "0x7f000001", "127.1",     "[::ffff:127.0.0.1]"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(hosts); i++) {
        char *spec = xasprintf("http://%s%s", hosts[i], rest);
        char *fields = xasprintf("\"out\":\"file-%zu\"", i);
        CHECK_INT(post(&c, "@unix", spec, fields), 201);
        CHECK(ends_as(&c, (int)i + 1, "failed"));
        if (!strstr(c.s.body.data, "private address"))
            HARNESS_FAIL("%s: %s", hosts[i], c.s.body.data);
        free(fields);
        free(spec);
    }
    CHECK_INT(origin_log_count(c.o), 0);
    free(rest);
    scene_end(&c);
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

TEST(secrets_are_in_no_answer_no_log_and_no_file)
{
    struct scene c;
    ASSERT(scene_start(&c, "-v"));
    const char *link = link_of(&c, "/file/a.bin?size=4M&rate=1M");
    char *spec = xasprintf("http://user:" SECRET "@%s", strstr(link, "://") + 3);
    CHECK_INT(post(&c, "@unix", spec, "\"headers\":[\"X-Key: " SECRET "\"]"), 201);
    CHECK_INT(served_ask(&c.s, "@unix/v1/jobs"), 200);
    CHECK(!strstr(c.s.body.data, SECRET));
    (void)served_ask(&c.s, "-m 1 -N @unix/v1/events?updates=1");
    CHECK(strstr(c.s.body.data, "event: snapshot"));
    CHECK(!strstr(c.s.body.data, SECRET));
    CHECK_INT(served_ask(&c.s, "@unix/v1/log"), 200);
    CHECK(!strstr(c.s.body.data, SECRET));
    CHECK_INT(post(&c, "@unix", "nonsense://" SECRET, ""), 400);
    CHECK(ends_as(&c, 1, "completed"));
    char *root = xstrdup(c.w.root);
    secrets_seen = 0;
    ftw(root, look_for_secret, 16);
    CHECK_INT(secrets_seen, 0);
    struct buf log;
    buf_init(&log);
    served_log(&c.s, &log);
    CHECK(!strstr(log.data, c.s.token));
    buf_release(&log);
    free(root);
    free(spec);
    scene_end(&c);
}

TEST(no_more_than_a_mebibyte_is_taken)
{
    struct scene c;
    ASSERT(scene_start(&c, ""));
    char *large = xmalloc((2 << 20) + 1);
    memset(large, ' ', 2 << 20);
    large[2 << 20] = '\0';
    char *file = world_write(&c.w, "large.json", large);
    CHECK_INT(served_ask(&c.s, JSON "--data-binary @%s @unix/v1/jobs", file), 413);
    CHECK_INT(served_ask(&c.s, JSON "-d '{' @unix/v1/jobs"), 400);
    CHECK_INT(served_ask(&c.s, JSON "-d '[1]' @unix/v1/jobs"), 400);
    CHECK_INT(served_ask(&c.s, "@unix/health"), 200);
    free(file);
    free(large);
    scene_end(&c);
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
