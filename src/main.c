/* SPDX-License-Identifier: MIT */
/* Puts the parts together: options, engine, session, and the front end that was asked for. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/client.h"
#include "api/endpoint.h"
#include "api/server.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/library_commands.h"
#include "cli/options.h"
#include "cli/requests.h"
#include "cli/server_commands.h"
#include "cli/signals.h"
#include "cli/startup.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/session.h"
#include "net/engine.h"
#include "tui/app.h"
#include "tui/config.h"
#include "tui/linear.h"

#define WARNINGS_LOOKED_AT 16

struct app {
    struct cli_options options;
    struct requests requests;
    struct tui_config ui_config;
    struct engine *engine; /* until a session takes it */
    struct listen_set sockets;
    char *state_dir;
    char *warning; /* of the session when it began; NULL: none */
    int64_t started_ms;
    char first_id[JOB_ID_SIZE]; /* of the jobs that the command line names */
};

static bool wants_library(const struct cli_options *o)
{
    return o->command >= COMMAND_MODELS && o->command <= COMMAND_CLEAN;
}

static bool wants_resolve(const struct cli_options *o)
{
    return o->command == COMMAND_RESOLVE || (o->dry_run && !wants_library(o));
}

static bool wants_server(const struct cli_options *o)
{
    return o->command == COMMAND_SERVE;
}

static bool wants_queue(const struct cli_options *o)
{
    return o->command >= COMMAND_ADD && o->command <= COMMAND_RETRY;
}

/* The jobs, or the library, are a job server's. */
static bool is_remote(const struct cli_options *o)
{
    return wants_queue(o) || (o->server && !wants_server(o));
}

static bool wants_requests(const struct cli_options *o)
{
    return o->command == COMMAND_RUN || o->command == COMMAND_RESOLVE || o->command == COMMAND_ADD;
}

static bool wants_tui(const struct cli_options *o)
{
    return o->command == COMMAND_RUN && !o->batch && !wants_resolve(o);
}

static struct session *open_remote(struct app *app, struct haul_fault *fault)
{
    struct cli_options *o = &app->options;
    struct client_config config = {.server = o->server,
                                   .token_file = o->token_file,
                                   .settings = &o->settings,
                                   .hasty = o->command == COMMAND_RUN};
    if (o->batch && !app->requests.count && !wants_resolve(o)) {
        fault_set(fault, HAUL_ERR_USAGE,
                  "nothing to do: no SPEC given; 'haul watch' follows what the server does");
        return NULL;
    }
    return session_remote_new(&config, fault);
}

static struct session *open_session(struct app *app, struct haul_fault *fault)
{
    bool keep = !wants_resolve(&app->options);
    app->state_dir = keep ? path_state_dir() : NULL;
    bool fetches = keep && !wants_library(&app->options);
    bool adopt = fetches && (wants_tui(&app->options) || !app->requests.count);
    bool stays = wants_tui(&app->options) || wants_server(&app->options);
    struct session_config config = {
        .settings = &app->options.settings,
        .state_dir = app->state_dir,
        .homeless = keep && !app->state_dir,
        .may_do_without = app->options.command == COMMAND_RUN,
        .adopt = wants_server(&app->options) ? ADOPT_LIST
                 : adopt                     ? ADOPT_ALL
                                             : ADOPT_NONE,
        .adopt_again = stays ? 0 : -1,
        .heartbeat = stays ? 0 : -1,
    };
    struct engine *engine = app->engine;
    app->engine = NULL;
    return session_local_new(&config, engine, &net_engine_ops, fault);
}

static enum haul_error configure_ui(struct app *app, struct haul_fault *fault)
{
    const struct ui_settings *s = &app->options.ui_settings;
    enum haul_error err = tui_config_init(&app->ui_config, app->options.theme, fault);
    for (size_t i = 0; i < s->count && err == HAUL_OK; i++)
        err = tui_config_set(&app->ui_config, s->items[i].key, s->items[i].value, fault);
    return err == HAUL_OK ? keymap_check(&app->ui_config.keys, fault) : err;
}

/* What the session had to say when it began, of no job; caller frees. NULL: nothing. */
static char *first_warning(struct session *session)
{
    struct event *events[WARNINGS_LOOKED_AT];
    char *text = NULL;
    size_t count = session_log(session, NULL, events, WARNINGS_LOOKED_AT);
    for (size_t i = 0; i < count; i++) {
        struct event *e = events[i];
        if (!text && !*e->job && e->type == EVENT_LOG && e->level == LOG_WARN)
            text = xstrdup(e->message);
        event_unref(e);
    }
    return text;
}

/* The UI shows why one was refused, and begins with the first that was not. */
static void add_to_ui(struct app *app, struct session *session, struct tui_options *ui,
                      struct haul_fault *refused)
{
    size_t added = 0, count = app->requests.count;
    char(*ids)[JOB_ID_SIZE] = xcalloc(count + 1, sizeof *ids);
    if (session_add_many(session, app->requests.items, count, ids, &added, refused))
        ui->notice = refused->message;
    if (added) {
        memcpy(app->first_id, ids[0], sizeof app->first_id);
        ui->first_id = app->first_id;
    }
    free(ids);
}

static int run_tui(struct app *app, struct session *session)
{
    struct haul_fault refused = {0};
    struct tui_options ui;
    tui_options_init(&ui);
    ui.ascii = app->options.ascii;
    ui.color = app->options.color != COLOR_NEVER;
    ui.config = &app->ui_config;
    ui.confirm_cancel = app->options.confirm_cancel;
    ui.remote = is_remote(&app->options);
    ui.connections = ui.remote ? 0 : app->options.settings.connections;
    ui.far = ui.remote && endpoint_is_far(app->options.server);
    ui.defaults = &app->options.defaults;
    ui.notice = app->warning;
    ui.started_ms = app->started_ms;
    add_to_ui(app, session, &ui, &refused);
    return app->options.ui == UI_LINEAR ? linear_run(session, &ui) : tui_run(session, &ui);
}

static int run_server(struct app *app, struct session *session)
{
    const struct cli_options *o = &app->options;
    struct haul_fault fault;
    int signal = 0;
    struct server_config config = {
        .sockets = &app->sockets,
        .token_file = o->token_file,
        .settings = &o->settings,
        .defaults = &o->defaults,
        .origins = &o->allow_origins,
        .hosts = &o->allow_hosts,
        .allow_local = o->allow_local,
        .warning = app->warning,
        .json = o->json,
        .quiet = o->quiet,
        .verbose = o->verbose,
        .signal_fd = signals_open(),
        .signal_read = signals_read,
    };
    enum haul_error err = server_run(session, &config, &signal, &fault);
    if (err == HAUL_OK)
        signals_exit_on_next();
    close(config.signal_fd);
    /* Being told to stop is how a server ends. */
    return err == HAUL_OK ? signal == SIGTERM ? 0 : 128 + signal : startup_complain(&fault, NULL);
}

static int run_front_end(struct app *app, struct session *session)
{
    struct batch_input input = {.requests = app->requests.items,
                                .count = app->requests.count,
                                .started_ms = app->started_ms,
                                .warning = app->warning,
                                .remote = is_remote(&app->options)};
    if (wants_server(&app->options))
        return run_server(app, session);
    if (wants_queue(&app->options))
        return command_server(session, &app->options, input.requests, input.count);
    if (wants_library(&app->options))
        return command_library(session, &app->options);
    if (wants_resolve(&app->options))
        return command_resolve(session, &app->options, input.requests, input.count);
    if (app->options.batch)
        return batch_run(session, &app->options, &input);
    return run_tui(app, session);
}

static enum haul_error fetch_text(void *engine, const char *url, struct buf *out,
                                  struct haul_fault *fault)
{
    return net_fetch_text(engine, url, out->max, signals_stop_flag(), out, fault);
}

/* Before each step that may start threads: they inherit the mask. */
static void block_signals(const struct cli_options *o)
{
    if (wants_tui(o))
        tui_block_signals();
    else
        signals_block();
}

static void give_jobs_their_own(struct cli_options *o)
{
    o->defaults.connections = o->own.connections;
    o->defaults.limit_rate = o->own.limit_rate;
}

/* A server tells clients where it keeps things, who know nothing of where it was started. */
static void place_files(struct cli_options *o)
{
    char *dir = o->defaults.dir;
    if (!dir || *dir == '/')
        return;
    o->defaults.dir = path_join(NULL, dir);
    free(dir);
}

static struct session *prepare(struct app *app, struct haul_fault *fault)
{
    struct cli_options *o = &app->options;
    if (wants_tui(o) && configure_ui(app, fault))
        return NULL;
    if (wants_tui(o) && o->ui != UI_LINEAR && !tui_possible(fault))
        return NULL;
    block_signals(o);
    if (is_remote(o))
        give_jobs_their_own(o);
    if (wants_server(o))
        place_files(o);
    app->engine = net_engine_new(&o->settings, fault);
    if (!app->engine ||
        (wants_requests(o) && requests_make(&app->requests, o, fetch_text, app->engine, fault)))
        return NULL;
    if (wants_server(o) && listen_open(&app->sockets, o->socket, o->listen, fault))
        return NULL;
    block_signals(o);
    if (signals_caught()) /* after the last that looked for it */
        return NULL;
    return is_remote(o) ? open_remote(app, fault) : open_session(app, fault);
}

static int run(struct app *app)
{
    struct haul_fault fault = {0};
    app->started_ms = clock_wall_ms();
    struct session *session = prepare(app, &fault);
    if (app->engine)
        net_engine_ops.free(app->engine);
    if (!session)
        return signals_caught() ? 128 + signals_caught() : startup_complain(&fault, NULL);
    app->warning = is_remote(&app->options) ? NULL : first_warning(session);
    int code = run_front_end(app, session);
    session_free(session);
    return code;
}

int main(int argc, char **argv)
{
    startup_fill_descriptors();
    setlocale(LC_CTYPE, "");
    struct app app = {0};
    struct haul_fault fault;
    int code;
    listen_init(&app.sockets);
    cli_options_init(&app.options);
    if (startup_raise_file_limit(&fault))
        code = startup_complain(&fault, NULL);
    else if (cli_options_parse(&app.options, argc, argv, getenv, &fault))
        code = startup_complain(&fault, cli_options_hint(&app.options));
    else if (app.options.action != ACTION_RUN)
        code = startup_inform(&app.options);
    else
        code = run(&app);
    tui_config_release(&app.ui_config);
    requests_release(&app.requests);
    listen_release(&app.sockets);
    cli_options_release(&app.options);
    free(app.state_dir);
    free(app.warning);
    return code;
}
