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
};

/* What has failed or is paused is taken up again when it is added once more. */
static bool was_listed(const struct ui *ui, const char *id)
{
    const struct job_view *job = snapshot_find(&ui->snapshot, id);
    return job && job->state != JOB_FAILED && job->state != JOB_PAUSED;
}

/* Adds all; a line that is refused does not keep the others out. */
static struct tally add_all(struct ui *ui, const struct job_request *requests, size_t count)
{
    struct tally t = {0};
    struct haul_fault fault;
    char(*ids)[JOB_ID_SIZE] = xcalloc(count, sizeof *ids);
    for (size_t at = 0, n = 0; at < count; at += n + 1) {
        enum haul_error err =
            session_add_many(ui->session, requests + at, count - at, ids + t.added, &n, &fault);
        t.added += n;
        if (err == HAUL_OK)
            break;
        if (!t.refused++)
            t.first = fault;
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
    const char *first = t->first.message;
    if (t->refused == 1)
        ui_say(ui, ROLE_ERROR, "%s", first);
    else if (t->refused)
        ui_say(ui, ROLE_ERROR, "%zu added, %zu refused: %s", t->added, t->refused, first);
    else if (t->listed == 1 && t->added == 1)
        ui_say(ui, ROLE_WARN, "That is in the list already.");
    else if (t->listed)
        ui_say(ui, ROLE_WARN, "%zu added, %zu in the list already", t->added - t->listed,
               t->listed);
    else if (t->added)
        ui_say(ui, ROLE_OK, "%zu added", t->added);
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
    size_t count;
    struct job_request *requests = requests_of(ui, ui->add.specs.text.data, &count);
    if (!count) {
        ui_say(ui, ROLE_WARN, "There is nothing to add yet: type or paste a URL or a name.");
        return;
    }
    count = ask_builds(ui, requests, count);
    struct tally t = add_all(ui, requests, count);
    report(ui, &t);
    for (size_t i = 0; i < count; i++)
        job_request_release(&requests[i]);
    free(requests);
    add_close(&ui->add);
}
