/* SPDX-License-Identifier: MIT */
/*
 * The tables of options and commands, from which parser, help, manual page and completions are
 * made. Constant data.
 */
#ifndef HAUL_CLI_OPTION_TABLE_H
#define HAUL_CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

enum option_group {
    GROUP_GENERAL,
    GROUP_INPUT,
    GROUP_PLACE,
    GROUP_SPEED,
    GROUP_CHECK,
    GROUP_NETWORK,
    GROUP_OUTPUT,
    GROUP_UI,
    GROUP_SERVER,
    GROUP_COUNT
};

/* How an option's value is read, and what stands at its offset in struct cli_options. */
enum option_kind {
    KIND_SET,       /* no value; an unsigned or enum gets `value` */
    KIND_ON,        /* no value; a bool becomes true */
    KIND_OFF,       /* no value; a bool becomes false */
    KIND_NUMBER,    /* unsigned, min..max */
    KIND_SIZE,      /* int64_t bytes */
    KIND_THRESHOLD, /* the same, or "never", which is -1 */
    KIND_SECONDS,   /* int64_t nanoseconds, min..max */
    KIND_CHOICE,    /* enum: `value` plus the index into choices */
    KIND_TEXT,      /* char * */
    KIND_FILE,      /* char *, a file name or a URL */
    KIND_DIR,       /* char *, a directory */
    KIND_LIST,      /* struct string_list, may repeat */
    KIND_FILES,     /* the same, of file names */
    KIND_DIRS,      /* the same, of directories, which become absolute */
    KIND_HEADER,    /* the same, each "Name: value" */
    KIND_CHECKSUM,  /* struct digest_value */
    KIND_UI         /* kept as it is for the terminal UI */
};

struct option_row {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    enum option_kind kind;
    enum option_group group;
    unsigned commands; /* bit 1 << COMMAND_x for each that takes it; 0: config file only */
    bool config;       /* may stand in the config file */
    size_t offset;
    size_t own; /* of a second field that gets the value, too; 0: none */
    int64_t min, max;
    unsigned value;
    const char *const *choices; /* ends with NULL */
    const char *arg;            /* name of the value in help; NULL: takes none */
    const char *fallback;       /* the default, as shown; NULL: none worth showing */
    const char *env;            /* variable that sets it too */
    const char *env_value;      /* value it then gets; NULL: the variable's own */
    const char *help;           /* NULL: not documented */
    const char *clean_help;     /* what it means to 'haul clean'; NULL: the same */
};

struct command_row {
    const char *name; /* "" for COMMAND_RUN */
    const char *args; /* as in the usage line */
    const char *help;
};

extern const struct option_row option_table[];
extern const size_t option_table_count;
/* Indexed by enum cli_command. */
extern const struct command_row command_table[COMMAND_COUNT];
extern const char *const option_group_titles[GROUP_COUNT];

const struct option_row *option_by_name(const char *name, size_t len); /* NULL: none */
const struct option_row *option_by_letter(char letter);
/* COMMAND_COUNT: not a command. */
enum cli_command command_by_name(const char *word);
/* Listed in help and documentation for that command: present in this build, not config-only. */
bool option_listed(const struct option_row *row, enum cli_command command);

/*
 * Stores a value. `where` begins the message, e.g. "--jobs" or "/home/a/.config/haul/config:3:
 * jobs". For an option without value, text is NULL.
 */
HAUL_NODISCARD enum haul_error option_store(const struct option_row *row, const char *where,
                                            const char *text, struct cli_options *o,
                                            struct haul_fault *fault);

void ui_settings_add(struct ui_settings *list, const char *key, const char *value);

#endif
