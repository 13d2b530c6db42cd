/* SPDX-License-Identifier: MIT */
/*
 * Servers that lie, one row each: what haul must make of it. Whatever a server does, a final name
 * means right bytes; what failed leaves at most a partial file with its state.
 */
#include <signal.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define SIZE      ((int64_t)3 << 20)
#define LONG_SIZE ((int64_t)12 << 20) /* several pieces */

struct row {
    const char *options; /* of the URL, behind the size */
    const char *args;    /* of haul; NULL: none */
    int exit;            /* 0: the right file; else none */
    const char *code;    /* of the error; NULL: any or none */
    int64_t size;        /* of the right file where it is not SIZE; -1: nothing */
    uint64_t seed;
};

static void check_leftovers(const struct world *w)
{
    struct buf names;
    buf_init(&names);
    world_list(w, &names);
    const char *allowed[] = {"", "x.bin.part x.bin.part.state"};
    if (strcmp(names.data, allowed[0]) && strcmp(names.data, allowed[1]))
        HARNESS_FAIL("left over: %s", names.data);
    if (content_exists(w->dir, "x.bin.part.state") &&
        content_recorded(w->dir, "x.bin.part.state") < 0)
        HARNESS_FAIL("the state does not parse");
    buf_release(&names);
}

static void check_outcome(const struct world *w, const struct row *row, int64_t size,
                          const struct result *r)
{
    size = row->size < 0 ? 0 : row->size ? row->size : size;
    enum content content = content_check(w->dir, "x.bin", row->seed, size);
    if (r->exit != row->exit)
        HARNESS_FAIL("exit is %d, not %d", r->exit, row->exit);
    if (row->code && strcmp(result_text(r, "error", "code"), row->code))
        HARNESS_FAIL("code is '%s', not '%s'", result_text(r, "error", "code"), row->code);
    if (content != (row->exit ? CONTENT_NONE : CONTENT_RIGHT))
        HARNESS_FAIL("the final file is %s", content_name(content));
    if (r->bad_json)
        HARNESS_FAIL("standard output is not JSON");
    if (row->exit)
        check_leftovers(w);
    else if (content_exists(w->dir, "x.bin.part") || content_exists(w->dir, "x.bin.part.state"))
        HARNESS_FAIL("a partial file beside the final one");
}

static void run_row(struct origin *o, const struct row *row, size_t number, int64_t size)
{
    struct world w;
    struct result r;
    bool failed_before = harness_failed;
    harness_failed = false;
    world_init(&w);
    world_fetch(
        &w, &r, "--tries 4 %s %s", row->args ? row->args : "",
        origin_link(o, "/file/%zu/x.bin?size=%lld&%s", number, (long long)size, row->options));
    check_outcome(&w, row, size, &r);
    if (harness_failed)
        printf("# of %s %s\n# %s\n# %s\n", row->options, row->args ? row->args : "",
               result_text(&r, "error", "message"), r.err.data);
    harness_failed |= failed_before;
    result_release(&r);
    world_release(&w);
}

static void run_rows(const struct row *rows, size_t count, int64_t size)
{
    struct origin *o = origin_new(NULL), *other = origin_new(NULL);
    ASSERT(o && other);
    origin_set_sibling(o, other);
    for (size_t i = 0; i < count; i++)
        run_row(o, &rows[i], i, size);
    origin_free(o);
    origin_free(other);
}
#define RUN_ROWS(rows, size) run_rows(rows, HAUL_ARRAY_LEN(rows), size)

TEST(whatever_a_server_does_with_ranges_the_bytes_are_right)
{
    static const struct row rows[] = {
        {.options = ""},
        {.options = "", .args = "-x 1"},
        {.options = "no-ranges"},
        {.options = "probe206"},
        {.options = "range200=3"},
        {.options = "cr=early"},
        {.options = "cr=late"},
        {.options = "cr=wrong-start"},
        {.options = "cr=wrong-end"},
        {.options = "cr=wrong-total"},
        {.options = "cr=star"},
        {.options = "cr=bad-unit"},
        {.options = "cr=garbage"},
        {.options = "cr=missing"},
        {.options = "multipart206"},
        {.options = "cr200"},
        {.options = "max-range=100K"},
        {.options = "ifrange=always200"},
        {.options = "ifrange=ignore"},
        {.options = "r416=always&times=2"},
        {.options = "r416=always"},
    };
    RUN_ROWS(rows, LONG_SIZE);
}

TEST(validators_of_every_kind_keep_two_files_apart)
{
    static const struct row rows[] = {
        {.options = "etag=weak"},
        {.options = "etag=none"},
        {.options = "etag=none&lm=none"},
        {.options = "etag=none&lm=none&no-ranges"},
        {.options = "etag=per-request"},
        {.options = "etag=per-connection"},
        {.options = "etag=per-request&lm=none"},
        {.options = "change-after=1", .seed = 1},
        {.options = "change-after=3&max-range=1M", .seed = 1},
        {.options = "change-after=1&change-size=2M", .seed = 1, .size = 2 << 20},
    };
    RUN_ROWS(rows, LONG_SIZE);
}

TEST(a_length_that_lies_never_ends_in_a_wrong_file)
{
    static const struct row rows[] = {
        {.options = "length=short", .exit = 5, .code = "network"},
        {.options = "length=long", .exit = 5, .code = "network"},
        {.options = "length=negative", .exit = 5, .code = "network"},
        {.options = "length=huge", .exit = 5, .code = "network"},
        {.options = "length=double", .exit = 5, .code = "network"},
        {.options = "length=plus", .exit = 5, .code = "network"},
        {.options = "length=garbage", .exit = 5, .code = "network"},
        {.options = "length=missing"},
        {.options = "length=missing&no-ranges"},
        {.options = "length=chunked"},
        {.options = "length=chunked&no-ranges"},
        {.options = "length=both"},
        {.options = "length=chunk-garbage&no-ranges", .exit = 5, .code = "network"},
        {.options = "length=chunk-cut&no-ranges", .exit = 5, .code = "network"},
        {.options = "length=chunk-open&no-ranges", .exit = 5, .code = "network"},
        {.options = "length=long&no-ranges", .exit = 5, .code = "network"},
        {.options = "lie=1M", .exit = 5, .code = "network"},
        {.options = "lie=100M&no-ranges", .exit = 5, .code = "network"},
        {.options = "size=0", .size = -1},
        {.options = "size=0&no-ranges", .size = -1},
        {.options = "size=1", .size = 1},
        {.options = "gzip=body", .exit = 5, .code = "network"},
        {.options = "gzip=header", .exit = 5, .code = "network"},
        {.options = "gzip=trap"},
        {.options = "html", .exit = 5, .code = "network"},
    };
    RUN_ROWS(rows, SIZE);
}

TEST(what_breaks_off_is_taken_up_again)
{
    static const struct row rows[] = {
        {.options = "cut=1M"},
        {.options = "cut=1"},
        {.options = "cut=0"},
        {.options = "cut-every=300K"},
        {.options = "cut=1M&no-ranges"},
        {.options = "cut-every=1M&no-ranges", .exit = 5, .code = "network"},
        {.options = "rst=500K&times=4"},
        {.options = "rst=200K"},
        {.options = "rst=0", .exit = 5, .code = "network"},
        {.options = "stall=300K&times=2", .args = "--stall-timeout 1"},
        {.options = "stall=0&times=1", .args = "--stall-timeout 1"},
        {.options = "stall-header&times=1", .args = "--stall-timeout 1"},
        {.options = "stall-header",
         .args = "--stall-timeout 0.5 --tries 2",
         .exit = 5,
         .code = "timeout"},
        {.options = "cut-header&times=2"},
        {.options = "drop&times=2"},
        {.options = "drop", .exit = 5, .code = "network"},
        {.options = "keepalive=off"},
        {.options = "keepalive=lie"},
        {.options = "slow-conn=3&slow-rate=64K&rate=2M"},
        {.options = "trickle&times=1&after=1"},
    };
    RUN_ROWS(rows, SIZE);
}

/* All connections break together: that is no sign that the server wants fewer. */
TEST(after_an_outage_as_many_connections_work_as_before)
{
    struct world w;
    struct process p;
    struct result r;
    struct origin_entry e;
    struct origin *o = origin_new(NULL);
    struct origin_config again = {.port = origin_port(o)};
    world_init(&w);
    world_start_fetch(&w, &p, "-x 4 --retry-wait 0.2 %s",
                      origin_link(o, "/file/x.bin?size=20M&rate=500K"));
    CHECK(origin_await_connections(o, 4));
    CHECK(!process_ended(&p, CLOCK_SEC));
    origin_free(o);
    CHECK(!process_ended(&p, CLOCK_SEC));
    o = origin_new(&again);
    ASSERT(o != NULL);
    CHECK(origin_await_connections(o, 4));
    for (size_t i = 0; i < origin_log_count(o); i++)
        CHECK(origin_log_get(o, i, &e) && (e.status == 206 || !e.status)); /* not yet answered */
    process_signal(&p, SIGINT);
    process_wait(&p, &r, 10 * CLOCK_SEC);
    CHECK_INT(r.exit, 130);
    result_release(&r);
    world_release(&w);
    origin_free(o);
}

/* Of 8 connections that are allowed the server takes 2: that is found out once. */
TEST(a_server_that_wants_fewer_connections_is_not_asked_again_and_again)
{
    struct world w;
    struct result r;
    struct origin_entry e;
    struct origin *o = origin_new(NULL);
    int refused = 0;
    world_init(&w);
    world_fetch(&w, &r, "-x 8 %s", origin_link(o, "/file/x.bin?size=12M&rate=1M&max-conns=2"));
    CHECK_INT(r.exit, 0);
    for (size_t i = 0; i < origin_log_count(o); i++)
        refused += origin_log_get(o, i, &e) && e.status == 503;
    CHECK(refused > 0 && refused <= 8);
    result_release(&r);
    world_release(&w);
    origin_free(o);
}

TEST(the_log_counts_tries_as_the_option_does)
{
    struct world w;
    struct result r;
    struct origin *o = origin_new(NULL);
    world_init(&w);
    world_fetch(&w, &r, "--tries 3 %s", origin_link(o, "/file/x.bin?drop"));
    CHECK_INT(r.exit, 5);
    CHECK(result_logged(&r, "retry 1/3 in") && result_logged(&r, "retry 2/3 in"));
    CHECK(strstr(result_text(&r, "error", "message"), "(after 3 tries)"));
    CHECK(!strstr(r.err.data, "retry 1/3")); /* for --verbose */
    result_release(&r);
    world_release(&w);
    origin_free(o);
}

/* Where the n-th request (from 1) of such a target stands in the log; SIZE_MAX: there is none. */
static size_t place_of(struct origin *o, const char *start, int n)
{
    struct origin_entry e;
    for (size_t i = 0; origin_log_get(o, i, &e); i++)
        if (!strncmp(e.target, start, strlen(start)) && !--n)
            return i;
    return SIZE_MAX;
}

/* The second job, of another host, keeps the third back until the host of both others is shut. */
TEST(of_a_busy_host_those_come_first_that_it_has_not_refused)
{
    struct world w;
    struct result r;
    struct origin *busy = origin_new(NULL), *other = origin_new(NULL);
    world_init(&w);
    char *first =
        xstrdup(origin_link(busy, "/file/refused.bin?size=1K&status=503&times=1&retry-after=2"));
    char *second = xstrdup(origin_link(other, "/file/none?status=404&delay=500"));
    world_fetch(&w, &r, "-j 2 %s %s %s", first, second,
                origin_link(busy, "/file/late.bin?size=1K"));
    CHECK_INT(result_event_count(&r, "file"), 2);
    CHECK(place_of(busy, "/file/late", 1) < place_of(busy, "/file/refused", 2));
    CHECK(place_of(busy, "/file/refused", 2) != SIZE_MAX);
    free(first);
    free(second);
    result_release(&r);
    world_release(&w);
    origin_free(busy);
    origin_free(other);
}

TEST(an_error_status_is_retried_only_where_that_can_help)
{
    static const struct row rows[] = {
        {.options = "status=500&times=2"},
        {.options = "status=502&times=2"},
        {.options = "status=503&times=2"},
        {.options = "status=408&times=1"},
        {.options = "status=520&times=1"},
        {.options = "status=503", .exit = 5, .code = "http_status"},
        {.options = "status=429&times=2&retry-after=1"},
        {.options = "status=429&times=1&retry-after=date:1"},
        {.options = "status=429&times=1&retry-after=-5"},
        {.options = "status=429&times=1&retry-after=soon"},
        {.options = "status=429&times=1&ratelimit=0,1"},
        {.options = "status=429&retry-after=999999999", .exit = 5, .code = "rate_limited"},
        {.options = "status=429&retry-after=9223372036", .exit = 5, .code = "rate_limited"},
        {.options = "status=429&retry-after=99999999999999999999",
         .exit = 5,
         .code = "rate_limited"},
        {.options = "status=429", .exit = 5, .code = "rate_limited"},
        {.options = "status=404", .exit = 3, .code = "not_found"},
        {.options = "status=410", .exit = 3, .code = "not_found"},
        {.options = "status=451", .exit = 3, .code = "not_found"},
        {.options = "status=401", .exit = 4, .code = "unauthorized"},
        {.options = "status=403", .exit = 4, .code = "unauthorized"},
        {.options = "status=400", .exit = 5, .code = "http_status"},
        {.options = "status=501", .exit = 5, .code = "http_status"},
        {.options = "head=405"},
        {.options = "max-conns=2", .args = "-x 8"},
        {.options = "max-conns=1&max-conns-rst", .args = "-x 8"},
        {.options = "status=503&after=2&times=3", .args = "-x 8"},
    };
    RUN_ROWS(rows, SIZE);
}

TEST(redirects_lead_to_the_file_or_to_a_reason)
{
    static const struct row rows[] = {
        {.options = "redirect=301:{base}/file/x.bin?size=3M"},
        {.options = "redirect=302:/file/x.bin?size=3M"},
        {.options = "redirect=303:{sibling}/file/x.bin?size=3M"},
        {.options = "redirect=307://{sibling-host}/file/x.bin?size=3M"},
        {.options = "redirect=308:x.bin?size=3M%26key=k"},
        {.options = "redirect=302:{base}/file/other.bin?size=3M%23frag"},
        {.options = "redirect-chain=5"},
        {.options = "redirect-chain=19"},
        {.options = "redirect-chain=30", .exit = 5, .code = "network"},
        {.options = "redirect-loop", .exit = 5, .code = "network"},
        {.options = "no-location=302", .exit = 5},
        {.options = "redirect=302:file:///etc/passwd", .exit = 5, .code = "network"},
        {.options = "redirect=302:ftp://{host}/x.bin", .exit = 5, .code = "network"},
        {.options = "redirect=302:gopher://{host}/x.bin", .exit = 5, .code = "network"},
        {.options = "redirect=302:data:,hello", .exit = 5, .code = "network"},
        {.options = "redirect=302:", .exit = 5, .code = "network"},
        {.options = "redirect=302:http://", .exit = 5, .code = "network"},
        {.options = "redirect=302:{base}/file/x.bin?size=3M%0d%0aSet-Cookie:a=b"},
        {.options = "sign=302"},
        {.options = "sign=302&uses=3"},
        {.options = "sign=302&sign-sibling"},
        {.options = "sign=302&ttl=300&rate=512K"},
    };
    RUN_ROWS(rows, SIZE);
}

TEST(a_redirect_to_nowhere_is_not_followed_twice)
{
    struct world w;
    struct result r;
    struct origin *o = origin_new(NULL);
    world_init(&w);
    world_fetch(&w, &r, "%s", origin_link(o, "/file/x.bin?no-location=302"));
    CHECK_INT(r.exit, 5);
    CHECK(strstr(result_text(&r, "error", "message"), "redirect without a usable Location"));
    CHECK_INT(origin_log_count(o), 1);
    result_release(&r);
    world_release(&w);
    origin_free(o);
}

TEST(a_head_that_is_none_ends_in_an_error_soon)
{
    static const struct row rows[] = {
        {.options = "http09", .exit = 5, .code = "network"},
        {.options = "status-line=HTTP/1.1%20banana", .exit = 5, .code = "network"},
        {.options = "status-line=SSH-2.0-OpenSSH", .exit = 5, .code = "network"},
        {.options = "endless-1xx", .exit = 5, .code = "network"},
        {.options = "headers-endless", .exit = 5, .code = "network"},
        {.options = "headers-bytes=1M", .exit = 5, .code = "network"},
        {.options = "headers-bytes=16K"},
        {.options = "cookies=100000", .exit = 5, .code = "network"},
        {.options = "cookies=100"},
        {.options = "tls-close"},
        {.options = "header=X-A:b"},
    };
    RUN_ROWS(rows, SIZE);
}

TEST(a_digest_is_kept_to_or_the_file_is_not_there)
{
    static struct row rows[] = {
        {.options = "repr-digest=good"},
        {.options = "repr-digest=sha-512"},
        {.options = "repr-digest=bad", .exit = 6, .code = "checksum"},
        {.options = "digest=good"},
        {.options = "digest=bad", .exit = 6, .code = "checksum"},
        {.options = "content-md5=good"},
        {.options = "flip=1500000&repr-digest=good", .exit = 6, .code = "checksum"},
        /* from here on with the right --checksum */
        {.options = ""},
        {.options = "flip=1500000", .exit = 6, .code = "checksum"},
        {.options = "flip=0&no-ranges", .exit = 6, .code = "checksum"},
        {.options = "cr=shift", .exit = 6, .code = "checksum"},
        {.options = "etag=none&lm=none"},
        {.options = "etag=per-request&lm=none"},
        {.options = "change-after=0", .exit = 6, .code = "checksum"},
        {.options = "size=2M", .exit = 6, .code = "checksum"},
        {.options = "length=short&no-ranges", .exit = 6, .code = "checksum"},
        {.options = "length=missing&no-ranges"},
        {.options = "cut-every=500K"},
        {.options = "html", .exit = 5, .code = "network"},
        {.options = "status=503&after=2&times=3"},
    };
    char checksum[72];
    content_checksum(0, SIZE, checksum);
    char *args = xasprintf("--checksum %s", checksum);
    for (size_t i = 7; i < HAUL_ARRAY_LEN(rows); i++)
        rows[i].args = args;
    RUN_ROWS(rows, SIZE);
    free(args);
}
