/* SPDX-License-Identifier: MIT */
/* The job server among others: sockets that are taken, stale or handed over, tokens, and what a
 * service manager is told. */
#include "api/serving.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"

static int bind_unix(const char *path, int type)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) ||
        (type == SOCK_STREAM && listen(fd, 16)))
        abort();
    return fd;
}

/* ---- the socket ---- */

TEST(the_socket_is_its_owners_alone)
{
    struct serving s;
    struct stat st;
    serving_init(&s, "");
    CHECK(stat(s.socket, &st) == 0);
    CHECK(S_ISSOCK(st.st_mode));
    CHECK_INT(st.st_mode & 0777, 0600);
    serving_release(&s);
}

static int ask_jobs(struct world *w)
{
    struct result r;
    world_run(w, &r, "jobs");
    int code = r.exit;
    result_release(&r);
    return code;
}

/* As on a machine where nobody has logged in and nothing of haul's is yet. */
TEST(the_default_place_of_the_socket_is_made)
{
    struct world w;
    struct process p;
    struct result r;
    world_init(&w);
    char *state = world_path(&w, "not/there/yet");
    world_env(&w, "XDG_STATE_HOME", state);
    world_env(&w, "XDG_RUNTIME_DIR", "");
    CHECK_INT(ask_jobs(&w), 9);
    world_start(&w, &p, "serve -q");
    int code = 9;
    for (int i = 0; i < 100 && code; i++, world_nap(50))
        code = ask_jobs(&w);
    CHECK_INT(code, 0);
    process_signal(&p, SIGTERM);
    process_wait(&p, &r, 10 * CLOCK_SEC);
    CHECK_INT(r.exit, 0);
    result_release(&r);
    free(state);
    world_release(&w);
}

TEST(a_second_server_on_the_same_socket_is_refused_and_the_first_stays)
{
    struct serving s;
    struct result r;
    serving_init(&s, "");
    world_run(&s.w, &r, "serve --socket %s", s.socket);
    CHECK_INT(r.exit, 8);
    CHECK(strstr(r.err.data, "--socket"));
    CHECK_STR(r.out.data, "");
    CHECK_INT(ask_status(&s, "GET", "/health", NULL), 200);
    result_release(&r);
    serving_release(&s);
}

TEST(what_another_server_still_runs_is_said)
{
    struct serving s;
    struct process p;
    struct result r;
    char id[JOB_ID_SIZE];
    serving_init(&s, "");
    serving_add(&s, id, "/file/x.bin?size=24M&rate=100K");
    char *other = world_path(&s.w, "run/other.sock");
    world_start(&s.w, &p, "serve --socket %s", other);
    CHECK(process_await_text(&p, "listening on"));
    process_signal(&p, SIGTERM);
    process_wait(&p, &r, 10 * CLOCK_SEC);
    CHECK_INT(r.exit, 0);
    CHECK(strstr(r.err.data, "1 download belongs to process"));
    result_release(&r);
    free(other);
    serving_release(&s);
}

TEST(a_tcp_port_that_is_taken_is_refused_and_leaves_no_socket_behind)
{
    struct serving s;
    struct result r;
    serving_init(&s, "--listen 127.0.0.1:0");
    char *other = world_path(&s.w, "run/other.sock");
    world_run(&s.w, &r, "serve --socket %s --listen 127.0.0.1:%d", other, s.port);
    CHECK_INT(r.exit, 8);
    CHECK(access(other, F_OK) != 0);
    result_release(&r);
    free(other);
    serving_release(&s);
}

TEST(a_socket_that_a_dead_server_left_is_replaced)
{
    struct serving s;
    struct result r;
    serving_init(&s, "");
    serving_stop(&s, SIGKILL, &r);
    result_release(&r);
    CHECK(access(s.socket, F_OK) == 0);
    serving_start(&s, "");
    CHECK_INT(ask_status(&s, "GET", "/health", NULL), 200);
    serving_release(&s);
}

TEST(what_is_no_stale_socket_is_left_alone)
{
    struct world w;
    struct result r;
    world_init(&w);
    char *file = world_write(&w, "run/file", "precious"), *live = world_path(&w, "run/live");
    int fd = bind_unix(live, SOCK_STREAM);
    world_run(&w, &r, "serve --socket %s", file);
    CHECK_INT(r.exit, 8);
    CHECK(access(file, F_OK) == 0);
    result_release(&r);
    world_run(&w, &r, "serve --socket %s", live);
    CHECK_INT(r.exit, 8);
    CHECK(access(live, F_OK) == 0);
    result_release(&r);
    close(fd);
    free(file);
    free(live);
    world_release(&w);
}

TEST(an_address_that_is_none_is_a_usage_error)
{
    static const char *const bad[] = {"7835",        ":7835",    "127.0.0.1",
                                      "127.0.0.1:x", "::1:7835", "127.0.0.1:99999"};
    struct world w;
    struct result r;
    world_init(&w);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        world_run(&w, &r, "serve --listen %s", bad[i]);
        CHECK_INT(r.exit, 2);
        result_release(&r);
    }
    world_release(&w);
}

/* ---- the token ---- */

static char *read_text(const char *path, mode_t *mode)
{
    struct stat st = {0};
    char text[256] = "";
    FILE *f = fopen(path, "r");
    if (f && fgets(text, sizeof text, f))
        text[strcspn(text, "\n")] = '\0';
    if (f)
        fclose(f);
    (void)stat(path, &st);
    *mode = st.st_mode & 0777;
    return xstrdup(text);
}

static int status_with(const struct serving *s, const char *token)
{
    struct answer a;
    char *header = token ? xasprintf("Authorization: Bearer %s\r\n", token) : NULL;
    ask_tcp(s, &a, "GET", "/v1/info", NULL, header);
    int status = a.status;
    answer_release(&a);
    free(header);
    return status;
}

TEST(the_token_is_made_once_for_the_owner_alone)
{
    struct serving s;
    struct result r;
    mode_t mode;
    serving_init(&s, "--listen 127.0.0.1:0");
    char *path = world_path(&s.w, "state/haul/token"), *first = read_text(path, &mode);
    CHECK_INT(mode, 0600);
    CHECK(strlen(first) >= 32);
    CHECK_INT(status_with(&s, first), 200);
    CHECK_INT(status_with(&s, NULL), 401);
    CHECK_INT(status_with(&s, "0123456789abcdef0123456789abcdef"), 401);
    serving_stop(&s, SIGTERM, &r);
    CHECK(!strstr(r.err.data, first));
    serving_start(&s, "--listen 127.0.0.1:0");
    char *second = read_text(path, &mode);
    CHECK_STR(second, first);
    result_release(&r);
    free(first);
    free(second);
    free(path);
    serving_release(&s);
}

TEST(without_tcp_no_token_is_made)
{
    struct serving s;
    serving_init(&s, "");
    char *path = world_path(&s.w, "state/haul/token");
    CHECK(access(path, F_OK) != 0);
    free(path);
    serving_release(&s);
}

/* ---- the service manager ---- */

static void check_told(int fd, const char *words)
{
    char text[64] = "";
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ASSERT(poll(&p, 1, 10000) == 1);
    CHECK(recv(fd, text, sizeof text - 1, 0) > 0);
    CHECK_STR(text, words);
}

TEST(a_service_manager_is_told_when_it_is_ready_and_when_it_stops)
{
    struct serving s;
    struct result r;
    serving_prepare(&s);
    char *path = world_path(&s.w, "notify");
    int fd = bind_unix(path, SOCK_DGRAM);
    world_env(&s.w, "NOTIFY_SOCKET", path);
    serving_start(&s, "");
    check_told(fd, "READY=1");
    serving_stop(&s, SIGTERM, &r);
    check_told(fd, "STOPPING=1");
    CHECK_INT(r.exit, 0);
    result_release(&r);
    close(fd);
    free(path);
    serving_release(&s);
}

/* Nobody listens yet, and still nobody is turned away. */
TEST(a_socket_that_is_handed_over_is_served_with_who_waits_there)
{
    struct serving s;
    struct stream st;
    struct result r;
    serving_prepare(&s);
    int fd = bind_unix(s.socket, SOCK_STREAM);
    s.w.inherited = fd;
    world_env(&s.w, "LISTEN_FDS", "1");
    serving_start(&s, "");
    CHECK_INT(ask_status(&s, "GET", "/v1/info", NULL), 200);
    stream_open(&s, &st, "/v1/events", NULL);
    CHECK(stream_until_event(&st, "listed"));
    serving_stop(&s, SIGTERM, &r);
    CHECK_INT(r.exit, 0);
    CHECK(strstr(r.err.data, "from the service manager"));
    /* It is the manager's socket: it stays, for the next start. */
    CHECK(access(s.socket, F_OK) == 0);
    while (stream_next(&st, CLOCK_SEC))
        continue;
    CHECK(st.ended);
    serving_start(&s, "");
    CHECK_INT(ask_status(&s, "GET", "/v1/info", NULL), 200);
    stream_close(&st);
    result_release(&r);
    serving_release(&s);
    close(fd);
}
