/* SPDX-License-Identifier: MIT */
/*
 * A cancel is answered when it is true: the transfer has stopped and the partial file is gone,
 * within 250 ms whatever the job is doing. Best of three, since the machine may be busy.
 */
#include "api/serving.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"

#define CANCEL_WITHIN (250 * CLOCK_MS)
#define GONE          "not found or cannot be cancelled (already completed/failed)"

static bool nothing_left(const struct serving *s, const char *name)
{
    static const char *const ends[] = {"", ".part", ".part.state", ".part.lock"};
    bool left = false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(ends); i++) {
        char *path = xasprintf("%s%s", name, ends[i]);
        left |= content_exists(s->w.dir, path);
        free(path);
    }
    return !left;
}

/* Cancels it and checks all that the answer promises. Returns how long the answer took. */
static int64_t cancel(const struct serving *s, const char *id, const char *name)
{
    struct answer a;
    ask(s, &a, "DELETE", path_of("/v1/jobs/%s", id), NULL);
    CHECK(nothing_left(s, name));
    CHECK_INT(a.status, 200);
    CHECK_STR(answer_text(&a, "job_id"), id);
    CHECK_STR(answer_text(&a, "status"), "cancelled");
    CHECK_INT(json_count(a.json), 2);
    CHECK_STR(serving_state(s, id), "cancelled");
    int64_t took = a.took;
    answer_release(&a);
    return took;
}

/* A job that gets into that state, as often as it is wanted. */
struct scene {
    struct serving s;
    char id[JOB_ID_SIZE];
};

static void check_cancel(struct scene *c, void (*prepare)(struct scene *c), const char *state)
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < 3 && best > CANCEL_WITHIN; i++) {
        prepare(c);
        serving_await(&c->s, c->id, state);
        int64_t took = cancel(&c->s, c->id, "x.bin");
        best = took < best ? took : best;
    }
    if (best > CANCEL_WITHIN)
        HARNESS_FAIL("%s: answered after %lld ms", state, (long long)(best / CLOCK_MS));
}

static void add_running(struct scene *c)
{
    serving_add(&c->s, c->id, "/file/x.bin?size=24M&rate=300K");
    serving_await(&c->s, c->id, "running");
    CHECK(content_await(c->s.w.dir, "x.bin.part"));
    CHECK(content_exists(c->s.w.dir, "x.bin.part"));
}

TEST(a_running_job_is_cancelled_when_the_answer_says_so)
{
    struct scene c;
    serving_init(&c.s, "");
    check_cancel(&c, add_running, "running");
    CHECK(origin_await_connections(c.s.o, 0));
    serving_release(&c.s);
}

static void add_paused(struct scene *c)
{
    add_running(c);
    world_nap(100);
    CHECK_INT(ask_status(&c->s, "POST", path_of("/v1/jobs/%s/pause", c->id), NULL), 200);
    serving_await(&c->s, c->id, "paused");
    CHECK(content_exists(c->s.w.dir, "x.bin.part"));
}

TEST(so_is_a_paused_one_whose_partial_file_was_kept)
{
    struct scene c;
    serving_init(&c.s, "");
    check_cancel(&c, add_paused, "paused");
    serving_release(&c.s);
}

static void add_queued(struct scene *c)
{
    serving_add(&c->s, c->id, "/file/x.bin?size=24M");
}

TEST(so_is_a_queued_one)
{
    struct scene c;
    char other[JOB_ID_SIZE];
    serving_init(&c.s, "-j 1");
    serving_add(&c.s, other, "/file/other.bin?size=24M&rate=100K");
    serving_await(&c.s, other, "running");
    check_cancel(&c, add_queued, "queued");
    CHECK_STR(serving_state(&c.s, other), "running");
    serving_release(&c.s);
}

static void add_resolving(struct scene *c)
{
    serving_add_source(&c->s, c->id, "hf:acme/tiny", "");
}

TEST(so_is_one_whose_source_never_answers)
{
    struct scene c;
    struct buf url;
    serving_prepare(&c.s);
    buf_init(&url);
    origin_url(c.s.o, "", &url);
    world_env(&c.s.w, "HF_ENDPOINT", url.data);
    origin_set_door(c.s.o, ORIGIN_DOOR_HANG);
    serving_start(&c.s, "");
    check_cancel(&c, add_resolving, "resolving");
    buf_release(&url);
    serving_release(&c.s);
}

/* All bytes are there, and hashing them takes a while. */
static void add_verifying(struct scene *c)
{
    int64_t size = INT64_C(2) << 30;
    char *fields = xasprintf(",\"checksum\":\"sha256:%064d\"", 0);
    content_pretend_part(c->s.w.dir, "x.bin", "\"whole\"", size);
    serving_add_source(&c->s, c->id,
                       origin_link(c->s.o, "/file/x.bin?size=2G&etag-raw=%%22whole%%22"), fields);
    free(fields);
}

TEST(so_is_one_that_hashes_what_it_has)
{
    struct scene c;
    serving_init(&c.s, "");
    check_cancel(&c, add_verifying, "verifying");
    serving_release(&c.s);
}

/* From another file system, so that it is neither cloned nor linked; vast, and all holes. */
#define ELSEWHERE "/dev/shm/haul-test-copy"

static void add_copy(struct scene *c)
{
    serving_add_source(&c->s, c->id, "file:" ELSEWHERE, ",\"out\":\"x.bin\"");
    serving_await(&c->s, c->id, "running");
    world_nap(200);
}

TEST(so_is_a_copy)
{
    struct scene c;
    FILE *f = fopen(ELSEWHERE, "w");
    ASSERT(f && ftruncate(fileno(f), (off_t)20 << 30) == 0);
    fclose(f);
    serving_init(&c.s, "--allow-local");
    check_cancel(&c, add_copy, "running");
    unlink(ELSEWHERE);
    serving_release(&c.s);
}

static void add_build(struct scene *c)
{
    serving_add_source(&c->s, c->id, path_of("build:%s/r.json", c->s.w.dir), ",\"confirmed\":true");
    CHECK(content_await(c->s.w.dir, "x.bin"));
    CHECK(content_exists(c->s.w.dir, "x.bin"));
}

TEST(so_is_a_local_build_and_what_it_has_made_so_far)
{
    struct scene c;
    serving_init(&c.s, "--allow-local");
    free(world_write(&c.s.w, "dir/r.json",
                     "{\"name\":\"t\",\"output\":\"x.bin\",\"command\":"
                     "[\"/bin/sh\",\"-c\",\"echo >x.bin; sleep 1000\"]}"));
    check_cancel(&c, add_build, "running");
    serving_release(&c.s);
}

TEST(post_to_cancel_does_the_same)
{
    struct scene c;
    struct answer a;
    serving_init(&c.s, "");
    add_running(&c);
    ask(&c.s, &a, "POST", path_of("/v1/jobs/%s/cancel", c.id), NULL);
    CHECK_INT(a.status, 200);
    CHECK_STR(answer_text(&a, "status"), "cancelled");
    CHECK(nothing_left(&c.s, "x.bin"));
    answer_release(&a);
    CHECK_INT(ask_status(&c.s, "POST", path_of("/v1/jobs/%s/cancel", c.id), NULL), 404);
    serving_release(&c.s);
}

/* ---- what cannot be cancelled ---- */

static void check_refused(const struct serving *s, const char *id, const char *code)
{
    static const char *const ways[][2] = {{"DELETE", ""}, {"POST", "/cancel"}};
    char *words = xasprintf("Job %s " GONE, id);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(ways); i++) {
        struct answer a;
        ask(s, &a, ways[i][0], path_of("/v1/jobs/%s%s", id, ways[i][1]), NULL);
        CHECK_INT(a.status, 404);
        CHECK_STR(answer_error(&a, "code"), code);
        CHECK_STR(answer_error(&a, "message"), words);
        answer_release(&a);
    }
    free(words);
}

TEST(what_has_ended_or_never_was_cannot_be_cancelled)
{
    struct serving s;
    char done[JOB_ID_SIZE], failed[JOB_ID_SIZE], cancelled[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, done, "/file/done.bin?size=100K");
    serving_add(&s, failed, "/file/failed.bin?status=404");
    serving_add(&s, cancelled, "/file/x.bin?size=24M&rate=100K");
    serving_await(&s, done, "completed");
    serving_await(&s, failed, "failed");
    serving_await(&s, cancelled, "running");
    cancel(&s, cancelled, "x.bin");
    check_refused(&s, done, "not_cancellable");
    check_refused(&s, failed, "not_cancellable");
    check_refused(&s, cancelled, "not_cancellable");
    check_refused(&s, "job-0000000000000000", "not_found");
    check_refused(&s, "nonsense", "not_found");
    CHECK(content_check(s.w.dir, "done.bin", 0, 100 << 10) == CONTENT_RIGHT);
    serving_release(&s);
}

/* ---- at the same time ---- */

struct racer {
    pthread_t thread;
    const struct serving *s;
    char *path;
    int64_t wait_ms;
    int status;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct answer a;
    world_nap(r->wait_ms);
    ask(r->s, &a, "DELETE", r->path, NULL);
    r->status = a.status;
    answer_release(&a);
    return NULL;
}

/* Both cancels are told the same as the disk and the job's state show, and so is whoever follows.
 */
static void check_outcome(const struct serving *s, const char *id, const struct racer r[2])
{
    struct stream st;
    bool cancelled = !strcmp(serving_state(s, id), "cancelled");
    if (!cancelled)
        CHECK_STR(serving_state(s, id), "completed");
    CHECK((r[0].status == 200 || r[1].status == 200) == cancelled);
    CHECK(r[0].status == 200 || r[0].status == 404);
    CHECK(r[1].status == 200 || r[1].status == 404);
    if (cancelled)
        CHECK(nothing_left(s, "x.bin"));
    else
        CHECK(content_check(s->w.dir, "x.bin", 0, 512 << 10) == CONTENT_RIGHT);
    stream_open(s, &st, path_of("/v1/jobs/%s/stream", id), NULL);
    CHECK(stream_until_line(&st, cancelled ? "❌ Download cancelled" : "✅ Download complete"));
    stream_close(&st);
}

TEST(two_cancels_and_a_completion_at_once_have_one_outcome)
{
    struct serving s;
    serving_init(&s, "-x 1");
    for (int round = 0; round < 24; round++) {
        char id[JOB_ID_SIZE];
        struct racer r[2];
        serving_add(&s, id, "/file/x.bin?size=512K&rate=24M");
        for (int i = 0; i < 2; i++) {
            r[i] = (struct racer){
                .s = &s, .path = xasprintf("/v1/jobs/%s", id), .wait_ms = (round + i) * 2};
            ASSERT(pthread_create(&r[i].thread, NULL, race, &r[i]) == 0);
        }
        for (int i = 0; i < 2; i++) {
            pthread_join(r[i].thread, NULL);
            free(r[i].path);
        }
        while (strcmp(serving_state(&s, id), "running") == 0)
            world_nap(5);
        check_outcome(&s, id, r);
        char *path = xasprintf("%s/x.bin", s.w.dir);
        unlink(path);
        free(path);
        (void)ask_status(&s, "POST", path_of("/v1/jobs/%s/drop", id), NULL);
    }
    serving_release(&s);
}

TEST(who_does_not_want_to_wait_is_told_so)
{
    struct scene c;
    struct answer a;
    serving_init(&c.s, "");
    add_running(&c);
    ask_with(&c.s, &a, "DELETE", path_of("/v1/jobs/%s", c.id), NULL, "Prefer: respond-async\r\n");
    CHECK_INT(a.status, 202);
    CHECK_STR(answer_text(&a, "status"), "cancelling");
    answer_release(&a);
    for (int i = 0; i < 200 && strcmp(serving_state(&c.s, c.id), "cancelled"); i++)
        world_nap(10);
    CHECK(nothing_left(&c.s, "x.bin"));
    serving_release(&c.s);
}
