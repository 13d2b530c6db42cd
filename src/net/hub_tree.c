/* SPDX-License-Identifier: MIT */
/* Listings of repos; see hub_tree.h. */
#include "net/hub_tree.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/units.h"

#define PAGE_VALUES_MAX    ((size_t)200000)
#define LISTING_VALUES_MAX (6 * HUB_FILES_MAX)
#define FORMAT_VERSION     1
/* Of a file and of all of them: no repo is larger, and no sum overflows. */
#define SIZE_MAX_EACH ((int64_t)1 << 45)
#define TOTAL_MAX     ((int64_t)1 << 60)

void hub_tree_init(struct hub_tree *t)
{
    *t = (struct hub_tree){0};
}

void hub_tree_release(struct hub_tree *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->files[i].path);
    free(t->files);
    hub_tree_init(t);
}

struct hub_file *hub_tree_add(struct hub_tree *t, const char *path)
{
    if (t->count == t->room) {
        t->room = t->room ? t->room + t->room / 2 : 64;
        t->files = xreallocarray(t->files, t->room, sizeof *t->files);
    }
    struct hub_file *f = &t->files[t->count++];
    *f = (struct hub_file){.path = xstrdup(path), .size = -1};
    return f;
}

static bool hex(const struct json *v, uint8_t *out, size_t len)
{
    const char *text = json_string(v, "");
    return strlen(text) == 2 * len && units_parse_hex(text, out, len);
}

/* Takes what tells about the content; false where something is missing that must be there. */
static bool describe(struct hub_file *f, const struct json *size, const struct json *git,
                     const struct json *sha256, const struct json *xet)
{
    f->size = json_int(size, -1);
    f->large = sha256 != NULL;
    f->has_xet = hex(xet, f->xet, sizeof f->xet);
    return f->size >= 0 && f->size <= SIZE_MAX_EACH && hex(git, f->git, sizeof f->git) &&
           (!f->large || hex(sha256, f->sha256, sizeof f->sha256));
}

static enum haul_error add_entry(struct hub_tree *t, const struct json *entry,
                                 struct haul_fault *fault)
{
    const char *path = json_string(json_get(entry, "path"), NULL);
    if (strcmp(json_string(json_get(entry, "type"), ""), "file") != 0)
        return HAUL_OK;
    if (t->count == HUB_FILES_MAX)
        return fault_set(fault, HAUL_ERR_NETWORK, "the repo lists more than %zu files",
                         HUB_FILES_MAX);
    const struct json *lfs = json_get(entry, "lfs");
    bool large = json_type(lfs) == JSON_OBJECT;
    if (path && describe(hub_tree_add(t, path), json_get(large ? lfs : entry, "size"),
                         json_get(entry, "oid"), large ? json_get(lfs, "oid") : NULL,
                         json_get(entry, "xetHash")))
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_NETWORK,
                     "the Hub's list of files makes no sense: no size or digest for %s",
                     path ? path : "one of them");
}

enum haul_error hub_tree_add_page(struct hub_tree *t, const char *text, size_t len,
                                  struct haul_fault *fault)
{
    struct json *page = json_parse(text, len, PAGE_VALUES_MAX, HAUL_ERR_NETWORK, fault);
    if (!page)
        return fault->code;
    enum haul_error err = HAUL_OK;
    if (json_type(page) != JSON_ARRAY)
        err = fault_set(fault, HAUL_ERR_NETWORK, "the Hub's list of files is no list");
    for (size_t i = 0; err == HAUL_OK && i < json_count(page); i++)
        err = add_entry(t, json_at(page, i), fault);
    json_free(page);
    return err;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct hub_file *)a)->path, ((const struct hub_file *)b)->path);
}

enum haul_error hub_tree_sort(struct hub_tree *t, struct haul_fault *fault)
{
    if (t->count)
        qsort(t->files, t->count, sizeof *t->files, by_path);
    for (size_t i = 1; i < t->count; i++)
        if (!by_path(&t->files[i - 1], &t->files[i]))
            return fault_set(fault, HAUL_ERR_NETWORK, "the Hub lists %s twice", t->files[i].path);
    int64_t total = 0;
    for (size_t i = 0; i < t->count && total <= TOTAL_MAX; i++)
        total += t->files[i].size;
    if (total > TOTAL_MAX)
        return fault_set(fault, HAUL_ERR_NETWORK, "the files that the Hub lists are too large");
    return HAUL_OK;
}

bool hub_tree_parse(struct hub_tree *t, const char *text, size_t len)
{
    struct json *root = json_parse(text, len, LISTING_VALUES_MAX, HAUL_ERR_INTERNAL, NULL);
    const struct json *files = json_get(root, "files");
    bool good = json_int(json_get(root, "format_version"), 0) == FORMAT_VERSION &&
                json_type(files) == JSON_OBJECT;
    for (size_t i = 0; good && i < json_count(files); i++) {
        const struct json *v = json_at(files, i), *sha256 = json_get(v, "lfs_sha256");
        bool large = json_type(sha256) == JSON_STRING;
        good = describe(hub_tree_add(t, json_key_at(files, i)),
                        json_get(v, large ? "lfs_size" : "size"), json_get(v, "blob_id"),
                        large ? sha256 : NULL, json_get(v, "xet_hash"));
    }
    json_free(root);
    if (!good || hub_tree_sort(t, NULL) != HAUL_OK) {
        hub_tree_release(t);
        return false;
    }
    return true;
}

static void write_hex(struct json_writer *w, const char *key, const uint8_t *data, size_t len)
{
    char text[HUB_ETAG_SIZE];
    units_format_hex(data, len, text);
    json_key(w, key);
    json_write_string(w, text);
}

static void write_size(struct json_writer *w, const char *key, int64_t size)
{
    json_key(w, key);
    json_write_int(w, size);
}

void hub_tree_write(const struct hub_tree *t, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    write_size(&w, "format_version", FORMAT_VERSION);
    json_key(&w, "files");
    json_object_begin(&w);
    for (size_t i = 0; i < t->count; i++) {
        const struct hub_file *f = &t->files[i];
        json_key(&w, f->path);
        json_object_begin(&w);
        write_size(&w, "size", f->size);
        write_hex(&w, "blob_id", f->git, sizeof f->git);
        if (f->large) {
            write_hex(&w, "lfs_sha256", f->sha256, sizeof f->sha256);
            write_size(&w, "lfs_size", f->size);
        }
        if (f->has_xet)
            write_hex(&w, "xet_hash", f->xet, sizeof f->xet);
        json_object_end(&w);
    }
    json_object_end(&w);
    json_object_end(&w);
}

void hub_file_etag(const struct hub_file *f, char out[HUB_ETAG_SIZE])
{
    if (f->large)
        units_format_hex(f->sha256, sizeof f->sha256, out);
    else
        units_format_hex(f->git, sizeof f->git, out);
}

struct digest_value hub_file_digest(const struct hub_file *f)
{
    struct digest_value d = {f->large ? DIGEST_SHA256 : DIGEST_GIT_SHA1, DIGEST_BY_PUBLISHER, {0}};
    if (f->large)
        memcpy(d.bytes, f->sha256, sizeof f->sha256);
    else
        memcpy(d.bytes, f->git, sizeof f->git);
    return d;
}

static int compare_content(const struct hub_file *a, const struct hub_file *b)
{
    if (a->large != b->large)
        return a->large ? 1 : -1;
    return a->large ? memcmp(a->sha256, b->sha256, sizeof a->sha256)
                    : memcmp(a->git, b->git, sizeof a->git);
}

/* Among equal ones the order of the tree stays. */
static int by_content(const void *a, const void *b)
{
    const struct hub_file *x = *(struct hub_file *const *)a, *y = *(struct hub_file *const *)b;
    int order = compare_content(x, y);
    return order ? order : (x > y) - (x < y);
}

void hub_tree_mark_repeats(struct hub_tree *t)
{
    struct hub_file **chosen = xcalloc(t->count + 1, sizeof(struct hub_file *));
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->files[i].chosen)
            chosen[count++] = &t->files[i];
    qsort(chosen, count, sizeof(struct hub_file *), by_content);
    for (size_t i = 1; i < count; i++)
        chosen[i]->again = !compare_content(chosen[i - 1], chosen[i]);
    free(chosen);
}
