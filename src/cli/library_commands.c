/* SPDX-License-Identifier: MIT */
/* Commands over the library; see library_commands.h. */
#include "cli/library_commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/json.h"
#include "api/json_library.h"
#include "cli/exit_tally.h"
#include "cli/option_table.h"
#include "cli/outq.h"
#include "cli/signals.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/units.h"

#define REDRAW (100 * CLOCK_MS)

struct command {
    struct session *session;
    const struct cli_options *options;
    struct model_list models;
    struct outq out;
    struct exit_tally tally;
    bool damaged; /* something is, and that is worse than what is missing */
};

static void complain(struct command *c, const struct haul_fault *fault)
{
    fprintf(stderr, "haul: %s\n", fault->message);
    c->damaged |= fault->code == HAUL_ERR_CHECKSUM;
    exit_tally_add(&c->tally, fault->code);
}

static void flush(struct command *c)
{
    outq_drain(&c->out, -1);
}

/* ---- which one is meant ---- */

static void complain_ambiguous(struct command *c, const char *text, struct model **matches,
                               size_t count)
{
    struct haul_fault fault;
    fault_set(&fault, HAUL_ERR_AMBIGUOUS, "%s: can mean %zu entries; give more of the ID:", text,
              count);
    complain(c, &fault);
    for (size_t i = 0; i < count; i++) {
        char *clean = text_sanitized(matches[i]->id);
        fprintf(stderr, "  %s\n", clean);
        free(clean);
    }
}

/* NULL, having said why, where it is not exactly one. */
static struct model *find(struct command *c, const char *text)
{
    struct model **matches = xcalloc(c->models.count, sizeof *matches);
    size_t count = model_list_find(&c->models, text, matches);
    struct model *m = count == 1 ? matches[0] : NULL;
    if (!count) {
        struct haul_fault fault;
        fault_set(&fault, HAUL_ERR_NOT_FOUND,
                  "%s: nothing in the library is called so; 'haul models' lists it", text);
        complain(c, &fault);
    } else if (!m) {
        complain_ambiguous(c, text, matches, count);
    }
    free(matches);
    return m;
}

/* ---- models, show ---- */

static void put_model(struct command *c, const struct model *m, bool files)
{
    if (c->options->json) {
        api_json_model(&c->out.text, m, files);
        buf_add_char(&c->out.text, '\n');
    } else {
        library_format_model(&c->out.text, m);
    }
}

static void list_models(struct command *c)
{
    if (!c->options->json) {
        library_format_list(&c->out.text, &c->models);
        return;
    }
    for (size_t i = 0; i < c->models.count; i++) {
        put_model(c, &c->models.items[i], false);
        flush(c);
    }
}

static void show(struct command *c, struct model *m)
{
    put_model(c, m, true);
}

/* ---- verify ---- */

struct meter {
    const struct model *model;
    const atomic_bool *stop;
    int64_t total, next;
    bool shown;
};

static bool go_on(void *context, int64_t done)
{
    struct meter *meter = context;
    int64_t now = clock_now();
    if (meter->shown && now >= meter->next) {
        char *id = text_sanitized(meter->model->id);
        int64_t permille = api_permille(done, meter->total);
        fprintf(stderr, "\r\033[K%s: %.1f %%", id, permille < 0 ? 100.0 : (double)permille / 10);
        meter->next = now + REDRAW;
        free(id);
    }
    return !atomic_load(meter->stop);
}

static void verify(struct command *c, struct model *m)
{
    struct haul_fault fault;
    struct meter meter = {.model = m,
                          .stop = signals_stop_flag(),
                          .total = model_size(m),
                          .shown =
                              isatty(STDERR_FILENO) && !c->options->quiet && !c->options->json};
    struct digest_watch watch = {go_on, &meter};
    enum haul_error err = session_model_verify(c->session, m, &watch, &fault);
    if (meter.shown)
        fprintf(stderr, "\r\033[K");
    if (err == HAUL_ERR_CANCELLED)
        return;
    if (err != HAUL_OK)
        complain(c, &fault);
    if (c->options->json) {
        put_model(c, m, true);
    } else if (!c->options->quiet) {
        text_sanitize(&c->out.text, m->id, strlen(m->id));
        buf_addf(&c->out.text, ": %s\n", model_state_name(m->state));
    }
}

/* ---- rm ---- */

static bool is_yes(void)
{
    char answer[16];
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static bool confirmed(const struct command *c, const struct model *m)
{
    char size[UNITS_TEXT_SIZE];
    if (c->options->yes)
        return true;
    char *id = text_sanitized(m->id), *root = text_sanitized(m->root);
    units_format_size(model_size(m), size);
    fprintf(stderr, "Delete %s (%s, in %s)? [y/N] ", id, size, root);
    free(id);
    free(root);
    return is_yes();
}

static void put_removal(struct command *c, const struct model *m, const struct model_removal *r)
{
    char size[UNITS_TEXT_SIZE];
    if (c->options->json) {
        api_json_removal(&c->out.text, m, r);
        buf_add_char(&c->out.text, '\n');
        return;
    }
    units_format_size(r->bytes, size);
    for (size_t i = 0; i < r->kept.count && !c->options->quiet; i++) {
        char *clean = text_sanitized(r->kept.items[i]);
        fprintf(stderr, "haul: kept %s\n", clean);
        free(clean);
    }
    if (c->options->quiet)
        return;
    text_sanitize(&c->out.text, m->id, strlen(m->id));
    buf_addf(&c->out.text, ": %zu file%s deleted (%s)\n", r->files, r->files == 1 ? "" : "s", size);
}

static void remove_model(struct command *c, struct model *m)
{
    struct haul_fault fault;
    struct model_removal removal;
    if (!c->options->yes && !isatty(STDIN_FILENO)) {
        fault_set(&fault, HAUL_ERR_USAGE, "rm: nobody to ask whether to delete %s: give --yes",
                  m->id);
        complain(c, &fault);
        return;
    }
    if (!confirmed(c, m))
        return;
    if (session_model_remove(c->session, m, &removal, &fault) != HAUL_OK)
        complain(c, &fault);
    else
        put_removal(c, m, &removal);
    model_removal_release(&removal);
}

/* ---- clean ---- */

static void list_leftover(struct buf *out, const struct leftover *l)
{
    char size[UNITS_TEXT_SIZE];
    units_format_size(l->bytes, size);
    buf_addf(out, "%10s  ", size);
    text_sanitize(out, l->path, strlen(l->path));
    buf_add_str(out, ".part\n");
}

static void put_leftover(struct command *c, const struct leftover *l)
{
    if (!c->options->json) {
        list_leftover(&c->out.text, l);
        return;
    }
    api_json_leftover(&c->out.text, l, !c->options->dry_run);
    buf_add_char(&c->out.text, '\n');
}

static void format_sum(const struct leftover_list *l, char size[UNITS_TEXT_SIZE])
{
    int64_t bytes = 0;
    for (size_t i = 0; i < l->count; i++)
        bytes += l->items[i].bytes;
    units_format_size(bytes, size);
}

static bool sweep(struct command *c, bool dry_run, struct leftover_list *found)
{
    struct haul_fault fault;
    const char *dir = c->options->defaults.dir;
    bool done = session_clean(c->session, dir, NULL, dry_run, found, &fault) == HAUL_OK;
    if (!done)
        complain(c, &fault);
    return done;
}

static bool ask_about(const struct leftover_list *l)
{
    struct buf text;
    char size[UNITS_TEXT_SIZE];
    buf_init_max(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < l->count; i++)
        list_leftover(&text, &l->items[i]);
    format_sum(l, size);
    fprintf(stderr, "%sDelete %zu partial file%s (%s)? [y/N] ", text.data, l->count,
            l->count == 1 ? "" : "s", size);
    buf_release(&text);
    return is_yes();
}

/* Below a directory that is named there may be what the queue of another state directory wants. */
static bool agreed_to_clean(struct command *c)
{
    struct haul_fault fault;
    struct leftover_list found;
    if (c->options->yes || c->options->dry_run)
        return true;
    if (!isatty(STDIN_FILENO)) {
        fault_set(&fault, HAUL_ERR_USAGE,
                  "clean: nobody to ask: give --yes, or --dry-run to see what would be deleted");
        complain(c, &fault);
        return false;
    }
    if (!sweep(c, true, &found))
        return false;
    bool agreed = !found.count || ask_about(&found);
    leftover_list_release(&found);
    return agreed;
}

static void clean(struct command *c)
{
    struct leftover_list found;
    char size[UNITS_TEXT_SIZE];
    const struct cli_options *o = c->options;
    if (!agreed_to_clean(c) || !sweep(c, o->dry_run, &found))
        return;
    for (size_t i = 0; i < found.count; i++)
        put_leftover(c, &found.items[i]);
    format_sum(&found, size);
    if (!o->json && !o->quiet)
        buf_addf(&c->out.text, "%10s  in %zu partial file%s%s\n", size, found.count,
                 found.count == 1 ? "" : "s", o->dry_run ? "; nothing was deleted" : " deleted");
    leftover_list_release(&found);
}

/* ---- the command ---- */

typedef void each_model(struct command *c, struct model *m);

static void for_each(struct command *c, each_model *each)
{
    const struct string_list *ids = &c->options->specs;
    size_t count = ids->count ? ids->count : c->models.count;
    for (size_t i = 0; i < count && !signals_caught() && !c->out.error; i++) {
        struct model *m = ids->count ? find(c, ids->items[i]) : &c->models.items[i];
        if (m)
            each(c, m);
        flush(c);
    }
}

static void carry_out(struct command *c)
{
    static each_model *const each[COMMAND_COUNT] = {
        [COMMAND_SHOW] = show, [COMMAND_VERIFY] = verify, [COMMAND_RM] = remove_model};
    enum cli_command command = c->options->command;
    struct haul_fault fault;
    if (command == COMMAND_CLEAN)
        clean(c);
    else if (session_models(c->session, &c->models, &fault) != HAUL_OK)
        complain(c, &fault);
    else if (command == COMMAND_MODELS)
        list_models(c);
    else
        for_each(c, each[command]);
    flush(c);
}

int command_library(struct session *session, const struct cli_options *options)
{
    struct command c = {.session = session, .options = options};
    outq_init(&c.out, STDOUT_FILENO);
    if (options->command == COMMAND_VERIFY)
        (void)signals_stop_flag();
    else
        signals_exit_on_next();
    carry_out(&c);
    int code = signals_caught() ? 128 + signals_caught()
               : c.damaged      ? haul_error_exit(HAUL_ERR_CHECKSUM)
                                : c.tally.code;
    if (c.out.error && c.out.error != EPIPE) {
        struct haul_fault fault;
        fault_set_errno(&fault, c.out.error, "standard output");
        complain(&c, &fault);
        code = haul_error_exit(fault.code);
    } else if (c.out.error) {
        code = 1;
    }
    model_list_release(&c.models);
    outq_release(&c.out);
    return code;
}
