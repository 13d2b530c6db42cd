/* SPDX-License-Identifier: MIT */
/* The misbehaving server's connections: pace, log, doors, TLS, and that all of them end. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "harness.h"
#include "origin/test_client.h"

TEST(the_rate_is_kept)
{
    struct origin *o = origin_new(NULL);
    int64_t start = clock_now();
    struct answer a = client_fetch(o, "/file/a?size=100K&rate=200K", "");
    int64_t took = (clock_now() - start) / CLOCK_MS;
    CHECK(answer_body_is(&a, 0, 0, 100 << 10));
    CHECK(took >= 490 && took < 900);
    buf_release(&a.raw);
    origin_free(o);
}

TEST(a_connection_is_kept_and_every_request_is_in_the_log)
{
    struct origin *o = origin_new(NULL);
    struct origin_entry e;
    struct answer a;
    int fd = client_dial(o);
    client_ask(fd, "HEAD", "/file/a?size=10", "");
    client_ask(fd, "GET", "/file/b?size=10",
               "Connection: close\r\nRange: bytes=4-\r\nAuthorization: x\r\n");
    client_read(fd, &a);
    CHECK_INT(origin_log_count(o), 2);
    ASSERT(origin_log_get(o, 0, &e));
    CHECK_STR(e.method, "HEAD");
    CHECK_INT(e.body_sent, 0);
    CHECK(!e.range);
    ASSERT(origin_await_connections(o, 0));
    ASSERT(origin_log_get(o, 1, &e));
    CHECK_STR(e.target, "/file/b?size=10");
    CHECK_STR(e.range, "bytes=4-");
    CHECK_STR(e.authorization, "x");
    CHECK_STR(e.host, "test");
    CHECK_INT(e.connection, 1);
    CHECK_INT(e.status, 206);
    CHECK_INT(e.body_sent, 6);
    CHECK_INT(e.body_start, 4);
    CHECK(e.done);
    origin_reset_log(o);
    CHECK_INT(origin_log_count(o), 0);
    CHECK(!origin_log_get(o, 0, &e));
    buf_release(&a.raw);
    origin_free(o);
}

/* Takes all that has come, so that a close ends the connection with FIN and not with RST. */
static size_t take_all(int fd)
{
    char block[4096];
    ssize_t n;
    size_t sum = 0;
    usleep(50000);
    while ((n = recv(fd, block, sizeof block, MSG_DONTWAIT)) > 0)
        sum += (size_t)n;
    return sum;
}

TEST(a_client_that_leaves_a_stalled_answer_is_noticed)
{
    struct origin *o = origin_new(NULL);
    int stalled = client_dial(o), silent = client_dial(o);
    client_ask(stalled, "GET", "/file/a?size=1M&stall=10", "");
    client_ask(silent, "GET", "/file/a?stall-header", "");
    CHECK(origin_await_connections(o, 2));
    CHECK(take_all(stalled) > 10 && take_all(silent) > 10);
    CHECK_INT(origin_live_connections(o), 2);
    close(stalled);
    CHECK(origin_await_connections(o, 1));
    close(silent);
    CHECK(origin_await_connections(o, 0));
    origin_free(o);
}

TEST(the_server_stops_while_clients_hang_and_do_not_read)
{
    struct origin *o = origin_new(NULL);
    static const char *const targets[] = {"/file/a?size=1G",     "/file/a?stall=0",
                                          "/file/a?delay=60000", "/file/a?headers-endless",
                                          "/file/a?endless-1xx", "/file/a?trickle"};
    int fds[HAUL_ARRAY_LEN(targets)];
    for (size_t i = 0; i < HAUL_ARRAY_LEN(targets); i++) {
        fds[i] = client_dial(o);
        client_ask(fds[i], "GET", targets[i], "");
    }
    CHECK(origin_await_connections(o, HAUL_ARRAY_LEN(targets)));
    int64_t start = clock_now();
    origin_free(o);
    CHECK(clock_now() - start < CLOCK_SEC);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(targets); i++)
        close(fds[i]);
}

/* Both ends of 600 connections are more than a shell lets be open. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    ASSERT(!getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    ASSERT(!setrlimit(RLIMIT_NOFILE, &limit));
}

TEST(six_hundred_connections_are_served_at_once)
{
    raise_file_limit();
    struct origin *o = origin_new(NULL);
    enum { COUNT = 600 };
    int fds[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        ASSERT((fds[i] = client_dial(o)) >= 0);
    CHECK(origin_await_connections(o, COUNT));
    for (size_t i = 0; i < COUNT; i++)
        client_ask(fds[i], "GET", "/file/a?size=1000", "Connection: close\r\n");
    size_t good = 0;
    for (size_t i = 0; i < COUNT; i++) {
        struct answer a;
        client_read(fds[i], &a);
        good += answer_body_is(&a, 0, 0, 1000);
        buf_release(&a.raw);
    }
    CHECK_INT(good, COUNT);
    origin_free(o);
}

TEST(more_connections_than_allowed_get_503)
{
    struct origin *o = origin_new(NULL);
    int idle = client_dial(o);
    CHECK(origin_await_connections(o, 1));
    struct answer a = client_fetch(o, "/file/a?max-conns=1", "");
    CHECK_INT(a.status, 503);
    close(idle);
    CHECK(origin_await_connections(o, 0));
    struct answer b = client_fetch(o, "/file/a?max-conns=1&size=4", "");
    CHECK_INT(b.status, 200);
    buf_release(&a.raw);
    buf_release(&b.raw);
    origin_free(o);
}

TEST(a_shut_door_refuses_and_opens_again_on_the_same_port)
{
    struct origin *o = origin_new(NULL);
    origin_set_door(o, ORIGIN_DOOR_REFUSE);
    CHECK_INT(client_dial(o), -1);
    CHECK_INT(errno, ECONNREFUSED);
    origin_set_door(o, ORIGIN_DOOR_RESET);
    struct answer reset = client_fetch(o, "/file/a", "");
    CHECK_INT(reset.raw.len, 0);
    origin_set_door(o, ORIGIN_DOOR_CUT);
    struct answer cut = client_fetch(o, "/file/a", "");
    CHECK_INT(cut.raw.len, 0);
    CHECK_INT(cut.error, 0);
    origin_set_door(o, ORIGIN_DOOR_OPEN);
    struct answer refusing = client_fetch(o, "/file/a?size=5&conn-refuse=100", "");
    CHECK_INT(refusing.status, 200);
    CHECK_INT(client_dial(o), -1);
    usleep(300000);
    struct answer open = client_fetch(o, "/file/a?size=5", "");
    CHECK(answer_body_is(&open, 0, 0, 5));
    buf_release(&reset.raw);
    buf_release(&cut.raw);
    buf_release(&refusing.raw);
    buf_release(&open.raw);
    origin_free(o);
}

/* The verification result of a handshake; -1 when there was none. */
static long shake_hands(enum origin_tls kind)
{
    struct origin_config config = {.tls = kind};
    struct origin *o = origin_new(&config);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_locations(ctx, origin_ca_file(o), NULL);
    SSL *ssl = SSL_new(ctx);
    int fd = client_dial(o);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1");
    SSL_set_fd(ssl, fd);
    long result = SSL_connect(ssl) == 1 ? SSL_get_verify_result(ssl) : -1;
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
    origin_free(o);
    return result;
}

TEST(each_certificate_is_wrong_in_its_own_way)
{
    CHECK_INT(shake_hands(ORIGIN_TLS_GOOD), X509_V_OK);
    CHECK_INT(shake_hands(ORIGIN_TLS_GOOD_1_2), X509_V_OK);
    CHECK_INT(shake_hands(ORIGIN_TLS_WRONG_HOST), X509_V_ERR_IP_ADDRESS_MISMATCH);
    CHECK_INT(shake_hands(ORIGIN_TLS_EXPIRED), X509_V_ERR_CERT_HAS_EXPIRED);
    CHECK_INT(shake_hands(ORIGIN_TLS_SELF_SIGNED), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
    CHECK_INT(shake_hands(ORIGIN_TLS_WRONG_USE), X509_V_ERR_INVALID_PURPOSE);
    CHECK_INT(shake_hands(ORIGIN_TLS_OLD), -1);
}

/* How the TLS connection ended: SSL_ERROR_ZERO_RETURN is the polite way. */
static int tls_end(const struct origin *o, const char *target)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    int fd = client_dial(o), rc = 0;
    char block[4096];
    SSL_set_fd(ssl, fd);
    char *text = xasprintf("GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", target);
    if (SSL_connect(ssl) == 1 && SSL_write(ssl, text, (int)strlen(text)) > 0)
        while ((rc = SSL_read(ssl, block, sizeof block)) > 0)
            ;
    int end = SSL_get_error(ssl, rc);
    ERR_clear_error();
    free(text);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
    return end;
}

TEST(tls_ends_politely_unless_asked_otherwise)
{
    struct origin_config config = {.tls = ORIGIN_TLS_GOOD};
    struct origin *o = origin_new(&config);
    ASSERT(o);
    CHECK_INT(tls_end(o, "/file/a?size=300K"), SSL_ERROR_ZERO_RETURN);
    CHECK(tls_end(o, "/file/a?size=300K&tls-close") != SSL_ERROR_ZERO_RETURN);
    CHECK_INT(origin_log_bytes(o), 600 << 10);
    struct buf url;
    buf_init(&url);
    origin_url(o, "/x", &url);
    CHECK(!strncmp(url.data, "https://127.0.0.1:", 18));
    buf_release(&url);
    char *ca = xstrdup(origin_ca_file(o));
    CHECK_INT(access(ca, R_OK), 0);
    origin_free(o);
    CHECK_INT(access(ca, F_OK), -1);
    free(ca);
}

TEST(the_log_file_has_a_line_for_each_request)
{
    char path[] = "/tmp/haul-origin-log-XXXXXX";
    close(mkstemp(path));
    struct origin_config config = {.log_path = path};
    struct origin *o = origin_new(&config);
    ASSERT(o);
    for (int i = 0; i < 3; i++) {
        struct answer a = client_fetch(o, "/file/a?size=5", "");
        buf_release(&a.raw);
    }
    origin_free(o);
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0, lines = 0;
    while (getline(&line, &cap, file) > 0)
        lines += strstr(line, "\"body_sent\":5,") != NULL;
    CHECK_INT(lines, 3);
    free(line);
    fclose(file);
    unlink(path);
}
