/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "net/hub_tree.h"

#include "core/units.h"

#define GIT "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct haul_fault fault;

static enum haul_error add(struct hub_tree *t, const char *page)
{
    return hub_tree_add_page(t, page, strlen(page), &fault);
}

TEST(a_page_gives_files_with_size_and_digest)
{
    struct hub_tree t;
    char etag[HUB_ETAG_SIZE];
    hub_tree_init(&t);
    CHECK_INT(add(&t, "[{\"type\":\"directory\",\"path\":\"d\",\"oid\":\"x\",\"size\":0},"
                      "{\"type\":\"file\",\"path\":\"d/b\",\"size\":7,\"oid\":\"" GIT "\","
                      "\"lfs\":{\"oid\":\"" SHA "\",\"size\":440473133,\"pointerSize\":134},"
                      "\"xetHash\":\"" SHA "\"},"
                      "{\"type\":\"file\",\"path\":\"a\",\"size\":12,\"oid\":\"" GIT "\"}]"),
              HAUL_OK);
    CHECK_INT(hub_tree_sort(&t, &fault), HAUL_OK);
    ASSERT(t.count == 2);
    CHECK_STR(t.files[0].path, "a");
    CHECK_INT(t.files[0].size, 12);
    hub_file_etag(&t.files[0], etag);
    CHECK_STR(etag, GIT);
    CHECK_INT(hub_file_digest(&t.files[0]).algorithm, DIGEST_GIT_SHA1);
    CHECK_INT(t.files[1].size, 440473133);
    hub_file_etag(&t.files[1], etag);
    CHECK_STR(etag, SHA);
    CHECK_INT(hub_file_digest(&t.files[1]).algorithm, DIGEST_SHA256);
    hub_tree_release(&t);
}

static const char *const bad_pages[] = {
    "",
    "{}",
    "{\"error\":\"x\"}",
    "[{\"type\":\"file\",\"size\":1,\"oid\":\"" GIT "\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"oid\":\"" GIT "\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":-1,\"oid\":\"" GIT "\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"" SHA "\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"../../x\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"" GIT "\",\"lfs\":{}}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"" GIT "\","
    "\"lfs\":{\"oid\":\"" GIT "\",\"size\":1}}]",
};

TEST(an_entry_that_makes_no_sense_is_refused)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad_pages); i++) {
        struct hub_tree t;
        hub_tree_init(&t);
        if (add(&t, bad_pages[i]) != HAUL_ERR_NETWORK)
            HARNESS_FAIL("taken: %s", bad_pages[i]);
        hub_tree_release(&t);
    }
}

TEST(sizes_that_no_repo_has_are_refused)
{
    enum { FILES = 40000 };
    struct hub_tree t;
    hub_tree_init(&t);
    CHECK_INT(
        add(&t, "[{\"type\":\"file\",\"path\":\"a\",\"size\":35184372088833,\"oid\":\"" GIT "\"}]"),
        HAUL_ERR_NETWORK);
    hub_tree_release(&t);
    for (int i = 0; i < FILES; i++) {
        char path[16];
        snprintf(path, sizeof path, "%d", i);
        hub_tree_add(&t, path)->size = (int64_t)1 << 45;
    }
    CHECK_INT(hub_tree_sort(&t, &fault), HAUL_ERR_NETWORK);
    hub_tree_release(&t);
}

TEST(a_path_that_is_listed_twice_is_refused)
{
    struct hub_tree t;
    hub_tree_init(&t);
    const char *page = "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"" GIT "\"}]";
    CHECK_INT(add(&t, page), HAUL_OK);
    CHECK_INT(add(&t, page), HAUL_OK);
    CHECK_INT(hub_tree_sort(&t, &fault), HAUL_ERR_NETWORK);
    hub_tree_release(&t);
}

TEST(a_list_that_was_written_is_read_again)
{
    struct hub_tree t, again;
    struct buf text;
    hub_tree_init(&t);
    hub_tree_init(&again);
    buf_init(&text);
    CHECK_INT(add(&t, "[{\"type\":\"file\",\"path\":\"\\u00e4 b\",\"size\":7,\"oid\":\"" GIT "\","
                      "\"lfs\":{\"oid\":\"" SHA "\",\"size\":70},\"xetHash\":\"" SHA "\"},"
                      "{\"type\":\"file\",\"path\":\"z\",\"size\":12,\"oid\":\"" GIT "\"}]"),
              HAUL_OK);
    CHECK_INT(hub_tree_sort(&t, &fault), HAUL_OK);
    hub_tree_write(&t, &text);
    CHECK(hub_tree_parse(&again, text.data, text.len));
    ASSERT(again.count == 2);
    for (size_t i = 0; i < 2; i++) {
        /* z sorts before the umlaut's first byte. */
        CHECK_STR(again.files[i].path, t.files[i].path);
        CHECK_INT(again.files[i].size, t.files[i].size);
        CHECK_INT(again.files[i].large, t.files[i].large);
        CHECK_INT(again.files[i].has_xet, t.files[i].has_xet);
        CHECK(!memcmp(again.files[i].sha256, t.files[i].sha256, 32));
        CHECK(!memcmp(again.files[i].git, t.files[i].git, 20));
    }
    hub_tree_release(&t);
    hub_tree_release(&again);
    buf_release(&text);
}

/* As huggingface_hub 1.x writes it, with its line breaks. */
TEST(the_list_of_the_hubs_own_client_is_read)
{
    static const char text[] = "{\n \"format_version\": 1,\n \"files\": {\n  \"config.json\": {\n"
                               "   \"size\": 519,\n   \"blob_id\": \"" GIT "\"\n  },\n"
                               "  \"model.safetensors\": {\n   \"size\": 1234,\n   \"blob_id\": "
                               "\"" GIT "\",\n   \"lfs_sha256\": \"" SHA "\",\n   \"lfs_size\": "
                               "1234,\n   \"xet_hash\": \"" SHA "\"\n  }\n }\n}";
    struct hub_tree t;
    hub_tree_init(&t);
    CHECK(hub_tree_parse(&t, text, strlen(text)));
    CHECK_INT(t.count, 2);
    CHECK_INT(t.files[0].size, 519);
    CHECK(t.files[1].large);
    hub_tree_release(&t);
}

static const char *const bad_lists[] = {
    "",
    "[]",
    "{\"format_version\":2,\"files\":{}}",
    "{\"format_version\":1,\"files\":[]}",
    "{\"format_version\":1,\"files\":{\"a\":{\"size\":1}}}",
    "{\"format_version\":1,\"files\":{\"a\":{\"size\":1,\"blob_id\":\"zz\"}}}",
    "{\"format_version\":1,\"files\":{\"a\":{\"size\":1,\"blob_id\":\"" GIT "\",\"lfs_sha256\":\""
    "1\",\"lfs_size\":1}}}",
};

TEST(a_list_that_cannot_be_used_is_as_none)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad_lists); i++) {
        struct hub_tree t;
        hub_tree_init(&t);
        if (hub_tree_parse(&t, bad_lists[i], strlen(bad_lists[i])) || t.count)
            HARNESS_FAIL("taken: %s", bad_lists[i]);
        hub_tree_release(&t);
    }
}

TEST(of_files_with_one_content_all_but_the_first_are_repeats)
{
    struct hub_tree t;
    hub_tree_init(&t);
    for (int i = 0; i < 6; i++) {
        struct hub_file *f = hub_tree_add(&t, "x");
        f->large = i == 4;
        f->git[0] = (uint8_t)(i % 2);
        f->chosen = i != 0;
    }
    hub_tree_mark_repeats(&t);
    static const bool again[] = {false, false, false, true, false, true};
    for (int i = 0; i < 6; i++)
        CHECK_INT(t.files[i].again, again[i]);
    hub_tree_release(&t);
}
