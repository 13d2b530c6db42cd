/* SPDX-License-Identifier: MIT */
/* How haul speaks to the Hub: links and their end, tokens, pages of the list, names in it. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "integration/content.h"
#include "integration/fake_hub.h"
#include "integration/hub_repos.h"
#include "integration/world.h"

TEST(the_address_of_a_file_is_resolved_once_for_all_its_ranges)
{
    static const struct fake_file big = {"big.safetensors", 24 << 20, 21, true};
    struct fake_repo repo = model;
    repo.files = &big;
    repo.count = 1;
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &repo);
    world_fetch(&s.world, &r, "-x 8 acme/model-GGUF");
    CHECK_INT(r.exit, 0);
    CHECK(right(&s, NULL, &big));
    char *path = fake_hub_resolve(&repo, big.path);
    CHECK_INT(fake_hub_requests(s.hub.hub, path), 1);
    CHECK(fake_hub_requests(s.hub.cdn, "/cdn/") > 1);
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_signed_link_that_ends_in_mid_transfer_is_renewed_once_for_all_ranges)
{
    static const struct fake_file big = {"big.safetensors", 24 << 20, 22, true};
    struct fake_repo repo = model;
    repo.files = &big;
    repo.count = 1;
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &repo);
    fake_hub_expire(&s.hub, &repo, &big, 4, "rate=2M");
    world_fetch(&s.world, &r, "-x 4 acme/model-GGUF");
    CHECK_INT(r.exit, 0);
    CHECK(right(&s, NULL, &big));
    char *path = fake_hub_resolve(&repo, big.path);
    size_t asked = fake_hub_requests(s.hub.hub, path);
    size_t used = fake_hub_requests(s.hub.cdn, "/signed/");
    CHECK(asked >= 2);
    CHECK(asked <= used / 4 + 1);
    CHECK(result_logged(&r, "the link has expired"));
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

/* The new link leads to other bytes than the old one: they must not be joined. */
TEST(a_renewed_link_to_another_file_is_not_taken_for_the_old_one)
{
    static const struct fake_file big = {"big.safetensors", 8 << 20, 23, true};
    struct fake_repo repo = model;
    repo.files = &big;
    repo.count = 1;
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &repo);
    /* Cut once, refused once, and then it is another file. */
    fake_hub_expire(&s.hub, &repo, &big, 1, "cut=1M&change-after=2&key=twist");
    world_fetch(&s.world, &r, "-x 1 --tries 3 acme/model-GGUF");
    CHECK_INT(r.exit, 6);
    CHECK(result_logged(&r, "the link has expired"));
    CHECK(result_logged(&r, "the file changed on the server"));
    CHECK_INT(content_check(s.world.dir, big.path, big.seed, big.size), CONTENT_NONE);
    result_release(&r);
    hub_setting_release(&s);
}

/* When the first request of such a target came, by clock_now(); 0: never. */
static int64_t first_asked(struct origin *o, const char *start)
{
    struct origin_entry e;
    for (size_t i = 0; origin_log_get(o, i, &e); i++)
        if (!strncmp(e.target, start, strlen(start)))
            return e.started_ns;
    return 0;
}

/* The first job is told to wait for two seconds. The second one, of another host, fails after half
 * a second, and only then does the third begin. */
TEST(a_hub_that_wants_to_be_left_alone_is_not_asked_by_any_job)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    fake_hub_add(&s.hub, &dataset);
    char *first = fake_hub_api(&model, "revision"), *third = fake_hub_api(&dataset, "revision");
    char *path = fake_hub_api(&model, "revision/main");
    origin_set(s.hub.hub, path, "status=429&times=1&retry-after=2");
    world_fetch(&s.world, &r, "-v -j 2 acme/model-GGUF/config.json %s hf:datasets/acme/parts",
                origin_link(s.hub.cdn, "/file/x.bin?status=404&delay=500"));
    CHECK_INT(result_event_count(&r, "file"), 5);
    CHECK(result_logged(&r, "retry 1/6 in"));
    int64_t asked = first_asked(s.hub.hub, first), next = first_asked(s.hub.hub, third);
    CHECK(asked && next - asked >= 2 * CLOCK_SEC);
    free(path);
    free(first);
    free(third);
    result_release(&r);
    hub_setting_release(&s);
}

/* Nobody waits for a day: who was told to fails, and the next one asks for itself. */
TEST(a_wait_of_a_day_is_no_other_jobs_wait)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    char *path = fake_hub_api(&model, "revision/main");
    origin_set(s.hub.hub, path, "status=429&retry-after=90000");
    world_fetch(&s.world, &r, "-j 1 acme/model-GGUF %s", origin_link(s.hub.hub, "/file/x.bin"));
    CHECK_INT(r.exit, 5);
    CHECK_INT(fake_hub_requests(s.hub.hub, path), 1);
    CHECK_STR(content_name(content_check(s.world.dir, "x.bin", 0, 1 << 20)), "right");
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(the_token_goes_to_the_hub_and_never_to_its_cdn)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_env(&s.world, "HF_TOKEN", " hf_secretsecretsecret\n");
    world_fetch(&s.world, &r, "-v hf:acme/model-GGUF --include '*'");
    CHECK_INT(r.exit, 0);
    CHECK_INT(fake_hub_authorized(s.hub.hub), origin_log_count(s.hub.hub));
    CHECK_INT(fake_hub_authorized(s.hub.cdn), 0);
    CHECK(!strstr(r.out.data, "hf_secret") && !strstr(r.err.data, "hf_secret"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_page_of_the_list_on_another_host_does_not_see_the_token)
{
    struct hub_setting s;
    struct result r;
    struct buf link;
    hub_setting_init(&s, &dataset);
    world_env(&s.world, "HF_TOKEN", "hf_secretsecretsecret");
    buf_init(&link);
    buf_add_str(&link, "header=Link:%20%3C");
    origin_url(s.hub.cdn, "/more", &link);
    buf_add_str(&link, "%3E;%20rel=%22next%22");
    char *tree = fake_hub_api(&dataset, "tree/" COMMIT);
    origin_set(s.hub.hub, tree, link.data);
    origin_put(s.hub.cdn, "/more", "application/json", "[]");
    world_fetch(&s.world, &r, "hf:datasets/acme/parts/empty.txt");
    CHECK_INT(r.exit, 0);
    CHECK_INT(fake_hub_requests(s.hub.cdn, "/more"), 1);
    CHECK_INT(fake_hub_authorized(s.hub.cdn), 0);
    free(tree);
    buf_release(&link);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(the_token_is_read_from_its_file)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &dataset);
    char *file = world_write(&s.world, "token", "hf_fromthefile\n");
    world_env(&s.world, "HF_TOKEN_PATH", file);
    char *info = fake_hub_api(&dataset, "revision/main");
    origin_set(s.hub.hub, info, "need-auth=hf_fromthefile");
    world_fetch(&s.world, &r, "hf:datasets/acme/parts/empty.txt");
    CHECK_INT(r.exit, 0);
    free(info);
    free(file);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_repo_that_was_renamed_is_found_and_its_new_name_is_told)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &dataset);
    origin_set(s.hub.hub, "/api/datasets/acme/old/revision/main",
               "redirect=307:/api/datasets/acme/parts/revision/main");
    world_fetch(&s.world, &r, "-v hf:datasets/acme/old/empty.txt");
    CHECK_INT(r.exit, 0);
    CHECK(result_logged(&r, "acme/old has been renamed: its name on the Hub is acme/parts now"));
    CHECK_INT(fake_hub_requests(s.hub.hub, "/datasets/acme/old/"), 0);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_list_of_several_pages_is_read_to_its_end)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo repo = dataset;
    repo.page = 1;
    hub_setting_init(&s, &repo);
    world_fetch(&s.world, &r, "hf:datasets/acme/parts");
    CHECK_INT(r.exit, 0);
    CHECK_INT(result_event_count(&r, "file"), 4);
    char *tree = fake_hub_api(&repo, "tree/");
    CHECK_INT(fake_hub_requests(s.hub.hub, tree), 4);
    free(tree);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_list_that_leads_in_a_circle_is_refused)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo repo = dataset;
    repo.page = 2;
    hub_setting_init(&s, &repo);
    char *tree = fake_hub_api(&repo, "tree/" COMMIT), *next = NULL;
    next = xasprintf("%s?recursive=true&expand=false&limit=2&cursor=c2", tree);
    origin_set(s.hub.hub, next,
               "header=Link:%20%3C%3Frecursive=true%26expand=false%26limit=2%26cursor=c2%3E;%20"
               "rel=%22next%22");
    world_fetch(&s.world, &r, "hf:datasets/acme/parts");
    CHECK_INT(r.exit, 5);
    CHECK(strstr(result_text(&r, "error", "message"), "circle"));
    CHECK_INT(fake_hub_requests(s.hub.hub, tree), 2);
    free(next);
    free(tree);
    result_release(&r);
    hub_setting_release(&s);
}

static const char *const hostile[] = {"../x", "/abs", "a//b", "C:\\x", "a/../../x", "~/x", "a\\b"};

TEST(a_path_that_leads_out_of_the_folder_is_refused)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(hostile); i++) {
        struct hub_setting s;
        struct result r;
        struct fake_file files[] = {{"fine.txt", 10, 1, false}, {hostile[i], 10, 2, false}};
        struct fake_repo repo = dataset;
        repo.files = files;
        repo.count = 2;
        repo.without_bytes = true;
        hub_setting_init(&s, &repo);
        world_fetch(&s.world, &r, "hf:datasets/acme/parts");
        if (!r.exit)
            HARNESS_FAIL("%s was taken", hostile[i]);
        CHECK(!fake_hub_requests(s.hub.hub, "/datasets/acme/parts/resolve"));
        result_release(&r);
        hub_setting_release(&s);
    }
}

#define MANY 10000

static int64_t peak_kib(struct hub_setting *s, const struct fake_repo *repo, const char *list)
{
    struct result r;
    fake_hub_add(&s->hub, repo);
    world_run(&s->world, &r, "resolve hf:datasets/%s", repo->name);
    CHECK_INT(r.exit, 0);
    CHECK(strstr(r.out.data, list));
    int64_t peak = r.usage.ru_maxrss;
    result_release(&r);
    return peak;
}

TEST(a_repo_of_ten_thousand_files_is_resolved_in_sixteen_mebibytes)
{
    struct hub_setting s;
    struct fake_file *files = xcalloc(MANY, sizeof *files);
    for (size_t i = 0; i < MANY; i++)
        files[i] = (struct fake_file){
            xasprintf("data/part-%05zu-of-10000-with-a-name-of-usual-length.parquet", i), 10, i,
            i % 2 == 0};
    struct fake_repo small = dataset, many = dataset;
    small.name = "acme/small";
    many.name = "acme/many";
    many.files = files;
    many.count = MANY;
    many.without_bytes = true;
    hub_setting_init(&s, &small);
    int64_t base = peak_kib(&s, &small, "in 4 files"), peak = peak_kib(&s, &many, "in 10000 files");
    printf("# 10000 files: %lld KiB, 4 files: %lld KiB\n", (long long)peak, (long long)base);
#ifndef __SANITIZE_ADDRESS__
    CHECK(peak - base < 16 << 10);
#endif
    for (size_t i = 0; i < MANY; i++)
        free((void *)(uintptr_t)files[i].path);
    free(files);
    hub_setting_release(&s);
}
