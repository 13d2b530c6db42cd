/* SPDX-License-Identifier: MIT */
/* Adding jobs: one a line, with the options given at start. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/actions.h"

void action_add(struct ui *ui)
{
    ui->prompt_kind = PROMPT_ADD;
    prompt_open(&ui->prompt, "Add:", NULL);
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
        if (ui->options->defaults)
            job_request_copy(r, ui->options->defaults);
        else
            job_request_init(r);
        free(r->spec);
        r->spec = spec;
    }
    return requests;
}

/* Adds all; a line that is refused does not keep the others out. */
void actions_add_text(struct ui *ui, const char *lines)
{
    size_t count, added = 0, refused = 0;
    struct job_request *requests = requests_of(ui, lines, &count);
    struct haul_fault fault, first = {0};
    for (size_t at = 0; at < count;) {
        size_t n = 0;
        if (session_add_many(ui->session, requests + at, count - at, NULL, &n, &fault) == HAUL_OK) {
            added += n;
            break;
        }
        added += n;
        at += n + 1;
        if (!refused++)
            first = fault;
    }
    if (refused == 1)
        ui_say(ui, ROLE_ERROR, "%s", first.message);
    else if (refused)
        ui_say(ui, ROLE_ERROR, "%zu added, %zu refused: %s", added, refused, first.message);
    else if (added)
        ui_say(ui, ROLE_OK, "%zu added", added);
    for (size_t i = 0; i < count; i++)
        job_request_release(&requests[i]);
    free(requests);
}
