/* SPDX-License-Identifier: MIT */
/* The job table by itself, without threads: the test is worker, user and watcher in one. */
#include "core/table.h"

#include "core/alloc.h"
#include "core/clock.h"
#include "core/run_state.h"
#include "core/store_row.h"
#include "core/watch.h"
#include "fake_engine.h"
#include "harness.h"

struct bench {
    struct table t;
    struct watch w;
    struct snapshot s;
    struct engine *engine;
    struct engine_worker *worker;
};

static void setup(struct bench *b)
{
    struct settings settings;
    settings_init(&settings);
    table_init(&b->t, &settings);
    settings_release(&settings);
    watch_init(&b->w, &b->t);
    snapshot_init(&b->s);
    b->engine = fake_engine_new();
    b->worker = fake_worker_new(b->engine);
}

static void teardown(struct bench *b)
{
    watch_release(&b->w);
    snapshot_release(&b->s);
    table_release(&b->t);
    fake_worker_free(b->worker);
    fake_engine_free(b->engine);
}

static struct job *add(struct bench *b, const char *spec, int priority)
{
    struct job_request r;
    struct job *job = NULL;
    struct haul_fault fault;
    job_request_init(&r);
    r.spec = xstrdup(spec);
    r.dir = xstrdup("/d");
    r.priority = priority;
    if (job_from_request(&r, NULL, &job, &fault) != HAUL_OK)
        abort();
    job_request_release(&r);
    mutex_lock(&b->t.mutex);
    table_add_locked(&b->t, job, false);
    mutex_unlock(&b->t.mutex);
    return job;
}

static struct run *claim(struct bench *b)
{
    mutex_lock(&b->t.mutex);
    struct run *r = table_claim_locked(&b->t, b->worker, &fake_ops);
    mutex_unlock(&b->t.mutex);
    return r;
}

static void finish(struct bench *b, struct run *r, enum haul_error result)
{
    struct haul_fault fault;
    fault_set(&fault, result, "x");
    table_finish(&b->t, r, result, &fault);
}

/* The keeper's part. */
static void discard_all(struct bench *b)
{
    mutex_lock(&b->t.mutex);
    while (b->t.discards) {
        struct job *job = b->t.discards;
        b->t.discards = job->next_discard;
        table_cancelled_locked(&b->t, job);
        table_unref_locked(&b->t, job);
    }
    mutex_unlock(&b->t.mutex);
}

static enum haul_error act(struct bench *b, const char *id, enum job_action a)
{
    return table_control(&b->t, id, a, NULL);
}

static void move(struct bench *b, const struct job *job, int places)
{
    struct job_change c = {.move = places};
    CHECK_INT(table_change(&b->t, job->id, &c, NULL), HAUL_OK);
}

/* Names of the jobs as the snapshot has them, one letter each. */
static const char *order(struct bench *b)
{
    static char names[64];
    size_t n = 0;
    watch_refresh(&b->w, &b->s);
    for (size_t i = 0; i < b->s.count; i++)
        names[n++] = strrchr(b->s.jobs[i]->source, '/')[1];
    names[n] = '\0';
    return names;
}

TEST(priority_goes_before_position_and_moves_stay_within_a_priority)
{
    struct bench b;
    setup(&b);
    struct job *a = add(&b, "http://h/a", 0), *c;
    add(&b, "http://h/b", 0);
    c = add(&b, "http://h/c", 0);
    add(&b, "http://h/p", 5);
    CHECK_STR(order(&b), "pabc");
    move(&b, c, -1);
    CHECK_STR(order(&b), "pacb");
    move(&b, c, -10);
    CHECK_STR(order(&b), "pcab");
    move(&b, a, 1);
    CHECK_STR(order(&b), "pcba");
    struct job_change change = {.set_priority = true, .priority = 9};
    CHECK_INT(table_change(&b.t, a->id, &change, NULL), HAUL_OK);
    CHECK_STR(order(&b), "apcb");
    struct run *r = claim(&b);
    CHECK(r && r->job == a);
    finish(&b, r, HAUL_OK);
    teardown(&b);
}

TEST(moving_between_the_same_two_for_ever_never_gets_stuck)
{
    struct bench b;
    setup(&b);
    struct job *jobs[3];
    add(&b, "http://h/a", 0);
    for (int i = 0; i < 3; i++) {
        char spec[] = "http://h/x";
        spec[9] = (char)('b' + i);
        jobs[i] = add(&b, spec, 0);
    }
    for (int i = 0; i < 300; i++) {
        char was[64], want[64];
        snprintf(was, sizeof was, "%s", order(&b));
        move(&b, jobs[was[3] - 'b'], -2);
        snprintf(want, sizeof want, "a%c%c%c", was[3], was[1], was[2]);
        CHECK_STR(order(&b), want);
    }
    teardown(&b);
}

TEST(a_refresh_copies_only_what_has_changed)
{
    struct bench b;
    setup(&b);
    struct job *first = NULL;
    for (int i = 0; i < 10000; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "http://h/%d", i);
        struct job *job = add(&b, spec, i % 3);
        first = first ? first : job;
    }
    CHECK(watch_refresh(&b.w, &b.s));
    CHECK_INT(b.s.count, 10000);
    CHECK_INT(b.t.rows_copied, 10000);
    CHECK_INT(b.s.totals.by_state[JOB_QUEUED], 10000);
    CHECK(!watch_refresh(&b.w, &b.s));
    CHECK_INT(b.t.rows_copied, 10000);
    CHECK_INT(act(&b, first->id, JOB_PAUSE), HAUL_OK);
    CHECK(watch_refresh(&b.w, &b.s));
    CHECK_INT(b.t.rows_copied, 10001);
    struct run *r = claim(&b);
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.t.rows_copied, 10002);
    for (int i = 0; i < 10; i++) {
        run_tick(r);
        CHECK(!watch_refresh(&b.w, &b.s));
    }
    CHECK_INT(b.t.rows_copied, 10002);
    for (size_t i = 1; i < b.s.count; i++)
        CHECK(b.s.jobs[i - 1]->priority >= b.s.jobs[i]->priority);
    finish(&b, r, HAUL_OK);
    teardown(&b);
}

TEST(the_end_of_a_file_copies_that_file_and_no_other)
{
    struct bench b;
    setup(&b);
    struct plan plan;
    add(&b, "http://h/many", 0);
    struct run *r = claim(&b);
    plan_init(&plan);
    plan.root = xstrdup("/d");
    for (int i = 0; i < 1000; i++)
        plan_add(&plan)->path = xasprintf("f%d", i);
    run_set_plan(r, &plan);
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.t.files_copied, 1000);
    run_file_done(r, 7, FILE_DONE, NULL, DIGEST_BY_PINNED);
    run_set_path(r, 999, "/d/else\xff\u200dwhere");
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.t.files_copied, 1002);
    CHECK_INT(b.s.jobs[0]->files[7].verified, DIGEST_BY_PINNED);
    CHECK_STR(b.s.jobs[0]->files[999].path, "/d/else\xff\u200dwhere"); /* exact */
    CHECK_STR(b.s.jobs[0]->files[998].path, "/d/f998");
    run_set_plan(r, &plan);
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.t.files_copied, 2002);
    plan_release(&plan);
    finish(&b, r, HAUL_OK);
    teardown(&b);
}

TEST(a_view_outlives_its_job)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    struct run *r = claim(&b);
    fake_plan(r);
    atomic_store(&run_file(r, 0)->bytes, 123);
    watch_refresh(&b.w, &b.s);
    char id[JOB_ID_SIZE];
    memcpy(id, job->id, sizeof id);
    finish(&b, r, HAUL_ERR_NETWORK);
    CHECK_INT(act(&b, id, JOB_DROP), HAUL_OK);
    CHECK_INT(b.s.jobs[0]->bytes, 123);
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.s.count, 0);
    CHECK_INT(b.s.totals.by_state[JOB_RESOLVING], 0);
    teardown(&b);
}

TEST(a_cancel_beats_a_pause)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    struct run *r = claim(&b);
    CHECK_INT(act(&b, job->id, JOB_PAUSE), HAUL_OK);
    CHECK_INT(run_stop(r), STOP_PAUSE);
    CHECK_INT(act(&b, job->id, JOB_CANCEL), HAUL_OK);
    CHECK_INT(run_stop(r), STOP_CANCEL);
    CHECK_INT(act(&b, job->id, JOB_PAUSE), HAUL_ERR_USAGE);
    CHECK_INT(run_stop(r), STOP_CANCEL);
    CHECK_INT(job->state, JOB_RESOLVING); /* until the worker has returned */
    finish(&b, r, HAUL_ERR_CANCELLED);
    CHECK_INT(job->state, JOB_CANCELLED);
    teardown(&b);
}

static enum job_state stored_state(struct job *job)
{
    struct store_row row;
    store_row_take(&row, job);
    enum job_state state = row.state;
    store_row_release(&row);
    return state;
}

/* Who asked has been told that it is paused: the next process must not go on with it. */
TEST(a_pause_is_kept_before_the_worker_has_stopped)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    struct run *r = claim(&b);
    CHECK_INT(stored_state(job), JOB_RESOLVING);
    CHECK_INT(act(&b, job->id, JOB_PAUSE), HAUL_OK);
    CHECK_INT(stored_state(job), JOB_PAUSED);
    CHECK_INT(act(&b, job->id, JOB_RESUME), HAUL_OK);
    CHECK_INT(stored_state(job), JOB_RESOLVING);
    CHECK_INT(act(&b, job->id, JOB_PAUSE), HAUL_OK);
    mutex_lock(&b.t.mutex);
    b.t.closing = true;
    table_stop_locked(&b.t, r, STOP_QUIT);
    mutex_unlock(&b.t.mutex);
    finish(&b, r, HAUL_ERR_CANCELLED);
    CHECK_INT(stored_state(job), JOB_PAUSED);
    teardown(&b);
}

TEST(a_job_without_its_secret_is_not_retried)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    CHECK_INT(act(&b, job->id, JOB_CANCEL), HAUL_OK);
    CHECK_INT(job->state, JOB_CANCELLED);
    job->secret_lost = true;
    CHECK_INT(act(&b, job->id, JOB_RETRY), HAUL_ERR_UNAUTHORIZED);
    CHECK_INT(job->state, JOB_CANCELLED);
    teardown(&b);
}

TEST(a_full_disk_does_not_undo_a_cancel)
{
    struct bench b;
    struct haul_fault fault;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    struct run *r = claim(&b);
    CHECK_INT(act(&b, job->id, JOB_CANCEL), HAUL_OK);
    fault_set(&fault, HAUL_ERR_DISK_FULL, "full");
    run_pause_for_disk(r, &fault);
    CHECK_INT(run_stop(r), STOP_CANCEL);
    finish(&b, r, HAUL_ERR_CANCELLED);
    CHECK_INT(job->state, JOB_CANCELLED);
    CHECK(!job->fault && !job->blocked_by_disk);
    teardown(&b);
}

TEST(no_bar_goes_back_when_a_new_run_begins_at_nothing)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    struct run *r = claim(&b);
    fake_plan(r);
    atomic_store(&run_file(r, 0)->bytes, 400);
    finish(&b, r, HAUL_ERR_NETWORK);
    CHECK_INT(act(&b, job->id, JOB_RETRY), HAUL_OK);
    r = claim(&b);
    fake_plan(r);
    atomic_store(&run_file(r, 0)->bytes, 0);
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.s.jobs[0]->bytes, 400);
    atomic_store(&run_file(r, 0)->bytes, 500);
    watch_refresh(&b.w, &b.s);
    CHECK_INT(b.s.jobs[0]->bytes, 500);
    finish(&b, r, HAUL_OK);
    teardown(&b);
}

TEST(a_late_completed_cannot_overwrite_cancelled)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    CHECK_INT(act(&b, job->id, JOB_CANCEL), HAUL_OK);
    mutex_lock(&b.t.mutex);
    for (unsigned to = 0; to < JOB_STATE_COUNT; to++)
        if (to != JOB_QUEUED)
            CHECK(!table_move_locked(&b.t, job, (enum job_state)to));
    mutex_unlock(&b.t.mutex);
    CHECK_INT(job->state, JOB_CANCELLED);
    teardown(&b);
}

TEST(a_run_that_stops_without_being_asked_has_failed)
{
    struct bench b;
    setup(&b);
    struct job *job = add(&b, "http://h/a", 0);
    finish(&b, claim(&b), HAUL_ERR_CANCELLED);
    CHECK_INT(job->state, JOB_FAILED);
    CHECK_INT(job->fault->code, HAUL_ERR_INTERNAL);
    teardown(&b);
}

/* The reference machine: what must be true of each job, kept apart from the code. */
struct machine {
    struct job *job;
    struct run *run;
    enum job_state state;
    enum run_stop_reason stop;
    bool again, discarding;
};

#define MODELS 6

static uint32_t dice = 1;

static unsigned roll(unsigned sides)
{
    dice = dice * 1664525U + 1013904223U;
    return (dice >> 16) % sides;
}

static bool leaving(const struct machine *m)
{
    return m->discarding || m->stop == STOP_CANCEL;
}

static enum haul_error expect_cancel(struct machine *m)
{
    if (leaving(m))
        return HAUL_OK;
    if (job_state_ended(m->state))
        return HAUL_ERR_USAGE;
    if (m->run)
        m->stop = STOP_CANCEL;
    else if (job_has_partials(m->job))
        m->discarding = true;
    else
        m->state = JOB_CANCELLED;
    return HAUL_OK;
}

static enum haul_error expect_pause(struct machine *m)
{
    if (leaving(m) || m->state == JOB_PAUSED || job_state_ended(m->state))
        return HAUL_ERR_USAGE;
    m->again = false;
    if (m->run)
        m->stop = STOP_PAUSE;
    else
        m->state = JOB_PAUSED;
    return HAUL_OK;
}

static enum haul_error expect_resume(struct machine *m)
{
    if (m->stop == STOP_PAUSE) {
        m->again = true;
        return HAUL_OK;
    }
    if (m->state != JOB_PAUSED || m->discarding)
        return HAUL_ERR_USAGE;
    m->state = JOB_QUEUED;
    return HAUL_OK;
}

static enum haul_error expect_retry(struct machine *m)
{
    if (m->state != JOB_FAILED && m->state != JOB_CANCELLED)
        return HAUL_ERR_USAGE;
    m->state = JOB_QUEUED;
    return HAUL_OK;
}

static enum haul_error (*const expect[])(struct machine *m) = {
    [JOB_CANCEL] = expect_cancel,
    [JOB_PAUSE] = expect_pause,
    [JOB_RESUME] = expect_resume,
    [JOB_RETRY] = expect_retry,
};

static void model_claim(struct bench *b, struct machine *models)
{
    struct run *r = claim(b);
    bool ready = false;
    for (int i = 0; i < MODELS; i++) {
        struct machine *m = &models[i];
        ready |= m->state == JOB_QUEUED && !m->discarding;
        if (!r || m->job != r->job)
            continue;
        CHECK_INT(m->state, JOB_QUEUED);
        CHECK(!m->discarding && !m->run);
        m->run = r;
        m->state = JOB_RESOLVING;
        m->stop = STOP_NONE;
        if (roll(2))
            fake_plan(r);
        if (roll(2)) {
            run_set_state(r, JOB_RUNNING);
            m->state = JOB_RUNNING;
        }
    }
    CHECK_INT(r != NULL, ready);
}

static enum job_state expect_end(const struct machine *m, enum haul_error result)
{
    if (result == HAUL_OK)
        return JOB_COMPLETED;
    if (m->stop == STOP_CANCEL)
        return result == HAUL_ERR_CANCELLED || !job_has_partials(m->job) ? JOB_CANCELLED : m->state;
    if (m->stop == STOP_PAUSE && result == HAUL_ERR_CANCELLED)
        return m->again ? JOB_QUEUED : JOB_PAUSED;
    return JOB_FAILED;
}

static void model_finish(struct bench *b, struct machine *m)
{
    static const enum haul_error results[] = {HAUL_OK, HAUL_ERR_NETWORK, HAUL_ERR_CANCELLED};
    if (!m->run)
        return;
    enum haul_error result = results[roll(3)];
    m->discarding =
        m->stop == STOP_CANCEL && result == HAUL_ERR_NETWORK && job_has_partials(m->job);
    m->state = expect_end(m, result);
    if (m->state == JOB_QUEUED || m->state == JOB_PAUSED)
        m->again = false;
    finish(b, m->run, result);
    m->run = NULL;
    m->stop = STOP_NONE;
}

static void model_discard(struct bench *b, struct machine *models)
{
    discard_all(b);
    for (int i = 0; i < MODELS; i++) {
        if (models[i].discarding)
            models[i].state = JOB_CANCELLED;
        models[i].discarding = false;
    }
}

static void model_replace(struct bench *b, struct machine *m)
{
    static int number;
    char spec[64];
    enum haul_error want = job_state_ended(m->state) ? HAUL_OK : HAUL_ERR_USAGE;
    CHECK_INT(act(b, m->job->id, JOB_DROP), want);
    if (want != HAUL_OK)
        return;
    snprintf(spec, sizeof spec, "http://h/again%d", number++);
    *m = (struct machine){.job = add(b, spec, (int)roll(3))};
}

static void model_compare(struct bench *b, const struct machine *models)
{
    watch_refresh(&b->w, &b->s);
    CHECK_INT(b->s.count, MODELS);
    size_t by_state[JOB_STATE_COUNT] = {0};
    for (int i = 0; i < MODELS; i++) {
        const struct machine *m = &models[i];
        const struct job_view *v = snapshot_find(&b->s, m->job->id);
        ASSERT(v);
        CHECK_INT(v->state, m->state);
        CHECK_INT(m->job->discarding, m->discarding);
        CHECK_INT(m->job->run != NULL, m->run != NULL);
        if (m->run)
            CHECK_INT(run_stop(m->run), m->stop);
        CHECK_INT(v->fault.code != HAUL_OK, m->state == JOB_FAILED);
        by_state[m->state]++;
    }
    CHECK(!memcmp(by_state, b->s.totals.by_state, sizeof by_state));
}

TEST(random_use_does_what_the_reference_machine_does)
{
    struct bench b;
    struct machine models[MODELS] = {0};
    setup(&b);
    for (int i = 0; i < MODELS; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "http://h/%d", i);
        models[i].job = add(&b, spec, 0);
    }
    for (int step = 0; step < 20000 && !harness_failed; step++) {
        struct machine *m = &models[roll(MODELS)];
        unsigned what = roll(9);
        if (what < 4)
            CHECK_INT(act(&b, m->job->id, (enum job_action)what), expect[what](m));
        else if (what < 6)
            model_claim(&b, models);
        else if (what == 6)
            model_finish(&b, m);
        else if (what == 7)
            model_discard(&b, models);
        else
            model_replace(&b, m);
        model_compare(&b, models);
    }
    for (int i = 0; i < MODELS; i++)
        model_finish(&b, &models[i]);
    discard_all(&b);
    teardown(&b);
}
