/* SPDX-License-Identifier: MIT */
/*
 * The real UI in a child on a pseudo terminal, its output fed into a terminal emulator (libvterm),
 * so that tests see what a user would see.
 */
#ifndef HAUL_TESTS_TUI_SCREEN_H
#define HAUL_TESTS_TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/buf.h"
#include "fake_session.h"
#include "tui/app.h"

struct VTerm;
struct VTermScreen;

struct screen {
    struct VTerm *vterm;
    struct VTermScreen *cells;
    int master;
    pid_t pid; /* 0 once it has been waited for */
    int rows, cols;
    struct buf raw; /* everything the child wrote */
    bool blind;     /* it is not shown on the model's screen */
};

void screen_start(struct screen *s, enum fake_scene scene, int rows, int cols,
                  const struct tui_options *options);
/* A program on its own terminal, with this process' environment. */
void screen_exec(struct screen *s, int rows, int cols, char *const argv[]);
/* The default options, and a first frame that has been drawn. */
void screen_open(struct screen *s, enum fake_scene scene, int rows, int cols);
/* The same under a process that does for it what a shell with job control does: when it stops,
 * prints STOPPED and brings it back. */
void screen_open_under_shell(struct screen *s, enum fake_scene scene, int rows, int cols);
/* Ends the child, however it is, and frees. */
void screen_close(struct screen *s);

/* Sends keys and waits until the output has been quiet for a while. */
void screen_keys(struct screen *s, const char *keys);
/* Reads until nothing came for `quiet` ms, 5 s at most. */
void screen_settle(struct screen *s, int quiet);
void screen_resize(struct screen *s, int rows, int cols);
/* Waits for the child to end, 10 s at most. Returns its wait status, -1 if it did not. */
int screen_wait(struct screen *s);

/* The text of the screen, a line a row, without blanks at the ends; caller frees. */
char *screen_text(const struct screen *s);
/* Where the hardware cursor is. */
void screen_cursor(const struct screen *s, int *row, int *col);
/* Waits until the text is somewhere on the screen, 5 s at most. */
bool screen_shows(struct screen *s, const char *text);
/* The same, looking as often as it can, for those who measure. */
bool screen_shows_soon(struct screen *s, const char *text);
/* How often that is in what the child wrote. */
size_t screen_count(const struct screen *s, const char *what);
/* How often the child has gone to sleep, which is how often it was woken. */
long screen_sleeps(const struct screen *s);
/* Compares with golden/<name>.txt, waiting up to 5 s for it to come; with HAUL_UPDATE_GOLDEN=1
 * writes that file instead. Prints the difference. */
bool screen_is_golden(struct screen *s, const char *name);

#endif
