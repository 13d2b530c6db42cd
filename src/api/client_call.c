/* SPDX-License-Identifier: MIT */
/* Requests to a job server; see client_call.h. */
#include "api/client_call.h"

#include <stdlib.h>
#include <string.h>

#include "api/json_read.h"
#include "api/sse.h"
#include "core/alloc.h"
#include "core/clock.h"

#define REPLY_MAX   ((size_t)64 << 20)
#define NODES_MAX   ((size_t)4 << 20)
#define CONNECT_MS  5000L
#define SILENCE_SEC 30L /* the server says something every 10 s */

void call_origin_init(struct call_origin *o, struct endpoint *endpoint,
                      const struct settings *settings)
{
    *o = (struct call_origin){
        .endpoint = *endpoint, .cacert = xstrdup(settings->cacert), .insecure = settings->insecure};
    *endpoint = (struct endpoint){0};
}

void call_origin_release(struct call_origin *o)
{
    endpoint_release(&o->endpoint);
    free(o->cacert);
}

static CURL *make_easy(const struct call_origin *o, const char *path, struct curl_slist **headers,
                       char *error)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        abort();
    char *url = xasprintf("%s%s", o->endpoint.url, path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    free(url);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "haul/" HAUL_VERSION);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    if (o->endpoint.socket_path)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, o->endpoint.socket_path);
    if (o->endpoint.here)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (o->endpoint.token) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, o->endpoint.token);
    }
    if (o->cacert)
        curl_easy_setopt(easy, CURLOPT_CAINFO, o->cacert);
    if (o->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    *headers = curl_slist_append(NULL, "Expect:");
    return easy;
}

static size_t on_reply(char *data, size_t size, size_t count, void *arg)
{
    struct call *c = arg;
    mutex_lock(c->mutex);
    if (!c->status)
        curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->status);
    bool fits = buf_add(&c->reply, data, size * count);
    cond_broadcast(c->news);
    mutex_unlock(c->mutex);
    return fits ? size * count : 0;
}

struct call *call_new(const struct call_origin *o, const struct wire_request *r,
                      struct mutex *mutex, struct cond *news)
{
    struct call *c = xcalloc(1, sizeof *c);
    c->mutex = mutex;
    c->news = news;
    c->body = xstrdup(r->body);
    buf_init_max(&c->reply, REPLY_MAX);
    c->easy = make_easy(o, r->path, &c->headers, c->error);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_reply);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, r->method);
    if (!strcmp(r->method, "POST") || !strcmp(r->method, "PATCH")) {
        c->headers = curl_slist_append(c->headers, "Content-Type: application/json");
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->body ? c->body : "{}");
    }
    if (r->no_wait)
        c->headers = curl_slist_append(c->headers, "Prefer: respond-async");
    c->headers =
        curl_slist_append(c->headers, r->data ? "Accept: text/event-stream" : "Accept: */*");
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    return c;
}

void call_free(struct call *c)
{
    curl_easy_cleanup(c->easy);
    curl_slist_free_all(c->headers);
    buf_release(&c->reply);
    free(c->body);
    free(c);
}

void call_finish(struct call *c, CURLcode code)
{
    c->code = code;
    mutex_lock(c->mutex);
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->status);
    mutex_unlock(c->mutex);
}

/* libcurl speaks of a host and a port where there is only a Unix socket. */
static const char *reason(const struct call_origin *o, CURL *easy, CURLcode code, const char *error)
{
    long number = 0;
    if (o->endpoint.socket_path && code == CURLE_COULDNT_CONNECT &&
        curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number)
        return strerror((int)number);
    return *error ? error : curl_easy_strerror(code);
}

/* In words that say what to do. */
static enum haul_error unreachable(const struct call_origin *o, CURL *easy, CURLcode code,
                                   const char *error, struct haul_fault *fault)
{
    const char *why = reason(o, easy, code, error);
    fault_set(fault, HAUL_ERR_SERVER,
              "no job server at %s: %s; start one with 'haul serve', or name another with --server",
              o->endpoint.shown, why);
    fault->retryable = true;
    return fault->code;
}

static enum haul_error refused(const struct call_origin *o, long status, const struct json *reply,
                               struct haul_fault *fault)
{
    if (status == 401)
        return fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                         "%s: the server's token is missing or wrong; name a file that holds it "
                         "with --token-file, or set HAUL_TOKEN",
                         o->endpoint.shown);
    if (json_type(reply) == JSON_OBJECT && json_get(reply, "error")) {
        api_read_fault(reply, fault);
        return fault->code;
    }
    if (status == 503)
        return fault_set(fault, HAUL_ERR_SERVER, "%s has too much to do (HTTP 503)",
                         o->endpoint.shown);
    return fault_set(fault, HAUL_ERR_SERVER, "%s answers with HTTP %ld: it is no job server",
                     o->endpoint.shown, status);
}

enum haul_error call_result(const struct call *c, const struct call_origin *o, struct json **reply,
                            struct haul_fault *fault)
{
    struct haul_fault bad;
    if (reply)
        *reply = NULL;
    if (c->code != CURLE_OK)
        return unreachable(o, c->easy, c->code, c->error, fault);
    bool good = c->status >= 200 && c->status < 300;
    if (good && !reply)
        return HAUL_OK;
    struct json *root = json_parse(c->reply.data, c->reply.len, NODES_MAX, HAUL_ERR_SERVER, &bad);
    if (!good) {
        enum haul_error err = refused(o, c->status, root, fault);
        json_free(root);
        return err;
    }
    *reply = root;
    return root ? HAUL_OK
                : fault_set(fault, HAUL_ERR_SERVER, "%s answers with %s", o->endpoint.shown,
                            bad.message);
}

/* ---- the stream ---- */

struct follow {
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    const char *path;
    struct curl_slist *headers;
    struct sse sse;
    struct buf last_id;
    const struct wire_follower *follower;
    bool spoke;
};

static void on_event(void *arg, const char *name, const char *id, const char *data)
{
    struct follow *f = arg;
    f->spoke = true;
    buf_truncate(&f->last_id, 0);
    buf_add_str(&f->last_id, id);
    f->follower->event(f->follower->context, name, data);
}

static size_t on_stream(char *data, size_t size, size_t count, void *arg)
{
    struct follow *f = arg;
    long status = 0;
    curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return size * count; /* a refusal, whose status says enough */
    return sse_feed(&f->sse, data, size * count) ? size * count : 0;
}

struct follow *follow_new(const struct call_origin *o, const char *path,
                          const struct wire_follower *follower)
{
    struct follow *f = xcalloc(1, sizeof *f);
    (void)o;
    f->path = path;
    f->follower = follower;
    buf_init(&f->last_id);
    sse_init(&f->sse, on_event, f);
    return f;
}

static void drop_request(struct follow *f)
{
    curl_easy_cleanup(f->easy);
    curl_slist_free_all(f->headers);
    f->easy = NULL;
    f->headers = NULL;
}

void follow_free(struct follow *f)
{
    drop_request(f);
    sse_release(&f->sse);
    buf_release(&f->last_id);
    free(f);
}

CURL *follow_easy(const struct follow *f)
{
    return f->easy;
}

void follow_begin(struct follow *f, const struct call_origin *o)
{
    drop_request(f);
    sse_release(&f->sse);
    sse_init(&f->sse, on_event, f);
    f->spoke = false;
    *f->error = '\0';
    f->easy = make_easy(o, f->path, &f->headers, f->error);
    curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, on_stream);
    curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(f->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(f->easy, CURLOPT_LOW_SPEED_TIME, SILENCE_SEC);
    f->headers = curl_slist_append(f->headers, "Accept: text/event-stream");
    if (f->last_id.len) {
        char *last = xasprintf("Last-Event-ID: %s", f->last_id.data);
        f->headers = curl_slist_append(f->headers, last);
        free(last);
        buf_add_str(&f->sse.id, f->last_id.data); /* until another one comes */
    }
    curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
}

bool follow_finish(struct follow *f, const struct call_origin *o, CURLcode code,
                   struct haul_fault *fault)
{
    long status = 0;
    curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        unreachable(o, f->easy, code, f->error, fault);
    else if (status != 200)
        (void)refused(o, status, NULL, fault);
    else
        fault_set(fault, HAUL_ERR_SERVER, "the job server at %s has stopped", o->endpoint.shown);
    return f->spoke;
}
