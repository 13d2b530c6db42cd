/* SPDX-License-Identifier: MIT */
/* The command line: arguments to rows of the option table, and what overrides what; see options.h.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_config.h"
#include "cli/option_table.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"

/* An option as it stood on the command line; `text` points into argv. */
struct given {
    const struct option_row *row;
    bool as_letter;
    char *text;
};

struct parser {
    struct cli_options *options;
    char **argv; /* what is still to be read; ends with NULL */
    struct given *given;
    size_t count;
    bool only_specs; /* "--" was seen */
    bool command_known;
};

void cli_options_init(struct cli_options *o)
{
    *o = (struct cli_options){
        .own.limit_rate = -1, .progress_interval = 10 * CLOCK_SEC, .confirm_cancel = 1 << 30};
    settings_init(&o->settings);
    job_request_init(&o->defaults);
}

void cli_options_release(struct cli_options *o)
{
    settings_release(&o->settings);
    job_request_release(&o->defaults);
    string_list_release(&o->specs);
    string_list_release(&o->input_files);
    for (size_t i = 0; i < o->ui_settings.count; i++) {
        free(o->ui_settings.items[i].key);
        free(o->ui_settings.items[i].value);
    }
    free(o->ui_settings.items);
    char *texts[] = {o->checksum_file, o->theme,  o->config_file, o->server,
                     o->listen,        o->socket, o->token_file};
    string_list_release(&o->allow_origins);
    string_list_release(&o->allow_hosts);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(texts); i++)
        free(texts[i]);
    *o = (struct cli_options){0};
}

static void add_given(struct parser *p, const struct option_row *row, bool as_letter, char *text)
{
    p->given = xreallocarray(p->given, p->count + 1, sizeof *p->given);
    p->given[p->count++] = (struct given){row, as_letter, text};
}

static enum haul_error read_long(struct parser *p, char *arg, struct haul_fault *fault)
{
    char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    const struct option_row *row = option_by_name(arg, len);
    if (!row || !row->commands)
        return fault_set(fault, HAUL_ERR_USAGE, "--%.*s: no such option", (int)len, arg);
    if (!row->arg && equals)
        return fault_set(fault, HAUL_ERR_USAGE, "--%s: takes no value", row->name);
    char *text = equals ? equals + 1 : NULL;
    if (row->arg && !text)
        text = *p->argv ? *p->argv++ : NULL;
    if (row->arg && !text)
        return fault_set(fault, HAUL_ERR_USAGE, "--%s: needs a value: %s", row->name, row->arg);
    add_given(p, row, false, text);
    return HAUL_OK;
}

static enum haul_error read_letters(struct parser *p, char *arg, struct haul_fault *fault)
{
    for (; *arg; arg++) {
        const struct option_row *row = option_by_letter(*arg);
        if (!row)
            return fault_set(fault, HAUL_ERR_USAGE, "-%c: no such option", *arg);
        if (!row->arg) {
            add_given(p, row, true, NULL);
            continue;
        }
        char *text = arg[1] ? arg + 1 : *p->argv ? *p->argv++ : NULL;
        if (!text)
            return fault_set(fault, HAUL_ERR_USAGE, "-%c: needs a value: %s", *arg, row->arg);
        add_given(p, row, true, text);
        break;
    }
    return HAUL_OK;
}

/* `haul help`, `haul help COMMAND` and `haul version`, as many programs have them. */
static bool asks_for_help(struct parser *p, const char *word)
{
    bool help = !strcmp(word, "help");
    if (help || !strcmp(word, "version"))
        p->options->action = help ? ACTION_HELP : ACTION_VERSION;
    return p->options->action != ACTION_RUN;
}

/* The first word may name a command; a SPEC of that name can be given behind "--". */
static void read_word(struct parser *p, const char *arg)
{
    enum cli_command command = command_by_name(arg);
    bool first = !p->only_specs && !p->command_known;
    if (first && p->options->action == ACTION_RUN && asks_for_help(p, arg))
        return; /* of the command that the next word may name */
    if (first && command != COMMAND_COUNT)
        p->options->command = command;
    else
        string_list_add(&p->options->specs, arg);
    p->command_known = true;
}

static enum haul_error read_arguments(struct parser *p, struct haul_fault *fault)
{
    while (*p->argv) {
        char *arg = *p->argv++;
        enum haul_error err = HAUL_OK;
        if (p->only_specs || arg[0] != '-' || !arg[1])
            read_word(p, arg);
        else if (arg[1] != '-')
            err = read_letters(p, arg + 1, fault);
        else if (arg[2])
            err = read_long(p, arg + 2, fault);
        else
            p->only_specs = true;
        if (err)
            return err;
    }
    return HAUL_OK;
}

static enum haul_error store_given(struct parser *p, const struct given *g,
                                   struct haul_fault *fault)
{
    char *where = g->as_letter ? xasprintf("-%c", g->row->letter) : xasprintf("--%s", g->row->name);
    enum haul_error err = HAUL_OK;
    enum cli_command command = p->options->command;
    if (!(g->row->commands & 1u << command))
        err = fault_set(fault, HAUL_ERR_USAGE, "%s: not an option of 'haul%s%s'", where,
                        command == COMMAND_RUN ? "" : " ", command_table[command].name);
    if (!err)
        err = option_store(g->row, where, g->text, p->options, fault);
    free(where);
    return err;
}

static enum haul_error store_environment(struct cli_options *o, char *(*env)(const char *),
                                         struct haul_fault *fault)
{
    for (size_t i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        const char *text = row->env ? env(row->env) : NULL;
        if (!text || !*text)
            continue;
        if (row->env_value)
            text = row->env_value;
        enum haul_error err = option_store(row, row->env, text, o, fault);
        if (err)
            return err;
    }
    return HAUL_OK;
}

/* --config, --help and --version count before all else, wherever they stand. */
static enum haul_error store_first(struct parser *p, struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    for (size_t i = 0; i < p->count && !err; i++)
        if (!strcmp(p->given[i].row->name, "config") || !strcmp(p->given[i].row->name, "help") ||
            !strcmp(p->given[i].row->name, "version"))
            err = store_given(p, &p->given[i], fault);
    return err;
}

/* As curl and wget take it, haul does not: finished files are checked, and named last. */
static enum haul_error check_out(const struct cli_options *o, struct haul_fault *fault)
{
    const char *out = o->defaults.out;
    if (out && !strcmp(out, "-"))
        return fault_set(fault, HAUL_ERR_USAGE,
                         "-o -: haul writes files, not to standard output; --batch prints where "
                         "they are");
    if (!out || path_check_relative(out, NULL) == HAUL_OK)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_USAGE,
                     "-o takes a name below the directory, not '%s'; use -d DIR -o NAME", out);
}

static enum haul_error check_single(const struct cli_options *o, struct haul_fault *fault)
{
    const char *name = o->defaults.out                  ? "--out"
                       : o->defaults.checksum.algorithm ? "--checksum"
                                                        : NULL;
    if (name && (o->specs.count > 1 || o->input_files.count))
        return fault_set(fault, HAUL_ERR_USAGE,
                         "%s: is for one SPEC; an input file has 'out=' and 'sha256=' lines", name);
    return HAUL_OK;
}

/* No SPEC is a lone word: it was meant as a command, of this program or of another one. */
static enum haul_error check_first_word(const struct parser *p, struct haul_fault *fault)
{
    const struct cli_options *o = p->options;
    const char *word = o->specs.count ? o->specs.items[0] : "";
    if (o->command != COMMAND_RUN || p->only_specs || !*word || strpbrk(word, "/:."))
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_USAGE, "no command and no source is called '%s'", word);
}

/* What a command wants to stand behind it: "SPEC…" or "ID…" at least once, "[ID…]", or nothing. */
static enum haul_error check_words(const struct cli_options *o, struct haul_fault *fault)
{
    const struct command_row *c = &command_table[o->command];
    bool given = o->specs.count || o->input_files.count;
    if (!*c->args && o->specs.count)
        return fault_set(fault, HAUL_ERR_USAGE, "%s: takes no '%s'", c->name, o->specs.items[0]);
    if (!strncmp(c->args, "SPEC", 4) && !given)
        return fault_set(fault, HAUL_ERR_USAGE, "%s: needs a SPEC", c->name);
    if (!strncmp(c->args, "ID", 2) && !given)
        return fault_set(fault, HAUL_ERR_USAGE, "%s: needs an ID; 'haul %s' lists them", c->name,
                         o->command == COMMAND_SHOW || o->command == COMMAND_RM ? "models"
                                                                                : "jobs");
    return HAUL_OK;
}

static enum haul_error store_all(struct parser *p, char *(*env)(const char *),
                                 struct haul_fault *fault)
{
    struct cli_options *o = p->options;
    enum haul_error err = store_first(p, fault);
    if (err || o->action != ACTION_RUN)
        return err;
    err = check_first_word(p, fault);
    if (!err)
        err = option_config_load(o, fault);
    if (!err)
        err = store_environment(o, env, fault);
    for (size_t i = 0; i < p->count && !err; i++)
        err = store_given(p, &p->given[i], fault);
    if (err)
        return err;
    o->defaults.no_resume = !o->settings.resume;
    o->defaults.confirmed = o->yes;
    o->batch |= o->json && o->command == COMMAND_RUN;
    err = check_words(o, fault);
    if (!err)
        err = check_single(o, fault);
    return err ? err : check_out(o, fault);
}

static void blank(char *begin, const char *end)
{
    while (begin < end)
        *begin++ = '*';
}

/* user:password@ of a URL, wherever it stands in an argument. */
static void blank_user(char *arg)
{
    char *authority = strstr(arg, "://");
    if (!authority)
        return;
    authority += 3;
    for (char *end = authority + strcspn(authority, "/?#"); end > authority; end--)
        if (*end == '@') {
            blank(authority, end);
            return;
        }
}

static void blank_secrets(struct parser *p, int argc, char **argv)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->given[i].row->kind == KIND_HEADER)
            blank(p->given[i].text + strcspn(p->given[i].text, ":"),
                  p->given[i].text + strlen(p->given[i].text));
    for (int i = 1; i < argc; i++)
        blank_user(argv[i]);
}

enum haul_error cli_options_parse(struct cli_options *o, int argc, char **argv,
                                  char *(*env)(const char *name), struct haul_fault *fault)
{
    struct parser p = {.options = o, .argv = argc ? argv + 1 : argv};
    enum haul_error err = read_arguments(&p, fault);
    if (!err)
        err = store_all(&p, env, fault);
    blank_secrets(&p, argc, argv);
    free(p.given);
    return err;
}

const char *cli_options_hint(const struct cli_options *o)
{
    if (o->command == COMMAND_RESOLVE)
        return "Try 'haul resolve --help'.";
    return "Try 'haul --help'.";
}
