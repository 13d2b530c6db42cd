/* SPDX-License-Identifier: MIT */
/* From JSON; see json_read.h. */
#include "api/json_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/units.h"
#include "core/view.h"

static const char *text_at(const struct json *object, const char *key)
{
    return json_string(json_get(object, key), NULL);
}

/* Shown to people: sanitised. NULL where there is none; caller frees. */
static char *shown(const struct json *object, const char *key)
{
    const char *text = text_at(object, key);
    return text ? text_sanitized(text) : NULL;
}

/* A path or an id, which has to be what it is. */
static char *exact(const struct json *object, const char *key)
{
    return xstrdup(text_at(object, key));
}

static int64_t time_at(const struct json *object, const char *key)
{
    const char *text = text_at(object, key);
    int64_t ms = text ? clock_parse_rfc3339(text) : 0;
    return ms < 0 ? 0 : ms;
}

void api_read_fault(const struct json *object, struct haul_fault *fault)
{
    const struct json *inner = json_get(object, "error");
    const struct json *error = inner ? inner : object;
    const char *code = json_string(json_get(error, "code"), "");
    enum haul_error known = haul_error_from_code(code);
    if (!strcmp(code, "forbidden"))
        known = HAUL_ERR_UNAUTHORIZED;
    else if (!strcmp(code, "not_cancellable"))
        known = HAUL_ERR_USAGE;
    else if (known == HAUL_ERR_INTERNAL && strcmp(code, haul_error_code(known)) != 0)
        known = HAUL_ERR_SERVER;
    fault_set(fault, known, "%s", json_string(json_get(error, "message"), "refused"));
    fault->http_status = (int)json_int(json_get(error, "http_status"), 0);
    fault->retryable = json_bool(json_get(error, "retryable"), fault->retryable);
}

/* It goes to the shell, into paths and into JSON as it is. */
const char *api_read_job_id(const struct json *object, const char *key)
{
    const char *id = text_at(object, key);
    size_t len = id ? strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
    return len && !id[len] && len < JOB_ID_SIZE ? id : NULL;
}

/* ---- events ---- */

static bool read_job(const struct json *object, struct event *e)
{
    e->source = shown(object, "source");
    e->name = shown(object, "name");
    e->files = (size_t)json_int(json_get(object, "files"), 0);
    e->total = json_int(json_get(object, "total"), -1);
    return e->source && e->name &&
           job_state_from_name(json_string(json_get(object, "state"), ""), &e->state);
}

static bool read_file(const struct json *object, struct event *e)
{
    e->path = exact(object, "path");
    e->size = json_int(json_get(object, "size"), -1);
    e->resumed_from = json_int(json_get(object, "resumed_from"), 0);
    e->verified = digest_origin_from_name(json_string(json_get(object, "verified"), ""));
    snprintf(e->sha256, sizeof e->sha256, "%s", json_string(json_get(object, "sha256"), ""));
    return true;
}

static bool read_log(const struct json *object, struct event *e)
{
    e->message = shown(object, "message");
    e->level = log_level_from_name(json_string(json_get(object, "level"), ""));
    return e->message != NULL;
}

static bool read_error(const struct json *object, struct event *e)
{
    e->fault = xmalloc(sizeof *e->fault);
    api_read_fault(object, e->fault);
    return true;
}

static const struct {
    const char *name;
    enum event_type type;
    bool (*read)(const struct json *object, struct event *e);
} types[] = {
    {"job", EVENT_JOB, read_job},
    {"file", EVENT_FILE, read_file},
    {"log", EVENT_LOG, read_log},
    {"error", EVENT_ERROR, read_error},
};

struct event *api_read_event(const struct json *object)
{
    const char *name = json_string(json_get(object, "event"), "");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(types); i++) {
        if (strcmp(types[i].name, name) != 0)
            continue;
        const char *job = api_read_job_id(object, "job");
        if (!job && text_at(object, "job"))
            return NULL;
        struct event *e = event_new(types[i].type);
        e->wall_ms = time_at(object, "time");
        snprintf(e->job, sizeof e->job, "%s", job ? job : "");
        if (types[i].read(object, e))
            return e;
        event_unref(e);
        return NULL;
    }
    return NULL;
}

/* ---- plans ---- */

static void read_digest(const struct json *object, struct digest_value *d)
{
    const struct json *digest = json_get(object, "digest");
    char *text = xasprintf("%s:%s", json_string(json_get(digest, "algorithm"), ""),
                           json_string(json_get(digest, "value"), ""));
    if (!digest_parse(text, d))
        d->algorithm = DIGEST_NONE;
    free(text);
}

bool api_read_plan(const struct json *object, struct plan *plan)
{
    const struct json *files = json_get(object, "files");
    if (json_type(files) != JSON_ARRAY)
        return false;
    plan->name = shown(object, "name");
    plan->revision = shown(object, "revision");
    plan->root = exact(object, "dir");
    for (size_t i = 0; i < json_count(files); i++) {
        const struct json *file = json_at(files, i);
        struct plan_file *f = plan_add(plan);
        f->path = exact(file, "path");
        f->url = exact(file, "url");
        f->size = json_int(json_get(file, "size"), -1);
        f->present = json_bool(json_get(file, "present"), false);
        read_digest(file, &f->digest);
    }
    return true;
}

/* ---- the library ---- */

static enum model_state state_at(const struct json *object)
{
    const char *name = json_string(json_get(object, "state"), "");
    for (int s = MODEL_OK; s <= MODEL_BAD; s++)
        if (!strcmp(model_state_name((enum model_state)s), name))
            return (enum model_state)s;
    return MODEL_OK;
}

/* Paths come absolute; in a model they are relative to its root. */
static char *below_root(const struct json *file, const char *key, const char *root)
{
    const char *path = text_at(file, key);
    size_t len = strlen(root);
    while (len && root[len - 1] == '/')
        len--;
    if (!path)
        return NULL;
    return xstrdup(!strncmp(path, root, len) && path[len] == '/' ? path + len + 1 : path);
}

static void read_model_file(const struct json *file, struct model *m)
{
    struct model_file *f = model_add_file(m);
    f->path = below_root(file, "path", m->root);
    f->link = below_root(file, "link", m->root);
    f->size = json_int(json_get(file, "bytes"), -1);
    f->state = state_at(file);
    read_digest(file, &f->digest);
    f->digest.origin = digest_origin_from_name(json_string(json_get(file, "verified"), ""));
    f->verified_ms = time_at(file, "verified_at");
    f->made = json_bool(json_get(file, "made"), false);
}

bool api_read_model(const struct json *object, struct model *m)
{
    const struct json *files = json_get(object, "files");
    int layout = word_index(layout_names, json_string(json_get(object, "layout"), ""));
    model_init(m);
    m->id = exact(object, "id");
    m->source = shown(object, "source");
    m->name = shown(object, "name");
    m->revision = shown(object, "revision");
    m->root = exact(object, "dir");
    m->layout = layout < 0 ? LAYOUT_PLAIN : (enum layout)(LAYOUT_PLAIN + layout);
    m->created_ms = time_at(object, "created");
    m->verified_ms = time_at(object, "verified");
    m->state = state_at(object);
    if (!m->id || !m->root || !m->name || !m->source)
        return false;
    for (size_t i = 0; i < json_count(files); i++)
        if (text_at(json_at(files, i), "path"))
            read_model_file(json_at(files, i), m);
    return true;
}

bool api_read_models(const struct json *object, struct model_list *l)
{
    const struct json *models = json_get(object, "models");
    if (json_type(models) != JSON_ARRAY)
        return false;
    l->items = xcalloc(json_count(models) + 1, sizeof *l->items);
    for (size_t i = 0; i < json_count(models); i++)
        if (!api_read_model(json_at(models, i), &l->items[l->count++]))
            return false;
    return true;
}

bool api_read_removal(const struct json *object, struct model_removal *r)
{
    const struct json *kept = json_get(object, "kept");
    if (json_type(kept) != JSON_ARRAY)
        return false;
    r->files = (size_t)json_int(json_get(object, "removed"), 0);
    r->bytes = json_int(json_get(object, "bytes"), 0);
    for (size_t i = 0; i < json_count(kept); i++)
        string_list_add(&r->kept, json_string(json_at(kept, i), ""));
    return true;
}

bool api_read_leftovers(const struct json *object, struct leftover_list *l)
{
    const struct json *list = json_get(object, "leftovers");
    if (json_type(list) != JSON_ARRAY)
        return false;
    l->items = xcalloc(json_count(list) + 1, sizeof *l->items);
    for (size_t i = 0; i < json_count(list); i++) {
        struct leftover *item = &l->items[l->count++];
        item->path = xstrdup(json_string(json_get(json_at(list, i), "path"), ""));
        item->bytes = json_int(json_get(json_at(list, i), "bytes"), 0);
    }
    return true;
}
