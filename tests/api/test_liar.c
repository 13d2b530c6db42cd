/* SPDX-License-Identifier: MIT */
/* Commands on a job server that does not keep to docs/api.md, or does not answer. */
#include "api/liar.h"

#include <stdlib.h>
#include <string.h>

#include "core/attrs.h"
#include "harness.h"
#include "integration/world.h"

/* A world with a liar at the usual place. */
struct scene {
    struct world w;
    struct liar l;
    struct result r;
};

static void scene_init(struct scene *s, const struct lie *lies, size_t count)
{
    *s = (struct scene){0};
    world_init(&s->w);
    char *path = world_path(&s->w, "run/haul.sock");
    liar_start(&s->l, path, lies, count);
    free(path);
}

static void scene_release(struct scene *s)
{
    result_release(&s->r);
    liar_stop(&s->l);
    world_release(&s->w);
}

/* ---- a list that does not come ---- */

static const struct lie busy[] = {
    LIE_INFO,
    {.request = "GET /v1/events",
     .status = "503 Service Unavailable",
     .body = "{\"error\":{\"code\":\"busy\",\"message\":\"too many streams are open\"}}"},
};

static const struct lie silent[] = {LIE_INFO};

static const struct lie half[] = {
    LIE_INFO,
    {.request = "GET /v1/events",
     .status = "200 OK",
     .type = "text/event-stream",
     .body = "event: list\ndata: {\"jobs\":1}\n\n",
     .open = true},
};

TEST(a_list_that_cannot_be_read_is_no_empty_list)
{
    static const char *const commands[] = {"jobs", "jobs --json", "watch", "watch 1"};
    static const struct {
        const struct lie *lies;
        size_t count;
    } kinds[] = {{busy, HAUL_ARRAY_LEN(busy)},
                 {silent, HAUL_ARRAY_LEN(silent)},
                 {half, HAUL_ARRAY_LEN(half)}};
    enum { KINDS = HAUL_ARRAY_LEN(kinds), COMMANDS = HAUL_ARRAY_LEN(commands) };
    struct scene scenes[KINDS];
    struct process processes[KINDS][COMMANDS];
    for (int k = 0; k < KINDS; k++) { /* all at once: each waits for ten seconds */
        scene_init(&scenes[k], kinds[k].lies, kinds[k].count);
        for (int c = 0; c < COMMANDS; c++)
            world_start(&scenes[k].w, &processes[k][c], "%s", commands[c]);
    }
    for (int k = 0; k < KINDS; k++) {
        for (int c = 0; c < COMMANDS; c++) {
            struct result *r = &scenes[k].r;
            process_wait(&processes[k][c], r, 40 * CLOCK_SEC);
            CHECK_INT(r->exit, 9);
            CHECK_STR(r->out.data, "");
            CHECK(strstr(r->err.data, "haul: ") != NULL);
            result_release(r);
        }
        scene_release(&scenes[k]);
    }
}

/* ---- ids ---- */

TEST(an_id_that_is_none_is_not_shown)
{
    static const struct lie lies[] = {
        LIE_INFO,
        {.request = "POST /v1/jobs",
         .status = "200 OK",
         .body = "{\"jobs\":[{\"job_id\":\"\\u001b]0;x\\u0007\\\"\"}]}"},
    };
    static const char *const commands[] = {"add http://h/x", "add --json http://h/x"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(commands); i++) {
        struct scene s;
        scene_init(&s, lies, HAUL_ARRAY_LEN(lies));
        world_run(&s.w, &s.r, "%s", commands[i]);
        CHECK_INT(s.r.exit, 9);
        CHECK_STR(s.r.out.data, "");
        CHECK(!strchr(s.r.err.data, '\033'));
        scene_release(&s);
    }
}
