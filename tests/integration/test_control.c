/* SPDX-License-Identifier: MIT */
/*
 * Whatever haul is doing, SIGINT and SIGTERM end it within 250 ms, with its sockets closed and its
 * partial files kept. Best of three, since the machine may be busy.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define STOP_WITHIN (250 * CLOCK_MS)

struct situation {
    enum origin_tls tls;
    enum origin_door door;
    const char *path;
    const char *args;
    int64_t settle_ms; /* until it is in that situation */
};

/* How long it took to stop. */
static int64_t stop(struct world *w, const struct situation *s, struct origin *o, int number)
{
    struct process p;
    struct result r;
    world_start_fetch(w, &p, "%s %s", s->args ? s->args : "", origin_link(o, "%s", s->path));
    if (process_ended(&p, s->settle_ms * CLOCK_MS))
        HARNESS_FAIL("it ended by itself");
    int64_t asked = clock_now();
    process_signal(&p, number);
    process_ended(&p, 20 * CLOCK_SEC);
    int64_t took = clock_now() - asked;
    process_wait(&p, &r, CLOCK_SEC);
    CHECK_INT(r.exit, 128 + number);
    CHECK(!r.bad_json);
    CHECK(!content_exists(w->dir, "x.bin"));
    CHECK(!content_exists(w->dir, "x.bin.part.lock"));
    CHECK(result_event(&r, "summary"));
    result_release(&r);
    if (s->door == ORIGIN_DOOR_OPEN)
        CHECK(origin_await_connections(o, 0)); /* the server notices a moment later */
    return took;
}

static void check_stops(const struct situation *s, int number)
{
    struct origin_config config = {.tls = s->tls};
    struct origin *o = origin_new(&config);
    struct world w;
    int64_t best = INT64_MAX;
    world_init(&w);
    if (s->tls)
        world_env(&w, "SSL_CERT_FILE", origin_ca_file(o));
    origin_set_door(o, s->door);
    for (int i = 0; i < 3 && best > STOP_WITHIN; i++) {
        int64_t took = stop(&w, s, o, number);
        best = took < best ? took : best;
    }
    if (best > STOP_WITHIN)
        HARNESS_FAIL("%s %s: stopped after %lld ms", s->path, s->args ? s->args : "",
                     (long long)(best / CLOCK_MS));
    world_release(&w);
    origin_free(o);
}

static void check_both(const struct situation *s)
{
    check_stops(s, SIGINT);
    check_stops(s, SIGTERM);
}

TEST(it_stops_at_once_while_a_server_does_not_answer)
{
    check_both(
        &(struct situation){.door = ORIGIN_DOOR_HANG, .path = "/file/x.bin", .settle_ms = 400});
}

TEST(it_stops_at_once_inside_a_tls_handshake)
{
    check_both(&(struct situation){
        .tls = ORIGIN_TLS_GOOD, .door = ORIGIN_DOOR_HANG, .path = "/file/x.bin", .settle_ms = 400});
}

TEST(it_stops_at_once_while_nobody_listens)
{
    check_both(&(struct situation){.door = ORIGIN_DOOR_REFUSE,
                                   .path = "/file/x.bin",
                                   .args = "--retry-wait 30",
                                   .settle_ms = 400});
}

TEST(it_stops_at_once_while_it_waits_for_retry_after)
{
    check_both(
        &(struct situation){.path = "/file/x.bin?status=429&retry-after=60", .settle_ms = 400});
}

TEST(it_stops_at_once_in_a_stalled_head_or_body)
{
    check_both(&(struct situation){.path = "/file/x.bin?stall-header", .settle_ms = 400});
    check_both(&(struct situation){.path = "/file/x.bin?size=12M&stall=100K", .settle_ms = 500});
}

TEST(it_stops_at_once_at_a_kilobyte_a_second)
{
    check_both(
        &(struct situation){.path = "/file/x.bin?size=12M", .args = "-l 1K", .settle_ms = 600});
}

TEST(it_stops_at_once_at_full_speed)
{
    check_both(&(struct situation){.path = "/file/x.bin?size=2G&rate=4M", .settle_ms = 800});
}

TEST(it_stops_at_once_with_many_jobs)
{
    struct situation s = {.path = "/file/x.bin?size=100M&rate=1M", .settle_ms = 800};
    struct origin *o = origin_new(NULL);
    struct buf args;
    buf_init(&args);
    buf_add_str(&args, "-j 16");
    for (int i = 0; i < 20; i++)
        buf_addf(&args, " %s", origin_link(o, "/file/y%d.bin?size=100M&rate=1M", i));
    s.args = args.data;
    check_stops(&s, SIGINT);
    buf_release(&args);
    origin_free(o);
}

/* A name server that never answers: takes a right to port 53 and to mount, else it is skipped. */
static int silent_name_server(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(53),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

TEST(it_stops_at_once_while_a_name_is_looked_up)
{
    struct world w;
    struct process p;
    struct result r;
    int64_t best = INT64_MAX;
    int fd = silent_name_server();
    world_init(&w);
    w.resolv_conf = world_write(&w, "resolv.conf", "nameserver 127.0.0.9\noptions timeout:20\n");
    for (int i = 0; fd >= 0 && i < 3 && best > STOP_WITHIN; i++) {
        world_start_fetch(&w, &p, "http://silent.example.com/x.bin");
        bool ended = process_ended(&p, 500 * CLOCK_MS);
        int64_t asked = clock_now();
        process_signal(&p, SIGINT);
        process_ended(&p, 30 * CLOCK_SEC);
        best = clock_now() - asked < best ? clock_now() - asked : best;
        process_wait(&p, &r, CLOCK_SEC);
        if (r.exit == RESULT_NO_MOUNT) {
            printf("# skipped: no right to mount\n");
        } else {
            CHECK(!ended);
            CHECK_INT(r.exit, 130);
        }
        result_release(&r);
    }
    if (fd < 0)
        printf("# skipped: no right to port 53\n");
    else
        CHECK(best <= STOP_WITHIN);
    close(fd);
    world_release(&w);
}

TEST(it_stops_at_once_while_it_hashes_a_large_file)
{
    static char args[128];
    struct world w;
    struct origin *o = origin_new(NULL);
    int64_t best = INT64_MAX;
    struct situation s = {.path = "/file/big.bin?size=64G", .settle_ms = 500};
    snprintf(args, sizeof args, "--checksum sha256:%064d", 0);
    s.args = args;
    world_init(&w);
    char *path = xasprintf("%s/big.bin", w.dir);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT(fd >= 0 && ftruncate(fd, INT64_C(64) << 30) == 0);
    close(fd);
    for (int i = 0; i < 3 && best > STOP_WITHIN; i++) {
        int64_t took = stop(&w, &s, o, SIGINT);
        best = took < best ? took : best;
    }
    CHECK(best <= STOP_WITHIN);
    CHECK_INT(content_size(w.dir, "big.bin"), INT64_C(64) << 30);
    free(path);
    world_release(&w);
    origin_free(o);
}

/* As timeout(1) does it. */
TEST(a_signal_that_comes_twice_is_one_and_what_is_there_is_saved)
{
    struct world w;
    struct process p;
    struct result r;
    struct origin *o = origin_new(NULL);
    world_init(&w);
    world_start_fetch(&w, &p, "%s", origin_link(o, "/file/x.bin?size=100M&rate=1M"));
    CHECK(origin_await_bytes(o, 1 << 20));
    process_signal(&p, SIGTERM);
    world_nap(1);
    process_signal(&p, SIGTERM);
    world_nap(1);
    process_signal(&p, SIGINT);
    CHECK(process_ended(&p, CLOCK_SEC));
    process_wait(&p, &r, CLOCK_SEC);
    CHECK(r.exit == 130 || r.exit == 143);
    CHECK(content_recorded(w.dir, "x.bin.part.state") > 0);
    CHECK_INT(result_event_count(&r, "summary"), 1);
    result_release(&r);
    world_release(&w);
    origin_free(o);
}

/* What the next haul says goes into this pipe, which is full. */
static int clog_output(const struct world *w, char **path)
{
    static const char filler[4096];
    *path = xasprintf("%s/out.%u", w->root, w->runs);
    ASSERT(mkfifo(*path, 0600) == 0);
    int fd = open(*path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ASSERT(fd >= 0);
    while (write(fd, filler, sizeof filler) > 0)
        ;
    return fd;
}

/* Reads what is there until the program has ended; returns whether a text was among it. */
static bool read_on(int fd, const struct process *p, const char *text)
{
    struct buf all;
    char chunk[4096];
    buf_init(&all);
    for (bool ended = false; !ended;) {
        ended = process_ended(p, 10 * CLOCK_MS);
        for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;)
            for (ssize_t i = 0; i < n; i++)
                if (chunk[i])
                    buf_add_char(&all, chunk[i]);
    }
    bool found = strstr(all.data, text) != NULL;
    buf_release(&all);
    return found;
}

TEST(transfers_stop_at_once_though_nobody_reads_what_it_says)
{
    struct world w;
    struct process p;
    struct result r;
    char *path;
    struct origin *o = origin_new(NULL);
    world_init(&w);
    int fd = clog_output(&w, &path);
    world_start_fetch(&w, &p, "%s", origin_link(o, "/file/x.bin?size=100M&rate=1M"));
    CHECK(origin_await_bytes(o, 1 << 20));
    CHECK(content_exists(w.dir, "x.bin.part.lock"));
    process_signal(&p, SIGTERM);
    for (int tries = 0; tries < 200 && content_exists(w.dir, "x.bin.part.lock"); tries++)
        world_nap(10);
    CHECK(!content_exists(w.dir, "x.bin.part.lock"));
    CHECK(content_recorded(w.dir, "x.bin.part.state") > 0);
    CHECK(!process_ended(&p, 0));
    CHECK(read_on(fd, &p, "\"event\":\"summary\""));
    close(fd);
    unlink(path);
    process_wait(&p, &r, CLOCK_SEC);
    CHECK_INT(r.exit, 143);
    result_release(&r);
    free(path);
    world_release(&w);
    origin_free(o);
}

TEST(a_closed_terminal_and_a_full_pipe_are_no_crash)
{
    struct world w;
    struct process p;
    struct result r;
    struct origin *o = origin_new(NULL);
    world_init(&w);
    world_start_fetch(&w, &p, "%s", origin_link(o, "/file/x.bin?size=100M&rate=1M"));
    CHECK(origin_await_bytes(o, 1 << 20));
    process_signal(&p, SIGWINCH);
    process_signal(&p, SIGPIPE);
    CHECK(!process_ended(&p, 200 * CLOCK_MS));
    process_signal(&p, SIGHUP);
    CHECK(process_ended(&p, 2 * CLOCK_SEC));
    process_wait(&p, &r, CLOCK_SEC);
    CHECK_INT(r.exit, 129);
    CHECK(content_recorded(w.dir, "x.bin.part.state") > 0);
    result_release(&r);
    world_release(&w);
    origin_free(o);
}
