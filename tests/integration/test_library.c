/* SPDX-License-Identifier: MIT */
/*
 * What haul brought and what becomes of it: models, show, verify, rm, clean, and content that is on
 * the disk already.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/store_library.h"
#include "core/units.h"
#include "harness.h"
#include "integration/scene.h"

/* In a transaction of its own. */
static enum haul_error put_model(struct store *s, struct model *m, struct haul_fault *fault)
{
    enum haul_error err = store_begin(s, fault);
    if (err == HAUL_OK)
        err = store_put_model(s, m, fault);
    return err == HAUL_OK ? store_end(s, true, fault) : err;
}

#define SIZE ((int64_t)3 << 20)

/* Runs haul and checks how it ended; the result stays in the scene. */
#define RUN(s, code, ...)                                                                          \
    do {                                                                                           \
        result_release(&(s)->r);                                                                   \
        world_run(&(s)->w, &(s)->r, __VA_ARGS__);                                                  \
        CHECK_INT((s)->r.exit, code);                                                              \
        if ((s)->r.exit != (code))                                                                 \
            printf("# %s\n", (s)->r.err.data);                                                     \
    } while (0)

static void fetch(struct scene *s, const char *name, unsigned seed)
{
    char sum[72];
    content_checksum(seed, SIZE, sum);
    RUN(s, 0, "--batch -q -d %s --checksum %s %s", s->w.dir, sum,
        origin_link(s->o, "/file/%s?size=%lld&seed=%u", name, (long long)SIZE, seed));
}

static const char *field(const struct scene *s, const char *key)
{
    return s->r.event_count ? json_string(json_get(s->r.events[0], key), "") : "";
}

static int64_t number(const struct scene *s, const char *key)
{
    return s->r.event_count ? json_int(json_get(s->r.events[0], key), -1) : -1;
}

static void overwrite(const char *dir, const char *name, int64_t offset, const char *text)
{
    char *path = path_join(dir, name);
    int fd = open(path, O_WRONLY);
    CHECK(fd >= 0 && pwrite(fd, text, strlen(text), offset) == (ssize_t)strlen(text));
    close(fd);
    free(path);
}

static bool exists(const char *root, const char *name)
{
    struct stat st;
    char *path = path_join(root, name);
    bool there = lstat(path, &st) == 0;
    free(path);
    return there;
}

TEST(what_a_job_brought_is_listed_with_its_digest)
{
    struct scene s;
    scene_init(&s);
    fetch(&s, "one.bin", 1);
    RUN(&s, 0, "models --json");
    ASSERT(s.r.event_count == 1 && !s.r.bad_json);
    CHECK_STR(field(&s, "state"), "ok");
    CHECK_STR(field(&s, "dir"), s.w.dir);
    CHECK_INT(number(&s, "bytes"), SIZE);
    CHECK(!strncmp(field(&s, "id"), "http://127.0.0.1:", 17));
    RUN(&s, 0, "show one.bin --json");
    ASSERT(s.r.event_count == 1);
    const struct json *file = json_at(json_get(s.r.events[0], "files"), 0);
    char sum[72];
    content_checksum(1, SIZE, sum);
    CHECK_STR(json_string(json_get(json_get(file, "digest"), "value"), ""), sum + 7);
    CHECK_STR(json_string(json_get(file, "verified"), ""), "pinned");
    CHECK(json_bool(json_get(file, "made"), false));
    scene_release(&s);
}

TEST(verify_finds_the_file_that_is_bad)
{
    struct scene s;
    scene_init(&s);
    fetch(&s, "good.bin", 1);
    fetch(&s, "rotten.bin", 2);
    RUN(&s, 0, "verify");
    overwrite(s.w.dir, "rotten.bin", SIZE / 2, "x");
    RUN(&s, 6, "verify");
    CHECK(strstr(s.r.err.data, "rotten.bin") && !strstr(s.r.err.data, "good.bin"));
    RUN(&s, 6, "verify rotten.bin --json");
    CHECK_STR(field(&s, "state"), "bad");
    RUN(&s, 0, "verify good.bin");
    char *path = path_join(s.w.dir, "good.bin");
    CHECK(unlink(path) == 0);
    RUN(&s, 6, "verify"); /* damaged is worse than missing */
    free(path);
    RUN(&s, 0, "show rotten.bin --json");
    CHECK_STR(field(&s, "state"), "bad");
    scene_release(&s);
}

TEST(what_was_deleted_by_hand_is_missing)
{
    struct scene s;
    scene_init(&s);
    fetch(&s, "gone.bin", 1);
    char *path = path_join(s.w.dir, "gone.bin");
    CHECK(unlink(path) == 0);
    RUN(&s, 0, "models --json");
    CHECK_STR(field(&s, "state"), "missing");
    RUN(&s, 3, "verify gone.bin");
    free(path);
    scene_release(&s);
}

TEST(a_link_that_is_imported_in_place_is_entered_as_the_file_it_leads_to)
{
    struct scene s;
    scene_init(&s);
    char *file = world_write(&s.w, "src.bin", "not haul's");
    char *link = world_path(&s.w, "dir/ln");
    CHECK(symlink("../src.bin", link) == 0);
    RUN(&s, 0, "--batch -q file:%s", link);
    CHECK(strstr(s.r.out.data, "/src.bin\n"));
    RUN(&s, 0, "models --json");
    CHECK_STR(field(&s, "state"), "ok");
    CHECK_STR(field(&s, "dir"), s.w.root);
    RUN(&s, 0, "verify ln");
    RUN(&s, 0, "rm --yes --json ln");
    CHECK_INT(number(&s, "removed"), 0);
    CHECK(exists(s.w.root, "src.bin") && exists(s.w.dir, "ln"));
    free(link);
    free(file);
    scene_release(&s);
}

TEST(a_list_of_checksums_names_a_link_by_its_own_name)
{
    struct scene s;
    scene_init(&s);
    free(world_write(&s.w, "src.bin", "not haul's"));
    char *link = world_path(&s.w, "dir/ln");
    char *list = world_write(
        &s.w, "sums", "fea130c155dfd81d627fb37cf59c4bb80c16da120795edc0612821386c49f5d2  ln\n");
    CHECK(symlink("../src.bin", link) == 0);
    RUN(&s, 0, "--batch -q --checksum-file %s file:%s", list, link);
    free(list);
    free(link);
    scene_release(&s);
}

TEST(a_link_that_leads_nowhere_is_not_found)
{
    struct scene s;
    scene_init(&s);
    char *link = world_path(&s.w, "dir/ln");
    CHECK(symlink("gone", link) == 0);
    RUN(&s, 3, "--batch -q file:%s", link);
    RUN(&s, 0, "models");
    CHECK_STR(s.r.out.data, "");
    free(link);
    scene_release(&s);
}

TEST(verify_ends_at_once_when_interrupted)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    char *big = world_path(&s.w, "big.bin");
    int fd = open(big, O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && ftruncate(fd, (off_t)64 << 30) == 0);
    close(fd);
    char *state = world_path(&s.w, "state/haul"), *notice;
    struct haul_fault fault;
    struct store *store = store_open(state, &notice, &fault);
    ASSERT(store);
    struct model m = {.id = xstrdup("file:big"), .source = xstrdup("x"), .name = xstrdup("big")};
    m.root = xstrdup(s.w.root);
    struct model_file *f = model_add_file(&m);
    f->path = xstrdup("big.bin");
    f->size = (int64_t)64 << 30;
    CHECK(put_model(store, &m, &fault) == HAUL_OK);
    store_close(store);
    world_start(&s.w, &p, "verify");
    CHECK(!process_ended(&p, 500 * CLOCK_MS));
    process_signal(&p, SIGINT);
    CHECK(process_ended(&p, 2 * CLOCK_SEC));
    result_release(&s.r);
    process_wait(&p, &s.r, CLOCK_SEC);
    CHECK_INT(s.r.exit, 130);
    model_release(&m);
    free(big);
    free(state);
    scene_release(&s);
}

TEST(rm_asks_unless_told_and_deletes_only_what_haul_wrote)
{
    struct scene s;
    scene_init(&s);
    fetch(&s, "mine.bin", 1);
    free(world_write(&s.w, "dir/other.txt", "not haul's"));
    RUN(&s, 2, "rm mine.bin");
    CHECK(content_exists(s.w.dir, "mine.bin"));
    RUN(&s, 0, "rm --yes --json mine.bin");
    CHECK_INT(number(&s, "removed"), 1);
    CHECK_INT(number(&s, "bytes"), SIZE);
    CHECK(!content_exists(s.w.dir, "mine.bin"));
    CHECK(content_exists(s.w.dir, "other.txt"));
    RUN(&s, 0, "models");
    CHECK_STR(s.r.out.data, "");
    RUN(&s, 3, "show mine.bin");
    scene_release(&s);
}

TEST(rm_leaves_what_has_changed_since)
{
    struct scene s;
    scene_init(&s);
    fetch(&s, "edited.bin", 1);
    overwrite(s.w.dir, "edited.bin", SIZE, "more");
    RUN(&s, 0, "rm --yes --json edited.bin");
    CHECK_INT(number(&s, "removed"), 0);
    CHECK(content_exists(s.w.dir, "edited.bin"));
    scene_release(&s);
}

TEST(an_id_that_can_mean_two_is_refused_with_a_list)
{
    struct scene s;
    scene_init(&s);
    fetch(&s, "aa.bin", 1);
    fetch(&s, "ab.bin", 2);
    RUN(&s, 2, "show http:");
    CHECK(strstr(s.r.err.data, "aa.bin") && strstr(s.r.err.data, "ab.bin"));
    RUN(&s, 2, "rm");
    scene_release(&s);
}

/* ---- the Hub's cache and Ollama's store ---- */

static void make_file(const struct world *w, const char *name, const char *text)
{
    struct haul_fault fault;
    char *path = world_path(w, name);
    char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    CHECK(path_make_dirs(dir, 0755, &fault) == HAUL_OK);
    free(world_write(w, name, text));
    free(dir);
    free(path);
}

static void make_link(const struct world *w, const char *name, const char *target)
{
    make_file(w, name, "");
    char *path = world_path(w, name);
    CHECK(unlink(path) == 0 && symlink(target, path) == 0);
    free(path);
}

static void add_file(struct model *m, const char *path, const char *link, int64_t size, bool made)
{
    struct model_file *f = model_add_file(m);
    f->path = xstrdup(path);
    f->link = xstrdup(link);
    f->size = size;
    f->made = made;
    f->shared = strstr(path, "blobs/") != NULL;
    f->document = !f->shared;
}

static void put(const struct world *w, struct model *m, const char *root)
{
    struct haul_fault fault;
    char *state = world_path(w, "state/haul"), *notice;
    struct store *store = store_open(state, &notice, &fault);
    m->root = world_path(w, root);
    m->source = xstrdup(m->id);
    m->name = xstrdup("m");
    m->created_ms = 1;
    CHECK(store && put_model(store, m, &fault) == HAUL_OK);
    store_close(store);
    model_release(m);
    free(state);
}

#define REPO "hub/models--o--n/"

TEST(rm_in_the_hub_cache_keeps_what_another_snapshot_uses)
{
    struct scene s;
    scene_init(&s);
    make_file(&s.w, REPO "blobs/aaa", "shared");
    make_file(&s.w, REPO "blobs/bbb", "only one's");
    make_file(&s.w, REPO "blobs/ccc", "somebody else's");
    make_file(&s.w, REPO "refs/main", "c2");
    make_link(&s.w, REPO "snapshots/c1/config.json", "../../blobs/aaa");
    make_link(&s.w, REPO "snapshots/c1/d/model.bin", "../../../blobs/bbb");
    make_link(&s.w, REPO "snapshots/c1/c.bin", "../../blobs/ccc");
    /* The other revision is one that the Hub's own client made. */
    make_link(&s.w, REPO "snapshots/c2/config.json", "../../blobs/aaa");
    struct model m = {
        .id = xstrdup("hf:o/n@c1"), .layout = LAYOUT_HF_CACHE, .revision = xstrdup("c1")};
    add_file(&m, "models--o--n/blobs/aaa", "models--o--n/snapshots/c1/config.json", 6, true);
    add_file(&m, "models--o--n/blobs/bbb", "models--o--n/snapshots/c1/d/model.bin", 10, true);
    add_file(&m, "models--o--n/blobs/ccc", "models--o--n/snapshots/c1/c.bin", 15, false);
    add_file(&m, "models--o--n/refs/main", NULL, 2, true);
    put(&s.w, &m, "hub");
    RUN(&s, 0, "rm --yes --json hf:o/n@c1");
    CHECK_INT(number(&s, "removed"), 1);
    CHECK(exists(s.w.root, REPO "blobs/aaa"));
    CHECK(!exists(s.w.root, REPO "blobs/bbb"));
    CHECK(exists(s.w.root, REPO "blobs/ccc"));
    CHECK(!exists(s.w.root, REPO "snapshots/c1"));
    CHECK(exists(s.w.root, REPO "snapshots/c2/config.json"));
    CHECK(exists(s.w.root, REPO "refs/main"));
    scene_release(&s);
}

TEST(rm_of_the_last_revision_leaves_no_empty_directory)
{
    struct scene s;
    scene_init(&s);
    make_file(&s.w, REPO "blobs/aaa", "shared");
    make_file(&s.w, REPO "refs/main", "c1");
    make_link(&s.w, REPO "snapshots/c1/config.json", "../../blobs/aaa");
    struct model m = {
        .id = xstrdup("hf:o/n@c1"), .layout = LAYOUT_HF_CACHE, .revision = xstrdup("c1")};
    add_file(&m, "models--o--n/blobs/aaa", "models--o--n/snapshots/c1/config.json", 6, true);
    add_file(&m, "models--o--n/refs/main", NULL, 2, true);
    put(&s.w, &m, "hub");
    RUN(&s, 0, "rm --yes hf:o/n");
    CHECK(!exists(s.w.root, "hub/models--o--n"));
    CHECK(exists(s.w.root, "hub"));
    scene_release(&s);
}

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

TEST(rm_in_the_ollama_store_keeps_what_another_manifest_names)
{
    struct scene s;
    scene_init(&s);
    make_file(&s.w, "store/blobs/sha256-" HEX_A, "shared");
    make_file(&s.w, "store/blobs/sha256-" HEX_B, "own");
    make_file(&s.w, "store/manifests/r/library/m/one", "{}");
    make_file(&s.w, "store/manifests/r/library/m/two",
              "{\"config\":{\"digest\":\"sha256:" HEX_A "\"},\"layers\":[]}");
    struct model m = {.id = xstrdup("ollama:library/m:one"), .layout = LAYOUT_OLLAMA};
    add_file(&m, "blobs/sha256-" HEX_A, NULL, 6, true);
    add_file(&m, "blobs/sha256-" HEX_B, NULL, 3, true);
    add_file(&m, "manifests/r/library/m/one", NULL, 2, true);
    put(&s.w, &m, "store");
    RUN(&s, 0, "rm --yes ollama:library/m:one");
    CHECK(exists(s.w.root, "store/blobs/sha256-" HEX_A));
    CHECK(!exists(s.w.root, "store/blobs/sha256-" HEX_B));
    CHECK(!exists(s.w.root, "store/manifests/r/library/m/one"));
    scene_release(&s);
}

TEST(a_manifest_that_cannot_be_read_keeps_every_blob)
{
    struct scene s;
    scene_init(&s);
    make_file(&s.w, "store/blobs/sha256-" HEX_B, "own");
    make_file(&s.w, "store/manifests/r/library/m/two", "{ this is no JSON");
    struct model m = {.id = xstrdup("ollama:library/m:one"), .layout = LAYOUT_OLLAMA};
    add_file(&m, "blobs/sha256-" HEX_B, NULL, 3, true);
    put(&s.w, &m, "store");
    RUN(&s, 0, "rm --yes ollama:library/m:one");
    CHECK(exists(s.w.root, "store/blobs/sha256-" HEX_B));
    scene_release(&s);
}

/* ---- clean ---- */

TEST(clean_deletes_partials_of_the_dead_and_no_others)
{
    struct scene s;
    scene_init(&s);
    make_file(&s.w, "dir/sub/dead.bin.part", "half");
    make_file(&s.w, "dir/sub/dead.bin.part.state", "haul-part 1\nend 0\n");
    make_file(&s.w, "dir/lock.bin.part.lock", "nowhere boot pid:[1] 1 1 0123456789abcdef");
    struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    char *lock = path_join(s.w.dir, "lock.bin.part.lock");
    CHECK(utimensat(AT_FDCWD, lock, long_ago, 0) == 0);
    make_file(&s.w, "dir/firefox.zip.part", "not haul's");
    make_file(&s.w, "dir/beat.bin.part.lock", "nowhere boot pid:[1] 1 1 0123456789abcdef");
    make_file(&s.w, "dir/beat.bin.part", "another machine writes it");
    RUN(&s, 0, "clean --dry-run --json -d %s", s.w.dir);
    CHECK_INT(s.r.event_count, 2);
    CHECK(exists(s.w.dir, "sub/dead.bin.part"));
    RUN(&s, 2, "clean --json -d %s", s.w.dir); /* nobody can be asked */
    CHECK(strstr(s.r.err.data, "nobody to ask: give --yes, or --dry-run"));
    CHECK(exists(s.w.dir, "sub/dead.bin.part"));
    RUN(&s, 0, "clean --yes --json -d %s", s.w.dir);
    CHECK_INT(s.r.event_count, 2);
    CHECK(!exists(s.w.dir, "sub/dead.bin.part"));
    CHECK(!exists(s.w.dir, "sub/dead.bin.part.state"));
    CHECK(!exists(s.w.dir, "lock.bin.part.lock"));
    CHECK(exists(s.w.dir, "firefox.zip.part"));
    CHECK(exists(s.w.dir, "beat.bin.part"));
    free(lock);
    scene_release(&s);
}

TEST(clean_leaves_what_a_queued_job_will_go_on_with)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    world_start_fetch(&s.w, &p, "%s",
                      origin_link(s.o, "/file/half.bin?size=40M&rate=4M&etag=strong"));
    CHECK(origin_await_bytes(s.o, 4 << 20));
    process_signal(&p, SIGINT);
    result_release(&s.r);
    process_wait(&p, &s.r, 10 * CLOCK_SEC);
    CHECK(content_exists(s.w.dir, "half.bin.part"));
    RUN(&s, 0, "clean --yes --json -d %s", s.w.dir);
    CHECK_INT(s.r.event_count, 0);
    CHECK(content_exists(s.w.dir, "half.bin.part"));
    scene_release(&s);
}

/* ---- content that is here already ---- */

/* SHA-256 of "{}", the model's configuration. */
#define CONFIG "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static void serve_model(struct scene *s, const char *hex)
{
    char *manifest = xasprintf(
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json"
        "\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\","
        "\"digest\":\"sha256:" CONFIG "\",\"size\":2},\"layers\":[{\"mediaType\":"
        "\"application/vnd.ollama.image.model\",\"digest\":\"sha256:%s\",\"size\":%lld}]}",
        hex, (long long)SIZE);
    origin_put(s->o, "/v2/library/m/manifests/latest",
               "application/vnd.docker.distribution.manifest.v2+json", manifest);
    origin_put(s->o, "/v2/library/m/blobs/sha256:" CONFIG, "application/octet-stream", "{}");
    free(manifest);
}

TEST(content_that_is_on_the_disk_is_not_fetched_again)
{
    struct scene s;
    char sum[72];
    scene_init(&s);
    fetch(&s, "weights.bin", 7);
    content_checksum(7, SIZE, sum);
    serve_model(&s, sum + 7);
    origin_reset_log(s.o);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--layout ollama ollama:http://127.0.0.1:%u/library/m:latest",
                origin_port(s.o));
    CHECK_INT(s.r.exit, 0);
    CHECK(result_logged(&s.r, "the same content is in"));
    CHECK(origin_log_bytes(s.o) < SIZE);
    scene_release(&s);
}

TEST(content_that_has_rotted_meanwhile_is_fetched_after_all)
{
    struct scene s;
    char sum[72];
    scene_init(&s);
    fetch(&s, "weights.bin", 7);
    overwrite(s.w.dir, "weights.bin", SIZE / 2, "x");
    content_checksum(7, SIZE, sum);
    serve_model(&s, sum + 7);
    char *blob = xasprintf("/v2/library/m/blobs/%s", sum);
    char *options = xasprintf("size=%lld&seed=7", (long long)SIZE);
    origin_set(s.o, blob, options);
    origin_reset_log(s.o);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--layout ollama ollama:http://127.0.0.1:%u/library/m:latest",
                origin_port(s.o));
    CHECK_INT(s.r.exit, 0);
    CHECK(result_logged(&s.r, "not the same content any more"));
    CHECK(origin_log_bytes(s.o) >= SIZE);
    free(blob);
    free(options);
    scene_release(&s);
}

static ino_t inode(const struct world *w, const char *name)
{
    struct stat st = {0};
    char *path = world_path(w, name);
    CHECK(lstat(path, &st) == 0);
    free(path);
    return st.st_ino;
}

TEST(blobs_of_two_stores_are_one_file)
{
    struct scene s;
    char sum[72];
    scene_init(&s);
    content_checksum(7, SIZE, sum);
    serve_model(&s, sum + 7);
    char *blob = xasprintf("/v2/library/m/blobs/%s", sum);
    char *options = xasprintf("size=%lld&seed=7", (long long)SIZE);
    origin_set(s.o, blob, options);
    RUN(&s, 0, "--batch --json --layout ollama -d %s/one ollama:http://127.0.0.1:%u/library/m",
        s.w.root, origin_port(s.o));
    origin_reset_log(s.o);
    RUN(&s, 0, "--batch --json --layout ollama -d %s/two ollama:http://127.0.0.1:%u/library/m",
        s.w.root, origin_port(s.o));
    CHECK(origin_log_bytes(s.o) < SIZE);
    char *one = xasprintf("one/blobs/sha256-%s", sum + 7);
    char *two = xasprintf("two/blobs/sha256-%s", sum + 7);
    if (!result_logged(&s.r, "cloned"))
        CHECK(inode(&s.w, one) == inode(&s.w, two));
    RUN(&s, 0, "models --json");
    CHECK_INT(s.r.event_count, 2);
    free(one);
    free(two);
    free(blob);
    free(options);
    scene_release(&s);
}
