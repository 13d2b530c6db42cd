/* SPDX-License-Identifier: MIT */
/* Specs of repositories and registries: hf:, space:, ollama:, github:. See spec.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/spec_parse.h"
#include "core/text.h"
#include "core/units.h"

#define LETTERS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define ALNUM    LETTERS "0123456789"
#define HF_CHARS ALNUM "_.-"

static bool only(const char *s, size_t len, const char *allowed)
{
    return strspn(s, allowed) >= len;
}

static bool contains(const char *s, size_t len, const char *needle)
{
    return memmem(s, len, needle, strlen(needle)) != NULL;
}

/* The rules of the Hub's own client. */
bool spec_hf_name_ok(const char *s, size_t len)
{
    if (!len || len > 96 || !only(s, len, HF_CHARS))
        return false;
    if (strchr("-.", s[0]) || strchr("-.", s[len - 1]))
        return false;
    if (contains(s, len, "--") || contains(s, len, ".."))
        return false;
    return len < 4 || memcmp(s + len - 4, ".git", 4) != 0;
}

bool spec_github_owner_ok(const char *s, size_t len)
{
    return len && len <= 39 && s[0] != '-' && only(s, len, ALNUM "_-");
}

bool spec_github_name_ok(const char *s, size_t len)
{
    bool dots = only(s, len, ".") && len <= 2;
    return len && len <= 100 && !dots && only(s, len, ALNUM "_.-");
}

bool spec_ollama_name_ok(const char *s, size_t len, bool dots)
{
    if (!len || len > 80 || !only(s, 1, ALNUM "_"))
        return false;
    return only(s, len, dots ? ALNUM "_-." : ALNUM "_-");
}

char *spec_revision_decoded(const char *s, size_t len)
{
    struct buf out;
    buf_init(&out);
    char *revision = NULL;
    if (text_percent_decode(&out, s, len) && path_check_relative(out.data, NULL) == HAUL_OK)
        revision = xstrdup(out.data);
    buf_release(&out);
    return revision;
}

size_t spec_hf_revision_span(const char *s, const char *stops)
{
    static const char *const whole[] = {"refs/pr/", "refs/convert/"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(whole); i++) {
        size_t len = strlen(whole[i]);
        if (!strncmp(s, whole[i], len) && strcspn(s + len, stops))
            return len + strcspn(s + len, stops);
    }
    return strcspn(s, stops);
}

static bool take_type(struct spec_cursor *c)
{
    static const struct {
        const char *prefix;
        enum spec_repo repo;
    } types[] = {{"models/", SPEC_MODEL}, {"datasets/", SPEC_DATASET}, {"spaces/", SPEC_SPACE}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(types); i++) {
        size_t len = strlen(types[i].prefix);
        if (strncmp(c->at, types[i].prefix, len) != 0)
            continue;
        c->spec->repo = types[i].repo;
        c->at += len;
        return true;
    }
    return false;
}

static bool take_hf_name(struct spec_cursor *c, char **out, const char *expected)
{
    size_t len = strcspn(c->at, "/@:");
    if (!spec_hf_name_ok(c->at, len))
        return spec_fail(c, c->at, expected);
    *out = xstrndup(c->at, len);
    c->at += len;
    return true;
}

/* [ORG/]NAME: with one name only, it is one of the Hub's old ids without an organisation. */
static bool take_hf_id(struct spec_cursor *c)
{
    struct spec *s = c->spec;
    if (c->at[strcspn(c->at, "/@:")] == '/') {
        if (!take_hf_name(c, &s->owner, "an organisation (letters, digits, - _ .)"))
            return false;
        c->at++;
    }
    return take_hf_name(c, &s->name, "a repo name (letters, digits, - _ .; no -- or ..)");
}

static bool take_revision(struct spec_cursor *c, size_t len)
{
    if (*c->at != '@')
        return true;
    c->at++;
    c->spec->revision = spec_revision_decoded(c->at, len);
    if (!c->spec->revision)
        return spec_fail(c, c->at, "a revision (branch, tag or commit; a slash in it as %2F)");
    c->at += len;
    return true;
}

static bool take_quant(struct spec_cursor *c)
{
    if (*c->at != ':')
        return true;
    c->at++;
    size_t len = strcspn(c->at, "/@:");
    if (!len || len > 96 || !only(c->at, len, HF_CHARS))
        return spec_fail(c, c->at, "a quantisation such as Q4_K_M");
    c->spec->quant = xstrndup(c->at, len);
    c->at += len;
    return true;
}

static bool take_glob(struct spec_cursor *c, const char *expected)
{
    if (!*c->at)
        return true;
    if (*c->at != '/')
        return spec_fail(c, c->at, expected);
    c->at++;
    if (!*c->at || *c->at == '/')
        return spec_fail(c, c->at, "a file name or pattern behind the /");
    c->spec->glob = xstrdup(c->at);
    return true;
}

bool spec_parse_hf(struct spec_cursor *c)
{
    take_type(c);
    if (!take_hf_id(c))
        return false;
    size_t revision = *c->at == '@' ? spec_hf_revision_span(c->at + 1, "/:@") : 0;
    return take_revision(c, revision) && take_quant(c) &&
           take_glob(c, "the end, @REV, then :QUANT, then /GLOB");
}

bool spec_parse_github(struct spec_cursor *c)
{
    struct spec *s = c->spec;
    size_t owner = strcspn(c->at, "/@");
    if (!spec_github_owner_ok(c->at, owner))
        return spec_fail(c, c->at, "an owner (letters, digits, -)");
    s->owner = xstrndup(c->at, owner);
    c->at += owner;
    if (*c->at != '/')
        return spec_fail(c, c->at, "/REPO behind the owner");
    c->at++;
    size_t name = strcspn(c->at, "/@");
    if (!spec_github_name_ok(c->at, name))
        return spec_fail(c, c->at, "a repo (letters, digits, - _ .)");
    s->name = xstrndup(c->at, name);
    c->at += name;
    size_t tag = *c->at == '@' ? strcspn(c->at + 1, "/") : 0;
    return take_revision(c, tag) && take_glob(c, "the end, @TAG, then /GLOB");
}

/* HOST[:PORT] of a registry. */
static bool registry_host_ok(const char *s, size_t len)
{
    const char *colon = memchr(s, ':', len);
    size_t host = colon ? (size_t)(colon - s) : len;
    uint64_t port = 1;
    if (colon && !units_parse_u64_n(colon + 1, len - host - 1, 65535, &port))
        return false;
    return host && len <= 350 && port && only(s, 1, ALNUM "_") && only(s, host, ALNUM "_.-");
}

/* Takes HOST/ where there is one: always behind a scheme, with three parts, or when the first of
 * two could be no namespace. */
static bool take_registry(struct spec_cursor *c, bool has_scheme)
{
    size_t len = strcspn(c->at, "/");
    if (!c->at[len])
        return !has_scheme || spec_fail(c, c->at + len, "/NS/MODEL behind the registry");
    bool three = strchr(c->at + len + 1, '/') != NULL;
    bool odd = memchr(c->at, '.', len) || memchr(c->at, ':', len);
    if (!has_scheme && !three && !odd)
        return true;
    if (!registry_host_ok(c->at, len))
        return spec_fail(c, c->at, "a registry's HOST or HOST:PORT");
    c->spec->host = xstrndup(c->at, len);
    c->at += len + 1;
    return true;
}

static bool take_scheme(struct spec_cursor *c)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(schemes); i++) {
        if (strncasecmp(c->at, schemes[i], strlen(schemes[i])) != 0)
            continue;
        c->spec->plain_http = i == 1;
        c->at += strlen(schemes[i]);
        return true;
    }
    return false;
}

bool spec_parse_ollama(struct spec_cursor *c)
{
    struct spec *s = c->spec;
    if (!take_registry(c, take_scheme(c)))
        return false;
    size_t namespace = strcspn(c->at, "/");
    if (c->at[namespace]) {
        if (!spec_ollama_name_ok(c->at, namespace, false))
            return spec_fail(c, c->at, "a namespace (letters, digits, - _)");
        s->owner = xstrndup(c->at, namespace);
        c->at += namespace + 1;
    }
    size_t model = strcspn(c->at, ":");
    if (!spec_ollama_name_ok(c->at, model, true))
        return spec_fail(c, c->at, "a model (letters, digits, - _ .)");
    s->name = xstrndup(c->at, model);
    c->at += model;
    if (*c->at && !spec_ollama_name_ok(c->at + 1, strlen(c->at + 1), true))
        return spec_fail(c, c->at + 1, "a tag (letters, digits, - _ .)");
    s->revision = xstrdup(*c->at ? c->at + 1 : "latest");
    if (!s->owner)
        s->owner = xstrdup("library");
    return true;
}
