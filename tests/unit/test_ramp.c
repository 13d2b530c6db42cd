/* SPDX-License-Identifier: MIT */
/* The number of connections against servers that are simulated: bytes arrive in chunks, as they do
 * from a socket, and a connection delivers one round trip after it was opened. */
#include "harness.h"

#include "core/clock.h"
#include "net/ramp.h"

#define MIB      ((int64_t)1 << 20)
#define STEP_NS  (5 * CLOCK_MS)
#define LIVE_MAX 64

struct server {
    int64_t round_trip;
    int64_t line;     /* bytes/s over all connections; 0: no limit */
    int64_t each;     /* bytes/s of one connection; 0: no limit */
    int64_t burst;    /* first bytes of the whole download that `each` does not hold for */
    unsigned accepts; /* connections it takes at once; 0: any number */
    int64_t chunk;    /* bytes that come at once */
    int64_t worker;   /* bytes/s that keep the worker busy all the time; 0: it never is */
    unsigned jitter;  /* the line's rate changes by so many percent from step to step */
};

struct download {
    const struct server *server;
    struct ramp ramp;
    int64_t now, opened[LIVE_MAX];
    double owed[LIVE_MAX]; /* bytes that are less than a chunk */
    unsigned live, most, refusals, delivering;
    int64_t bytes, cpu, tick;
    uint32_t random;
};

static void download_init(struct download *d, const struct server *server)
{
    *d = (struct download){.server = server, .now = 5 * CLOCK_SEC, .live = 1, .random = 99};
    ramp_init(&d->ramp);
    d->opened[0] = d->now;
}

static double line_now(struct download *d)
{
    d->random = d->random * 1664525 + 1013904223;
    int percent = (int)(d->random >> 8) % (int)(2 * d->server->jitter + 1) - (int)d->server->jitter;
    return (double)d->server->line * (100 + percent) / 100.0;
}

static bool delivers(const struct download *d, unsigned i)
{
    return d->now >= d->opened[i] + d->server->round_trip;
}

static void receive(struct download *d)
{
    const struct server *s = d->server;
    unsigned delivering = 0;
    double line = line_now(d), step = (double)STEP_NS / (double)CLOCK_SEC;
    for (unsigned i = 0; i < d->live; i++)
        delivering += delivers(d, i);
    int64_t before = d->bytes;
    for (unsigned i = 0; i < d->live; i++) {
        if (!delivers(d, i))
            continue;
        double rate = s->line ? line / delivering : 1e12;
        if (s->worker && rate > (double)s->worker / delivering)
            rate = (double)s->worker / delivering;
        if (s->each && d->bytes >= s->burst && rate > (double)s->each)
            rate = (double)s->each;
        d->owed[i] += rate * step;
        int64_t whole = (int64_t)(d->owed[i] / (double)s->chunk) * s->chunk;
        d->owed[i] -= (double)whole;
        d->bytes += whole;
    }
    if (s->worker)
        d->cpu += (int64_t)((double)(d->bytes - before) / (double)s->worker * (double)CLOCK_SEC);
}

static void open_up_to(struct download *d, unsigned target)
{
    while (d->live < target) {
        if (d->server->accepts && d->live >= d->server->accepts) {
            d->refusals++;
            ramp_refused(&d->ramp, d->now, d->live);
            return;
        }
        d->opened[d->live] = d->now;
        d->owed[d->live++] = 0;
    }
}

static struct ramp_facts facts(const struct download *d, unsigned max)
{
    struct ramp_facts f = {.now = d->now,
                           .cpu = d->cpu,
                           .bytes = d->bytes,
                           .round_trip = d->server->round_trip,
                           .max = max,
                           .live = d->live};
    for (unsigned i = 0; i < d->live; i++)
        f.delivering += delivers(d, i);
    return f;
}

/* As a worker does: when a connection begins to deliver, when a measurement is over, and four times
 * a second. */
static bool worth_a_call(struct download *d, const struct ramp_facts *f)
{
    bool news = f->delivering != d->delivering;
    bool due = d->now >= ramp_due(&d->ramp) || d->now >= d->tick;
    d->delivering = f->delivering;
    if (d->now >= d->tick)
        d->tick = d->now + CLOCK_SEC / 4;
    return news || due;
}

static void run_for(struct download *d, unsigned max, int64_t ns)
{
    for (int64_t end = d->now + ns; d->now < end; d->now += STEP_NS) {
        receive(d);
        struct ramp_facts f = facts(d, max);
        if (!worth_a_call(d, &f))
            continue;
        unsigned target = ramp_update(&d->ramp, &f);
        CHECK(target >= 1 && target <= max);
        if (target > d->most)
            d->most = target;
        /* A connection ends with its piece; which one does not matter here. */
        if (d->live > target)
            d->live = target;
        open_up_to(d, target);
    }
}

TEST(a_line_that_is_full_gets_no_more_connections)
{
    /* An uneven line can be taken for one that grows, once or twice. */
    static const struct server servers[] = {
        {.round_trip = CLOCK_MS, .line = 100 * MIB, .chunk = 16384},
        {.round_trip = CLOCK_MS, .line = 10 * MIB, .chunk = 16384},
        {.round_trip = CLOCK_MS, .line = 1 * MIB, .chunk = 16384},
        {.round_trip = CLOCK_MS, .line = 100 * MIB, .chunk = 16384, .jitter = 30},
        {.round_trip = CLOCK_MS, .line = 5 * MIB, .chunk = 16384, .jitter = 30},
    };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct download d;
        download_init(&d, &servers[i]);
        run_for(&d, 64, 9 * CLOCK_SEC);
        unsigned doubled = servers[i].jitter ? 2 : 1;
        if (d.live > 8 * doubled)
            HARNESS_FAIL("server %zu: %u connections after 9 s", i, d.live);
        run_for(&d, 64, 111 * CLOCK_SEC);
        if (d.live > 16 * doubled)
            HARNESS_FAIL("server %zu: %u connections after 2 min", i, d.live);
    }
}

TEST(a_far_line_that_is_full_gets_few_more_than_it_takes_to_start)
{
    static const struct server server = {
        .round_trip = 100 * CLOCK_MS, .line = 10 * MIB, .chunk = 16384, .jitter = 20};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 64, 60 * CLOCK_SEC);
    CHECK(d.most >= 16);
    CHECK(d.live <= 32);
}

TEST(a_server_that_limits_each_connection_gets_all_that_are_allowed)
{
    static const struct server servers[] = {
        {.round_trip = CLOCK_MS, .each = 10 * MIB, .chunk = 16384},
        {.round_trip = CLOCK_MS, .each = MIB / 4, .chunk = 16384},
        {.round_trip = 80 * CLOCK_MS, .each = 2 * MIB, .chunk = 16384},
    };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct download d;
        download_init(&d, &servers[i]);
        run_for(&d, 16, 8 * CLOCK_SEC);
        CHECK_INT(d.live, 16);
    }
}

TEST(the_end_of_a_first_burst_is_noticed)
{
    /* As nginx does with limit_rate_after: fast at first, then so much a connection. */
    static const struct server server = {
        .round_trip = CLOCK_MS, .line = 100 * MIB, .each = MIB, .burst = 100 * MIB, .chunk = 16384};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 32, CLOCK_SEC / 2);
    CHECK(d.live <= 8);
    run_for(&d, 32, 9 * CLOCK_SEC);
    CHECK_INT(d.live, 32);
}

TEST(a_server_that_refuses_is_not_asked_again_soon)
{
    static const struct server server = {
        .round_trip = CLOCK_MS, .each = MIB, .chunk = 16384, .accepts = 6};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 32, 25 * CLOCK_SEC);
    CHECK_INT(d.live, 6);
    CHECK_INT(d.refusals, 1);
    run_for(&d, 32, 60 * CLOCK_SEC);
    CHECK_INT(d.live, 6);
    CHECK(d.refusals >= 2 && d.refusals <= 4);
}

TEST(a_refusal_of_everything_leaves_one)
{
    struct ramp r;
    ramp_init(&r);
    ramp_refused(&r, 0, 0);
    struct ramp_facts f = {.now = 1, .max = 8, .round_trip = CLOCK_MS};
    CHECK_INT(ramp_update(&r, &f), 1);
}

TEST(nothing_is_opened_before_those_that_are_open_deliver)
{
    struct ramp r;
    ramp_init(&r);
    struct ramp_facts f = {.max = 8, .live = 1, .round_trip = CLOCK_MS};
    CHECK_INT(ramp_update(&r, &f), 1);
    f.now = CLOCK_SEC;
    CHECK_INT(ramp_update(&r, &f), 1);
    f.delivering = 1;
    f.bytes = 1000;
    CHECK_INT(ramp_update(&r, &f), 1);
    CHECK(ramp_due(&r) < f.now + 10 * CLOCK_MS);
    f.now = ramp_due(&r);
    unsigned target = ramp_update(&r, &f);
    CHECK(target > 1);
    f.live = target;
    f.delivering = target - 1;
    for (int i = 0; i < 100; i++) {
        f.now += CLOCK_SEC;
        f.bytes += MIB;
        CHECK_INT(ramp_update(&r, &f), target);
    }
}

TEST(a_worker_that_has_its_hands_full_gets_no_more_connections)
{
    static const struct server servers[] = {
        {.round_trip = CLOCK_MS / 10, .chunk = 262144, .worker = 1000 * MIB},
        {.round_trip = CLOCK_MS / 10, .line = 900 * MIB, .chunk = 262144, .worker = 1000 * MIB},
    };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct download d;
        download_init(&d, &servers[i]);
        run_for(&d, 16, 60 * CLOCK_SEC);
        CHECK_INT(d.most, 1);
    }
}

TEST(a_worker_that_gets_busy_on_the_way_stops_there)
{
    static const struct server server = {
        .round_trip = CLOCK_MS / 10, .each = 200 * MIB, .chunk = 262144, .worker = 1000 * MIB};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 64, 60 * CLOCK_SEC);
    CHECK_INT(d.most, 4);
}

TEST(a_worker_that_has_time_again_gets_more_connections)
{
    static const struct server server = {.round_trip = CLOCK_MS / 10,
                                         .each = 4 * MIB,
                                         .burst = 500 * MIB,
                                         .chunk = 65536,
                                         .worker = 1000 * MIB};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 16, CLOCK_SEC / 4);
    CHECK_INT(d.most, 1);
    run_for(&d, 16, 5 * CLOCK_SEC);
    CHECK_INT(d.live, 16);
}

TEST(nothing_is_due_once_all_that_are_allowed_are_open)
{
    static const struct server server = {.round_trip = CLOCK_MS, .each = MIB, .chunk = 16384};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 8, 5 * CLOCK_SEC);
    CHECK_INT(d.live, 8);
    CHECK_INT(ramp_due(&d.ramp), INT64_MAX);
}

TEST(the_users_limit_holds_at_once_when_it_is_lowered)
{
    static const struct server server = {.round_trip = CLOCK_MS, .each = MIB, .chunk = 16384};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 1, 5 * CLOCK_SEC);
    CHECK_INT(d.most, 1);
    run_for(&d, 16, 5 * CLOCK_SEC);
    CHECK_INT(d.live, 16);
    struct ramp_facts f = facts(&d, 3);
    CHECK_INT(ramp_update(&d.ramp, &f), 3);
}

TEST(a_download_that_stands_still_gets_no_more_connections)
{
    static const struct server server = {.round_trip = CLOCK_MS, .line = 1, .chunk = 16384};
    struct download d;
    download_init(&d, &server);
    run_for(&d, 64, 30 * CLOCK_SEC);
    CHECK(d.live <= 4);
}
