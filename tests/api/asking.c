/* SPDX-License-Identifier: MIT */
/* Requests and streams over plain sockets; see serving.h. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/serving.h"
#include "core/alloc.h"
#include "core/units.h"

#define NODES_MAX 1000000

const char *path_of(const char *format, ...)
{
    static char *paths[8];
    static unsigned next;
    char **path = &paths[next++ % HAUL_ARRAY_LEN(paths)];
    va_list args;
    free(*path);
    va_start(args, format);
    if (vasprintf(path, format, args) < 0)
        abort();
    va_end(args);
    return *path;
}

/* ---- sockets ---- */

static int connect_unix(const struct serving *s)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", s->socket);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static int connect_tcp(const struct serving *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(s->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static void send_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* it has answered already, and closed */
        text += n;
        len -= (size_t)n;
    }
}

static void send_request(int fd, const char *method, const char *path, const struct buf *body,
                         const char *headers, bool close_after)
{
    struct buf b;
    bool json = !strcmp(method, "POST") || !strcmp(method, "PATCH");
    bool typed = headers && strcasestr(headers, "content-type:");
    buf_init(&b);
    buf_addf(&b, "%s %s HTTP/1.1\r\n%s", method, path, headers ? headers : "");
    if (!headers || !strcasestr(headers, "host:"))
        buf_add_str(&b, "Host: localhost\r\n");
    if (json && !typed)
        buf_add_str(&b, "Content-Type: application/json\r\n");
    if (body || json)
        buf_addf(&b, "Content-Length: %zu\r\n", body ? body->len : 0);
    buf_addf(&b, "%s\r\n", close_after ? "Connection: close\r\n" : "");
    if (body)
        buf_add(&b, body->data, body->len);
    send_all(fd, b.data, b.len);
    buf_release(&b);
}

/* False when nothing comes any more, or not until the deadline. */
static bool receive(int fd, struct buf *to, int64_t deadline, bool *closed)
{
    char chunk[65536];
    int64_t left = deadline - clock_now();
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (left < 0 || poll(&p, 1, (int)(left / CLOCK_MS) + 1) != 1)
        return false;
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n <= 0) {
        *closed = true;
        return false;
    }
    return buf_add(to, chunk, (size_t)n);
}

static void cut_front(struct buf *b, size_t len)
{
    memmove(b->data, b->data + len, b->len - len);
    buf_truncate(b, b->len - len);
}

/* Moves a head that is whole from `raw` to `head`; an interim answer is skipped. */
static bool take_head(struct buf *raw, struct buf *head, int *status)
{
    for (;;) {
        const char *end = strstr(raw->data, "\r\n\r\n");
        if (!end || strncmp(raw->data, "HTTP/1.", 7) != 0)
            return false;
        size_t len = (size_t)(end + 4 - raw->data);
        uint64_t n = 0;
        char digits[4] = "";
        memcpy(digits, raw->data + 9, 3);
        *status = units_parse_u64(digits, 599, &n) ? (int)n : 0;
        buf_truncate(head, 0);
        buf_add(head, raw->data, len);
        cut_front(raw, len);
        if (*status != 100)
            return true;
    }
}

/* ---- bodies ---- */

/* Moves whole chunks (RFC 9112 §7.1) from `raw` to `text`; true when the last one was there. */
static bool take_chunks(struct buf *raw, struct buf *text)
{
    for (;;) {
        char *end, *line = strstr(raw->data, "\r\n");
        if (!line)
            return false;
        size_t len = strtoul(raw->data, &end, 16), at = (size_t)(line + 2 - raw->data);
        if (end == raw->data || raw->len < at + len + 2)
            return false;
        buf_add(text, raw->data + at, len);
        cut_front(raw, at + len + 2);
        if (!len)
            return true;
    }
}

static int64_t announced(const char *head)
{
    static const char name[] = "content-length:";
    const char *at = strcasestr(head, name);
    return at ? (int64_t)strtoll(at + sizeof name - 1, NULL, 10) : -1;
}

static struct json *parse(const struct buf *text)
{
    struct haul_fault fault;
    return *text->data == '{' ? json_parse(text->data, text->len, NODES_MAX, HAUL_ERR_USAGE, &fault)
                              : NULL;
}

static void read_answer(int fd, struct answer *a, bool head_only)
{
    struct buf raw;
    bool closed = false;
    int64_t deadline = clock_now() + SERVING_PATIENCE;
    buf_init_max(&raw, BUF_UNBOUNDED);
    while (receive(fd, &raw, deadline, &closed))
        continue;
    if (take_head(&raw, &a->head, &a->status)) {
        bool chunked = strcasestr(a->head.data, "transfer-encoding: chunked") != NULL;
        int64_t length = announced(a->head.data);
        if (chunked)
            a->whole = take_chunks(&raw, &a->body);
        else
            buf_add(&a->body, raw.data, raw.len);
        if (!chunked)
            a->whole = closed && (head_only || length == (int64_t)a->body.len);
    }
    a->json = parse(&a->body);
    buf_release(&raw);
}

static void ask_at(int fd, struct answer *a, const char *method, const char *path,
                   const struct buf *body, const char *headers)
{
    *a = (struct answer){0};
    buf_init(&a->head);
    buf_init_max(&a->body, BUF_UNBOUNDED);
    if (fd < 0)
        return;
    int64_t asked = clock_now();
    send_request(fd, method, path, body, headers, true);
    read_answer(fd, a, !strcmp(method, "HEAD"));
    a->took = clock_now() - asked;
    close(fd);
}

static void ask_text(int fd, struct answer *a, const char *method, const char *path,
                     const char *text, const char *headers)
{
    struct buf body;
    buf_init_max(&body, BUF_UNBOUNDED);
    buf_add_str(&body, text ? text : "");
    ask_at(fd, a, method, path, text ? &body : NULL, headers);
    buf_release(&body);
}

void ask_with(const struct serving *s, struct answer *a, const char *method, const char *path,
              const char *body, const char *headers)
{
    ask_text(connect_unix(s), a, method, path, body, headers);
}

void ask(const struct serving *s, struct answer *a, const char *method, const char *path,
         const char *body)
{
    ask_text(connect_unix(s), a, method, path, body, NULL);
}

void ask_tcp(const struct serving *s, struct answer *a, const char *method, const char *path,
             const char *body, const char *headers)
{
    ask_text(connect_tcp(s), a, method, path, body, headers);
}

void ask_bytes(const struct serving *s, struct answer *a, const char *method, const char *path,
               const char *bytes, size_t len)
{
    struct buf body;
    buf_init_max(&body, BUF_UNBOUNDED);
    buf_add(&body, bytes, len);
    ask_at(connect_unix(s), a, method, path, &body, NULL);
    buf_release(&body);
}

int speak(const struct serving *s, const char *text)
{
    int fd = connect_unix(s);
    send_all(fd, text, strlen(text));
    return fd;
}

void answer_release(struct answer *a)
{
    buf_release(&a->head);
    buf_release(&a->body);
    json_free(a->json);
}

const char *answer_text(const struct answer *a, const char *field)
{
    return json_string(json_get(a->json, field), "");
}

const char *answer_error(const struct answer *a, const char *field)
{
    return json_string(json_get(json_get(a->json, "error"), field), "");
}

int ask_status(const struct serving *s, const char *method, const char *path, const char *body)
{
    struct answer a;
    ask(s, &a, method, path, body);
    int status = a.status;
    answer_release(&a);
    return status;
}

/* ---- streams ---- */

void stream_open(const struct serving *s, struct stream *st, const char *path, const char *last_id)
{
    struct buf head;
    char *headers = last_id ? xasprintf("Last-Event-ID: %s\r\n", last_id) : NULL;
    *st = (struct stream){.fd = connect_unix(s)};
    struct buf *const all[] = {&st->raw, &st->text, &st->name, &st->id, &st->data, &head};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(all); i++)
        buf_init_max(all[i], BUF_UNBOUNDED);
    send_request(st->fd, "GET", path, NULL, headers, false);
    int64_t deadline = clock_now() + SERVING_PATIENCE;
    while (!take_head(&st->raw, &head, &st->status))
        if (!receive(st->fd, &st->raw, deadline, &st->cut))
            break;
    st->ended = take_chunks(&st->raw, &st->text);
    buf_release(&head);
    free(headers);
}

void stream_close(struct stream *st)
{
    struct buf *const all[] = {&st->raw, &st->text, &st->name, &st->id, &st->data};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(all); i++)
        buf_release(all[i]);
    json_free(st->json);
    close(st->fd);
}

static void take_line(struct stream *st, const char *line)
{
    if (!strncmp(line, "event: ", 7)) {
        buf_add_str(&st->name, line + 7);
    } else if (!strncmp(line, "id: ", 4)) {
        buf_add_str(&st->id, line + 4);
    } else if (!strncmp(line, "data: ", 6)) {
        buf_add_str(&st->data, line + 6);
    } else if (*line == ':') {
        st->comments++;
    }
}

/* Takes one that is whole; false where there is none. */
static bool take_event(struct stream *st)
{
    char *end = strstr(st->text.data, "\n\n");
    if (!end)
        return false;
    struct buf *const fields[] = {&st->name, &st->id, &st->data};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fields); i++)
        buf_truncate(fields[i], 0);
    json_free(st->json);
    *end = '\0';
    for (char *line = st->text.data, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        take_line(st, line);
    }
    cut_front(&st->text, (size_t)(end + 2 - st->text.data));
    st->json = parse(&st->data);
    return true;
}

bool stream_next(struct stream *st, int64_t timeout)
{
    int64_t deadline = clock_now() + timeout;
    for (;;) {
        while (take_event(st))
            if (st->data.len)
                return true;
        if (st->ended || !receive(st->fd, &st->raw, deadline, &st->cut))
            return false;
        st->ended = take_chunks(&st->raw, &st->text);
    }
}

bool stream_is_line(const struct stream *st, const char *begins)
{
    return !st->name.len && !strncmp(st->data.data, begins, strlen(begins));
}

bool stream_is_event(const struct stream *st, const char *name)
{
    return !strcmp(st->name.data, name);
}

bool stream_until_line(struct stream *st, const char *begins)
{
    while (stream_next(st, SERVING_PATIENCE))
        if (stream_is_line(st, begins))
            return true;
    return false;
}

bool stream_until_event(struct stream *st, const char *name)
{
    while (stream_next(st, SERVING_PATIENCE))
        if (stream_is_event(st, name))
            return true;
    return false;
}
