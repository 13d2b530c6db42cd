/* SPDX-License-Identifier: MIT */
/* docs/openapi.json and docs/api.md against the real server: see node/check.mjs, which does it. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/world.h"

#define SKIPPED 77 /* as ctest knows it */

/* What the command prints is the test's own output, as comments of TAP. */
static int run(char *command)
{
    FILE *out = popen(command, "r");
    char line[2048];
    while (out && fgets(line, sizeof line, out))
        printf("# %s%s", line, strchr(line, '\n') ? "" : "\n");
    int status = out ? pclose(out) : -1;
    free(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void need_packages(void)
{
    if (!access(HAUL_NODE_DIR "/node_modules/.package-lock.json", F_OK))
        return;
    if (run(xasprintf("npm ci --no-audit --no-fund --prefix %s 2>&1", HAUL_NODE_DIR)) == 0)
        return;
    puts("1..0 # SKIP npm cannot install what reads schemas");
    exit(SKIPPED);
}

TEST(the_page_and_the_openapi_file_say_what_the_server_does)
{
    struct world w;
    need_packages();
    world_init(&w);
    CHECK_INT(run(xasprintf("node %s/check.mjs %s %s %s %s %s 2>&1", HAUL_NODE_DIR, w.root,
                            HAUL_DOCS_DIR, HAUL_BIN, ORIGIN_BIN, ROUTES_BIN)),
              0);
    world_release(&w);
}
