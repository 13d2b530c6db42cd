/* SPDX-License-Identifier: MIT */
/* The command line, the config file, and the texts made from the option table. */
#include "harness.h"

#include <unistd.h>

#include "cli/option_help.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "core/alloc.h"
#include "core/clock.h"

#define ARGS_MAX 31

static char *arguments[ARGS_MAX + 1]; /* of the last parse, for tests that look at them after it */
static char *no_color, *server;       /* the environment */

static char *fake_env(const char *name)
{
    return !strcmp(name, "NO_COLOR") ? no_color : !strcmp(name, "HAUL_SERVER") ? server : NULL;
}

static void drop_arguments(void)
{
    for (size_t i = 0; i < ARGS_MAX; i++) {
        free(arguments[i]);
        arguments[i] = NULL;
    }
}

/* Parses words separated by blanks; no config file is found but one that is named. */
static enum haul_error parse(struct cli_options *o, const char *line, struct haul_fault *fault)
{
    int argc = 0;
    drop_arguments();
    arguments[argc++] = xstrdup("haul");
    while (*line) {
        size_t len = strcspn(line, " ");
        arguments[argc++] = xstrndup(line, len);
        line += len + strspn(line + len, " ");
    }
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    cli_options_init(o);
    *fault = (struct haul_fault){0};
    return cli_options_parse(o, argc, arguments, fake_env, fault);
}

static void write_config(char path[], const char *text)
{
    int fd = mkstemp(path);
    ASSERT(fd >= 0);
    ASSERT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static enum haul_error parse_with_config(struct cli_options *o, const char *config,
                                         const char *line, struct haul_fault *fault)
{
    char path[] = "/tmp/haul-test-config-XXXXXX";
    write_config(path, config);
    char *full = xasprintf("%s --config=%s", line, path);
    enum haul_error err = parse(o, full, fault);
    free(full);
    unlink(path);
    return err;
}

TEST(defaults_are_those_of_the_manual)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "", &fault), HAUL_OK);
    CHECK_INT(o.command, COMMAND_RUN);
    CHECK_INT(o.settings.jobs, 3);
    CHECK_INT(o.settings.connections, 8);
    CHECK_INT(o.settings.tries, 6);
    CHECK_INT(o.progress_interval, 10 * CLOCK_SEC);
    CHECK(!o.batch && !o.json && o.settings.resume && !o.defaults.no_resume);
    CHECK_INT(o.defaults.limit_rate, -1);
    cli_options_release(&o);
}

TEST(every_spelling_of_a_value_is_taken)
{
    static const char *const lines[] = {"--jobs=7", "--jobs 7", "-j7", "-j 7", "-bj7", "-bj 7"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(lines); i++) {
        struct cli_options o;
        struct haul_fault fault;
        CHECK_INT(parse(&o, lines[i], &fault), HAUL_OK);
        CHECK_INT(o.settings.jobs, 7);
        CHECK_INT(o.specs.count, 0);
        cli_options_release(&o);
    }
}

TEST(options_reach_the_fields_they_name)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o,
                    "-b -d /data -x 64 -l 2.5M --job-limit-rate 1K --layout hf-cache "
                    "--on-exists=rename --no-resume --stall-timeout 0.5 -4",
                    &fault),
              HAUL_OK);
    CHECK_STR(o.defaults.dir, "/data");
    CHECK_INT(o.settings.connections, 64);
    CHECK_INT(o.settings.limit_rate, 2621440);
    CHECK_INT(o.settings.job_limit_rate, 1024);
    CHECK_INT(o.defaults.layout, LAYOUT_HF_CACHE);
    CHECK_INT(o.defaults.on_exists, ON_EXISTS_RENAME);
    CHECK(!o.settings.resume && o.defaults.no_resume);
    CHECK_INT(o.settings.stall_timeout, CLOCK_SEC / 2);
    CHECK_INT(o.settings.ip_family, IP_V4);
    CHECK(o.batch);
    cli_options_release(&o);
}

TEST(lists_keep_every_value_in_order)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "--include a --include=b -i x -i - h/A h/B", &fault), HAUL_OK);
    ASSERT(o.defaults.include.count == 2 && o.input_files.count == 2 && o.specs.count == 2);
    CHECK_STR(o.defaults.include.items[1], "b");
    CHECK_STR(o.input_files.items[1], "-");
    CHECK_STR(o.specs.items[0], "h/A");
    cli_options_release(&o);
}

TEST(a_checksum_is_pinned_by_the_user)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o,
                    "--checksum sha256:"
                    "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff h/x",
                    &fault),
              HAUL_OK);
    CHECK_INT(o.defaults.checksum.algorithm, DIGEST_SHA256);
    CHECK_INT(o.defaults.checksum.origin, DIGEST_BY_PINNED);
    CHECK_INT(o.defaults.checksum.bytes[31], 0xff);
    cli_options_release(&o);
}

TEST(two_dashes_end_options_and_commands)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "-b -- resolve --jobs", &fault), HAUL_OK);
    CHECK_INT(o.command, COMMAND_RUN);
    ASSERT(o.specs.count == 2);
    CHECK_STR(o.specs.items[0], "resolve");
    CHECK_STR(o.specs.items[1], "--jobs");
    cli_options_release(&o);
}

TEST(a_command_may_stand_behind_options_but_only_first)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "--json resolve a resolve", &fault), HAUL_OK);
    CHECK_INT(o.command, COMMAND_RESOLVE);
    CHECK_INT(o.specs.count, 2);
    CHECK(!o.batch);
    cli_options_release(&o);
}

TEST(json_implies_batch)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "--json h/a", &fault), HAUL_OK);
    CHECK(o.batch);
    cli_options_release(&o);
}

static const struct {
    const char *line, *message;
} bad[] = {
    {"--jobs=x", "--jobs: 'x' is not a number from 1 to 1000"},
    {"-j 0", "-j: '0' is not a number from 1 to 1000"},
    {"-j 1001", "-j: '1001' is not a number from 1 to 1000"},
    {"-x 65", "-x: '65' is not a number from 1 to 64"},
    {"-j -1", "-j: '-1' is not a number from 1 to 1000"},
    {"--limit-rate=fast", "--limit-rate: 'fast' is not a size such as 500K, 2.5M, 1G or 0"},
    {"--retry-wait=61", "--retry-wait: '61' is not a number of seconds from 0 to 60"},
    {"--stall-timeout=0", "--stall-timeout: '0' is not a number of seconds from 0.1 to 3600"},
    {"--layout=flat", "--layout: 'flat' is none of plain, hf-cache, ollama"},
    {"--checksum md5:00", "--checksum: 'md5:00' is not sha256: and 64 hex digits"},
    {"--dir=", "--dir: '' is empty"},
    {"--header nonsense", "--header: not of the form 'Name: value'"},
    {"--job 3", "--job: no such option"},
    {"--confirm-cancel=1", "--confirm-cancel: no such option"},
    {"-Q", "-Q: no such option"},
    {"--batch=yes", "--batch: takes no value"},
    {"--jobs", "--jobs: needs a value: N"},
    {"-bj", "-j: needs a value: N"},
    {"resolve --jobs 3 a", "--jobs: not an option of 'haul resolve'"},
    {"resolve", "resolve: needs a SPEC"},
    {"--listen :80", "--listen: not an option of 'haul'"},
    {"serve x", "serve: takes no 'x'"},
    {"cancel", "cancel: needs an ID; 'haul jobs' lists them"},
    {"add", "add: needs a SPEC"},
    {"ls", "no command and no source is called 'ls'"},
    {"--batch get https://host/x", "no command and no source is called 'get'"},
    {"-o /tmp/x h/a", "-o takes a name below the directory, not '/tmp/x'; use -d DIR -o NAME"},
    {"-o ../x h/a", "-o takes a name below the directory, not '../x'; use -d DIR -o NAME"},
    {"-o - h/a", "-o -: haul writes files, not to standard output; --batch prints where they are"},
    {"-o x h/a h/b", "--out: is for one SPEC; an input file has 'out=' and 'sha256=' lines"},
    {"-o x -i list", "--out: is for one SPEC; an input file has 'out=' and 'sha256=' lines"},
};

TEST(a_bad_command_line_is_refused_in_words_that_help)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        struct cli_options o;
        struct haul_fault fault;
        CHECK_INT(parse(&o, bad[i].line, &fault), HAUL_ERR_USAGE);
        CHECK_STR(fault.message, bad[i].message);
        cli_options_release(&o);
    }
}

TEST(help_wins_over_mistakes_in_values)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "resolve -l x --help", &fault), HAUL_OK);
    CHECK_INT(o.action, ACTION_HELP);
    CHECK_INT(o.command, COMMAND_RESOLVE);
    cli_options_release(&o);
}

TEST(help_and_version_are_commands_as_well)
{
    static const struct {
        const char *line;
        enum cli_action action;
        enum cli_command command;
    } rows[] = {
        {"help", ACTION_HELP, COMMAND_RUN},
        {"help clean", ACTION_HELP, COMMAND_CLEAN},
        {"version", ACTION_VERSION, COMMAND_RUN},
        {"resolve help", ACTION_RUN, COMMAND_RESOLVE}, /* a SPEC, if a bad one */
        {"-- help", ACTION_RUN, COMMAND_RUN},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct cli_options o;
        struct haul_fault fault;
        CHECK_INT(parse(&o, rows[i].line, &fault), HAUL_OK);
        CHECK_INT(o.action, rows[i].action);
        CHECK_INT(o.command, rows[i].command);
        cli_options_release(&o);
    }
}

TEST(arguments_count_more_than_environment_and_that_more_than_config)
{
    struct cli_options o;
    struct haul_fault fault;
    static const char config[] = "jobs = 5\ncolor = always\ndir = /from-config # here\n";
    CHECK_INT(parse_with_config(&o, config, "-d /given", &fault), HAUL_OK);
    CHECK_INT(o.settings.jobs, 5);
    CHECK_INT(o.color, COLOR_ALWAYS);
    CHECK_STR(o.defaults.dir, "/given");
    cli_options_release(&o);
    no_color = xstrdup("1");
    CHECK_INT(parse_with_config(&o, config, "", &fault), HAUL_OK);
    CHECK_INT(o.color, COLOR_NEVER);
    CHECK_STR(o.defaults.dir, "/from-config");
    cli_options_release(&o);
    CHECK_INT(parse_with_config(&o, config, "--color=auto", &fault), HAUL_OK);
    CHECK_INT(o.color, COLOR_AUTO);
    cli_options_release(&o);
    free(no_color);
    no_color = NULL;
}

TEST(an_empty_variable_sets_nothing)
{
    struct cli_options o;
    struct haul_fault fault;
    no_color = xstrdup("");
    CHECK_INT(parse(&o, "", &fault), HAUL_OK);
    CHECK_INT(o.color, COLOR_AUTO);
    cli_options_release(&o);
    free(no_color);
    no_color = NULL;
}

TEST(a_server_in_the_environment_counts_less_than_one_that_is_named)
{
    struct cli_options o;
    struct haul_fault fault;
    server = xstrdup("http://h:1");
    CHECK_INT(parse(&o, "h/a", &fault), HAUL_OK);
    CHECK_STR(o.server, "http://h:1");
    cli_options_release(&o);
    CHECK_INT(parse(&o, "--server unix:/s h/a", &fault), HAUL_OK);
    CHECK_STR(o.server, "unix:/s");
    cli_options_release(&o);
    free(server);
    server = NULL;
}

TEST(config_switches_say_yes_or_no)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse_with_config(&o, "no-resume = yes\nascii=no\n", "", &fault), HAUL_OK);
    CHECK(!o.settings.resume && !o.ascii);
    cli_options_release(&o);
    CHECK_INT(parse_with_config(&o, "ascii = maybe\n", "", &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, ":1: ascii: 'maybe' is neither yes nor no"));
    cli_options_release(&o);
}

TEST(config_keeps_what_is_for_the_terminal_ui)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse_with_config(&o,
                                "confirm-cancel = never\nkey.cancel = \"c #\"\n"
                                "color.bar = cyan\nnotify = bell\ntheme = dark\n",
                                "", &fault),
              HAUL_OK);
    CHECK_INT(o.confirm_cancel, -1);
    CHECK_STR(o.theme, "dark");
    ASSERT(o.ui_settings.count == 3);
    CHECK_STR(o.ui_settings.items[0].key, "key.cancel");
    CHECK_STR(o.ui_settings.items[0].value, "c #");
    CHECK_STR(o.ui_settings.items[2].value, "bell");
    cli_options_release(&o);
}

TEST(a_mistake_in_the_config_names_file_and_line)
{
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"# x\njobz = 3\n", ":2: 'jobz' is not the long name of an option"},
        {"jobs = 3\n\njobs = x\n", ":3: jobs: 'x' is not a number from 1 to 1000"},
        {"out = x\n", ":1: 'out' can only stand on the command line"},
        {"nonsense\n", ":1: "},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        struct cli_options o;
        struct haul_fault fault;
        CHECK_INT(parse_with_config(&o, cases[i].config, "", &fault), HAUL_ERR_USAGE);
        CHECK(!strncmp(fault.message, "/tmp/haul-test-config-", 22));
        CHECK(strstr(fault.message, cases[i].message));
        cli_options_release(&o);
    }
}

TEST(only_a_config_file_that_was_named_must_exist)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o, "--config /nonexistent/x", &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "/nonexistent/x"));
    cli_options_release(&o);
}

TEST(secrets_are_blanked_in_the_process_list)
{
    struct cli_options o;
    struct haul_fault fault;
    CHECK_INT(parse(&o,
                    "https://me:pw@h/a@b --header=X-Key:abc --proxy=http://u:p@proxy:1 http://h/@",
                    &fault),
              HAUL_OK);
    CHECK_STR(o.specs.items[0], "https://me:pw@h/a@b");
    CHECK_STR(arguments[1], "https://*****@h/a@b");
    CHECK_STR(arguments[2], "--header=X-Key****");
    CHECK_STR(arguments[3], "--proxy=http://***@proxy:1");
    CHECK_STR(arguments[4], "http://h/@");
    CHECK_STR(o.defaults.headers.items[0], "X-Key:abc");
    CHECK_STR(o.settings.proxy, "http://u:p@proxy:1");
    cli_options_release(&o);
    drop_arguments();
}

/* ---- texts ---- */

static void check_lines(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len > 80)
            HARNESS_FAIL("%zu columns: %.*s", len, (int)len, text);
        CHECK(!len || text[len - 1] != ' ');
        text += len + (text[len] != 0);
    }
}

TEST(help_fits_into_80_columns)
{
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        struct buf text;
        buf_init(&text);
        option_help(&text, (enum cli_command)i);
        check_lines(text.data);
        buf_release(&text);
    }
}

/* True when text has `what` with no letter, digit or dash behind it. */
static bool mentions(const char *text, const char *what)
{
    for (const char *p = text; (p = strstr(p, what)); p++) {
        char next = p[strlen(what)];
        if (next != '-' && !(next >= 'a' && next <= 'z'))
            return true;
    }
    return false;
}

/* Some command takes it on the command line. */
static bool of_any(const struct option_row *row)
{
    return row->commands;
}

static bool of_run(const struct option_row *row)
{
    return row->commands & 1u << COMMAND_RUN;
}

static bool of_serve(const struct option_row *row)
{
    return row->commands & 1u << COMMAND_SERVE;
}

static void check_mentions(void (*make)(struct buf *), const char *prefix, bool roff,
                           bool (*expected)(const struct option_row *row))
{
    struct buf text;
    buf_init(&text);
    make(&text);
    for (size_t i = 0; i < option_table_count; i++) {
        struct buf name;
        buf_init(&name);
        buf_add_str(&name, prefix);
        for (const char *p = option_table[i].name; *p; p++)
            buf_addf(&name, "%s%c", roff && *p == '-' ? "\\" : "", *p);
        if (mentions(text.data, name.data) != expected(&option_table[i]))
            HARNESS_FAIL("%s", name.data);
        buf_release(&name);
    }
    buf_release(&text);
}

static void main_help(struct buf *out)
{
    option_help(out, COMMAND_RUN);
}

static void serve_help(struct buf *out)
{
    option_help(out, COMMAND_SERVE);
}

TEST(every_option_and_no_other_is_in_help_and_manual_and_completions)
{
    check_mentions(main_help, "--", false, of_run);
    check_mentions(serve_help, "--", false, of_serve);
    check_mentions(option_man_options, "\\fB\\-\\-", true, of_any);
    check_mentions(option_complete_bash, "--", false, of_any);
    check_mentions(option_complete_zsh, "--", false, of_any);
    check_mentions(option_complete_fish, "-l ", false, of_any);
}

TEST(help_of_a_command_has_only_its_options)
{
    struct buf text;
    buf_init(&text);
    option_help(&text, COMMAND_RESOLVE);
    CHECK(mentions(text.data, "--revision"));
    CHECK(!mentions(text.data, "--jobs"));
    CHECK(!mentions(text.data, "--listen"));
    buf_release(&text);
}

TEST(help_of_clean_says_that_it_looks_where_others_put)
{
    struct buf text;
    buf_init(&text);
    option_help(&text, COMMAND_CLEAN);
    CHECK(strstr(text.data, "Look below DIR"));
    CHECK(strstr(text.data, "would be deleted"));
    CHECK(!strstr(text.data, "Put files"));
    buf_release(&text);
}

TEST(help_names_every_form_of_a_source)
{
    static const char *const forms[] = {"https://", "hf:", "ollama:", "github:", "file:", "build:"};
    struct buf text;
    buf_init(&text);
    option_help(&text, COMMAND_RUN);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(forms); i++)
        CHECK(strstr(text.data, forms[i]));
    buf_release(&text);
}

TEST(names_and_letters_are_given_once)
{
    for (size_t i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        CHECK(option_by_name(row->name, strlen(row->name)) == row);
        if (row->letter)
            CHECK(option_by_letter(row->letter) == row);
    }
}

TEST(no_line_of_the_manual_begins_with_a_stray_request)
{
    struct buf text;
    buf_init(&text);
    option_man_options(&text);
    option_man_commands(&text);
    for (const char *p = text.data; *p; p++)
        if ((p == text.data || p[-1] == '\n') && (*p == '.' || *p == '\''))
            CHECK(!strncmp(p, ".TP\n", 4) || !strncmp(p, ".SS ", 4));
    buf_release(&text);
}
