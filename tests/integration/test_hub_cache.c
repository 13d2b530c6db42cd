/* SPDX-License-Identifier: MIT */
/* The cache of the Hub's clients as haul writes and reads it. */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "integration/content.h"
#include "integration/fake_hub.h"
#include "integration/hub_cached.h"
#include "integration/world.h"

static int visible(const struct dirent *d)
{
    return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

/* Name, mode and target of all below dir, sorted, a line each. */
static void describe(const char *dir, const char *below, struct buf *out)
{
    struct dirent **names;
    int count = scandir(dir, &names, visible, alphasort);
    for (int i = 0; i < count; i++) {
        char *path = xasprintf("%s/%s", dir, names[i]->d_name), target[256] = "";
        char *name = xasprintf("%s%s", below, names[i]->d_name);
        struct stat st;
        if (lstat(path, &st))
            abort();
        if (S_ISLNK(st.st_mode) && readlink(path, target, sizeof target - 1) < 0)
            abort();
        if (S_ISDIR(st.st_mode)) {
            char *deeper = xasprintf("%s/", name);
            describe(path, deeper, out);
            free(deeper);
        } else if (S_ISLNK(st.st_mode)) {
            buf_addf(out, "%s -> %s\n", name, target);
        } else {
            buf_addf(out, "%s %o %lld\n", name, (unsigned)st.st_mode & 07777,
                     (long long)st.st_size);
        }
        free(name);
        free(path);
        free(names[i]);
    }
    free(names);
}

TEST(the_cache_is_laid_out_as_the_hubs_own_clients_do)
{
    struct hub_setting s;
    struct buf got, want;
    char config[65], large[65], zero[65];
    hub_setting_init(&s, &model);
    mode_t mask = umask(022);
    fetch(&s, "acme/tiny", 0);
    umask(mask);
    buf_init(&got);
    buf_init(&want);
    describe(s.cache, "", &got);
    fake_hub_etag(&files[0], config);
    fake_hub_etag(&files[1], large);
    fake_hub_etag(&files[3], zero);
    CHECK_STR(zero, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    const char *order[3] = {config, large, zero};
    int size[3] = {300, 200000, 0};
    for (int i = 0; i < 2; i++) {
        for (int j = i + 1; j < 3; j++) {
            if (strcmp(order[i], order[j]) < 0)
                continue;
            const char *name = order[i];
            int bytes = size[i];
            order[i] = order[j];
            size[i] = size[j];
            order[j] = name;
            size[j] = bytes;
        }
    }
    for (int i = 0; i < 3; i++)
        buf_addf(&want, ".locks/" FOLDER "/%s.lock 664 0\n", order[i]);
    buf_add_str(&want, "CACHEDIR.TAG 644 191\n");
    for (int i = 0; i < 3; i++)
        buf_addf(&want, FOLDER "/blobs/%s 644 %d\n", order[i], size[i]);
    buf_add_str(&want, FOLDER "/refs/main 644 40\n");
    buf_addf(&want, FOLDER "/snapshots/" COMMIT "/config.json -> ../../blobs/%s\n", config);
    buf_addf(&want, FOLDER "/snapshots/" COMMIT "/model.safetensors -> ../../blobs/%s\n", large);
    buf_addf(&want, FOLDER "/snapshots/" COMMIT "/onnx/deep/config.json -> ../../../../blobs/%s\n",
             config);
    buf_addf(&want, FOLDER "/snapshots/" COMMIT "/zero -> ../../blobs/%s\n", zero);
    char *trees = strstr(got.data, FOLDER "/trees/" COMMIT ".json 644 ");
    CHECK(trees);
    if (trees)
        *trees = '\0';
    CHECK_STR(got.data, want.data);
    char *ref = read_text(&s, FOLDER "/refs/main");
    CHECK_STR(ref, COMMIT);
    free(ref);
    char *tag = read_text(&s, "CACHEDIR.TAG");
    CHECK(tag && !strncmp(tag, "Signature: 8a477f597d28d172789f06886806bc55\n", 44));
    free(tag);
    buf_release(&got);
    buf_release(&want);
    hub_setting_release(&s);
}

TEST(git_agrees_with_the_name_of_a_small_blob)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    char etag[65], line[128] = "";
    fake_hub_etag(&files[0], etag);
    char *command =
        xasprintf("git hash-object --no-filters %s/" FOLDER "/blobs/%s 2>/dev/null", s.cache, etag);
    FILE *git = popen(command, "r");
    bool ran = git && fgets(line, sizeof line, git);
    if (git)
        pclose(git);
    line[strcspn(line, "\n")] = '\0';
    if (ran)
        CHECK_STR(line, etag);
    free(command);
    hub_setting_release(&s);
}

TEST(one_content_under_two_names_is_fetched_once)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    fake_hub_fault(&s.hub, &model, &files[0], "delay=300");
    world_run(&s.world, &r, BATCH "acme/tiny");
    CHECK_INT(r.exit, 0);
    CHECK_INT(result_event_count(&r, "file"), 4);
    CHECK_INT(fake_hub_requests(s.hub.hub, "/api/resolve-cache/models/acme/tiny/" COMMIT
                                           "/onnx/deep/config.json"),
              0);
    CHECK(content_check(s.cache, FOLDER "/snapshots/" COMMIT "/onnx/deep/config.json", 1, 300) ==
          CONTENT_RIGHT);
    CHECK(!result_logged(&r, "another program")); /* haul is not in its own way */
    result_release(&r);
    hub_setting_release(&s);
}

#define MANY 200

TEST(a_snapshot_that_is_there_costs_one_request_and_none_for_a_commit)
{
    struct hub_setting s;
    struct fake_file *many = xcalloc(MANY, sizeof *many);
    struct fake_repo repo = model;
    for (size_t i = 0; i < MANY; i++)
        many[i] = (struct fake_file){xasprintf("f%03zu", i), (int64_t)i, i, i % 50 == 0};
    repo.name = "acme/many";
    repo.files = many;
    repo.count = MANY;
    hub_setting_init(&s, &model);
    fake_hub_add(&s.hub, &repo);
    fetch(&s, "acme/many", 0);
    origin_reset_log(s.hub.hub);
    origin_reset_log(s.hub.cdn);
    fetch(&s, "acme/many", 0);
    CHECK_INT(origin_log_count(s.hub.hub), 1);
    CHECK_INT(origin_log_count(s.hub.cdn), 0);
    fetch(&s, "acme/many@" COMMIT, 0);
    CHECK_INT(origin_log_count(s.hub.hub), 1);
    for (size_t i = 0; i < MANY; i++)
        free((void *)(uintptr_t)many[i].path);
    free(many);
    hub_setting_release(&s);
}

/* A blob is known by its name, which says nothing of what has become of it since. */
TEST(a_damaged_blob_is_not_called_verified_and_can_be_fetched_over)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/model.safetensors", 0);
    char *blob = in_cache(&s, FOLDER "/snapshots/" COMMIT "/model.safetensors");
    FILE *f = fopen(blob, "r+");
    CHECK(f && fputs("damage", f) >= 0 && !fclose(f));
    world_run(&s.world, &r, BATCH "acme/tiny/model.safetensors");
    CHECK_INT(r.exit, 0);
    CHECK_STR(result_text(&r, "file", "verified"), "none");
    CHECK_STR(result_text(&r, "file", "sha256"), "");
    result_release(&r);
    world_run(&s.world, &r, "verify");
    CHECK_INT(r.exit, 6);
    CHECK(strstr(r.err.data, "--on-exists overwrite"));
    result_release(&r);
    world_run(&s.world, &r, BATCH "acme/tiny/model.safetensors"); /* taken by its name once more */
    CHECK_INT(r.exit, 0);
    result_release(&r);
    world_run(&s.world, &r, "models");
    CHECK(strstr(r.out.data, " bad"));
    result_release(&r);
    world_run(&s.world, &r, BATCH "--on-exists overwrite acme/tiny/model.safetensors");
    CHECK_INT(r.exit, 0);
    CHECK_STR(result_text(&r, "file", "verified"), "publisher");
    result_release(&r);
    world_run(&s.world, &r, "verify");
    CHECK_INT(r.exit, 0);
    result_release(&r);
    free(blob);
    hub_setting_release(&s);
}

TEST(another_commit_fetches_only_what_is_new)
{
    static const struct fake_file next[] = {{"config.json", 310, 9, false},
                                            {"model.safetensors", 200000, 2, true}};
    struct hub_setting s;
    struct fake_repo moved = model;
    moved.commit = OTHER;
    moved.files = next;
    moved.count = HAUL_ARRAY_LEN(next);
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny", 0);
    fake_hub_add(&s.hub, &moved);
    origin_reset_log(s.hub.cdn);
    fetch(&s, "acme/tiny", 0);
    CHECK_INT(origin_log_count(s.hub.cdn), 0);
    CHECK(content_check(s.cache, FOLDER "/snapshots/" OTHER "/model.safetensors", 2, 200000) ==
          CONTENT_RIGHT);
    CHECK(content_check(s.cache, FOLDER "/snapshots/" OTHER "/config.json", 9, 310) ==
          CONTENT_RIGHT);
    CHECK(content_check(s.cache, FOLDER "/snapshots/" COMMIT "/config.json", 1, 300) ==
          CONTENT_RIGHT);
    char *ref = read_text(&s, FOLDER "/refs/main");
    CHECK_STR(ref, OTHER);
    free(ref);
    hub_setting_release(&s);
}

TEST(the_places_of_the_cache_are_those_of_the_hubs_client)
{
    static const struct {
        const char *variable, *folder, *cache;
    } places[] = {{"HF_HOME", "hf", "hf/hub"},
                  {"HUGGINGFACE_HUB_CACHE", "old", "old"},
                  {"UNUSED", "x", "cache/huggingface/hub"}}; /* below $XDG_CACHE_HOME */
    for (size_t i = 0; i < HAUL_ARRAY_LEN(places); i++) {
        struct hub_setting s;
        hub_setting_init_with(&s, &model, NULL, places[i].variable, places[i].folder);
        fetch(&s, "acme/tiny/zero", 0);
        char *found = xasprintf("%s/" FOLDER "/refs/main", places[i].cache);
        CHECK(content_exists(s.world.root, found));
        free(found);
        hub_setting_release(&s);
    }
}

/* As behind a proxy that rewrites. git's id of a file has its length in it. */
TEST(a_file_of_git_may_come_without_a_length)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fake_hub_fault(&s.hub, &model, &files[0], "length=chunked&no-ranges");
    fetch(&s, "acme/tiny/config.json", 0);
    CHECK(content_check(s.cache, FOLDER "/snapshots/" COMMIT "/config.json", files[0].seed,
                        files[0].size) == CONTENT_RIGHT);
    hub_setting_release(&s);
}

TEST(a_blob_that_is_there_is_read_when_a_digest_is_asked_for)
{
    struct hub_setting s;
    struct result r;
    char sum[72];
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/model.safetensors", 0);
    content_checksum(files[1].seed + 1, files[1].size, sum);
    world_run(&s.world, &r, BATCH "--checksum %s acme/tiny/model.safetensors", sum);
    CHECK_INT(r.exit, 8);
    result_release(&r);
    content_checksum(files[1].seed, files[1].size, sum);
    world_run(&s.world, &r, BATCH "--checksum %s acme/tiny/model.safetensors", sum);
    CHECK_INT(r.exit, 0);
    CHECK_STR(result_text(&r, "file", "verified"), "pinned");
    result_release(&r);
    hub_setting_release(&s);
}
