/* SPDX-License-Identifier: MIT */
/* From a plan to an entry of the library, and what the entry is called; see library.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/library.h"
#include "core/map.h"
#include "core/path.h"
#include "core/text.h"
#include "core/units.h"

#define COMMIT_SHOWN 12

static int compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

void string_list_sort(struct string_list *l)
{
    size_t kept = 0;
    if (l->count)
        qsort(l->items, l->count, sizeof *l->items, compare);
    for (size_t i = 0; i < l->count; i++) {
        if (kept && !strcmp(l->items[kept - 1], l->items[i]))
            free(l->items[i]);
        else
            l->items[kept++] = l->items[i];
    }
    l->count = kept;
}

bool string_list_has(const struct string_list *sorted, const char *s)
{
    return sorted->count &&
           bsearch(&s, sorted->items, sorted->count, sizeof *sorted->items, compare) != NULL;
}

/* The root and the directories below it that are not there yet. */
static void note_dirs(struct model *m, const char *rel)
{
    char *path = path_join(m->root, rel);
    size_t root = strlen(m->root);
    struct stat st;
    for (char *slash; (slash = strrchr(path, '/')) && (size_t)(slash - path) >= root;) {
        *slash = '\0';
        if (!*path || lstat(path, &st) == 0)
            break;
        string_list_add(&m->dirs, path);
    }
    free(path);
}

static void note_file(struct model *m, const struct plan_file *from)
{
    struct model_file *f = model_add_file(m);
    f->path = xstrdup(from->path);
    f->link = xstrdup(from->link);
    f->size = from->size;
    f->digest = from->digest;
    f->shared = from->addressed;
    if (from->path)
        note_dirs(m, from->path);
    if (from->link)
        note_dirs(m, from->link);
}

static void note_document(struct model *m, const struct plan_document *from)
{
    struct model_file *f = model_add_file(m);
    struct stat st;
    char *path = path_join(m->root, from->path);
    f->path = xstrdup(from->path);
    f->size = (int64_t)from->len;
    f->document = true;
    f->made = !from->keep || lstat(path, &st) != 0;
    note_dirs(m, f->path);
    free(path);
}

void model_note_plan(struct model *m, const struct plan *plan)
{
    struct string_list dirs = m->dirs; /* noted before some of them were made */
    m->dirs = (struct string_list){0};
    model_release(m);
    m->dirs = dirs;
    m->name = text_sanitized(plan->name ? plan->name : "");
    m->revision = xstrdup(plan->revision);
    m->root = xstrdup(plan->root ? plan->root : "/");
    for (size_t i = 0; i < plan->count; i++)
        note_file(m, &plan->files[i]);
    for (size_t i = 0; i < plan->document_count; i++)
        note_document(m, &plan->documents[i]);
    for (size_t i = 0; i < plan->made_dirs.count; i++)
        string_list_add(&m->dirs, plan->made_dirs.items[i]);
    string_list_sort(&m->dirs);
}

/* ---- ids ---- */

/* One character; returns its length. */
static size_t add_character(struct buf *out, const char *s)
{
    struct buf clean;
    uint32_t cp;
    size_t len = text_utf8_decode(s, strnlen(s, 4), &cp);
    buf_init(&clean);
    text_sanitize(&clean, s, len);
    bool shown = *s != '%' && *s != ' ' && clean.len == len && !memcmp(clean.data, s, len);
    for (size_t i = 0; i < len; i++)
        if (shown)
            buf_add_char(out, s[i]);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)s[i]);
    buf_release(&clean);
    return len;
}

/* Printable text as it is, all else as %XX; '%' too, so that it can be read back. */
static void add_escaped(struct buf *out, const char *s)
{
    while (*s) {
        size_t plain = strcspn(s, " %");
        plain = text_plain_run(s, plain);
        buf_add(out, s, plain);
        s += plain;
        if (*s)
            s += add_character(out, s);
    }
}

static void add_part(struct buf *out, const char *before, const char *part)
{
    if (!part)
        return;
    buf_add_str(out, before);
    add_escaped(out, part);
}

static bool is_commit(const char *s)
{
    return s && strlen(s) == 40 && strspn(s, "0123456789abcdef") == 40;
}

static void add_hf(struct buf *out, const struct spec *s, const char *revision)
{
    static const char *const kinds[] = {
        [SPEC_MODEL] = "hf:", [SPEC_DATASET] = "hf:datasets/", [SPEC_SPACE] = "hf:spaces/"};
    char *commit = is_commit(revision) ? xstrndup(revision, COMMIT_SHOWN) : xstrdup(revision);
    buf_add_str(out, kinds[s->repo]);
    add_part(out, "", s->owner);
    add_part(out, s->owner ? "/" : "", s->name);
    add_part(out, "@", commit);
    for (const char *q = s->quant; q && *q; q++) { /* quants are ASCII, in either case the same */
        if (q == s->quant)
            buf_add_char(out, ':');
        buf_add_char(out, *q >= 'a' && *q <= 'z' ? (char)(*q - 32) : *q);
    }
    add_part(out, "/", s->glob);
    free(commit);
}

static void add_ollama(struct buf *out, const struct spec *s)
{
    buf_add_str(out, "ollama:");
    if (s->plain_http)
        buf_add_str(out, "http://");
    add_part(out, "", s->host);
    add_part(out, s->host ? "/" : "", s->owner);
    add_part(out, s->owner || s->host ? "/" : "", s->name);
    add_part(out, ":", s->revision);
}

static void add_github(struct buf *out, const struct spec *s, const char *revision)
{
    buf_add_str(out, "github:");
    add_part(out, "", s->owner);
    add_part(out, "/", s->name);
    add_part(out, "@", revision ? revision : s->revision);
    add_part(out, "/", s->glob);
}

char *model_id(const struct spec *spec, const char *source, const char *revision, const char *place)
{
    struct buf id;
    buf_init(&id);
    uint64_t hash = map_hash(map_hash(MAP_HASH_START, spec->text), place);
    switch (spec->kind) {
    case SPEC_HF:
        add_hf(&id, spec, revision);
        break;
    case SPEC_OLLAMA:
        add_ollama(&id, spec);
        break;
    case SPEC_GITHUB:
        add_github(&id, spec, revision);
        break;
    case SPEC_FILE:
        add_part(&id, "file:", place);
        break;
    case SPEC_BUILD:
        add_part(&id, "build:", spec->path);
        break;
    case SPEC_URL: /* what is masked in it is in the hash, of which 32 bits give nothing away */
        add_escaped(&id, source);
        buf_addf(&id, "~%08" PRIx32, (uint32_t)(hash ^ hash >> 32));
        break;
    }
    char *text = buf_detach(&id);
    buf_release(&id);
    return text;
}

char *model_id_apart(const char *id, const char *root, unsigned attempt)
{
    uint64_t hash = map_hash(MAP_HASH_START, root);
    if (!attempt)
        return xasprintf("%s~%08" PRIx32, id, (uint32_t)(hash ^ hash >> 32));
    return xasprintf("%s~%016" PRIx64 ".%u", id, hash, attempt);
}

static char *first_place(const struct model *m)
{
    bool whole = !m->count || m->count > 1 || !m->files[0].path;
    return whole ? xstrdup(m->root) : path_join(m->root, m->files[0].path);
}

void model_note_request(struct model *m, const struct job_request *request, const char *source,
                        enum layout layout)
{
    struct spec spec;
    free(m->source);
    free(m->id);
    m->source = xstrdup(source);
    m->layout = layout;
    char *place = first_place(m);
    bool parsed = spec_parse(request->spec, &spec, NULL) == HAUL_OK;
    m->grows = parsed && (spec.kind == SPEC_HF || spec.kind == SPEC_GITHUB);
    m->id = parsed ? model_id(&spec, source, m->revision, place) : xstrdup(source);
    if (parsed)
        spec_release(&spec);
    free(place);
}
