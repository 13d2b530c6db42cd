/* SPDX-License-Identifier: MIT */
/* Manifests from registries; see oci_registry.h. */
#include "net/oci_registry.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "core/units.h"
#include "net/oci_manifest.h"

#define ACCEPT                                                                                     \
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "        \
    "application/vnd.docker.distribution.manifest.v2+json, "                                       \
    "application/vnd.docker.distribution.manifest.list.v2+json"

/* Codes of the distribution specification, what they mean to somebody who only pulls, and which
 * bare status stands for them. */
static const struct {
    const char *code;
    int status; /* 0: none */
    enum haul_error error;
    bool retryable;
    const char *text;
} codes[] = {
    {"MANIFEST_UNKNOWN", 404, HAUL_ERR_NOT_FOUND, false, "there is no such model or tag"},
    {"NAME_UNKNOWN", 0, HAUL_ERR_NOT_FOUND, false, "there is no such repository"},
    {"NAME_INVALID", 0, HAUL_ERR_NOT_FOUND, false, "the registry allows no such name"},
    {"TAG_INVALID", 0, HAUL_ERR_NOT_FOUND, false, "the registry allows no such tag"},
    {"BLOB_UNKNOWN", 0, HAUL_ERR_NOT_FOUND, false, "the registry lacks a part of it"},
    {"MANIFEST_BLOB_UNKNOWN", 0, HAUL_ERR_NOT_FOUND, false, "the registry lacks a part of it"},
    {"DIGEST_INVALID", 0, HAUL_ERR_NOT_FOUND, false, "the registry takes the digest for none"},
    {"UNAUTHORIZED", 401, HAUL_ERR_UNAUTHORIZED, false,
     "it is not public, or there is no such repository; put a user name and token for the registry "
     "into ~/.netrc"},
    {"DENIED", 403, HAUL_ERR_UNAUTHORIZED, false, "the registry does not let you have it"},
    {"TOOMANYREQUESTS", 429, HAUL_ERR_RATE_LIMITED, true, "too many requests; try again later"},
    {"UNSUPPORTED", 0, HAUL_ERR_HTTP_STATUS, false, "the registry cannot do this"},
    {"MANIFEST_INVALID", 0, HAUL_ERR_HTTP_STATUS, false, "the registry finds its manifest broken"},
    {"SIZE_INVALID", 0, HAUL_ERR_HTTP_STATUS, false, "the registry finds a size wrong"},
    {"BLOB_UPLOAD_INVALID", 0, HAUL_ERR_HTTP_STATUS, false, "the registry speaks of an upload"},
    {"BLOB_UPLOAD_UNKNOWN", 0, HAUL_ERR_HTTP_STATUS, false, "the registry speaks of an upload"},
};

/* True, with the fault set, for a code of the table; code NULL: by the bare status. */
static bool fault_of_code(const char *label, const char *code, const char *said, int status,
                          struct haul_fault *fault)
{
    int bare = status == 410 ? 404 : status;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(codes); i++) {
        if (code ? strcmp(codes[i].code, code) != 0 : codes[i].status != bare)
            continue;
        fault_set(fault, codes[i].error, "%s: %s (HTTP %d%s%.200s)", label, codes[i].text, status,
                  *said ? ": " : "", said);
        fault->http_status = status;
        fault->retryable = codes[i].retryable;
        return true;
    }
    return false;
}

enum haul_error oci_registry_fault(const char *label, int status, const char *body, size_t len,
                                   struct haul_fault *fault)
{
    struct json *root = json_parse(body, len, 1000, HAUL_ERR_NETWORK, NULL);
    const struct json *first = json_at(json_get(root, "errors"), 0);
    const char *code = json_string(json_get(first, "code"), NULL);
    char *said = text_sanitized(json_string(json_get(first, "message"), ""));
    if (!(code && fault_of_code(label, code, said, status, fault)) &&
        !fault_of_code(label, NULL, said, status, fault)) {
        fault_set(fault, HAUL_ERR_HTTP_STATUS, "%s: the registry answers HTTP %d%s%.200s", label,
                  status, *said ? ": " : "", said);
        fault->http_status = status;
        fault->retryable = status >= 500 && status != 501;
    }
    free(said);
    json_free(root);
    return fault->code;
}

void oci_registry_release(struct oci_registry *r)
{
    free(r->base);
    free(r->repository);
    free(r->label);
    free(r->token);
    *r = (struct oci_registry){0};
}

char *oci_registry_blob_url(const struct oci_registry *r, const struct digest_value *digest)
{
    char text[OCI_DIGEST_SIZE];
    oci_digest_format(digest, text);
    return xasprintf("%s/v2/%s/blobs/%s", r->base, r->repository, text);
}

/* What a 401 without a way to a token means. */
static enum haul_error login_wanted(const struct oci_registry *r, struct haul_fault *fault)
{
    fault_set(fault, HAUL_ERR_UNAUTHORIZED,
              "%s: the registry wants a user name and password; put them into ~/.netrc", r->label);
    fault->http_status = 401;
    return HAUL_ERR_UNAUTHORIZED;
}

static enum haul_error get_token(struct http_client *client, struct oci_registry *r,
                                 const struct http_response *response, struct haul_fault *fault)
{
    struct oci_door door = {r->base, r->repository, r->ollama};
    struct oci_challenge challenge;
    struct buf offers; /* a challenge a line is as good as all in one */
    buf_init(&offers);
    http_response_headers(response, "WWW-Authenticate", &offers);
    oci_challenge_parse(offers.data, &challenge);
    buf_release(&offers);
    enum haul_error err = challenge.scheme == OCI_SCHEME_BEARER
                              ? oci_token_fetch(client, &door, &challenge, &r->token, fault)
                              : login_wanted(r, fault);
    oci_challenge_release(&challenge);
    return err;
}

enum haul_error oci_registry_token(struct http_client *client, struct oci_registry *r,
                                   const char *url, struct haul_fault *fault)
{
    struct http_request request = {.url = url, .anonymous = true, .probe = true};
    struct http_response response;
    http_response_init(&response);
    enum haul_error err = http_get(client, &request, &response, fault);
    if (response.reply.status == 401)
        err = get_token(client, r, &response, fault);
    else if (err == HAUL_OK)
        err = fault_set(fault, HAUL_ERR_UNAUTHORIZED, "%s: the registry wants no token", r->label);
    http_response_release(&response);
    return err;
}

/* 401 is answered with a token, once. */
static enum haul_error ask(struct http_client *client, struct oci_registry *r, const char *url,
                           const struct string_list *headers, struct http_response *response,
                           struct haul_fault *fault)
{
    struct http_request request = {.url = url,
                                   .accept = ACCEPT,
                                   .token = r->token,
                                   .headers = headers,
                                   .max_body = OCI_MANIFEST_MAX};
    enum haul_error err = http_get(client, &request, response, fault);
    if (err != HAUL_OK && response->reply.status == 401 && !r->token) {
        err = get_token(client, r, response, fault);
        if (err != HAUL_OK)
            return err;
        request.token = r->token;
        err = http_get(client, &request, response, fault);
    }
    if (err == HAUL_OK || err == HAUL_ERR_CANCELLED || response->reply.status < 400)
        return err;
    return oci_registry_fault(r->label, response->reply.status, response->body.data,
                              response->body.len, fault);
}

/* `wanted`, or what the registry itself says of the bytes. */
static enum haul_error check(const struct oci_registry *r, const struct http_response *response,
                             const struct digest_value *wanted, struct haul_fault *fault)
{
    struct digest_value said, got;
    const char *header = http_response_header(response, "Docker-Content-Digest");
    if (!wanted && header && oci_digest_parse(header, &said))
        wanted = &said;
    if (!wanted)
        return HAUL_OK;
    oci_digest_of(response->body.data, response->body.len, wanted->algorithm, &got);
    if (oci_digest_equal(&got, wanted))
        return HAUL_OK;
    char want_text[OCI_DIGEST_SIZE], got_text[OCI_DIGEST_SIZE];
    oci_digest_format(wanted, want_text);
    oci_digest_format(&got, got_text);
    return fault_set(fault, HAUL_ERR_CHECKSUM, "%s: the manifest is %s, it should be %s", r->label,
                     got_text, want_text);
}

enum haul_error oci_registry_manifest(struct http_client *client, struct oci_registry *r,
                                      const char *reference, const struct digest_value *digest,
                                      const struct string_list *headers, struct buf *out,
                                      struct haul_fault *fault)
{
    struct http_response response;
    char *url = xasprintf("%s/v2/%s/manifests/%s", r->base, r->repository, reference);
    http_response_init(&response);
    enum haul_error err = ask(client, r, url, headers, &response, fault);
    if (err == HAUL_OK)
        err = check(r, &response, digest, fault);
    if (err == HAUL_OK)
        buf_add(out, response.body.data, response.body.len);
    http_response_release(&response);
    free(url);
    return err;
}
