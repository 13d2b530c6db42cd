/* SPDX-License-Identifier: MIT */
/* --help and --version from the option table; see option_help.h. */
#include "cli/option_help.h"

#include <string.h>

#define WIDTH       79
#define TEXT_COLUMN 27

static const char examples[] = "\nExamples:\n"
                               "  haul\n"
                               "      the terminal UI, with the stored queue\n"
                               "  haul --batch -d /data https://example.org/big.iso\n"
                               "      fetch one file; its path on standard output\n"
                               "  haul org/Example-7B-GGUF:Q5_K_M\n"
                               "      one quantisation of a model, into the Hugging Face cache\n"
                               "  haul --batch --json -i list.txt\n"
                               "      a list, with events for programs\n"
                               "\nThe manual has it all: man haul\n";

/* Adds words of text at `column`, wrapping at WIDTH; the cursor stands at *at. */
static void add_wrapped(struct buf *out, const char *text, size_t column, size_t *at)
{
    while (*text) {
        size_t len = strcspn(text, " ");
        if (*at > column && *at + 1 + len > WIDTH) {
            buf_addf(out, "\n%*s", (int)column, "");
            *at = column;
        } else if (*at > column) {
            buf_add_char(out, ' ');
            ++*at;
        }
        buf_add(out, text, len);
        *at += len;
        text += len + strspn(text + len, " ");
    }
}

static void add_help_text(struct buf *text, const struct option_row *row, enum cli_command command)
{
    bool clean = command == COMMAND_CLEAN && row->clean_help;
    buf_add_str(text, clean ? row->clean_help : row->help);
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        buf_addf(text, "%s%s", i ? "|" : " (", row->choices[i]);
    if (row->choices)
        buf_add_char(text, ')');
    if (row->fallback)
        buf_addf(text, " (default: %s)", row->fallback);
}

static void add_row(struct buf *out, const struct option_row *row, enum cli_command command)
{
    size_t begin = out->len;
    if (row->letter)
        buf_addf(out, "  -%c, --%s", row->letter, row->name);
    else
        buf_addf(out, "      --%s", row->name);
    if (row->arg)
        buf_addf(out, " %s", row->arg);
    size_t at = out->len - begin;
    if (at + 2 > TEXT_COLUMN) {
        buf_add_char(out, '\n');
        at = 0;
    }
    buf_addf(out, "%*s", (int)(TEXT_COLUMN - at), "");
    at = TEXT_COLUMN;
    struct buf text;
    buf_init(&text);
    add_help_text(&text, row, command);
    add_wrapped(out, text.data, TEXT_COLUMN, &at);
    buf_release(&text);
    buf_add_char(out, '\n');
}

static void add_group(struct buf *out, enum option_group group, enum cli_command command)
{
    bool titled = false;
    for (size_t i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        if (row->group != group || !option_listed(row, command))
            continue;
        if (!titled)
            buf_addf(out, "\n%s:\n", option_group_titles[group]);
        titled = true;
        add_row(out, row, command);
    }
}

static void add_usage(struct buf *out)
{
    buf_add_str(out, "Usage: haul [OPTIONS] [SPEC...]           the terminal UI\n"
                     "       haul --batch [OPTIONS] [SPEC...]   headless\n");
    for (unsigned i = COMMAND_RUN + 1; i < COMMAND_COUNT; i++) {
        const struct command_row *c = &command_table[i];
        int column = (int)(strlen(c->name) + strlen(c->args));
        buf_addf(out, "       haul %s [OPTIONS] %s%*s%s\n", c->name, c->args,
                 column < 18 ? 18 - column : 1, "", c->help);
    }
    buf_add_str(out, "\nDownloads models and other large files: many at once, resumed, verified.\n"
                     "SPEC is https://..., hf:ORG/NAME[@REV][:QUANT][/GLOB] or ORG/NAME,\n"
                     "ollama:[HOST/][NS/]MODEL[:TAG], github:OWNER/REPO[@TAG][/GLOB],\n"
                     "file:PATH or build:RECIPE.json.\n");
}

void option_help(struct buf *out, enum cli_command command)
{
    const struct command_row *c = &command_table[command];
    if (command == COMMAND_RUN)
        add_usage(out);
    else
        buf_addf(out, "Usage: haul %s [OPTIONS]%s%s\n\nhaul %s: %s\n", c->name, *c->args ? " " : "",
                 c->args, c->name, c->help);
    for (unsigned group = 0; group < GROUP_COUNT; group++)
        add_group(out, (enum option_group)group, command);
    if (command == COMMAND_RUN)
        buf_add_str(out, examples);
}

void option_version(struct buf *out)
{
    buf_add_str(out, "haul " HAUL_VERSION "\n");
}
