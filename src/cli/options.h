/* SPDX-License-Identifier: MIT */
/*
 * What a command line means: defaults, config file, environment and arguments laid over one
 * another. One table (option_table.c) makes the parser, --help, the manual page section and the
 * completions. Main thread, before any other is started.
 */
#ifndef HAUL_CLI_OPTIONS_H
#define HAUL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/request.h"
#include "core/settings.h"

enum cli_command {
    COMMAND_RUN, /* no command word: terminal UI or batch */
    COMMAND_RESOLVE,
    COMMAND_SERVE,
    COMMAND_ADD,
    COMMAND_JOBS,
    COMMAND_WATCH,
    COMMAND_CANCEL,
    COMMAND_PAUSE,
    COMMAND_RESUME,
    COMMAND_RETRY,
    COMMAND_MODELS,
    COMMAND_SHOW,
    COMMAND_VERIFY,
    COMMAND_RM,
    COMMAND_CLEAN,
    COMMAND_COUNT
};

enum cli_action { ACTION_RUN, ACTION_HELP, ACTION_VERSION };
enum progress_mode { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_NONE };
enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum ui_mode { UI_AUTO, UI_FULL, UI_LINEAR };

/* A line of the config file that only the terminal UI understands, e.g. key.cancel = "c". */
struct ui_setting {
    char *key, *value;
};
struct ui_settings {
    struct ui_setting *items;
    size_t count;
};

/* Strings are owned; NULL where not given. */
struct cli_options {
    enum cli_action action;
    enum cli_command command;
    struct settings settings;
    struct job_request defaults; /* every job starts as a copy; its spec is NULL */
    /* Of the settings those that a job may have for itself, as given: a job server has settings of
     * its own, so they go with the jobs. */
    struct {
        unsigned connections; /* 0: not given */
        int64_t limit_rate;   /* -1: not given */
    } own;
    struct string_list specs; /* what stands on the command line, unparsed */
    struct string_list input_files;
    char *checksum_file; /* file name or URL */
    bool batch, dry_run, yes;
    bool json, quiet, verbose;
    enum progress_mode progress;
    int64_t progress_interval; /* ns */
    enum color_mode color;
    bool ascii;
    enum ui_mode ui;
    char *theme;
    struct ui_settings ui_settings; /* notify, key.*, color.* in file order */
    int64_t confirm_cancel;         /* bytes from which a cancel asks; 0 always, -1 never */
    char *config_file;
    char *server; /* job server to drive */
    char *listen, *socket, *token_file;
    struct string_list allow_origins, allow_hosts;
    bool allow_local;
};

void cli_options_init(struct cli_options *o);
void cli_options_release(struct cli_options *o);

/*
 * Reads everything into an initialised *o. Looks up environment variables with `env` (getenv).
 * HAUL_ERR_USAGE: the fault's message begins with what is wrong, e.g. "--jobs: 'x' is not a number
 * from 1 to 1000". Overwrites secrets (user:password@ in a URL, header values) in argv, so that
 * other users do not see them in the process list.
 */
HAUL_NODISCARD enum haul_error cli_options_parse(struct cli_options *o, int argc, char **argv,
                                                 char *(*env)(const char *name),
                                                 struct haul_fault *fault);

/* The hint line that follows a usage error, e.g. "Try 'haul --help'.". Static text. */
const char *cli_options_hint(const struct cli_options *o);

#endif
