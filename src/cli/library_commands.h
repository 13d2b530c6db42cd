/* SPDX-License-Identifier: MIT */
/* `haul models`, `show`, `verify`, `rm` and `clean`: what is on disk. Main thread. */
#ifndef HAUL_CLI_LIBRARY_COMMANDS_H
#define HAUL_CLI_LIBRARY_COMMANDS_H

#include "cli/options.h"
#include "core/buf.h"
#include "core/library.h"
#include "core/session.h"

/* Carries out the command of the options. Returns the exit code. */
int command_library(struct session *session, const struct cli_options *options);

/* What is printed for people (library_format.c). */
void library_format_list(struct buf *out, const struct model_list *models);
void library_format_model(struct buf *out, const struct model *m);

#endif
