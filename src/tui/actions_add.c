/* SPDX-License-Identifier: MIT */
/* Adding jobs: one a line, with the options given at start and the fields of the dialog. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/actions.h"

void actions_request_begin(const struct ui *ui, struct job_request *r)
{
    if (ui->options->defaults)
        job_request_copy(r, ui->options->defaults);
    else
        job_request_init(r);
    free(r->spec);
    r->spec = NULL;
}

void action_add(struct ui *ui)
{
    struct add_dialog *d = &ui->add;
    if (!d->resolver)
        d->resolver = resolver_new(ui->session);
    add_open(d, ui->options);
}

void actions_ask_source(struct ui *ui)
{
    struct haul_fault fault;
    struct job_request request;
    actions_request_begin(ui, &request);
    if (add_fill(&ui->add, &request, &fault)) {
        request.spec = add_first_spec(&ui->add);
        add_ask(&ui->add, &request);
    }
    job_request_release(&request);
}

/* NULL for a blank line and for a comment. */
static char *trimmed(const char *s, size_t len)
{
    size_t blanks = 0;
    while (blanks < len && strchr(" \t\r", s[blanks]))
        blanks++;
    while (len > blanks && strchr(" \t\r", s[len - 1]))
        len--;
    return len > blanks && s[blanks] != '#' ? xstrndup(s + blanks, len - blanks) : NULL;
}

static struct job_request *requests_of(const struct ui *ui, const char *text, size_t *count)
{
    struct job_request *requests = NULL;
    *count = 0;
    for (size_t len; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        char *spec = trimmed(text, len);
        if (!spec)
            continue;
        requests = xreallocarray(requests, *count + 1, sizeof *requests);
        struct job_request *r = &requests[(*count)++];
        actions_request_begin(ui, r);
        r->spec = spec;
        (void)!add_fill(&ui->add, r, NULL); /* was fine before */
    }
    return requests;
}

/* To the front, the first line first. */
static void put_in_front(struct ui *ui, char (*ids)[JOB_ID_SIZE], size_t count)
{
    struct haul_fault fault;
    int places = ui->snapshot.count + count < 1000000 ? (int)(ui->snapshot.count + count) : 1000000;
    for (size_t i = count; i-- > 0;)
        (void)!session_change(ui->session, ids[i], &(struct job_change){.move = -places}, &fault);
}

/* Takes the builds out, which are asked about first; returns how many are left. */
static size_t ask_builds(struct ui *ui, struct job_request *requests, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (!actions_is_build(requests[i].spec)) {
            requests[left++] = requests[i];
            continue;
        }
        actions_ask_build(ui, &requests[i], NULL);
        job_request_release(&requests[i]);
    }
    return left;
}

/* What came of adding. */
struct tally {
    size_t added, listed, refused; /* listed: of those added, the ones that were there already */
    struct haul_fault first;
    struct buf rest; /* the lines that were refused */
};

/* What has failed or is paused is taken up again when it is added once more. */
static bool was_listed(const struct ui *ui, const char *id)
{
    const struct job_view *job = snapshot_find(&ui->snapshot, id);
    return job && job->state != JOB_FAILED && job->state != JOB_PAUSED;
}

static void put_aside(struct tally *t, const struct job_request *requests, size_t count)
{
    t->refused += count;
    for (size_t i = 0; i < count; i++)
        buf_addf(&t->rest, "%s%s", t->rest.len ? "\n" : "", requests[i].spec);
}

/* Nobody is there who could take the next one; each would wait for that anew. */
static bool is_unreachable(const struct haul_fault *fault)
{
    return fault->code == HAUL_ERR_SERVER && fault->retryable;
}

/* Adds all; a line that is refused does not keep the others out. */
static struct tally add_all(struct ui *ui, const struct job_request *requests, size_t count)
{
    struct tally t = {0};
    struct haul_fault fault;
    char(*ids)[JOB_ID_SIZE] = xcalloc(count, sizeof *ids);
    buf_init_max(&t.rest, PROMPT_MAX);
    for (size_t at = 0, n = 0, left = 0; at < count; at += n + left) {
        enum haul_error err =
            session_add_many(ui->session, requests + at, count - at, ids + t.added, &n, &fault);
        t.added += n;
        if (err == HAUL_OK)
            break;
        if (!t.refused)
            t.first = fault;
        left = is_unreachable(&fault) ? count - at - n : 1;
        put_aside(&t, requests + at + n, left);
    }
    for (size_t i = 0; i < t.added; i++)
        t.listed += was_listed(ui, ids[i]);
    if (ui->add.start == START_NOW)
        put_in_front(ui, ids, t.added);
    (void)session_save(ui->session); /* what somebody has typed is not lost */
    free(ids);
    return t;
}

static void report(struct ui *ui, const struct tally *t)
{
    if (t->listed == 1 && t->added == 1)
        ui_say(ui, ROLE_WARN, "That is in the list already.");
    else if (t->listed)
        ui_say(ui, ROLE_WARN, "%zu added, %zu in the list already", t->added - t->listed,
               t->listed);
    else if (t->added)
        ui_say(ui, ROLE_OK, "%zu added", t->added);
}

/* The dialog stays, with what was refused; the log has the reason when the dialog is gone. lines:
 * how many there were. */
static void keep_refused(struct ui *ui, const struct tally *t, size_t lines)
{
    struct buf why;
    buf_init(&why);
    if (lines > 1)
        buf_addf(&why, "%zu added, %zu refused: ", t->added, t->refused);
    buf_add_str(&why, t->first.message);
    bool all = t->refused == lines;
    add_refuse(&ui->add, why.data, all ? NULL : t->rest.data);
    if (!all)
        actions_ask_source(ui); /* the answer was about a line that may be gone */
    log_add(&ui->log, LOG_WARN, why.data);
    buf_release(&why);
}

void actions_add_accepted(struct ui *ui)
{
    struct haul_fault fault;
    struct job_request probe;
    actions_request_begin(ui, &probe);
    bool fine = add_fill(&ui->add, &probe, &fault);
    job_request_release(&probe);
    if (!fine) {
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
        return;
    }
    size_t lines;
    struct job_request *requests = requests_of(ui, ui->add.specs.text.data, &lines);
    if (!lines) {
        ui_say(ui, ROLE_WARN, "There is nothing to add yet: type or paste a URL or a name.");
        return;
    }
    size_t count = ask_builds(ui, requests, lines);
    struct tally t = add_all(ui, requests, count);
    if (t.refused) {
        keep_refused(ui, &t, lines);
    } else {
        report(ui, &t);
        add_close(&ui->add);
    }
    buf_release(&t.rest);
    for (size_t i = 0; i < count; i++)
        job_request_release(&requests[i]);
    free(requests);
}
