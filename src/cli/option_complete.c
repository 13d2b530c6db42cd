/* SPDX-License-Identifier: MIT */
/* Shell completions from the option table; see option_help.h. */
#include <string.h>

#include "cli/option_help.h"

/* Some command of this build takes it. */
static bool completed(const struct option_row *row)
{
    return row->commands;
}

static bool takes_file(const struct option_row *row)
{
    return row->kind == KIND_FILE || row->kind == KIND_FILES;
}

static void add_choices(struct buf *out, const struct option_row *row, const char *separator)
{
    for (size_t i = 0; row->choices[i]; i++)
        buf_addf(out, "%s%s", i ? separator : "", row->choices[i]);
}

static void add_commands(struct buf *out, const char *separator)
{
    for (unsigned i = COMMAND_RUN + 1; i < COMMAND_COUNT; i++)
        buf_addf(out, "%s%s", separator, command_table[i].name);
}

/* Text in single quotes for a shell that wants `escape` for one inside. */
static void add_quoted(struct buf *out, const char *text, const char *special, const char *escape)
{
    for (; *text; text++) {
        if (*text == '\'')
            buf_add_str(out, escape);
        else if (strchr(special, *text))
            buf_addf(out, "\\%c", *text);
        else
            buf_add_char(out, *text);
    }
}

/* "-x|--name" of every option that `want` picks, as a pattern of bash's case. */
static void add_bash_case(struct buf *out, bool (*want)(const struct option_row *),
                          const char *action)
{
    const char *separator = "    ";
    for (size_t i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        if (!completed(row) || !want(row))
            continue;
        buf_addf(out, "%s--%s", separator, row->name);
        if (row->letter)
            buf_addf(out, "|-%c", row->letter);
        separator = "|";
    }
    if (*separator == '|')
        buf_addf(out, ")\n        %s\n        return ;;\n", action);
}

static bool takes_dir(const struct option_row *row)
{
    return row->kind == KIND_DIR || row->kind == KIND_DIRS;
}

static bool takes_other(const struct option_row *row)
{
    return row->arg && !row->choices && !takes_dir(row) && !takes_file(row);
}

static void add_bash_choices(struct buf *out)
{
    for (size_t i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        if (!completed(row) || !row->choices)
            continue;
        buf_addf(out, "    --%s)\n        COMPREPLY=($(compgen -W '", row->name);
        add_choices(out, row, " ");
        buf_add_str(out, "' -- \"$cur\"))\n        return ;;\n");
    }
}

void option_complete_bash(struct buf *out)
{
    buf_add_str(out, "# bash completion for haul\n"
                     "_haul()\n{\n"
                     "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "    COMPREPLY=()\n"
                     "    if [[ $cur == '=' ]]; then\n        cur=''\n"
                     "    elif [[ $prev == '=' ]]; then\n"
                     "        prev=${COMP_WORDS[COMP_CWORD-2]}\n    fi\n"
                     "    case $prev in\n");
    add_bash_choices(out);
    add_bash_case(out, takes_dir, "COMPREPLY=($(compgen -d -- \"$cur\"))");
    add_bash_case(out, takes_file, "COMPREPLY=($(compgen -f -- \"$cur\"))");
    add_bash_case(out, takes_other, ":");
    buf_add_str(out, "    esac\n    if [[ $cur == -* ]]; then\n"
                     "        COMPREPLY=($(compgen -W '");
    const char *separator = "";
    for (size_t i = 0; i < option_table_count; i++)
        if (completed(&option_table[i])) {
            buf_addf(out, "%s--%s", separator, option_table[i].name);
            separator = "\n            ";
        }
    buf_add_str(out, "' -- \"$cur\"))\n    elif ((COMP_CWORD == 1)); then\n"
                     "        COMPREPLY=($(compgen -W '");
    add_commands(out, " ");
    buf_add_str(out, "' -- \"$cur\"))\n    fi\n}\n"
                     "complete -o filenames -o default -F _haul haul\n");
}

static void add_zsh_option(struct buf *out, const struct option_row *row)
{
    bool repeats = row->kind == KIND_LIST || row->kind == KIND_FILES || row->kind == KIND_DIRS ||
                   row->kind == KIND_HEADER;
    const char *star = repeats ? "'*'" : "";
    if (row->letter)
        buf_addf(out, "    %s{-%c%s,--%s%s}'", star, row->letter, row->arg ? "+" : "", row->name,
                 row->arg ? "=" : "");
    else
        buf_addf(out, "    %s--%s%s'", star, row->name, row->arg ? "=" : "");
    buf_add_char(out, '[');
    add_quoted(out, row->help, "[]:\\", "'\\''");
    buf_add_char(out, ']');
    if (row->arg) {
        buf_add_char(out, ':');
        add_quoted(out, row->arg, "[]:\\", "");
        buf_add_char(out, ':');
    }
    if (row->choices) {
        buf_add_char(out, '(');
        add_choices(out, row, " ");
        buf_add_char(out, ')');
    } else if (takes_file(row)) {
        buf_add_str(out, "_files");
    } else if (takes_dir(row)) {
        buf_add_str(out, "_files -/");
    }
    buf_add_str(out, "' \\\n");
}

void option_complete_zsh(struct buf *out)
{
    buf_add_str(out, "#compdef haul\n# zsh completion for haul\n_arguments -s -S \\\n");
    for (size_t i = 0; i < option_table_count; i++)
        if (completed(&option_table[i]))
            add_zsh_option(out, &option_table[i]);
    buf_add_str(out, "    '1:command or SPEC:(");
    const char *separator = "";
    for (unsigned i = COMMAND_RUN + 1; i < COMMAND_COUNT; i++) {
        buf_addf(out, "%s%s", separator, command_table[i].name);
        separator = " ";
    }
    buf_add_str(out, ")' \\\n    '*:SPEC: '\n");
}

void option_complete_fish(struct buf *out)
{
    buf_add_str(out, "# fish completion for haul\ncomplete -c haul -f\n");
    for (unsigned i = COMMAND_RUN + 1; i < COMMAND_COUNT; i++) {
        const struct command_row *c = &command_table[i];
        buf_addf(out, "complete -c haul -n __fish_use_subcommand -a %s -d '", c->name);
        add_quoted(out, c->help, "\\", "\\'");
        buf_add_str(out, "'\n");
    }
    for (size_t i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        if (!completed(row))
            continue;
        buf_addf(out, "complete -c haul -l %s", row->name);
        if (row->letter)
            buf_addf(out, " -s %c", row->letter);
        if (row->choices) {
            buf_add_str(out, " -xa '");
            add_choices(out, row, " ");
            buf_add_char(out, '\'');
        } else if (takes_dir(row)) {
            buf_add_str(out, " -xa '(__fish_complete_directories)'");
        } else if (row->arg) {
            buf_add_str(out, takes_file(row) ? " -rF" : " -x");
        }
        buf_add_str(out, " -d '");
        add_quoted(out, row->help, "\\", "\\'");
        buf_add_str(out, "'\n");
    }
}
