/* SPDX-License-Identifier: MIT */
/* Sections of the manual page from the option table; see option_help.h. */
#include "cli/option_help.h"

/* roff reads '\' and '-' as its own, and a line that begins with '.' or ''' as a request. */
static void add_roff(struct buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        buf_add_str(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            buf_add_str(out, "\\e");
        else if (*text == '-')
            buf_add_str(out, "\\-");
        else
            buf_add_char(out, *text);
    }
}

static void add_term(struct buf *out, const struct option_row *row)
{
    buf_add_str(out, ".TP\n");
    if (row->letter)
        buf_addf(out, "\\fB\\-%c\\fR, ", row->letter);
    buf_add_str(out, !row->commands ? "\\fB" : "\\fB\\-\\-");
    add_roff(out, row->name);
    buf_add_str(out, "\\fR");
    if (row->arg) {
        buf_add_str(out, !row->commands ? " = \\fI" : " \\fI");
        add_roff(out, row->arg);
        buf_add_str(out, "\\fR");
    }
    buf_add_char(out, '\n');
}

static void add_choices(struct buf *out, const struct option_row *row)
{
    buf_addf(out, "One of");
    for (size_t i = 0; row->choices[i]; i++) {
        buf_addf(out, "%s \\fB", i ? "," : "");
        add_roff(out, row->choices[i]);
        buf_add_str(out, "\\fR");
    }
    buf_add_str(out, ".\n");
}

static void add_entry(struct buf *out, const struct option_row *row)
{
    add_term(out, row);
    add_roff(out, row->help);
    buf_add_char(out, '\n');
    if (row->clean_help) {
        buf_add_str(out, "Of \\fBhaul clean\\fR: ");
        add_roff(out, row->clean_help);
        buf_add_char(out, '\n');
    }
    if (row->choices)
        add_choices(out, row);
    if (row->fallback) {
        buf_add_str(out, "Default: ");
        add_roff(out, row->fallback);
        buf_add_str(out, ".\n");
    }
    if (row->env)
        buf_addf(out, "Environment: \\fB%s\\fR.\n", row->env);
    if (!row->commands)
        buf_add_str(out, "Config file only.\n");
    if (!row->config)
        buf_add_str(out, "Not in the config file.\n");
}

void option_man_options(struct buf *out)
{
    for (unsigned group = 0; group < GROUP_COUNT; group++) {
        bool titled = false;
        for (size_t i = 0; i < option_table_count; i++) {
            const struct option_row *row = &option_table[i];
            if (row->group != group || !row->help)
                continue;
            if (!titled)
                buf_addf(out, ".SS %s\n", option_group_titles[group]);
            titled = true;
            add_entry(out, row);
        }
    }
}

void option_man_commands(struct buf *out)
{
    for (unsigned i = COMMAND_RUN + 1; i < COMMAND_COUNT; i++) {
        const struct command_row *c = &command_table[i];
        buf_addf(out, ".TP\n\\fBhaul %s\\fR [\\fIOPTIONS\\fR] \\fI%s\\fR\n", c->name, c->args);
        add_roff(out, c->help);
        buf_add_str(out, ".\n");
    }
}
