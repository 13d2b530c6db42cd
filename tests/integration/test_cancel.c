/* SPDX-License-Identifier: MIT */
/*
 * Cancel, in each state of a job, through the session of this process and the real engine: within
 * 250 ms the state says so, the sockets are closed and the partial file is gone with all that goes
 * with it. Runs under ThreadSanitizer.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/inside.h"

#define WITHIN (250 * CLOCK_MS)

static void add(struct inside *s, const char *url, const char *sha256, char id[JOB_ID_SIZE])
{
    CHECK(inside_add(s, url, sha256, id) == HAUL_OK);
}

static bool await_state(struct inside *s, const char *id, enum job_state state, int64_t timeout)
{
    int64_t deadline = clock_now() + timeout;
    while (clock_now() < deadline) {
        const struct job_view *v = inside_look(s, id);
        if (v && v->state == state)
            return true;
        world_nap(1);
    }
    const struct job_view *v = inside_look(s, id);
    HARNESS_FAIL("%s, not %s", v ? job_state_name(v->state) : "gone", job_state_name(state));
    return false;
}

static void await_bytes(struct inside *s, const char *id, int64_t bytes)
{
    for (int i = 0; i < 1000; i++) {
        const struct job_view *v = inside_look(s, id);
        if (v && v->bytes >= bytes)
            return;
        world_nap(10);
    }
    HARNESS_FAIL("no bytes");
}

static void control(struct inside *s, const char *id, enum job_action action)
{
    struct haul_fault fault;
    if (session_control(s->session, id, action, &fault) != HAUL_OK)
        HARNESS_FAIL("%s", fault.message);
}

static void check_nothing_left(struct inside *s, const char *except)
{
    struct buf names;
    buf_init(&names);
    world_list(&s->w, &names);
    CHECK_STR(names.data, except);
    buf_release(&names);
}

/* What must hold the moment the state says cancelled. Returns how long that took. */
static int64_t cancel(struct inside *s, const char *id, const char *except)
{
    int64_t asked = clock_now();
    control(s, id, JOB_CANCEL);
    await_state(s, id, JOB_CANCELLED, 10 * CLOCK_SEC);
    int64_t took = clock_now() - asked;
    check_nothing_left(s, except);
    CHECK(origin_await_connections(s->o, 0)); /* the server notices a moment later */
    return took;
}

/* Best of three: the machine may be busy. */
#define CHECK_CANCELS_SOON(function)                                                               \
    do {                                                                                           \
        int64_t best = INT64_MAX;                                                                  \
        for (int i = 0; i < 3 && best > WITHIN; i++) {                                             \
            int64_t took = function();                                                             \
            best = took < best ? took : best;                                                      \
        }                                                                                          \
        if (best > WITHIN)                                                                         \
            HARNESS_FAIL("cancelled after %lld ms", (long long)(best / CLOCK_MS));                 \
    } while (0)

static int64_t cancel_queued(void)
{
    struct inside s;
    char first[JOB_ID_SIZE], second[JOB_ID_SIZE];
    inside_init(&s, 1);
    add(&s, origin_link(s.o, "/file/a.bin?stall-header"), NULL, first);
    await_state(&s, first, JOB_RUNNING, 10 * CLOCK_SEC);
    add(&s, origin_link(s.o, "/file/b.bin"), NULL, second);
    int64_t asked = clock_now();
    control(&s, second, JOB_CANCEL);
    await_state(&s, second, JOB_CANCELLED, 10 * CLOCK_SEC);
    int64_t took = clock_now() - asked;
    control(&s, first, JOB_CANCEL);
    await_state(&s, first, JOB_CANCELLED, 10 * CLOCK_SEC);
    check_nothing_left(&s, "");
    inside_release(&s);
    return took;
}

TEST(a_queued_job_is_cancelled_at_once)
{
    CHECK_CANCELS_SOON(cancel_queued);
}

static int64_t cancel_running(void)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 2);
    add(&s, origin_link(s.o, "/file/x.bin?size=200M&rate=2M"), NULL, id);
    await_bytes(&s, id, 2 << 20);
    CHECK(content_exists(s.w.dir, "x.bin.part"));
    int64_t took = cancel(&s, id, "");
    inside_release(&s);
    return took;
}

TEST(a_running_job_is_cancelled_at_once_and_leaves_nothing)
{
    CHECK_CANCELS_SOON(cancel_running);
}

static int64_t cancel_without_reply(void)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 2);
    origin_set_door(s.o, ORIGIN_DOOR_HANG);
    add(&s, origin_link(s.o, "/file/x.bin"), NULL, id);
    world_nap(300);
    int64_t took = cancel(&s, id, "");
    inside_release(&s);
    return took;
}

TEST(a_job_that_waits_for_a_server_is_cancelled_at_once)
{
    CHECK_CANCELS_SOON(cancel_without_reply);
}

static int64_t cancel_retrying(void)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 2);
    add(&s, origin_link(s.o, "/file/x.bin?size=20M&status=429&retry-after=60&after=1&times=50"),
        NULL, id);
    world_nap(500);
    int64_t took = cancel(&s, id, "");
    inside_release(&s);
    return took;
}

TEST(a_job_that_waits_to_try_again_is_cancelled_at_once)
{
    CHECK_CANCELS_SOON(cancel_retrying);
}

static int64_t cancel_paused(void)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 2);
    add(&s, origin_link(s.o, "/file/x.bin?size=200M&rate=2M"), NULL, id);
    await_bytes(&s, id, 2 << 20);
    control(&s, id, JOB_PAUSE);
    await_state(&s, id, JOB_PAUSED, 10 * CLOCK_SEC);
    for (int i = 0; i < 100 && content_recorded(s.w.dir, "x.bin.part.state") < 0; i++)
        world_nap(10);
    CHECK(content_recorded(s.w.dir, "x.bin.part.state") > 0);
    int64_t took = cancel(&s, id, "");
    inside_release(&s);
    return took;
}

TEST(a_paused_job_keeps_its_partial_until_it_is_cancelled)
{
    CHECK_CANCELS_SOON(cancel_paused);
}

/* Hashing takes a while for a sparse file of 64 GiB; the file that was there stays. */
static int64_t cancel_verifying(void)
{
    struct inside s;
    char id[JOB_ID_SIZE], sha256[65];
    inside_init(&s, 2);
    snprintf(sha256, sizeof sha256, "%064d", 0);
    char *path = xasprintf("%s/big.bin", s.w.dir);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT(fd >= 0 && ftruncate(fd, INT64_C(64) << 30) == 0);
    close(fd);
    add(&s, origin_link(s.o, "/file/big.bin?size=64G"), sha256, id);
    world_nap(500);
    CHECK(inside_look(&s, id) && !job_state_ended(inside_look(&s, id)->state));
    int64_t took = cancel(&s, id, "big.bin");
    free(path);
    inside_release(&s);
    return took;
}

TEST(a_job_that_hashes_is_cancelled_at_once_and_what_was_there_stays)
{
    CHECK_CANCELS_SOON(cancel_verifying);
}

TEST(a_cancelled_job_may_be_tried_again_from_the_start)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 2);
    add(&s, origin_link(s.o, "/file/x.bin?size=20M&rate=2M"), NULL, id);
    await_bytes(&s, id, 2 << 20);
    cancel(&s, id, "");
    origin_set(s.o, "/file/x.bin", "rate=100M");
    control(&s, id, JOB_RETRY);
    await_state(&s, id, JOB_COMPLETED, 20 * CLOCK_SEC);
    CHECK_STR(content_name(content_check(s.w.dir, "x.bin", 0, INT64_C(20) << 20)), "right");
    check_nothing_left(&s, "x.bin");
    inside_release(&s);
}

TEST(pause_and_resume_at_random_end_in_the_right_file)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    unsigned random = 42;
    inside_init(&s, 2);
    add(&s, origin_link(s.o, "/file/x.bin?size=16M&rate=1M"), NULL, id);
    for (int i = 0; i < 20; i++) {
        struct haul_fault fault;
        random = random * 1103515245U + 12345U;
        world_nap(random / 65536 % 100);
        enum job_action action = i % 2 ? JOB_RESUME : JOB_PAUSE;
        if (session_control(s.session, id, action, &fault) != HAUL_OK)
            CHECK(fault.code == HAUL_ERR_USAGE);
    }
    origin_set(s.o, "/file/x.bin", "rate=100M");
    if (inside_look(&s, id)->state == JOB_PAUSED)
        control(&s, id, JOB_RESUME);
    await_state(&s, id, JOB_COMPLETED, 30 * CLOCK_SEC);
    CHECK_STR(content_name(content_check(s.w.dir, "x.bin", 0, INT64_C(16) << 20)), "right");
    check_nothing_left(&s, "x.bin");
    inside_release(&s);
}

TEST(a_session_that_ends_keeps_its_partials)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 2);
    add(&s, origin_link(s.o, "/file/x.bin?size=200M&rate=2M"), NULL, id);
    await_bytes(&s, id, 2 << 20);
    watcher_free(s.watcher);
    session_free(s.session);
    s.session = NULL;
    CHECK(content_recorded(s.w.dir, "x.bin.part.state") > 0);
    check_nothing_left(&s, "x.bin.part x.bin.part.state");
    snapshot_release(&s.snapshot);
    world_release(&s.w);
    origin_free(s.o);
}

/* ---- many jobs at random ---- */

#define JOBS    16
#define ACTIONS 300

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245U + 12345U;
    return *state / 65536;
}

static void act_at_random(struct inside *s, const char *id, unsigned *random)
{
    static const enum job_action actions[] = {JOB_PAUSE, JOB_RESUME, JOB_CANCEL, JOB_RETRY};
    struct haul_fault fault;
    if (next_random(random) % 8 == 0) {
        struct job_change change = {.set_connections = true,
                                    .connections = 1 + next_random(random) % 8};
        (void)!session_change(s->session, id, &change, &fault);
    } else if (next_random(random) % 8 == 0) {
        (void)!session_set(s->session, 1 + (int)(next_random(random) % JOBS),
                           (int64_t)(1 + next_random(random) % 50) << 20, &fault);
    } else if (session_control(s->session, id, actions[next_random(random) % 4], &fault) !=
               HAUL_OK) {
        CHECK(fault.code == HAUL_ERR_USAGE);
    }
}

/* Whatever state a job is in by now: on to the end. */
static void finish_job(struct inside *s, const char *id)
{
    struct haul_fault fault;
    int64_t deadline = clock_now() + 60 * CLOCK_SEC;
    while (clock_now() < deadline) {
        enum job_state state = inside_look(s, id)->state;
        if (state == JOB_COMPLETED)
            return;
        if (state == JOB_PAUSED)
            (void)!session_control(s->session, id, JOB_RESUME, &fault);
        else if (job_state_ended(state))
            (void)!session_control(s->session, id, JOB_RETRY, &fault);
        world_nap(5);
    }
    HARNESS_FAIL("it never ends");
}

TEST(many_jobs_under_random_orders_all_end_in_the_right_files)
{
    struct inside s;
    char ids[JOBS][JOB_ID_SIZE];
    unsigned random = 7;
    inside_init(&s, 4);
    for (int i = 0; i < JOBS; i++)
        add(&s, origin_link(s.o, "/file/%d.bin?size=3M&seed=%d&rate=2M&cut=1M", i, i), NULL,
            ids[i]);
    for (int i = 0; i < ACTIONS; i++) {
        act_at_random(&s, ids[next_random(&random) % JOBS], &random);
        world_nap(next_random(&random) % 10);
        inside_look(&s, ids[0]);
    }
    struct haul_fault fault;
    CHECK(session_set(s.session, JOBS, 0, &fault) == HAUL_OK);
    for (int i = 0; i < JOBS; i++) {
        char name[16];
        finish_job(&s, ids[i]);
        snprintf(name, sizeof name, "%d.bin", i);
        CHECK_STR(content_name(content_check(s.w.dir, name, (uint64_t)i, INT64_C(3) << 20)),
                  "right");
    }
    inside_release(&s);
}
