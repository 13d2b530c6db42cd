/* SPDX-License-Identifier: MIT */
/* A whole batch over a real session with an engine that only pretends. */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "cli/batch.h"
#include "cli/signals.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/engine.h"
#include "core/json.h"
#include "core/session.h"
#include "core/session_ops.h"

struct engine {
    int unused;
};

static struct engine_worker *worker_new(struct engine *e)
{
    (void)e;
    return xcalloc(1, 1);
}

static void worker_free(struct engine_worker *w)
{
    free(w);
}

#define FILES 500

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* https://h/NAME: `missing…` fails, `full…` pauses for the disk, `slow…` runs until it is stopped,
 * `brief…` for a millisecond, `set` has many files, one a millisecond, anything else is there at
 * once. */
static enum haul_error pretend(struct engine_worker *w, struct run *run, struct haul_fault *fault)
{
    const char *name = strrchr(run_request(run)->spec, '/') + 1;
    struct plan plan;
    (void)w;
    if (!strncmp(name, "missing", 7))
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "404 for %s", name);
    plan_init(&plan);
    plan.name = xstrdup(name);
    plan.root = xstrdup("/made/up");
    struct plan_file *f = plan_add(&plan);
    f->path = xstrdup(name);
    f->size = 5;
    for (int i = 1; !strcmp(name, "set") && i < FILES; i++)
        plan_add(&plan)->path = xasprintf("%s-%d", name, i);
    run_set_plan(run, &plan);
    size_t count = plan.count;
    plan_release(&plan);
    run_set_state(run, JOB_RUNNING);
    for (size_t i = 1; i < count; i++) {
        run_file_done(run, i, FILE_DONE, NULL, DIGEST_BY_NONE);
        wait_ms(1);
    }
    if (!strncmp(name, "brief", 5))
        wait_ms(1);
    while (!strncmp(name, "slow", 4) && !run_stop(run))
        wait_ms(5);
    if (!strncmp(name, "full", 4)) {
        fault_set(fault, HAUL_ERR_DISK_FULL, "no space");
        run_pause_for_disk(run, fault);
    }
    if (run_stop(run))
        return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
    run_set_state(run, JOB_VERIFYING);
    atomic_store(&run_file(run, 0)->bytes, 5);
    run_file_done(run, 0, FILE_DONE, NULL, DIGEST_BY_NONE);
    return HAUL_OK;
}

static void wake(struct engine_worker *w)
{
    (void)w;
}

static void discard(struct engine *e, const char *path)
{
    (void)e;
    (void)path;
}

static bool supports(enum spec_kind kind)
{
    return kind == SPEC_URL;
}

static void set_limit_rate(struct engine *e, int64_t rate)
{
    (void)e;
    (void)rate;
}

static void engine_free(struct engine *e)
{
    free(e);
}

static const struct engine_ops ops = {
    .worker_new = worker_new,
    .worker_free = worker_free,
    .run = pretend,
    .wake = wake,
    .discard = discard,
    .supports = supports,
    .set_limit_rate = set_limit_rate,
    .free = engine_free,
};

/* How often a batch looks at the queue: the session's and the watcher's calls go through here. */
static struct session_ops counting;
static const struct session_ops *real;
static int looks;

static bool count_look(struct watcher *w, struct snapshot *snapshot)
{
    looks++;
    return real->watcher_refresh(w, snapshot);
}

static struct watcher *count_looks_of(struct session *s)
{
    struct watcher *w = real->watch(s);
    w->ops = &counting;
    return w;
}

static void count_looks(struct session *s)
{
    looks = 0;
    real = s->ops;
    counting = *real;
    counting.watch = count_looks_of;
    counting.watcher_refresh = count_look;
    s->ops = &counting;
}

#define MOST 1000

/* What a batch of these names (separated by blanks) writes on standard output, caller frees. */
static char *run_batch(const char *names, struct cli_options *o, int *code)
{
    static struct job_request requests[MOST];
    struct haul_fault fault;
    size_t count = 0;
    for (; *names; names += strcspn(names, " "), names += strspn(names, " ")) {
        job_request_init(&requests[count]);
        requests[count++].spec = xasprintf("https://h/%.*s", (int)strcspn(names, " "), names);
    }
    struct session_config config = {.settings = &o->settings, .heartbeat = -1};
    signals_block();
    struct session *s = session_local_new(&config, xcalloc(1, sizeof(struct engine)), &ops, &fault);
    ASSERT(s);
    count_looks(s);
    char path[] = "/tmp/haul-test-batch-XXXXXX";
    int file = mkstemp(path), saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    ASSERT(file >= 0 && saved >= 0);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    struct batch_input input = {
        .requests = requests, .count = count, .started_ms = clock_wall_ms()};
    *code = batch_run(s, o, &input);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    session_free(s);
    char *text = xcalloc(1, 65536);
    ASSERT(pread(file, text, 65535, 0) >= 0);
    close(file);
    unlink(path);
    for (size_t i = 0; i < count; i++)
        job_request_release(&requests[i]);
    return text;
}

static void quiet_options(struct cli_options *o, bool json)
{
    cli_options_init(o);
    o->progress = PROGRESS_NONE;
    o->json = json;
}

TEST(a_batch_prints_paths_and_exits_with_the_code_of_its_failures)
{
    static const struct {
        const char *names, *output;
        int code;
    } cases[] = {
        {"a", "/made/up/a\n", 0},
        {"missing", "", 3},
        {"missing-1 a missing-2", "/made/up/a\n", 3},
        {"full", "", 7},
        {"full missing", "", 1},
        {"a a", "/made/up/a\n", 0},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        struct cli_options o;
        int code;
        quiet_options(&o, false);
        o.settings.jobs = 1;
        char *text = run_batch(cases[i].names, &o, &code);
        CHECK_STR(text, cases[i].output);
        CHECK_INT(code, cases[i].code);
        free(text);
        cli_options_release(&o);
    }
}

static void check_looks(const char *names, size_t lines)
{
    struct cli_options o;
    int code;
    quiet_options(&o, false);
    int64_t start = clock_now();
    char *text = run_batch(names, &o, &code);
    int64_t took = (clock_now() - start) / (20 * CLOCK_MS);
    CHECK_INT(code, 0);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines--;
    CHECK_INT(lines, 0);
    if (looks > 2 * took + 250)
        HARNESS_FAIL("%d looks in %lld x 20 ms", looks, (long long)took);
    free(text);
    cli_options_release(&o);
}

TEST(a_long_queue_is_not_looked_at_for_each_of_its_changes)
{
    struct buf names;
    buf_init(&names);
    for (int i = 0; i < MOST; i++)
        buf_addf(&names, "brief%d ", i);
    check_looks(names.data, MOST);
    buf_release(&names);
}

TEST(a_job_of_many_files_is_not_looked_at_for_each_of_them)
{
    check_looks("set", FILES);
}

TEST(an_empty_queue_is_a_usage_error)
{
    struct cli_options o;
    int code;
    quiet_options(&o, false);
    char *text = run_batch("", &o, &code);
    CHECK_INT(code, 2);
    free(text);
    cli_options_release(&o);
}

/* Counts events of a name and checks that seq rises by one from 1. */
static size_t count_events(const char *text, const char *name)
{
    size_t found = 0;
    int64_t seq = 0;
    for (; *text; text += strcspn(text, "\n") + 1) {
        struct haul_fault fault;
        struct json *line = json_parse(text, strcspn(text, "\n"), 100, HAUL_ERR_INTERNAL, &fault);
        ASSERT(line);
        CHECK_INT(json_int(json_get(line, "seq"), -1), ++seq);
        found += !strcmp(json_string(json_get(line, "event"), ""), name);
        json_free(line);
    }
    return found;
}

TEST(json_ends_with_one_summary_behind_progress_and_end_of_every_job)
{
    struct cli_options o;
    int code;
    quiet_options(&o, true);
    char *text = run_batch("a b missing", &o, &code);
    CHECK_INT(code, 3);
    CHECK_INT(count_events(text, "summary"), 1);
    CHECK_INT(count_events(text, "file"), 2);
    CHECK_INT(count_events(text, "error"), 1);
    CHECK(count_events(text, "progress") >= 3);
    const char *last = strstr(text, "\"event\":\"summary\"");
    ASSERT(last);
    CHECK(strstr(last, "\"completed\":2,\"failed\":1,\"cancelled\":0,\"bytes\":10"));
    CHECK_INT(strlen(strchr(last, '\n')), 1);
    free(text);
    cli_options_release(&o);
}

/* Last: from a signal on, the next one ends this process. */
TEST(sigterm_stops_the_batch_with_143_and_a_summary)
{
    struct cli_options o;
    int code;
    quiet_options(&o, true);
    signals_block();
    kill(getpid(), SIGTERM);
    char *text = run_batch("slow", &o, &code);
    CHECK_INT(code, 143);
    CHECK_INT(count_events(text, "summary"), 1);
    free(text);
    cli_options_release(&o);
}
