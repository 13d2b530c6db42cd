/* SPDX-License-Identifier: MIT */
/* The library as JSON; see json_library.h. */
#include "api/json_library.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/path.h"
#include "core/units.h"

static void put_string(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, key);
    json_write_string(w, value);
}

static void put_int(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_write_int_or_null(w, value);
}

static void put_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_write_bool(w, value);
}

static void put_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
    char text[CLOCK_RFC3339_SIZE];
    if (wall_ms)
        clock_rfc3339(wall_ms, text);
    put_string(w, key, wall_ms ? text : NULL);
}

static void put_digest(struct json_writer *w, const struct digest_value *d)
{
    char hex[2 * sizeof d->bytes + 1];
    json_key(w, "digest");
    if (!d->algorithm) {
        json_write_null(w);
        return;
    }
    units_format_hex(d->bytes, digest_size(d->algorithm), hex);
    json_object_begin(w);
    put_string(w, "algorithm", digest_name(d->algorithm));
    put_string(w, "value", hex);
    json_object_end(w);
}

static void put_path(struct json_writer *w, const char *key, const char *root, const char *rel)
{
    char *path = rel ? path_join(root, rel) : NULL;
    put_string(w, key, path);
    free(path);
}

static void put_file(struct json_writer *w, const struct model *m, const struct model_file *f)
{
    json_object_begin(w);
    put_path(w, "path", m->root, f->path);
    put_path(w, "link", m->root, f->link);
    put_int(w, "bytes", f->size);
    put_string(w, "state", model_state_name(f->state));
    put_digest(w, &f->digest);
    put_string(w, "verified", digest_origin_name(f->digest.origin));
    put_time(w, "verified_at", f->verified_ms);
    put_bool(w, "made", f->made);
    json_object_end(w);
}

static int64_t content_count(const struct model *m)
{
    int64_t count = 0;
    for (size_t i = 0; i < m->count; i++)
        count += !m->files[i].document;
    return count;
}

void api_json_model(struct buf *out, const struct model *m, bool files)
{
    static const char *const layouts[] = {[LAYOUT_DEFAULT] = "plain",
                                          [LAYOUT_PLAIN] = "plain",
                                          [LAYOUT_HF_CACHE] = "hf-cache",
                                          [LAYOUT_OLLAMA] = "ollama"};
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    put_string(&w, "id", m->id);
    put_string(&w, "state", model_state_name(m->state));
    put_string(&w, "source", m->source);
    put_string(&w, "name", m->name);
    put_string(&w, "revision", m->revision);
    put_string(&w, "layout", layouts[m->layout]);
    put_string(&w, "dir", m->root);
    put_int(&w, "bytes", model_size(m));
    put_int(&w, "file_count", content_count(m));
    put_time(&w, "created", m->created_ms);
    put_time(&w, "verified", m->verified_ms);
    if (files) {
        json_key(&w, "files");
        json_array_begin(&w);
        for (size_t i = 0; i < m->count; i++)
            if (!m->files[i].document)
                put_file(&w, m, &m->files[i]);
        json_array_end(&w);
    }
    json_object_end(&w);
}

void api_json_removal(struct buf *out, const struct model *m, const struct model_removal *r)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    put_string(&w, "id", m->id);
    put_int(&w, "removed", (int64_t)r->files);
    put_int(&w, "bytes", r->bytes);
    json_key(&w, "kept");
    json_array_begin(&w);
    for (size_t i = 0; i < r->kept.count; i++)
        json_write_string(&w, r->kept.items[i]);
    json_array_end(&w);
    json_object_end(&w);
}

void api_json_leftover(struct buf *out, const struct leftover *l, bool removed)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    put_string(&w, "path", l->path);
    put_int(&w, "bytes", l->bytes);
    put_bool(&w, "removed", removed);
    json_object_end(&w);
}
