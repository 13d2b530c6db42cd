/* SPDX-License-Identifier: MIT */
/*
 * haul-docs TEMPLATE DIR: writes what is made from the tables of options and keys, at build time:
 * the manual page (from its template) and the completions of three shells.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_help.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "tui/keys.h"

static void add_version(struct buf *out)
{
    buf_add_str(out, HAUL_VERSION);
}

static const struct {
    const char *mark;
    void (*add)(struct buf *out);
} marks[] = {
    {"@VERSION@", add_version},
    {"@COMMANDS@", option_man_commands},
    {"@OPTIONS@", option_man_options},
    {"@KEYS@", keys_man_section},
};

static const struct {
    const char *name;
    void (*add)(struct buf *out);
} completions[] = {
    {"haul.bash", option_complete_bash},
    {"_haul", option_complete_zsh},
    {"haul.fish", option_complete_fish},
};

static void fail(const char *name)
{
    fprintf(stderr, "haul-docs: %s: %s\n", name, strerror(errno));
    exit(1);
}

static void read_template(struct buf *text, const char *name)
{
    char chunk[4096];
    size_t n;
    FILE *file = fopen(name, "r");
    if (!file)
        fail(name);
    while ((n = fread(chunk, 1, sizeof chunk, file)))
        buf_add(text, chunk, n);
    fclose(file);
}

static void expand(struct buf *out, const char *text)
{
    while (*text) {
        size_t i = 0;
        while (i < HAUL_ARRAY_LEN(marks) &&
               strncmp(text, marks[i].mark, strlen(marks[i].mark)) != 0)
            i++;
        if (i == HAUL_ARRAY_LEN(marks)) {
            buf_add_char(out, *text++);
            continue;
        }
        text += strlen(marks[i].mark);
        marks[i].add(out);
        /* What a table makes ends its own last line. */
        text += *text == '\n' && out->data[out->len - 1] == '\n';
    }
}

static void write_file(const char *dir, const char *name, const struct buf *text)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(text->data, 1, text->len, file) != text->len || fclose(file))
        fail(path);
    free(path);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: haul-docs TEMPLATE DIR\n", stderr);
        return 2;
    }
    struct buf template, text;
    buf_init(&template);
    buf_init(&text);
    read_template(&template, argv[1]);
    expand(&text, template.data);
    write_file(argv[2], "haul.1", &text);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(completions); i++) {
        buf_truncate(&text, 0);
        completions[i].add(&text);
        write_file(argv[2], completions[i].name, &text);
    }
    buf_release(&text);
    buf_release(&template);
    return 0;
}
