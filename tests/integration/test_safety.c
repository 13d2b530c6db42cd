/* SPDX-License-Identifier: MIT */
/*
 * What a server may not do, whatever it says: choose a place on this disk, write through a link,
 * or see what is not for it. The origin's log is the oracle for credentials.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define MIB    ((int64_t)1 << 20)
#define SECRET "SECRETSECRET"

struct scene {
    struct world w;
    struct origin *o, *other;
    struct result r;
};

static void scene_init(struct scene *s)
{
    *s = (struct scene){.o = origin_new(NULL), .other = origin_new(NULL)};
    origin_set_sibling(s->o, s->other);
    origin_set_sibling(s->other, s->o);
    world_init(&s->w);
}

static void scene_release(struct scene *s)
{
    result_release(&s->r);
    world_release(&s->w);
    origin_free(s->o);
    origin_free(s->other);
}

/* ---- names ---- */

static size_t files_seen;

static int count_file(const char *path, const struct stat *st, int type)
{
    (void)st;
    files_seen += type == FTW_F && !strstr(path, "/state/") && !strstr(path, "/out.") &&
                  !strstr(path, "/err.");
    return 0;
}

/* Files below that folder, without what haul keeps for itself. */
static size_t count_files(const char *folder)
{
    files_seen = 0;
    ftw(folder, count_file, 16);
    return files_seen;
}

TEST(no_name_that_a_server_gives_leaves_the_directory)
{
    static const char *const rows[] = {
        "/file/x?cd=attachment;filename=../../evil",
        "/file/x?cd=attachment;filename=%22../evil%22",
        "/file/x?cd=attachment;filename=/tmp/evil",
        "/file/x?cd=attachment;filename=%22..%5C..%5Cevil%22",
        "/file/x?cd=attachment;filename*=UTF-8''..%252F..%252Fevil",
        "/file/x?cd=attachment;filename*=UTF-8''%252e%252e%252fevil",
        "/file/x?cd=attachment;filename=..",
        "/file/x?cd=attachment;filename=.",
        "/file/x?cd=attachment;filename=%22%22",
        "/file/x?cd=attachment;filename=%22a%1b%5B31mb%22",
        "/file/x?cd=attachment;filename=CON",
        "/file/x?cd=attachment;filename=-rf",
        "/file/x?cd=attachment;filename=.bashrc",
        "/file/x?cd=attachment;filename=%22unfinished",
        "/file/x?cd=attachment;filename=a.part",
        "/file/..%2f..%2fevil",
        "/file/%2e%2e%2f%2e%2e%2fevil",
        "/file/%252e%252e%252fevil",
        "/file/a%5Cb",
        "/file/a%00b",
        "/file/%ff%fe",
        "/file/..",
        "/file/x?redirect=302:/file/..%252f..%252fevil",
        "/file/x?redirect=302:/file/%2e%2e",
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "%s", rows[i]));
        size_t inside = count_files(s.w.dir), all = count_files(s.w.root);
        if (inside != all || s.r.exit == RESULT_TIMED_OUT || s.r.exit > 9)
            HARNESS_FAIL("%s: exit %d, %zu files in the directory, %zu in all", rows[i], s.r.exit,
                         inside, all);
        if (s.r.exit == 0 && inside != 1)
            HARNESS_FAIL("%s: %zu files", rows[i], inside);
        CHECK(!content_exists("/tmp", "evil"));
        CHECK(!content_exists(s.w.dir, ".bashrc"));
        CHECK(!strchr(s.r.err.data, '\x1b') && !strchr(s.r.out.data, '\x1b'));
        scene_release(&s);
    }
}

/* What stands in the way under a name that haul wants: never written through. */
static void check_obstacle(const char *name, bool fifo, const char *args)
{
    struct scene s;
    scene_init(&s);
    char *victim = world_write(&s.w, "victim", "mine");
    char *obstacle = xasprintf("%s/%s", s.w.dir, name);
    CHECK((fifo ? mkfifo(obstacle, 0600) : symlink(victim, obstacle)) == 0);
    world_fetch(&s.w, &s.r, "%s %s", args, origin_link(s.o, "/file/x.bin"));
    if (s.r.exit == RESULT_TIMED_OUT)
        HARNESS_FAIL("%s %s: hangs", name, args);
    CHECK_INT(content_size(s.w.root, "victim"), 4);
    if (s.r.exit == 0)
        CHECK_STR(content_name(content_check(s.w.dir, "x.bin", 0, MIB)), "right");
    free(obstacle);
    free(victim);
    scene_release(&s);
}

/* A partial file with its state, as a server could make them for a file of somebody else. */
TEST(what_a_server_gives_is_never_taken_for_a_partial_file)
{
    struct scene s;
    scene_init(&s);
    world_run(&s.w, &s.r, "--batch %s %s", origin_link(s.o, "/file/tgt.bin.part?size=1K"),
              origin_link(s.o, "/file/x?cd=attachment;filename=tgt.bin.part.state&size=1K"));
    CHECK_INT(s.r.exit, 0);
    CHECK(content_exists(s.w.dir, "tgt.bin.part_"));
    CHECK(content_exists(s.w.dir, "tgt.bin.part.state_"));
    CHECK(!content_exists(s.w.dir, "tgt.bin.part"));
    CHECK(!content_exists(s.w.dir, "tgt.bin.part.state"));
    scene_release(&s);
}

TEST(links_and_pipes_in_the_way_are_not_written_through)
{
    static const char *const names[] = {"x.bin", "x.bin.part", "x.bin.part.state",
                                        "x.bin.part.lock"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++) {
        for (int fifo = 0; fifo < 2; fifo++) {
            check_obstacle(names[i], fifo, "");
            check_obstacle(names[i], fifo, "--on-exists overwrite");
        }
    }
}

/* ---- credentials ---- */

/* Requests of o whose head holds the text. */
static size_t heads_with(struct origin *o, const char *text)
{
    size_t count = 0;
    struct origin_entry e;
    for (size_t i = 0; i < origin_log_count(o); i++)
        count += origin_log_get(o, i, &e) && strstr(e.head, text);
    return count;
}

static size_t authorized(struct origin *o)
{
    return heads_with(o, "\r\nAuthorization:");
}

/* Fetches with every kind of credential; `seen` tells how often o and the other may see them. */
static void check_credentials(const char *options, bool o_sees, bool ends_there)
{
    for (int kind = 0; kind < 3; kind++) {
        struct scene s;
        scene_init(&s);
        char *args = xstrdup("");
        const char *url = origin_link(s.o, "/file/x.bin?%s", options);
        if (kind == 0) {
            free(args);
            args = xasprintf("http://user:" SECRET "@%s", url + strlen("http://"));
        } else if (kind == 1) {
            free(args);
            args = xasprintf("--header 'Authorization: Bearer " SECRET "' %s", url);
        } else {
            char *netrc = world_write(&s.w, "home/.netrc",
                                      "machine 127.0.0.1 login user password " SECRET "\n");
            CHECK(chmod(netrc, 0600) == 0);
            free(netrc);
            free(args);
            args = xstrdup(url);
        }
        world_fetch(&s.w, &s.r, "-v %s", args);
        CHECK_INT(s.r.exit, 0);
        if (!!authorized(s.o) != o_sees)
            HARNESS_FAIL("%s, kind %d: the origin saw %zu of %zu with credentials", options, kind,
                         authorized(s.o), origin_log_count(s.o));
        if (authorized(s.other))
            HARNESS_FAIL("%s, kind %d: the other origin saw credentials", options, kind);
        CHECK(!ends_there || origin_log_count(s.other) > 0);
        CHECK(!heads_with(s.other, SECRET));
        CHECK(!strstr(s.r.out.data, SECRET) && !strstr(s.r.err.data, SECRET));
        free(args);
        scene_release(&s);
    }
}

TEST(credentials_go_to_their_own_origin_only)
{
    check_credentials("", true, false);
    check_credentials("redirect=302:/file/y.bin", true, false);
    check_credentials("redirect=302:{base}/file/y.bin", true, false);
    check_credentials("redirect=302:{sibling}/file/y.bin", true, true);
    check_credentials("redirect=307:{sibling}/file/y.bin?size=12M%26cut-every=3M", true, true);
    check_credentials("sign=302&sign-sibling", true, true);
}

TEST(what_came_back_from_elsewhere_gets_them_again_but_not_on_the_way)
{
    check_credentials("redirect=302:{sibling}/file/y.bin?redirect=302:{sibling}/file/z.bin", true,
                      true);
}

TEST(credentials_do_not_go_from_https_to_http)
{
    struct scene s;
    struct origin_config config = {.tls = ORIGIN_TLS_GOOD};
    scene_init(&s);
    struct origin *safe = origin_new(&config);
    origin_set_sibling(safe, s.o);
    world_fetch(&s.w, &s.r, "--cacert %s --header 'Authorization: Bearer " SECRET "' %s",
                origin_ca_file(safe),
                origin_link(safe, "/file/x.bin?redirect=302:{sibling}/file/y.bin"));
    CHECK_INT(s.r.exit, 0);
    CHECK(authorized(safe) > 0);
    CHECK_INT(authorized(s.o), 0);
    origin_free(safe);
    scene_release(&s);
}

TEST(a_server_may_not_choose_a_user_name)
{
    struct scene s;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "%s",
                origin_link(s.o, "/file/x.bin?redirect=302:http://a:b@{host}/file/y.bin"));
    CHECK_INT(s.r.exit, 5);
    CHECK_INT(authorized(s.o), 0);
    scene_release(&s);
}

/* ---- secrets at rest ---- */

static bool holds_secret(const char *path)
{
    struct buf text;
    char chunk[65536];
    size_t n;
    bool found = false;
    buf_init(&text);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0 && text.len < 8 * (size_t)MIB)
        buf_add(&text, chunk, n);
    if (text.len >= strlen(SECRET))
        found = memmem(text.data, text.len, SECRET, strlen(SECRET)) != NULL;
    if (f)
        fclose(f);
    buf_release(&text);
    return found;
}

static int look_for_secret(const char *path, const struct stat *st, int type)
{
    (void)st;
    if (type == FTW_F && holds_secret(path)) {
        HARNESS_FAIL("the secret is in %s", path);
    }
    return 0;
}

TEST(a_secret_is_in_no_output_and_in_no_file)
{
    static const char *const options[] = {"size=24M&rate=512K", "status=503", "status=404",
                                          "redirect-loop", "cut-every=100K&rate=1M"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++) {
        struct scene s;
        struct process p;
        scene_init(&s);
        const char *url = origin_link(s.o, "/file/x.bin?ticket=" SECRET "&%s", options[i]);
        char *line = xasprintf("http://me:" SECRET "@%s\n  header=X-Token: " SECRET "\n",
                               url + strlen("http://"));
        char *list = world_write(&s.w, "home/list", line);
        world_start_fetch(&s.w, &p, "-v --tries 2 -i %s", list);
        CHECK(origin_await_requests(s.o, 1));
        if (!process_ended(&p, 1200 * CLOCK_MS))
            process_signal(&p, 2);
        unlink(list);
        process_wait(&p, &s.r, WORLD_TIMEOUT);
        CHECK(heads_with(s.o, "X-Token: " SECRET) > 0);
        CHECK(heads_with(s.o, "ticket=" SECRET) > 0);
        ftw(s.w.root, look_for_secret, 16);
        free(list);
        free(line);
        scene_release(&s);
    }
}

TEST(the_password_of_a_proxy_is_shown_to_nobody)
{
    static const char *const bad[] = {"foo://me:" SECRET "@h", "http://me:" SECRET "@h:99999",
                                      "http://me:x " SECRET "@h"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        struct scene s;
        scene_init(&s);
        world_run(&s.w, &s.r, "--batch --proxy '%s' %s", bad[i], origin_link(s.o, "/file/x.bin"));
        CHECK_INT(s.r.exit, 2);
        CHECK(strstr(s.r.err.data, "--proxy: not the address of a proxy"));
        ftw(s.w.root, look_for_secret, 16);
        result_release(&s.r);
        world_env(&s.w, "http_proxy", bad[i]);
        world_run(&s.w, &s.r, "--batch --json --tries 2 %s", origin_link(s.o, "/file/x.bin"));
        CHECK_INT(s.r.exit, 2);
        CHECK(strstr(s.r.out.data, "the address of the proxy is none"));
        ftw(s.w.root, look_for_secret, 16);
        scene_release(&s);
    }
}

TEST(a_secret_from_the_environment_is_in_no_argument)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    world_env(&s.w, "HF_TOKEN", SECRET);
    world_env(&s.w, "GITHUB_TOKEN", SECRET);
    world_start_fetch(&s.w, &p, "-v %s", origin_link(s.o, "/file/x.bin?size=64M&rate=1M"));
    CHECK(!process_ended(&p, 500 * CLOCK_MS));
    char *path = xasprintf("/proc/%d/cmdline", (int)p.pid);
    CHECK(!holds_secret(path));
    process_signal(&p, 2);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    CHECK_INT(heads_with(s.o, SECRET), 0);
    ftw(s.w.root, look_for_secret, 16);
    free(path);
    scene_release(&s);
}

TEST(what_haul_keeps_is_for_its_user_only)
{
    struct scene s;
    struct stat st;
    scene_init(&s);
    world_fetch(&s.w, &s.r, "%s", origin_link(s.o, "/file/x.bin"));
    char *db = world_path(&s.w, "state/haul/haul.db");
    char *folder = world_path(&s.w, "state/haul");
    CHECK(stat(db, &st) == 0 && !(st.st_mode & 077));
    CHECK(stat(folder, &st) == 0 && !(st.st_mode & 077));
    free(db);
    free(folder);
    scene_release(&s);
}

TEST(credentials_that_are_refused_are_not_asked_for)
{
    struct scene s;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin?need-auth=T");
    world_fetch(&s.w, &s.r, "%s", url);
    CHECK_INT(s.r.exit, 4);
    CHECK(strstr(result_text(&s.r, "error", "message"), "is wanted"));
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "http://user:" SECRET "@%s", url + strlen("http://"));
    CHECK_INT(s.r.exit, 4);
    CHECK(strstr(result_text(&s.r, "error", "message"), "are not accepted"));
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--header 'authorization: Bearer " SECRET "' %s", url);
    CHECK_INT(s.r.exit, 4);
    CHECK(strstr(result_text(&s.r, "error", "message"), "are not accepted"));
    scene_release(&s);
}

/* ---- TLS ---- */

TEST(only_a_good_certificate_is_taken)
{
    for (int kind = ORIGIN_TLS_GOOD; kind < ORIGIN_TLS_COUNT; kind++) {
        struct origin_config config = {.tls = (enum origin_tls)kind};
        struct scene s;
        scene_init(&s);
        struct origin *o = origin_new(&config);
        const char *url = origin_link(o, "/file/x.bin");
        world_fetch(&s.w, &s.r, "--tries 2 --cacert %s %s", origin_ca_file(o), url);
        bool good = kind == ORIGIN_TLS_GOOD || kind == ORIGIN_TLS_GOOD_1_2;
        if (s.r.exit != (good ? 0 : 5))
            HARNESS_FAIL("%s: exit %d", origin_tls_name((enum origin_tls)kind), s.r.exit);
        if (!good) {
            CHECK_STR(result_text(&s.r, "error", "code"), "tls");
            CHECK_INT(origin_log_count(o), 0);
            result_release(&s.r);
            world_fetch(&s.w, &s.r, "--insecure --tries 2 %s", url);
            if (s.r.exit != (kind == ORIGIN_TLS_OLD ? 5 : 0))
                HARNESS_FAIL("%s --insecure: exit %d", origin_tls_name((enum origin_tls)kind),
                             s.r.exit);
        }
        origin_free(o);
        scene_release(&s);
    }
}

TEST(a_bad_certificate_of_a_host_called_proxy_is_what_it_is)
{
    struct origin_config config = {.tls = ORIGIN_TLS_WRONG_HOST};
    struct scene s;
    scene_init(&s);
    struct origin *o = origin_new(&config);
    world_fetch(&s.w, &s.r, "--cacert %s https://proxy.localhost:%u/file/x.bin", origin_ca_file(o),
                origin_port(o));
    CHECK_INT(s.r.exit, 5);
    CHECK_STR(result_text(&s.r, "error", "code"), "tls");
    origin_free(o);
    scene_release(&s);
}

TEST(https_where_the_server_speaks_http_is_explained_at_once)
{
    struct scene s;
    scene_init(&s);
    const char *url = origin_link(s.o, "/file/x.bin");
    world_fetch(&s.w, &s.r, "https%s", url + strlen("http"));
    CHECK_INT(s.r.exit, 5);
    CHECK_STR(result_text(&s.r, "error", "code"), "tls");
    CHECK(strstr(result_text(&s.r, "error", "message"), "plain HTTP there: use http://"));
    CHECK(!result_logged(&s.r, "retry 1/"));
    scene_release(&s);
}

TEST(an_authority_that_nobody_named_is_not_trusted)
{
    struct origin_config config = {.tls = ORIGIN_TLS_GOOD};
    struct scene s;
    scene_init(&s);
    struct origin *o = origin_new(&config);
    world_fetch(&s.w, &s.r, "--tries 2 %s", origin_link(o, "/file/x.bin"));
    CHECK_INT(s.r.exit, 5);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--cacert /nonexistent %s", origin_link(o, "/file/x.bin"));
    CHECK(s.r.exit != 0);
    CHECK_INT(origin_log_count(o), 0);
    origin_free(o);
    scene_release(&s);
}
