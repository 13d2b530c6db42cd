/* SPDX-License-Identifier: MIT */
/* What the UI does over time: bytes, wake-ups, signals, sizes, and the terminal given back. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "screen.h"

#define LEAVE_ALT   "\033[?1049l"
#define SHOW_CURSOR "\033[?25h"
#define PASTE_OFF   "\033[?2004l"
#define CLEAR       "\033[2J"

static void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static int exit_code(struct screen *s)
{
    int status = screen_wait(s);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool given_back(const struct screen *s)
{
    return screen_count(s, LEAVE_ALT) && screen_count(s, PASTE_OFF);
}

TEST(nothing_active_means_no_byte_and_no_wakeup)
{
    struct screen s;
    screen_open(&s, SCENE_IDLE, 24, 80);
    CHECK(screen_shows(&s, "README.md"));
    screen_settle(&s, 300);
    size_t bytes = s.raw.len;
    long sleeps = screen_sleeps(&s);
    pause_ms(1200);
    screen_settle(&s, 10);
    CHECK_INT(s.raw.len, bytes);
    CHECK_INT(screen_sleeps(&s), sleeps);
    screen_close(&s);
}

TEST(a_frame_without_change_is_no_byte)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    CHECK(screen_shows(&s, "README.md"));
    screen_settle(&s, 300);
    size_t bytes = s.raw.len;
    long sleeps = screen_sleeps(&s);
    pause_ms(1200);
    screen_settle(&s, 10);
    CHECK_INT(s.raw.len, bytes);
    long frames = screen_sleeps(&s) - sleeps;
    CHECK(frames >= 2);
    CHECK(frames <= 8);
    screen_close(&s);
}

TEST(only_a_repaint_clears_the_screen)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    size_t clears = screen_count(&s, CLEAR);
    screen_keys(&s, "jjjj\r\tL");
    screen_keys(&s, "q?");
    screen_keys(&s, "q");
    CHECK_INT(screen_count(&s, CLEAR), clears);
    screen_keys(&s, "\f");
    CHECK_INT(screen_count(&s, CLEAR), clears + 1);
    screen_close(&s);
}

TEST(a_key_that_moves_the_cursor_costs_few_bytes)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    size_t bytes = s.raw.len;
    screen_keys(&s, "j");
    CHECK(s.raw.len > bytes);
    CHECK(s.raw.len - bytes < 700);
    screen_close(&s);
}

TEST(leaving_with_nothing_active_gives_the_terminal_back)
{
    struct screen s;
    screen_open(&s, SCENE_IDLE, 24, 80);
    screen_keys(&s, "X");
    screen_keys(&s, "q");
    CHECK(screen_shows(&s, "not done"));
    screen_keys(&s, "s");
    CHECK_INT(exit_code(&s), 0);
    CHECK(given_back(&s));
    screen_close(&s);
}

TEST(an_empty_list_is_left_at_once)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "q");
    CHECK_INT(exit_code(&s), 0);
    screen_close(&s);
}

TEST(w_does_not_leave_while_something_is_paused)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "qw");
    screen_keys(&s, "Ap");
    CHECK(screen_shows(&s, " paused. p goes on, q leaves."));
    screen_keys(&s, "c");
    screen_keys(&s, "c");
    CHECK_INT(exit_code(&s), 4);
    screen_close(&s);
}

/* They are listed, but somebody has been told already. */
TEST(failures_of_another_day_are_not_those_of_this_session)
{
    struct screen s;
    struct tui_options options;
    tui_options_init(&options);
    options.started_ms = INT64_MAX;
    screen_start(&s, SCENE_MIXED, 24, 80, &options);
    CHECK(screen_shows(&s, "F1 Help"));
    screen_keys(&s, "qw");
    screen_keys(&s, "Ac");
    CHECK(screen_shows(&s, "c again deletes"));
    screen_keys(&s, "c");
    CHECK_INT(exit_code(&s), 0);
    screen_close(&s);
}

TEST(n_stays_and_w_leaves_when_the_rest_is_cancelled)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "q");
    screen_keys(&s, "n");
    CHECK(screen_shows(&s, "F1 Help"));
    screen_keys(&s, "qw");
    screen_keys(&s, "Ac");
    CHECK(screen_shows(&s, "c again deletes"));
    screen_keys(&s, "c");
    CHECK_INT(exit_code(&s), 4); /* of the job that failed */
    screen_close(&s);
}

TEST(interrupt_twice_leaves_at_once)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\003");
    CHECK(screen_shows(&s, "not done"));
    screen_keys(&s, "\003");
    CHECK_INT(exit_code(&s), 130);
    CHECK(given_back(&s));
    screen_close(&s);
}

TEST(a_fatal_signal_gives_the_terminal_back)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fatal); i++) {
        struct screen s;
        screen_open(&s, SCENE_MIXED, 24, 80);
        CHECK(!screen_count(&s, LEAVE_ALT));
        kill(s.pid, fatal[i]);
        int status = screen_wait(&s);
        CHECK(status > 0);
        CHECK(given_back(&s));
        CHECK(screen_count(&s, SHOW_CURSOR));
        screen_close(&s);
    }
}

TEST(termination_gives_the_terminal_back)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(signals); i++) {
        struct screen s;
        screen_open(&s, SCENE_MIXED, 24, 80);
        kill(s.pid, signals[i]);
        CHECK_INT(exit_code(&s), 128 + signals[i]);
        CHECK(given_back(&s));
        screen_close(&s);
    }
}

TEST(a_terminal_that_vanishes_ends_the_program)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    close(s.master);
    int status = -1;
    for (int i = 0; i < 50 && s.pid; i++) {
        pause_ms(100);
        if (waitpid(s.pid, &status, WNOHANG) == s.pid)
            s.pid = 0;
    }
    CHECK(!s.pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 129);
    s.master = dup(STDERR_FILENO);
    screen_close(&s);
}

TEST(suspending_gives_the_terminal_to_the_shell_and_takes_it_again)
{
    struct screen s;
    screen_open_under_shell(&s, SCENE_MIXED, 24, 80);
    CHECK(screen_shows(&s, "F1 Help"));
    size_t clears = screen_count(&s, CLEAR);
    screen_keys(&s, "\032");
    screen_settle(&s, 500);
    CHECK_INT(screen_count(&s, CLEAR), clears + 1);
    const char *left = memmem(s.raw.data, s.raw.len, LEAVE_ALT, strlen(LEAVE_ALT));
    const char *stopped = memmem(s.raw.data, s.raw.len, "STOPPED", 7);
    CHECK(left && stopped && left < stopped);
    CHECK(screen_shows(&s, "F1 Help"));
    screen_keys(&s, "j");
    CHECK(screen_shows(&s, "row 2 of 13"));
    screen_keys(&s, "qs");
    CHECK_INT(exit_code(&s), 0);
    screen_close(&s);
}

TEST(without_a_shell_to_go_back_to_suspending_says_so)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\032");
    CHECK(screen_shows(&s, "There is no shell here to go back to."));
    CHECK(!screen_count(&s, LEAVE_ALT));
    screen_close(&s);
}

TEST(any_size_can_be_drawn)
{
    static const char *const views[] = {"",   "\r", "\r2", "L",       "?",     "q",  "/e",
                                        "ax", "i",  "GD",  "a\033OQ", "?/a\r", "\\x"};
    srand(1);
    for (size_t v = 0; v < HAUL_ARRAY_LEN(views); v++) {
        struct screen s;
        screen_open(&s, v % 2 ? SCENE_MIXED : SCENE_HOSTILE, 24, 80);
        screen_keys(&s, views[v]);
        s.blind = true; /* libvterm itself does not survive wide characters in one column */
        for (int i = 0; i < 25; i++)
            screen_resize(&s, 1 + rand() % (i % 3 ? 30 : 200), 1 + rand() % (i % 2 ? 200 : 40));
        screen_resize(&s, 1, 1);
        screen_resize(&s, 24, 80);
        screen_settle(&s, 100);
        CHECK(s.pid && !waitpid(s.pid, NULL, WNOHANG));
        screen_close(&s);
    }
}

TEST(a_new_size_is_the_same_screen_as_a_start_at_that_size)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 10, 30);
    screen_resize(&s, 24, 80);
    CHECK(screen_is_golden(&s, "list-80x24"));
    screen_close(&s);
}

static void set_environment(const char *term)
{
    setenv("TERM", term, 1);
}

TEST(without_a_known_terminal_it_says_so)
{
    struct haul_fault fault;
    set_environment("dumb");
    CHECK(!tui_possible(&fault));
    CHECK(strstr(fault.message, "--batch"));
    CHECK_INT(haul_error_exit(fault.code), 2);
}

/* Select-graphic-rendition sequences that set one of the eight colours. */
static size_t count_colours(const struct screen *s)
{
    size_t n = 0;
    for (char c = '0'; c <= '7'; c++)
        n += screen_count(s, (char[]){'\033', '[', '3', c, 'm', '\0'});
    return n;
}

TEST(without_colour_only_attributes_are_used)
{
    struct tui_options options;
    tui_options_init(&options);
    for (int color = 0; color < 2; color++) {
        struct screen s;
        options.color = color;
        screen_start(&s, SCENE_MIXED, 24, 80, &options);
        CHECK(screen_shows(&s, "README.md"));
        screen_settle(&s, 50);
        CHECK((count_colours(&s) > 0) == options.color);
        CHECK(screen_count(&s, "7m") > 0); /* the row of the cursor is reversed */
        screen_close(&s);
    }
}

TEST(every_terminal_that_can_place_its_cursor_is_drawn_on)
{
    static const char *const terms[] = {"xterm",         "xterm-256color", "screen-256color",
                                        "tmux-256color", "linux",          "vt100"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(terms); i++) {
        struct screen s;
        setenv("HAUL_TEST_TERM", terms[i], 1);
        screen_open(&s, SCENE_IDLE, 24, 80);
        unsetenv("HAUL_TEST_TERM");
        if (!screen_shows(&s, "F1 Help") || !screen_shows(&s, "README.md"))
            HARNESS_FAIL("TERM=%s", terms[i]);
        screen_keys(&s, "qs");
        CHECK_INT(exit_code(&s), 0);
        screen_close(&s);
    }
}

static int64_t real_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* From the key to the moment when the screen says so. */
static int64_t latency(struct screen *s, const char *key, const char *answer)
{
    int64_t begin = real_ns();
    if (write(s->master, key, strlen(key)) < 0 || !screen_shows_soon(s, answer))
        return INT64_MAX;
    return real_ns() - begin;
}

TEST(any_key_is_answered_within_50_ms_with_ten_thousand_jobs)
{
    static const struct {
        const char *key, *answer;
    } keys[] = {{"G", "row 10000 of"},  {"g", "row 1 of"},
                {"j", "row 2 of"},      {">", "sort: name"},
                {"<", "sort: queue"},   {"A", "10000 marked"},
                {"U", "F1 Help"},       {"V", "Move to the"},
                {"L", "follow on"},     {"q", "sort:"},
                {"2", "tab: 2 Active"}, {"1", "tab: 1 All"},
                {"\r", "1 Info"},       {"\033OP", "list and detail"}};
    struct screen s;
    screen_open(&s, SCENE_MANY, 24, 80);
    int64_t best[HAUL_ARRAY_LEN(keys)];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++) {
            int64_t took = latency(&s, keys[i].key, keys[i].answer);
            best[i] = round && best[i] < took ? best[i] : took;
        }
        screen_keys(&s, "q");
        screen_keys(&s, "\r");
        screen_keys(&s, "Vg");
        screen_keys(&s, "U");
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++)
        if (best[i] > 50 * 1000000)
            HARNESS_FAIL("%s took %ld ms", keys[i].answer, (long)(best[i] / 1000000));
    screen_close(&s);
}

TEST(a_disk_that_hangs_holds_up_neither_keys_nor_leaving)
{
    struct tui_options options;
    struct job_request defaults;
    struct screen s;
    tui_options_init(&options);
    job_request_init(&defaults);
    defaults.dir = xstrdup(FAKE_DIR_THAT_HANGS);
    options.defaults = &defaults;
    screen_start(&s, SCENE_EMPTY, 24, 80, &options);
    CHECK(screen_shows(&s, "Disk ? free on /mnt/hangs"));
    screen_keys(&s, "L");
    CHECK(screen_shows(&s, "follow on"));
    screen_keys(&s, "q");
    screen_keys(&s, "q");
    CHECK_INT(exit_code(&s), 0); /* it waits 10 s at most */
    screen_close(&s);
    job_request_release(&defaults);
}

/* Time on a processor so far, in ns. */
static int64_t cpu_of(pid_t pid)
{
    char *path = xasprintf("/proc/%d/schedstat", (int)pid);
    FILE *f = fopen(path, "re");
    free(path);
    char line[128] = "";
    if (f && !fgets(line, sizeof line, f))
        line[0] = '\0';
    if (f)
        fclose(f);
    return strtoll(line, NULL, 10);
}

TEST(ten_thousand_jobs_with_three_running_cost_less_than_a_percent)
{
    struct screen s;
    int64_t best = INT64_MAX;
    screen_open(&s, SCENE_MANY, 24, 80);
    screen_settle(&s, 300);
    for (int i = 0; i < 3; i++) {
        int64_t before = cpu_of(s.pid);
        pause_ms(2000);
        int64_t cost = cpu_of(s.pid) - before;
        best = cost < best ? cost : best;
    }
    if (best > 20 * 1000000)
        HARNESS_FAIL("%ld us in 2 s", (long)(best / 1000));
    screen_close(&s);
}
