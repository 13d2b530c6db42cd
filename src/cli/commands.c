/* SPDX-License-Identifier: MIT */
/* Commands that fetch nothing; see commands.h. */
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/json.h"
#include "cli/exit_tally.h"
#include "cli/outq.h"
#include "cli/signals.h"
#include "core/text.h"
#include "core/units.h"

static void add_clean(struct buf *out, const char *text)
{
    text_sanitize(out, text, strlen(text));
}

static void add_file(struct buf *out, const struct plan_file *f)
{
    char size[UNITS_TEXT_SIZE], hex[2 * sizeof f->digest.bytes + 1];
    units_format_size(f->size, size);
    buf_addf(out, "%12s  ", f->size < 0 ? "?" : size);
    add_clean(out, f->path ? f->path : "(named by the server)");
    buf_add_char(out, '\n');
    if (f->digest.algorithm) {
        units_format_hex(f->digest.bytes, digest_size(f->digest.algorithm), hex);
        buf_addf(out, "%14s%s:%s\n", "", digest_name(f->digest.algorithm), hex);
    }
    if (f->url) {
        buf_addf(out, "%14s", "");
        text_mask_url(out, f->url);
        buf_add_char(out, '\n');
    }
}

static void add_head(struct buf *out, const struct plan *plan)
{
    add_clean(out, plan->name ? plan->name : "");
    if (plan->revision) {
        buf_add_str(out, " @ ");
        add_clean(out, plan->revision);
    }
    if (plan->root) {
        buf_add_str(out, " -> ");
        add_clean(out, plan->root);
    }
    buf_add_char(out, '\n');
}

void command_format_plan(struct buf *out, const struct plan *plan)
{
    char size[UNITS_TEXT_SIZE];
    int64_t known = 0;
    size_t unknown = 0;
    add_head(out, plan);
    for (size_t i = 0; i < plan->count; i++) {
        int64_t bytes = plan->files[i].size;
        add_file(out, &plan->files[i]);
        if (bytes < 0 || bytes > INT64_MAX - known)
            unknown++;
        else
            known += bytes;
    }
    units_format_size(known, size);
    buf_addf(out, "%12s  in %zu file%s", size, plan->count, plan->count == 1 ? "" : "s");
    if (unknown)
        buf_addf(out, ", %zu of unknown size", unknown);
    buf_add_char(out, '\n');
}

static enum haul_error resolve_one(struct session *session, const struct cli_options *options,
                                   const struct job_request *request, const char *source,
                                   struct outq *out, struct haul_fault *fault)
{
    struct plan plan;
    plan_init(&plan);
    enum haul_error err = session_resolve(session, request, signals_stop_flag(), &plan, fault);
    if (!err && options->json) {
        api_json_plan(&out->text, source, &plan);
        buf_add_char(&out->text, '\n');
    } else if (!err) {
        command_format_plan(&out->text, &plan);
    }
    plan_release(&plan);
    return err;
}

static int output_failed(const struct outq *out)
{
    if (out->error == EPIPE)
        return 1;
    struct haul_fault fault;
    enum haul_error code = fault_set_errno(&fault, out->error, "standard output");
    fprintf(stderr, "haul: %s\n", fault.message);
    return haul_error_exit(code);
}

int command_resolve(struct session *session, const struct cli_options *options,
                    const struct job_request *requests, size_t count)
{
    struct exit_tally tally = {0};
    struct outq out;
    outq_init(&out, STDOUT_FILENO);
    for (size_t i = 0; i < count && !signals_caught() && !out.error; i++) {
        struct haul_fault fault = {0};
        char *source = text_masked_url(requests[i].spec);
        enum haul_error err = resolve_one(session, options, &requests[i], source, &out, &fault);
        if (err && !signals_caught()) {
            fprintf(stderr, "haul: %s: %s\n", source, fault.message);
            exit_tally_add(&tally, err);
        }
        free(source);
        outq_drain(&out, -1);
    }
    int code = signals_caught() ? 128 + signals_caught() : tally.code;
    if (out.error)
        code = output_failed(&out);
    outq_release(&out);
    return code;
}
