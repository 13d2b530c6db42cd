/* SPDX-License-Identifier: MIT */
/* See fake_hub.h. */
#include "integration/fake_hub.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/units.h"

#define CHUNK      65536
#define PAGE_FILES 1000

static void hash(const EVP_MD *md, const char *head, const struct fake_file *f, char *hex)
{
    uint8_t chunk[CHUNK], value[EVP_MAX_MD_SIZE];
    unsigned len;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_DigestInit_ex(ctx, md, NULL);
    if (head)
        EVP_DigestUpdate(ctx, head, strlen(head) + 1);
    for (int64_t at = 0; at < f->size;) {
        size_t n = f->size - at < CHUNK ? (size_t)(f->size - at) : CHUNK;
        origin_content(f->seed, at, chunk, n);
        EVP_DigestUpdate(ctx, chunk, n);
        at += (int64_t)n;
    }
    EVP_DigestFinal_ex(ctx, value, &len);
    EVP_MD_CTX_free(ctx);
    units_format_hex(value, len, hex);
}

/* The blob's name; for a large file git has that of a pointer, here of any bytes. */
static void git_id(const struct fake_file *f, char hex[65])
{
    char *head = xasprintf("blob %" PRId64, f->size);
    hash(EVP_sha1(), head, f, hex);
    free(head);
}

void fake_hub_etag(const struct fake_file *f, char out[65])
{
    if (f->large)
        hash(EVP_sha256(), NULL, f, out);
    else
        git_id(f, out);
}

static const char *prefix(const struct fake_repo *r)
{
    return !strcmp(r->kind, "models") ? "" : !strcmp(r->kind, "datasets") ? "datasets/" : "spaces/";
}

char *fake_hub_api(const struct fake_repo *r, const char *rest)
{
    return xasprintf("/api/%s/%s/%s", r->kind, r->name, rest);
}

char *fake_hub_resolve(const struct fake_repo *r, const char *path)
{
    return xasprintf("/%s%s/resolve/%s/%s", prefix(r), r->name, r->commit, path);
}

static void add_encoded(struct buf *out, const char *s)
{
    for (; *s; s++)
        buf_addf(out, "%%%02X", (unsigned char)*s);
}

static void add_option(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "%s%s=", out->len ? "&" : "", name);
    add_encoded(out, value);
}

static void add_header(struct buf *out, const char *name, const char *value)
{
    char *line = xasprintf("%s: %s", name, value);
    add_option(out, "header", line);
    free(line);
}

void fake_hub_init(struct fake_hub *h)
{
    *h = (struct fake_hub){origin_new(NULL), origin_new(NULL)};
    if (!h->hub || !h->cdn)
        abort();
    origin_set_sibling(h->hub, h->cdn);
}

void fake_hub_release(struct fake_hub *h)
{
    origin_free(h->hub);
    origin_free(h->cdn);
}

static void put_info(struct fake_hub *h, const struct fake_repo *r)
{
    struct buf text, rev;
    struct json_writer w;
    buf_init(&text);
    buf_init(&rev);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    json_key(&w, "_id");
    json_write_string(&w, "0123456789abcdef01234567");
    json_key(&w, "id");
    json_write_string(&w, r->name);
    json_key(&w, "sha");
    json_write_string(&w, r->commit);
    json_key(&w, "private");
    json_write_bool(&w, false);
    json_key(&w, "gated");
    if (r->gated)
        json_write_string(&w, r->gated);
    else
        json_write_bool(&w, false);
    json_key(&w, "disabled");
    json_write_bool(&w, r->disabled);
    json_object_end(&w);
    for (const char *s = r->revision; *s; s++)
        buf_addf(&rev, *s == '/' ? "%%2F" : "%c", *s);
    for (int by_commit = 0; by_commit <= 1; by_commit++) {
        char *rest = xasprintf("revision/%s", by_commit ? r->commit : rev.data);
        char *path = fake_hub_api(r, rest);
        origin_put(h->hub, path, "application/json; charset=utf-8", text.data);
        free(path);
        free(rest);
    }
    buf_release(&text);
    buf_release(&rev);
}

static void write_entry(struct json_writer *w, const struct fake_file *f)
{
    char git[65], etag[65];
    git_id(f, git);
    json_object_begin(w);
    json_key(w, "type");
    json_write_string(w, "file");
    json_key(w, "oid");
    json_write_string(w, git);
    json_key(w, "size");
    json_write_int(w, f->size);
    if (f->large) {
        fake_hub_etag(f, etag);
        json_key(w, "lfs");
        json_object_begin(w);
        json_key(w, "oid");
        json_write_string(w, etag);
        json_key(w, "size");
        json_write_int(w, f->size);
        json_key(w, "pointerSize");
        json_write_int(w, 134);
        json_object_end(w);
    }
    json_key(w, "path");
    json_write_string(w, f->path);
    json_object_end(w);
}

static void write_folder(struct json_writer *w)
{
    json_object_begin(w);
    json_key(w, "type");
    json_write_string(w, "directory");
    json_key(w, "oid");
    json_write_string(w, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    json_key(w, "size");
    json_write_int(w, 0);
    json_key(w, "path");
    json_write_string(w, "folder");
    json_object_end(w);
}

/* The page of the files from `first` on, at the tree's path with its cursor. */
static void put_page(struct fake_hub *h, const struct fake_repo *r, size_t first, size_t page)
{
    struct buf text, link, options;
    struct json_writer w;
    buf_init_max(&text, (size_t)64 << 20);
    buf_init(&link);
    buf_init(&options);
    json_writer_init(&w, &text);
    json_array_begin(&w);
    write_folder(&w);
    for (size_t i = first; i < r->count && i < first + page; i++)
        write_entry(&w, &r->files[i]);
    json_array_end(&w);
    char *rest = xasprintf("tree/%s", r->commit), *path = fake_hub_api(r, rest), *target = NULL;
    target =
        first ? xasprintf("%s?recursive=true&expand=false&limit=%zu&cursor=c%zu", path, page, first)
              : xstrdup(path);
    origin_put(h->hub, target, "application/json; charset=utf-8", text.data);
    if (first + page < r->count) {
        char *next = xasprintf("%s?recursive=true&expand=false&limit=%zu&cursor=c%zu", path, page,
                               first + page);
        buf_add_str(&link, "<");
        origin_url(h->hub, next, &link);
        buf_add_str(&link, ">; rel=\"next\"");
        add_header(&options, "Link", link.data);
        free(next);
    }
    origin_set(h->hub, target, options.data);
    free(target);
    free(path);
    free(rest);
    buf_release(&text);
    buf_release(&link);
    buf_release(&options);
}

static void add_bytes(struct buf *options, const struct fake_repo *r, const struct fake_file *f)
{
    char etag[65];
    fake_hub_etag(f, etag);
    char *quoted = xasprintf("\"%s\"", etag);
    buf_addf(options, "size=%" PRId64 "&seed=%" PRIu64 "&lm=none", f->size, f->seed);
    add_option(options, "etag-raw", quoted);
    if (!f->large)
        add_header(options, "X-Repo-Commit", r->commit);
    free(quoted);
}

static char *bytes_path(const struct fake_repo *r, const struct fake_file *f)
{
    char etag[65];
    fake_hub_etag(f, etag);
    return f->large
               ? xasprintf("/cdn/%s", etag)
               : xasprintf("/api/resolve-cache/%s/%s/%s/%s", r->kind, r->name, r->commit, f->path);
}

void fake_hub_fault(struct fake_hub *h, const struct fake_repo *r, const struct fake_file *f,
                    const char *more)
{
    struct buf options;
    buf_init(&options);
    add_bytes(&options, r, f);
    buf_add_str(&options, f->large ? "&need-no-auth" : "&gzip=trap");
    if (more)
        buf_addf(&options, "&%s", more);
    char *path = bytes_path(r, f);
    origin_set(f->large ? h->cdn : h->hub, path, options.data);
    free(path);
    buf_release(&options);
}

/* What stands on the 302 of a large file. */
static void add_linked(struct buf *options, const struct fake_repo *r, const struct fake_file *f)
{
    char etag[65];
    fake_hub_etag(f, etag);
    char *size = xasprintf("%" PRId64, f->size), *quoted = xasprintf("\"%s\"", etag);
    add_header(options, "X-Repo-Commit", r->commit);
    add_header(options, "X-Linked-Size", size);
    add_header(options, "X-Linked-ETag", quoted);
    free(size);
    free(quoted);
}

static void set_resolve(struct fake_hub *h, const struct fake_repo *r, const struct fake_file *f)
{
    struct buf options;
    buf_init(&options);
    char *to = bytes_path(r, f), *redirect, *path = fake_hub_resolve(r, f->path);
    if (f->large) {
        redirect = xasprintf("302:{sibling}%s?Expires=1766000000&Signature=abc~&Key-Pair-Id=K", to);
        add_option(&options, "redirect", redirect);
        add_linked(&options, r, f);
    } else {
        redirect = xasprintf("307:%s?%%2F%s%%2Fresolve=&etag=%%22x%%22", to, r->name);
        add_option(&options, "redirect", redirect);
        add_header(&options, "X-Repo-Commit", r->commit);
    }
    origin_set(h->hub, path, options.data);
    free(path);
    free(redirect);
    free(to);
    buf_release(&options);
}

void fake_hub_expire(struct fake_hub *h, const struct fake_repo *r, const struct fake_file *f,
                     int uses, const char *more)
{
    struct buf options;
    buf_init(&options);
    /* With an ETag that follows from the bytes, so that other bytes have another one. */
    buf_addf(&options, "size=%" PRId64 "&seed=%" PRIu64, f->size, f->seed);
    add_linked(&options, r, f);
    buf_addf(&options, "&sign=302&sign-sibling&need-no-auth&uses=%d", uses);
    if (more)
        buf_addf(&options, "&%s", more);
    char *path = fake_hub_resolve(r, f->path);
    origin_set(h->hub, path, options.data);
    free(path);
    buf_release(&options);
}

void fake_hub_add(struct fake_hub *h, const struct fake_repo *r)
{
    size_t page = r->page ? r->page : PAGE_FILES;
    put_info(h, r);
    for (size_t first = 0; !first || first < r->count; first += page)
        put_page(h, r, first, page);
    for (size_t i = 0; i < r->count && !r->without_bytes; i++) {
        fake_hub_fault(h, r, &r->files[i], NULL);
        set_resolve(h, r, &r->files[i]);
    }
}

void fake_hub_refuse(struct fake_hub *h, const char *path, int status, const char *code,
                     const char *message)
{
    struct buf options;
    buf_init(&options);
    buf_addf(&options, "status=%d", status);
    if (code)
        add_header(&options, "X-Error-Code", code);
    if (message)
        add_header(&options, "X-Error-Message", message);
    origin_set(h->hub, path, options.data);
    buf_release(&options);
}

size_t fake_hub_requests(struct origin *o, const char *start)
{
    struct origin_entry e;
    size_t count = 0;
    for (size_t i = 0; origin_log_get(o, i, &e); i++)
        count += !strncmp(e.target, start, strlen(start));
    return count;
}

size_t fake_hub_authorized(struct origin *o)
{
    struct origin_entry e;
    size_t count = 0;
    for (size_t i = 0; origin_log_get(o, i, &e); i++)
        count += e.authorization != NULL;
    return count;
}

void hub_setting_init_with(struct hub_setting *s, const struct fake_repo *repo,
                           const char *endpoint, const char *variable, const char *folder)
{
    struct buf url;
    buf_init(&url);
    world_init(&s->world);
    fake_hub_init(&s->hub);
    fake_hub_add(&s->hub, repo);
    s->cache = world_path(&s->world, folder);
    origin_url(s->hub.hub, "/", &url); /* the slash at its end is no part of it */
    world_env(&s->world, "HF_ENDPOINT", endpoint ? endpoint : url.data);
    world_env(&s->world, variable, s->cache);
    buf_release(&url);
}

void hub_setting_init(struct hub_setting *s, const struct fake_repo *repo)
{
    hub_setting_init_with(s, repo, NULL, "HF_HUB_CACHE", "hub");
}

void hub_setting_release(struct hub_setting *s)
{
    fake_hub_release(&s->hub);
    world_release(&s->world);
    free(s->cache);
}
