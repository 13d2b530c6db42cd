/* SPDX-License-Identifier: MIT */
/* A terminal that is slow to take bytes, or takes none: nobody waits for it. */
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "harness.h"
#include "screen.h"
#include "tui/pace.h"

#define LEAVE_ALT   "\033[?1049l"
#define SHOW_CURSOR "\033[?25h"
#define PASTE_OFF   "\033[?2004l"

/* What the system holds for a reader, and then some. */
#define SYSTEM_HOLDS ((size_t)80 << 10)

static void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

/* Keys, while nobody reads what comes of them. */
static void press(struct screen *s, const char *keys)
{
    CHECK(write(s->master, keys, strlen(keys)) > 0);
    pause_ms(10);
}

/* Repaints until the terminal takes nothing more. */
static void stop(struct screen *s)
{
    for (int i = 0; i < 100; i++)
        press(s, "\f");
}

static void open_stopped(struct screen *s)
{
    screen_open(s, SCENE_MIXED, 60, 200);
    CHECK(screen_shows(s, "row 1 of 13"));
    screen_settle(s, 200);
    stop(s);
}

/* The exit code, without reading a byte; -1: it did not end, or by a signal. */
static int ended(struct screen *s)
{
    int status = -1;
    for (int i = 0; i < 200 && s->pid; i++) {
        if (waitpid(s->pid, &status, WNOHANG) == s->pid)
            s->pid = 0;
        else
            pause_ms(50);
    }
    return !s->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has(const struct screen *s, const char *what)
{
    return memmem(s->raw.data, s->raw.len, what, strlen(what));
}

/* What the terminal finds when it goes on. */
static void check_given_back(struct screen *s)
{
    struct termios modes;
    screen_settle(s, 200);
    CHECK(has(s, LEAVE_ALT) && has(s, PASTE_OFF) && has(s, SHOW_CURSOR));
    CHECK(!tcgetattr(s->master, &modes) && (modes.c_lflag & ICANON) && (modes.c_lflag & ECHO));
}

TEST(a_terminal_that_takes_nothing_can_be_left_by_key)
{
    struct screen s;
    open_stopped(&s);
    press(&s, "q");
    press(&s, "s");
    CHECK_INT(ended(&s), 0);
    check_given_back(&s);
    screen_close(&s);
}

TEST(signals_end_the_program_while_its_terminal_takes_nothing)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(signals); i++) {
        struct screen s;
        open_stopped(&s);
        kill(s.pid, signals[i]);
        CHECK_INT(ended(&s), 128 + signals[i]);
        check_given_back(&s);
        screen_close(&s);
    }
}

TEST(a_crash_is_not_held_up_by_a_terminal_that_takes_nothing)
{
    struct screen s;
    open_stopped(&s);
    kill(s.pid, SIGSEGV);
    (void)ended(&s);
    CHECK(!s.pid);
    check_given_back(&s);
    screen_close(&s);
}

TEST(suspending_gives_back_a_terminal_that_takes_nothing)
{
    struct screen s;
    screen_open_under_shell(&s, SCENE_MIXED, 60, 200);
    CHECK(screen_shows(&s, "row 1 of 13"));
    stop(&s);
    press(&s, "\032");
    pause_ms(1000);
    screen_settle(&s, 200);
    const char *left = memmem(s.raw.data, s.raw.len, LEAVE_ALT, strlen(LEAVE_ALT));
    const char *stopped = memmem(s.raw.data, s.raw.len, "STOPPED", 7);
    CHECK(left && stopped && left < stopped);
    screen_keys(&s, "j");
    CHECK(screen_shows(&s, "row 2 of 13"));
    screen_close(&s);
}

TEST(a_terminal_that_goes_on_gets_one_frame_of_how_things_are)
{
    struct screen s;
    open_stopped(&s);
    for (int i = 0; i < 5; i++)
        press(&s, "j");
    size_t before = s.raw.len;
    screen_settle(&s, 300);
    CHECK(screen_shows(&s, "row 6 of 13"));
    CHECK(s.raw.len - before > (size_t)12 << 10); /* it had stopped indeed */
    CHECK(s.raw.len - before < SYSTEM_HOLDS);
    screen_close(&s);
}

TEST(nothing_is_deleted_on_the_word_of_someone_who_cannot_see_the_question)
{
    struct screen s;
    open_stopped(&s);
    press(&s, "c");
    press(&s, "c");
    screen_settle(&s, 300);
    CHECK(screen_shows(&s, "4 active"));
    CHECK(screen_shows(&s, "Nothing was deleted"));
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "c again deletes"));
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "3 act"));
    screen_close(&s);
}

/* Bytes a frame while three jobs run at full speed: each bar and each figure moves each time. */
static size_t bytes_a_frame(int rows, int cols)
{
    struct screen s;
    screen_open(&s, SCENE_BUSY, rows, cols);
    CHECK(screen_shows(&s, "3 active"));
    screen_settle(&s, 20);
    size_t bytes = s.raw.len;
    long frames = screen_sleeps(&s);
    int64_t began = clock_now();
    while (clock_now() - began < 3 * CLOCK_SEC)
        screen_settle(&s, 20);
    bytes = s.raw.len - bytes;
    frames = screen_sleeps(&s) - frames; /* it sleeps after each, as nobody presses a key */
    CHECK(frames > 4);
    CHECK(frames <= 4 * (clock_now() - began + CLOCK_SEC) / CLOCK_SEC);
    screen_close(&s);
    printf("# %dx%d: %zu bytes a frame\n", cols, rows, bytes / (size_t)frames);
    return bytes / (size_t)frames;
}

TEST(a_frame_costs_few_bytes)
{
    CHECK(bytes_a_frame(24, 80) < 300);
    CHECK(bytes_a_frame(40, 120) < 450);
}

TEST(a_line_that_is_slow_gets_fewer_frames_and_earns_them_back)
{
    struct pace p;
    int64_t now = 100 * CLOCK_SEC, before;
    pace_init(&p);
    CHECK_INT(pace_wait(&p, now), 0);
    pace_paint(&p, now);
    CHECK_INT(pace_wait(&p, now), 250 * CLOCK_MS);
    pace_taken(&p, now + CLOCK_MS);
    CHECK_INT(p.interval, 250 * CLOCK_MS);
    pace_taken(&p, now + 31 * CLOCK_MS);
    CHECK_INT(p.interval, 500 * CLOCK_MS);
    for (int i = 0; i < 5; i++)
        pace_taken(&p, now + CLOCK_SEC);
    CHECK_INT(p.interval, 2 * CLOCK_SEC);
    before = p.interval;
    pace_taken(&p, now + CLOCK_MS);
    CHECK(p.interval < before && p.interval > before / 2);
    for (int i = 0; i < 30; i++)
        pace_taken(&p, now + CLOCK_MS);
    CHECK_INT(p.interval, 250 * CLOCK_MS);
    pace_slow(&p);
    CHECK_INT(p.interval, 500 * CLOCK_MS);
}
