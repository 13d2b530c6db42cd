/* SPDX-License-Identifier: MIT */
/*
 * The Hugging Face Hub: models, datasets and Spaces. The revision is pinned to a commit first, then
 * the files of that commit are listed and chosen, so that all of them are of one state of the repo.
 * What the cache knows of a commit is not asked again: a commit does not change.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/glob.h"
#include "core/path.h"
#include "net/hub_api.h"
#include "net/hub_cache.h"
#include "net/hub_select.h"
#include "net/sources.h"

/* One resolving. */
struct task {
    const struct spec *spec;
    const struct job_request *request;
    struct plan *plan;
    struct haul_fault *fault;
    struct environment_hub environment;
    struct hub hub;
    struct hub_tree tree;
    bool cached;  /* into the cache, not into a folder of the user's */
    bool known;   /* the cache has the list */
    char *root;   /* of the cache; NULL: not cached */
    char *folder; /* below root */
};

static void task_release(struct task *t)
{
    hub_tree_release(&t->tree);
    hub_release(&t->hub);
    environment_hub_release(&t->environment);
    free(t->root);
    free(t->folder);
}

/* The folder that the user names is taken as it is, also when it is to be a cache. */
static enum haul_error choose_place(struct task *t)
{
    const struct job_request *r = t->request;
    if (r->layout == LAYOUT_OLLAMA)
        return fault_set(t->fault, HAUL_ERR_USAGE,
                         "--layout ollama is for ollama: only; choose hf-cache or plain");
    bool plain = r->layout == LAYOUT_PLAIN || (r->layout == LAYOUT_DEFAULT && (r->dir || r->out));
    t->cached = !plain;
    if (plain)
        return HAUL_OK;
    if (r->out)
        return fault_set(t->fault, HAUL_ERR_USAGE,
                         "-o cannot name a file of the cache; leave out --layout hf-cache");
    if (!r->dir && !t->environment.cache)
        return fault_set(t->fault, HAUL_ERR_USAGE,
                         "no home for the cache of the Hub; set HF_HUB_CACHE or choose --dir");
    t->root = source_folder(r->dir ? r->dir : t->environment.cache, NULL);
    t->folder = hub_cache_folder(&t->hub);
    return HAUL_OK;
}

static enum haul_error choose_revision(struct task *t)
{
    const char *asked = t->request->revision, *named = t->spec->revision;
    if (asked && named && strcmp(asked, named) != 0)
        return fault_set(t->fault, HAUL_ERR_USAGE, "--revision %s contradicts @%s", asked, named);
    const char *revision = asked ? asked : named ? named : "main";
    t->hub.revision = xstrdup(revision);
    if (path_check_relative(revision, t->fault) == HAUL_OK)
        return HAUL_OK;
    t->fault->code = HAUL_ERR_USAGE; /* it is the user's, not a server's */
    return t->fault->code;
}

static enum haul_error prepare(struct task *t, struct http_client *client)
{
    const struct spec *spec = t->spec;
    t->hub.client = client;
    t->hub.headers = &t->request->headers;
    t->hub.environment = &t->environment;
    t->hub.type = spec->repo;
    t->hub.name = spec->owner ? xasprintf("%s/%s", spec->owner, spec->name) : xstrdup(spec->name);
    t->hub.id = xstrdup(t->hub.name);
    enum haul_error err = environment_hub(&t->environment, t->fault);
    if (err == HAUL_OK)
        err = choose_revision(t);
    return err == HAUL_OK ? choose_place(t) : err;
}

static enum haul_error offline(struct task *t)
{
    struct hub *h = &t->hub;
    if (!t->cached)
        return fault_set(t->fault, HAUL_ERR_NOT_FOUND,
                         "HF_HUB_OFFLINE is set, so only the cache can be read; unset it to fetch "
                         "%s into a folder",
                         h->name);
    if (hub_cache_find_commit(h, t->root, t->folder)) {
        t->known = hub_cache_list(h, t->root, t->folder, &t->tree);
        if (t->known || hub_cache_list_snapshot(h, t->root, t->folder, &t->tree))
            return HAUL_OK;
    }
    return fault_set(t->fault, HAUL_ERR_NOT_FOUND,
                     "%s at revision %s is not in the cache (%s); unset HF_HUB_OFFLINE to fetch it",
                     h->name, h->revision, t->root);
}

/* Only a commit that the user names needs no question about what it is. */
static enum haul_error online(struct task *t)
{
    struct hub *h = &t->hub;
    if (t->cached && hub_is_commit(h->revision)) {
        hub_cache_find_commit(h, t->root, t->folder);
        t->known = hub_cache_list(h, t->root, t->folder, &t->tree);
        if (t->known)
            return HAUL_OK;
    }
    enum haul_error err = hub_api_find_commit(h, t->fault);
    if (err != HAUL_OK)
        return err;
    t->known = t->cached && hub_cache_list(h, t->root, t->folder, &t->tree);
    return t->known ? HAUL_OK : hub_api_list(h, &t->tree, t->fault);
}

static enum haul_error choose(struct task *t)
{
    const struct spec *spec = t->spec;
    struct hub_wish wish = {.repo = t->hub.name,
                            .quant = spec->quant,
                            .glob = spec->glob,
                            .include = &t->request->include,
                            .exclude = &t->request->exclude,
                            .models = spec->repo == SPEC_MODEL};
    enum haul_error err = hub_select(&t->tree, &wish, t->fault);
    bool absent = err == HAUL_ERR_NOT_FOUND && spec->glob && !spec->quant &&
                  !glob_is_pattern(spec->glob) && (t->known || !t->environment.offline);
    if (absent && t->cached && t->hub.client->run)
        hub_cache_note_absent(&t->hub, t->root, t->folder, spec->glob);
    return err;
}

static size_t count_chosen(const struct hub_tree *tree, const struct hub_file **one)
{
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++) {
        if (!tree->files[i].chosen)
            continue;
        count++;
        *one = &tree->files[i];
    }
    return count;
}

/* Names come from the Hub; what they may be is path.h's to say. */
static enum haul_error check_chosen(struct task *t)
{
    const struct job_request *r = t->request;
    const struct hub_file *one = NULL;
    size_t count = count_chosen(&t->tree, &one);
    bool pinned = t->spec->has_sha256 || r->checksum.algorithm != DIGEST_NONE;
    for (size_t i = 0; i < t->tree.count; i++) {
        const struct hub_file *f = &t->tree.files[i];
        if (f->chosen && path_check_relative(f->path, t->fault) != HAUL_OK)
            return t->fault->code;
        if (f->chosen && t->environment.offline && !hub_cache_has(t->root, t->folder, f))
            return fault_set(t->fault, HAUL_ERR_NOT_FOUND,
                             "%s of %s is not in the cache (%s); unset HF_HUB_OFFLINE to fetch it",
                             f->path, t->hub.name, t->root);
    }
    if (count > 1 && (r->out || pinned))
        return fault_set(t->fault, HAUL_ERR_USAGE,
                         "%s is for one file, but %zu of %s are wanted; choose one with /GLOB",
                         r->out ? "-o" : "a checksum", count, t->hub.name);
    if (t->spec->has_sha256 && one->large && memcmp(one->sha256, t->spec->sha256, 32) != 0)
        return fault_set(t->fault, HAUL_ERR_CHECKSUM,
                         "%s: the Hub has a file of another SHA-256 than the one in the spec",
                         one->path);
    return HAUL_OK;
}

static void pin(const struct task *t, struct plan_file *file)
{
    bool pinned = t->spec->has_sha256 || t->request->checksum.algorithm != DIGEST_NONE;
    if (t->spec->has_sha256) {
        file->digest = (struct digest_value){DIGEST_SHA256, DIGEST_BY_PINNED, {0}};
        memcpy(file->digest.bytes, t->spec->sha256, sizeof t->spec->sha256);
    }
    if (pinned) /* the user wants to see it checked, not to hear that somebody did */
        file->addressed = false;
}

/* First each content once; what has the same as an earlier file only needs its link then. */
static void plan_cached(struct task *t)
{
    t->plan->root = xstrdup(t->root);
    hub_tree_mark_repeats(&t->tree);
    for (int again = 0; again <= 1; again++)
        for (size_t i = 0; i < t->tree.count; i++)
            if (t->tree.files[i].chosen && t->tree.files[i].again == again)
                hub_cache_add_file(t->plan, &t->hub, t->folder, &t->tree.files[i]);
    hub_cache_add_documents(t->plan, &t->hub, t->folder, t->known ? NULL : &t->tree);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Several files keep their paths, below a folder of the repo's name; one goes where it is wanted.
 */
static void plan_plain(struct task *t)
{
    const struct job_request *r = t->request;
    const struct hub_file *one = NULL;
    bool several = count_chosen(&t->tree, &one) > 1;
    t->plan->root = source_folder(r->dir, several ? base_name(t->hub.name) : NULL);
    for (size_t i = 0; i < t->tree.count; i++) {
        const struct hub_file *from = &t->tree.files[i];
        if (!from->chosen)
            continue;
        struct plan_file *f = plan_add(t->plan);
        f->url = hub_file_url(&t->hub, from->path);
        f->path = xstrdup(several ? from->path : r->out ? r->out : base_name(from->path));
        f->size = from->size;
        f->digest = hub_file_digest(from);
    }
}

static void make_plan(struct task *t)
{
    t->plan->name = xstrdup(t->hub.name);
    t->plan->revision = xstrdup(t->hub.commit);
    t->plan->auth_token = xstrdup(t->environment.token);
    t->plan->auth_url = hub_page_url(&t->hub);
    if (t->cached)
        plan_cached(t);
    else
        plan_plain(t);
    if (t->plan->count == 1)
        pin(t, &t->plan->files[0]);
}

static enum haul_error resolve(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault)
{
    (void)source;
    struct task t = {.spec = spec, .request = request, .plan = plan, .fault = fault};
    hub_tree_init(&t.tree);
    enum haul_error err = prepare(&t, client);
    if (err == HAUL_OK)
        err = t.environment.offline ? offline(&t) : online(&t);
    if (err == HAUL_OK)
        err = choose(&t);
    if (err == HAUL_OK)
        err = check_chosen(&t);
    if (err == HAUL_OK && client->run)
        err = hub_api_check_access(&t.hub, fault);
    if (err == HAUL_OK)
        make_plan(&t);
    task_release(&t);
    return err;
}

static void explain(const struct plan *plan, const struct reply *reply, struct haul_fault *fault)
{
    struct hub_refusal refusal = {.repo = plan->name,
                                  .page = plan->auth_url,
                                  .revision = plan->revision,
                                  .said = reply->error_message.data,
                                  .with_token = plan->auth_token != NULL};
    hub_explain(&refusal, reply, fault);
}

const struct source source_hf = {
    .kind = SPEC_HF,
    .name = "Hugging Face",
    .resolve = resolve,
    .explain = explain,
};
