/* SPDX-License-Identifier: MIT */
/* Asks GitHub's API; see github_api.h. */
#include "net/github_api.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "core/units.h"

#define BODY_MAX  ((size_t)16 << 20)
#define PAGE      100
#define PAGES_MAX 100
/* A release's own list may end where a page of the API does. */
#define MAYBE_CUT 30
/* What GitHub asks for where it gives no time itself. */
#define PAUSE      (60 * CLOCK_SEC)
#define TAGS_SHOWN 8

/* ---- what it refuses ---- */

/* "2026-01-02 14:05:41 UTC (12:30 from now)" */
static void format_when(int64_t wall_ms, char *out, size_t size)
{
    char stamp[CLOCK_RFC3339_SIZE], eta[UNITS_TEXT_SIZE];
    int64_t left = (wall_ms - clock_wall_ms() + 999) / 1000;
    clock_rfc3339(wall_ms, stamp);
    units_format_eta(left < 0 ? 0 : left, eta);
    snprintf(out, size, "%.10s %.8s UTC (%s from now)", stamp, stamp + 11, eta);
}

static enum haul_error limited(const char *what, const struct github_refusal *r, int64_t until_ms,
                               const char *which, struct haul_fault *fault)
{
    char when[96];
    format_when(until_ms, when, sizeof when);
    return fault_set(fault, HAUL_ERR_RATE_LIMITED, "%s: GitHub's %s until %s%s", what, which, when,
                     r->token ? "" : "; set GITHUB_TOKEN for a higher limit");
}

/* HAUL_OK where it is no matter of limits. */
static enum haul_error rate_limit_fault(const char *what, const struct github_refusal *r,
                                        struct haul_fault *fault)
{
    uint64_t reset;
    if (r->status != 403 && r->status != 429)
        return HAUL_OK;
    if (r->retry_after >= 0)
        return limited(what, r, clock_wall_ms() + r->retry_after / CLOCK_MS,
                       "secondary rate limit holds", fault);
    if (r->remaining && !strcmp(r->remaining, "0") && r->reset &&
        units_parse_u64(r->reset, INT32_MAX, &reset)) {
        char *which = xasprintf("rate limit of %.20s requests an hour is used up",
                                r->limit ? r->limit : "60");
        enum haul_error err = limited(what, r, (int64_t)reset * 1000, which, fault);
        free(which);
        return err;
    }
    if (r->status == 429 || (r->message && strcasestr(r->message, "rate limit")))
        return limited(what, r, clock_wall_ms() + PAUSE / CLOCK_MS, "secondary rate limit holds",
                       fault);
    return HAUL_OK;
}

static const struct {
    int status;
    enum haul_error error;
    bool retryable;
    const char *with_token, *without;
} refusals[] = {
    {401, HAUL_ERR_UNAUTHORIZED, false, "GitHub refuses the token; check GH_TOKEN and GITHUB_TOKEN",
     "GitHub wants a token; set GITHUB_TOKEN"},
    {403, HAUL_ERR_UNAUTHORIZED, false, "the token has no right to it",
     "GitHub forbids it; set GITHUB_TOKEN"},
    {404, HAUL_ERR_NOT_FOUND, false,
     "no such repository, release or asset, or the token has no right to see it",
     "no such repository, release or asset; if it is private, set GITHUB_TOKEN"},
    {451, HAUL_ERR_NOT_FOUND, false, "withheld for legal reasons", "withheld for legal reasons"},
};

enum haul_error github_fault(const char *what, const struct github_refusal *r,
                             struct haul_fault *fault)
{
    char *said = text_sanitized(r->message ? r->message : "");
    enum haul_error err = rate_limit_fault(what, r, fault);
    for (size_t i = 0; err == HAUL_OK && i < HAUL_ARRAY_LEN(refusals); i++) {
        if (refusals[i].status != r->status)
            continue;
        err = fault_set(fault, refusals[i].error, "%s: %s (HTTP %d%s%.200s)", what,
                        r->token ? refusals[i].with_token : refusals[i].without, r->status,
                        *said ? ": " : "", said);
        fault->retryable = refusals[i].retryable;
    }
    if (err == HAUL_OK) {
        err = fault_set(fault, HAUL_ERR_HTTP_STATUS, "%s: GitHub answers HTTP %d%s%.200s", what,
                        r->status, *said ? ": " : "", said);
        fault->retryable = r->status >= 500;
    }
    fault->http_status = r->status;
    free(said);
    return err;
}

/* ---- what it gives ---- */

static enum haul_error explain(const struct github_api *api, const struct http_response *response,
                               struct haul_fault *fault)
{
    const struct buf *body = &response->body;
    struct json *root = json_parse(body->data, body->len, 1000, HAUL_ERR_NETWORK, NULL);
    struct github_refusal refusal = {
        .status = response->reply.status,
        .message = json_string(json_get(root, "message"), NULL),
        .remaining = http_response_header(response, "x-ratelimit-remaining"),
        .limit = http_response_header(response, "x-ratelimit-limit"),
        .reset = http_response_header(response, "x-ratelimit-reset"),
        .retry_after = response->reply.retry_after,
        .token = api->token != NULL,
    };
    char *what = xasprintf("%s/%s", api->owner, api->repo);
    enum haul_error err = github_fault(what, &refusal, fault);
    free(what);
    json_free(root);
    return err;
}

/* GET base/repos/OWNER/REPO/path; response as http_get leaves it. */
static enum haul_error get(const struct github_api *api, const char *path,
                           struct http_response *response, struct haul_fault *fault)
{
    char *url = xasprintf("%s/repos/%s/%s/%s", api->base, api->owner, api->repo, path);
    struct string_list headers = {0};
    string_list_add(&headers, "X-GitHub-Api-Version: 2022-11-28");
    struct http_request request = {.url = url,
                                   .accept = "application/vnd.github+json",
                                   .token = api->token,
                                   .headers = &headers,
                                   .max_body = BODY_MAX};
    enum haul_error err = http_get(api->client, &request, response, fault);
    if (err != HAUL_OK && err != HAUL_ERR_CANCELLED && response->reply.status >= 400)
        err = explain(api, response, fault);
    string_list_release(&headers);
    free(url);
    return err;
}

char *github_asset_url(const struct github_api *api, int64_t id)
{
    return xasprintf("%s/repos/%s/%s/releases/assets/%lld", api->base, api->owner, api->repo,
                     (long long)id);
}

static bool has_next_page(const struct http_response *response)
{
    const char *link = http_response_header(response, "Link");
    return link && strstr(link, "rel=\"next\"");
}

/* The list of assets by itself, page by page, in place of the one in the release. */
static enum haul_error get_assets(const struct github_api *api, struct github_release *r,
                                  struct haul_fault *fault)
{
    struct github_release all = {.tag = xstrdup(r->tag), .id = r->id};
    enum haul_error err = HAUL_OK;
    bool more = true;
    for (int page = 1; err == HAUL_OK && more && page <= PAGES_MAX; page++) {
        struct http_response response;
        char *path =
            xasprintf("releases/%lld/assets?per_page=%d&page=%d", (long long)r->id, PAGE, page);
        http_response_init(&response);
        err = get(api, path, &response, fault);
        if (err == HAUL_OK)
            err = github_assets_parse(response.body.data, response.body.len, &all, fault);
        more = has_next_page(&response);
        http_response_release(&response);
        free(path);
    }
    if (err == HAUL_OK) {
        github_release_release(r);
        *r = all;
    } else {
        github_release_release(&all);
    }
    return err;
}

/* ---- what it does not have ---- */

static void list_tags(const struct json *releases, struct buf *out)
{
    size_t count = json_count(releases);
    for (size_t i = 0; i < count && i < TAGS_SHOWN; i++)
        buf_addf(out, "%s%.60s", i ? ", " : "",
                 json_string(json_get(json_at(releases, i), "tag_name"), "?"));
    if (count > TAGS_SHOWN)
        buf_add_str(out, ", ...");
}

/* The repository is there; its releases tell what is missing. */
static enum haul_error missing(const struct github_api *api, const char *tag,
                               const struct json *releases, struct haul_fault *fault)
{
    struct buf tags;
    buf_init_max(&tags, 600);
    list_tags(releases, &tags);
    if (!json_count(releases))
        fault_set(fault, HAUL_ERR_NOT_FOUND, "%s/%s has no releases", api->owner, api->repo);
    else if (tag)
        fault_set(fault, HAUL_ERR_NOT_FOUND, "%s/%s has no release %.100s; there are: %s",
                  api->owner, api->repo, tag, tags.data);
    else
        fault_set(fault, HAUL_ERR_NOT_FOUND, "%s/%s has prereleases only; choose one with @TAG: %s",
                  api->owner, api->repo, tags.data);
    fault->http_status = 404;
    buf_release(&tags);
    return HAUL_ERR_NOT_FOUND;
}

/* 404 for a release: is it the repository, the tag, or is nothing released? Keeps the fault where
 * GitHub does not tell. */
static enum haul_error explain_absence(const struct github_api *api, const char *tag,
                                       struct haul_fault *fault)
{
    struct http_response response;
    struct haul_fault other;
    struct json *releases = NULL;
    http_response_init(&response);
    enum haul_error err = get(api, "releases?per_page=30", &response, &other);
    if (err == HAUL_OK)
        releases =
            json_parse(response.body.data, response.body.len, 500000, HAUL_ERR_NETWORK, NULL);
    if (json_type(releases) == JSON_ARRAY)
        missing(api, tag, releases, fault);
    else if (err == HAUL_ERR_CANCELLED)
        *fault = other;
    json_free(releases);
    http_response_release(&response);
    return fault->code;
}

/* "releases/latest" or "releases/tags/TAG"; caller frees. */
static char *release_path(const char *tag)
{
    if (!tag)
        return xstrdup("releases/latest");
    char *escaped = curl_easy_escape(NULL, tag, 0);
    char *path = xasprintf("releases/tags/%s", escaped ? escaped : "");
    curl_free(escaped);
    return path;
}

enum haul_error github_get_release(const struct github_api *api, const char *tag,
                                   struct github_release *r, struct haul_fault *fault)
{
    struct http_response response;
    char *path = release_path(tag);
    *r = (struct github_release){0};
    http_response_init(&response);
    enum haul_error err = get(api, path, &response, fault);
    if (err == HAUL_OK)
        err = github_release_parse(response.body.data, response.body.len, r, fault);
    else if (err == HAUL_ERR_NOT_FOUND && response.reply.status == 404)
        err = explain_absence(api, tag, fault);
    http_response_release(&response);
    free(path);
    if (err == HAUL_OK && r->listed >= MAYBE_CUT && r->id >= 0)
        err = get_assets(api, r, fault);
    return err;
}
