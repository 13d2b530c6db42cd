/* SPDX-License-Identifier: MIT */
/* Each error of the Hub: its exit code, and words that say what to do. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "integration/content.h"
#include "integration/fake_hub.h"
#include "integration/world.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static const struct fake_file files[] = {{"config.json", 300, 1, false},
                                         {"model.bin", 20000, 2, true}};
static const struct fake_repo model = {.kind = "models",
                                       .name = "acme/m",
                                       .revision = "main",
                                       .commit = COMMIT,
                                       .files = files,
                                       .count = HAUL_ARRAY_LEN(files)};

enum at { AT_INFO, AT_TREE, AT_FILE, AT_ACCESS };

struct failure {
    enum at at;
    bool token;
    int status;
    const char *code, *said;
    int exit;
    const char *error, *words;
};

#define GATED                                                                                      \
    "Access to model acme/m is restricted. You must have access to it and be authenticated to "    \
    "access it. Please log in."

static const struct failure failures[] = {
    {AT_INFO, false, 404, "RevisionNotFound", "Invalid rev id: main", 3, "not_found",
     "acme/m has no revision main; its branches and tags are at"},
    {AT_TREE, false, 404, "RevisionNotFound", NULL, 3, "not_found", "no revision"},
    {AT_FILE, false, 404, "EntryNotFound", "Entry not found", 3, "not_found",
     "acme/m has no such file at revision " COMMIT},
    {AT_FILE, false, 401, "GatedRepo", GATED, 4, "unauthorized",
     "acme/m is gated; accept its licence at http://127.0.0.1"},
    {AT_FILE, true, 401, "GatedRepo", GATED, 4, "unauthorized", "does not accept the token"},
    {AT_FILE, true, 403, "GatedRepo",
     "Access to model acme/m is restricted and you are not in the authorized list.", 4,
     "unauthorized", "you are not on its list; ask for access at"},
    {AT_FILE, true, 403, "GatedRepo",
     "Your request to access model acme/m is awaiting a review from the repo authors.", 4,
     "unauthorized", "have not let you in yet"},
    {AT_INFO, false, 403, NULL, "Access to this resource is disabled.", 4, "unauthorized",
     "the Hub has disabled acme/m"},
    {AT_FILE, false, 403, NULL, "Access to this resource is disabled.", 4, "unauthorized",
     "the Hub has disabled acme/m"},
    {AT_INFO, true, 404, "RepoNotFound", "Repository not found", 3, "not_found",
     "there is no repo acme/m, or it is private and the token does not open it"},
    {AT_INFO, false, 401, "RepoNotFound", "Invalid username or password.", 3, "not_found",
     "there is no repo acme/m, or it is private; check the name, and set HF_TOKEN"},
    {AT_INFO, false, 401, NULL, NULL, 3, "not_found", "there is no repo acme/m"},
    {AT_INFO, true, 401, NULL, "Invalid credentials in Authorization header", 4, "unauthorized",
     "does not accept the token; set HF_TOKEN to a valid one, or unset it"},
    {AT_INFO, true, 401, NULL, "Invalid username or password.", 4, "unauthorized",
     "does not accept the token"},
    {AT_INFO, false, 400, NULL, "Bad something", 5, "http_status", "Bad something"},
    {AT_FILE, true, 403, NULL, "Forbidden", 4, "unauthorized", "a fine-grained one needs"},
    {AT_FILE, false, 403, NULL, NULL, 4, "unauthorized", "set HF_TOKEN if you have access"},
    {AT_INFO, false, 451, NULL, NULL, 3, "not_found", "withheld for legal reasons"},
    {AT_INFO, false, 404, NULL, NULL, 3, "not_found", "check the name and HF_ENDPOINT"},
    {AT_INFO, false, 429, NULL, NULL, 5, "rate_limited", "with HF_TOKEN set it allows more"},
    {AT_INFO, true, 429, NULL, NULL, 5, "rate_limited", "how often this account may ask"},
    {AT_INFO, false, 500, NULL, NULL, 5, "http_status", "the server failed"},
    {AT_INFO, false, 503, NULL, NULL, 5, "http_status", "overloaded"},
    {AT_ACCESS, false, 401, "GatedRepo", GATED, 4, "unauthorized", "accept its licence"},
    {AT_ACCESS, true, 403, "GatedRepo", NULL, 4, "unauthorized", "ask for access"},
};

static char *where(enum at at)
{
    switch (at) {
    case AT_INFO:
        return fake_hub_api(&model, "revision/main");
    case AT_TREE:
        return fake_hub_api(&model, "tree/" COMMIT);
    case AT_ACCESS:
        return fake_hub_api(&model, "auth-check");
    default:
        return fake_hub_resolve(&model, "config.json");
    }
}

static void check(const struct failure *f)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo repo = model;
    repo.gated = f->at == AT_ACCESS ? "manual" : NULL;
    hub_setting_init(&s, &repo);
    if (f->token)
        world_env(&s.world, "HF_TOKEN", "hf_whatever");
    char *path = where(f->at);
    fake_hub_refuse(&s.hub, path, f->status, f->code, f->said);
    world_fetch(&s.world, &r, "--tries 2 acme/m/config.json");
    const char *message = result_text(&r, "error", "message");
    bool good = r.exit == f->exit && !strcmp(result_text(&r, "error", "code"), f->error) &&
                strstr(message, f->words) && result_number(&r, "error", "http_status") == f->status;
    if (!good)
        HARNESS_FAIL("%s %d %s: exit %d, %s: %s", path, f->status, f->code ? f->code : "", r.exit,
                     result_text(&r, "error", "code"), message);
    if (f->said && !strstr(message, f->said))
        HARNESS_FAIL("what the server said is not in: %s", message);
    if (f->at == AT_ACCESS)
        CHECK_INT(fake_hub_requests(s.hub.hub, "/acme/"), 0);
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(every_error_of_the_hub_has_its_exit_code_and_its_remedy)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(failures); i++)
        check(&failures[i]);
}

/* Nothing would show that it waits. */
TEST(who_only_asks_is_told_of_a_long_wait_and_not_made_to)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    char *path = where(AT_INFO);
    origin_set(s.hub.hub, path, "status=429&retry-after=50");
    world_run(&s.world, &r, "resolve hf:acme/m");
    CHECK_INT(r.exit, 5);
    CHECK(strstr(r.err.data, "it asks to wait 50 seconds: try again then"));
    CHECK(r.elapsed < 20 * CLOCK_SEC);
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(what_the_hub_says_in_json_is_told_too)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    char *path = where(AT_INFO);
    origin_put(s.hub.hub, path, "application/json", "{\"error\":[\"why not\",\"x\"]}");
    origin_set(s.hub.hub, path, "status-line=HTTP/1.1%20400%20No");
    world_fetch(&s.world, &r, "acme/m");
    CHECK_INT(r.exit, 5);
    CHECK(strstr(result_text(&r, "error", "message"), "the Hub says: why not"));
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_repo_that_is_disabled_says_so)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo repo = model;
    repo.disabled = true;
    hub_setting_init(&s, &repo);
    world_fetch(&s.world, &r, "acme/m");
    CHECK_INT(r.exit, 4);
    CHECK(strstr(result_text(&r, "error", "message"), "the Hub has disabled acme/m"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_gated_repo_that_lets_us_in_is_fetched)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo repo = model;
    repo.gated = "auto";
    hub_setting_init(&s, &repo);
    world_env(&s.world, "HF_TOKEN", "hf_whatever");
    char *path = where(AT_ACCESS);
    origin_put(s.hub.hub, path, "text/plain", "OK");
    world_fetch(&s.world, &r, "acme/m");
    CHECK_INT(r.exit, 0);
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_used_up_rate_limit_is_waited_for_as_long_as_the_hub_says)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    char *path = where(AT_INFO);
    origin_set(s.hub.hub, path, "status=429&ratelimit=0,1&times=1");
    world_fetch(&s.world, &r, "acme/m");
    CHECK_INT(r.exit, 0);
    CHECK(r.elapsed >= 2 * CLOCK_SEC);
    CHECK(r.elapsed < 10 * CLOCK_SEC);
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_login_page_is_not_taken_for_the_hubs_answer)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    char *path = where(AT_INFO);
    origin_put(s.hub.hub, path, "text/html", "<html>Welcome</html>");
    world_fetch(&s.world, &r, "acme/m");
    CHECK_INT(r.exit, 5);
    CHECK(strstr(result_text(&r, "error", "message"), "login page"));
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

static const char *const nonsense[] = {
    "", "[]", "{", "{\"sha\":\"main\"}", "{\"sha\":12}", "{\"sha\":\"" COMMIT "00\"}"};

TEST(an_answer_that_makes_no_sense_is_refused)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(nonsense); i++) {
        struct hub_setting s;
        struct result r;
        hub_setting_init(&s, &model);
        char *path = where(AT_INFO);
        origin_put(s.hub.hub, path, "application/json", nonsense[i]);
        world_fetch(&s.world, &r, "acme/m");
        CHECK_INT(r.exit, 5);
        free(path);
        result_release(&r);
        hub_setting_release(&s);
    }
}

TEST(a_hub_that_ignores_the_commit_is_refused)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    char *path = fake_hub_api(&model, "revision/ffffffffffffffffffffffffffffffffffffffff");
    origin_put(s.hub.hub, path, "application/json", "{\"sha\":\"" COMMIT "\"}");
    world_fetch(&s.world, &r, "acme/m@ffffffffffffffffffffffffffffffffffffffff");
    CHECK_INT(r.exit, 5);
    CHECK(strstr(result_text(&r, "error", "message"), "the Hub speaks of " COMMIT));
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

static void check_setting(const char *endpoint, const char *token, const char *word)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init_with(&s, &model, endpoint, "HF_HUB_CACHE", "hub");
    world_env(&s.world, "HF_TOKEN", token);
    world_fetch(&s.world, &r, "acme/m");
    CHECK_INT(r.exit, 2);
    CHECK(strstr(result_text(&r, "error", "message"), word));
    CHECK_INT(origin_log_count(s.hub.hub), 0);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_setting_that_cannot_be_is_told_before_anything_is_asked)
{
    check_setting("ftp://127.0.0.1", "", "HF_ENDPOINT");
    check_setting("https://127.0.0.1/?x", "", "HF_ENDPOINT");
    check_setting(NULL, "hf_a b", "HF_TOKEN");
    check_setting(NULL, "hf_a\r\nX-Evil: 1", "HF_TOKEN");
}

TEST(two_revisions_contradict_each_other)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_fetch(&s.world, &r, "acme/m@main --revision v2");
    CHECK_INT(r.exit, 2);
    result_release(&r);
    hub_setting_release(&s);
}
