/* SPDX-License-Identifier: MIT */
/* Every option and command of haul; see option_table.h. A new option is a row here. */
#include "cli/option_table.h"

#include <stddef.h>
#include <string.h>

#include "core/clock.h"

#define BIT(c) (1u << COMMAND_##c)
#define ALL    ((1u << COMMAND_COUNT) - 1)
#define LOOK   (BIT(RUN) | BIT(RESOLVE))
#define LOCAL  (LOOK | BIT(SERVE))
#define JOBS   (LOOK | BIT(ADD))
#define CLIENT                                                                                     \
    (BIT(ADD) | BIT(JOBS) | BIT(WATCH) | BIT(CANCEL) | BIT(PAUSE) | BIT(RESUME) | BIT(RETRY))
#define LIBRARY       (BIT(MODELS) | BIT(SHOW) | BIT(VERIFY) | BIT(RM) | BIT(CLEAN))
#define AT(f)         .offset = offsetof(struct cli_options, f)
#define OWN(f)        .own = offsetof(struct cli_options, own.f)
#define RANGE(a, b)   .min = (a), .max = (b)
#define SECONDS(a, b) .min = (a)*CLOCK_MS, .max = (b)*CLOCK_SEC

static const char *const progress[] = {"auto", "bar", "plain", "none", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const uis[] = {"auto", "full", "linear", NULL};

const char *const option_group_titles[GROUP_COUNT] = {
    [GROUP_GENERAL] = "General", [GROUP_INPUT] = "What to fetch", [GROUP_PLACE] = "Where files go",
    [GROUP_SPEED] = "Speed",     [GROUP_CHECK] = "Checks",        [GROUP_NETWORK] = "Network",
    [GROUP_OUTPUT] = "Output",   [GROUP_UI] = "Terminal UI",      [GROUP_SERVER] = "Job server",
};

const struct option_row option_table[] = {
    {"batch", 'b', KIND_ON, GROUP_GENERAL, BIT(RUN), AT(batch),
     .help = "Fetch everything without the terminal UI, print the path of each finished file on "
             "standard output, and exit when the last job ends. Without SPEC and --input-file it "
             "goes on with the stored queue. --json implies it."},
    {"dry-run", 0, KIND_ON, GROUP_GENERAL, BIT(RUN) | BIT(CLEAN), AT(dry_run),
     .help = "Show what would be fetched, as 'haul resolve' does, and fetch nothing.",
     .clean_help = "Show what would be deleted, and delete nothing."},
    {"yes", 'y', KIND_ON, GROUP_GENERAL, ALL, AT(yes), .help = "Answer yes where haul would ask."},
    {"config", 0, KIND_FILE, GROUP_GENERAL, ALL, AT(config_file), .arg = "FILE",
     .fallback = "$XDG_CONFIG_HOME/haul/config",
     .help = "Read defaults from FILE: 'long-option-name = value' lines and '#' comments."},
    {"help", 'h', KIND_SET, GROUP_GENERAL, ALL, AT(action), .value = ACTION_HELP,
     .help = "Show this help, or that of a command, and exit."},
    {"version", 'V', KIND_SET, GROUP_GENERAL, ALL, AT(action), .value = ACTION_VERSION,
     .help = "Show the version and exit."},

    {"input-file", 'i', KIND_FILES, GROUP_INPUT, JOBS, AT(input_files), .arg = "FILE",
     .help = "Read a SPEC a line from FILE, or from standard input for '-'. Indented 'key=value' "
             "lines below a SPEC set options of that job: out, dir, sha256, connections, "
             "limit-rate, priority, header. May repeat."},
    {"revision", 0, KIND_TEXT, GROUP_INPUT, JOBS, AT(defaults.revision), .arg = "REV",
     .help = "Branch, tag or commit of a repository."},
    {"include", 0, KIND_LIST, GROUP_INPUT, JOBS, AT(defaults.include), .arg = "GLOB",
     .help = "Fetch only files whose path matches GLOB. May repeat."},
    {"exclude", 0, KIND_LIST, GROUP_INPUT, JOBS, AT(defaults.exclude), .arg = "GLOB",
     .help = "Leave out files whose path matches GLOB. May repeat."},

    {"dir", 'd', KIND_DIR, GROUP_PLACE, JOBS | BIT(SERVE) | BIT(CLEAN), true, AT(defaults.dir),
     .arg = "DIR", .help = "Put files below DIR, in the plain layout.",
     .clean_help = "Look below DIR, too, not only where haul has written to."},
    {"out", 'o', KIND_TEXT, GROUP_PLACE, JOBS, AT(defaults.out), .arg = "NAME",
     .help = "Name of the file, where SPEC is a single file."},
    {"layout", 0, KIND_CHOICE, GROUP_PLACE, JOBS, true, AT(defaults.layout), .arg = "LAYOUT",
     .choices = layout_names, .value = LAYOUT_PLAIN,
     .fallback = "where that ecosystem's own tools look",
     .help = "How files are laid out on disk."},
    {"on-exists", 0, KIND_CHOICE, GROUP_PLACE, JOBS, true, AT(defaults.on_exists), .arg = "WHAT",
     .choices = on_exists_names, .value = ON_EXISTS_SKIP,
     .fallback = "skip when size and digest match, else fail",
     .help = "What to do when the final name exists already."},
    {"no-resume", 0, KIND_OFF, GROUP_PLACE, BIT(RUN) | BIT(SERVE), true, AT(settings.resume),
     .help = "Forget partial files and start anew."},

    {"jobs", 'j', KIND_NUMBER, GROUP_SPEED, BIT(RUN) | BIT(SERVE), true, AT(settings.jobs),
     RANGE(1, 1000), .arg = "N", .fallback = "3",
     .help = "Downloads at once; the rest wait queued."},
    {"connections", 'x', KIND_NUMBER, GROUP_SPEED, BIT(RUN) | BIT(SERVE) | BIT(ADD), true,
     AT(settings.connections), OWN(connections), RANGE(1, CONNECTIONS_MAX), .arg = "N",
     .fallback = "8", .help = "Connections for one download at most, 1 to 64."},
    {"limit-rate", 'l', KIND_SIZE, GROUP_SPEED, BIT(RUN) | BIT(SERVE), true,
     AT(settings.limit_rate), .arg = "RATE", .fallback = "0",
     .help = "Bytes a second for all downloads together: 500K, 2.5M, 1G (powers of 1024); 0 is "
             "no limit."},
    {"job-limit-rate", 0, KIND_SIZE, GROUP_SPEED, BIT(RUN) | BIT(SERVE) | BIT(ADD), true,
     AT(settings.job_limit_rate), OWN(limit_rate), .arg = "RATE", .fallback = "0",
     .help = "Bytes a second for each download."},

    {"checksum", 0, KIND_CHECKSUM, GROUP_CHECK, JOBS, AT(defaults.checksum), .arg = "sha256:HEX",
     .help = "Digest that the file must have, where SPEC is a single file."},
    {"checksum-file", 0, KIND_FILE, GROUP_CHECK, JOBS, AT(checksum_file), .arg = "FILE",
     .help = "A list in the manner of SHA256SUMS, a file or a URL; every file named in it must "
             "match."},

    {"tries", 0, KIND_NUMBER, GROUP_NETWORK, BIT(RUN) | BIT(SERVE), true, AT(settings.tries),
     RANGE(1, 1000), .arg = "N", .fallback = "6", .help = "Tries before a download fails."},
    {"retry-wait", 0, KIND_SECONDS, GROUP_NETWORK, BIT(RUN) | BIT(SERVE), true,
     AT(settings.retry_wait), SECONDS(0, 60), .arg = "SEC", .fallback = "1",
     .help = "Wait before the second try; it doubles with every further one, up to 60."},
    {"connect-timeout", 0, KIND_SECONDS, GROUP_NETWORK, LOCAL, true, AT(settings.connect_timeout),
     SECONDS(100, 3600), .arg = "SEC", .fallback = "15", .help = "Longest wait for a connection."},
    {"stall-timeout", 0, KIND_SECONDS, GROUP_NETWORK, LOCAL, true, AT(settings.stall_timeout),
     SECONDS(100, 3600), .arg = "SEC", .fallback = "30",
     .help = "A connection that brings no byte for so long is opened again."},
    {"header", 0, KIND_HEADER, GROUP_NETWORK, JOBS, AT(defaults.headers), .arg = "'NAME: VALUE'",
     .help = "Send this header to the SPEC's own host. May repeat."},
    {"user-agent", 0, KIND_TEXT, GROUP_NETWORK, LOCAL, true, AT(settings.user_agent), .arg = "TEXT",
     .fallback = "haul/" HAUL_VERSION, .help = "Name that servers are told."},
    {"proxy", 0, KIND_TEXT, GROUP_NETWORK, LOCAL, true, AT(settings.proxy), .arg = "URL",
     .fallback = "http_proxy, https_proxy, all_proxy, no_proxy", .help = "Go through this proxy."},
    {"cacert", 0, KIND_FILE, GROUP_NETWORK, LOCAL, true, AT(settings.cacert), .arg = "FILE",
     .fallback = "the system's", .help = "Certificates to trust, in PEM form."},
    {"insecure", 0, KIND_ON, GROUP_NETWORK, LOCAL, true, AT(settings.insecure),
     .help = "Do not check certificates."},
    {"ipv4", '4', KIND_SET, GROUP_NETWORK, LOCAL, true, AT(settings.ip_family), .value = IP_V4,
     .help = "Use IPv4 only."},
    {"ipv6", '6', KIND_SET, GROUP_NETWORK, LOCAL, true, AT(settings.ip_family), .value = IP_V6,
     .help = "Use IPv6 only."},

    {"json", 0, KIND_ON, GROUP_OUTPUT, LOOK | BIT(SERVE) | CLIENT | LIBRARY, AT(json),
     .help = "Write one JSON object a line instead of paths and tables; a job server logs so."},
    {"quiet", 'q', KIND_ON, GROUP_OUTPUT, ALL, true, AT(quiet), .help = "Say nothing but errors."},
    {"verbose", 'v', KIND_ON, GROUP_OUTPUT, ALL, true, AT(verbose),
     .help = "Say what happens, too."},
    {"progress", 0, KIND_CHOICE, GROUP_OUTPUT, BIT(RUN) | CLIENT, true, AT(progress), .arg = "MODE",
     .choices = progress, .fallback = "auto",
     .help = "How progress is shown on standard error; auto is bar on a terminal, else plain."},
    {"progress-interval", 0, KIND_SECONDS, GROUP_OUTPUT, BIT(RUN) | CLIENT, true,
     AT(progress_interval), SECONDS(100, 86400), .arg = "SEC", .fallback = "10",
     .help = "Time between two lines of plain progress."},
    {"color", 0, KIND_CHOICE, GROUP_OUTPUT, ALL, true, AT(color), .arg = "WHEN", .choices = colors,
     .fallback = "auto", .env = "NO_COLOR", .env_value = "never", .help = "When to use colours."},
    {"ascii", 0, KIND_ON, GROUP_OUTPUT, ALL, true, AT(ascii),
     .help = "Draw with ASCII characters only."},

    {"ui", 0, KIND_CHOICE, GROUP_UI, BIT(RUN), true, AT(ui), .arg = "KIND", .choices = uis,
     .fallback = "auto",
     .help = "Full screen, or one line an event with a prompt below, for screen readers."},
    {"theme", 0, KIND_TEXT, GROUP_UI, BIT(RUN), true, AT(theme), .arg = "NAME",
     .fallback = "default",
     .help = "Colours of the terminal UI: default, mono, high-contrast or 256."},
    {"confirm-cancel", 0, KIND_THRESHOLD, GROUP_UI, 0, true, AT(confirm_cancel), .arg = "SIZE",
     .fallback = "1G",
     .help = "Ask before a cancel deletes that much; 0 always asks, 'never' does not."},
    {"notify", 0, KIND_UI, GROUP_UI, 0, true, .arg = "HOW", .fallback = "none",
     .help = "Tell when downloads end or fail: none, bell, title, osc9, or some of them."},
    {"mouse", 0, KIND_UI, GROUP_UI, 0, true, .arg = "on|off", .fallback = "off",
     .help = "Take mouse clicks in the terminal UI; m switches."},
    {"open", 0, KIND_UI, GROUP_UI, 0, true, .arg = "COMMAND",
     .help = "What o runs, with the file's path as last argument; no shell."},

    {"server", 0, KIND_TEXT, GROUP_SERVER, BIT(RUN) | BIT(RESOLVE) | CLIENT | LIBRARY, true,
     AT(server), .arg = "URL", .env = "HAUL_SERVER",
     .help = "Drive a job server instead of downloading here: http://host:port or unix:/path."},
    {"listen", 0, KIND_TEXT, GROUP_SERVER, BIT(SERVE), true, AT(listen), .arg = "ADDR:PORT",
     .help = "Listen on TCP, too; clients there show the token."},
    {"socket", 0, KIND_FILE, GROUP_SERVER, BIT(SERVE), true, AT(socket), .arg = "PATH",
     .fallback = "$XDG_RUNTIME_DIR/haul.sock", .help = "Unix socket to listen on."},
    {"token-file", 0, KIND_FILE, GROUP_SERVER,
     BIT(SERVE) | BIT(RUN) | BIT(RESOLVE) | CLIENT | LIBRARY, true, AT(token_file), .arg = "FILE",
     .fallback = "$XDG_STATE_HOME/haul/token",
     .help = "File with the token that TCP clients must show. The default is not shown to a server "
             "on another machine."},
    {"serve-root", 0, KIND_DIRS, GROUP_SERVER, BIT(SERVE), true, AT(settings.roots), .arg = "DIR",
     .help = "Jobs may write only below DIR. May repeat. Without it, who comes over TCP may name "
             "only directories below that of the server."},
    {"allow-host", 0, KIND_LIST, GROUP_SERVER, BIT(SERVE), true, AT(allow_hosts), .arg = "NAME",
     .help = "Name under which clients and proxies may call the server, besides its address and "
             "localhost. May repeat."},
    {"allow-origin", 0, KIND_LIST, GROUP_SERVER, BIT(SERVE), true, AT(allow_origins),
     .arg = "ORIGIN", .help = "Web origin whose pages may call the server. May repeat."},
    {"allow-local", 0, KIND_ON, GROUP_SERVER, BIT(SERVE), true, AT(allow_local),
     .help = "Take build: and file: sources from clients, which run programs and read files here."},
    {"deny-private", 0, KIND_ON, GROUP_SERVER, BIT(SERVE), true, AT(settings.deny_private),
     .help = "Connect to no loopback, private or link-local address for a job."},
};
const size_t option_table_count = HAUL_ARRAY_LEN(option_table);

const struct command_row command_table[COMMAND_COUNT] = {
    [COMMAND_RUN] = {"", "[SPEC...]", "the terminal UI; SPECs are queued at start"},
    [COMMAND_RESOLVE] = {"resolve", "SPEC...", "show what a SPEC would fetch"},
    [COMMAND_SERVE] = {"serve", "", "the job server"},
    [COMMAND_ADD] = {"add", "SPEC...", "queue jobs on a job server"},
    [COMMAND_JOBS] = {"jobs", "", "list the jobs of a job server"},
    [COMMAND_WATCH] = {"watch", "[ID...]", "follow jobs of a job server"},
    [COMMAND_CANCEL] = {"cancel", "ID...", "cancel jobs of a job server"},
    [COMMAND_PAUSE] = {"pause", "ID...", "pause jobs of a job server"},
    [COMMAND_RESUME] = {"resume", "ID...", "resume jobs of a job server"},
    [COMMAND_RETRY] = {"retry", "ID...", "retry jobs of a job server"},
    [COMMAND_MODELS] = {"models", "", "list what is on disk"},
    [COMMAND_SHOW] = {"show", "ID", "show one entry of what is on disk"},
    [COMMAND_VERIFY] = {"verify", "[ID...]", "check digests of what is on disk"},
    [COMMAND_RM] = {"rm", "ID...", "delete from disk"},
    [COMMAND_CLEAN] = {"clean", "", "delete partial files that no job needs"},
};

const struct option_row *option_by_name(const char *name, size_t len)
{
    for (size_t i = 0; i < option_table_count; i++)
        if (strlen(option_table[i].name) == len && !memcmp(option_table[i].name, name, len))
            return &option_table[i];
    return NULL;
}

const struct option_row *option_by_letter(char letter)
{
    for (size_t i = 0; letter && i < option_table_count; i++)
        if (option_table[i].letter == letter)
            return &option_table[i];
    return NULL;
}

enum cli_command command_by_name(const char *word)
{
    for (unsigned i = COMMAND_RUN + 1; i < COMMAND_COUNT; i++)
        if (!strcmp(command_table[i].name, word))
            return (enum cli_command)i;
    return COMMAND_COUNT;
}

bool option_listed(const struct option_row *row, enum cli_command command)
{
    return row->help && (row->commands & 1u << command);
}
