/* SPDX-License-Identifier: MIT */
/*
 * Finds out in the background what a request would fetch, while the user still types it: a thread
 * of its own, because asking a server waits. A new question ends the old one. UI thread only; the
 * thread inside is nobody's business.
 */
#ifndef HAUL_TUI_RESOLVER_H
#define HAUL_TUI_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/request.h"
#include "core/session.h"

struct found_file {
    char *name; /* sanitised */
    char *path; /* as the plan has it; NULL: named by the reply */
    int64_t size;
    bool here; /* a file of that name and size is there */
};

/* What came of the last question. */
struct found {
    struct haul_fault fault; /* code HAUL_OK: files tells */
    struct found_file *files;
    size_t count;
    int64_t disk_free;
    char *program; /* what a build would run; sanitised; NULL: it runs nothing */
};

struct resolver;

struct resolver *resolver_new(struct session *s); /* NULL where the system has no more threads */
void resolver_free(struct resolver *r);           /* waits for the thread, 250 ms at most */
/* Readable when an answer is there. */
int resolver_fd(const struct resolver *r);
/* NULL only ends the old question. */
void resolver_ask(struct resolver *r, const struct job_request *request);
/* The answer to the last question, once; released by the caller. False: there is none yet. */
bool resolver_take(struct resolver *r, struct found *out);
void found_release(struct found *f);

#endif
