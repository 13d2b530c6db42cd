/* SPDX-License-Identifier: MIT */
/* See screen.h. */
#include "screen.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "core/alloc.h"
#include "core/text.h"

#define PATIENCE_MS 5000

static int64_t real_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- the child ---- */

static _Noreturn void run_child(enum fake_scene scene, const struct tui_options *options,
                                int error_fd)
{
    dup2(error_fd, STDERR_FILENO);
    const char *term = getenv("HAUL_TEST_TERM");
    setenv("TERM", term ? term : "xterm-256color", 1);
    setenv("TZ", "UTC", 1);
    unsetenv("LINES");
    unsetenv("COLUMNS");
    setlocale(LC_ALL, "C.UTF-8");
    if (scene != SCENE_BUSY)
        fake_clock_stop();
    tui_block_signals();
    struct session *session = fake_session_new(scene);
    int code = tui_run(session, options);
    session_free(session);
    exit(code);
}

/* A shell with job control, as small as can be. */
static _Noreturn void run_shell(enum fake_scene scene, const struct tui_options *options,
                                int error_fd)
{
    signal(SIGTTOU, SIG_IGN);
    pid_t job = fork();
    if (job == 0) {
        setpgid(0, 0);
        tcsetpgrp(STDIN_FILENO, getpgrp());
        signal(SIGTTOU, SIG_DFL);
        run_child(scene, options, error_fd);
    }
    setpgid(job, job);
    int status;
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        dprintf(STDOUT_FILENO, "STOPPED\r\n");
        tcsetpgrp(STDIN_FILENO, job);
        kill(-job, SIGCONT);
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void make_vterm(struct screen *s)
{
    s->vterm = vterm_new(s->rows, s->cols);
    vterm_set_utf8(s->vterm, 1);
    s->cells = vterm_obtain_screen(s->vterm);
    vterm_screen_enable_altscreen(s->cells, 1);
    vterm_screen_reset(s->cells, 1);
}

/* What becomes of the child. */
struct child {
    enum fake_scene scene;
    const struct tui_options *options;
    bool under_shell;
    char *const *argv; /* a program instead of the UI in this process; NULL: none */
};

static _Noreturn void become(const struct child *child, int error_fd)
{
    if (child->argv) {
        execv(child->argv[0], child->argv);
        _exit(127);
    }
    if (child->under_shell)
        run_shell(child->scene, child->options, error_fd);
    run_child(child->scene, child->options, error_fd);
}

static void start(struct screen *s, int rows, int cols, const struct child *child)
{
    *s = (struct screen){.rows = rows, .cols = cols};
    buf_init_max(&s->raw, (size_t)256 << 20);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    int error_fd = dup(STDERR_FILENO);
    fflush(NULL);
    s->pid = forkpty(&s->master, NULL, NULL, &size);
    if (s->pid == 0)
        become(child, error_fd);
    close(error_fd);
    make_vterm(s);
}

void screen_start(struct screen *s, enum fake_scene scene, int rows, int cols,
                  const struct tui_options *options)
{
    start(s, rows, cols, &(struct child){.scene = scene, .options = options});
}

void screen_exec(struct screen *s, int rows, int cols, char *const argv[])
{
    start(s, rows, cols, &(struct child){.argv = argv});
}

static void wait_for_frame(struct screen *s)
{
    int64_t end = real_ms() + PATIENCE_MS;
    while (!s->raw.len && real_ms() < end)
        screen_settle(s, 20);
    screen_settle(s, 60);
}

void screen_open_under_shell(struct screen *s, enum fake_scene scene, int rows, int cols)
{
    struct tui_options options;
    tui_options_init(&options);
    start(s, rows, cols, &(struct child){scene, &options, true, NULL});
    wait_for_frame(s);
}

void screen_open(struct screen *s, enum fake_scene scene, int rows, int cols)
{
    struct tui_options options;
    tui_options_init(&options);
    screen_start(s, scene, rows, cols, &options);
    wait_for_frame(s);
}

int screen_wait(struct screen *s)
{
    int status = -1;
    for (int64_t end = real_ms() + 2 * PATIENCE_MS; s->pid && real_ms() < end;) {
        screen_settle(s, 10);
        if (waitpid(s->pid, &status, WNOHANG) == s->pid)
            s->pid = 0;
    }
    if (!s->pid)
        screen_settle(s, 10);
    return s->pid ? -1 : status;
}

void screen_close(struct screen *s)
{
    if (s->pid) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    close(s->master);
    vterm_free(s->vterm);
    buf_release(&s->raw);
}

/* ---- its output ---- */

static bool take_output(struct screen *s, int timeout)
{
    struct pollfd fd = {.fd = s->master, .events = POLLIN};
    char data[4096];
    if (poll(&fd, 1, timeout) <= 0 || !(fd.revents & POLLIN))
        return false;
    ssize_t n = read(s->master, data, sizeof data);
    if (n <= 0)
        return false;
    buf_add(&s->raw, data, (size_t)n);
    if (!s->blind)
        vterm_input_write(s->vterm, data, (size_t)n);
    return true;
}

void screen_settle(struct screen *s, int quiet)
{
    int64_t end = real_ms() + PATIENCE_MS;
    while (take_output(s, quiet) && real_ms() < end)
        ;
}

void screen_keys(struct screen *s, const char *keys)
{
    ssize_t n = write(s->master, keys, strlen(keys));
    (void)n;
    screen_settle(s, 60);
}

void screen_resize(struct screen *s, int rows, int cols)
{
    s->rows = rows;
    s->cols = cols;
    if (!s->blind)
        vterm_set_size(s->vterm, rows, cols);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    ioctl(s->master, TIOCSWINSZ, &size);
    screen_settle(s, 5);
}

static void add_row(const struct screen *s, int row, struct buf *out)
{
    size_t end = out->len;
    for (int col = 0; col < s->cols; col++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(s->cells, (VTermPos){.row = row, .col = col}, &cell);
        if (cell.chars[0] == (uint32_t)-1)
            continue;
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            text_utf8_append(out, cell.chars[i]);
        if (!cell.chars[0])
            buf_add_char(out, ' ');
        else if (cell.chars[0] != ' ')
            end = out->len;
    }
    buf_truncate(out, end);
    buf_add_char(out, '\n');
}

char *screen_text(const struct screen *s)
{
    struct buf text;
    buf_init(&text);
    for (int row = 0; row < s->rows; row++)
        add_row(s, row, &text);
    return buf_detach(&text);
}

void screen_cursor(const struct screen *s, int *row, int *col)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(s->vterm), &at);
    *row = at.row;
    *col = at.col;
}

bool screen_shows(struct screen *s, const char *text)
{
    bool found = false;
    for (int64_t end = real_ms() + PATIENCE_MS; !found && real_ms() < end;) {
        char *now = screen_text(s);
        found = strstr(now, text);
        free(now);
        if (!found)
            take_output(s, 50);
    }
    return found;
}

bool screen_shows_soon(struct screen *s, const char *text)
{
    bool found = false;
    for (int64_t end = real_ms() + PATIENCE_MS; !found && real_ms() < end;) {
        take_output(s, 1);
        char *now = screen_text(s);
        found = strstr(now, text);
        free(now);
    }
    return found;
}

/* ---- what it costs ---- */

size_t screen_count(const struct screen *s, const char *what)
{
    size_t n = 0, len = strlen(what);
    for (const char *p = s->raw.data;
         (p = memmem(p, (size_t)(s->raw.data + s->raw.len - p), what, len)); p += len)
        n++;
    return n;
}

long screen_sleeps(const struct screen *s)
{
    char *path = xasprintf("/proc/%d/status", (int)s->pid);
    FILE *f = fopen(path, "re");
    free(path);
    long n = -1;
    char line[256];
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "voluntary_ctxt_switches:", 24))
            n = strtol(line + 24, NULL, 10);
    if (f)
        fclose(f);
    return n;
}

/* ---- golden screens ---- */

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return NULL;
    struct buf text;
    buf_init(&text);
    char data[4096];
    for (size_t n; (n = fread(data, 1, sizeof data, f)) > 0;)
        buf_add(&text, data, n);
    fclose(f);
    return buf_detach(&text);
}

static bool write_golden(struct screen *s, const char *path)
{
    screen_settle(s, 400);
    char *text = screen_text(s);
    FILE *f = fopen(path, "we");
    bool ok = f && fputs(text, f) >= 0 && !fclose(f);
    free(text);
    return ok;
}

static void print_difference(const char *name, const char *want, const char *got)
{
    printf("# screen differs from golden/%s.txt; it is:\n", name);
    while (*got) {
        size_t g = strcspn(got, "\n"), w = strcspn(want, "\n");
        bool same = g == w && !memcmp(got, want, g);
        printf("# %c|%.*s\n", same ? ' ' : '!', (int)g, got);
        if (!same)
            printf("# >|%.*s\n", (int)w, want);
        got += g + (got[g] == '\n');
        want += w + (want[w] == '\n');
    }
}

bool screen_is_golden(struct screen *s, const char *name)
{
    char *path = xasprintf("%s/%s.txt", HAUL_GOLDEN_DIR, name);
    if (getenv("HAUL_UPDATE_GOLDEN")) {
        bool ok = write_golden(s, path);
        free(path);
        return ok;
    }
    char *want = read_file(path);
    bool same = false;
    for (int64_t end = real_ms() + PATIENCE_MS; want && !same && real_ms() < end;) {
        char *got = screen_text(s);
        same = !strcmp(got, want);
        free(got);
        if (!same)
            take_output(s, 50);
    }
    char *got = screen_text(s);
    if (!same)
        print_difference(name, want ? want : "", got);
    free(got);
    free(want);
    free(path);
    return same;
}
