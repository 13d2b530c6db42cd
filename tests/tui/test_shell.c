/* SPDX-License-Identifier: MIT */
/* The real program under a real shell with job control: Ctrl-Z, bg, fg, &. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "real.h"

#define LEAVE_ALT "\033[?1049l"
#define ENTER_ALT "\033[?1049h"

static void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static void open_shell(struct real *r)
{
    setenv("PS1", "shell> ", 1);
    setenv("INPUTRC", "/dev/null", 1);
    char program[] = "/bin/bash", norc[] = "--norc", noprofile[] = "--noprofile", i[] = "-i";
    real_open_program(r, 24, 80, (char *[]){program, noprofile, norc, i, NULL});
    CHECK(screen_shows(&r->screen, "shell>"));
}

/* Types a command that runs haul with one large file; %s in `form` stands for it. */
static void type_haul(struct real *r, const char *form, const char *options)
{
    char *url = real_url(r, "/file/large.bin?size=64M&rate=1M");
    char *haul = xasprintf("%s %s -x 1 -d %s '%s'", HAUL_BIN, options, r->dir, url);
    const char *hole = strstr(form, "%s");
    char *line = xasprintf("%.*s%s%s\r", (int)(hole - form), form, haul, hole + 2);
    screen_keys(&r->screen, line);
    free(line);
    free(haul);
    free(url);
}

/* Whether the server sends more within 10 s. */
static bool goes_on(const struct real *r)
{
    int64_t before = origin_log_bytes(r->origin);
    for (int i = 0; i < 100 && origin_log_bytes(r->origin) <= before; i++)
        pause_ms(100);
    return origin_log_bytes(r->origin) > before;
}

/* Whether the server sends nothing more: what the system still takes for the program is little. */
static bool stands_still(const struct real *r)
{
    for (int i = 0; i < 20; i++) {
        int64_t before = origin_log_bytes(r->origin);
        pause_ms(500);
        if (origin_log_bytes(r->origin) == before)
            return true;
    }
    return false;
}

/* Nobody but the shell writes while nothing is typed. */
static bool terminal_is_left_alone(struct screen *s)
{
    screen_settle(s, 300);
    size_t before = s->raw.len;
    pause_ms(1500);
    screen_settle(s, 50);
    return s->raw.len == before;
}

TEST(after_bg_the_download_goes_on_without_the_terminal_and_fg_shows_it_again)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "%s", "");
    CHECK(screen_shows(&r.screen, "1 active"));
    CHECK(goes_on(&r));
    screen_keys(&r.screen, "\032");
    CHECK(screen_shows(&r.screen, "Stopped"));
    CHECK_INT(screen_count(&r.screen, LEAVE_ALT), 1);
    CHECK(stands_still(&r));
    screen_keys(&r.screen, "bg\r");
    CHECK(goes_on(&r));
    CHECK(terminal_is_left_alone(&r.screen));
    screen_keys(&r.screen, "echo still $((6 * 7))\r");
    CHECK(screen_shows(&r.screen, "still 42"));
    CHECK_INT(screen_count(&r.screen, ENTER_ALT), 1);
    screen_keys(&r.screen, "fg\r");
    CHECK(screen_shows(&r.screen, "> D large.bin"));
    CHECK(goes_on(&r));
    screen_keys(&r.screen, "c");
    CHECK(screen_shows(&r.screen, "> - large.bin"));
    screen_keys(&r.screen, "q");
    screen_keys(&r.screen, "echo code $?\r");
    CHECK(screen_shows(&r.screen, "code 0"));
    real_close(&r);
}

TEST(after_ctrl_z_fg_shows_the_screen_at_once)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "%s", "");
    CHECK(screen_shows(&r.screen, "1 active"));
    screen_keys(&r.screen, "\032");
    CHECK(screen_shows(&r.screen, "Stopped"));
    screen_keys(&r.screen, "fg\r");
    CHECK(screen_shows(&r.screen, "> D large.bin"));
    CHECK(goes_on(&r));
    real_close(&r);
}

/* As in a script: whoever waits for haul must stop, too, or nobody gives the shell its prompt. */
TEST(ctrl_z_stops_the_whole_job)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "(%s; echo after)", "");
    CHECK(screen_shows(&r.screen, "1 active"));
    screen_keys(&r.screen, "\032");
    CHECK(screen_shows(&r.screen, "Stopped"));
    screen_keys(&r.screen, "fg\r");
    CHECK(screen_shows(&r.screen, "> D large.bin"));
    screen_keys(&r.screen, "q");
    screen_keys(&r.screen, "s");
    CHECK(screen_shows(&r.screen, "after"));
    real_close(&r);
}

TEST(ended_in_the_background_it_leaves_the_terminal_alone)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "%s", "");
    CHECK(screen_shows(&r.screen, "1 active"));
    screen_keys(&r.screen, "\032");
    CHECK(screen_shows(&r.screen, "Stopped"));
    screen_keys(&r.screen, "bg\r");
    CHECK(goes_on(&r));
    size_t left = screen_count(&r.screen, LEAVE_ALT);
    screen_keys(&r.screen, "kill %1; wait %1; echo code $?\r");
    CHECK(screen_shows(&r.screen, "code 143"));
    screen_keys(&r.screen, "echo typed\r"); /* the shell's modes are as it left them */
    CHECK(screen_shows(&r.screen, "shell> echo typed"));
    CHECK_INT(screen_count(&r.screen, LEAVE_ALT), left);
    CHECK(real_size(&r, "large.bin.part") > 0);
    real_close(&r);
}

TEST(started_in_the_background_it_downloads_and_fg_shows_it)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "%s &", "");
    CHECK(goes_on(&r));
    CHECK(terminal_is_left_alone(&r.screen));
    screen_keys(&r.screen, "echo still $((6 * 7))\r");
    CHECK(screen_shows(&r.screen, "still 42"));
    CHECK_INT(screen_count(&r.screen, ENTER_ALT), 0);
    screen_keys(&r.screen, "fg\r");
    CHECK(screen_shows(&r.screen, "> D large.bin"));
    screen_keys(&r.screen, "c");
    CHECK(screen_shows(&r.screen, "> - large.bin"));
    screen_keys(&r.screen, "q");
    screen_keys(&r.screen, "echo code $?\r");
    CHECK(screen_shows(&r.screen, "code 0"));
    real_close(&r);
}

TEST(the_linear_ui_goes_on_in_the_background_while_the_shell_is_typed_at)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "%s", "--ui linear");
    CHECK(screen_shows(&r.screen, "haul>"));
    CHECK(goes_on(&r));
    screen_keys(&r.screen, "\032");
    CHECK(screen_shows(&r.screen, "Stopped"));
    screen_keys(&r.screen, "bg\r");
    CHECK(goes_on(&r));
    for (const char *key = "echo still $((6 * 7))\r"; *key; key++)
        screen_keys(&r.screen, (char[]){*key, '\0'});
    CHECK(screen_shows(&r.screen, "still 42"));
    screen_keys(&r.screen, "jobs\r");
    CHECK(screen_shows(&r.screen, "Running"));
    CHECK(goes_on(&r));
    screen_keys(&r.screen, "fg\r");
    CHECK(screen_shows(&r.screen, "haul>"));
    screen_keys(&r.screen, "cancel 1\r");
    CHECK(screen_shows(&r.screen, "large.bin: cancelled."));
    screen_keys(&r.screen, "quit\r");
    screen_keys(&r.screen, "echo code $?\r");
    CHECK(screen_shows(&r.screen, "code 0"));
    real_close(&r);
}

TEST(an_unknown_terminal_is_answered_in_one_line)
{
    struct real r;
    open_shell(&r);
    type_haul(&r, "clear; TERM=of-nobody %s; echo code $?", "");
    CHECK(screen_shows(&r.screen,
                       "haul: TERM=of-nobody is not known here; try TERM=xterm-256color, "));
    CHECK(screen_shows(&r.screen, "code 2"));
    real_close(&r);
}
