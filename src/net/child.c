/* SPDX-License-Identifier: MIT */
/* A program that runs for a job; see child.h. */
#include "net/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

#define GRACE (2 * CLOCK_SEC)
#define LOOK  (100 * CLOCK_MS)
/* Between two looks whether the child is gone, while it is being stopped. */
#define REAP_MS 10

extern char **environ;

struct child {
    const struct child_request *request;
    pid_t pid; /* of the leader, and the group's number */
    int out;   /* our end of its output, -1 once it is closed */
    char line[CHILD_LINE_MAX];
    size_t len;
};

/* ---- starting ---- */

static bool is_named(const char *pair, const struct string_list *names)
{
    size_t len = strcspn(pair, "=");
    for (size_t i = 0; i < names->count; i++)
        if (!strncmp(names->items[i], pair, len + 1))
            return true;
    return false;
}

/* Ours, with the recipe's on top. The array is the caller's to free, the texts are not. */
static char **make_environment(const struct string_list *more)
{
    size_t count = 0, used = 0;
    while (environ[count])
        count++;
    char **env = xcalloc(count + more->count + 1, sizeof *env);
    for (size_t i = 0; i < count; i++)
        if (!is_named(environ[i], more))
            env[used++] = environ[i];
    for (size_t i = 0; i < more->count; i++)
        env[used++] = more->items[i];
    return env;
}

static char **make_arguments(const struct string_list *command)
{
    char **argv = xcalloc(command->count + 1, sizeof *argv);
    memcpy(argv, command->items, command->count * sizeof *argv);
    return argv;
}

/* Signals as a program finds them that a shell has started. */
static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETSIGDEF);
}

static void set_files(posix_spawn_file_actions_t *files, const char *cwd, int out)
{
    posix_spawn_file_actions_init(files);
    posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(files, out, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(files, cwd);
}

static int spawn(struct child *c, int out)
{
    const struct child_request *r = c->request;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    char **argv = make_arguments(r->command), **env = make_environment(r->env);
    set_attributes(&attributes);
    set_files(&files, r->cwd, out);
    int err = posix_spawnp(&c->pid, argv[0], &files, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    free(argv);
    free(env);
    return err;
}

static enum haul_error start(struct child *c, struct haul_fault *fault)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fault_set_errno(fault, errno, "cannot make a pipe");
    int err = spawn(c, ends[1]);
    close(ends[1]);
    c->out = ends[0];
    (void)fcntl(c->out, F_SETFL, O_NONBLOCK);
    if (!err)
        return HAUL_OK;
    close(c->out);
    fault_set_errno(fault, err, "cannot run %s in %s", c->request->command->items[0],
                    c->request->cwd);
    if (err == ENOENT)
        fault->code = HAUL_ERR_NOT_FOUND;
    return fault->code;
}

/* ---- its output ---- */

static void end_line(struct child *c)
{
    size_t len = c->len && c->line[c->len - 1] == '\r' ? c->len - 1 : c->len;
    if (len)
        c->request->line(c->request->context, c->line, len);
    c->len = 0;
}

static void take_output(struct child *c, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' || c->len == sizeof c->line)
            end_line(c);
        if (data[i] != '\n')
            c->line[c->len++] = data[i];
    }
}

/* Not for ever: a program that floods us must not keep us from stopping it. */
static void read_output(struct child *c)
{
    char chunk[16384];
    for (int i = 0; c->out >= 0 && i < 16; i++) {
        ssize_t n = read(c->out, chunk, sizeof chunk);
        if (n > 0) {
            take_output(c, chunk, (size_t)n);
        } else if (n == 0) {
            close(c->out);
            c->out = -1;
        } else if (errno != EINTR) {
            return;
        }
    }
}

/* ---- its end ---- */

/* It stays a zombie, so that the group's number is nobody else's while we send signals there. */
static bool has_ended(const struct child *c)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

static void wait_a_little(const struct child *c, int ms)
{
    struct pollfd fd = {.fd = c->out, .events = POLLIN};
    (void)poll(&fd, 1, ms);
}

static void terminate(struct child *c)
{
    int64_t deadline = clock_now() + GRACE;
    kill(-c->pid, SIGTERM);
    while (!has_ended(c) && clock_now() < deadline) {
        wait_a_little(c, REAP_MS);
        read_output(c);
    }
}

/* What it left in the background goes as well. */
static void reap(struct child *c, int *status)
{
    kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, status, 0) < 0 && errno == EINTR)
        ;
    read_output(c);
    end_line(c);
    if (c->out >= 0)
        close(c->out);
}

enum haul_error child_run(const struct child_request *request, int *status,
                          struct haul_fault *fault)
{
    struct child c = {.request = request};
    enum haul_error err = start(&c, fault);
    if (err != HAUL_OK)
        return err;
    bool go_on = true;
    while (go_on && !has_ended(&c)) {
        (void)waker_sleep(request->waker, c.out, clock_now() + LOOK);
        read_output(&c);
        go_on = request->go_on(request->context);
    }
    if (!go_on)
        terminate(&c);
    reap(&c, status);
    return go_on ? HAUL_OK : fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
}
