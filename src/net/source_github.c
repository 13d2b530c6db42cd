/* SPDX-License-Identifier: MIT */
/*
 * Releases on GitHub: which assets of which release. Without a token they come from the web
 * address, which needs no right; with one through the API, which serves private repositories too
 * and leads to a signed link that gets no token.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/glob.h"
#include "core/path.h"
#include "core/run.h"
#include "core/units.h"
#include "net/environment.h"
#include "net/github_api.h"
#include "net/github_sums.h"
#include "net/sources.h"
#include "net/url.h"

#define LIST_MAX 700

/* A release on its way from spec to plan. */
struct choice {
    const struct spec *spec;
    const struct job_request *request;
    struct github_api api;
    struct github_release release;
    struct github_asset **chosen; /* into the release */
    size_t count;
};

static bool is_named(const struct choice *c, const char *name)
{
    const char *glob = c->spec->glob;
    const struct job_request *r = c->request;
    if (glob && strcmp(glob, name) != 0 && !glob_match(glob, name))
        return false;
    if (r->include.count && !glob_match_any(&r->include, name))
        return false;
    return !glob_match_any(&r->exclude, name);
}

/* "a.gguf (1.2 GiB), b.zip (3.0 MiB)"; the first of them where there are many. */
static void list_assets(const struct choice *c, bool chosen, struct buf *out)
{
    size_t count = chosen ? c->count : c->release.count;
    for (size_t i = 0; i < count; i++) {
        const struct github_asset *a = chosen ? c->chosen[i] : &c->release.assets[i];
        char size[UNITS_TEXT_SIZE];
        units_format_size(a->size, size);
        if (out->len + strlen(a->name) > LIST_MAX) {
            buf_addf(out, ", and %zu more", count - i);
            return;
        }
        buf_addf(out, "%s%s (%s)", i ? ", " : "", a->name, size);
    }
}

static enum haul_error refuse(const struct choice *c, enum haul_error code, bool chosen,
                              const char *why, struct haul_fault *fault)
{
    struct buf list;
    buf_init(&list);
    list_assets(c, chosen, &list);
    fault_set(fault, code, "%s/%s@%.100s: %s: %s", c->spec->owner, c->spec->name, c->release.tag,
              why, list.len ? list.data : "none");
    buf_release(&list);
    return code;
}

static enum haul_error choose(struct choice *c, struct haul_fault *fault)
{
    const struct job_request *r = c->request;
    c->chosen = xcalloc(c->release.count + 1, sizeof(struct github_asset *));
    for (size_t i = 0; i < c->release.count; i++)
        if (is_named(c, c->release.assets[i].name))
            c->chosen[c->count++] = &c->release.assets[i];
    if (!c->count)
        return refuse(c, HAUL_ERR_NOT_FOUND, false,
                      c->release.count ? "no asset has such a name; there are"
                                       : "the release has no assets",
                      fault);
    if (c->count == 1)
        return HAUL_OK;
    if (!c->spec->glob && !r->include.count)
        return refuse(c, HAUL_ERR_AMBIGUOUS, true,
                      "several assets; choose with /NAME or a pattern, /* for all", fault);
    if (r->out || c->spec->has_sha256)
        return refuse(c, HAUL_ERR_USAGE, true,
                      r->out ? "--out is for one file, these are several"
                             : "one digest cannot be that of several files",
                      fault);
    return HAUL_OK;
}

static char *asset_url(const struct choice *c, const struct github_asset *asset)
{
    return c->api.token || !asset->browser_url ? github_asset_url(&c->api, asset->id)
                                               : xstrdup(asset->browser_url);
}

static enum haul_error add_file(const struct choice *c, const struct github_asset *asset,
                                struct plan *plan, struct haul_fault *fault)
{
    enum haul_error err = c->request->out ? HAUL_OK : path_check_relative(asset->name, fault);
    if (err != HAUL_OK)
        return err;
    struct plan_file *file = plan_add(plan);
    file->url = asset_url(c, asset);
    file->path = xstrdup(c->request->out ? c->request->out : asset->name);
    file->size = asset->size;
    file->digest = asset->digest;
    if (c->spec->has_sha256) {
        file->digest = (struct digest_value){DIGEST_SHA256, DIGEST_BY_PINNED, {0}};
        memcpy(file->digest.bytes, c->spec->sha256, sizeof c->spec->sha256);
    }
    return HAUL_OK;
}

/* One asset stands by itself, several go into a folder of the repository's name. */
static enum haul_error fill(const struct choice *c, struct plan *plan, struct haul_fault *fault)
{
    const struct spec *s = c->spec;
    enum haul_error err = HAUL_OK;
    plan->root = source_folder(c->request->dir, c->count > 1 ? s->name : NULL);
    plan->name = xasprintf("%s/%s@%s", s->owner, s->name, c->release.tag);
    plan->revision = xstrdup(c->release.tag);
    plan->auth_token = xstrdup(c->api.token);
    plan->auth_url = xstrdup(c->api.base);
    for (size_t i = 0; err == HAUL_OK && i < c->count; i++)
        err = add_file(c, c->chosen[i], plan, fault);
    /* To the API alone: it answers with JSON otherwise. */
    if (err == HAUL_OK && url_same_origin(plan->files[0].url, c->api.base))
        string_list_add(&plan->headers, "Accept: application/octet-stream");
    return err;
}

/* The file's own web address was given and the API has had enough of us: the file can be had all
 * the same, without a digest. */
static bool fall_back(const struct choice *c, struct http_client *client, struct plan *plan,
                      const struct haul_fault *fault)
{
    const struct spec *s = c->spec;
    bool address = !strncasecmp(s->text, "http", 4) && strstr(s->text, "/download/");
    if (fault->code != HAUL_ERR_RATE_LIMITED || !address || !s->glob || c->request->revision ||
        c->request->include.count || c->request->exclude.count ||
        path_check_relative(s->glob, NULL) != HAUL_OK)
        return false;
    if (client->run)
        run_log(client->run, LOG_WARN, "%s; fetching without the digest that GitHub knows",
                fault->message);
    plan->root = source_folder(c->request->dir, NULL);
    plan->name = spec_display_name(s);
    struct plan_file *file = plan_add(plan);
    file->url = xstrndup(s->text, strcspn(s->text, "#"));
    file->path = xstrdup(c->request->out ? c->request->out : s->glob);
    if (s->has_sha256) {
        file->digest = (struct digest_value){DIGEST_SHA256, DIGEST_BY_PINNED, {0}};
        memcpy(file->digest.bytes, s->sha256, sizeof s->sha256);
    }
    return true;
}

static enum haul_error make_plan(struct choice *c, struct plan *plan, struct haul_fault *fault)
{
    const char *tag = c->request->revision ? c->request->revision : c->spec->revision;
    enum haul_error err = github_get_release(&c->api, tag, &c->release, fault);
    if (err != HAUL_OK)
        return err;
    err = choose(c, fault);
    if (err == HAUL_OK && !c->spec->has_sha256)
        err = github_sums_apply(&c->api, &c->release, c->chosen, c->count, fault);
    return err == HAUL_OK ? fill(c, plan, fault) : err;
}

static enum haul_error resolve(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault)
{
    (void)source;
    char *base = environment_github_api(), *origin = url_origin(base);
    struct choice c = {.spec = spec,
                       .request = request,
                       .api = {client, base, environment_github_token(), spec->owner, spec->name}};
    enum haul_error err = origin ? make_plan(&c, plan, fault)
                                 : fault_set(fault, HAUL_ERR_USAGE,
                                             "GITHUB_API_URL is no address such as "
                                             "https://github.example/api/v3");
    if (err != HAUL_OK && origin && fall_back(&c, client, plan, fault))
        err = HAUL_OK;
    github_release_release(&c.release);
    free(c.chosen);
    free(origin);
    free(base);
    return err;
}

static void explain(const struct plan *plan, const struct reply *reply, struct haul_fault *fault)
{
    struct github_refusal refusal = {.status = reply->status,
                                     .message = reply->error_message.data,
                                     .retry_after = reply->retry_after,
                                     .token = plan->auth_token != NULL};
    if (fault->code != HAUL_ERR_HTTP_STATUS)
        github_fault(plan->name, &refusal, fault);
}

const struct source source_github = {
    .kind = SPEC_GITHUB,
    .name = "GitHub",
    .resolve = resolve,
    .explain = explain,
};
