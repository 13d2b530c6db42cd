/* SPDX-License-Identifier: MIT */
/*
 * `build:RECIPE.json`: runs a program that makes a file or a directory, and enters what it made
 * into the library. Nothing runs that the user has not seen and confirmed. Worker thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "net/build_output.h"
#include "net/child.h"
#include "net/engine_internal.h"
#include "net/hash.h"
#include "net/local_work.h"
#include "net/sources.h"

#define TICK_NS (250 * CLOCK_MS)
/* Of a build that fails, in its message. */
#define LAST_LINES 5
#define LAST_BYTES 120
/* Of what would run, in the message that asks to confirm it. */
#define SHOWN_MAX 700

struct build {
    struct run *run;
    struct recipe recipe;
    struct build_output output;
    int64_t ticked_at;
    char *last[LAST_LINES]; /* a ring */
    size_t lines;
};

/* ---- the recipe ---- */

static enum haul_error read_text(const char *path, struct buf *text, struct haul_fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    char chunk[4096];
    ssize_t n = 0;
    if (fd < 0 && errno == ENOENT)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: there is no such recipe", path);
    if (fd < 0 || fstat(fd, &st) != 0)
        return fault_set_errno(fault, errno, "cannot read %s", path);
    while (S_ISREG(st.st_mode) && !text->full && (n = read(fd, chunk, sizeof chunk)) > 0)
        buf_add(text, chunk, (size_t)n);
    int err = n < 0 ? errno : 0;
    close(fd);
    if (err)
        return fault_set_errno(fault, err, "cannot read %s", path);
    if (!S_ISREG(st.st_mode) || text->full)
        return fault_set(fault, HAUL_ERR_USAGE, "%s: is no recipe", path);
    return HAUL_OK;
}

static enum haul_error read_recipe(const struct spec *spec, struct recipe *recipe,
                                   struct haul_fault *fault)
{
    struct buf text;
    buf_init_max(&text, RECIPE_SIZE_MAX);
    char *expanded = path_expand(spec->path);
    char *path = expanded[0] == '/' ? xstrdup(expanded) : path_join(NULL, expanded);
    char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    enum haul_error err = read_text(path, &text, fault);
    if (err == HAUL_OK)
        err = recipe_parse(path, text.data, text.len, *folder ? folder : "/", recipe, fault);
    free(folder);
    free(path);
    free(expanded);
    buf_release(&text);
    return err;
}

static enum haul_error check_confirmed(const struct recipe *recipe,
                                       const struct job_request *request, struct haul_fault *fault)
{
    struct buf what;
    if (request->confirmed)
        return HAUL_OK;
    buf_init(&what);
    recipe_describe(recipe, &what);
    bool whole = what.len <= SHOWN_MAX;
    fault_set(fault, HAUL_ERR_USAGE,
              "%.100s: not confirmed. It would run: %.*s%s. If that is what you want, give --yes",
              recipe->name, SHOWN_MAX, what.data,
              whole ? "" : "... (there is more: 'haul resolve' shows all of it)");
    buf_release(&what);
    return HAUL_ERR_USAGE;
}

/* ---- the program ---- */

static void take_line(void *context, const char *text, size_t len)
{
    struct build *b = context;
    char **slot = &b->last[b->lines++ % LAST_LINES];
    run_log(b->run, LOG_INFO, "%.*s", (int)len, text);
    free(*slot);
    *slot = xstrndup(text, len < LAST_BYTES ? len : LAST_BYTES);
}

static bool go_on(void *context)
{
    struct build *b = context;
    int64_t now = clock_now();
    if (now - b->ticked_at >= TICK_NS) {
        run_tick(b->run);
        b->ticked_at = now;
    }
    return run_stop(b->run) == STOP_NONE;
}

static enum haul_error judge(const struct build *b, int status, struct haul_fault *fault)
{
    struct buf tail;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return HAUL_OK;
    buf_init(&tail);
    size_t first = b->lines > LAST_LINES ? b->lines - LAST_LINES : 0;
    for (size_t i = first; i < b->lines; i++)
        buf_addf(&tail, "%s%s", i == first ? ": " : " | ", b->last[i % LAST_LINES]);
    bool killed = WIFSIGNALED(status);
    fault_set(fault, HAUL_ERR_INTERNAL, "%s: %s ended with %s %d%s", b->recipe.name,
              b->recipe.command.items[0], killed ? "signal" : "exit status",
              killed ? WTERMSIG(status) : WEXITSTATUS(status), tail.data);
    buf_release(&tail);
    return HAUL_ERR_INTERNAL;
}

static enum haul_error run_program(struct build *b, struct engine_worker *worker,
                                   struct haul_fault *fault)
{
    int status = 0;
    struct buf what;
    struct child_request request = {
        .command = &b->recipe.command,
        .cwd = b->recipe.cwd,
        .env = &b->recipe.env,
        .waker = worker->waker,
        .line = take_line,
        .go_on = go_on,
        .context = b,
    };
    buf_init(&what);
    recipe_describe(&b->recipe, &what);
    run_log(b->run, LOG_INFO, "running %s", what.data);
    buf_release(&what);
    enum haul_error err = child_run(&request, &status, fault);
    return err == HAUL_OK ? judge(b, status, fault) : err;
}

/* ---- what it made ---- */

static enum haul_error take_file(struct build *b, const struct plan *plan, size_t i,
                                 enum file_state state, struct haul_fault *fault)
{
    struct local_work work;
    struct digest_watch watch = {local_work_go_on, &work};
    struct digest_value got, want = {0};
    char *path = path_join(plan->root, plan->files[i].path);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    enum haul_error err = HAUL_OK;
    if (b->recipe.has_sha256) {
        want = (struct digest_value){.algorithm = DIGEST_SHA256, .origin = DIGEST_BY_PINNED};
        memcpy(want.bytes, b->recipe.sha256, sizeof b->recipe.sha256);
    }
    local_work_begin(&work, b->run, i);
    if (fd < 0)
        err = fault_set_errno(fault, errno, "cannot read %s", path);
    else
        err = hash_fd(fd, DIGEST_SHA256, plan->files[i].size, path, &watch, &got, fault);
    if (err == HAUL_OK)
        err = local_work_check(path, &got, &want, fault);
    if (err == HAUL_OK)
        local_work_done(b->run, i, state, path, &got, want.origin);
    if (fd >= 0)
        close(fd);
    free(path);
    return err;
}

static enum haul_error take_output(struct build *b, struct plan *plan, enum file_state state,
                                   struct haul_fault *fault)
{
    enum haul_error err = build_output_plan(&b->output, &b->recipe, plan, fault);
    if (err != HAUL_OK)
        return err;
    run_set_plan(b->run, plan);
    run_set_state(b->run, JOB_VERIFYING);
    for (size_t i = 0; err == HAUL_OK && i < plan->count; i++)
        err = take_file(b, plan, i, state, fault);
    return err;
}

static enum haul_error build(struct build *b, struct engine_worker *worker, struct plan *plan,
                             struct haul_fault *fault)
{
    enum haul_error err = run_program(b, worker, fault);
    if (err == HAUL_OK)
        err = take_output(b, plan, FILE_DONE, fault);
    if (err != HAUL_OK)
        build_output_remove(&b->output);
    return err;
}

/* What is there is taken when its digest is the recipe's, or the user says so. */
static enum haul_error take_existing(struct build *b, const struct job_request *request,
                                     struct plan *plan, struct haul_fault *fault)
{
    bool skip = request->on_exists == ON_EXISTS_SKIP;
    bool proven = request->on_exists == ON_EXISTS_DEFAULT && b->recipe.has_sha256;
    if (skip || proven) {
        enum haul_error err = take_output(b, plan, FILE_SKIPPED, fault);
        if (err != HAUL_ERR_CHECKSUM)
            return err;
    }
    return fault_set(fault, HAUL_ERR_EXISTS,
                     "%s exists; --on-exists overwrite lets the build write over it, skip takes it "
                     "as it is",
                     b->output.path);
}

static void release(struct build *b)
{
    for (size_t i = 0; i < LAST_LINES; i++)
        free(b->last[i]);
    build_output_release(&b->output);
    recipe_release(&b->recipe);
}

static enum haul_error carry_out(const struct source *source, const struct spec *spec,
                                 const struct job_request *request, struct run *run,
                                 struct engine_worker *worker, struct plan *plan,
                                 struct haul_fault *fault)
{
    (void)source;
    struct build b = {.run = run, .ticked_at = clock_now()};
    recipe_init(&b.recipe);
    enum haul_error err = read_recipe(spec, &b.recipe, fault);
    if (err == HAUL_OK)
        err = check_confirmed(&b.recipe, request, fault);
    if (err == HAUL_OK) {
        build_output_init(&b.output, &b.recipe);
        bool taken = b.output.existed && request->on_exists != ON_EXISTS_OVERWRITE;
        err = taken ? take_existing(&b, request, plan, fault) : build(&b, worker, plan, fault);
    }
    release(&b);
    return err;
}

/* What it would make; nothing runs. */
static enum haul_error resolve(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault)
{
    (void)source;
    (void)request;
    (void)client;
    struct recipe recipe;
    recipe_init(&recipe);
    enum haul_error err = read_recipe(spec, &recipe, fault);
    if (err == HAUL_OK) {
        struct buf what;
        buf_init(&what);
        recipe_describe(&recipe, &what);
        plan->name = xasprintf("%s: %s", recipe.name, what.data);
        buf_release(&what);
        plan->root = xstrdup(recipe.cwd);
        struct plan_file *file = plan_add(plan);
        file->path = xstrdup(recipe.output);
        if (recipe.has_sha256) {
            file->digest.algorithm = DIGEST_SHA256;
            memcpy(file->digest.bytes, recipe.sha256, sizeof recipe.sha256);
        }
    }
    recipe_release(&recipe);
    return err;
}

const struct source source_build = {
    .kind = SPEC_BUILD,
    .name = "build",
    .resolve = resolve,
    .carry_out = carry_out,
};
