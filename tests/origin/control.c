/* SPDX-License-Identifier: MIT */
/*
 * What a shell test may ask and change:
 *   /control/log              the log as JSON
 *   /control/reset            origin_reset_log
 *   /control/set?path=P&...   origin_set with the rest of the query
 *   /control/live             number of open connections, this one too
 */
#include <string.h>

#include "origin/exchange.h"

static bool control_log(struct origin_exchange *x)
{
    struct buf json;
    buf_init_max(&json, (size_t)256 << 20);
    origin_log_json(x->origin, &json);
    buf_add_char(&json, '\n');
    bool ok = origin_answer_text(x, 200, json.data);
    buf_release(&json);
    return ok;
}

static bool control_reset(struct origin_exchange *x)
{
    origin_reset_log(x->origin);
    return origin_answer_text(x, 200, "ok\n");
}

static bool control_set(struct origin_exchange *x)
{
    static const char *const without[] = {"path", NULL};
    const char *path = origin_query_get(&x->request->query, "path");
    if (!path)
        return origin_answer_text(x, 400, "/control/set?path=/file/NAME&OPTIONS\n");
    struct buf options;
    buf_init(&options);
    origin_query_write(&x->request->query, without, &options);
    origin_set(x->origin, path, options.data);
    buf_release(&options);
    return origin_answer_text(x, 200, "ok\n");
}

static bool control_live(struct origin_exchange *x)
{
    char text[32];
    snprintf(text, sizeof text, "%zu\n", origin_live_connections(x->origin));
    return origin_answer_text(x, 200, text);
}

static const struct {
    const char *path;
    bool (*answer)(struct origin_exchange *x);
} controls[] = {
    {"/control/log", control_log},
    {"/control/reset", control_reset},
    {"/control/set", control_set},
    {"/control/live", control_live},
};

bool origin_control_answer(struct origin_exchange *x)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(controls); i++)
        if (!strcmp(x->request->path, controls[i].path))
            return controls[i].answer(x);
    return origin_answer_text(x, 404, "log, reset, set or live\n");
}
