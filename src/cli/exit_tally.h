/* SPDX-License-Identifier: MIT */
/* The exit code of several failures: the one that all share, else 1. Zeroed is no failure. */
#ifndef HAUL_CLI_EXIT_TALLY_H
#define HAUL_CLI_EXIT_TALLY_H

#include "core/error.h"

struct exit_tally {
    int code;
};

void exit_tally_add(struct exit_tally *t, enum haul_error failure);

#endif
