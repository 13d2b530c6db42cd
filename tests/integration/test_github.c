/* SPDX-License-Identifier: MIT */
/*
 * Releases on GitHub: which assets are chosen, against what they are checked, who gets to see the
 * token, and what is said when GitHub refuses. The API and the web are our own server, the storage
 * is another port.
 */
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define LATEST "/repos/o/r/releases/latest"
#define SIZE   70000

struct scene {
    struct world w;
    struct origin *o, *cdn;
    struct buf release;
    struct result r;
};

static void scene_init(struct scene *s)
{
    *s = (struct scene){.o = origin_new(NULL), .cdn = origin_new(NULL)};
    origin_set_sibling(s->o, s->cdn);
    world_init(&s->w);
    char *base = xasprintf("http://127.0.0.1:%u/", origin_port(s->o));
    world_env(&s->w, "GITHUB_API_URL", base);
    free(base);
    buf_init(&s->release);
}

static void scene_release(struct scene *s)
{
    result_release(&s->r);
    world_release(&s->w);
    origin_free(s->o);
    origin_free(s->cdn);
    buf_release(&s->release);
}

/* Adds an asset whose id is also its seed. `digest`: "good", "bad", or NULL for none. */
static void add_asset(struct scene *s, const char *name, unsigned id, const char *digest,
                      const char *more)
{
    char text[72];
    content_checksum(digest && *digest == 'b' ? id + 1 : id, SIZE, text);
    if (!s->release.len)
        buf_add_str(&s->release, "{\"id\":77,\"tag_name\":\"v1.0\",\"assets\":[");
    else
        buf_add_char(&s->release, ',');
    buf_addf(&s->release,
             "{\"id\":%u,\"name\":\"%s\",\"size\":%d,\"state\":\"uploaded\",\"digest\":%s%s%s,"
             "\"browser_download_url\":\"http://127.0.0.1:%u/o/r/releases/download/v1.0/%u\"%s}",
             id, name, SIZE, digest ? "\"" : "", digest ? text : "null", digest ? "\"" : "",
             origin_port(s->o), id, more);
    char *path = xasprintf("/o/r/releases/download/v1.0/%u", id);
    char *options = xasprintf("redirect=302:{sibling}/file/asset?size=%d%%26seed=%u%%26"
                              "need-no-auth",
                              SIZE, id);
    origin_set(s->o, path, options);
    free(options);
    free(path);
}

static void put_release(struct scene *s, const char *path)
{
    buf_add_str(&s->release, "]}");
    origin_put(s->o, path, "application/json", s->release.data);
}

static size_t heads_with(struct origin *o, const char *text)
{
    size_t count = 0;
    struct origin_entry e;
    for (size_t i = 0; i < origin_log_count(o); i++)
        count += origin_log_get(o, i, &e) && strcasestr(e.head, text);
    return count;
}

static void check_failure(const struct scene *s, int exit, const char *says)
{
    const char *message = result_text(&s->r, "error", "message");
    if (s->r.exit != exit || !strstr(message, says))
        HARNESS_FAIL("exit %d instead of %d: %s %s", s->r.exit, exit, message, s->r.err.data);
}

static void check_file(const struct scene *s, const char *name, unsigned id)
{
    enum content c = content_check(s->w.dir, name, id, SIZE);
    if (c != CONTENT_RIGHT)
        HARNESS_FAIL("%s is %s", name, content_name(c));
}

/* ---- which assets ---- */

TEST(the_only_asset_of_the_latest_release_is_fetched_and_verified)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "tool.tar.gz", 5, "good", "");
    put_release(&s, LATEST);
    world_fetch(&s.w, &s.r, "github:o/r");
    CHECK_INT(s.r.exit, 0);
    check_file(&s, "tool.tar.gz", 5);
    CHECK_STR(result_text(&s.r, "file", "verified"), "publisher");
    CHECK_STR(result_text(&s.r, "job", "name"), "o/r@v1.0");
    CHECK_INT(heads_with(s.o, "accept: application/vnd.github+json\r\n"), 1);
    CHECK_INT(heads_with(s.o, "x-github-api-version: 2022-11-28"), 1);
    CHECK_INT(heads_with(s.o, "user-agent: haul/"), (int64_t)origin_log_count(s.o));
    CHECK_INT(heads_with(s.o, "authorization"), 0);
    scene_release(&s);
}

TEST(of_several_assets_none_is_guessed)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "a.tar.gz", 5, "good", "");
    add_asset(&s, "b.zip", 6, "good", "");
    put_release(&s, LATEST);
    world_fetch(&s.w, &s.r, "github:o/r");
    check_failure(&s, 2, "a.tar.gz (68.4 KiB), b.zip (68.4 KiB)");
    CHECK_STR(result_text(&s.r, "error", "code"), "ambiguous");
    CHECK_INT(origin_log_count(s.o), 1);
    scene_release(&s);
}

TEST(a_name_a_pattern_or_options_choose)
{
    static const struct {
        const char *args;
        const char *files; /* below the directory */
    } rows[] = {
        {"github:o/r/b.zip", "b.zip"},
        {"github:o/r/*.zip", "b.zip"},
        {"gh:o/r/*", "r/a.gz r/b.zip r/c[1].gz"},
        {"github:o/r/c[1].gz", "c[1].gz"},
        {"--include '*.gz' github:o/r", "r/a.gz r/c[1].gz"},
        {"--exclude '*.gz' github:o/r", "b.zip"},
        {"--exclude 'c*' github:o/r/*.gz", "a.gz"},
        {"-o mine github:o/r/b.zip", "mine"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        add_asset(&s, "a.gz", 5, "good", "");
        add_asset(&s, "b.zip", 6, "good", "");
        add_asset(&s, "c[1].gz", 7, "good", "");
        put_release(&s, LATEST);
        world_fetch(&s.w, &s.r, "%s", rows[i].args);
        if (s.r.exit)
            HARNESS_FAIL("%s: exit %d, %s", rows[i].args, s.r.exit, s.r.err.data);
        size_t count = 0;
        char *list = xstrdup(rows[i].files);
        for (char *save, *name = strtok_r(list, " ", &save); name; count++) {
            char kind = name[strcspn(name, "/") == 1 ? 2 : 0];
            check_file(&s, name, kind == 'a' ? 5 : kind == 'c' ? 7 : 6);
            name = strtok_r(NULL, " ", &save);
        }
        CHECK_INT(result_event_count(&s.r, "file"), (int64_t)count);
        free(list);
        scene_release(&s);
    }
}

TEST(what_was_not_wholly_uploaded_is_no_asset)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "a.gz", 5, "good", "");
    buf_add_str(&s.release, ",{\"id\":9,\"name\":\"b.gz\",\"size\":5,\"state\":\"starter\"}");
    put_release(&s, LATEST);
    world_fetch(&s.w, &s.r, "github:o/r");
    CHECK_INT(s.r.exit, 0);
    check_file(&s, "a.gz", 5);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "github:o/r/b.gz");
    check_failure(&s, 3, "no asset has such a name; there are: a.gz (68.4 KiB)");
    scene_release(&s);
}

TEST(a_tag_is_asked_for_by_its_name)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "a.gz", 5, "good", "");
    put_release(&s, "/repos/o/r/releases/tags/v1%2Fb");
    world_fetch(&s.w, &s.r, "github:o/r@v1%%2Fb");
    CHECK_INT(s.r.exit, 0);
    check_file(&s, "a.gz", 5);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--revision v1/b --on-exists overwrite github:o/r");
    CHECK_INT(s.r.exit, 0);
    scene_release(&s);
}

TEST(the_assets_of_a_large_release_come_page_by_page)
{
    struct scene s;
    scene_init(&s);
    for (unsigned id = 1; id <= 30; id++) {
        char name[32];
        snprintf(name, sizeof name, "part-%02u", id);
        add_asset(&s, name, id, "good", "");
    }
    put_release(&s, LATEST);
    buf_truncate(&s.release, 0);
    add_asset(&s, "last", 99, "good", "");
    const char *list = strchr(s.release.data, '[');
    char *page = xasprintf("%s]", list);
    origin_put(s.o, "/repos/o/r/releases/77/assets?per_page=100&page=2", "application/json", page);
    origin_put(s.o, "/repos/o/r/releases/77/assets?per_page=100&page=1", "application/json", "[]");
    origin_set(s.o, "/repos/o/r/releases/77/assets?per_page=100&page=1",
               "header=Link: <http://127.0.0.1/x>; rel=\"next\"");
    world_fetch(&s.w, &s.r, "github:o/r/last");
    CHECK_INT(s.r.exit, 0);
    check_file(&s, "last", 99);
    free(page);
    scene_release(&s);
}

TEST(an_asset_name_that_leads_elsewhere_is_refused)
{
    static const char *const names[] = {"../evil", "/evil",     "a/../../evil",
                                        "..",      "a\\u001bb", "CON"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++) {
        struct scene s;
        scene_init(&s);
        add_asset(&s, names[i], 5, "good", "");
        put_release(&s, LATEST);
        world_fetch(&s.w, &s.r, "github:o/r");
        CHECK(s.r.exit > 0 && s.r.exit < 10);
        CHECK(!content_exists(s.w.root, "evil") && !content_exists(s.w.dir, "evil"));
        CHECK_INT(origin_log_count(s.o), 1);
        scene_release(&s);
    }
}

/* ---- digests ---- */

TEST(an_asset_with_another_digest_is_not_kept)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "a.gz", 5, "bad", "");
    put_release(&s, LATEST);
    world_fetch(&s.w, &s.r, "github:o/r");
    CHECK_INT(s.r.exit, 6);
    CHECK(!content_exists(s.w.dir, "a.gz"));
    scene_release(&s);
}

/* A checksum file among the assets, with the digest of `seed` for a.gz. */
static void add_sums(struct scene *s, const char *name, unsigned id, unsigned seed,
                     const char *format)
{
    char digest[72], line[256];
    content_checksum(seed, SIZE, digest);
    snprintf(line, sizeof line, "%s%s\n", digest + 7, format);
    add_asset(s, name, id, NULL, "");
    char *path = xasprintf("/o/r/releases/download/v1.0/%u", id);
    origin_set(s->o, path, NULL);
    origin_put(s->o, path, "text/plain", line);
    free(path);
}

TEST(old_assets_are_checked_against_a_checksum_file_of_the_release)
{
    static const struct {
        const char *name, *format;
        unsigned seed;
        int exit;
        const char *verified;
    } rows[] = {
        {"SHA256SUMS", "  a.gz", 5, 0, "publisher"},
        {"tool_1.0_checksums.txt", " *./a.gz", 5, 0, "publisher"},
        {"a.gz.sha256", "", 5, 0, "publisher"},
        {"a.gz.sha256", "  a.gz", 6, 6, ""},
        {"checksums.txt", "  a.gz", 6, 6, ""},
        {"checksums.txt", "  b.gz", 6, 0, "none"},
        {"SHA256SUMS.asc", "  a.gz", 6, 0, "none"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        add_asset(&s, "a.gz", 5, NULL, "");
        add_sums(&s, rows[i].name, 8, rows[i].seed, rows[i].format);
        put_release(&s, LATEST);
        world_fetch(&s.w, &s.r, "github:o/r/a.gz");
        if (s.r.exit != rows[i].exit)
            HARNESS_FAIL("%s %s: exit %d, %s", rows[i].name, rows[i].format, s.r.exit,
                         s.r.err.data);
        CHECK_STR(result_text(&s.r, "file", "verified"), rows[i].verified);
        scene_release(&s);
    }
}

TEST(a_checksum_file_that_contradicts_itself_is_an_error)
{
    struct scene s;
    scene_init(&s);
    char one[72], two[72];
    content_checksum(5, SIZE, one);
    content_checksum(6, SIZE, two);
    add_asset(&s, "a.gz", 5, NULL, "");
    add_asset(&s, "SHA256SUMS", 8, NULL, "");
    put_release(&s, LATEST);
    char *text = xasprintf("%s  a.gz\n%s  a.gz\n", one + 7, two + 7);
    origin_set(s.o, "/o/r/releases/download/v1.0/8", NULL);
    origin_put(s.o, "/o/r/releases/download/v1.0/8", "text/plain", text);
    world_fetch(&s.w, &s.r, "github:o/r/a.gz");
    check_failure(&s, 6, "SHA256SUMS of the release");
    free(text);
    scene_release(&s);
}

/* ---- tokens ---- */

TEST(a_private_asset_comes_by_the_api_and_the_token_stays_there)
{
    struct scene s;
    scene_init(&s);
    world_env(&s.w, "GITHUB_TOKEN", "SECRETTOKEN");
    add_asset(&s, "a.gz", 5, "good", "");
    put_release(&s, LATEST);
    origin_set(s.o, LATEST, "need-auth=SECRETTOKEN");
    origin_set(s.o, "/repos/o/r/releases/assets/5",
               "need-auth=SECRETTOKEN&redirect=302:{sibling}/file/a?size=70000%26seed=5%26"
               "need-no-auth");
    world_fetch(&s.w, &s.r, "-v github:o/r");
    CHECK_INT(s.r.exit, 0);
    check_file(&s, "a.gz", 5);
    CHECK_INT(heads_with(s.o, "accept: application/octet-stream"), 1);
    CHECK_INT(heads_with(s.cdn, "authorization"), 0);
    CHECK_INT(heads_with(s.cdn, "octet-stream"), 0);
    CHECK(origin_log_count(s.cdn) > 0);
    CHECK(!strstr(s.r.out.data, "SECRET") && !strstr(s.r.err.data, "SECRET"));
    scene_release(&s);
}

TEST(the_token_of_githubs_own_client_comes_first)
{
    struct scene s;
    scene_init(&s);
    world_env(&s.w, "GITHUB_TOKEN", "SECOND");
    world_env(&s.w, "GH_TOKEN", "FIRST");
    world_fetch(&s.w, &s.r, "github:o/r");
    CHECK(heads_with(s.o, "authorization: bearer FIRST") > 0);
    CHECK_INT(heads_with(s.o, "SECOND"), 0);
    scene_release(&s);
}

TEST(a_link_that_ends_is_asked_for_again)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "a.gz", 5, "good", "");
    put_release(&s, LATEST);
    origin_set(s.o, "/o/r/releases/download/v1.0/5",
               "sign=302&sign-sibling&uses=1&size=70000&seed=5&cut-every=20000");
    world_fetch(&s.w, &s.r, "-x 1 github:o/r");
    CHECK_INT(s.r.exit, 0);
    check_file(&s, "a.gz", 5);
    scene_release(&s);
}

/* ---- what is said ---- */

TEST(every_refusal_of_github_has_its_exit_code_and_words)
{
    static const struct {
        const char *options, *releases; /* of the latest release; of the list of them */
        const char *token, *spec;
        int exit;
        const char *code, *says;
    } rows[] = {
        {"status=403&header=x-ratelimit-remaining: 0&header=x-ratelimit-limit: 60"
         "&header=x-ratelimit-reset: 1999999999",
         NULL, NULL, "github:o/r", 5, "rate_limited",
         "rate limit of 60 requests an hour is used up until 2033-05-18 03:33:19 UTC"},
        {"status=429&header=x-ratelimit-remaining: 0&header=x-ratelimit-limit: 5000"
         "&header=x-ratelimit-reset: 1999999999",
         NULL, "T", "github:o/r", 5, "rate_limited", "rate limit of 5000 requests"},
        {"status=403&retry-after=120", NULL, NULL, "github:o/r", 5, "rate_limited",
         "secondary rate limit holds until"},
        {"status=401", NULL, "T", "github:o/r", 4, "unauthorized", "refuses the token"},
        {"status=403", NULL, "T", "github:o/r", 4, "unauthorized", "no right to it"},
        {"status=403", NULL, NULL, "github:o/r", 4, "unauthorized", "set GITHUB_TOKEN"},
        {"status=404", NULL, NULL, "github:o/r", 3, "not_found", "if it is private"},
        {"status=404", NULL, "T", "github:o/r", 3, "not_found", "the token has no right"},
        {"status=404", "[]", NULL, "github:o/r", 3, "not_found", "has no releases"},
        {"status=404", "[{\"tag_name\":\"v2-rc1\",\"prerelease\":true}]", NULL, "github:o/r", 3,
         "not_found", "prereleases only; choose one with @TAG: v2-rc1"},
        {"status=404", "[{\"tag_name\":\"v2\"},{\"tag_name\":\"v1\"}]", NULL, "github:o/r@v3", 3,
         "not_found", "has no release v3; there are: v2, v1"},
        {"status=451", NULL, NULL, "github:o/r", 3, "not_found", "legal reasons"},
        {"status=500", NULL, NULL, "github:o/r", 5, "http_status", "HTTP 500"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        origin_set(s.o, LATEST, rows[i].options);
        if (rows[i].releases)
            origin_put(s.o, "/repos/o/r/releases", "application/json", rows[i].releases);
        if (rows[i].token)
            world_env(&s.w, "GITHUB_TOKEN", rows[i].token);
        world_fetch(&s.w, &s.r, "--tries 2 %s", rows[i].spec);
        check_failure(&s, rows[i].exit, rows[i].says);
        CHECK_STR(result_text(&s.r, "error", "code"), rows[i].code);
        scene_release(&s);
    }
}

TEST(an_answer_that_is_no_release_is_refused)
{
    static const struct {
        const char *body, *says;
    } rows[] = {
        {"<html>login</html>", "web page"},
        {"nonsense", "cannot be read"},
        {"{}", "is no release"},
        {"{\"tag_name\":\"v1\",\"assets\":[]}", NULL},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        origin_put(s.o, LATEST, "application/json", rows[i].body);
        world_fetch(&s.w, &s.r, "github:o/r");
        check_failure(&s, rows[i].says ? 5 : 3,
                      rows[i].says ? rows[i].says : "the release has no assets");
        scene_release(&s);
    }
}

TEST(options_for_one_file_are_refused_for_several)
{
    struct scene s;
    scene_init(&s);
    add_asset(&s, "a.gz", 5, "good", "");
    add_asset(&s, "b.gz", 6, "good", "");
    put_release(&s, LATEST);
    world_fetch(&s.w, &s.r, "-o x github:o/r/*");
    check_failure(&s, 2, "--out is for one file");
    scene_release(&s);
}

TEST(an_address_that_is_none_is_refused)
{
    struct scene s;
    scene_init(&s);
    free(s.w.env[--s.w.env_count]);
    world_env(&s.w, "GITHUB_API_URL", "ftp://github.example");
    world_fetch(&s.w, &s.r, "github:o/r");
    check_failure(&s, 2, "GITHUB_API_URL");
    scene_release(&s);
}

/* A server that does not answer like a proxy stands for github.com: that it is asked is enough. */
TEST(a_files_own_address_is_tried_when_the_api_has_had_enough)
{
    struct scene s;
    scene_init(&s);
    world_env(&s.w, "NO_PROXY", "127.0.0.1");
    origin_set(s.o, "/repos/o/r/releases/tags/v1.0",
               "status=403&header=x-ratelimit-remaining: 0&header=x-ratelimit-reset: 1999999999");
    world_fetch(&s.w, &s.r,
                "-v --tries 1 --proxy http://127.0.0.1:%u "
                "http://github.com/o/r/releases/download/v1.0/a.gz",
                origin_port(s.cdn));
    check_failure(&s, 5, "github.com: ");
    CHECK(result_logged(&s.r, "fetching without the digest"));
    scene_release(&s);
}

/* ---- what was promised ---- */

TEST(a_file_of_another_length_than_promised_is_none)
{
    static const char *const answers[] = {"size=50000&length=chunked",
                                          "size=70000&cut=30000&change-after=1&change-size=50000"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(answers); i++) {
        struct scene s;
        scene_init(&s);
        add_asset(&s, "a.gz", 5, NULL, "");
        put_release(&s, LATEST);
        origin_set(s.cdn, "/file/asset", answers[i]);
        origin_set(s.o, "/o/r/releases/download/v1.0/5",
                   "redirect=302:{sibling}/file/asset?seed=5%26no-ranges");
        world_fetch(&s.w, &s.r, "--tries 2 github:o/r");
        CHECK(s.r.exit == 5 || s.r.exit == 6);
        CHECK(!content_exists(s.w.dir, "a.gz"));
        scene_release(&s);
    }
}

TEST(what_is_there_is_held_against_the_digest_that_was_asked_for)
{
    struct scene s;
    char right[72], wrong[72];
    scene_init(&s);
    content_checksum(5, SIZE, right);
    content_checksum(6, SIZE, wrong);
    add_asset(&s, "a.gz", 5, "good", "");
    put_release(&s, LATEST);
    world_fetch(&s.w, &s.r, "github:o/r");
    CHECK_INT(s.r.exit, 0);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--checksum %s github:o/r", wrong);
    CHECK_INT(s.r.exit, 8);
    result_release(&s.r);
    char *list = xasprintf("%s  a.gz\n", wrong + strlen("sha256:"));
    char *path = world_write(&s.w, "SUMS", list);
    world_fetch(&s.w, &s.r, "--checksum-file %s github:o/r", path);
    CHECK_INT(s.r.exit, 8);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--checksum %s github:o/r", right);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(result_text(&s.r, "file", "verified"), "pinned");
    free(path);
    free(list);
    scene_release(&s);
}
