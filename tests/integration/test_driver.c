/* SPDX-License-Identifier: MIT */
/* The driver of requests, in this process, against a server that closes, refuses and is slow. */
#include "net/driver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define PATIENCE (20 * CLOCK_SEC)

/* A request and what it brought. */
struct ask {
    struct driver *driver;
    CURL *easy;
    int64_t got;
    bool wrong;    /* a byte was not the file's */
    bool hesitate; /* pauses before the first byte */
    bool ended;
    CURLcode code;
};

static const enum origin_tls versions[] = {ORIGIN_TLS_GOOD, ORIGIN_TLS_GOOD_1_2};

struct bench {
    struct origin *o;
    struct waker *waker;
    struct driver *driver;
};

static void bench_init_tls(struct bench *b, enum origin_tls tls)
{
    struct origin_config config = {.tls = tls};
    b->o = origin_new(&config);
    b->waker = waker_new();
    b->driver = driver_new(b->waker);
}

static void bench_init(struct bench *b)
{
    bench_init_tls(b, ORIGIN_TLS_NONE);
}

static void bench_release(struct bench *b)
{
    driver_free(b->driver);
    waker_unref(b->waker);
    origin_free(b->o);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct ask *a = arg;
    char want[CURL_MAX_WRITE_SIZE];
    size_t len = size * count;
    if (a->hesitate) {
        a->hesitate = false;
        return CURL_WRITEFUNC_PAUSE;
    }
    origin_content(0, a->got, want, len);
    a->wrong = a->wrong || memcmp(want, data, len) != 0;
    a->got += (int64_t)len;
    driver_received(a->driver, len);
    return len;
}

static void ask(struct bench *b, struct ask *a, const char *path)
{
    *a = (struct ask){.driver = b->driver, .easy = curl_easy_init(), .hesitate = a->hesitate};
    curl_easy_setopt(a->easy, CURLOPT_URL, origin_link(b->o, "%s", path));
    curl_easy_setopt(a->easy, CURLOPT_CAINFO, origin_ca_file(b->o));
    curl_easy_setopt(a->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(a->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(a->easy, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(a->easy, CURLOPT_PRIVATE, a);
    driver_add(b->driver, a->easy);
}

static void let_go(struct bench *b, struct ask *a)
{
    driver_remove(b->driver, a->easy);
    curl_easy_cleanup(a->easy);
}

/* Until `count` requests have ended; false when that takes too long. */
static bool await(struct bench *b, size_t count)
{
    int64_t end = clock_now() + PATIENCE;
    while (count && clock_now() < end) {
        CURLcode code;
        (void)driver_turn(b->driver, end, false);
        for (CURL *easy; (easy = driver_ended(b->driver, &code)); count--) {
            struct ask *a = NULL;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&a);
            a->ended = true;
            a->code = code;
            let_go(b, a);
        }
    }
    return count == 0;
}

static void check_whole(const struct ask *a, int64_t size)
{
    CHECK(a->ended);
    CHECK_INT(a->code, CURLE_OK);
    CHECK_INT(a->got, size);
    CHECK(!a->wrong);
}

static uint64_t connection_of(struct origin *o, size_t request)
{
    struct origin_entry e;
    return origin_log_get(o, request, &e) ? e.connection : 0;
}

TEST(a_request_brings_its_body_and_its_end)
{
    struct bench b;
    struct ask a = {0};
    bench_init(&b);
    ask(&b, &a, "/file/x.bin?size=5M");
    ASSERT(await(&b, 1));
    check_whole(&a, 5 << 20);
    bench_release(&b);
}

TEST(an_idle_connection_is_used_again)
{
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < 20; i++) {
        struct ask a = {0};
        ask(&b, &a, "/file/x.bin?size=20000");
        ASSERT(await(&b, 1));
        check_whole(&a, 20000);
        CHECK_INT(connection_of(b.o, i), 1);
    }
    bench_release(&b);
}

TEST(a_descriptor_that_is_another_connection_by_now_is_watched)
{
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < 20; i++) {
        struct ask a = {0};
        ask(&b, &a, "/file/x.bin?size=20000&keepalive=off");
        ASSERT(await(&b, 1));
        check_whole(&a, 20000);
        CHECK_INT(connection_of(b.o, i), i + 1);
    }
    bench_release(&b);
}

TEST(an_idle_connection_that_the_server_closes_disturbs_nobody)
{
    struct bench b;
    struct ask a = {0};
    int turns = 0;
    bench_init(&b);
    ask(&b, &a, "/file/x.bin?size=20000&keepalive=lie");
    ASSERT(await(&b, 1));
    check_whole(&a, 20000);
    for (int64_t end = clock_now() + 300 * CLOCK_MS; clock_now() < end; turns++)
        CHECK(!driver_turn(b.driver, end, false));
    CHECK(turns < 20);
    ask(&b, &a, "/file/x.bin?size=20000");
    ASSERT(await(&b, 1));
    check_whole(&a, 20000);
    bench_release(&b);
}

TEST(many_requests_run_side_by_side)
{
    struct bench b;
    struct ask all[64] = {{0}};
    bench_init(&b);
    for (size_t i = 0; i < 64; i++)
        ask(&b, &all[i], "/file/x.bin?size=300000");
    ASSERT(await(&b, 64));
    for (size_t i = 0; i < 64; i++)
        check_whole(&all[i], 300000);
    bench_release(&b);
}

TEST(a_request_that_pauses_goes_on_where_it_was)
{
    struct bench b;
    struct ask a = {.hesitate = true};
    bench_init(&b);
    ask(&b, &a, "/file/x.bin?size=3M");
    for (int64_t end = clock_now() + 200 * CLOCK_MS; clock_now() < end;)
        (void)driver_turn(b.driver, end, false);
    CHECK(!a.hesitate);
    CHECK_INT(a.got, 0);
    curl_easy_pause(a.easy, CURLPAUSE_CONT);
    ASSERT(await(&b, 1));
    check_whole(&a, 3 << 20);
    bench_release(&b);
}

TEST(a_request_that_is_taken_out_leaves_the_others_alone)
{
    struct bench b;
    struct ask gone = {0}, a = {0};
    bench_init(&b);
    ask(&b, &gone, "/file/y.bin?size=64M&rate=1M");
    ask(&b, &a, "/file/x.bin?size=1M&rate=4M");
    for (int64_t end = clock_now() + 50 * CLOCK_MS; clock_now() < end;)
        (void)driver_turn(b.driver, end, false);
    let_go(&b, &gone);
    ASSERT(await(&b, 1));
    check_whole(&a, 1 << 20);
    bench_release(&b);
}

TEST(a_refused_connection_is_an_end_too)
{
    struct bench b;
    struct ask a = {0};
    bench_init(&b);
    origin_set_door(b.o, ORIGIN_DOOR_REFUSE);
    ask(&b, &a, "/file/x.bin");
    ASSERT(await(&b, 1));
    CHECK_INT(a.code, CURLE_COULDNT_CONNECT);
    bench_release(&b);
}

TEST(what_ends_without_a_socket_is_told_at_once)
{
    struct bench b;
    struct ask a = {0};
    bench_init(&b);
    ask(&b, &a, "/file/x.bin");
    curl_easy_setopt(a.easy, CURLOPT_URL, "nothing://127.0.0.1/");
    int64_t start = clock_now();
    ASSERT(await(&b, 1));
    CHECK_INT(a.code, CURLE_UNSUPPORTED_PROTOCOL);
    CHECK(clock_now() - start < PATIENCE / 2);
    bench_release(&b);
}

static void *call_soon(void *arg)
{
    usleep(50000);
    waker_call(arg);
    return NULL;
}

TEST(a_call_ends_a_turn_in_which_nothing_comes)
{
    struct bench b;
    struct ask a = {0};
    pthread_t thread;
    bool woken = false;
    bench_init(&b);
    ask(&b, &a, "/file/x.bin?stall-header");
    ASSERT(pthread_create(&thread, NULL, call_soon, b.waker) == 0);
    int64_t start = clock_now();
    while (!woken && clock_now() - start < PATIENCE)
        woken = driver_turn(b.driver, start + PATIENCE, false);
    CHECK(woken);
    CHECK(clock_now() - start < PATIENCE / 2);
    pthread_join(thread, NULL);
    let_go(&b, &a);
    bench_release(&b);
}

#define SLOW 24

/* Twenty-four slow servers, a kilobyte at a time. */
static void trickle(struct bench *b, struct ask all[SLOW])
{
    for (size_t i = 0; i < SLOW; i++)
        ask(b, &all[i], "/file/x.bin?size=64M&rate=100K");
}

static int turns_within(struct bench *b, int64_t time, bool leisure)
{
    int turns = 0;
    for (int64_t end = clock_now() + time; clock_now() < end; turns++)
        (void)driver_turn(b->driver, end, leisure);
    return turns;
}

TEST(small_packets_are_left_to_gather)
{
    struct bench b;
    struct ask all[SLOW] = {{0}};
    int64_t got = 0;
    bench_init(&b);
    trickle(&b, all);
    int each = turns_within(&b, CLOCK_SEC, false);
    (void)turns_within(&b, CLOCK_SEC, true);
    int gathered = turns_within(&b, CLOCK_SEC, true);
    if (gathered > each / 4)
        HARNESS_FAIL("%d turns a second, and %d without gathering", gathered, each);
    for (size_t i = 0; i < SLOW; i++) {
        got += all[i].got;
        CHECK(!all[i].wrong);
        let_go(&b, &all[i]);
    }
    CHECK(got > SLOW * (100 << 10));
    bench_release(&b);
}

TEST(a_call_ends_the_wait_for_more_packets)
{
    struct bench b;
    struct ask all[SLOW] = {{0}};
    bench_init(&b);
    trickle(&b, all);
    (void)turns_within(&b, CLOCK_SEC, true);
    waker_call(b.waker);
    CHECK(driver_turn(b.driver, clock_now() + PATIENCE, true));
    for (size_t i = 0; i < SLOW; i++)
        let_go(&b, &all[i]);
    bench_release(&b);
}

/* ---- TLS, where records wait behind a socket that has nothing to read ---- */

/* Twenty kilobytes in records of a hundred bytes, a hundred times a second. */
#define SMALL_RECORDS "records=100&rate=2M"

TEST(small_tls_records_are_not_left_behind)
{
    for (size_t v = 0; v < HAUL_ARRAY_LEN(versions); v++) {
        struct bench b;
        struct ask a = {0};
        bench_init_tls(&b, versions[v]);
        ask(&b, &a, "/file/x.bin?size=300000&" SMALL_RECORDS);
        ASSERT(await(&b, 1));
        check_whole(&a, 300000);
        bench_release(&b);
    }
}

TEST(tls_records_that_hold_no_byte_of_a_body_are_not_left_behind)
{
    for (size_t v = 0; v < HAUL_ARRAY_LEN(versions); v++) {
        struct bench b;
        struct ask a = {0};
        bench_init_tls(&b, versions[v]);
        ask(&b, &a, "/file/x.bin?size=20000&length=chunked&records=3&rate=200K");
        ASSERT(await(&b, 1));
        check_whole(&a, 20000);
        bench_release(&b);
    }
}

TEST(a_short_last_record_ends_the_body)
{
    static const char *const paths[] = {"/file/x.bin?size=49153", "/file/x.bin?size=1",
                                        "/file/x.bin?size=16385&records=16384",
                                        "/file/x.bin?size=0"};
    struct bench b;
    bench_init_tls(&b, ORIGIN_TLS_GOOD);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(paths); i++) {
        struct ask a = {0};
        ask(&b, &a, paths[i]);
        ASSERT(await(&b, 1));
        CHECK_INT(a.code, CURLE_OK);
        CHECK_INT(a.got, i == 0 ? 49153 : i == 1 ? 1 : i == 2 ? 16385 : 0);
    }
    bench_release(&b);
}

TEST(many_connections_with_small_tls_records_all_end)
{
    for (size_t v = 0; v < HAUL_ARRAY_LEN(versions); v++) {
        struct bench b;
        struct ask all[32] = {{0}};
        bench_init_tls(&b, versions[v]);
        for (size_t i = 0; i < 32; i++)
            ask(&b, &all[i], "/file/x.bin?size=200000&" SMALL_RECORDS);
        ASSERT(await(&b, 32));
        for (size_t i = 0; i < 32; i++)
            check_whole(&all[i], 200000);
        bench_release(&b);
    }
}

TEST(a_range_over_tls_ends_where_it_ends_and_leaves_the_connection_usable)
{
    struct bench b;
    bench_init_tls(&b, ORIGIN_TLS_GOOD);
    for (size_t i = 0; i < 10; i++) {
        struct ask a = {0};
        ask(&b, &a, "/file/x.bin?size=300000&" SMALL_RECORDS);
        a.got = 1000;
        curl_easy_setopt(a.easy, CURLOPT_RANGE, "1000-49999");
        ASSERT(await(&b, 1));
        check_whole(&a, 50000);
        CHECK_INT(connection_of(b.o, i), 1);
    }
    bench_release(&b);
}

TEST(a_pause_over_tls_loses_no_record)
{
    for (size_t v = 0; v < HAUL_ARRAY_LEN(versions); v++) {
        struct bench b;
        struct ask a = {.hesitate = true};
        bench_init_tls(&b, versions[v]);
        ask(&b, &a, "/file/x.bin?size=8000&" SMALL_RECORDS);
        for (int64_t end = clock_now() + 300 * CLOCK_MS; clock_now() < end;)
            (void)driver_turn(b.driver, end, false);
        CHECK(!a.hesitate);
        curl_easy_pause(a.easy, CURLPAUSE_CONT);
        ASSERT(await(&b, 1));
        check_whole(&a, 8000);
        bench_release(&b);
    }
}

/* A wire to the origin that hands over the answers in pieces of a size that is nobody's. */
struct wire {
    int listener;
    uint16_t port, to;
    size_t piece;
    pthread_t thread;
};

static struct sockaddr_in here(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Passes on what is there; false at the end. */
static bool pass_on(int from, int to, size_t most)
{
    char data[4096];
    ssize_t n = recv(from, data, most < sizeof data ? most : sizeof data, 0);
    return n > 0 && send(to, data, (size_t)n, MSG_NOSIGNAL) == n;
}

static void *carry(void *arg)
{
    struct wire *w = arg;
    struct sockaddr_in origin = here(w->to);
    const struct timespec moment = {.tv_nsec = 2 * CLOCK_MS};
    int client = accept(w->listener, NULL, NULL), server = socket(AF_INET, SOCK_STREAM, 0);
    bool on = client >= 0 && connect(server, (struct sockaddr *)&origin, sizeof origin) == 0;
    while (on) {
        struct pollfd fds[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        (void)poll(fds, 2, -1);
        on = (!fds[0].revents || pass_on(client, server, SIZE_MAX)) &&
             (!fds[1].revents || pass_on(server, client, w->piece));
        nanosleep(&moment, NULL);
    }
    close(client);
    close(server);
    return NULL;
}

static void wire_init(struct wire *w, const struct origin *o, size_t piece)
{
    struct sockaddr_in at = here(0);
    socklen_t len = sizeof at;
    *w = (struct wire){
        .listener = socket(AF_INET, SOCK_STREAM, 0), .to = origin_port(o), .piece = piece};
    bool good = bind(w->listener, (struct sockaddr *)&at, len) == 0 && listen(w->listener, 1) == 0;
    ASSERT(good && getsockname(w->listener, (struct sockaddr *)&at, &len) == 0);
    w->port = ntohs(at.sin_port);
    ASSERT(pthread_create(&w->thread, NULL, carry, w) == 0);
}

static void wire_release(struct wire *w)
{
    pthread_join(w->thread, NULL);
    close(w->listener);
}

TEST(tls_records_that_packets_cut_anywhere_are_not_left_behind)
{
    static const size_t pieces[] = {97, 333, 1009, 4001};
    for (size_t i = 0; i < 2 * HAUL_ARRAY_LEN(pieces); i++) {
        struct bench b;
        struct wire w;
        struct ask a = {0};
        bench_init_tls(&b, versions[i % 2]);
        wire_init(&w, b.o, pieces[i / 2]);
        ask(&b, &a, "/");
        char *url = xasprintf("https://127.0.0.1:%u/file/x.bin?size=%d&length=chunked&records=41",
                              w.port, 40 * (int)pieces[i / 2]);
        curl_easy_setopt(a.easy, CURLOPT_URL, url);
        ASSERT(await(&b, 1));
        check_whole(&a, 40 * (int64_t)pieces[i / 2]);
        free(url);
        driver_free(b.driver);
        wire_release(&w);
        waker_unref(b.waker);
        origin_free(b.o);
    }
}
