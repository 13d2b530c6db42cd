/* SPDX-License-Identifier: MIT */
/* /file/NAME and /signed/NAME: the file as it is for this request, and its headers. */
#include "origin/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define SIZE_DEFAULT          (INT64_C(1) << 20)
#define LAST_MODIFIED_DEFAULT "Thu, 01 Jan 2026 00:00:00 GMT"

static const char portal_page[] = "<!DOCTYPE html>\n<html><title>Welcome to our Wi-Fi</title>\n"
                                  "<body>Please accept the terms of use.</body></html>\n";

static char *make_etag(const struct origin_exchange *x)
{
    uint64_t seed = x->seed;
    switch (x->fault.etag) {
    case ETAG_STRONG:
        return xasprintf("\"%" PRIx64 "-%" PRIx64 "\"", seed, (uint64_t)x->size);
    case ETAG_WEAK:
        return xasprintf("W/\"%" PRIx64 "-%" PRIx64 "\"", seed, (uint64_t)x->size);
    case ETAG_PER_REQUEST:
        return xasprintf("\"%" PRIx64 "-r%" PRIu64 "\"", seed, x->serial);
    case ETAG_PER_CONNECTION:
        return xasprintf("\"%" PRIx64 "-c%" PRIu64 "\"", seed, x->conn->number);
    default:
        return NULL;
    }
}

static void settle_file(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    bool changed = f->change_after >= 0 && x->hit > f->change_after;
    x->size = f->size >= 0 ? f->size : SIZE_DEFAULT;
    x->seed = (uint64_t)(f->seed >= 0 ? f->seed : 0) + changed;
    if (changed && f->change_size >= 0)
        x->size = f->change_size;
    x->etag = f->etag_raw ? xstrdup(f->etag_raw) : make_etag(x);
    if (!f->lm || strcmp(f->lm, "none"))
        x->last_modified = xstrdup(f->lm ? f->lm : LAST_MODIFIED_DEFAULT);
}

/* `Repr-Digest: sha-256=:BASE64:` and its elder relatives, with a wrong first byte for "bad". */
static void add_digest(struct origin_exchange *x, const char *value, const char *algorithm,
                       const char *before, const char *after)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned char base64[EVP_MAX_MD_SIZE * 2];
    size_t len = origin_memory_digest(&x->origin->memory, algorithm, x->seed, x->size, digest);
    if (!strcmp(value, "bad"))
        digest[0] ^= 1;
    EVP_EncodeBlock(base64, digest, (int)len);
    origin_answer_header(x, "%s%s%s", before, (const char *)base64, after);
}

static void add_digests(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    if (f->repr_digest && !strcmp(f->repr_digest, "sha-512"))
        add_digest(x, "good", "SHA512", "Repr-Digest: sha-512=:", ":");
    else if (f->repr_digest)
        add_digest(x, f->repr_digest, "SHA256", "Repr-Digest: sha-256=:", ":");
    if (f->digest)
        add_digest(x, f->digest, "SHA256", "Digest: SHA-256=", "");
    if (f->content_md5)
        add_digest(x, f->content_md5, "MD5", "Content-MD5: ", "");
}

static const char *content_type(const struct origin_exchange *x)
{
    if (x->body.before.len > 0)
        return "multipart/byteranges; boundary=haul-origin";
    return x->fault.type ? x->fault.type : "application/octet-stream";
}

static void add_file_headers(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    const char *value;
    origin_answer_header(x, "Content-Type: %s", content_type(x));
    origin_answer_header(x, "Accept-Ranges: %s", f->no_ranges ? "none" : "bytes");
    if (x->etag)
        origin_answer_header(x, "ETag: %s", x->etag);
    if (x->last_modified)
        origin_answer_header(x, "Last-Modified: %s", x->last_modified);
    if (f->gzip != GZIP_NO)
        origin_answer_header(x, "Content-Encoding: gzip");
    for (size_t i = 0; (value = origin_query_next(&x->request->query, "cd", &i));)
        origin_answer_header(x, "Content-Disposition: %s", value);
    add_digests(x);
}

static bool contains(const struct origin_body *b, int64_t offset)
{
    return offset >= b->start && offset - b->start < b->length;
}

static void settle_flip(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    x->body.flip = f->flip;
    if (f->flip_once >= 0 && contains(&x->body, f->flip_once) &&
        !strcmp(x->request->method, "GET") &&
        origin_memory_count(&x->origin->memory, "flip", origin_exchange_key(x)) == 1)
        x->body.flip = f->flip_once;
}

static bool answer_portal(struct origin_exchange *x)
{
    origin_answer_begin(x, 200);
    origin_answer_header(x, "Content-Type: text/html");
    buf_add_str(&x->body.before, portal_page);
    return origin_answer_send(x);
}

/* A trap shuts on the client that does not ask for identity. */
static void settle_gzip(struct origin_exchange *x)
{
    const char *accept = origin_request_header(x->request, "Accept-Encoding");
    if (x->fault.gzip == GZIP_TRAP)
        x->fault.gzip = accept && !strcmp(accept, "identity") ? GZIP_NO : GZIP_BODY;
    x->body.gzip = x->fault.gzip == GZIP_BODY;
}

bool origin_file_answer(struct origin_exchange *x)
{
    if (x->fault.html)
        return answer_portal(x);
    settle_file(x);
    x->body.seed = x->seed;
    settle_gzip(x);
    origin_range_apply(x);
    add_file_headers(x);
    settle_flip(x);
    return origin_answer_send(x);
}
