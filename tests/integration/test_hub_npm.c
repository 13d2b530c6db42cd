/* SPDX-License-Identifier: MIT */
/* A client of the Hub that is not ours reads the cache that haul wrote: npm's @huggingface/hub. */
#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "integration/fake_hub.h"
#include "integration/world.h"

#define COMMIT  "0123456789abcdef0123456789abcdef01234567"
#define SKIPPED 77 /* as ctest knows it */

static const struct fake_file files[] = {
    {"README.md", 1200, 1, false},
    {"config.json", 300, 2, false},
    {"model.safetensors", 3 << 20, 3, true},
    {"onnx/config.json", 300, 2, false},
    {"onnx/deep/model.onnx", 70000, 4, true},
    {"zero", 0, 5, false},
};
static const struct fake_repo model = {.kind = "models",
                                       .name = "acme/tiny",
                                       .revision = "main",
                                       .commit = COMMIT,
                                       .files = files,
                                       .count = HAUL_ARRAY_LEN(files)};

/* What the command prints is the test's own output, as comments of TAP. */
static int run(char *command)
{
    FILE *out = popen(command, "r");
    char line[1024];
    while (out && fgets(line, sizeof line, out))
        printf("# %s", line);
    int status = out ? pclose(out) : -1;
    free(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void need_client(void)
{
    if (!access(HAUL_NPM_DIR "/node_modules/.package-lock.json", F_OK))
        return;
    if (run(xasprintf("npm ci --no-audit --no-fund --prefix %s 2>&1", HAUL_NPM_DIR)) == 0)
        return;
    puts("1..0 # SKIP npm cannot install the client");
    exit(SKIPPED);
}

TEST(the_hubs_own_client_finds_all_that_haul_wrote_and_fetches_the_same)
{
    struct hub_setting s;
    struct result r;
    struct buf url;
    need_client();
    buf_init(&url);
    hub_setting_init(&s, &model);
    /* It asks for small files without refusing compression, which the fake punishes. */
    for (size_t i = 0; i < HAUL_ARRAY_LEN(files); i++)
        fake_hub_fault(&s.hub, &model, &files[i], "gzip=no");
    origin_url(s.hub.hub, "", &url);
    world_run(&s.world, &r, "--batch --json acme/tiny");
    CHECK_INT(r.exit, 0);
    origin_reset_log(s.hub.cdn);
    CHECK_INT(run(xasprintf("node %s/check.mjs %s %s acme/tiny " COMMIT " 2>&1", HAUL_NPM_DIR,
                            url.data, s.cache)),
              0);
    CHECK(origin_log_count(s.hub.cdn) > 0);
    CHECK_INT(fake_hub_authorized(s.hub.cdn), 0);
    result_release(&r);
    buf_release(&url);
    hub_setting_release(&s);
}
