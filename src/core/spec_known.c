/* SPDX-License-Identifier: MIT */
/* URLs of pages and files of known services become that service's specs; see spec.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/spec_parse.h"
#include "core/text.h"
#include "core/text_class.h"

struct segment {
    const char *s;
    size_t len;
};

/* The path cut at its slashes, as far as a form looks; `end` is behind the last segment, without
 * trailing slashes. */
#define SEGMENTS_MAX 8
struct url_path {
    struct segment part[SEGMENTS_MAX];
    size_t count;
    const char *end;
};

static struct url_path split(const char *path)
{
    struct url_path p = {.end = path + strcspn(path, "?#")};
    while (p.end > path && p.end[-1] == '/')
        p.end--;
    for (const char *s = path; s < p.end && *s == '/' && p.count < SEGMENTS_MAX;) {
        const char *slash = memchr(s + 1, '/', (size_t)(p.end - s - 1));
        const char *end = slash ? slash : p.end;
        p.part[p.count++] = (struct segment){s + 1, (size_t)(end - s - 1)};
        s = end;
    }
    return p;
}

static bool is(struct segment part, const char *word)
{
    return part.len == strlen(word) && !memcmp(part.s, word, part.len);
}

static bool is_one_of(struct segment part, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(part, words[i]))
            return true;
    return false;
}

/* s up to `end`, decoded; NULL where it is empty, badly encoded
 * or unprintable. Caller frees. */
static char *decoded(const char *s, const char *end)
{
    if (s >= end)
        return NULL;
    struct buf out;
    buf_init(&out);
    bool ok = text_percent_decode(&out, s, (size_t)(end - s)) && text_utf8_valid(out.data, out.len);
    for (size_t i = 0; ok && i < out.len;) {
        uint32_t cp;
        i += text_utf8_decode(out.data + i, out.len - i, &cp);
        ok = !text_is_control(cp);
    }
    char *text = ok ? xstrdup(out.data) : NULL;
    buf_release(&out);
    return text;
}

static char *copy(struct segment part)
{
    return xstrndup(part.s, part.len);
}

/* /REV[/PATH] behind `tree` or `resolve`. */
static bool hf_revision_and_path(struct spec *s, const char *at, const char *end, bool tree)
{
    size_t len = spec_hf_revision_span(at, "/?#");
    s->revision = spec_revision_decoded(at, len);
    if (!s->revision)
        return false;
    const char *path = at + len < end ? at + len + 1 : end;
    char *name = decoded(path, end);
    if (!name)
        return tree && path == end;
    s->glob = tree ? xasprintf("%s/*", name) : xstrdup(name);
    free(name);
    return true;
}

static const char *const hf_actions[] = {"resolve", "blob", "raw", "blame", "tree"};

/* First words of paths that are no repo. */
static const char *const hf_pages[] = {
    "api",        "blog",  "buckets",          "chat",          "collections", "datasets", "docs",
    "enterprise", "join",  "kernels",          "learn",         "login",       "models",   "new",
    "papers",     "posts", "pricing",          "privacy",       "search",      "settings", "spaces",
    "support",    "tasks", "terms-of-service", "organizations", "inference",   "welcome",
};

static bool is_hf_action(struct segment part)
{
    return is_one_of(part, hf_actions, HAUL_ARRAY_LEN(hf_actions));
}

/* [ORG/]NAME from part *i on; moves *i behind it. Old ids have no organisation: then the name is
 * the last part, or an action with a revision follows it. */
static bool hf_id(struct spec *s, const struct url_path *p, size_t *i)
{
    size_t left = p->count - *i;
    if (!left || is_one_of(p->part[*i], hf_pages, HAUL_ARRAY_LEN(hf_pages)))
        return false;
    bool canonical = left == 1 || (left > 2 && is_hf_action(p->part[*i + 1]));
    struct segment owner = p->part[*i], name = p->part[*i + (canonical ? 0 : 1)];
    if (!spec_hf_name_ok(owner.s, owner.len) || !spec_hf_name_ok(name.s, name.len))
        return false;
    s->owner = canonical ? NULL : copy(owner);
    s->name = copy(name);
    *i += canonical ? 1 : 2;
    return true;
}

static bool from_hf(struct spec *s, const struct url_path *p)
{
    size_t i = 0;
    if (p->count && is(p->part[0], "datasets"))
        s->repo = SPEC_DATASET;
    else if (p->count && is(p->part[0], "spaces"))
        s->repo = SPEC_SPACE;
    if (s->repo != SPEC_MODEL)
        i++;
    if (!hf_id(s, p, &i))
        return false;
    if (i == p->count)
        return true;
    bool tree = is(p->part[i], "tree");
    if (i + 1 == p->count)
        return tree;
    return is_hf_action(p->part[i]) && hf_revision_and_path(s, p->part[i + 1].s, p->end, tree);
}

/* A tag may have slashes in it: up to `end`. */
static bool github_tag(struct spec *s, const char *at, const char *end)
{
    s->revision = end > at ? spec_revision_decoded(at, (size_t)(end - at)) : NULL;
    return s->revision != NULL;
}

/* releases[/latest[/download/ASSET]], releases/tag/TAG, releases/download/TAG/ASSET */
static bool from_github(struct spec *s, const struct url_path *p)
{
    if (p->count < 3 || !is(p->part[2], "releases") ||
        !spec_github_owner_ok(p->part[0].s, p->part[0].len) ||
        !spec_github_name_ok(p->part[1].s, p->part[1].len))
        return false;
    s->owner = copy(p->part[0]);
    s->name = copy(p->part[1]);
    if (p->count == 3)
        return true;
    if (is(p->part[3], "latest")) {
        if (p->count == 4)
            return true;
        s->glob =
            p->count == 6 && is(p->part[4], "download") ? decoded(p->part[5].s, p->end) : NULL;
        return s->glob != NULL;
    }
    if (p->count < 5)
        return false;
    if (is(p->part[3], "tag"))
        return github_tag(s, p->part[4].s, p->end);
    if (!is(p->part[3], "download"))
        return false;
    const char *slash = memrchr(p->part[4].s, '/', (size_t)(p->end - p->part[4].s));
    s->glob = slash ? decoded(slash + 1, p->end) : NULL;
    return s->glob && github_tag(s, p->part[4].s, slash);
}

static const char *const ollama_pages[] = {
    "api", "blog", "connect", "docs", "download", "models", "public", "search", "settings", "v2",
};

/* library/MODEL[:TAG][/tags], USER/MODEL[:TAG] */
static bool from_ollama(struct spec *s, const struct url_path *p)
{
    bool tags = p->count == 3 && is(p->part[2], "tags");
    if ((p->count != 2 && !tags) ||
        is_one_of(p->part[0], ollama_pages, HAUL_ARRAY_LEN(ollama_pages)))
        return false;
    struct segment owner = p->part[0], name = p->part[1], tag = {"latest", strlen("latest")};
    const char *colon = memchr(name.s, ':', name.len);
    if (colon) {
        tag = (struct segment){colon + 1, name.len - (size_t)(colon - name.s) - 1};
        name.len = (size_t)(colon - name.s);
    }
    if (!spec_ollama_name_ok(owner.s, owner.len, false) ||
        !spec_ollama_name_ok(name.s, name.len, true) || !spec_ollama_name_ok(tag.s, tag.len, true))
        return false;
    s->owner = copy(owner);
    s->name = copy(name);
    s->revision = copy(tag);
    return true;
}

static const struct {
    const char *host;
    enum spec_kind kind;
    bool (*parse)(struct spec *s, const struct url_path *p);
} services[] = {
    {"huggingface.co", SPEC_HF, from_hf},
    {"www.huggingface.co", SPEC_HF, from_hf},
    {"hf.co", SPEC_HF, from_hf},
    {"github.com", SPEC_GITHUB, from_github},
    {"www.github.com", SPEC_GITHUB, from_github},
    {"ollama.com", SPEC_OLLAMA, from_ollama},
    {"www.ollama.com", SPEC_OLLAMA, from_ollama},
    {"ollama.ai", SPEC_OLLAMA, from_ollama},
};

bool spec_from_known_url(struct spec *s, const char *host, size_t host_len, const char *path)
{
    struct url_path p = split(path);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(services); i++) {
        if (strlen(services[i].host) != host_len ||
            strncasecmp(services[i].host, host, host_len) != 0)
            continue;
        struct spec known = {.kind = services[i].kind};
        if (!services[i].parse(&known, &p)) {
            spec_release(&known);
            return false;
        }
        known.text = s->text;
        known.has_sha256 = s->has_sha256;
        memcpy(known.sha256, s->sha256, sizeof known.sha256);
        free(s->url);
        *s = known;
        return true;
    }
    return false;
}
