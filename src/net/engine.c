/* SPDX-License-Identifier: MIT */
/* The engine and its workers; see engine.h and core/engine.h. */
#include "net/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/text.h"
#include "net/engine_internal.h"
#include "net/fetch.h"
#include "net/hash.h"
#include "net/http.h"
#include "net/part.h"
#include "net/private_net.h"
#include "net/sources.h"
#include "net/transfer.h"
#include "net/url.h"

/* How long a cancelled job's lane may take before it is left behind. */
#define LANE_PATIENCE (50 * CLOCK_MS)

struct engine *net_engine_new(const struct settings *settings, struct haul_fault *fault)
{
    if (settings->cacert && access(settings->cacert, R_OK) != 0) {
        fault_set_errno(fault, errno, "--cacert: cannot read %s", settings->cacert);
        fault->code = HAUL_ERR_USAGE;
        return NULL;
    }
    if (settings->proxy && !url_is_proxy(settings->proxy)) { /* it may hold a password */
        fault_set(fault, HAUL_ERR_USAGE,
                  "--proxy: not the address of a proxy, such as http://HOST:PORT or "
                  "socks5h://USER:PASSWORD@HOST:PORT");
        return NULL;
    }
    if (settings->deny_private && settings->proxy) {
        fault_set(
            fault, HAUL_ERR_USAGE,
            "--deny-private: cannot be kept behind --proxy, as it is the proxy that connects; "
            "forbid private addresses there");
        return NULL;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fault_set(fault, HAUL_ERR_INTERNAL, "libcurl cannot start");
        return NULL;
    }
    struct engine *e = xcalloc(1, sizeof *e);
    settings_copy(&e->settings, settings);
    if (!e->settings.user_agent)
        e->settings.user_agent = xstrdup("haul/" HAUL_VERSION);
    char *netrc = path_expand("~/.netrc");
    e->netrc = netrc && access(netrc, R_OK) == 0;
    free(netrc);
    e->limiter = limiter_new(settings->limit_rate);
    e->gate = gate_new();
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_now();
    atomic_init(&e->random, seed);
    return e;
}

static void engine_free(struct engine *e)
{
    limiter_free(e->limiter);
    gate_free(e->gate);
    settings_release(&e->settings);
    free(e);
    curl_global_cleanup();
}

/* splitmix64: a counter and a mixing function, so that threads need no lock. */
double engine_random(struct engine *e)
{
    uint64_t z = atomic_fetch_add(&e->random, UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

void engine_setup_easy(const struct engine *e, CURL *easy)
{
    const struct settings *s = &e->settings;
    static const long families[] = {
        [IP_ANY] = CURL_IPRESOLVE_WHATEVER,
        [IP_V4] = CURL_IPRESOLVE_V4,
        [IP_V6] = CURL_IPRESOLVE_V6,
    };
    /* HTTP/2 would put all ranges of a file on one TCP connection and its one window. */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a name lookup */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* url.h and its callers do */
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, s->user_agent);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(s->connect_timeout / CLOCK_MS));
    curl_easy_setopt(easy, CURLOPT_IPRESOLVE, families[s->ip_family]);
    if (s->proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, s->proxy);
    if (s->cacert)
        curl_easy_setopt(easy, CURLOPT_CAINFO, s->cacert);
    if (s->deny_private)
        private_net_deny(easy);
    if (s->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static struct engine_worker *worker_new(struct engine *e)
{
    struct waker *waker = waker_new();
    struct driver *driver = waker ? driver_new(waker) : NULL;
    if (!driver) {
        waker_unref(waker);
        return NULL;
    }
    struct engine_worker *w = xcalloc(1, sizeof *w);
    w->engine = e;
    w->waker = waker;
    w->driver = driver;
    w->hash_lane = lane_new("haul-hash");
    w->disk_lane = lane_new("haul-disk");
    return w;
}

static void worker_free(struct engine_worker *w)
{
    int64_t deadline = clock_now() + CLOCK_SEC;
    lane_free(w->hash_lane, deadline);
    lane_free(w->disk_lane, deadline);
    driver_free(w->driver);
    waker_unref(w->waker);
    free(w);
}

/* After a cancel nothing of the job may go on: neither an idle connection nor a lane that hangs. */
static void start_afresh(struct engine_worker *w)
{
    driver_clear(w->driver);
    int64_t deadline = clock_now() + LANE_PATIENCE;
    if (!lane_drain(w->hash_lane, deadline)) {
        lane_free(w->hash_lane, deadline);
        w->hash_lane = lane_new("haul-hash");
    }
    if (!lane_drain(w->disk_lane, deadline)) {
        lane_free(w->disk_lane, deadline);
        w->disk_lane = lane_new("haul-disk");
    }
}

/* Spec to plan, by its source. */
static enum haul_error make_plan(const struct spec *spec, const struct job_request *request,
                                 struct http_client *client, struct plan *plan,
                                 struct haul_fault *fault)
{
    const struct source *source = source_find(spec->kind);
    plan->source = source;
    if (!source)
        return fault_set(fault, HAUL_ERR_BAD_SPEC, "%s: sources are not in this build",
                         spec_kind_name(spec->kind));
    return source->resolve(source, spec, request, client, plan, fault);
}

/* A job server keeps what its clients ask for below the roots that it was given. */
static enum haul_error check_place(const struct engine *e, const char *dir,
                                   struct haul_fault *fault)
{
    const struct string_list *roots = &e->settings.roots;
    if (!dir || !roots->count || path_is_below_any(roots, dir))
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                     "%s is outside of what the job server may write to (%s%s); name a directory "
                     "there, or start it with another --serve-root",
                     dir, roots->items[0], roots->count > 1 ? ", …" : "");
}

/* Known before anything is fetched. Small files need no other name than their own. */
static enum haul_error check_names(const struct job_request *request, const struct plan *plan,
                                   struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    for (size_t i = 0; err == HAUL_OK && i < plan->count; i++) {
        const struct plan_file *file = &plan->files[i];
        const char *name = file->path ? file->path : request->out;
        bool small = file->size >= 0 && file->size <= PART_SMALL;
        if (name && !small)
            err = path_check_partial(name, fault);
    }
    return err;
}

static enum haul_error carry_out(struct engine_worker *w, struct run *run, const struct spec *spec,
                                 struct plan *plan, struct haul_fault *fault)
{
    const struct job_request *request = run_request(run);
    const struct source *source = source_find(spec->kind);
    struct http_client client = {.worker = w, .run = run};
    if (source && source->carry_out) { /* by itself, on this machine */
        run_set_state(run, JOB_RUNNING);
        enum haul_error placed = check_place(w->engine, request->dir, fault);
        return placed == HAUL_OK ? source->carry_out(source, spec, request, run, w, plan, fault)
                                 : placed;
    }
    enum haul_error err = make_plan(spec, request, &client, plan, fault);
    if (err == HAUL_OK)
        err = check_place(w->engine, plan->root, fault);
    if (err == HAUL_OK)
        err = check_names(request, plan, fault);
    if (err != HAUL_OK)
        return err;
    run_set_plan(run, plan);
    run_set_state(run, JOB_RUNNING);
    return fetch_plan(w, run, plan, fault);
}

static enum haul_error worker_run(struct engine_worker *w, struct run *run,
                                  struct haul_fault *fault)
{
    struct plan plan;
    struct spec spec;
    enum haul_error err = spec_parse(run_request(run)->spec, &spec, fault);
    if (err != HAUL_OK)
        return err;
    plan_init(&plan);
    err = carry_out(w, run, &spec, &plan, fault);
    plan_release(&plan);
    spec_release(&spec);
    if (run_stop(run) != STOP_NONE)
        start_afresh(w);
    return err;
}

static void worker_wake(struct engine_worker *w)
{
    waker_call(w->waker);
}

static void discard(struct engine *e, const char *final_path)
{
    (void)e;
    part_discard_path(final_path);
}

/* For a caller that has none. */
static struct engine_worker *take_worker(struct engine *e, struct haul_fault *fault)
{
    struct engine_worker *w = worker_new(e);
    if (!w)
        fault_set(fault, HAUL_ERR_INTERNAL, "%s", ENGINE_NO_FILES);
    return w;
}

/* Fills in what only a reply can tell: name, size, digest. */
static enum haul_error probe(struct http_client *client, const struct job_request *request,
                             struct plan *plan, struct plan_file *file, struct haul_fault *fault)
{
    struct http_response response;
    struct http_request ask = {.url = file->url, .headers = &request->headers, .probe = true};
    struct url_parts address;
    url_parts_init(&address, file->url);
    http_response_init(&response);
    enum haul_error err = http_get(client, &ask, &response, fault);
    const struct reply *reply = &response.reply;
    if (err == HAUL_OK) {
        if (reply->has_range && !reply->bad_range)
            file->size = reply->range.total;
        else if (reply->status == 200)
            file->size = reply->length;
        if (!file->path)
            file->path = transfer_choose_name(request->out, address.name, response.url, reply);
        if (file->digest.algorithm == DIGEST_NONE)
            file->digest = reply->digest;
        file->modified_ms = reply->last_modified_ms;
        if (plan->count == 1 && file->path) {
            free(plan->name);
            plan->name = text_sanitized(file->path);
        }
    }
    http_response_release(&response);
    url_parts_release(&address);
    return err;
}

static enum haul_error resolve(struct engine *e, const struct job_request *request,
                               const atomic_bool *stop, struct plan *plan, struct haul_fault *fault)
{
    struct spec spec;
    enum haul_error err = spec_parse(request->spec, &spec, fault);
    if (err != HAUL_OK)
        return err;
    struct engine_worker *w = take_worker(e, fault);
    struct http_client client = {.worker = w, .stop = stop};
    err = w ? make_plan(&spec, request, &client, plan, fault) : HAUL_ERR_INTERNAL;
    for (size_t i = 0; err == HAUL_OK && i < plan->count; i++)
        if (plan->files[i].size < 0 && plan->files[i].url)
            err = probe(&client, request, plan, &plan->files[i], fault);
    spec_release(&spec);
    if (w)
        worker_free(w);
    return err;
}

enum haul_error net_fetch_text(struct engine *e, const char *url, size_t max,
                               const atomic_bool *stop, struct buf *out, struct haul_fault *fault)
{
    struct engine_worker *w = take_worker(e, fault);
    if (!w)
        return HAUL_ERR_INTERNAL;
    struct http_client client = {.worker = w, .stop = stop};
    struct http_request ask = {.url = url, .max_body = max};
    struct http_response response;
    http_response_init(&response);
    enum haul_error err = http_get(&client, &ask, &response, fault);
    if (err == HAUL_OK)
        buf_add(out, response.body.data, response.body.len);
    http_response_release(&response);
    worker_free(w);
    return err;
}

static bool supports(enum spec_kind kind)
{
    return source_find(kind) != NULL;
}

static enum haul_error compute_digest(struct engine *e, int fd, enum digest_algorithm algorithm,
                                      int64_t size, const struct digest_watch *watch,
                                      struct digest_value *out, struct haul_fault *fault)
{
    (void)e;
    return hash_fd(fd, algorithm, size, "the file", watch, out, fault);
}

static void set_limit_rate(struct engine *e, int64_t rate)
{
    limiter_set_rate(e->limiter, rate);
}

const struct engine_ops net_engine_ops = {
    .worker_new = worker_new,
    .worker_free = worker_free,
    .run = worker_run,
    .wake = worker_wake,
    .discard = discard,
    .resolve = resolve,
    .supports = supports,
    .digest = compute_digest,
    .set_limit_rate = set_limit_rate,
    .free = engine_free,
};
