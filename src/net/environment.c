/* SPDX-License-Identifier: MIT */
/* What the environment says to sources; see environment.h. */
#include "net/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/path.h"
#include "net/sources.h"
#include "net/url.h"

#define TOKEN_MAX 4096
#define BLANKS    " \t\r\n"

const char *environment_get(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* An endpoint that paths are appended to. */
static char *endpoint(const char *name, const char *fallback)
{
    const char *value = environment_get(name);
    char *url = xstrdup(value ? value : fallback);
    size_t len = strlen(url);
    while (len && url[len - 1] == '/')
        url[--len] = '\0';
    return url;
}

/* A directory, made absolute. */
static char *place(const char *value)
{
    char *expanded = path_expand(value);
    char *path = expanded && *expanded && *expanded != '~' ? path_join(expanded, "") : NULL;
    for (size_t len = path ? strlen(path) : 0; len > 1 && path[len - 1] == '/';)
        path[--len] = '\0';
    free(expanded);
    return path;
}

char *environment_ollama_registry(void)
{
    return endpoint("OLLAMA_REGISTRY", "https://registry.ollama.ai");
}

char *environment_ollama_models(void)
{
    const char *given = environment_get("OLLAMA_MODELS");
    return place(given ? given : "~/.ollama/models");
}

char *environment_github_api(void)
{
    return endpoint("GITHUB_API_URL", "https://api.github.com");
}

const char *environment_github_token(void)
{
    const char *token = environment_get("GH_TOKEN");
    return token ? token : environment_get("GITHUB_TOKEN");
}

/* The first of the names that is set. */
static const char *first_of(const char *a, const char *b)
{
    const char *value = environment_get(a);
    return value ? value : environment_get(b);
}

static bool flag(const char *name)
{
    static const char *const yes[] = {"1", "on", "yes", "true"};
    const char *value = environment_get(name);
    for (size_t i = 0; value && i < HAUL_ARRAY_LEN(yes); i++)
        if (!strcasecmp(value, yes[i]))
            return true;
    return false;
}

/* Below $HF_HOME, by default $XDG_CACHE_HOME/huggingface. */
static char *below_hub_home(const char *name)
{
    const char *given = environment_get("HF_HOME"), *caches = environment_get("XDG_CACHE_HOME");
    char *home = given ? xstrdup(given) : xasprintf("%s/huggingface", caches ? caches : "~/.cache");
    char *dir = place(home), *path = dir ? path_join(dir, name) : NULL;
    free(dir);
    free(home);
    return path;
}

static char *hub_cache(void)
{
    const char *given = first_of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
    return given ? place(given) : below_hub_home("hub");
}

static void read_token_file(struct buf *out)
{
    const char *given = environment_get("HF_TOKEN_PATH");
    char *path = given ? place(given) : below_hub_home("token"), chunk[512];
    FILE *f = path ? fopen(path, "re") : NULL;
    for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(out, chunk, n);
    if (f)
        fclose(f);
    free(path);
}

/* A token goes into a header: nothing may be in it that ends the line. */
static enum haul_error hub_token(char **token, struct haul_fault *fault)
{
    const char *given = first_of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
    enum haul_error err = HAUL_OK;
    struct buf text;
    buf_init_max(&text, TOKEN_MAX);
    if (given)
        buf_add_str(&text, given);
    else if (!flag("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        read_token_file(&text);
    const char *start = text.data + strspn(text.data, BLANKS);
    size_t len = strlen(start);
    while (len && strchr(BLANKS, start[len - 1]))
        len--;
    bool good = !text.full && (size_t)(start - text.data) + strlen(start) == text.len;
    for (size_t i = 0; i < len; i++)
        good = good && start[i] > ' ' && start[i] < 0x7f;
    if (!good)
        err = fault_set(fault, HAUL_ERR_USAGE,
                        "%s holds no token of the Hub: it has blanks or other bytes in it that no "
                        "token has",
                        given ? "HF_TOKEN" : "the Hub's token file");
    else if (len)
        *token = xstrndup(start, len);
    buf_release(&text);
    return err;
}

enum haul_error environment_hub(struct environment_hub *h, struct haul_fault *fault)
{
    *h =
        (struct environment_hub){.offline = flag("HF_HUB_OFFLINE") || flag("TRANSFORMERS_OFFLINE")};
    h->endpoint = endpoint("HF_ENDPOINT", "https://huggingface.co");
    h->cache = hub_cache();
    char *origin = url_origin(h->endpoint);
    bool good = origin && !strpbrk(h->endpoint, "?#@ ");
    free(origin);
    if (!good)
        return fault_set(
            fault, HAUL_ERR_USAGE,
            "HF_ENDPOINT is no address of a Hub; it looks like https://huggingface.co");
    return hub_token(&h->token, fault);
}

void environment_hub_release(struct environment_hub *h)
{
    free(h->endpoint);
    free(h->token);
    free(h->cache);
    *h = (struct environment_hub){0};
}
