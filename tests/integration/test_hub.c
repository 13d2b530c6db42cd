/* SPDX-License-Identifier: MIT */
/* hf: specs, fetched by the real program from a Hub of our own. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "integration/content.h"
#include "integration/fake_hub.h"
#include "integration/hub_repos.h"
#include "integration/world.h"

TEST(a_quantisation_brings_its_model_and_no_other)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_fetch(&s.world, &r, "hf:acme/model-GGUF:q4_k_m");
    CHECK_INT(r.exit, 0);
    CHECK(right(&s, NULL, &gguf[4]));
    CHECK_INT(result_event_count(&r, "file"), 1);
    CHECK_STR(result_text(&r, "file", "verified"), "publisher");
    result_release(&r);
    hub_setting_release(&s);
}

TEST(all_shards_of_a_split_file_come_along)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_fetch(&s.world, &r, "acme/model-GGUF:Q8_0");
    CHECK_INT(r.exit, 0);
    CHECK(right(&s, "model-GGUF", &gguf[5]));
    CHECK(right(&s, "model-GGUF", &gguf[6]));
    CHECK_INT(result_event_count(&r, "file"), 2);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(an_include_brings_the_projector_of_a_vision_model_along)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_fetch(&s.world, &r, "hf:acme/model-GGUF:Q4_K_M --include '*mmproj*'");
    CHECK_INT(r.exit, 0);
    CHECK(right(&s, "model-GGUF", &gguf[3]));
    CHECK(right(&s, "model-GGUF", &gguf[4]));
    CHECK_INT(result_event_count(&r, "file"), 2);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_dataset_is_fetched_whole_with_its_folders_and_its_empty_file)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &dataset);
    world_fetch(&s.world, &r, "hf:datasets/acme/parts");
    CHECK_INT(r.exit, 0);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(parts); i++)
        CHECK(right(&s, "parts", &parts[i]));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_space_has_its_own_addresses)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo space = dataset;
    space.kind = "spaces";
    hub_setting_init(&s, &space);
    world_fetch(&s.world, &r, "space:acme/parts/empty.txt");
    CHECK_INT(r.exit, 0);
    CHECK_INT(content_size(s.world.dir, "empty.txt"), 0);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_glob_takes_what_it_matches)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &dataset);
    world_fetch(&s.world, &r, "hf:datasets/acme/parts/data/*");
    CHECK_INT(r.exit, 0);
    CHECK_INT(result_event_count(&r, "file"), 2);
    CHECK(right(&s, "parts", &parts[2]));
    CHECK(!content_exists(s.world.dir, "parts/.gitattributes"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_revision_with_slashes_is_pinned_to_its_commit)
{
    struct hub_setting s;
    struct result r;
    struct fake_repo pr = dataset;
    pr.revision = "refs/pr/7";
    hub_setting_init(&s, &pr);
    world_fetch(&s.world, &r, "hf:datasets/acme/parts@refs/pr/7/empty.txt");
    CHECK_INT(r.exit, 0);
    char *path = fake_hub_resolve(&pr, "empty.txt");
    CHECK_INT(fake_hub_requests(s.hub.hub, path), 1);
    free(path);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_small_file_that_is_not_what_git_has_is_refused)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &dataset);
    fake_hub_fault(&s.hub, &dataset, &parts[2], "flip=100");
    world_fetch(&s.world, &r, "--tries 2 hf:datasets/acme/parts/data/deep/down/test.csv");
    CHECK_INT(r.exit, 6);
    CHECK(!content_exists(s.world.dir, "test.csv"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_large_file_with_one_wrong_byte_is_refused)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    fake_hub_fault(&s.hub, &model, &gguf[4], "flip=1000");
    world_fetch(&s.world, &r, "--tries 2 hf:acme/model-GGUF:Q4_K_M");
    CHECK_INT(r.exit, 6);
    CHECK(!content_exists(s.world.dir, "model-Q4_K_M.gguf"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_choice_that_is_not_clear_lists_what_there_is)
{
    static const struct fake_file files[] = {{"m-IQ2_XS.gguf", 2000, 1, true},
                                             {"m-Q3_K_L-00001-of-00002.gguf", 1024, 2, true},
                                             {"m-Q3_K_L-00002-of-00002.gguf", 1024, 3, true}};
    struct hub_setting s;
    struct result r;
    struct fake_repo repo = model;
    repo.files = files;
    repo.count = HAUL_ARRAY_LEN(files);
    hub_setting_init(&s, &repo);
    world_fetch(&s.world, &r, "hf:acme/model-GGUF");
    CHECK_INT(r.exit, 2);
    CHECK_STR(result_text(&r, "error", "code"), "ambiguous");
    CHECK(strstr(result_text(&r, "error", "message"), "IQ2_XS (2.0 KiB), Q3_K_L (2.0 KiB)"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_file_of_the_hub_by_its_address_gets_its_digest)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_fetch(&s.world, &r,
                "https://huggingface.co/acme/model-GGUF/blob/main/model-Q4_K_M.gguf -o m.gguf");
    CHECK_INT(r.exit, 0);
    CHECK_INT(content_check(s.world.dir, "m.gguf", 5, 300000), CONTENT_RIGHT);
    CHECK_STR(result_text(&r, "file", "verified"), "publisher");
    result_release(&r);
    hub_setting_release(&s);
}

TEST(one_name_cannot_be_that_of_several_files)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_fetch(&s.world, &r, "hf:acme/model-GGUF:Q8_0 -o m.gguf");
    CHECK_INT(r.exit, 2);
    CHECK(strstr(result_text(&r, "error", "message"), "-o is for one file, but 2"));
    result_release(&r);
    hub_setting_release(&s);
}

TEST(resolve_prints_the_list_and_fetches_nothing)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    world_run(&s.world, &r, "resolve hf:acme/model-GGUF:Q8_0");
    CHECK_INT(r.exit, 0);
    CHECK(strstr(r.out.data, "model-Q8_0-00001-of-00002.gguf"));
    CHECK(strstr(r.out.data, COMMIT));
    CHECK_INT(fake_hub_requests(s.hub.hub, "/acme/"), 0);
    CHECK_INT(origin_log_count(s.hub.cdn), 0);
    result_release(&r);
    hub_setting_release(&s);
}

/* The list is of one file, and another one has its name in a folder. */
TEST(a_checksum_is_for_the_file_that_the_list_names)
{
    static const struct fake_file twins[] = {
        {"config.json", 300, 21, false},
        {"sub/config.json", 400, 22, false},
    };
    static const struct fake_repo repo = {.kind = "models",
                                          .name = "acme/twins",
                                          .revision = "main",
                                          .commit = COMMIT,
                                          .files = twins,
                                          .count = HAUL_ARRAY_LEN(twins)};
    struct hub_setting s;
    struct result r;
    char sum[72];
    hub_setting_init(&s, &repo);
    content_checksum(twins[0].seed, twins[0].size, sum);
    char *text = xasprintf("%s  config.json\n", sum + strlen("sha256:"));
    char *list = world_write(&s.world, "SUMS", text);
    world_fetch(&s.world, &r, "--checksum-file %s hf:acme/twins", list);
    CHECK_INT(r.exit, 3);
    CHECK(strstr(result_text(&r, "error", "message"), "does not name sub/config.json"));
    result_release(&r);
    free(text);
    free(list);
    hub_setting_release(&s);
}
