/* SPDX-License-Identifier: MIT */
/* The job server as a whole, in this process: what it says to whom, also when many ask at once. */
#include "harness.h"

#include "serving.h"

static int open_stream(const struct serving *s, const char *path)
{
    int fd = serving_connect(s);
    char *head = xasprintf("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    if (fd >= 0)
        serving_send(fd, head);
    free(head);
    return fd;
}

TEST(a_cancel_answers_when_it_is_true)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_start(&s, 2);
    ASSERT(serving_add(&s, "hold", id));
    struct buf body;
    buf_init(&body);
    char *path = xasprintf("/v1/jobs/%s", id);
    CHECK_INT(serving_ask(&s, "DELETE", path, NULL, &body), 200);
    CHECK(strstr(body.data, "\"status\":\"cancelled\""));
    buf_truncate(&body, 0);
    CHECK_INT(serving_ask(&s, "GET", path, NULL, &body), 200);
    CHECK(strstr(body.data, "\"state\":\"cancelled\""));
    buf_truncate(&body, 0);
    CHECK_INT(serving_ask(&s, "DELETE", path, NULL, &body), 404);
    CHECK(strstr(body.data, "\"code\":\"not_cancellable\""));
    CHECK(strstr(body.data, "not found or cannot be cancelled (already completed/failed)"));
    free(path);
    buf_release(&body);
    serving_stop(&s);
}

TEST(a_stream_ends_after_its_jobs_last_event)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_start(&s, 2);
    ASSERT(serving_add(&s, "hold", id));
    char *path = xasprintf("/v1/jobs/%s/stream", id);
    int fd = open_stream(&s, path);
    struct buf out;
    buf_init(&out);
    serving_read(fd, &out, "event: snapshot", 5000);
    CHECK(strstr(out.data, "event: snapshot"));
    CHECK(!strstr(out.data, "[DONE]"));
    fake_release(s.engine);
    serving_read(fd, &out, "[DONE]\n\n\r\n0\r\n\r\n", 5000); /* to its end */
    const char *done = strstr(out.data, "data: [DONE]");
    const char *state = strstr(out.data, "\"state\":\"completed\"");
    CHECK(done && state && state < done);
    close(fd);
    buf_release(&out);
    free(path);
    serving_stop(&s);
}

/* A watcher that counts what it is told. */
struct watcher_count {
    int fd;
    size_t bytes;
    bool done;
};

static void drain_all(struct watcher_count *w, size_t count, int64_t until)
{
    struct pollfd *fds = xcalloc(count, sizeof *fds);
    while (clock_now() < until) {
        size_t open = 0;
        for (size_t i = 0; i < count; i++) {
            fds[i] = (struct pollfd){.fd = w[i].done ? -1 : w[i].fd, .events = POLLIN};
            open += !w[i].done;
        }
        if (!open || poll(fds, count, 100) < 0)
            break;
        for (size_t i = 0; i < count; i++) {
            char bytes[65536];
            ssize_t n = fds[i].revents ? read(w[i].fd, bytes, sizeof bytes) : 1;
            if (fds[i].revents && n > 0)
                w[i].bytes += (size_t)n;
            w[i].done |= n <= 0;
        }
    }
    free(fds);
}

static void *cancel_some(void *arg)
{
    struct serving *s = arg;
    for (unsigned n = 1; n < 1000; n += 3) {
        char path[64];
        snprintf(path, sizeof path, "/v1/jobs/%u", n);
        int status = serving_ask(s, "DELETE", path, NULL, NULL);
        if (status != 200 && status != 404)
            HARNESS_FAIL("DELETE gives %d", status);
    }
    return NULL;
}

static void add_thousand(const struct serving *s)
{
    struct buf json;
    buf_init(&json);
    buf_add_str(&json, "{\"jobs\":[");
    for (int i = 0; i < 1000; i++)
        buf_addf(&json, "%s{\"operation\":\"model_download\",\"model\":\"http://h/%s/%d\"}",
                 i ? "," : "", i % 3 ? "ok" : "hold", i);
    buf_add_str(&json, "]}");
    CHECK_INT(serving_ask(s, "POST", "/v1/jobs", json.data, NULL), 201);
    buf_release(&json);
}

TEST(five_hundred_watchers_see_a_thousand_jobs_come_and_go)
{
    enum { WATCHERS = 500 };
    struct serving s;
    static struct watcher_count w[WATCHERS];
    pthread_t canceller;
    memset(w, 0, sizeof w);
    serving_start(&s, 8);
    for (size_t i = 0; i < WATCHERS; i++)
        w[i].fd = open_stream(&s, i % 2 ? "/v1/events" : "/v1/events?updates=1");
    add_thousand(&s);
    ASSERT(pthread_create(&canceller, NULL, cancel_some, &s) == 0);
    drain_all(w, WATCHERS, clock_now() + 2 * CLOCK_SEC);
    fake_release(s.engine);
    pthread_join(canceller, NULL);
    drain_all(w, WATCHERS, clock_now() + CLOCK_SEC);
    struct buf body;
    buf_init(&body);
    CHECK_INT(serving_ask(&s, "GET", "/metrics", NULL, &body), 200);
    CHECK(strstr(body.data, "haul_http_streams 500\n"));
    CHECK(strstr(body.data, "haul_jobs{state=\"running\"} 0\n"));
    for (size_t i = 0; i < WATCHERS; i++) {
        if (w[i].done || w[i].bytes < 1000)
            HARNESS_FAIL("watcher %zu got %zu bytes%s", i, w[i].bytes, w[i].done ? ", ended" : "");
        close(w[i].fd);
    }
    buf_release(&body);
    serving_stop(&s);
}

TEST(who_never_reads_holds_nobody_up)
{
    struct serving s;
    char id[JOB_ID_SIZE];
    serving_start(&s, 4);
    int deaf = open_stream(&s, "/v1/events"), small = 4096;
    setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 4; i++)
        add_thousand(&s);
    ASSERT(serving_add(&s, "ok", id));
    char *path = xasprintf("/v1/jobs/%s/stream", id);
    struct buf out;
    buf_init_max(&out, BUF_UNBOUNDED);
    fake_release(s.engine);
    int fd = open_stream(&s, path);
    serving_read(fd, &out, "data: [DONE]", 20000);
    CHECK(strstr(out.data, "data: [DONE]"));
    close(fd);
    /* It has fallen behind by now, and gets a fresh list instead of what it missed. */
    buf_truncate(&out, 0);
    serving_read(deaf, &out, "event: listed", 5000);
    CHECK(strstr(out.data, "event: listed"));
    close(deaf);
    free(path);
    buf_release(&out);
    serving_stop(&s);
}

TEST(half_open_connections_keep_nobody_out)
{
    enum { HALF = 200 };
    struct serving s;
    int fds[HALF];
    serving_start(&s, 1);
    for (size_t i = 0; i < HALF; i++) {
        fds[i] = serving_connect(&s);
        serving_send(fds[i], i % 2 ? "GET /v1/jobs HTTP/1.1\r\nHost: loc" : "");
    }
    CHECK_INT(serving_ask(&s, "GET", "/health", NULL, NULL), 200);
    for (size_t i = 0; i < HALF; i++)
        close(fds[i]);
    serving_stop(&s);
}

TEST(more_connections_than_there_is_room_for_push_out_the_slowest)
{
    enum { MANY = 1500 };
    struct serving s;
    static int fds[MANY];
    serving_start(&s, 1);
    for (size_t i = 0; i < MANY; i++)
        fds[i] = serving_connect(&s);
    CHECK_INT(serving_ask(&s, "GET", "/health", NULL, NULL), 200);
    for (size_t i = 0; i < MANY; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    serving_stop(&s);
}

TEST(what_is_no_request_is_refused_and_harms_nobody)
{
    static const char *const attacks[] = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: -1\r\n\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 99999999999999999999\r\n\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "GET /v1/jobs/%00/stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/jobs/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/jobs/%2e%2e%2f HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };
    struct serving s;
    serving_start(&s, 1);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(attacks); i++) {
        struct buf out;
        int fd = serving_connect(&s);
        buf_init(&out);
        serving_send(fd, attacks[i]);
        shutdown(fd, SHUT_WR);
        serving_read(fd, &out, "\r\n\r\n", 200);
        if (!strncmp(out.data, "HTTP/1.1 2", 10))
            HARNESS_FAIL("answered: %s", attacks[i]);
        close(fd);
        buf_release(&out);
    }
    CHECK_INT(serving_ask(&s, "GET", "/health", NULL, NULL), 200);
    serving_stop(&s);
}

TEST(a_head_or_body_without_end_is_cut)
{
    struct serving s;
    struct buf out;
    serving_start(&s, 1);
    buf_init(&out);
    int fd = serving_connect(&s);
    serving_send(fd, "GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    for (int i = 0; i < 2000; i++)
        serving_send(fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    serving_read(fd, &out, "HTTP/1.1 4", 3000);
    CHECK(!strncmp(out.data, "HTTP/1.1 4", 10) || !out.len);
    close(fd);
    buf_truncate(&out, 0);
    fd = serving_connect(&s);
    serving_send(fd, "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\n"
                     "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 300; i++) {
        char block[4096];
        memset(block, ' ', sizeof block);
        serving_send(fd, "1000\r\n");
        (void)!send(fd, block, sizeof block, MSG_NOSIGNAL);
        serving_send(fd, "\r\n");
    }
    serving_send(fd, "0\r\n\r\n");
    serving_read(fd, &out, "too_large", 3000);
    CHECK(strstr(out.data, "413"));
    CHECK(strstr(out.data, "too_large"));
    close(fd);
    CHECK_INT(serving_ask(&s, "GET", "/health", NULL, NULL), 200);
    buf_release(&out);
    serving_stop(&s);
}

TEST(who_takes_too_long_to_ask_is_cut_off)
{
    struct serving s;
    struct buf out;
    serving_start(&s, 1);
    buf_init(&out);
    int fd = serving_connect(&s);
    int64_t begin = clock_now();
    serving_send(fd, "GET /health HTTP/1.1\r\n");
    serving_read(fd, &out, NULL, 30000);
    CHECK(clock_now() - begin < 20 * CLOCK_SEC);
    CHECK_INT(out.len, 0);
    close(fd);
    buf_release(&out);
    serving_stop(&s);
}

/* A list of some megabytes is more than the system keeps for a connection. */
static void start_long_list(struct serving *s, char **token_file)
{
    enum { COUNT = 1000 };
    static struct job_request requests[COUNT];
    size_t added;
    serving_start(s, 1);
    *token_file = xasprintf("%s/token", s->dir);
    for (int i = 0; i < COUNT; i++) {
        job_request_init(&requests[i]);
        requests[i].spec = xasprintf("http://h/hold/%d/%04000d", i, 0);
        requests[i].dir = xstrdup("/tmp/haul-nowhere");
    }
    CHECK_INT(session_add_many(s->session, requests, COUNT, NULL, &added, &s->fault), HAUL_OK);
    for (int i = 0; i < COUNT; i++)
        job_request_release(&requests[i]);
    serving_close(s);
    s->tcp = "127.0.0.1:0";
    s->config.token_file = *token_file;
    s->config.patience = 300 * CLOCK_MS;
    serving_open(s);
    CHECK_INT(serving_ask(s, "GET", "/health", NULL, NULL), 200); /* the token is there */
}

/* Over TCP, and takes little at a time. */
static int ask_tcp(const struct serving *s, const char *token_file, const char *path)
{
    char token[128] = "";
    int small = 16 << 10, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *f = fopen(token_file, "r");
    ASSERT(f && fgets(token, sizeof token, f));
    fclose(f);
    token[strcspn(token, "\n")] = '\0';
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    ASSERT(connect(fd, (const struct sockaddr *)&s->at, sizeof s->at) == 0);
    char *head = xasprintf("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                           "Authorization: Bearer %s\r\n\r\n",
                           path, token);
    serving_send(fd, head);
    free(head);
    return fd;
}

TEST(who_takes_nothing_of_an_answer_is_cut_off_and_who_takes_little_is_not)
{
    struct serving s;
    struct buf out;
    struct pollfd p = {0};
    char *token_file, bytes[64 << 10];
    size_t got = 0;
    start_long_list(&s, &token_file);
    int deaf = ask_tcp(&s, token_file, "/v1/jobs");
    int stream = ask_tcp(&s, token_file, "/v1/events?updates=1");
    p = (struct pollfd){.fd = deaf, .events = POLLRDHUP};
    CHECK(poll(&p, 1, 10000) == 1); /* closed, though not all was sent */
    close(deaf);
    int slow = ask_tcp(&s, token_file, "/v1/jobs");
    for (ssize_t n; (n = read(slow, bytes, sizeof bytes)) > 0; usleep(8000))
        got += (size_t)n;
    CHECK(got > (size_t)4 << 20);
    close(slow);
    buf_init_max(&out, BUF_UNBOUNDED); /* it was not read for all that time */
    serving_read(stream, &out, "event: listed", 10000);
    CHECK(strstr(out.data, "event: listed"));
    close(stream);
    buf_release(&out);
    free(token_file);
    serving_stop(&s);
}

TEST(stopping_ends_streams_properly)
{
    struct serving s;
    struct buf out;
    serving_start(&s, 1);
    buf_init(&out);
    int fd = open_stream(&s, "/v1/events");
    serving_read(fd, &out, "event: listed", 5000);
    serving_stop(&s);
    serving_read(fd, &out, NULL, 1000);
    /* The last chunk of a chunked answer: it was not cut. */
    CHECK(out.len > 5 && !strcmp(out.data + out.len - 5, "0\r\n\r\n"));
    close(fd);
    buf_release(&out);
}
