/* SPDX-License-Identifier: MIT */
/* Small HTTP requests; see http.h. */
#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "net/gate.h"
#include "net/retry.h"
#include "net/url.h"

#define REDIRECTS_MAX  20
#define LOOK           (100 * CLOCK_MS) /* how often *stop is looked at */
#define HEAD_MAX       ((size_t)64 << 10)
#define PATIENCE_ALONE (10 * CLOCK_SEC)

struct call {
    struct http_client *client;
    const struct http_request *request;
    struct http_response *response;
    CURL *easy;
    struct curl_slist *headers;
    char *origin;
    char error[CURL_ERROR_SIZE];
    bool too_large;
};

void http_response_init(struct http_response *r)
{
    *r = (struct http_response){0};
    reply_init(&r->reply);
    buf_init_max(&r->head, HEAD_MAX);
    buf_init(&r->body);
}

void http_response_release(struct http_response *r)
{
    reply_release(&r->reply);
    buf_release(&r->head);
    buf_release(&r->body);
    free(r->url);
    r->url = NULL;
}

/* Values are kept ended by NUL, so that they can be lent. */
static void keep_header(struct buf *head, const char *line, size_t len)
{
    if (len > 5 && !strncasecmp(line, "HTTP/", 5))
        buf_truncate(head, 0); /* of a redirect, or an interim reply */
    while (len && strchr("\r\n\t ", line[len - 1]))
        len--;
    if (memchr(line, '\0', len) || head->len + len + 1 > head->max)
        return;
    buf_add(head, line, len);
    buf_add_char(head, '\0');
}

/* The value of the first line of that name from `line` on, NULL if there is none. */
static const char *find_header(const struct http_response *r, const char *line, const char *name)
{
    size_t len = strlen(name);
    for (const char *end = r->head.data + r->head.len; line < end; line += strlen(line) + 1)
        if (!strncasecmp(line, name, len) && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " \t");
    return NULL;
}

const char *http_response_header(const struct http_response *r, const char *name)
{
    return find_header(r, r->head.data, name);
}

void http_response_headers(const struct http_response *r, const char *name, struct buf *out)
{
    const char *value = find_header(r, r->head.data, name);
    for (; value; value = find_header(r, value + strlen(value) + 1, name)) {
        if (out->len)
            buf_add_str(out, ", ");
        buf_add_str(out, value);
    }
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
    struct call *c = arg;
    keep_header(&c->response->head, line, size * count);
    return reply_line(&c->response->reply, line, size * count) ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct call *c = arg;
    if (c->request->probe)
        return 0; /* the head is all that was wanted */
    c->too_large = !buf_add(&c->response->body, data, size * count);
    return c->too_large ? 0 : size * count;
}

static bool stopped(const struct http_client *client)
{
    return (client->run && run_stop(client->run) != STOP_NONE) ||
           (client->stop && atomic_load(client->stop));
}

static void add_headers(struct call *c)
{
    const struct http_request *r = c->request;
    char *origin = url_origin(c->response->url);
    bool own = origin && c->origin && !strcmp(origin, c->origin);
    c->headers = curl_slist_append(NULL, "Accept-Encoding: identity");
    if (r->accept) {
        char *accept = xasprintf("Accept: %s", r->accept);
        c->headers = curl_slist_append(c->headers, accept);
        free(accept);
    }
    for (size_t i = 0; own && r->headers && i < r->headers->count; i++)
        c->headers = curl_slist_append(c->headers, r->headers->items[i]);
    if (own && r->token) {
        curl_easy_setopt(c->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(c->easy, CURLOPT_XOAUTH2_BEARER, r->token);
    } else if (own && !r->anonymous && c->client->worker->engine->netrc) {
        curl_easy_setopt(c->easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    }
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    free(origin);
}

static void setup(struct call *c)
{
    curl_easy_reset(c->easy);
    curl_slist_free_all(c->headers);
    reply_clear(&c->response->reply);
    buf_clear(&c->response->head);
    buf_clear(&c->response->body);
    c->response->body.max = c->request->max_body;
    c->error[0] = '\0';
    engine_setup_easy(c->client->worker->engine, c->easy);
    curl_easy_setopt(c->easy, CURLOPT_URL, c->response->url);
    curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
    curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    if (c->request->probe)
        curl_easy_setopt(c->easy, CURLOPT_RANGE, "0-0");
    add_headers(c);
}

/* False when it was stopped. */
static bool perform(struct call *c, CURLcode *code)
{
    struct driver *driver = c->client->worker->driver;
    int64_t stall = c->client->worker->engine->settings.stall_timeout, now = clock_now();
    int64_t since = now;
    *code = CURLE_OPERATION_TIMEDOUT;
    driver_add(driver, c->easy);
    while (!stopped(c->client) && now - since < stall) {
        size_t before = c->response->body.len + c->response->reply.head_bytes;
        (void)driver_turn(driver, now + LOOK, false);
        if (driver_ended(driver, code))
            break;
        now = clock_now();
        if (c->response->body.len + c->response->reply.head_bytes != before)
            since = now;
    }
    driver_remove(driver, c->easy);
    return !stopped(c->client);
}

static enum haul_error judge(struct call *c, CURLcode code, struct haul_fault *fault)
{
    const struct reply *reply = &c->response->reply;
    bool head_only = c->request->probe && reply->complete;
    if (c->too_large)
        return fault_set(fault, HAUL_ERR_NETWORK, "the answer is larger than %zu bytes",
                         c->request->max_body);
    if (code != CURLE_OK && !head_only)
        return retry_fault_of_request(c->easy, code, c->response->url, c->error, fault);
    if (reply->status == 200 || reply->status == 206 || (reply->status == 416 && c->request->probe))
        return HAUL_OK;
    return retry_fault_of_status(reply, c->response->url, false, fault);
}

/* One request with its redirects. */
static enum haul_error attempt(struct call *c, struct haul_fault *fault)
{
    free(c->response->url);
    c->response->url = xstrdup(c->request->url);
    for (int hops = 0; hops <= REDIRECTS_MAX; hops++) {
        CURLcode code;
        char *next = NULL;
        c->too_large = false;
        setup(c);
        if (!perform(c, &code))
            return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
        if (!c->response->reply.complete ||
            reply_judge(&c->response->reply, NULL, NULL, NULL) != REPLY_REDIRECT)
            return judge(c, code, fault);
        enum haul_error err =
            url_redirect(c->response->url, c->response->reply.location.data, &next, fault);
        if (err != HAUL_OK)
            return err;
        free(c->response->url);
        c->response->url = next;
    }
    fault_set(fault, HAUL_ERR_NETWORK, "more than %d redirects: the server leads in a circle",
              REDIRECTS_MAX);
    fault->retryable = false;
    return fault->code;
}

/* Shows what the job waits for; false when it was stopped. */
static bool wait_until(struct call *c, int64_t until, unsigned try, const char *why)
{
    struct run *run = c->client->run;
    if (run)
        run_set_retry(run, until, try, c->client->worker->engine->settings.tries, why);
    for (int64_t now; (now = clock_now()) < until && !stopped(c->client);)
        (void)driver_turn(c->client->worker->driver, now + LOOK < until ? now + LOOK : until,
                          false);
    if (run)
        run_set_retry(run, 0, 0, 0, NULL);
    return !stopped(c->client);
}

/* Who has no job that shows that it waits would not know why nothing happens. */
static int64_t patience(const struct call *c)
{
    if (c->client->once)
        return 0;
    return c->client->run ? RETRY_AFTER_MAX : PATIENCE_ALONE;
}

static enum haul_error stopped_fault(struct haul_fault *fault)
{
    return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
}

/* Somebody else was told to leave the host alone. */
static enum haul_error wait_for_host(struct call *c, unsigned try, struct haul_fault *fault)
{
    int64_t opens = gate_opens(c->client->worker->engine->gate, c->request->url);
    int64_t wait = opens - clock_now();
    if (wait <= 0)
        return HAUL_OK;
    if (wait > patience(c)) {
        fault_set(fault, HAUL_ERR_RATE_LIMITED, "the server has had enough of requests");
        retry_gave_up(fault, try, wait);
        return fault->code;
    }
    return wait_until(c, opens, try, GATE_SHUT) ? HAUL_OK : stopped_fault(fault);
}

static enum haul_error wait_for_retry(struct call *c, unsigned try, struct haul_fault *fault)
{
    struct engine *e = c->client->worker->engine;
    int64_t wait = retry_backoff(e->settings.retry_wait, try, engine_random(e));
    int64_t asked = retry_asked_wait(&c->response->reply);
    if (asked > wait)
        wait = asked;
    int64_t until = clock_now() + wait;
    /* Nobody sits out a longer wait. The others ask, and hear it for themselves. */
    if (retry_is_overload(c->response->reply.status) && asked <= RETRY_AFTER_MAX)
        gate_shut(e->gate, c->response->url, until);
    if (asked > patience(c)) {
        retry_gave_up(fault, try, asked);
        return fault->code;
    }
    if (c->client->run)
        run_log(c->client->run, LOG_INFO, "%s; retry %u/%u in %.1f s", fault->message, try,
                e->settings.tries, (double)wait / (double)CLOCK_SEC);
    return wait_until(c, until, try, fault->message) ? wait_for_host(c, try, fault)
                                                     : stopped_fault(fault);
}

enum haul_error http_get(struct http_client *client, const struct http_request *request,
                         struct http_response *response, struct haul_fault *fault)
{
    struct call c = {.client = client,
                     .request = request,
                     .response = response,
                     .easy = driver_take(client->worker->driver),
                     .origin = url_origin(request->url)};
    unsigned tries = client->once ? 1 : client->worker->engine->settings.tries;
    enum haul_error err = wait_for_host(&c, 0, fault);
    for (unsigned try = 1; err == HAUL_OK; try++) {
        err = attempt(&c, fault);
        if (err == HAUL_OK || err == HAUL_ERR_CANCELLED || !fault->retryable)
            break;
        if (try < tries)
            err = wait_for_retry(&c, try, fault);
        else
            retry_gave_up(fault, try, 0);
    }
    driver_give(client->worker->driver, c.easy);
    curl_slist_free_all(c.headers);
    free(c.origin);
    return err;
}
