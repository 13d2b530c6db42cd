/* SPDX-License-Identifier: MIT */
/* What the files of the engine share: the engine, one worker of it, and the job in its hands. */
#ifndef HAUL_NET_ENGINE_INTERNAL_H
#define HAUL_NET_ENGINE_INTERNAL_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/engine.h"
#include "core/mutex.h"
#include "core/settings.h"
#include "net/driver.h"
#include "net/gate.h"
#include "net/lane.h"
#include "net/limiter.h"
#include "net/waker.h"

/* Shared by all workers; what is not thread-safe by itself does not change after engine_new. */
struct engine {
    struct settings settings; /* limit_rate: see limiter */
    char *user_agent;
    bool netrc; /* ~/.netrc is there */
    struct limiter *limiter;
    struct gate *gate;
    _Atomic uint64_t random; /* state of the jitter's generator */
};

/* One thread's. */
struct engine_worker {
    struct engine *engine;
    struct driver *driver;
    struct waker *waker;
    struct lane *hash_lane, *disk_lane;
};

/* Uniform in [0,1). Any thread. */
double engine_random(struct engine *e);

/* How every request of haul is made: TLS, proxy, address family, protocols, time-outs. */
void engine_setup_easy(const struct engine *e, CURL *easy);

#endif
