/* SPDX-License-Identifier: MIT */
/*
 * A disk that takes its time: what becomes of a job that is paused while its file is being synced.
 * The engine runs in this process, whose fsync and fdatasync wait for a partial file until the test
 * lets them go on.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/inside.h"

#define SIZE    ((int64_t)3 << 20)                      /* too large to be placed at once */
#define URL     "/file/x.bin?size=3M&etag=none&lm=none" /* nothing tells whether a file is this one */
#define A_WHILE (20 * CLOCK_SEC)

/* ---- the disk ---- */

static atomic_bool slow;              /* partial files wait */
static atomic_int fsyncs, fdatasyncs; /* so many wait just now */

static bool is_partial(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path);
    return len > 5 && !memcmp(path + len - 5, ".part", 5);
}

static void wait_for_the_disk(int fd, atomic_int *waiting)
{
    if (!is_partial(fd))
        return;
    atomic_fetch_add(waiting, 1);
    while (atomic_load(&slow))
        world_nap(1);
    atomic_fetch_sub(waiting, 1);
}

int fsync(int fd)
{
    wait_for_the_disk(fd, &fsyncs);
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    wait_for_the_disk(fd, &fdatasyncs);
    return (int)syscall(SYS_fdatasync, fd);
}

static void await_waiting(atomic_int *waiting)
{
    for (int64_t end = clock_now() + A_WHILE; !atomic_load(waiting) && clock_now() < end;)
        world_nap(1);
    CHECK(atomic_load(waiting));
}

/* ---- the job ---- */

static void add(struct inside *s, const char *url, char id[JOB_ID_SIZE])
{
    CHECK(inside_add(s, url, NULL, id) == HAUL_OK);
}

static void control(struct inside *s, const char *id, enum job_action action)
{
    struct haul_fault fault;
    if (session_control(s->session, id, action, &fault) != HAUL_OK)
        HARNESS_FAIL("%s", fault.message);
}

/* Until it has ended or is paused. */
static const struct job_view *await_rest(struct inside *s, const char *id)
{
    const struct job_view *v = inside_look(s, id);
    for (int64_t end = clock_now() + A_WHILE; clock_now() < end; v = inside_look(s, id)) {
        if (v && (job_state_ended(v->state) || v->state == JOB_PAUSED))
            break;
        world_nap(1);
    }
    ASSERT(v != NULL);
    return v;
}

static void check_state(struct inside *s, const char *id, enum job_state state)
{
    const struct job_view *v = await_rest(s, id);
    if (v->state != state)
        HARNESS_FAIL("%s, not %s: %s", job_state_name(v->state), job_state_name(state),
                     v->fault.message);
}

static void await_gone(const struct inside *s, const char *name)
{
    for (int64_t end = clock_now() + A_WHILE; clock_now() < end;) {
        if (!content_exists(s->w.dir, name))
            return;
        world_nap(1);
    }
    HARNESS_FAIL("%s is still there", name);
}

static void check_whole(const struct inside *s)
{
    struct buf names;
    buf_init(&names);
    await_gone(s, "x.bin.part.lock");
    world_list(&s->w, &names);
    CHECK_STR(names.data, "x.bin");
    CHECK_STR(content_name(content_check(s->w.dir, "x.bin", 0, SIZE)), "right");
    buf_release(&names);
}

/* ---- tests ---- */

TEST(a_file_that_got_its_name_after_the_pause_was_asked_for_is_done)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 3);
    atomic_store(&slow, true);
    add(&s, origin_link(s.o, URL), id);
    await_waiting(&fsyncs);
    control(&s, id, JOB_PAUSE);
    atomic_store(&slow, false);
    check_state(&s, id, JOB_COMPLETED);
    check_whole(&s);
    inside_release(&s);
}

TEST(a_paused_job_gets_no_file_behind_its_back_and_goes_on)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 3);
    atomic_store(&slow, true);
    add(&s, origin_link(s.o, URL), id);
    await_waiting(&fsyncs);
    control(&s, id, JOB_PAUSE);
    check_state(&s, id, JOB_PAUSED);
    atomic_store(&slow, false);
    await_gone(&s, "x.bin.part.lock");
    CHECK(!content_exists(s.w.dir, "x.bin"));
    control(&s, id, JOB_RESUME);
    check_state(&s, id, JOB_COMPLETED);
    check_whole(&s);
    inside_release(&s);
}

/* Until it waits to try again, or has come to rest. */
static const struct job_view *await_retry(struct inside *s, const char *id)
{
    const struct job_view *v = inside_look(s, id);
    for (int64_t end = clock_now() + A_WHILE; clock_now() < end; v = inside_look(s, id)) {
        if (v && (v->retry_at || job_state_ended(v->state)))
            break;
        world_nap(1);
    }
    ASSERT(v != NULL);
    return v;
}

/* Paused in mid-transfer, with the save of what is there stuck in the disk. */
static void pause_in_a_save(struct inside *s, char id[JOB_ID_SIZE])
{
    atomic_store(&slow, true);
    add(s, origin_link(s->o, "/file/x.bin?size=3M&rate=1M"), id);
    CHECK(origin_await_bytes(s->o, 1 << 20));
    for (const struct job_view *v = inside_look(s, id); !v || v->bytes < 1 << 19;
         v = inside_look(s, id))
        world_nap(1);
    control(s, id, JOB_PAUSE);
    check_state(s, id, JOB_PAUSED);
    await_waiting(&fdatasyncs);
    origin_set(s->o, "/file/x.bin", "rate=100M");
}

TEST(a_resumed_job_waits_for_the_disk_that_still_has_its_partial)
{
    struct inside s;
    char id[JOB_ID_SIZE];
    inside_init(&s, 3);
    pause_in_a_save(&s, id);
    control(&s, id, JOB_RESUME);
    const struct job_view *v = await_retry(&s, id);
    CHECK(v->retry_why && strstr(v->retry_why, "until what was written"));
    atomic_store(&slow, false);
    check_state(&s, id, JOB_COMPLETED);
    CHECK(inside_look(&s, id)->files[0].resumed_from > 0);
    check_whole(&s);
    inside_release(&s);
}

TEST(another_job_for_the_same_name_is_told_so_at_once)
{
    struct inside s;
    char first[JOB_ID_SIZE], second[JOB_ID_SIZE];
    inside_init(&s, 3);
    add(&s, origin_link(s.o, "/file/x.bin?size=3M&rate=100K"), first);
    CHECK(content_await(s.w.dir, "x.bin.part.lock"));
    add(&s, origin_link(s.o, "/file/x.bin?size=3M"), second);
    check_state(&s, second, JOB_FAILED);
    CHECK_INT(inside_look(&s, second)->fault.code, HAUL_ERR_BUSY);
    origin_set(s.o, "/file/x.bin", "rate=100M");
    control(&s, first, JOB_CANCEL);
    check_state(&s, first, JOB_CANCELLED);
    inside_release(&s);
}

static char *lock_of(const struct inside *s, const char *name)
{
    return xasprintf("%s/%s.part.lock", s->w.dir, name);
}

static void age(const struct inside *s, const char *name)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - 1000}, {.tv_sec = time(NULL) - 1000}};
    char *lock = lock_of(s, name);
    CHECK(utimensat(AT_FDCWD, lock, times, 0) == 0);
    free(lock);
}

static void await_fresh(const struct inside *s, const char *name)
{
    struct stat st;
    char *lock = lock_of(s, name);
    bool fresh = false;
    for (int64_t end = clock_now() + A_WHILE; !fresh && clock_now() < end; world_nap(10))
        fresh = stat(lock, &st) == 0 && st.st_mtim.tv_sec > time(NULL) - 100;
    if (!fresh)
        HARNESS_FAIL("nobody touches the lock of %s", name);
    free(lock);
}

/* A file of holes that takes minutes to be read. */
static void add_import(struct inside *s, const char *name, char id[JOB_ID_SIZE])
{
    char *path = world_write(&s->w, name, ""), *spec = xasprintf("file:%s", path);
    CHECK(truncate(path, INT64_C(256) << 30) == 0);
    add(s, spec, id);
    free(spec);
    free(path);
}

/* One waits for the disk, one for its server, and one reads. */
TEST(who_waits_keeps_its_lock_fresh_all_the_same)
{
    static const char *const names[] = {"x.bin", "y.bin", "z.bin"};
    struct inside s;
    char x[JOB_ID_SIZE], y[JOB_ID_SIZE], z[JOB_ID_SIZE];
    inside_init(&s, 3);
    atomic_store(&slow, true);
    add(&s, origin_link(s.o, URL), x);
    await_waiting(&fsyncs);
    origin_reset_log(s.o);
    add(&s, origin_link(s.o, "/file/y.bin?size=3M&no-ranges&cut=1M&rate=1M"), y);
    CHECK(origin_await_bytes(s.o, 100 << 10));
    origin_set(s.o, "/file/y.bin", "status=429&retry-after=60");
    CHECK(await_retry(&s, y)->retry_at);
    add_import(&s, "z.bin", z);
    CHECK(content_await(s.w.dir, "z.bin.part.lock"));
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++)
        age(&s, names[i]);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++)
        await_fresh(&s, names[i]);
    atomic_store(&slow, false);
    inside_release(&s);
}
