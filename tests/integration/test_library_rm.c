/* SPDX-License-Identifier: MIT */
/* What is left of the Hub's cache when entries of the library are deleted. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
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
