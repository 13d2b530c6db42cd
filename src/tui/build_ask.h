/* SPDX-License-Identifier: MIT */
/*
 * Builds that wait for the user to have seen what they would run: the first is being asked about.
 * UI thread only.
 */
#ifndef HAUL_TUI_BUILD_ASK_H
#define HAUL_TUI_BUILD_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/job.h"
#include "tui/draw.h"
#include "tui/resolver.h"

struct build_request {
    struct job_request request;
    char failed[JOB_ID_SIZE]; /* the job that was refused; "": none yet */
};

struct build_ask {
    struct resolver *resolver; /* NULL until it is first needed */
    struct build_request *requests;
    size_t count;
    bool answered;
    struct found found;
    bool shown; /* all of it was on the screen */
};

void build_ask_release(struct build_ask *b);
/* Copies the request. False: the system has no more threads. */
HAUL_NODISCARD bool build_ask_add(struct build_ask *b, struct session *s,
                                  const struct job_request *request, const char *failed);
/* Done with the first; asks about the next. False: there is none. */
bool build_ask_next(struct build_ask *b);
void build_ask_clear(struct build_ask *b);
void build_ask_take_answer(struct build_ask *b);
/* What a job that was refused was asked for, as far as its view tells; out: job_request_release. */
void build_again(const struct job_view *job, const struct job_request *defaults,
                 struct job_request *out);
/* The user has said yes: adds it. The job that was refused is taken up again, or makes room for the
 * one that takes its place. */
HAUL_NODISCARD enum haul_error build_run(struct session *s, struct build_request *r,
                                         struct haul_fault *fault);
/* The user has seen what would run. */
bool build_ask_is_seen(const struct build_ask *b);
void build_ask_draw(struct build_ask *b, const struct area *a, bool remote);

#endif
