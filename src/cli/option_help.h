/* SPDX-License-Identifier: MIT */
/* Texts made from the option table. Each appends to *out. */
#ifndef HAUL_CLI_OPTION_HELP_H
#define HAUL_CLI_OPTION_HELP_H

#include "cli/option_table.h"
#include "core/buf.h"

/* `haul --help` and `haul COMMAND --help`: at most 80 columns. */
void option_help(struct buf *out, enum cli_command command);
void option_version(struct buf *out);

/* Sections COMMANDS and OPTIONS of haul(1), in man(7) macros. */
void option_man_commands(struct buf *out);
void option_man_options(struct buf *out);

void option_complete_bash(struct buf *out);
void option_complete_zsh(struct buf *out);
void option_complete_fish(struct buf *out);

#endif
