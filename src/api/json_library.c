/* SPDX-License-Identifier: MIT */
/* The library as JSON; see json_library.h. */
#include "api/json_library.h"

#include <stdlib.h>

#include "api/json_put.h"
#include "core/path.h"

static void put_path(struct json_writer *w, const char *key, const char *root, const char *rel)
{
    char *path = rel ? path_join(root, rel) : NULL;
    api_put_string(w, key, path);
    free(path);
}

static void put_file(struct json_writer *w, const struct model *m, const struct model_file *f)
{
    json_object_begin(w);
    put_path(w, "path", m->root, f->path);
    put_path(w, "link", m->root, f->link);
    api_put_int_or_null(w, "bytes", f->size);
    api_put_string(w, "state", model_state_name(f->state));
    api_put_digest(w, &f->digest);
    api_put_string(w, "verified", digest_origin_name(f->digest.origin));
    api_put_time(w, "verified_at", f->verified_ms);
    api_put_bool(w, "made", f->made);
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
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    api_put_string(&w, "id", m->id);
    api_put_string(&w, "state", model_state_name(m->state));
    api_put_string(&w, "source", m->source);
    api_put_string(&w, "name", m->name);
    api_put_string(&w, "revision", m->revision);
    api_put_string(&w, "layout", layout_name(m->layout ? m->layout : LAYOUT_PLAIN));
    api_put_string(&w, "dir", m->root);
    api_put_int_or_null(&w, "bytes", model_size(m));
    api_put_int_or_null(&w, "file_count", content_count(m));
    api_put_time(&w, "created", m->created_ms);
    api_put_time(&w, "verified", m->verified_ms);
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
    api_put_string(&w, "id", m->id);
    api_put_int_or_null(&w, "removed", (int64_t)r->files);
    api_put_int_or_null(&w, "bytes", r->bytes);
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
    api_put_string(&w, "path", l->path);
    api_put_int_or_null(&w, "bytes", l->bytes);
    api_put_bool(&w, "removed", removed);
    json_object_end(&w);
}
