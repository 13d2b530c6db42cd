/* SPDX-License-Identifier: MIT */
/* The partial file on a real directory: who may write it, what survives, what is never touched. */
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "net/part.h"
#include "net/part_lock.h"

#define CHILD "HAUL_TEST_PART_CHILD"
#define SIZE  ((int64_t)3 << 20) /* too large to be placed at once */

static char *dir;

/* ---- files ---- */

static char *in_dir(const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

static void clean(void)
{
    if (dir) {
        char *command = xasprintf("rm -rf '%s'", dir);
        if (system(command) != 0)
            abort();
        free(command);
        free(dir);
    }
    dir = NULL;
}

static void new_dir(void)
{
    clean();
    const char *tmp = getenv("TMPDIR");
    dir = xasprintf("%s/haul-part-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        abort();
    atexit(clean);
}

static void put(const char *name, const char *text)
{
    char *path = in_dir(name);
    FILE *f = fopen(path, "we");
    ASSERT(f != NULL);
    fputs(text, f);
    fclose(f);
    free(path);
}

static bool there(const char *name)
{
    struct stat st;
    char *path = in_dir(name);
    bool is = lstat(path, &st) == 0;
    free(path);
    return is;
}

static void check_content(const char *name, const char *want)
{
    char text[64] = "", *path = in_dir(name);
    FILE *f = fopen(path, "re");
    if (f) {
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
    }
    CHECK(f != NULL);
    CHECK_STR(text, want);
    free(path);
}

static int count_files(void)
{
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

/* ---- partials ---- */

static struct waker *waker;
static struct lane *lane;

static void start(void)
{
    new_dir();
    waker = waker_new();
    lane = lane_new("test-disk");
}

static void drain(void)
{
    CHECK(lane_drain(lane, clock_now() + 20 * CLOCK_SEC));
}

static void stop(void)
{
    lane_free(lane, clock_now() + 20 * CLOCK_SEC);
    waker_unref(waker);
    clean();
}

static struct part *open_part(const char *name)
{
    struct part *p = NULL;
    struct haul_fault fault = {0};
    if (part_open(dir, name, waker, &p, &fault) != HAUL_OK)
        HARNESS_FAIL("%s: %s", name, fault.message);
    ASSERT(p != NULL);
    return p;
}

static enum haul_error open_error(const char *name)
{
    struct part *p = (struct part *)&dir; /* anything but NULL */
    struct haul_fault fault = {0};
    enum haul_error err = part_open(dir, name, waker, &p, &fault);
    CHECK(err != HAUL_OK && p == NULL && fault.code == err && *fault.message);
    return err;
}

static void begin(struct part *p, int64_t size, const char *etag, bool keep)
{
    struct part_state s;
    struct haul_fault fault;
    part_state_init(&s);
    buf_add_str(&s.source, "https://h/f?token=***");
    s.entity.size = size;
    buf_add_str(&s.entity.etag, etag);
    s.digest.algorithm = DIGEST_MD5;
    memset(s.digest.bytes, 7, 16);
    CHECK(part_begin(p, &s, keep, &fault) == HAUL_OK);
    part_state_release(&s);
}

static void write_text(struct part *p, int64_t offset, const char *text)
{
    struct haul_fault fault;
    CHECK(part_write(p, offset, text, strlen(text), &fault) == HAUL_OK);
    part_add(p, offset, offset + (int64_t)strlen(text));
}

static void save(struct part *p)
{
    CHECK(part_save(p, lane));
    drain();
    CHECK(!part_saving(p));
    CHECK_INT(part_save_error(p, NULL), HAUL_OK);
}

/* Bytes that a later run finds recorded. */
static void check_recorded(const char *name, int64_t bytes)
{
    char *path = xasprintf("%s/%s.part.state", dir, name), text[4096] = "";
    struct part_state s;
    part_state_init(&s);
    FILE *f = fopen(path, "re");
    ASSERT(f != NULL);
    CHECK(part_state_parse(text, fread(text, 1, sizeof text, f), &s));
    CHECK_INT(ranges_total(&s.have), bytes);
    fclose(f);
    part_state_release(&s);
    free(path);
}

static enum haul_error place(struct part *p, int64_t size, int64_t modified_ms, bool replace)
{
    enum haul_error err = HAUL_ERR_INTERNAL;
    struct haul_fault fault = {0};
    part_place(p, lane, size, modified_ms, replace);
    drain();
    CHECK(part_placed(p, &err, &fault));
    CHECK(err == HAUL_OK || fault.code == err);
    return err;
}

/* Holds the lane up until told, so that what is queued behind it waits. */
static atomic_bool let_go;

static void wait_for_word(void *arg)
{
    (void)arg;
    while (!atomic_load(&let_go))
        usleep(500);
}

static void hold_lane(void)
{
    atomic_store(&let_go, false);
    lane_push(lane, wait_for_word, NULL);
}

static void release_lane(void)
{
    atomic_store(&let_go, true);
    drain();
}

/* ---- a file system that cannot do much ---- */

static bool poor;

int renameat2(int fromfd, const char *from, int tofd, const char *to, unsigned flags)
{
    if (poor && flags) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_renameat2, fromfd, from, tofd, to, flags);
}

int linkat(int fromfd, const char *from, int tofd, const char *to, int flags)
{
    if (poor) {
        errno = EPERM;
        return -1;
    }
    return (int)syscall(SYS_linkat, fromfd, from, tofd, to, flags);
}

/* ---- another process ---- */

static void child_hold(void)
{
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    (void)!write(STDOUT_FILENO, "r", 1);
    for (;;)
        pause();
}

static void child_save(void)
{
    struct part *p = open_part("f");
    lane = lane_new("test-disk");
    begin(p, SIZE, "\"a\"", false);
    write_text(p, 0, "front");
    write_text(p, 1000, "middle");
    save(p);
    write_text(p, 2000, "lost");
    (void)!write(STDOUT_FILENO, "r", 1);
    for (;;)
        pause();
}

/* This program again, as "hold:DIR" or "save:DIR"; a process of its own, not just a fork, for the
 * identity in a lock is made once a process. */
__attribute__((constructor)) static void be_a_child(void)
{
    const char *what = getenv(CHILD);
    if (!what)
        return;
    dir = xstrdup(what + 5);
    waker = waker_new();
    if (!strncmp(what, "hold", 4))
        child_hold();
    child_save();
}

/* Returns its pid once it is where it should be. */
static pid_t spawn(const char *what)
{
    int ends[2];
    char byte;
    ASSERT(pipe(ends) == 0);
    char *value = xasprintf("%s:%s", what, dir);
    setenv(CHILD, value, 1);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execl("/proc/self/exe", "child", (char *)NULL);
        _exit(1);
    }
    unsetenv(CHILD);
    free(value);
    close(ends[1]);
    bool ready = read(ends[0], &byte, 1) == 1;
    close(ends[0]);
    ASSERT(pid > 0 && ready);
    return pid;
}

static void kill_child(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ---- tests ---- */

TEST(a_file_gets_its_name_and_time_and_leaves_nothing_beside_it)
{
    start();
    struct part *p = open_part("sub/f");
    char *path = in_dir("sub/f");
    CHECK(part_earlier(p) == NULL);
    CHECK_STR(part_final_path(p), path);
    begin(p, 11, "\"a\"", false);
    write_text(p, 6, "world");
    write_text(p, 0, "hello ");
    CHECK(ranges_cover(part_have(p), 0, 11));
    CHECK(there("sub/f.part") && there("sub/f.part.lock") && !there("sub/f"));
    CHECK_INT(place(p, 11, INT64_C(784111777500), false), HAUL_OK);
    part_close(p);
    check_content("sub/f", "hello world");
    CHECK(!there("sub/f.part") && !there("sub/f.part.lock") && !there("sub/f.part.state"));
    struct stat st;
    CHECK(stat(path, &st) == 0);
    CHECK_INT(st.st_mtim.tv_sec, 784111777);
    CHECK_INT(st.st_mtim.tv_nsec, 500000000);
    free(path);
    stop();
}

/* The longest of the names beside it has 15 bytes more. */
TEST(a_file_may_have_a_name_of_240_bytes)
{
    start();
    char name[242];
    memset(name, 'n', sizeof name);
    name[241] = '\0';
    CHECK_INT(open_error(name), HAUL_ERR_DISK);
    CHECK_INT(count_files(), 0);
    name[240] = '\0';
    struct part *p = open_part(name);
    begin(p, SIZE, "\"a\"", false);
    write_text(p, SIZE - 1, "x");
    save(p);
    CHECK_INT(place(p, SIZE, -1, false), HAUL_OK);
    part_close(p);
    CHECK(there(name));
    CHECK_INT(count_files(), 1);
    stop();
}

TEST(a_large_file_is_placed_by_the_lane)
{
    start();
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    write_text(p, SIZE - 1, "x");
    save(p);
    CHECK(there("f.part.state"));
    CHECK_INT(place(p, SIZE, -1, false), HAUL_OK);
    part_close(p);
    CHECK(there("f"));
    CHECK_INT(count_files(), 1);
    stop();
}

TEST(a_living_process_keeps_its_partial_and_a_dead_one_does_not)
{
    start();
    pid_t pid = spawn("hold");
    struct part *p = NULL;
    struct haul_fault fault = {0};
    CHECK_INT(part_open(dir, "f", waker, &p, &fault), HAUL_ERR_BUSY);
    char *number = xasprintf("%ld", (long)pid);
    CHECK(p == NULL && strstr(fault.message, number));
    free(number);
    char *path = in_dir("f");
    part_discard_path(path);
    CHECK(there("f.part") && there("f.part.lock"));
    kill_child(pid);
    p = open_part("f");
    part_close(p);
    part_discard_path(path);
    CHECK_INT(count_files(), 0);
    free(path);
    stop();
}

TEST(one_process_opens_a_partial_once)
{
    start();
    struct part *p = open_part("f");
    CHECK_INT(open_error("f"), HAUL_ERR_BUSY);
    CHECK(there("f.part.lock"));
    char *path = in_dir("f");
    part_discard_path(path);
    CHECK(there("f.part"));
    free(path);
    part_close(p);
    CHECK(there("f.part") && !there("f.part.lock"));
    part_close(open_part("f"));
    part_close(NULL);
    stop();
}

static void age(const char *name, time_t seconds)
{
    char *path = in_dir(name);
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
    free(path);
}

TEST(a_lock_that_names_nobody_here_holds_for_a_minute)
{
    start();
    put("f.part.lock", "elsewhere boot ns 1 2 nonce");
    CHECK_INT(open_error("f"), HAUL_ERR_BUSY);
    put("g.part.lock", "");
    CHECK_INT(open_error("g"), HAUL_ERR_BUSY);
    age("f.part.lock", 90);
    age("g.part.lock", 90);
    part_close(open_part("f"));
    part_close(open_part("g"));
    CHECK(!there("f.part.lock") && !there("g.part.lock"));
    CHECK_INT(count_files(), 2);
    stop();
}

TEST(touching_keeps_a_lock_fresh)
{
    start();
    struct part *p = open_part("f");
    age("f.part.lock", 1000);
    struct stat st;
    char *path = in_dir("f.part.lock");
    part_touch(p, clock_now());
    CHECK(stat(path, &st) == 0 && st.st_mtim.tv_sec < time(NULL) - 900);
    part_touch(p, clock_now() + 16 * CLOCK_SEC);
    CHECK(stat(path, &st) == 0 && st.st_mtim.tv_sec > time(NULL) - 100);
    free(path);
    part_close(p);
    stop();
}

TEST(a_lock_that_somebody_took_over_is_left_to_them)
{
    start();
    struct part *p = open_part("f");
    char *path = in_dir("f.part.lock");
    CHECK(unlink(path) == 0);
    put("f.part.lock", "elsewhere boot ns 1 2 nonce");
    part_close(p);
    CHECK(there("f.part.lock"));
    free(path);
    stop();
}

struct taker {
    int dirfd;
    struct part_lock *lock;
    pthread_barrier_t *line;
};

static void *take(void *arg)
{
    struct taker *t = arg;
    pthread_barrier_wait(t->line);
    if (part_lock_take(t->dirfd, "lock", &t->lock, NULL) != HAUL_OK)
        t->lock = NULL;
    return NULL;
}

/* All at once; returns how many have it. */
static int race(int dirfd)
{
    enum { TAKERS = 6 };
    struct taker takers[TAKERS];
    pthread_t threads[TAKERS];
    pthread_barrier_t line;
    int winners = 0;
    pthread_barrier_init(&line, NULL, TAKERS);
    for (int i = 0; i < TAKERS; i++) {
        takers[i] = (struct taker){dirfd, NULL, &line};
        if (pthread_create(&threads[i], NULL, take, &takers[i]) != 0)
            abort();
    }
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(threads[i], NULL);
        winners += takers[i].lock != NULL;
    }
    CHECK_INT(count_files(), winners);
    for (int i = 0; i < TAKERS; i++)
        part_lock_free(takers[i].lock);
    CHECK_INT(count_files(), 0);
    pthread_barrier_destroy(&line);
    return winners;
}

TEST(of_many_who_want_a_lock_one_gets_it)
{
    start();
    int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int round = 0; round < 50; round++)
        CHECK_INT(race(dirfd), 1);
    close(dirfd);
    stop();
}

TEST(of_many_who_want_a_dead_ones_lock_one_gets_it)
{
    start();
    int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int round = 0; round < 300; round++) {
        put("lock", "elsewhere boot ns 1 2 nonce");
        age("lock", 1000);
        CHECK_INT(race(dirfd), 1);
    }
    close(dirfd);
    stop();
}

TEST(what_is_no_plain_file_of_its_own_is_refused)
{
    start();
    char *victim = in_dir("victim"), *link_name = in_dir("link.part"), *fifo = in_dir("fifo.part"),
         *hard = in_dir("hard.part"), *folder = in_dir("folder.part"), *dead = in_dir("dead.part");
    put("victim", "precious");
    CHECK(symlink(victim, link_name) == 0 && mkfifo(fifo, 0600) == 0 && link(victim, hard) == 0);
    CHECK(mkdir(folder, 0700) == 0 && symlink("/nonexistent/x", dead) == 0);
    static const char *const names[] = {"link", "fifo", "hard", "folder", "dead"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *lock_name = xasprintf("%s.part.lock", names[i]);
        CHECK_INT(open_error(names[i]), HAUL_ERR_DISK);
        CHECK(!there(lock_name));
        free(lock_name);
    }
    check_content("victim", "precious");
    free(victim);
    free(link_name);
    free(fifo);
    free(hard);
    free(folder);
    free(dead);
    stop();
}

TEST(a_folder_that_is_a_symbolic_link_is_refused)
{
    start();
    char *link_name = in_dir("sub");
    CHECK(symlink("/tmp", link_name) == 0);
    (void)open_error("sub/haul-test-file");
    (void)open_error("../haul-test-file");
    free(link_name);
    stop();
}

TEST(what_was_saved_survives_a_kill)
{
    start();
    kill_child(spawn("save"));
    struct part *p = open_part("f");
    const struct part_state *s = part_earlier(p);
    ASSERT(s != NULL);
    CHECK_INT(s->have.count, 2);
    CHECK(ranges_cover(&s->have, 0, 5) && ranges_cover(&s->have, 1000, 1006));
    CHECK_INT(ranges_total(&s->have), 11);
    CHECK_INT(s->entity.size, SIZE);
    CHECK_STR(s->entity.etag.data, "\"a\"");
    CHECK_STR(s->source.data, "https://h/f?token=***");
    CHECK_INT(s->digest.algorithm, DIGEST_MD5);
    begin(p, SIZE, "\"a\"", true);
    CHECK_INT(ranges_total(part_have(p)), 11);
    char text[7] = "";
    CHECK(pread(part_fd(p), text, 6, 1000) == 6);
    CHECK_STR(text, "middle");
    part_close(p);
    stop();
}

TEST(saving_records_what_was_there_when_it_was_asked_for)
{
    start();
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    write_text(p, 0, "early");
    CHECK_INT(part_unsynced(p), 5);
    hold_lane();
    CHECK(part_save(p, lane));
    CHECK(part_saving(p) && !part_save(p, lane));
    write_text(p, 5, "late");
    CHECK_INT(part_unsynced(p), 4);
    release_lane();
    CHECK(!part_saving(p));
    part_close(p);
    p = open_part("f");
    ASSERT(part_earlier(p) != NULL);
    CHECK_INT(ranges_total(&part_earlier(p)->have), 5);
    part_close(p);
    stop();
}

static void damage(const char *name, off_t length)
{
    char *path = in_dir(name);
    CHECK(truncate(path, length) == 0);
    free(path);
}

static void make_saved(void)
{
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    write_text(p, 1000, "data");
    save(p);
    part_close(p);
}

static void check_not_resumable(void)
{
    struct part *p = open_part("f");
    CHECK(part_earlier(p) == NULL);
    CHECK_INT(ranges_total(part_have(p)), 0);
    part_close(p);
}

TEST(a_state_that_does_not_fit_the_file_is_as_good_as_none)
{
    start();
    make_saved();
    damage("f.part", 1003);
    check_not_resumable();
    make_saved();
    damage("f.part.state", 60);
    check_not_resumable();
    make_saved();
    damage("f.part.state", 0);
    check_not_resumable();
    make_saved();
    damage("f.part.state", (off_t)PART_STATE_MAX + 1);
    check_not_resumable();
    make_saved();
    char *state = in_dir("f.part.state"), *moved = in_dir("moved");
    CHECK(rename(state, moved) == 0 && symlink(moved, state) == 0);
    check_not_resumable();
    CHECK(unlink(state) == 0 && mkfifo(state, 0600) == 0);
    check_not_resumable();
    free(state);
    free(moved);
    stop();
}

TEST(beginning_anew_empties_the_file_and_forgets_the_record)
{
    start();
    make_saved();
    struct part *p = open_part("f");
    CHECK(part_earlier(p) != NULL);
    begin(p, SIZE / 2, "\"b\"", false);
    CHECK(part_earlier(p) == NULL && ranges_total(part_have(p)) == 0);
    check_recorded("f", 0);
    char text[4] = "xxx";
    struct stat st;
    CHECK(pread(part_fd(p), text, 4, 1000) <= 4 && text[0] == 0);
    CHECK(fstat(part_fd(p), &st) == 0 && st.st_size == SIZE / 2);
    part_close(p);
    stop();
}

TEST(a_save_under_way_does_not_bring_back_the_record_of_a_file_begun_anew)
{
    start();
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    write_text(p, 0, "old bytes");
    hold_lane();
    CHECK(part_save(p, lane));
    begin(p, SIZE, "\"a\"", false);
    release_lane();
    check_recorded("f", 0);
    CHECK(!there("f.part.state.tmp"));
    write_text(p, 5, "new");
    save(p);
    part_close(p);
    p = open_part("f");
    ASSERT(part_earlier(p) != NULL);
    CHECK_INT(ranges_total(&part_earlier(p)->have), 3);
    part_close(p);
    stop();
}

/* Somebody else has filled the disk: no new file can be made. */
static void fill_disk(void)
{
    char name[16];
    int fd = 0;
    for (int i = 0; fd >= 0; i++) {
        snprintf(name, sizeof name, "full%d", i);
        char *path = in_dir(name);
        fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        close(fd);
        free(path);
    }
}

static void make_room(void)
{
    char *path = in_dir("full0");
    CHECK(unlink(path) == 0);
    free(path);
}

static bool start_on_small_disk(void)
{
    start();
    if (mount("tmpfs", dir, "tmpfs", 0, "nr_inodes=16") == 0)
        return true;
    printf("# skipped: no right to mount\n");
    stop();
    return false;
}

static void stop_on_small_disk(void)
{
    CHECK(umount(dir) == 0);
    stop();
}

TEST(a_full_disk_has_room_for_the_state)
{
    if (!start_on_small_disk())
        return;
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    fill_disk();
    write_text(p, 0, "first");
    save(p);
    CHECK(!part_outdated(p, NULL));
    check_recorded("f", 5);
    write_text(p, 100, "second");
    save(p);
    check_recorded("f", 11);
    CHECK(!there("f.part.state.tmp"));
    part_close(p);
    stop_on_small_disk();
}

TEST(a_state_that_cannot_be_saved_stays_as_it_was_and_the_next_save_tries_again)
{
    if (!start_on_small_disk())
        return;
    struct haul_fault fault = {0};
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    write_text(p, 0, "first");
    save(p);
    char *state = in_dir("f.part.state"), *other = in_dir("other");
    CHECK(link(state, other) == 0); /* a second name: it is not ours to be written over */
    fill_disk();
    write_text(p, 5, "second");
    save(p);
    CHECK(part_outdated(p, &fault) && strstr(fault.message, "cannot save the state"));
    CHECK_INT(fault.code, HAUL_ERR_DISK_FULL);
    check_recorded("f", 5);
    make_room();
    save(p);
    CHECK(!part_outdated(p, NULL));
    check_recorded("f", 11);
    free(state);
    free(other);
    part_close(p);
    stop_on_small_disk();
}

TEST(a_kept_partial_that_is_longer_than_the_file_is_cut)
{
    start();
    make_saved();
    damage("f.part", (off_t)SIZE + 100);
    struct part *p = open_part("f");
    CHECK(part_earlier(p) != NULL);
    begin(p, SIZE, "\"a\"", true);
    CHECK_INT(place(p, SIZE, -1, false), HAUL_OK);
    part_close(p);
    stop();
}

TEST(discarding_during_a_save_leaves_no_state)
{
    start();
    for (int round = 0; round < 40; round++) {
        struct part *p = open_part("f");
        begin(p, SIZE, "\"a\"", false);
        write_text(p, 0, "bytes");
        if (round % 2)
            hold_lane();
        CHECK(part_save(p, lane));
        usleep((unsigned)round * 20);
        CHECK(part_discard(p));
        part_close(p);
        release_lane();
        CHECK_INT(count_files(), 0);
    }
    stop();
}

TEST(placing_does_not_replace_what_came_meanwhile)
{
    start();
    static const int64_t sizes[] = {4, SIZE};
    for (size_t i = 0; i < 2; i++) {
        struct part *p = open_part("f");
        begin(p, sizes[i], "\"a\"", false);
        write_text(p, sizes[i] - 4, "mine");
        save(p);
        put("f", "theirs");
        CHECK_INT(place(p, sizes[i], -1, false), HAUL_ERR_EXISTS);
        check_content("f", "theirs");
        CHECK(there("f.part") && there("f.part.state"));
        CHECK(part_discard(p));
        part_close(p);
        check_content("f", "theirs");
        CHECK_INT(count_files(), 1);
    }
    stop();
}

TEST(where_there_are_no_links_and_no_exclusive_rename_a_file_is_placed_all_the_same)
{
    start();
    poor = true;
    for (int taken = 0; taken < 2; taken++) {
        struct part *p = open_part("f");
        begin(p, SIZE, "\"a\"", false);
        write_text(p, 0, "mine");
        CHECK_INT(place(p, SIZE, -1, false), taken ? HAUL_ERR_EXISTS : HAUL_OK);
        CHECK(!there("f.part") || taken);
        CHECK(part_discard(p) == (bool)taken);
        part_close(p);
        CHECK(there("f"));
        CHECK_INT(count_files(), 1);
        put("f", "theirs");
    }
    check_content("f", "theirs");
    poor = false;
    stop();
}

TEST(placing_replaces_where_that_is_wanted_but_not_through_a_link)
{
    start();
    struct part *p = open_part("f");
    put("victim", "precious");
    char *path = in_dir("f"), *victim = in_dir("victim");
    CHECK(symlink(victim, path) == 0);
    begin(p, 4, "\"a\"", false);
    write_text(p, 0, "mine");
    CHECK_INT(place(p, 4, -1, true), HAUL_OK);
    part_close(p);
    check_content("f", "mine");
    check_content("victim", "precious");
    free(path);
    free(victim);
    stop();
}

TEST(a_partial_that_was_cut_or_replaced_by_somebody_is_not_placed)
{
    start();
    struct part *p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    damage("f.part", 10);
    CHECK_INT(place(p, SIZE, -1, false), HAUL_ERR_DISK);
    part_close(p);
    p = open_part("g");
    begin(p, 4, "\"a\"", false);
    write_text(p, 0, "mine");
    char *path = in_dir("g.part");
    CHECK(unlink(path) == 0);
    put("g.part", "evil");
    CHECK_INT(place(p, 4, -1, false), HAUL_ERR_DISK);
    part_close(p);
    CHECK(!there("f") && !there("g"));
    free(path);
    stop();
}

TEST(discarding_before_the_placing_cancels_it_and_after_it_is_too_late)
{
    start();
    struct part *p = open_part("f");
    enum haul_error err;
    begin(p, SIZE, "\"a\"", false);
    hold_lane();
    part_place(p, lane, SIZE, -1, false);
    CHECK(!part_placed(p, &err, NULL));
    CHECK(part_discard(p));
    release_lane();
    CHECK(part_placed(p, &err, NULL));
    CHECK_INT(err, HAUL_ERR_CANCELLED);
    part_close(p);
    CHECK_INT(count_files(), 0);
    p = open_part("f");
    begin(p, SIZE, "\"a\"", false);
    CHECK_INT(place(p, SIZE, -1, false), HAUL_OK);
    CHECK(!part_discard(p));
    part_close(p);
    CHECK(there("f"));
    stop();
}

TEST(what_an_earlier_run_left_is_deleted_by_its_path)
{
    start();
    make_saved();
    put("f", "final");
    put("other.part", "not this");
    char *path = in_dir("f"), *nothing = in_dir("no/such/folder/f");
    part_discard_path(path);
    check_content("f", "final");
    CHECK_INT(count_files(), 2);
    part_discard_path(path);
    part_discard_path(nothing);
    CHECK_INT(count_files(), 2);
    free(path);
    free(nothing);
    stop();
}

TEST(what_a_file_still_needs_of_the_disk_is_told)
{
    start();
    char *path = in_dir("f");
    CHECK_INT(part_missing_on_disk(path, 5000), 5000);
    put("f.part", "x");
    int64_t missing = part_missing_on_disk(path, 1000000);
    CHECK(missing > 900000 && missing <= 1000000);
    CHECK_INT(part_missing_on_disk(path, 1), 0);
    put("f", "done");
    CHECK_INT(part_missing_on_disk(path, 5000), 0);
    free(path);
    stop();
}
