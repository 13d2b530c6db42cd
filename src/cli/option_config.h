/* SPDX-License-Identifier: MIT */
/* The config file laid over the defaults. */
#ifndef HAUL_CLI_OPTION_CONFIG_H
#define HAUL_CLI_OPTION_CONFIG_H

#include "cli/options.h"

/* Reads o->config_file, which must exist, or else the default file, which need not. */
HAUL_NODISCARD enum haul_error option_config_load(struct cli_options *o, struct haul_fault *fault);

#endif
