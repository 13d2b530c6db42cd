/* SPDX-License-Identifier: MIT */
/* See build_ask.h. What is not wholly on the screen has not been seen, so it cannot be confirmed.
 */
#include "tui/build_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define BOX_COLS 76

static void forget_answer(struct build_ask *b)
{
    found_release(&b->found);
    b->answered = b->shown = false;
}

static void ask_first(struct build_ask *b)
{
    forget_answer(b);
    if (b->resolver)
        resolver_ask(b->resolver, b->count ? &b->requests[0].request : NULL);
}

void build_ask_clear(struct build_ask *b)
{
    for (size_t i = 0; i < b->count; i++)
        job_request_release(&b->requests[i].request);
    free(b->requests);
    b->requests = NULL;
    b->count = 0;
    ask_first(b);
}

void build_ask_release(struct build_ask *b)
{
    build_ask_clear(b);
    resolver_free(b->resolver);
    b->resolver = NULL;
}

bool build_ask_add(struct build_ask *b, struct session *s, const struct job_request *request,
                   const char *failed)
{
    if (!b->resolver)
        b->resolver = resolver_new(s);
    if (!b->resolver)
        return false;
    b->requests = xreallocarray(b->requests, b->count + 1, sizeof *b->requests);
    struct build_request *r = &b->requests[b->count++];
    job_request_copy(&r->request, request);
    snprintf(r->failed, sizeof r->failed, "%s", failed ? failed : "");
    if (b->count == 1)
        ask_first(b);
    return true;
}

bool build_ask_next(struct build_ask *b)
{
    job_request_release(&b->requests[0].request);
    b->count--;
    memmove(b->requests, b->requests + 1, b->count * sizeof *b->requests);
    ask_first(b);
    return b->count > 0;
}

void build_ask_take_answer(struct build_ask *b)
{
    struct found found;
    if (!b->resolver || !resolver_take(b->resolver, &found))
        return;
    forget_answer(b);
    b->found = found;
    b->answered = true;
}

void build_again(const struct job_view *job, const struct job_request *defaults,
                 struct job_request *out)
{
    if (defaults)
        job_request_copy(out, defaults);
    else
        job_request_init(out);
    free(out->spec);
    free(out->dir);
    out->spec = xstrdup(job->source);
    out->dir = job->dir && job->dir[0] ? xstrdup(job->dir) : NULL;
    out->connections = job->connections_max;
    out->limit_rate = job->limit_rate;
    out->priority = job->priority;
}

enum haul_error build_run(struct session *s, struct build_request *r, struct haul_fault *fault)
{
    struct haul_fault ignored;
    char id[JOB_ID_SIZE];
    r->request.confirmed = true;
    enum haul_error err = session_add(s, &r->request, id, fault);
    if (err == HAUL_OK && r->failed[0] && strcmp(r->failed, id) != 0)
        (void)!session_control(s, r->failed, JOB_DROP, &ignored);
    return err;
}

bool build_ask_is_seen(const struct build_ask *b)
{
    return b->answered && b->found.program && b->shown;
}

static const char *text_of(const struct build_ask *b)
{
    if (!b->answered)
        return "Reading the recipe ...";
    return b->found.program ? b->found.program : b->found.fault.message;
}

void build_ask_draw(struct build_ask *b, const struct area *a, bool remote)
{
    const char *text = text_of(b);
    int cols = a->cols - 2 < BOX_COLS ? a->cols - 2 : BOX_COLS;
    int wanted = width_lines(text, cols - 4, a->canvas->ascii) + 6;
    int rows = wanted < a->rows ? wanted : a->rows;
    struct area box = area_sub(a, (a->rows - rows) / 2, (a->cols - cols) / 2, rows, cols);
    struct area in = draw_box(&box, "Run this program?");
    b->shown = wanted <= a->rows;
    bool runs = b->answered && b->found.program;
    draw_text(&in, 0, 0, ROLE_TITLE,
              remote ? "A build runs a program where the server is, as its user:"
                     : "A build runs a program on this computer, as you:");
    struct area body = area_sub(&in, 2, 0, in.rows - 4, in.cols);
    draw_wrapped(&body, 0, 0, b->answered && !runs ? ROLE_ERROR : ROLE_NORMAL, text);
    const char *end = !runs       ? "Any other key than y closes"
                      : !b->shown ? "There is more than fits: make the window larger"
                                  : "y runs it, any other key does not";
    draw_text(&in, in.rows - 1, 0, runs ? ROLE_WARN : ROLE_DIM, end);
    draw_cursor(&in, in.rows - 1, 0);
}
