/* SPDX-License-Identifier: MIT */
/* Tokens that end; see token.h. */
#include "net/token.h"

#include <string.h>

#include "core/clock.h"
#include "core/source.h"
#include "net/http.h"
#include "net/url.h"

/* A driver of its own: http_get takes in whatever ends on the one that it is given. */
static enum haul_error ask(struct fetch *f, const char *url, struct haul_fault *fault)
{
    struct waker *waker = f->worker->waker;
    struct engine_worker alone = {.engine = f->worker->engine, .driver = driver_new(waker)};
    if (!alone.driver)
        return fault_set(fault, HAUL_ERR_INTERNAL, "%s", ENGINE_NO_FILES);
    struct http_client client = {.worker = &alone, .run = f->run, .once = true};
    enum haul_error err = f->plan->source->renew(f->plan, url, &client, fault);
    driver_free(alone.driver);
    waker_call(waker); /* what came meanwhile is news for the worker, too */
    return err;
}

bool token_renew(struct fetch *f, const char *url, int64_t started, struct haul_fault *fault)
{
    const struct plan *plan = f->plan;
    *fault = (struct haul_fault){0};
    if (!plan->source || !plan->source->renew || !plan->auth_token || !plan->auth_url ||
        !url_same_origin(url, plan->auth_url))
        return false;
    if (started < f->token_at) /* it was asked for with the one before */
        return true;
    if (started < f->blind_until) { /* that attempt came to nothing, and was its as well */
        fault_set(fault, HAUL_ERR_NETWORK, "the token has ended, and there is no other yet");
        return false;
    }
    enum haul_error err = ask(f, url, fault);
    f->blind_until = clock_now();
    if (err != HAUL_OK) {
        run_log(f->run, LOG_WARN, "the token has ended and there is no other: %s", fault->message);
        return false;
    }
    f->token_at = f->blind_until;
    run_log(f->run, LOG_INFO, "the token had ended; there is a new one");
    return true;
}
