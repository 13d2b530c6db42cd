/* SPDX-License-Identifier: MIT */
/*
 * What libmicrohttpd calls: a connection begins and ends, a request arrives in pieces. Checks who
 * asks before anything else; hands what is whole to its route. See server_exchange.h.
 */
#include <linux/tcp.h> /* that of the C library does not count bytes */
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/server_exchange.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"

#define REQUEST_TIME (10 * CLOCK_SEC)  /* for a head, and again for a body */
#define IDLE_TIME    (60 * CLOCK_SEC)  /* between two requests */
#define ANSWER_TIME  (120 * CLOCK_SEC) /* in which nothing of an answer is taken */
#define LINKS_MAX    1024              /* of one socket */
#define LINKS_SPARE  32                /* kept free by closing those that are slowest */
#define HEAD_MAX     ((size_t)24 << 10)

/* ---- connections ---- */

static void link_add(struct link *l)
{
    struct server *s = l->server;
    l->next = s->links;
    l->at = &s->links;
    if (s->links)
        s->links->at = &l->next;
    s->links = l;
    l->port->links++;
}

static void link_remove(struct link *l)
{
    *l->at = l->next;
    if (l->next)
        l->next->at = l->at;
    l->port->links--;
}

/* libmicrohttpd sees the end of the connection and does the rest. */
static void hang_up(struct link *l)
{
    shutdown(l->fd, SHUT_RDWR);
    l->deadline = 0;
}

/* Who holds connections without asking for anything must not keep others out. */
static void make_room(struct port *p)
{
    struct link *slowest = NULL;
    if (p->links + LINKS_SPARE < LINKS_MAX)
        return;
    for (struct link *l = p->server->links; l; l = l->next)
        if (l->port == p && l->deadline && (!slowest || l->deadline < slowest->deadline))
            slowest = l;
    if (slowest)
        hang_up(slowest);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct port *p = arg;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        link_remove(*context);
        free(*context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    make_room(p);
    struct link *l = xcalloc(1, sizeof *l);
    l->server = p->server;
    l->port = p;
    l->fd = info->connect_fd;
    l->deadline = clock_now() + REQUEST_TIME;
    link_add(l);
    *context = l;
}

/* ---- answers that nobody reads ---- */

static uint64_t taken(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_acked : 0;
}

static int64_t patience(const struct server *s)
{
    return s->config->patience ? s->config->patience : ANSWER_TIME;
}

void exchange_expect_reader(struct exchange *x)
{
    struct link *l = x->link;
    l->answers = true;
    l->taken = l->port->tcp ? taken(l->fd) : 0;
    l->deadline = clock_now() + patience(l->server);
}

/* However slowly. Who comes by the Unix socket is the owner. */
static bool still_reads(struct link *l)
{
    uint64_t before = l->taken;
    if (!l->answers || !l->port->tcp)
        return l->answers;
    l->taken = taken(l->fd);
    return l->taken != before;
}

/* What waits in the system to be sent goes, too. */
static void cut_off(struct link *l)
{
    struct linger none = {.l_onoff = 1};
    (void)setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    hang_up(l);
}

static void expire(struct link *l, int64_t now)
{
    if (still_reads(l))
        l->deadline = now + patience(l->server);
    else if (l->answers)
        cut_off(l);
    else
        hang_up(l);
}

int64_t exchange_deadlines(struct server *s, int64_t now)
{
    int64_t next = INT64_MAX;
    for (struct link *l = s->links; l; l = l->next) {
        if (l->deadline && l->deadline <= now)
            expire(l, now);
        if (l->deadline && l->deadline < next)
            next = l->deadline;
    }
    return next;
}

/* ---- the head ---- */

static char *local_address(int fd)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof addr;
    char host[NI_MAXHOST];
    if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0 ||
        getnameinfo((struct sockaddr *)&addr, len, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return NULL;
    host[strcspn(host, "%")] = '\0'; /* the zone of a link-local address */
    return xstrdup(host);
}

static bool let_in(struct exchange *x, const char *method)
{
    struct server *s = x->server;
    const char *why = "";
    char *local = x->link->port->tcp ? local_address(x->link->fd) : NULL;
    struct guard_request q = {
        .tcp = x->link->port->tcp,
        .open = !x->route || x->route->open,
        .body = !strcmp(method, "POST") || !strcmp(method, "PATCH"),
        .local = local,
        .host = exchange_header(x, MHD_HTTP_HEADER_HOST),
        .origin = exchange_header(x, MHD_HTTP_HEADER_ORIGIN),
        .authorization = exchange_header(x, MHD_HTTP_HEADER_AUTHORIZATION),
        .content_type = exchange_header(x, MHD_HTTP_HEADER_CONTENT_TYPE),
    };
    int status = guard_check(&s->guard, &q, &why);
    free(local);
    x->listed = guard_listed_origin(&s->guard, q.origin);
    x->origin = x->listed ? xstrdup(q.origin) : NULL;
    if (status == 401)
        exchange_refuse(x, 401, "unauthorized", "%s", why);
    else if (status)
        exchange_refuse(x, (unsigned)status, status == 415 ? "media_type" : "forbidden", "%s", why);
    return !status;
}

/* A listed page's browser asks before it sends what a form could not. */
static void answer_preflight(struct exchange *x)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!r)
        abort();
    MHD_add_response_header(r, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_METHODS,
                            "GET, POST, PATCH, DELETE");
    MHD_add_response_header(r, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_HEADERS,
                            "Authorization, Content-Type, Last-Event-ID, Prefer");
    MHD_add_response_header(r, MHD_HTTP_HEADER_ACCESS_CONTROL_MAX_AGE, "600");
    exchange_respond(x, 204, r);
}

static bool announced_too_big(struct exchange *x)
{
    const char *length = exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length && strtoull(length, NULL, 10) > BODY_MAX;
}

static void refuse_size(struct exchange *x)
{
    exchange_refuse(x, 413, "too_large", "the body is larger than %zu KiB", BODY_MAX >> 10);
}

/* The head is here. What must not go on is answered at once. */
static void begin(struct exchange *x, const char *method, const char *path)
{
    x->head = !strcmp(method, "HEAD");
    x->route = route_find(x->head ? "GET" : method, path, x->args, &x->allowed);
    bool preflight = !strcmp(method, "OPTIONS");
    if (!let_in(x, method))
        return;
    if (preflight && x->listed)
        answer_preflight(x);
    else if (!x->route && !*x->allowed)
        exchange_refuse(x, 404, "not_found", "there is no %s here; docs/api.md lists the routes",
                        path);
    else if (!x->route)
        exchange_refuse(x, 405, "method", "%s is for %s only", path, x->allowed);
    else if (announced_too_big(x))
        refuse_size(x);
}

/* ---- the request ---- */

static struct exchange *exchange_new(struct port *p, struct MHD_Connection *connection)
{
    struct exchange *x = xcalloc(1, sizeof *x);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    x->server = p->server;
    x->connection = connection;
    x->link = info->socket_context;
    x->link->exchange = x;
    buf_init_max(&x->body, BODY_MAX);
    return x;
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *len)
{
    x->too_big |= !x->answered && !buf_add(&x->body, data, *len);
    *len = 0;
    return MHD_YES;
}

static void queue_waited(struct exchange *x)
{
    struct MHD_Response *r = x->response;
    x->response = NULL;
    MHD_queue_response(x->connection, x->status, r);
    MHD_destroy_response(r);
    exchange_expect_reader(x);
}

static void dispatch(struct exchange *x)
{
    x->link->deadline = 0; /* from here on it is we who take the time */
    if (x->too_big)
        refuse_size(x);
    else if (x->server->stopping)
        exchange_refuse(x, 503, "stopping", "the server is stopping");
    else
        x->route->handle(x);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **context)
{
    (void)version;
    struct exchange *x = *context;
    if (!x) {
        x = *context = exchange_new(arg, connection);
        begin(x, method, path);
        x->link->answers = false; /* what was refused already has still to be sent whole */
        x->link->deadline = clock_now() + REQUEST_TIME;
        return MHD_YES;
    }
    if (*len)
        return take_body(x, data, len);
    if (x->response)
        queue_waited(x);
    else if (!x->answered && !x->waiting)
        dispatch(x);
    return MHD_YES;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)connection, (void)code;
    struct exchange *x = *context;
    if (!x)
        return;
    if (x->gone)
        x->gone(x);
    if (x->response)
        MHD_destroy_response(x->response);
    metrics_request(&x->server->metrics, x->status);
    x->link->exchange = NULL;
    x->link->answers = false;
    x->link->deadline = clock_now() + IDLE_TIME;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(x->args); i++)
        free(x->args[i]);
    buf_release(&x->body);
    free(x->origin);
    free(x->allowed);
    free(x);
    *context = NULL;
}

/* As libmicrohttpd does it, but %00: what follows it would be no part of the text any more. Such a
 * text stays as it is, and means nothing here. */
static size_t unescape(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg, (void)connection;
    struct buf plain;
    buf_init_max(&plain, BUF_UNBOUNDED);
    size_t len = strlen(text);
    if (text_percent_decode(&plain, text, len)) {
        len = plain.len; /* never longer */
        memcpy(text, plain.data, len + 1);
    }
    buf_release(&plain);
    return len;
}

/* Its own words would come on top of ours. */
static void be_silent(void *arg, const char *fmt, va_list args)
{
    (void)arg, (void)fmt, (void)args;
}

bool exchange_listen(struct port *p, int fd)
{
    p->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, p,
        MHD_OPTION_EXTERNAL_LOGGER, be_silent, NULL, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LINKS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MAX, MHD_OPTION_CONNECTION_MEMORY_INCREMENT,
        (size_t)4096, MHD_OPTION_NOTIFY_CONNECTION, on_connection, p, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, p, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_END);
    return p->daemon != NULL;
}
