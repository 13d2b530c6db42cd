/* SPDX-License-Identifier: MIT */
/* What becomes of the disk and of the library when a job's files are deleted. */
#include "core/keeper.h"
#include "core/path.h"
#include "core/store_library.h"
#include "harness.h"
#include "session_fixture.h"

struct scene {
    char *dir, *root;
    struct table table;
    struct keeper keeper;
    struct litter litter;
};

static void scene_init(struct scene *s)
{
    struct settings settings;
    struct haul_fault fault;
    char *notice;
    *s = (struct scene){.dir = scratch_dir()};
    s->root = xasprintf("%s/root", s->dir);
    settings_init(&settings);
    table_init(&s->table, &settings);
    settings_release(&settings);
    s->keeper.table = &s->table;
    s->keeper.store = store_open(s->dir, &notice, &fault);
    ASSERT(s->keeper.store);
}

static void scene_release(struct scene *s)
{
    litter_release(&s->litter);
    table_release(&s->table);
    store_close(s->keeper.store);
    free(s->root);
    scratch_remove(s->dir);
}

static char *make_parent(const struct scene *s, const char *rel)
{
    char *path = path_join(s->root, rel);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    CHECK(path_make_dirs(path, 0700, NULL) == HAUL_OK);
    *slash = '/';
    return path;
}

static void write_file(const struct scene *s, const char *rel, const char *text)
{
    char *path = make_parent(s, rel);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && !fclose(f));
    free(path);
}

static bool is_there(const struct scene *s, const char *rel)
{
    struct stat st;
    char *path = path_join(s->root, rel);
    bool there = !lstat(path, &st);
    free(path);
    return there;
}

static void entry_init(const struct scene *s, struct model *m, const char *id, enum layout layout)
{
    *m = (struct model){.id = xstrdup(id),
                        .source = xstrdup(id),
                        .name = xstrdup(id),
                        .root = xstrdup(s->root),
                        .layout = layout,
                        .created_ms = 5};
}

/* A file of ten bytes; `document` has its own text. */
static void add_file(const struct scene *s, struct model *m, const char *path, const char *document)
{
    struct model_file *f = model_add_file(m);
    f->path = xstrdup(path);
    f->size = document ? (int64_t)strlen(document) : 10;
    f->made = true;
    f->shared = strstr(path, "blobs/");
    f->document = document != NULL;
    write_file(s, path, document ? document : "0123456789");
}

static void add_link(const struct scene *s, struct model *m, const char *link, const char *blob)
{
    char *target = xasprintf("../../blobs/%s", blob), *path = xasprintf("repo/blobs/%s", blob);
    char *from = make_parent(s, link);
    add_file(s, m, path, NULL);
    m->files[m->count - 1].link = xstrdup(link);
    CHECK(!symlink(target, from));
    free(from);
    free(path);
    free(target);
}

/* The same, for an entry that found it there. */
static void add_again(struct model *m, const char *link, const char *blob)
{
    struct model_file *f = model_add_file(m);
    f->path = xasprintf("repo/blobs/%s", blob);
    f->link = xstrdup(link);
    f->size = 10;
    f->shared = true;
}

static void put(const struct scene *s, struct model *m)
{
    struct haul_fault fault;
    CHECK(store_begin(s->keeper.store, &fault) == HAUL_OK);
    CHECK(store_put_model(s->keeper.store, m, &fault) == HAUL_OK);
    CHECK(store_end(s->keeper.store, true, &fault) == HAUL_OK);
    model_release(m);
}

static void will_go(struct scene *s, const char *source, const char *rel, int64_t size)
{
    struct litter *l = &s->litter;
    if (!l->source)
        l->source = xstrdup(source);
    l->items = xreallocarray(l->items, l->count + 1, sizeof *l->items);
    l->items[l->count++] = (struct litter_item){.path = path_join(s->root, rel), .size = size};
}

static size_t entries(const struct scene *s, size_t *files)
{
    struct model_list l = {0};
    CHECK(store_list_models(s->keeper.store, &l, NULL) == HAUL_OK);
    size_t count = l.count;
    *files = 0;
    for (size_t i = 0; i < l.count; i++)
        *files += l.items[i].count;
    model_list_release(&l);
    return count;
}

TEST(in_the_hubs_cache_blobs_go_with_their_links)
{
    struct scene s;
    struct model m;
    size_t files;
    scene_init(&s);
    entry_init(&s, &m, "hf:o/n", LAYOUT_HF_CACHE);
    m.revision = xstrdup("abc");
    m.grows = true;
    add_link(&s, &m, "repo/snapshots/abc/one", "1");
    add_link(&s, &m, "repo/snapshots/abc/two", "2");
    add_file(&s, &m, "repo/refs/main", "abc");
    put(&s, &m);
    will_go(&s, "hf:o/n", "repo/snapshots/abc/one", 10);
    keeper_delete(&s.keeper, &s.litter);
    CHECK_INT(s.litter.stayed, 0);
    CHECK(!is_there(&s, "repo/snapshots/abc/one") && !is_there(&s, "repo/blobs/1"));
    CHECK(is_there(&s, "repo/snapshots/abc/two") && is_there(&s, "repo/blobs/2"));
    CHECK(is_there(&s, "repo/refs/main"));
    CHECK_INT(entries(&s, &files), 1);
    CHECK_INT(files, 2);
    litter_release(&s.litter);
    will_go(&s, "hf:o/n", "repo/snapshots/abc/two", 10);
    keeper_delete(&s.keeper, &s.litter);
    CHECK(!is_there(&s, "repo/blobs/2") && !is_there(&s, "repo/refs/main"));
    CHECK_INT(entries(&s, &files), 0);
    scene_release(&s);
}

/* Asked for by two specs. */
TEST(a_link_of_two_entries_stays_in_the_other)
{
    struct scene s;
    struct model m;
    size_t files;
    scene_init(&s);
    for (int i = 0; i < 2; i++) {
        entry_init(&s, &m, i ? "hf:o/n/a*" : "hf:o/n", LAYOUT_HF_CACHE);
        m.revision = xstrdup("abc");
        m.grows = true;
        if (!i)
            add_link(&s, &m, "repo/snapshots/abc/one", "1");
        else
            add_again(&m, "repo/snapshots/abc/one", "1");
        put(&s, &m);
    }
    will_go(&s, "hf:o/n", "repo/snapshots/abc/one", 10);
    keeper_delete(&s.keeper, &s.litter);
    CHECK_INT(s.litter.stayed, 1);
    CHECK(is_there(&s, "repo/snapshots/abc/one") && is_there(&s, "repo/blobs/1"));
    CHECK_INT(entries(&s, &files), 1);
    CHECK_INT(files, 1);
    scene_release(&s);
}

static void add_ollama(const struct scene *s, const char *name, const char *own)
{
    struct model m;
    char *config = xasprintf("blobs/sha256-%s", own), *manifest = xasprintf("manifests/%s", name);
    char *text = xasprintf("{\"config\":{\"digest\":\"sha256:%s\"},"
                           "\"layers\":[{\"digest\":\"sha256:5\"}]}",
                           own);
    entry_init(s, &m, name, LAYOUT_OLLAMA);
    add_file(s, &m, config, NULL);
    add_file(s, &m, "blobs/sha256-5", NULL);
    add_file(s, &m, manifest, text);
    put(s, &m);
    free(text);
    free(manifest);
    free(config);
}

TEST(in_ollamas_store_a_layer_that_another_model_needs_stays)
{
    struct scene s;
    size_t files;
    scene_init(&s);
    add_ollama(&s, "one", "1");
    add_ollama(&s, "two", "2");
    will_go(&s, "one", "blobs/sha256-1", 10);
    will_go(&s, "one", "blobs/sha256-5", 10);
    keeper_delete(&s.keeper, &s.litter);
    CHECK_INT(s.litter.stayed, 1);
    CHECK_INT(s.litter.kept.count, 1);
    CHECK(!is_there(&s, "manifests/one") && !is_there(&s, "blobs/sha256-1"));
    CHECK(is_there(&s, "manifests/two") && is_there(&s, "blobs/sha256-2"));
    CHECK(is_there(&s, "blobs/sha256-5"));
    CHECK_INT(entries(&s, &files), 1);
    CHECK_INT(files, 3);
    scene_release(&s);
}

TEST(a_file_that_has_another_size_by_now_stays_in_the_library_or_not)
{
    struct scene s;
    struct model m;
    size_t files;
    scene_init(&s);
    entry_init(&s, &m, "http://h/f", LAYOUT_PLAIN);
    add_file(&s, &m, "listed", NULL);
    put(&s, &m);
    write_file(&s, "unlisted", "0123456789");
    write_file(&s, "other", "0123456789");
    will_go(&s, "http://h/f", "listed", 11);
    will_go(&s, "http://h/f", "unlisted", 11);
    will_go(&s, "http://h/f", "other", 10);
    keeper_delete(&s.keeper, &s.litter);
    CHECK_INT(s.litter.stayed, 2);
    CHECK(is_there(&s, "listed") && is_there(&s, "unlisted") && !is_there(&s, "other"));
    CHECK_INT(entries(&s, &files), 1);
    scene_release(&s);
}
