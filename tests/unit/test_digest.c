/* SPDX-License-Identifier: MIT */
/* Digests that follow a file's front, against known values. */
#include "harness.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/units.h"
#include "net/digest.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct bench {
    int fd;
    struct waker *waker;
    struct lane *lane;
};

static void bench_init(struct bench *b, const void *data, size_t len)
{
    b->fd = memfd_create("digest", MFD_CLOEXEC);
    if (b->fd < 0 || (len && pwrite(b->fd, data, len, 0) != (ssize_t)len))
        abort();
    b->waker = waker_new();
    b->lane = lane_new("test-hash");
}

static void bench_release(struct bench *b)
{
    lane_free(b->lane, clock_now() + 20 * CLOCK_SEC);
    waker_unref(b->waker);
    close(b->fd);
}

/* Asks, sleeps until woken, asks again: as the worker does. */
static bool finish(struct bench *b, struct digest *d, int64_t size, struct digest_value *value)
{
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    while (clock_now() < end && !digest_failed(d)) {
        if (digest_finish(d, size, value))
            return true;
        (void)waker_sleep(b->waker, -1, end);
    }
    return false;
}

static void check_value(const struct digest_value *got, const char *want)
{
    char hex[129];
    units_format_hex(got->bytes, digest_size(got->algorithm), hex);
    CHECK_STR(hex, want);
}

TEST(known_texts_have_their_known_digests)
{
    static const struct {
        enum digest_algorithm algorithm;
        const char *text, *hex;
    } rows[] = {
        {DIGEST_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DIGEST_SHA512, "abc",
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a"
         "3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
        {DIGEST_GIT_SHA1, "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
        {DIGEST_GIT_SHA1, "what is up, doc?", "bd9dbf5aae1a3862dd1526723246b20206e5fc37"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bench b;
        struct digest_value value;
        size_t len = strlen(rows[i].text);
        bench_init(&b, rows[i].text, len);
        struct digest *d = digest_new(rows[i].algorithm, b.fd, (int64_t)len, b.lane, b.waker);
        ASSERT(finish(&b, d, (int64_t)len, &value));
        CHECK_INT(value.algorithm, rows[i].algorithm);
        check_value(&value, rows[i].hex);
        digest_free(d);
        bench_release(&b);
    }
}

#define BIG ((size_t)5 << 20)
/* Of BIG bytes whose value is their offset times 31 over 8, modulo 251. */
static uint8_t *big(void)
{
    uint8_t *data = malloc(BIG);
    for (size_t i = 0; i < BIG; i++)
        data[i] = (uint8_t)(i * 31 / 8 % 251);
    return data;
}

TEST(a_front_that_jumps_gives_the_digest_of_the_whole)
{
    uint8_t *data = big();
    struct digest_value whole, stepwise;
    struct bench b;
    bench_init(&b, data, BIG);
    struct digest *d = digest_new(DIGEST_SHA256, b.fd, -1, b.lane, b.waker);
    ASSERT(finish(&b, d, (int64_t)BIG, &whole));
    ASSERT(digest_finish(d, (int64_t)BIG, &stepwise)); /* may be asked again */
    CHECK(!memcmp(whole.bytes, stepwise.bytes, 32));
    digest_free(d);
    d = digest_new(DIGEST_SHA256, b.fd, -1, b.lane, b.waker);
    static const int64_t fronts[] = {1, 2, 70000, 70001, 2 << 20, 2 << 20, (4 << 20) + 7};
    for (size_t i = 0; i < COUNT(fronts); i++) {
        digest_advance(d, fronts[i]);
        CHECK(digest_position(d) <= fronts[i]);
        if (i % 2)
            usleep(2000);
    }
    ASSERT(finish(&b, d, (int64_t)BIG, &stepwise));
    CHECK(!memcmp(whole.bytes, stepwise.bytes, 32));
    CHECK_INT(digest_position(d), BIG);
    digest_free(d);
    bench_release(&b);
    free(data);
}

TEST(the_hash_never_reads_ahead_of_the_front)
{
    uint8_t *data = big();
    struct bench b;
    struct digest_value want, got;
    bench_init(&b, data, BIG);
    struct digest *d = digest_new(DIGEST_SHA1, b.fd, -1, b.lane, b.waker);
    ASSERT(finish(&b, d, (int64_t)BIG, &want));
    digest_free(d);
    /* The same bytes, written just before the front says so. */
    CHECK(ftruncate(b.fd, 0) == 0 && ftruncate(b.fd, (off_t)BIG) == 0);
    d = digest_new(DIGEST_SHA1, b.fd, -1, b.lane, b.waker);
    for (size_t at = 0; at < BIG;) {
        size_t len = BIG - at < (1 << 20) + 7 ? BIG - at : (1 << 20) + 7;
        CHECK(pwrite(b.fd, data + at, len, (off_t)at) == (ssize_t)len);
        at += len;
        digest_advance(d, (int64_t)at);
        CHECK(lane_drain(b.lane, clock_now() + 20 * CLOCK_SEC));
        CHECK(digest_position(d) <= (int64_t)at);
    }
    ASSERT(finish(&b, d, (int64_t)BIG, &got));
    CHECK(!memcmp(want.bytes, got.bytes, 20));
    digest_free(d);
    bench_release(&b);
    free(data);
}

TEST(a_file_that_is_too_short_fails_and_wakes)
{
    struct bench b;
    struct digest_value value;
    bench_init(&b, "abc", 3);
    struct digest *d = digest_new(DIGEST_MD5, b.fd, -1, b.lane, b.waker);
    CHECK(!finish(&b, d, 4, &value));
    CHECK_INT(digest_failed(d), EIO);
    digest_free(d);
    bench_release(&b);
}

TEST(a_descriptor_that_cannot_be_read_fails)
{
    struct bench b;
    struct digest_value value;
    bench_init(&b, "abc", 3);
    struct digest *d = digest_new(DIGEST_MD5, -1, -1, b.lane, b.waker);
    CHECK_INT(digest_failed(d), EBADF);
    CHECK(!digest_finish(d, 3, &value));
    digest_free(d);
    bench_release(&b);
}

TEST(a_digest_can_be_dropped_while_it_runs)
{
    uint8_t *data = big();
    struct bench b;
    bench_init(&b, data, BIG);
    for (int i = 0; i < 20; i++) {
        struct digest *d = digest_new(DIGEST_SHA512, b.fd, -1, b.lane, b.waker);
        digest_advance(d, (int64_t)BIG);
        digest_free(d);
    }
    int64_t start = clock_now();
    CHECK(lane_drain(b.lane, clock_now() + 20 * CLOCK_SEC));
    CHECK(clock_now() - start < 5 * CLOCK_SEC);
    digest_free(NULL);
    bench_release(&b);
    free(data);
}
