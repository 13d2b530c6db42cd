/* SPDX-License-Identifier: MIT */
/* Requests to the Hub; see hub_api.h. */
#include "net/hub_api.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "core/path.h"
#include "core/text.h"
#include "net/url.h"

#define INFO_MAX        ((size_t)8 << 20)
#define INFO_VALUES_MAX ((size_t)400000)
#define PAGE_MAX        ((size_t)16 << 20)
#define SMALL_MAX       ((size_t)64 << 10)
#define PAGES_MAX       ((size_t)5000)

static const struct {
    const char *api, *files;
    const char *expand; /* what of the repo's description is wanted: not its list of files */
} kinds[] = {
    [SPEC_MODEL] = {"models", "", "expand=sha&expand=gated&expand=disabled"},
    [SPEC_DATASET] = {"datasets", "datasets/", "expand=sha&expand=gated&expand=disabled"},
    [SPEC_SPACE] = {"spaces", "spaces/", "expand=sha&expand=disabled"},
};

void hub_release(struct hub *h)
{
    free(h->name);
    free(h->id);
    free(h->revision);
    *h = (struct hub){0};
}

bool hub_is_commit(const char *revision)
{
    size_t len = strlen(revision);
    return len == HUB_COMMIT_SIZE - 1 && strspn(revision, "0123456789abcdef") == len;
}

/* Percent-encodes all but what RFC 3986 leaves free; `keep` stays too. */
static void add_encoded(struct buf *out, const char *s, const char *keep)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *s; s++) {
        if (strchr(plain, *s) || strchr(keep, *s))
            buf_add_char(out, *s);
        else
            buf_addf(out, "%%%02X", (unsigned char)*s);
    }
}

static void add_api(const struct hub *h, struct buf *url, const char *action)
{
    buf_addf(url, "%s/api/%s/", h->environment->endpoint, kinds[h->type].api);
    add_encoded(url, h->id, "/");
    buf_addf(url, "/%s", action);
}

char *hub_file_url(const struct hub *h, const char *path)
{
    struct buf url;
    buf_init(&url);
    buf_addf(&url, "%s/%s", h->environment->endpoint, kinds[h->type].files);
    add_encoded(&url, h->id, "/");
    buf_addf(&url, "/resolve/%s/", h->commit);
    add_encoded(&url, path, "/");
    return buf_detach(&url);
}

char *hub_page_url(const struct hub *h)
{
    return xasprintf("%s/%s%s", h->environment->endpoint, kinds[h->type].files, h->id);
}

/* The words of an error: of its header, else of its JSON in one of the forms that it has. */
static char *server_words(const struct http_response *response)
{
    if (response->reply.error_message.len)
        return xstrdup(response->reply.error_message.data);
    struct json *root =
        json_parse(response->body.data, response->body.len, 1000, HAUL_ERR_NETWORK, NULL);
    const struct json *error = json_get(root, "error");
    if (json_type(error) == JSON_ARRAY)
        error = json_at(error, 0);
    if (!error)
        error = json_get(json_at(json_get(root, "errors"), 0), "message");
    if (!error)
        error = json_get(root, "error_description");
    char *words = text_sanitized(json_string(error, ""));
    json_free(root);
    return words;
}

static void explain(const struct hub *h, const struct http_response *response, bool token,
                    struct haul_fault *fault)
{
    char *said = server_words(response), *page = hub_page_url(h);
    struct hub_refusal refusal = {
        .repo = h->name, .page = page, .revision = h->revision, .said = said, .with_token = token};
    hub_explain(&refusal, &response->reply, fault);
    free(said);
    free(page);
}

static void pass_on_warning(const struct hub *h, const struct http_response *response)
{
    const char *warning = http_response_header(response, "X-HF-Warning");
    if (warning && *warning && h->client->run)
        run_log(h->client->run, LOG_WARN, "the Hub says: %s", warning);
}

/* One request to the Hub or, behind a mirror's Link, to where that leads; a token and the user's
 * headers are for the endpoint's own origin. */
static enum haul_error ask(const struct hub *h, const char *url, size_t max,
                           struct http_response *response, struct haul_fault *fault)
{
    bool own = url_same_origin(url, h->environment->endpoint);
    struct http_request request = {.url = url,
                                   .accept = "application/json",
                                   .token = own ? h->environment->token : NULL,
                                   .headers = own ? h->headers : NULL,
                                   .max_body = max};
    enum haul_error err = http_get(h->client, &request, response, fault);
    if (err != HAUL_OK) {
        if (err != HAUL_ERR_CANCELLED && response->reply.complete && response->reply.status >= 400)
            explain(h, response, request.token != NULL, fault);
        return fault->code;
    }
    if (response->reply.html) {
        fault_set(fault, HAUL_ERR_NETWORK,
                  "%s: got a web page instead of an answer; is there a login page in between, or "
                  "is HF_ENDPOINT no Hub?",
                  h->environment->endpoint);
        fault->retryable = false;
        return fault->code;
    }
    pass_on_warning(h, response);
    return HAUL_OK;
}

static bool is_safe_id(const char *id)
{
    const char *slash = strchr(id, '/');
    return path_check_relative(id, NULL) == HAUL_OK && (!slash || !strchr(slash + 1, '/'));
}

static void note_name(struct hub *h, const char *id)
{
    if (!id || !is_safe_id(id) || !strcmp(id, h->id))
        return;
    if (h->client->run && strcasecmp(id, h->name) != 0)
        run_log(h->client->run, LOG_WARN, "%s has been renamed: its name on the Hub is %s now",
                h->name, id);
    free(h->id);
    h->id = xstrdup(id);
}

static enum haul_error take_info(struct hub *h, const struct json *info, struct haul_fault *fault)
{
    const char *sha = json_string(json_get(info, "sha"), ""), *gated;
    if (!hub_is_commit(sha))
        return fault_set(fault, HAUL_ERR_NETWORK,
                         "the Hub does not say which commit %s of %s is; is HF_ENDPOINT a Hub?",
                         h->revision, h->name);
    if (hub_is_commit(h->revision) && strcmp(h->revision, sha) != 0)
        return fault_set(fault, HAUL_ERR_NETWORK,
                         "asked for commit %s of %s, the Hub speaks of %s; is HF_ENDPOINT a Hub?",
                         h->revision, h->name, sha);
    memcpy(h->commit, sha, sizeof h->commit);
    note_name(h, json_string(json_get(info, "id"), NULL));
    gated = json_string(json_get(info, "gated"), NULL);
    h->gated = gated || json_bool(json_get(info, "gated"), false);
    if (json_bool(json_get(info, "disabled"), false))
        return fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                         "the Hub has disabled %s, nobody can fetch it now; %s/%s%s may tell why",
                         h->name, h->environment->endpoint, kinds[h->type].files, h->id);
    return HAUL_OK;
}

enum haul_error hub_api_find_commit(struct hub *h, struct haul_fault *fault)
{
    struct http_response response;
    struct buf url;
    http_response_init(&response);
    buf_init(&url);
    add_api(h, &url, "revision/");
    add_encoded(&url, h->revision, "");
    buf_addf(&url, "?%s", kinds[h->type].expand);
    enum haul_error err = ask(h, url.data, INFO_MAX, &response, fault);
    struct json *info = NULL;
    if (err == HAUL_OK) {
        info = json_parse(response.body.data, response.body.len, INFO_VALUES_MAX, HAUL_ERR_NETWORK,
                          fault);
        err = info ? take_info(h, info, fault) : fault->code;
    }
    json_free(info);
    buf_release(&url);
    http_response_release(&response);
    return err;
}

enum haul_error hub_api_check_access(struct hub *h, struct haul_fault *fault)
{
    if (!h->gated)
        return HAUL_OK;
    struct http_response response;
    struct buf url;
    http_response_init(&response);
    buf_init(&url);
    add_api(h, &url, "auth-check");
    enum haul_error err = ask(h, url.data, SMALL_MAX, &response, fault);
    int status = err == HAUL_OK ? 200 : fault->http_status;
    buf_release(&url);
    http_response_release(&response);
    /* A mirror may not know the question; the files' own answers tell then. */
    return status == 401 || status == 403 || err == HAUL_ERR_CANCELLED ? err : HAUL_OK;
}

/* The URL in `Link: <URL>; rel="next"`; NULL where there is none. Caller frees. */
static char *next_page(const struct http_response *response)
{
    const char *link = http_response_header(response, "Link");
    for (const char *open = link; open && (open = strchr(open, '<'));) {
        const char *close = strchr(open, '>');
        if (!close)
            return NULL;
        size_t parameters = strcspn(close, ",<");
        if (memmem(close, parameters, "rel=\"next\"", 10) ||
            memmem(close, parameters, "rel=next", 8))
            return xstrndup(open + 1, (size_t)(close - open - 1));
        open = close;
    }
    return NULL;
}

/* Which pages were asked for already; only their hashes, which is enough to see a circle. */
struct trail {
    uint64_t *seen;
    size_t count;
};

static bool was_there(struct trail *t, const char *url)
{
    uint64_t hash = map_hash(MAP_HASH_START, url);
    for (size_t i = 0; i < t->count; i++)
        if (t->seen[i] == hash)
            return true;
    t->seen = xreallocarray(t->seen, t->count + 1, sizeof *t->seen);
    t->seen[t->count++] = hash;
    return false;
}

/* One page; *url becomes the next one's, or NULL. */
static enum haul_error list_page(const struct hub *h, char **url, struct hub_tree *tree,
                                 struct haul_fault *fault)
{
    struct http_response response;
    http_response_init(&response);
    enum haul_error err = ask(h, *url, PAGE_MAX, &response, fault);
    char *link = NULL, *next = NULL;
    if (err == HAUL_OK)
        err = hub_tree_add_page(tree, response.body.data, response.body.len, fault);
    if (err == HAUL_OK)
        link = next_page(&response);
    if (link)
        err = url_redirect(response.url, link, &next, fault);
    free(link);
    free(*url);
    *url = err == HAUL_OK ? next : NULL;
    http_response_release(&response);
    return err;
}

enum haul_error hub_api_list(struct hub *h, struct hub_tree *tree, struct haul_fault *fault)
{
    struct trail trail = {0};
    struct buf first;
    buf_init(&first);
    add_api(h, &first, "tree/");
    buf_addf(&first, "%s?recursive=true&expand=false", h->commit);
    char *url = buf_detach(&first);
    enum haul_error err = HAUL_OK;
    while (err == HAUL_OK && url) {
        if (was_there(&trail, url) || trail.count > PAGES_MAX) {
            err = fault_set(fault, HAUL_ERR_NETWORK,
                            "the Hub's list of the files of %s leads in a circle", h->name);
            fault->retryable = false;
        } else {
            err = list_page(h, &url, tree, fault);
        }
    }
    free(url);
    free(trail.seen);
    return err == HAUL_OK ? hub_tree_sort(tree, fault) : err;
}
