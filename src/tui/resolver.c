/* SPDX-License-Identifier: MIT */
/* See resolver.h. The mutex guards question, answer and their numbers. */
#include "tui/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "core/spec.h"
#include "core/text.h"
#include "core/thread.h"

/* Servers are not asked for every letter that is typed. */
#define QUIET_FOR (400 * CLOCK_MS)

struct resolver {
    struct session *session;
    pthread_t thread;
    int fd;
    atomic_bool stop; /* of the call that runs */
    struct mutex mutex;
    struct cond changed;
    bool closing, asked, answered;
    int64_t asked_at;
    struct job_request request; /* of the question */
    struct found answer;
};

void found_release(struct found *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->files[i].name);
        free(f->files[i].path);
    }
    free(f->files);
    free(f->program);
    *f = (struct found){0};
}

static void read_plan(struct found *f, const struct plan *plan)
{
    f->files = xcalloc(plan->count, sizeof *f->files);
    f->count = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_file *file = &plan->files[i];
        const char *name = file->path ? file->path : plan->name;
        f->files[i] = (struct found_file){.name = text_sanitized(name ? name : "?"),
                                          .path = xstrdup(file->path),
                                          .size = file->size,
                                          .here = file->present};
    }
}

/* A build's plan is named after what it would run. */
static void read_program(struct found *f, const char *text, const struct plan *plan)
{
    struct spec spec;
    if (!plan->name || spec_parse(text, &spec, NULL) != HAUL_OK)
        return;
    if (spec.kind == SPEC_BUILD)
        f->program = text_sanitized(plan->name);
    spec_release(&spec);
}

static struct found find_out(struct resolver *r, const struct job_request *request)
{
    struct found f = {0};
    struct plan plan;
    plan_init(&plan);
    if (session_resolve(r->session, request, &r->stop, &plan, &f.fault) == HAUL_OK) {
        f.fault.code = HAUL_OK;
        read_plan(&f, &plan);
        read_program(&f, request->spec, &plan);
    }
    f.disk_free = session_disk_free(r->session, request->dir ? request->dir : plan.root);
    plan_release(&plan);
    return f;
}

/* Waits until there is a question that has not changed for a while. It can change, or be taken
 * back, up to the moment when the wait is over and the mutex is held again. */
static void wait_for_question(struct resolver *r) HAUL_REQUIRES(r->mutex)
{
    while (!r->closing) {
        int64_t asked_at = r->asked_at;
        if (!r->asked)
            cond_wait(&r->changed, &r->mutex);
        else if (!cond_wait_until(&r->changed, &r->mutex, asked_at + QUIET_FOR) && r->asked &&
                 r->asked_at == asked_at)
            return;
    }
}

static void give_answer(struct resolver *r, struct found *f) HAUL_REQUIRES(r->mutex)
{
    if (r->asked || atomic_load(&r->stop)) {
        found_release(f); /* nobody wants to know any more */
        return;
    }
    found_release(&r->answer);
    r->answer = *f;
    r->answered = true;
    eventfd_write(r->fd, 1);
}

static void *work(void *arg)
{
    struct resolver *r = arg;
    mutex_lock(&r->mutex);
    for (wait_for_question(r); !r->closing; wait_for_question(r)) {
        struct job_request request;
        job_request_copy(&request, &r->request);
        r->asked = false;
        atomic_store(&r->stop, false);
        mutex_unlock(&r->mutex);
        struct found f = find_out(r, &request);
        job_request_release(&request);
        mutex_lock(&r->mutex);
        give_answer(r, &f);
    }
    mutex_unlock(&r->mutex);
    return NULL;
}

static void dispose(struct resolver *r)
{
    found_release(&r->answer);
    job_request_release(&r->request);
    cond_release(&r->changed);
    mutex_release(&r->mutex);
    close(r->fd);
    free(r);
}

struct resolver *resolver_new(struct session *s)
{
    struct resolver *r = xcalloc(1, sizeof *r);
    r->session = s;
    mutex_init(&r->mutex);
    cond_init(&r->changed);
    job_request_init(&r->request);
    r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->fd >= 0 && thread_start(&r->thread, work, r))
        return r;
    dispose(r);
    return NULL;
}

void resolver_free(struct resolver *r)
{
    if (!r)
        return;
    mutex_lock(&r->mutex);
    r->closing = true;
    atomic_store(&r->stop, true);
    cond_signal(&r->changed);
    mutex_unlock(&r->mutex);
    pthread_join(r->thread, NULL);
    dispose(r);
}

int resolver_fd(const struct resolver *r)
{
    return r->fd;
}

void resolver_ask(struct resolver *r, const struct job_request *request)
{
    mutex_lock(&r->mutex);
    atomic_store(&r->stop, true);
    r->answered = false;
    r->asked = request != NULL;
    r->asked_at = clock_now();
    job_request_release(&r->request);
    if (request)
        job_request_copy(&r->request, request);
    else
        job_request_init(&r->request);
    cond_signal(&r->changed);
    mutex_unlock(&r->mutex);
}

bool resolver_take(struct resolver *r, struct found *out)
{
    eventfd_t value;
    mutex_lock(&r->mutex);
    bool answered = r->answered;
    if (answered)
        *out = r->answer;
    if (answered)
        r->answer = (struct found){0};
    r->answered = false;
    (void)!eventfd_read(r->fd, &value);
    mutex_unlock(&r->mutex);
    return answered;
}
