/* SPDX-License-Identifier: MIT */
/* A session on a job server; see client.h. */
#include "api/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "api/client_internal.h"
#include "core/alloc.h"

#define FIRST_LIST (10 * CLOCK_SEC)

struct client_watcher {
    struct watcher base;
    struct mirror_watch watch;
};

struct client *client_of(struct session *s)
{
    return HAUL_CONTAINER_OF(s, struct client, base);
}

char *client_path(const char *before, const char *id, const char *after)
{
    char *escaped = curl_easy_escape(NULL, id, 0);
    char *path = xasprintf("%s%s%s", before, escaped ? escaped : "", after);
    curl_free(escaped);
    return path;
}

enum haul_error client_ask(struct client *c, const char *method, const char *path, const char *body,
                           struct json **reply, struct haul_fault *fault)
{
    struct wire_request r = {
        .method = method, .path = path, .body = body, .patience = CLIENT_PATIENCE};
    return wire_ask(c->wire, &r, reply, fault);
}

/* ---- looking ---- */

static void on_event(void *context, const char *name, const char *data)
{
    mirror_event(context, name, data);
}

static void on_broken(void *context, const struct haul_fault *fault)
{
    mirror_broken(context, fault);
}

/* Who asks for nothing that needs it is not told of ten thousand jobs. */
static void follow(struct client *c)
{
    mutex_lock(&c->mutex);
    bool first = !c->following;
    c->following = true;
    mutex_unlock(&c->mutex);
    struct wire_follower follower = {on_event, on_broken, &c->mirror};
    if (first)
        wire_follow(c->wire, "/v1/events?updates=1", &follower);
    if (!mirror_wait_complete(&c->mirror, clock_now() + FIRST_LIST))
        mirror_late(&c->mirror);
}

/* The server answers when it has. */
static uint64_t client_save(struct session *s)
{
    (void)s;
    return 0;
}

static bool client_saved(struct session *s, uint64_t ticket)
{
    (void)s;
    return ticket == 0;
}

static enum haul_error client_await(struct session *s, const char *id, int64_t deadline,
                                    struct haul_fault *fault)
{
    struct client *c = client_of(s);
    char *path = client_path("/v1/jobs/", id, "");
    enum haul_error err = client_ask(c, "GET", path, NULL, NULL, fault);
    free(path);
    if (err != HAUL_OK)
        return err;
    follow(c);
    return mirror_await(&c->mirror, id, deadline, fault);
}

static struct client_watcher *watcher_of(struct watcher *w)
{
    return HAUL_CONTAINER_OF(w, struct client_watcher, base);
}

static struct watcher *client_watch(struct session *s)
{
    struct client *c = client_of(s);
    struct client_watcher *w = xcalloc(1, sizeof *w);
    w->base.ops = s->ops;
    mirror_watch_init(&w->watch, &c->mirror);
    follow(c);
    return &w->base;
}

static int client_watcher_fd(const struct watcher *w)
{
    return ((const struct client_watcher *)(const void *)w)->watch.bell.fd;
}

static bool client_watcher_refresh(struct watcher *w, struct snapshot *snapshot)
{
    return mirror_watch_refresh(&watcher_of(w)->watch, snapshot);
}

static struct event *client_watcher_next(struct watcher *w, uint64_t *lost)
{
    return mirror_watch_next(&watcher_of(w)->watch, lost);
}

static void client_watcher_free(struct watcher *w)
{
    mirror_watch_release(&watcher_of(w)->watch);
    free(watcher_of(w));
}

static size_t client_log(struct session *s, const char *id, struct event **out, size_t max)
{
    return mirror_read_log(&client_of(s)->mirror, id, out, max);
}

static bool client_detail(struct session *s, const char *id, size_t file, struct detail_view *out)
{
    struct client *c = client_of(s);
    if ((int64_t)file >= mirror_files(&c->mirror, id))
        return false;
    near_detail(&c->near, id, file, out);
    return true;
}

static int64_t client_disk_free(struct session *s, const char *dir)
{
    char *absolute = client_dir(dir);
    int64_t bytes = near_disk_free(&client_of(s)->near, absolute ? absolute : "");
    free(absolute);
    return bytes;
}

/* ---- begin and end ---- */

static void client_free(struct session *s)
{
    struct client *c = client_of(s);
    wire_free(c->wire);
    near_release(&c->near);
    mirror_release(&c->mirror);
    mutex_release(&c->mutex);
    free(c);
}

static const struct session_ops client_ops = {
    .add_many = client_add_many,
    .control = client_control,
    .cancel_file = client_cancel_file,
    .change = client_change,
    .set = client_set,
    .save = client_save,
    .saved = client_saved,
    .await = client_await,
    .watch = client_watch,
    .log = client_log,
    .detail = client_detail,
    .resolve = client_resolve,
    .disk_free = client_disk_free,
    .models = client_models,
    .model_verify = client_model_verify,
    .model_remove = client_model_remove,
    .clean = client_clean,
    .free = client_free,
    .watcher_fd = client_watcher_fd,
    .watcher_refresh = client_watcher_refresh,
    .watcher_next = client_watcher_next,
    .watcher_free = client_watcher_free,
};

/* Whatever else may listen there must not be taken for a job server. */
static enum haul_error check_server(struct client *c, struct haul_fault *fault)
{
    struct json *reply = NULL;
    enum haul_error err = client_ask(c, "GET", "/v1/info", NULL, &reply, fault);
    if (err == HAUL_OK && strcmp(json_string(json_get(reply, "name"), ""), "haul") != 0)
        err = fault_set(fault, HAUL_ERR_SERVER, "what answers there is no job server of haul");
    json_free(reply);
    return err;
}

struct session *session_remote_new(const struct client_config *config, struct haul_fault *fault)
{
    struct endpoint endpoint;
    if (endpoint_init(&endpoint, config->server, config->token_file, fault) != HAUL_OK)
        return NULL;
    struct wire *wire = wire_new(&endpoint, config->settings, fault);
    if (!wire)
        return NULL;
    struct client *c = xcalloc(1, sizeof *c);
    c->base.ops = &client_ops;
    c->wire = wire;
    c->hasty = config->hasty;
    mutex_init(&c->mutex);
    mirror_init(&c->mirror);
    near_init(&c->near, wire);
    if (check_server(c, fault) == HAUL_OK)
        return &c->base;
    client_free(&c->base);
    return NULL;
}
