/* SPDX-License-Identifier: MIT */
/* The real program on a pseudo terminal, in directories of its own, against a server of ours. */
#ifndef HAUL_TESTS_TUI_REAL_H
#define HAUL_TESTS_TUI_REAL_H

#include "origin/origin.h"
#include "screen.h"

struct real {
    struct screen screen;
    struct origin *origin;
    char *root; /* below /tmp; deleted at the end */
    char *dir;  /* where downloads go */
};

/* extra: one more argument, or NULL. */
void real_open(struct real *r, int rows, int cols, const char *extra);
/* Another program in the same surroundings: a shell, in which haul is typed. */
void real_open_program(struct real *r, int rows, int cols, char *const argv[]);
void real_close(struct real *r);
/* http://127.0.0.1:PORT and the path; caller frees. */
char *real_url(const struct real *r, const char *path);
/* Size of a file in the download directory, -1 where there is none. */
int64_t real_size(const struct real *r, const char *name);

#endif
