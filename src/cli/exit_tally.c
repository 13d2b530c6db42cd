/* SPDX-License-Identifier: MIT */
/* The exit code of several failures; see exit_tally.h. */
#include "cli/exit_tally.h"

void exit_tally_add(struct exit_tally *t, enum haul_error failure)
{
    int code = haul_error_exit(failure);
    t->code = t->code && t->code != code ? 1 : code;
}
