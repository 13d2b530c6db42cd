/* SPDX-License-Identifier: MIT */
/*
 * The reader of json.h over yajl's streaming API. yajl has no limit of depth or count and lets
 * overlong UTF-8 pass, so both are checked here; its own tree API is not used for that reason.
 */
#include "core/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "core/alloc.h"
#include "core/text.h"
#include "core/units.h"

struct json {
    enum json_type type;
    bool truth;
    char *key;  /* in an object; owned */
    char *text; /* of a string or number; owned */
    struct json *items;
    size_t count, cap;
};

/* A container is still when something in it grows, since only the innermost open one gets new
 * values: so pointers to the open containers hold. */
struct reader {
    struct json root;
    bool has_root;
    struct json *open[JSON_DEPTH_MAX];
    unsigned depth;
    char *key; /* waits for its value */
    size_t nodes, max_nodes;
    const char *why; /* set when a callback has ended the parse */
};

static int refuse(struct reader *r, const char *why)
{
    r->why = why;
    return 0;
}

static struct json *append(struct json *container)
{
    if (container->count == container->cap) {
        container->cap = container->cap ? 2 * container->cap : 4;
        container->items = xreallocarray(container->items, container->cap, sizeof(struct json));
    }
    return &container->items[container->count++];
}

/* NULL when the document has too many values. */
static struct json *add(struct reader *r, enum json_type type)
{
    if (r->nodes++ >= r->max_nodes) {
        refuse(r, "it has too many values");
        return NULL;
    }
    struct json *v = r->depth ? append(r->open[r->depth - 1]) : &r->root;
    *v = (struct json){.type = type, .key = r->key};
    r->key = NULL;
    r->has_root = true;
    return v;
}

static int open_container(struct reader *r, enum json_type type)
{
    if (r->depth == JSON_DEPTH_MAX)
        return refuse(r, "it is nested too deeply");
    struct json *v = add(r, type);
    if (v)
        r->open[r->depth++] = v;
    return v != NULL;
}

static char *copy_text(struct reader *r, const unsigned char *s, size_t len)
{
    if (memchr(s, '\0', len)) {
        refuse(r, "a string has a NUL in it");
        return NULL;
    }
    /* yajl turns the escape of a lone low surrogate into bytes that are no UTF-8. */
    if (!text_utf8_valid((const char *)s, len)) {
        refuse(r, "a string has half of a surrogate pair");
        return NULL;
    }
    return xstrndup((const char *)s, len);
}

static int add_text(struct reader *r, enum json_type type, const unsigned char *s, size_t len)
{
    char *text = copy_text(r, s, len);
    struct json *v = text ? add(r, type) : NULL;
    if (v)
        v->text = text;
    else
        free(text);
    return v != NULL;
}

static int on_null(void *ctx)
{
    return add(ctx, JSON_NULL) != NULL;
}

static int on_bool(void *ctx, int truth)
{
    struct json *v = add(ctx, JSON_BOOL);
    if (v)
        v->truth = truth != 0;
    return v != NULL;
}

static int on_number(void *ctx, const char *s, size_t len)
{
    return add_text(ctx, JSON_NUMBER, (const unsigned char *)s, len);
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
    return add_text(ctx, JSON_STRING, s, len);
}

static int on_map_start(void *ctx)
{
    return open_container(ctx, JSON_OBJECT);
}

static int on_key(void *ctx, const unsigned char *s, size_t len)
{
    struct reader *r = ctx;
    free(r->key);
    r->key = copy_text(r, s, len);
    return r->key != NULL;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_duplicate_key(const struct json *object)
{
    bool found = false;
    char **keys = xcalloc(object->count, sizeof *keys);
    for (size_t i = 0; i < object->count; i++)
        keys[i] = object->items[i].key;
    qsort(keys, object->count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < object->count && !found; i++)
        found = !strcmp(keys[i - 1], keys[i]);
    free(keys);
    return found;
}

static int on_map_end(void *ctx)
{
    struct reader *r = ctx;
    if (has_duplicate_key(r->open[--r->depth]))
        return refuse(r, "an object has the same key twice");
    return 1;
}

static int on_array_start(void *ctx)
{
    return open_container(ctx, JSON_ARRAY);
}

static int on_array_end(void *ctx)
{
    struct reader *r = ctx;
    r->depth--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map_start,
    .yajl_map_key = on_key,
    .yajl_end_map = on_map_end,
    .yajl_start_array = on_array_start,
    .yajl_end_array = on_array_end,
};

static void *alloc_fn(void *ctx, size_t size)
{
    (void)ctx;
    return xmalloc(size);
}

static void *realloc_fn(void *ctx, void *old, size_t size)
{
    (void)ctx;
    return xreallocarray(old, size, 1);
}

static void free_fn(void *ctx, void *p)
{
    (void)ctx;
    free(p);
}

/* Fills r; NULL, or why the text is refused, with the offset where that was seen. */
static const char *read_document(struct reader *r, const char *text, size_t len, size_t *offset)
{
    if (!text_utf8_valid(text, len))
        return "it is not valid UTF-8";
    yajl_alloc_funcs alloc = {alloc_fn, realloc_fn, free_fn, NULL};
    yajl_handle yajl = yajl_alloc(&callbacks, &alloc, r);
    const char *why = NULL;
    if (yajl_parse(yajl, (const unsigned char *)text, len) != yajl_status_ok) {
        *offset = yajl_get_bytes_consumed(yajl);
        why = r->why ? r->why : "it breaks JSON's syntax";
    } else if (yajl_complete_parse(yajl) != yajl_status_ok || !r->has_root) {
        *offset = len;
        why = r->why ? r->why : "it ends too early";
    }
    yajl_free(yajl);
    return why;
}

static void release(struct json *v)
{
    for (size_t i = 0; i < v->count; i++)
        release(&v->items[i]);
    free(v->items);
    free(v->text);
    free(v->key);
}

struct json *json_parse(const char *text, size_t len, size_t max_nodes, enum haul_error code,
                        struct haul_fault *fault)
{
    struct reader reader = {.max_nodes = max_nodes};
    size_t offset = 0;
    const char *why = read_document(&reader, text, len, &offset);
    free(reader.key);
    if (why) {
        fault_set(fault, code, "bad JSON at byte %zu: %s", offset, why);
        release(&reader.root);
        return NULL;
    }
    struct json *root = xmalloc(sizeof *root);
    *root = reader.root;
    return root;
}

void json_free(struct json *root)
{
    if (root)
        release(root);
    free(root);
}

enum json_type json_type(const struct json *v)
{
    return v ? v->type : JSON_NULL;
}

const char *json_string(const struct json *v, const char *fallback)
{
    return v && v->type == JSON_STRING ? v->text : fallback;
}

bool json_bool(const struct json *v, bool fallback)
{
    return v && v->type == JSON_BOOL ? v->truth : fallback;
}

int64_t json_int(const struct json *v, int64_t fallback)
{
    uint64_t n;
    if (!v || v->type != JSON_NUMBER || !units_parse_u64(v->text, INT64_MAX, &n))
        return fallback;
    return (int64_t)n;
}

int64_t json_signed(const struct json *v, int64_t fallback)
{
    if (!v || v->type != JSON_NUMBER || v->text[0] != '-')
        return json_int(v, fallback);
    uint64_t n;
    if (!units_parse_u64(v->text + 1, (uint64_t)INT64_MAX + 1, &n))
        return fallback;
    return n > INT64_MAX ? INT64_MIN : -(int64_t)n;
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->count; i++)
        if (!strcmp(object->items[i].key, key))
            return &object->items[i];
    return NULL;
}

size_t json_count(const struct json *array_or_object)
{
    return array_or_object ? array_or_object->count : 0;
}

const struct json *json_at(const struct json *array_or_object, size_t i)
{
    return i < json_count(array_or_object) ? &array_or_object->items[i] : NULL;
}

const char *json_key_at(const struct json *object, size_t i)
{
    return i < json_count(object) ? object->items[i].key : NULL;
}
