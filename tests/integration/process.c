/* SPDX-License-Identifier: MIT */
/* Starting haul, waiting for it, reading what it said; see world.h. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "integration/world.h"

#define WORDS_MAX  64
#define OUTPUT_MAX ((size_t)64 << 20)

/* Cuts the text into words in place. */
static void split(char *text, char **words, size_t *count)
{
    for (;;) {
        text += strspn(text, " ");
        if (!*text || *count == WORDS_MAX)
            return;
        bool quoted = *text == '\'';
        words[(*count)++] = text += quoted;
        text += strcspn(text, quoted ? "'" : " ");
        if (*text)
            *text++ = '\0';
    }
}

static bool replace_resolver(const char *conf)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount(conf, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
}

/* Leaves it what it inherits, and the name of whom it is meant for. */
static bool pass_on(struct world *w)
{
    static char pid[32];
    snprintf(pid, sizeof pid, "LISTEN_PID=%d", (int)getpid());
    w->env[w->env_count] = pid;
    return dup2(w->inherited, 3) == 3;
}

/* The limit that programs may raise by themselves. */
static bool limit_open(rlim_t most)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return false;
    limit.rlim_cur = most;
    return !setrlimit(RLIMIT_NOFILE, &limit);
}

/* In the child, where only what is safe after fork may be called. */
HAUL_NORETURN static void become_haul(struct world *w, const struct process *p, char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that gives up leaves nobody behind */
    int in = open(w->input ? w->input : "/dev/null", O_RDONLY);
    int out = open(p->out, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int err = open(p->err, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (w->resolv_conf && !replace_resolver(w->resolv_conf))
        _exit(RESULT_NO_MOUNT);
    struct rlimit files = {w->file_max, w->file_max};
    sigset_t none;
    sigemptyset(&none);
    if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir(w->dir) ||
        (w->file_max != RLIM_INFINITY && setrlimit(RLIMIT_FSIZE, &files)) ||
        (w->open_max && !limit_open(w->open_max)) || sigprocmask(SIG_SETMASK, &none, NULL))
        _exit(99);
    if (w->inherited && !pass_on(w))
        _exit(99);
    close_range(w->inherited ? 4 : 3, ~0U, 0);
    execve(argv[0], argv, w->env);
    _exit(99);
}

HAUL_PRINTF(4, 0)
static void start(struct world *w, struct process *p, const char *before, const char *format,
                  va_list args)
{
    char *argv[WORDS_MAX + 1] = {0}, *rest = NULL;
    size_t count = 0;
    const char *program = getenv("HAUL_BIN") ? getenv("HAUL_BIN") : HAUL_BIN;
    if (vasprintf(&rest, format, args) < 0)
        abort();
    char *line = xasprintf("%s %s%s", program, before, rest);
    split(line, argv, &count);
    *p = (struct process){.out = xasprintf("%s/out.%u", w->root, w->runs),
                          .err = xasprintf("%s/err.%u", w->root, w->runs)};
    w->runs++;
    p->started = clock_now();
    p->pid = fork();
    if (p->pid == 0)
        become_haul(w, p, argv);
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    if (p->pid < 0 || p->pidfd < 0)
        abort();
    free(line);
    free(rest);
}

void world_start(struct world *w, struct process *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    start(w, p, "", format, args);
    va_end(args);
}

HAUL_PRINTF(3, 0)
static void start_fetch(struct world *w, struct process *p, const char *format, va_list args)
{
    char *before = xasprintf("--batch --json --retry-wait 0.05 -d %s ", w->dir);
    start(w, p, before, format, args);
    free(before);
}

void world_start_fetch(struct world *w, struct process *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    start_fetch(w, p, format, args);
    va_end(args);
}

bool process_ended(const struct process *p, int64_t timeout)
{
    struct pollfd fd = {.fd = p->pidfd, .events = POLLIN};
    return poll(&fd, 1, (int)(timeout / CLOCK_MS)) == 1;
}

void process_signal(const struct process *p, int number)
{
    syscall(SYS_pidfd_send_signal, p->pidfd, number, NULL, 0);
}

static void read_file(const char *path, struct buf *out)
{
    char chunk[16384];
    size_t n;
    FILE *f = fopen(path, "r");
    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(out, chunk, n);
    if (f)
        fclose(f);
}

static bool says(const char *path, const char *text)
{
    struct buf said;
    buf_init_max(&said, BUF_UNBOUNDED);
    read_file(path, &said);
    bool found = said.len && strstr(said.data, text);
    buf_release(&said);
    return found;
}

bool process_await_text(const struct process *p, const char *text)
{
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    bool found = false;
    while (!(found = says(p->out, text) || says(p->err, text)) && clock_now() < end)
        world_nap(5);
    return found;
}

static void parse_events(struct result *r)
{
    const char *at = r->out.data, *end;
    for (; (end = strchr(at, '\n')); at = end + 1) {
        struct haul_fault fault;
        struct json *event = json_parse(at, (size_t)(end - at), 100000, HAUL_ERR_USAGE, &fault);
        if (!event) {
            r->bad_json = true;
            continue;
        }
        if (!(r->event_count & (r->event_count - 1)))
            r->events = xreallocarray(r->events, r->event_count ? 2 * r->event_count : 1,
                                      sizeof(struct json *));
        r->events[r->event_count++] = event;
    }
    r->bad_json |= *at != '\0';
}

void process_wait(struct process *p, struct result *r, int64_t timeout)
{
    int status;
    *r = (struct result){0};
    buf_init_max(&r->out, OUTPUT_MAX);
    buf_init_max(&r->err, OUTPUT_MAX);
    bool ended = process_ended(p, timeout);
    if (!ended)
        process_signal(p, SIGKILL);
    if (wait4(p->pid, &status, 0, &r->usage) != p->pid)
        abort();
    r->elapsed = clock_now() - p->started;
    r->exit = !ended              ? RESULT_TIMED_OUT
              : WIFEXITED(status) ? WEXITSTATUS(status)
                                  : 128 + WTERMSIG(status);
    read_file(p->out, &r->out);
    read_file(p->err, &r->err);
    parse_events(r);
    close(p->pidfd);
    free(p->out);
    free(p->err);
}

void world_run(struct world *w, struct result *r, const char *format, ...)
{
    struct process p;
    va_list args;
    va_start(args, format);
    start(w, &p, "", format, args);
    va_end(args);
    process_wait(&p, r, WORLD_TIMEOUT);
}

void world_fetch(struct world *w, struct result *r, const char *format, ...)
{
    struct process p;
    va_list args;
    va_start(args, format);
    start_fetch(w, &p, format, args);
    va_end(args);
    process_wait(&p, r, WORLD_TIMEOUT);
}

void result_release(struct result *r)
{
    for (size_t i = 0; i < r->event_count; i++)
        json_free(r->events[i]);
    free(r->events);
    buf_release(&r->out);
    buf_release(&r->err);
    *r = (struct result){0};
}

static bool is_event(const struct json *event, const char *name)
{
    return !strcmp(json_string(json_get(event, "event"), ""), name);
}

const struct json *result_event(const struct result *r, const char *name)
{
    for (size_t i = r->event_count; i > 0; i--)
        if (is_event(r->events[i - 1], name))
            return r->events[i - 1];
    return NULL;
}

size_t result_event_count(const struct result *r, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < r->event_count; i++)
        count += is_event(r->events[i], name);
    return count;
}

const char *result_text(const struct result *r, const char *name, const char *field)
{
    return json_string(json_get(result_event(r, name), field), "");
}

int64_t result_number(const struct result *r, const char *name, const char *field)
{
    return json_int(json_get(result_event(r, name), field), -1);
}

bool result_logged(const struct result *r, const char *text)
{
    for (size_t i = 0; i < r->event_count; i++)
        if (is_event(r->events[i], "log") &&
            strstr(json_string(json_get(r->events[i], "message"), ""), text))
            return true;
    return false;
}
