/* SPDX-License-Identifier: MIT */
/* A job server for a test, and its jobs; see serving.h. */
#include "api/serving.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/units.h"

/* A test that cannot have its server has nothing to say. */
HAUL_NORETURN HAUL_PRINTF(1, 2) static void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("# ", stdout);
    vprintf(format, args);
    puts("");
    va_end(args);
    exit(1);
}

/* ---- begin and end ---- */

void serving_log(const struct serving *s, struct buf *out)
{
    char chunk[4096];
    size_t n;
    FILE *f = fopen(s->p.err, "r");
    buf_init(out);
    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(out, chunk, n);
    if (f)
        fclose(f);
}

char *serving_token(const struct serving *s)
{
    char text[128] = "", *path = world_path(&s->w, "state/haul/token");
    FILE *f = fopen(path, "r");
    if (f && fgets(text, sizeof text, f))
        text[strcspn(text, "\n")] = '\0';
    if (f)
        fclose(f);
    free(path);
    return xstrdup(text);
}

static uint16_t told_port(const char *log)
{
    static const char words[] = "listening on http://127.0.0.1:";
    const char *at = strstr(log, words);
    uint64_t port = 0;
    char digits[8] = "";
    if (at)
        snprintf(digits, sizeof digits, "%.*s", (int)strspn(at + sizeof words - 1, "0123456789"),
                 at + sizeof words - 1);
    return units_parse_u64(digits, UINT16_MAX, &port) ? (uint16_t)port : 0;
}

static bool is_up(struct serving *s)
{
    struct answer a;
    struct buf log;
    ask(s, &a, "GET", "/health", NULL);
    bool up = a.status == 200;
    answer_release(&a);
    serving_log(s, &log);
    s->port = told_port(log.data);
    buf_release(&log);
    return up;
}

void serving_prepare(struct serving *s)
{
    *s = (struct serving){.o = origin_new(NULL)};
    world_init(&s->w);
    s->socket = world_path(&s->w, "run/haul.sock");
}

void serving_start(struct serving *s, const char *options)
{
    char *dir = s->without_dir ? NULL : xasprintf("-d %s", s->w.dir);
    world_start(&s->w, &s->p, "serve -v --retry-wait 0.05 --socket %s %s %s", s->socket,
                dir ? dir : "", options);
    free(dir);
    s->runs = true;
    for (int64_t until = clock_now() + SERVING_PATIENCE; !is_up(s);) {
        if (process_ended(&s->p, 20 * CLOCK_MS) || clock_now() > until) {
            struct buf log;
            serving_log(s, &log);
            give_up("no server: %s", log.data);
        }
    }
}

void serving_init(struct serving *s, const char *options)
{
    serving_prepare(s);
    serving_start(s, options);
}

void serving_stop(struct serving *s, int number, struct result *r)
{
    process_signal(&s->p, number);
    process_wait(&s->p, r, 10 * CLOCK_SEC);
    s->runs = false;
}

void serving_release(struct serving *s)
{
    struct result r;
    if (s->runs) {
        serving_stop(s, SIGTERM, &r);
        if (r.exit != 0)
            give_up("the server ended with %d: %s", r.exit, r.err.data);
        result_release(&r);
    }
    world_release(&s->w);
    origin_free(s->o);
    free(s->socket);
}

/* ---- jobs ---- */

void serving_add_source(const struct serving *s, char id[JOB_ID_SIZE], const char *source,
                        const char *fields)
{
    struct answer a;
    char *body = xasprintf("{\"operation\":\"model_download\",\"model\":\"%s\"%s}", source, fields);
    ask(s, &a, "POST", "/v1/jobs", body);
    if (a.status != 201)
        give_up("%s: %d %s", source, a.status, a.body.data);
    snprintf(id, JOB_ID_SIZE, "%s", answer_text(&a, "job_id"));
    answer_release(&a);
    free(body);
}

void serving_add(const struct serving *s, char id[JOB_ID_SIZE], const char *path)
{
    serving_add_source(s, id, origin_link(s->o, "%s", path), "");
}

void serving_job(const struct serving *s, const char *id, struct answer *a)
{
    ask(s, a, "GET", path_of("/v1/jobs/%s", id), NULL);
}

const char *serving_state(const struct serving *s, const char *id)
{
    struct answer a;
    enum job_state state;
    serving_job(s, id, &a);
    bool known = job_state_from_name(answer_text(&a, "state"), &state);
    answer_release(&a);
    return known ? job_state_name(state) : "gone";
}

static bool is_end(const char *name)
{
    enum job_state state;
    return !job_state_from_name(name, &state) || job_state_ended(state);
}

void serving_await(const struct serving *s, const char *id, const char *state)
{
    int64_t until = clock_now() + SERVING_PATIENCE;
    for (const char *now; strcmp(now = serving_state(s, id), state) != 0; world_nap(10))
        if (is_end(now) || clock_now() > until)
            give_up("%s is %s, not %s", id, now, state);
}
