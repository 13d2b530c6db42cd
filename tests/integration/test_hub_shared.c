/* SPDX-License-Identifier: MIT */
/* The cache of the Hub's clients beside them: locks, what they left, and without a network. */
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

static int open_lock(const struct hub_setting *s, const struct fake_file *f)
{
    char etag[65];
    fake_hub_etag(f, etag);
    char *dir = in_cache(s, ".locks/" FOLDER), *path = xasprintf("%s/%s.lock", dir, etag);
    if (path_make_dirs(dir, 0777, NULL) != HAUL_OK)
        abort();
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
    free(dir);
    free(path);
    return fd;
}

static char *blob_path(const struct hub_setting *s, const struct fake_file *f)
{
    char etag[65];
    fake_hub_etag(f, etag);
    return xasprintf("%s/" FOLDER "/blobs/%s", s->cache, etag);
}

static void write_blob(const struct hub_setting *s, const struct fake_file *f, int64_t size)
{
    char *path = blob_path(s, f), *bytes = xmalloc((size_t)size),
         *dir = in_cache(s, FOLDER "/blobs");
    origin_content(f->seed, 0, bytes, (size_t)size);
    if (path_make_dirs(dir, 0777, NULL) != HAUL_OK)
        abort();
    FILE *out = fopen(path, "w");
    if (!out || fwrite(bytes, 1, (size_t)size, out) != (size_t)size || fclose(out))
        abort();
    free(bytes);
    free(path);
    free(dir);
}

TEST(haul_waits_for_a_client_that_fetches_the_blob_and_takes_what_it_brought)
{
    struct hub_setting s;
    struct process p;
    struct result r;
    hub_setting_init(&s, &model);
    int fd = open_lock(&s, &files[1]);
    CHECK_INT(flock(fd, LOCK_EX), 0);
    world_start(&s.world, &p, BATCH "acme/tiny/model.safetensors");
    CHECK(process_await_text(&p, "another program is fetching it"));
    CHECK_INT(origin_log_count(s.hub.cdn), 0);
    write_blob(&s, &files[1], files[1].size);
    close(fd);
    process_wait(&p, &r, WORLD_TIMEOUT);
    CHECK_INT(r.exit, 0);
    CHECK_INT(origin_log_count(s.hub.cdn), 0);
    CHECK(result_logged(&r, "another program is fetching it"));
    CHECK(content_check(s.cache, FOLDER "/snapshots/" COMMIT "/model.safetensors", 2, 200000) ==
          CONTENT_RIGHT);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(haul_fetches_the_blob_itself_when_the_other_client_gave_up)
{
    struct hub_setting s;
    struct process p;
    struct result r;
    hub_setting_init(&s, &model);
    int fd = open_lock(&s, &files[1]);
    CHECK_INT(flock(fd, LOCK_EX), 0);
    world_start(&s.world, &p, BATCH "acme/tiny/model.safetensors");
    CHECK(!process_ended(&p, CLOCK_SEC / 2));
    close(fd);
    process_wait(&p, &r, WORLD_TIMEOUT);
    CHECK_INT(r.exit, 0);
    CHECK(origin_log_count(s.hub.cdn) > 0);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_client_waits_while_haul_fetches_the_blob)
{
    struct hub_setting s;
    struct process p;
    struct result r;
    hub_setting_init(&s, &model);
    fake_hub_fault(&s.hub, &model, &files[1], "rate=200K");
    world_start(&s.world, &p, BATCH "-x 1 acme/tiny/model.safetensors");
    CHECK(origin_await_bytes(s.hub.cdn, 1));
    int fd = open_lock(&s, &files[1]);
    CHECK_INT(flock(fd, LOCK_EX | LOCK_NB), -1);
    CHECK_INT(flock(fd, LOCK_EX), 0); /* given when haul is done */
    char *blob = blob_path(&s, &files[1]);
    CHECK(access(blob, F_OK) == 0);
    free(blob);
    close(fd);
    process_wait(&p, &r, WORLD_TIMEOUT);
    CHECK_INT(r.exit, 0);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_blob_that_was_cut_short_is_fetched_anew)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    write_blob(&s, &files[1], 1000);
    fetch(&s, "acme/tiny/model.safetensors", 0);
    CHECK(content_check(s.cache, FOLDER "/snapshots/" COMMIT "/model.safetensors", 2, 200000) ==
          CONTENT_RIGHT);
    hub_setting_release(&s);
}

TEST(a_wrong_blob_never_gets_its_name)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fake_hub_fault(&s.hub, &model, &files[1], "flip=5");
    fetch(&s, "acme/tiny --tries 2", 6);
    char *blob = blob_path(&s, &files[1]), *ref = read_text(&s, FOLDER "/refs/main");
    CHECK(access(blob, F_OK) != 0);
    CHECK(!content_exists(s.cache, FOLDER "/snapshots/" COMMIT "/model.safetensors"));
    CHECK(!ref); /* nothing says that the snapshot is whole */
    free(ref);
    free(blob);
    hub_setting_release(&s);
}

TEST(what_stands_in_the_cache_already_stays)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    char *incomplete = blob_path(&s, &files[1]);
    write_blob(&s, &files[0], files[0].size);
    char *theirs = xasprintf("%s.12345678.incomplete", incomplete);
    FILE *f = fopen(theirs, "w");
    fclose(f);
    char *tag = in_cache(&s, "CACHEDIR.TAG");
    f = fopen(tag, "w");
    fputs("mine", f);
    fclose(f);
    fetch(&s, "acme/tiny", 0);
    CHECK(access(theirs, F_OK) == 0);
    char *text = read_text(&s, "CACHEDIR.TAG");
    CHECK_STR(text, "mine");
    CHECK_INT(
        fake_hub_requests(s.hub.hub, "/api/resolve-cache/models/acme/tiny/" COMMIT "/config.json"),
        0);
    free(text);
    free(tag);
    free(theirs);
    free(incomplete);
    hub_setting_release(&s);
}

TEST(offline_the_cache_answers_and_nothing_is_asked)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny", 0);
    origin_reset_log(s.hub.hub);
    world_env(&s.world, "HF_HUB_OFFLINE", "1");
    fetch(&s, "acme/tiny", 0);
    fetch(&s, "acme/tiny@" COMMIT "/config.json", 0);
    CHECK_INT(origin_log_count(s.hub.hub), 0);
    hub_setting_release(&s);
}

/* Other clients keep no list of the files. */
TEST(offline_a_snapshot_without_a_list_is_read_from_its_links)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny", 0);
    char *trees = in_cache(&s, FOLDER "/trees/" COMMIT ".json");
    CHECK_INT(unlink(trees), 0);
    world_env(&s.world, "HF_HUB_OFFLINE", "yes");
    world_run(&s.world, &r, BATCH "acme/tiny");
    CHECK_INT(r.exit, 0);
    CHECK_INT(result_event_count(&r, "file"), 4);
    result_release(&r);
    free(trees);
    hub_setting_release(&s);
}

TEST(offline_what_is_not_in_the_cache_is_not_found)
{
    struct hub_setting s;
    struct result r;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    origin_reset_log(s.hub.hub);
    world_env(&s.world, "HF_HUB_OFFLINE", "ON");
    fetch(&s, "acme/none", 3);
    world_run(&s.world, &r, BATCH "acme/tiny/model.safetensors");
    CHECK_INT(r.exit, 3);
    CHECK(strstr(result_text(&r, "error", "message"), "unset HF_HUB_OFFLINE"));
    CHECK_INT(origin_log_count(s.hub.hub), 0);
    result_release(&r);
    hub_setting_release(&s);
}

TEST(a_file_that_the_commit_does_not_have_is_noted_for_other_clients)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/no/such.json", 3);
    CHECK_INT(content_size(s.cache, FOLDER "/.no_exist/" COMMIT "/no/such.json"), 0);
    hub_setting_release(&s);
}
