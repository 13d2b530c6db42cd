/* SPDX-License-Identifier: MIT */
/* What is left of the Hub's cache when entries of the library are deleted. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/fake_hub.h"
#include "integration/hub_cached.h"
#include "integration/world.h"

#define ENTRY "hf:acme/tiny@0123456789ab"

static bool there(const struct hub_setting *s, const char *name)
{
    struct stat st;
    char *path = in_cache(s, name);
    bool found = lstat(path, &st) == 0;
    free(path);
    return found;
}

/* What rm says that it kept; caller frees. */
static char *rm(struct hub_setting *s, const char *id)
{
    struct result r;
    world_run(&s->world, &r, "rm --yes %s", id);
    CHECK_INT(r.exit, 0);
    char *said = xstrdup(r.err.data ? r.err.data : "");
    result_release(&r);
    return said;
}

static void run(struct hub_setting *s, const char *args, int code)
{
    struct result r;
    world_run(&s->world, &r, "%s", args);
    if (r.exit != code)
        HARNESS_FAIL("%s: exit %d, not %d: %s", args, r.exit, code, r.err.data);
    result_release(&r);
}

TEST(rm_of_the_only_entry_leaves_nothing_of_the_repo)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny", 0);
    CHECK(there(&s, FOLDER "/trees/" COMMIT ".json"));
    char *said = rm(&s, ENTRY);
    CHECK_STR(said, "");
    CHECK(!there(&s, FOLDER));
    CHECK(there(&s, "CACHEDIR.TAG"));
    free(said);
    hub_setting_release(&s);
}

TEST(rm_leaves_the_reference_that_another_entry_of_the_commit_needs)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    fetch(&s, "acme/tiny/model*", 0);
    char *said = rm(&s, ENTRY "/config.json");
    CHECK(strstr(said, "refs/main: is needed by other files of its revision"));
    CHECK(!strstr(said, "CACHEDIR.TAG"));
    CHECK(!there(&s, FOLDER "/snapshots/" COMMIT "/config.json"));
    char *ref = read_text(&s, FOLDER "/refs/main");
    CHECK_STR(ref ? ref : "", COMMIT);
    CHECK(there(&s, FOLDER "/trees/" COMMIT ".json"));
    run(&s, "verify", 0);
    world_env(&s.world, "HF_HUB_OFFLINE", "1");
    fetch(&s, "acme/tiny/model*", 0);
    free(ref);
    free(said);
    hub_setting_release(&s);
}

TEST(the_last_entry_of_a_commit_takes_the_documents_of_all_with_it)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    fetch(&s, "acme/tiny@" COMMIT "/zero", 0);
    fetch(&s, "acme/tiny@" COMMIT "/model*", 0);
    free(rm(&s, ENTRY "/config.json"));
    free(rm(&s, ENTRY "/zero"));
    CHECK(there(&s, FOLDER "/refs/main"));
    char *said = rm(&s, ENTRY "/model*");
    CHECK_STR(said, "");
    CHECK(!there(&s, FOLDER));
    free(said);
    hub_setting_release(&s);
}

TEST(rm_leaves_the_reference_while_another_program_has_files_of_the_commit)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    char *theirs = in_cache(&s, FOLDER "/snapshots/" COMMIT "/theirs");
    CHECK(symlink("../../blobs/theirs", theirs) == 0);
    free(rm(&s, ENTRY "/config.json"));
    CHECK(there(&s, FOLDER "/refs/main"));
    CHECK(there(&s, FOLDER "/trees/" COMMIT ".json"));
    free(theirs);
    hub_setting_release(&s);
}

TEST(rm_leaves_the_files_that_another_entry_lists)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    fetch(&s, "acme/tiny", 0);
    char *said = rm(&s, ENTRY "/config.json");
    CHECK(strstr(said, "is used by another model"));
    CHECK(there(&s, FOLDER "/snapshots/" COMMIT "/config.json"));
    run(&s, "verify", 0);
    free(rm(&s, ENTRY));
    CHECK(!there(&s, FOLDER));
    free(said);
    hub_setting_release(&s);
}

/* Content that the user pinned is not taken by its name, but it is a blob like the others. */
TEST(rm_of_a_pinned_file_leaves_the_blob_that_another_snapshot_uses)
{
    struct hub_setting s;
    char sum[72];
    hub_setting_init(&s, &model);
    content_checksum(2, 200000, sum);
    char *spec = xasprintf("--checksum %s acme/tiny/model.safetensors", sum);
    fetch(&s, spec, 0);
    char *dir = in_cache(&s, FOLDER "/snapshots/" OTHER);
    char *link = xasprintf("%s/theirs", dir);
    char *target = xasprintf("../../blobs/%s", sum + 7);
    CHECK(mkdir(dir, 0755) == 0 && symlink(target, link) == 0);
    char *said = rm(&s, ENTRY);
    CHECK(strstr(said, "is used by another model"));
    CHECK(access(link, F_OK) == 0);
    CHECK(!there(&s, FOLDER "/refs"));
    free(said);
    free(target);
    free(link);
    free(dir);
    free(spec);
    hub_setting_release(&s);
}

TEST(a_pinned_file_takes_the_documents_of_its_commit_with_it)
{
    struct hub_setting s;
    char sum[72];
    hub_setting_init(&s, &model);
    content_checksum(2, 200000, sum);
    char *spec = xasprintf("--checksum %s acme/tiny/model.safetensors", sum);
    fetch(&s, "acme/tiny/config.json", 0);
    fetch(&s, spec, 0);
    free(rm(&s, ENTRY "/config.json"));
    free(rm(&s, ENTRY));
    CHECK(!there(&s, FOLDER));
    free(spec);
    hub_setting_release(&s);
}

TEST(rm_of_an_imported_link_leaves_the_blob_that_it_leads_to)
{
    struct hub_setting s;
    hub_setting_init(&s, &model);
    fetch(&s, "acme/tiny/config.json", 0);
    char *link = in_cache(&s, FOLDER "/snapshots/" COMMIT "/config.json");
    char *spec = xasprintf("--batch -q file:%s", link);
    run(&s, spec, 0);
    char *said = rm(&s, "file:");
    CHECK(strstr(said, "is used by another model"));
    run(&s, "verify", 0);
    free(said);
    free(spec);
    free(link);
    hub_setting_release(&s);
}
