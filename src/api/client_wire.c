/* SPDX-License-Identifier: MIT */
/* The thread that speaks to a job server; see client_wire.h. */
#include "api/client_wire.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "api/client_call.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "core/thread.h"

#define LOOK_EVERY    (50 * CLOCK_MS) /* how often *stop is looked at */
#define LAST_PATIENCE (2 * CLOCK_SEC)
#define REOPEN_FIRST  (200 * CLOCK_MS)
#define REOPEN_MOST   (5 * CLOCK_SEC)

struct wire {
    struct call_origin origin;
    CURLM *multi;
    pthread_t thread;
    struct mutex mutex;
    struct cond answered;
    /* guarded by the mutex */
    struct call *fresh;  /* to be begun */
    struct call *posted; /* in order; the first of them runs */
    struct call **posted_end;
    bool posting; /* the first of posted has been begun */
    bool stopping;
    const char *follow_path; /* NULL: nothing is followed */
    struct wire_follower follower;
    /* the thread's own */
    struct call *running;
    struct follow *follow;
    int64_t reopen_at, reopen_wait; /* ns */
};

/* ---- the caller's side ---- */

static bool consume(struct wire *w, struct call *c, const struct wire_request *r, size_t *taken)
    HAUL_REQUIRES(w->mutex)
{
    size_t len = c->reply.len - *taken;
    char *copy = xmalloc(len + 1);
    memcpy(copy, c->reply.data + *taken, len);
    *taken += len;
    mutex_unlock(&w->mutex);
    bool go_on = r->data(r->context, copy, len);
    free(copy);
    mutex_lock(&w->mutex);
    return go_on;
}

/* HAUL_OK when it has been answered. */
static enum haul_error await(struct wire *w, struct call *c, const struct wire_request *r,
                             struct haul_fault *fault) HAUL_REQUIRES(w->mutex)
{
    int64_t deadline = r->patience ? clock_now() + r->patience : INT64_MAX;
    size_t taken = 0;
    bool streams = r->data != NULL;
    for (;;) {
        if (streams && c->status == 200 && c->reply.len > taken && !consume(w, c, r, &taken))
            return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
        if (c->done && (!streams || c->status != 200 || c->reply.len == taken))
            return HAUL_OK;
        if (r->stop && atomic_load(r->stop))
            return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
        if (clock_now() >= deadline)
            return fault_set(fault, HAUL_ERR_TIMEOUT, "the job server at %s does not answer",
                             w->origin.endpoint.shown);
        int64_t look = r->stop ? clock_now() + LOOK_EVERY : deadline;
        (void)cond_wait_until(&w->answered, &w->mutex, look < deadline ? look : deadline);
    }
}

static void submit(struct wire *w, struct call *c) HAUL_REQUIRES(w->mutex)
{
    c->next = w->fresh;
    w->fresh = c;
    curl_multi_wakeup(w->multi);
}

enum haul_error wire_ask(struct wire *w, const struct wire_request *r, struct json **reply,
                         struct haul_fault *fault)
{
    struct call *c = call_new(&w->origin, r, &w->mutex, &w->answered);
    mutex_lock(&w->mutex);
    submit(w, c);
    enum haul_error err = await(w, c, r, fault);
    c->abandoned = err != HAUL_OK && !c->done; /* then the thread frees it */
    bool ours = !c->abandoned;
    if (!ours)
        curl_multi_wakeup(w->multi);
    mutex_unlock(&w->mutex);
    if (err == HAUL_OK)
        err = call_result(c, &w->origin, reply, fault);
    if (ours)
        call_free(c);
    return err;
}

void wire_post(struct wire *w, const struct wire_request *r, wire_answered *answered, void *context)
{
    struct call *c = call_new(&w->origin, r, &w->mutex, &w->answered);
    c->on_answer = answered;
    c->context = context;
    mutex_lock(&w->mutex);
    *w->posted_end = c;
    w->posted_end = &c->next;
    curl_multi_wakeup(w->multi);
    mutex_unlock(&w->mutex);
}

void wire_follow(struct wire *w, const char *path, const struct wire_follower *follower)
{
    mutex_lock(&w->mutex);
    w->follow_path = path;
    w->follower = *follower;
    curl_multi_wakeup(w->multi);
    mutex_unlock(&w->mutex);
}

/* ---- the thread's side ---- */

static void begin(struct wire *w, struct call *c)
{
    c->next_running = w->running;
    w->running = c;
    curl_multi_add_handle(w->multi, c->easy);
}

static void take_fresh(struct wire *w)
{
    mutex_lock(&w->mutex);
    struct call *fresh = w->fresh;
    struct call *post = w->posting ? NULL : w->posted;
    w->fresh = NULL;
    w->posting |= post != NULL;
    mutex_unlock(&w->mutex);
    for (struct call *next; fresh; fresh = next) {
        next = fresh->next;
        begin(w, fresh);
    }
    if (post)
        begin(w, post);
}

static void unlink_running(struct wire *w, struct call *c)
{
    struct call **at = &w->running;
    while (*at != c)
        at = &(*at)->next_running;
    *at = c->next_running;
    curl_multi_remove_handle(w->multi, c->easy);
}

static void drop_abandoned(struct wire *w)
{
    for (struct call *c = w->running, *next; c; c = next) {
        next = c->next_running;
        mutex_lock(&w->mutex);
        bool abandoned = c->abandoned;
        mutex_unlock(&w->mutex);
        if (!abandoned)
            continue;
        unlink_running(w, c);
        call_free(c);
    }
}

static void settle_posted(struct wire *w, struct call *c)
{
    struct json *reply = NULL;
    struct haul_fault fault = {0};
    enum haul_error err = call_result(c, &w->origin, &reply, &fault);
    mutex_lock(&w->mutex);
    w->posted = c->next;
    if (!w->posted)
        w->posted_end = &w->posted;
    w->posting = false;
    cond_broadcast(&w->answered);
    mutex_unlock(&w->mutex);
    c->on_answer(c->context, err == HAUL_OK ? reply : NULL, &fault);
    call_free(c);
}

static void settle(struct wire *w, struct call *c, CURLcode code)
{
    call_finish(c, code);
    unlink_running(w, c);
    if (c->on_answer) {
        settle_posted(w, c);
        return;
    }
    mutex_lock(&w->mutex);
    c->done = true;
    bool abandoned = c->abandoned;
    cond_broadcast(&w->answered);
    mutex_unlock(&w->mutex);
    if (abandoned)
        call_free(c);
}

static void follow_ended(struct wire *w, CURLcode code)
{
    struct haul_fault fault;
    bool good = follow_finish(w->follow, &w->origin, code, &fault);
    curl_multi_remove_handle(w->multi, follow_easy(w->follow));
    w->reopen_wait = good || !w->reopen_wait ? REOPEN_FIRST : 2 * w->reopen_wait;
    if (w->reopen_wait > REOPEN_MOST)
        w->reopen_wait = REOPEN_MOST;
    w->reopen_at = clock_now() + w->reopen_wait;
    w->follower.broken(w->follower.context, &fault);
}

static void take_messages(struct wire *w)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(w->multi, &left));) {
        struct call *c = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        if (c)
            settle(w, c, code);
        else
            follow_ended(w, code);
    }
}

static void reopen(struct wire *w)
{
    mutex_lock(&w->mutex);
    const char *path = w->follow_path;
    mutex_unlock(&w->mutex);
    if (path && !w->follow) {
        w->follow = follow_new(&w->origin, path, &w->follower);
        w->reopen_at = clock_now();
    }
    if (!w->reopen_at || clock_now() < w->reopen_at)
        return;
    w->reopen_at = 0;
    follow_begin(w->follow, &w->origin);
    curl_multi_add_handle(w->multi, follow_easy(w->follow));
}

static bool stopping(struct wire *w)
{
    mutex_lock(&w->mutex);
    bool stop = w->stopping;
    mutex_unlock(&w->mutex);
    return stop;
}

static int sleep_ms(const struct wire *w)
{
    if (!w->reopen_at)
        return 60000;
    int64_t left = (w->reopen_at - clock_now()) / CLOCK_MS + 1;
    return left < 0 ? 0 : (int)left;
}

static void *run(void *arg)
{
    struct wire *w = arg;
    int running;
    while (!stopping(w)) {
        take_fresh(w);
        drop_abandoned(w);
        reopen(w);
        curl_multi_perform(w->multi, &running);
        take_messages(w);
        mutex_lock(&w->mutex);
        bool more = w->fresh || (w->posted && !w->posting);
        mutex_unlock(&w->mutex);
        curl_multi_poll(w->multi, NULL, 0, more ? 0 : sleep_ms(w), NULL);
    }
    return NULL;
}

/* ---- begin and end ---- */

struct wire *wire_new(struct endpoint *endpoint, const struct settings *settings,
                      struct haul_fault *fault)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fault_set(fault, HAUL_ERR_INTERNAL, "libcurl cannot start");
        return NULL;
    }
    struct wire *w = xcalloc(1, sizeof *w);
    call_origin_init(&w->origin, endpoint, settings);
    w->multi = curl_multi_init();
    if (!w->multi)
        abort();
    w->posted_end = &w->posted;
    mutex_init(&w->mutex);
    cond_init(&w->answered);
    if (thread_start(&w->thread, run, w))
        return w;
    fault_set(fault, HAUL_ERR_INTERNAL, "the system has no room for another thread");
    curl_multi_cleanup(w->multi);
    call_origin_release(&w->origin);
    free(w);
    return NULL;
}

/* Somebody pressed a key and left: what he wanted still gets there. */
static void flush(struct wire *w)
{
    int64_t deadline = clock_now() + LAST_PATIENCE;
    mutex_lock(&w->mutex);
    for (bool in_time = true; w->posted && in_time;)
        in_time = cond_wait_until(&w->answered, &w->mutex, deadline);
    w->stopping = true;
    curl_multi_wakeup(w->multi);
    mutex_unlock(&w->mutex);
}

static void drop_calls(struct wire *w)
{
    struct haul_fault fault;
    fault_set(&fault, HAUL_ERR_CANCELLED, "left before the job server had answered");
    while (w->running)
        unlink_running(w, w->running);
    for (struct call *c = w->posted, *next; c; c = next) {
        next = c->next;
        c->on_answer(c->context, NULL, &fault);
        call_free(c);
    }
}

void wire_free(struct wire *w)
{
    flush(w);
    pthread_join(w->thread, NULL);
    for (struct call *c = w->fresh, *next; c; c = next) { /* abandoned, since nobody asks now */
        next = c->next;
        call_free(c);
    }
    for (struct call *c = w->running, *next; c; c = next) {
        next = c->next_running;
        if (c->on_answer)
            continue;
        unlink_running(w, c);
        call_free(c);
    }
    drop_calls(w);
    if (w->follow) {
        curl_multi_remove_handle(w->multi, follow_easy(w->follow));
        follow_free(w->follow);
    }
    curl_multi_cleanup(w->multi);
    call_origin_release(&w->origin);
    cond_release(&w->answered);
    mutex_release(&w->mutex);
    free(w);
    curl_global_cleanup();
}
