/* SPDX-License-Identifier: MIT */
/*
 * Models from registries: where their parts go, who gets to see a token, and what is said when a
 * registry refuses. The registry is our own server with another port as its storage;
 * real one of Debian's docker-registry has its turn.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"
#include "net/oci_manifest.h"

#define MIB           ((int64_t)1 << 20)
#define OLLAMA        "application/vnd.ollama.image."
#define MANIFEST_TYPE "application/vnd.docker.distribution.manifest.v2+json"
#define BATCH         "--batch --json --retry-wait 0.05 "

struct scene {
    struct world w;
    struct origin *o, *cdn;
    char *store; /* $OLLAMA_MODELS */
    char *spec;  /* ollama:http://…/ns/model:tag */
    struct buf manifest;
    struct result r;
};

static void scene_init(struct scene *s)
{
    *s = (struct scene){.o = origin_new(NULL), .cdn = origin_new(NULL)};
    origin_set_sibling(s->o, s->cdn);
    world_init(&s->w);
    s->store = world_path(&s->w, "models");
    world_env(&s->w, "OLLAMA_MODELS", s->store);
    s->spec = xasprintf("ollama:http://127.0.0.1:%u/ns/model:tag", origin_port(s->o));
    buf_init(&s->manifest);
}

static void scene_release(struct scene *s)
{
    result_release(&s->r);
    world_release(&s->w);
    origin_free(s->o);
    origin_free(s->cdn);
    free(s->store);
    free(s->spec);
    buf_release(&s->manifest);
}

/* ---- the registry ---- */

static char *blob_path(uint64_t seed, int64_t size)
{
    char digest[72];
    content_checksum(seed, size, digest);
    return xasprintf("/v2/ns/model/blobs/%s", digest);
}

/* The blob is served, small ones at once, others by a link to the storage. */
static void put_blob(struct scene *s, uint64_t seed, int64_t size, const char *more)
{
    char *path = blob_path(seed, size), *options;
    if (size < MIB)
        options =
            xasprintf("size=%lld&seed=%llu&%s", (long long)size, (unsigned long long)seed, more);
    else
        options = xasprintf("redirect=307:{sibling}/file/blob?size=%lld%%26seed=%llu%%26"
                            "need-no-auth&%s",
                            (long long)size, (unsigned long long)seed, more);
    origin_set(s->o, path, options);
    free(options);
    free(path);
}

/* A layer, or with type "" the config, of the manifest that is being written. */
static void add_layer(struct scene *s, const char *type, uint64_t seed, int64_t size,
                      const char *more)
{
    char digest[72];
    content_checksum(seed, size, digest);
    if (!s->manifest.len)
        buf_addf(&s->manifest,
                 "{\"schemaVersion\":2,\n \"mediaType\":\"" MANIFEST_TYPE "\",\"config\":{"
                 "\"mediaType\":\"application/vnd.docker.container.image.v1+json\","
                 "\"digest\":\"%s\",\"size\":%lld},\"layers\":[",
                 digest, (long long)size);
    else
        buf_addf(&s->manifest, "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld%s}",
                 s->manifest.data[s->manifest.len - 1] == '[' ? "" : ",", type, digest,
                 (long long)size, more);
}

static void put_manifest(struct scene *s, const char *path)
{
    buf_add_str(&s->manifest, "]}");
    origin_put(s->o, path, "text/plain; charset=utf-8", s->manifest.data);
}

#define MODEL_SIZE  (3 * MIB)
#define MANIFEST_AT "/v2/ns/model/manifests/tag"

/* A config, a model, a template and two licences, one of which is the template again. */
static void put_model(struct scene *s)
{
    add_layer(s, "", 1, 500, "");
    add_layer(s, OLLAMA "model", 2, MODEL_SIZE, "");
    add_layer(s, OLLAMA "template", 3, 700, "");
    add_layer(s, OLLAMA "license", 3, 700, "");
    add_layer(s, OLLAMA "license", 4, 900, "");
    put_manifest(s, MANIFEST_AT);
    put_blob(s, 1, 500, "");
    put_blob(s, 2, MODEL_SIZE, "");
    put_blob(s, 3, 700, "");
    put_blob(s, 4, 900, "");
}

/* ---- the store ---- */

static char *stored_name(uint64_t seed, int64_t size)
{
    char digest[72];
    content_checksum(seed, size, digest);
    digest[6] = '-';
    return xasprintf("blobs/%s", digest);
}

static enum content stored(const struct scene *s, uint64_t seed, int64_t size)
{
    char *name = stored_name(seed, size);
    enum content c = content_check(s->store, name, seed, size);
    free(name);
    return c;
}

static bool stored_manifest(const struct scene *s, const char *host)
{
    char *name = xasprintf("manifests/%s/ns/model/tag", host);
    bool there = content_size(s->store, name) == (int64_t)s->manifest.len;
    char *path = xasprintf("%s/%s", s->store, name), got[4096] = "";
    FILE *f = there ? fopen(path, "r") : NULL;
    size_t len = f ? fread(got, 1, sizeof got, f) : 0;
    if (f)
        fclose(f);
    free(path);
    free(name);
    return there && len == s->manifest.len && !memcmp(got, s->manifest.data, len);
}

static bool manifest_is_there(const struct scene *s)
{
    char *host = xasprintf("127.0.0.1:%u", origin_port(s->o));
    bool there = stored_manifest(s, host);
    free(host);
    return there;
}

static size_t count_entries(const char *dir, const char *name)
{
    size_t count = 0;
    char *path = xasprintf("%s/%s", dir, name);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        count += e->d_name[0] != '.';
    if (d)
        closedir(d);
    free(path);
    return count;
}

static unsigned mode_of(const char *dir, const char *name)
{
    struct stat st;
    char *path = xasprintf("%s/%s", dir, name);
    unsigned mode = stat(path, &st) ? 0 : st.st_mode & 07777;
    free(path);
    return mode;
}

/* ---- the log ---- */

static size_t requests(struct origin *o, const char *text)
{
    size_t count = 0;
    struct origin_entry e;
    for (size_t i = 0; i < origin_log_count(o); i++)
        count += origin_log_get(o, i, &e) && strstr(e.target, text);
    return count;
}

static size_t heads_with(struct origin *o, const char *text)
{
    size_t count = 0;
    struct origin_entry e;
    for (size_t i = 0; i < origin_log_count(o); i++)
        count += origin_log_get(o, i, &e) && strcasestr(e.head, text);
    return count;
}

static void check_failure(const struct scene *s, int exit, const char *says)
{
    const char *message = result_text(&s->r, "error", "message");
    if (s->r.exit != exit || !strstr(message, says))
        HARNESS_FAIL("exit %d instead of %d: %s %s", s->r.exit, exit, message, s->r.err.data);
}

/* ---- where things go ---- */

TEST(a_model_lands_in_ollamas_store_as_ollama_lays_it_out)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    mode_t before = umask(022);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    umask(before);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(content_name(stored(&s, 1, 500)), "right");
    CHECK_STR(content_name(stored(&s, 2, MODEL_SIZE)), "right");
    CHECK_STR(content_name(stored(&s, 3, 700)), "right");
    CHECK_STR(content_name(stored(&s, 4, 900)), "right");
    CHECK_INT(count_entries(s.store, "blobs"), 4);
    CHECK(manifest_is_there(&s));
    CHECK_STR(result_text(&s.r, "file", "verified"), "publisher");
    char *name = stored_name(2, MODEL_SIZE);
    CHECK_INT(mode_of(s.store, name), 0644);
    CHECK_INT(mode_of(s.store, "blobs"), 0755);
    CHECK_INT(mode_of(s.store, "manifests"), 0755);
    free(name);
    CHECK_INT(requests(s.o, "/blobs/"), 4);
    CHECK(heads_with(s.o, "accept: application/vnd.oci.image.manifest.v1+json, ") == 1);
    scene_release(&s);
}

TEST(the_largest_part_is_fetched_first)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    /* Over one connection, for several may reach the server in another order than they were sent.
     */
    world_run(&s.w, &s.r, BATCH "-x 1 %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    struct origin_entry second;
    char *large = blob_path(2, MODEL_SIZE);
    CHECK(origin_log_get(s.o, 1, &second) && !strcmp(second.target, large));
    free(large);
    scene_release(&s);
}

TEST(what_the_store_has_is_not_fetched_again)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    result_release(&s.r);
    origin_reset_log(s.o);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(origin_log_count(s.o), 1);
    CHECK(manifest_is_there(&s));
    scene_release(&s);
}

TEST(a_tag_that_moved_gets_its_new_manifest)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    result_release(&s.r);
    buf_truncate(&s.manifest, 0);
    add_layer(&s, "", 1, 500, "");
    add_layer(&s, OLLAMA "model", 9, 2000, "");
    put_manifest(&s, MANIFEST_AT);
    put_blob(&s, 9, 2000, "");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(manifest_is_there(&s));
    CHECK_STR(content_name(stored(&s, 9, 2000)), "right");
    scene_release(&s);
}

TEST(a_name_alone_means_the_library_of_the_default_registry)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    origin_put(s.o, "/v2/library/model/manifests/latest", "text/plain", s.manifest.data);
    for (int i = 0; i < 2; i++) {
        static const uint64_t seeds[] = {1, 2, 3, 4};
        static const int64_t sizes[] = {500, MODEL_SIZE, 700, 900};
        for (size_t k = 0; k < HAUL_ARRAY_LEN(seeds); k++) {
            char digest[72];
            content_checksum(seeds[k], sizes[k], digest);
            char *path = xasprintf("/v2/library/model/blobs/%s", digest);
            char *options =
                xasprintf("size=%lld&seed=%llu", (long long)sizes[k], (unsigned long long)seeds[k]);
            origin_set(s.o, path, options);
            free(options);
            free(path);
        }
    }
    char *base = xasprintf("http://127.0.0.1:%u/", origin_port(s.o));
    world_env(&s.w, "OLLAMA_REGISTRY", base);
    world_run(&s.w, &s.r, BATCH "ollama:model");
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(content_size(s.store, "manifests/registry.ollama.ai/library/model/latest"),
              (int64_t)s.manifest.len);
    free(base);
    scene_release(&s);
}

TEST(the_store_is_in_the_home_where_no_variable_says_otherwise)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    free(s.w.env[--s.w.env_count]);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    free(s.store);
    s.store = world_path(&s.w, "home/.ollama/models");
    CHECK(manifest_is_there(&s));
    scene_release(&s);
}

TEST(a_model_that_is_there_in_other_letters_keeps_its_name)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    origin_put(s.o, "/v2/NS/Model/manifests/tag", "text/plain", s.manifest.data);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    result_release(&s.r);
    world_run(&s.w, &s.r, BATCH "ollama:http://127.0.0.1:%u/NS/Model:tag", origin_port(s.o));
    CHECK_INT(s.r.exit, 0);
    char *host = xasprintf("manifests/127.0.0.1:%u", origin_port(s.o));
    CHECK_INT(count_entries(s.store, host), 1);
    CHECK(manifest_is_there(&s));
    free(host);
    scene_release(&s);
}

TEST(in_a_folder_the_parts_are_named_by_their_roles)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    world_fetch(&s.w, &s.r, "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(content_name(content_check(s.w.dir, "model/model-tag.gguf", 2, MODEL_SIZE)), "right");
    CHECK_STR(content_name(content_check(s.w.dir, "model/config.json", 1, 500)), "right");
    CHECK_STR(content_name(content_check(s.w.dir, "model/template", 3, 700)), "right");
    CHECK_STR(content_name(content_check(s.w.dir, "model/license-1", 3, 700)), "right");
    CHECK_STR(content_name(content_check(s.w.dir, "model/license-2", 4, 900)), "right");
    CHECK_INT(count_entries(s.w.dir, "model"), 5);
    CHECK(!content_exists(s.store, "blobs"));
    scene_release(&s);
}

TEST(an_option_can_choose_the_store_or_some_of_the_files)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    world_fetch(&s.w, &s.r, "--include '*.gguf' --include 'lic*' --exclude '*-2' %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(count_entries(s.w.dir, "model"), 2);
    CHECK_STR(content_name(content_check(s.w.dir, "model/license-1", 3, 700)), "right");
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--include '*.gguf' %s", s.spec);
    CHECK_STR(content_name(content_check(s.w.dir, "model-tag.gguf", 2, MODEL_SIZE)), "right");
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "-o mine %s", s.spec);
    check_failure(&s, 2, "--out is for one");
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--include '*.gguf' -o mine.gguf %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(content_name(content_check(s.w.dir, "mine.gguf", 2, MODEL_SIZE)), "right");
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--layout ollama %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    free(s.store);
    s.store = xstrdup(s.w.dir);
    CHECK(manifest_is_there(&s));
    scene_release(&s);
}

TEST(what_does_not_fit_a_store_is_refused_before_anything_is_asked)
{
    static const char *const rows[] = {"--include '*.gguf'", "--exclude x", "--revision ../x",
                                       "--revision 'a b'", "--revision sha256:12"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        put_model(&s);
        world_run(&s.w, &s.r, BATCH "%s %s", rows[i], s.spec);
        if (s.r.exit != 2 || origin_log_count(s.o))
            HARNESS_FAIL("%s: exit %d", rows[i], s.r.exit);
        scene_release(&s);
    }
}

TEST(names_that_layers_bring_are_used_and_checked)
{
    struct scene s;
    scene_init(&s);
    add_layer(&s, "", 1, 500, "");
    add_layer(&s, "a/b", 2, 2000,
              ",\"annotations\":{\"org.opencontainers.image.title\":\"sub/weights.bin\"}");
    put_manifest(&s, MANIFEST_AT);
    put_blob(&s, 1, 500, "");
    put_blob(&s, 2, 2000, "");
    world_fetch(&s.w, &s.r, "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(content_name(content_check(s.w.dir, "model/sub/weights.bin", 2, 2000)), "right");
    result_release(&s.r);
    buf_truncate(&s.manifest, 0);
    add_layer(&s, "", 1, 500, "");
    add_layer(&s, "a/b", 2, 2000,
              ",\"annotations\":{\"org.cncf.model.filepath\":\"../../../evil\"}");
    put_manifest(&s, MANIFEST_AT);
    world_fetch(&s.w, &s.r, "%s", s.spec);
    CHECK(s.r.exit != 0);
    CHECK(strstr(result_text(&s.r, "error", "message"), "../../../evil"));
    CHECK(!content_exists(s.w.root, "evil") && !content_exists(s.w.dir, "evil"));
    scene_release(&s);
}

/* ---- whole or not at all ---- */

TEST(a_blob_with_other_bytes_is_no_model)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    char *path = blob_path(2, MODEL_SIZE), *name = stored_name(2, MODEL_SIZE);
    origin_set(s.o, path, "redirect=307:{sibling}/file/blob?size=3M%26seed=2%26flip=5");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 6);
    CHECK(!manifest_is_there(&s));
    CHECK(!content_exists(s.store, name));
    free(path);
    free(name);
    scene_release(&s);
}

TEST(a_half_pull_is_never_visible_and_goes_on_later)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    put_model(&s);
    char *path = blob_path(2, MODEL_SIZE);
    origin_set(s.o, path, "redirect=307:{sibling}/file/blob?size=3M%26seed=2%26rate=256K");
    world_start(&s.w, &p, BATCH "-x 1 %s", s.spec);
    CHECK(!process_ended(&p, 1200 * CLOCK_MS));
    process_signal(&p, 9);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    CHECK(!manifest_is_there(&s));
    CHECK(!content_exists(s.store, "manifests"));
    result_release(&s.r);
    put_blob(&s, 2, MODEL_SIZE, "");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(manifest_is_there(&s));
    CHECK_INT(count_entries(s.store, "blobs"), 4);
    CHECK_STR(content_name(stored(&s, 2, MODEL_SIZE)), "right");
    free(path);
    scene_release(&s);
}

/* Ollama deletes at its start what no manifest names. */
TEST(a_model_is_not_registered_when_a_part_was_tidied_away)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    put_model(&s);
    char *path = blob_path(1, 500), *name = stored_name(2, MODEL_SIZE);
    char *blob = xasprintf("%s/%s", s.store, name);
    origin_set(s.o, path, "size=500&seed=1&delay=4000");
    world_start(&s.w, &p, BATCH "%s", s.spec);
    CHECK(content_await(s.store, name));
    CHECK(unlink(blob) == 0);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    check_failure(&s, 7, "tidied away");
    CHECK(!manifest_is_there(&s));
    result_release(&s.r);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(manifest_is_there(&s));
    free(blob);
    free(name);
    free(path);
    scene_release(&s);
}

TEST(a_link_that_ends_is_asked_for_again)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    char *path = blob_path(2, MODEL_SIZE);
    origin_set(s.o, path, "sign=307&sign-sibling&uses=2&size=3M&seed=2&cut-every=500K");
    world_run(&s.w, &s.r, BATCH "-x 1 %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(requests(s.o, path) > 1);
    CHECK_STR(content_name(stored(&s, 2, MODEL_SIZE)), "right");
    free(path);
    scene_release(&s);
}

TEST(a_manifest_that_is_not_what_the_registry_says_is_refused)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    origin_set(s.o, MANIFEST_AT,
               "header=Docker-Content-Digest: "
               "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    check_failure(&s, 6, "the manifest is sha256:");
    CHECK_INT(origin_log_count(s.o), 1);
    scene_release(&s);
}

/* Serves the manifest that is being written by its digest, and an index that leads there. */
static void put_index(struct scene *s, const char *shown_digest)
{
    struct digest_value d;
    char digest[OCI_DIGEST_SIZE];
    oci_digest_of(s->manifest.data, s->manifest.len, DIGEST_SHA256, &d);
    oci_digest_format(&d, digest);
    char *path = xasprintf("/v2/ns/model/manifests/%s", shown_digest ? shown_digest : digest);
    origin_put(s->o, path, MANIFEST_TYPE, s->manifest.data);
    char *index = xasprintf("{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":1}]}",
                            shown_digest ? shown_digest : digest);
    origin_put(s->o, MANIFEST_AT, "application/vnd.oci.image.index.v1+json", index);
    free(index);
    free(path);
}

TEST(an_index_leads_to_a_manifest_whose_digest_is_checked)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    put_index(&s, NULL);
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(manifest_is_there(&s));
    result_release(&s.r);
    put_index(&s, "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    check_failure(&s, 6, "it should be sha256:aaaa");
    scene_release(&s);
}

/* ---- tokens ---- */

/* The manifest and the blobs want the token; the first asking for the manifest is told where. */
static void guard(struct scene *s, const char *realm)
{
    char *challenge = xasprintf("status=401&times=1&header=WWW-Authenticate: Bearer "
                                "realm=\"%s\",service=\"test\",scope=\"repository:ns/model:pull\"",
                                realm);
    origin_set(s->o, MANIFEST_AT, challenge);
    put_blob(s, 1, 500, "need-auth=SECRETTOKEN");
    put_blob(s, 2, MODEL_SIZE, "need-auth=SECRETTOKEN");
    put_blob(s, 3, 700, "need-auth=SECRETTOKEN");
    put_blob(s, 4, 900, "need-auth=SECRETTOKEN");
    free(challenge);
}

static void write_netrc(struct scene *s)
{
    char *netrc =
        world_write(&s->w, "home/.netrc", "machine 127.0.0.1 login user password SECRETPASSWORD\n");
    CHECK(chmod(netrc, 0600) == 0);
    free(netrc);
}

TEST(a_token_is_fetched_and_goes_to_the_registry_alone)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.o));
    guard(&s, realm);
    origin_put(s.o, "/token", "application/json", "{\"token\":\"SECRETTOKEN\"}");
    world_run(&s.w, &s.r, BATCH "-v %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(manifest_is_there(&s));
    CHECK_INT(requests(s.o, "/token?service=test&scope=repository%3Ans%2Fmodel%3Apull"), 1);
    CHECK_INT(heads_with(s.o, "authorization: bearer SECRETTOKEN"), 5);
    CHECK(origin_log_count(s.cdn) > 0);
    CHECK_INT(heads_with(s.cdn, "authorization"), 0);
    CHECK(!strstr(s.r.out.data, "SECRET") && !strstr(s.r.err.data, "SECRET"));
    free(realm);
    scene_release(&s);
}

/* Each challenge may stand on a line of its own. */
TEST(a_token_is_fetched_where_the_first_challenge_is_another)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    char *challenges = xasprintf("status=401&times=1&header=WWW-Authenticate: Basic realm=\"x\"&"
                                 "header=WWW-Authenticate: Bearer "
                                 "realm=\"http://127.0.0.1:%u/token\",service=\"test\"",
                                 origin_port(s.o));
    origin_set(s.o, MANIFEST_AT, challenges);
    origin_put(s.o, "/token", "application/json", "{\"token\":\"SECRETTOKEN\"}");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK(manifest_is_there(&s));
    CHECK_INT(requests(s.o, "/token?service=test"), 1);
    free(challenges);
    scene_release(&s);
}

TEST(a_realm_elsewhere_gets_no_credentials)
{
    struct scene s;
    scene_init(&s);
    write_netrc(&s);
    put_model(&s);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.cdn));
    guard(&s, realm);
    origin_put(s.cdn, "/token", "application/json", "{\"access_token\":\"SECRETTOKEN\"}");
    world_run(&s.w, &s.r, BATCH "--header 'X-Key: SECRETKEY' %s", s.spec);
    CHECK_INT(s.r.exit, 0);
    CHECK_INT(requests(s.cdn, "/token?"), 1);
    CHECK_INT(heads_with(s.cdn, "authorization"), 0);
    CHECK_INT(heads_with(s.cdn, "SECRETKEY"), 0);
    CHECK(heads_with(s.o, "SECRETKEY") > 0);
    free(realm);
    scene_release(&s);
}

TEST(the_registrys_own_realm_gets_the_login_for_its_host)
{
    struct scene s;
    scene_init(&s);
    write_netrc(&s);
    put_model(&s);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.o));
    guard(&s, realm);
    origin_put(s.o, "/token", "application/json", "{\"token\":\"SECRETTOKEN\"}");
    origin_set(s.o, "/token", "need-basic=user:SECRETPASSWORD");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    CHECK_INT(s.r.exit, 0);
    free(realm);
    scene_release(&s);
}

TEST(ollamas_own_registry_may_not_send_us_elsewhere_for_a_token)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    char *base = xasprintf("http://127.0.0.1:%u", origin_port(s.o));
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.cdn));
    guard(&s, realm);
    world_env(&s.w, "OLLAMA_REGISTRY", base);
    world_run(&s.w, &s.r, BATCH "ollama:ns/model:tag");
    check_failure(&s, 4, "sends haul to another host");
    CHECK_INT(origin_log_count(s.cdn), 0);
    free(base);
    free(realm);
    scene_release(&s);
}

TEST(a_realm_without_tls_is_refused_to_a_registry_with_it)
{
    struct origin_config config = {.tls = ORIGIN_TLS_GOOD};
    struct scene s;
    scene_init(&s);
    origin_free(s.o);
    s.o = origin_new(&config);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.cdn));
    guard(&s, realm);
    world_run(&s.w, &s.r, BATCH "--cacert %s ollama:127.0.0.1:%u/ns/model:tag", origin_ca_file(s.o),
              origin_port(s.o));
    check_failure(&s, 4, "without TLS");
    CHECK_INT(origin_log_count(s.cdn), 0);
    free(realm);
    scene_release(&s);
}

/* The origin's own 401 names the realm "haul-origin", which is a path below the registry. */
TEST(a_token_that_ends_on_the_way_is_replaced)
{
    struct scene s;
    struct process p;
    scene_init(&s);
    put_model(&s);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.o));
    char *path = blob_path(2, MODEL_SIZE);
    guard(&s, realm);
    origin_put(s.o, "/token", "application/json", "{\"token\":\"SECRETTOKEN\"}");
    origin_put(s.o, "/haul-origin", "application/json", "{\"token\":\"SECONDTOKEN\"}");
    origin_set(s.o, path, "need-auth=SECRETTOKEN&size=3M&seed=2&rate=1M&cut-every=700K");
    /* Three at once find that the token is no good any more. */
    put_blob(&s, 1, 500, "need-auth=SECONDTOKEN&delay=300");
    put_blob(&s, 3, 700, "need-auth=SECONDTOKEN&delay=300");
    put_blob(&s, 4, 900, "need-auth=SECONDTOKEN&delay=300");
    world_start(&s.w, &p, BATCH "%s", s.spec);
    for (int i = 0; i < 2000 && !requests(s.o, path); i++)
        world_nap(10);
    origin_set(s.o, path, "need-auth=SECONDTOKEN&size=3M&seed=2&cut-every=700K");
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    if (s.r.exit)
        HARNESS_FAIL("exit %d: %s", s.r.exit, s.r.err.data);
    CHECK(manifest_is_there(&s));
    CHECK_INT(requests(s.o, "/haul-origin?"), 1);
    CHECK(result_logged(&s.r, "there is a new one"));
    free(path);
    free(realm);
    scene_release(&s);
}

/* The realm is not itself again before the large file is there. */
TEST(a_realm_that_gives_no_new_token_at_once_holds_nothing_else_up)
{
    struct scene s;
    struct process p;
    char digest[72];
    scene_init(&s);
    put_model(&s);
    content_checksum(2, MODEL_SIZE, digest);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.o));
    char *path = blob_path(2, MODEL_SIZE);
    char *blob = xasprintf("blobs/sha256-%s", digest + strlen("sha256:"));
    guard(&s, realm);
    origin_put(s.o, "/token", "application/json", "{\"token\":\"SECRETTOKEN\"}");
    origin_put(s.o, "/haul-origin", "application/json", "{\"token\":\"SECONDTOKEN\"}");
    origin_set(s.o, "/haul-origin", "status=503");
    origin_set(s.o, path, "size=3M&seed=2&rate=400K");
    put_blob(&s, 1, 500, "need-auth=SECONDTOKEN&delay=300");
    put_blob(&s, 3, 700, "");
    put_blob(&s, 4, 900, "");
    world_start(&s.w, &p, BATCH "--retry-wait 2 %s", s.spec);
    CHECK(content_await(s.store, blob));
    origin_set(s.o, "/haul-origin", NULL);
    process_wait(&p, &s.r, WORLD_TIMEOUT);
    if (s.r.exit)
        HARNESS_FAIL("exit %d: %s", s.r.exit, s.r.err.data);
    CHECK(manifest_is_there(&s));
    CHECK(result_logged(&s.r, "there is a new one"));
    free(blob);
    free(path);
    free(realm);
    scene_release(&s);
}

TEST(a_token_that_is_good_for_nothing_is_not_asked_for_for_ever)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    char *realm = xasprintf("http://127.0.0.1:%u/token", origin_port(s.o));
    guard(&s, realm);
    origin_put(s.o, "/token", "application/json", "{\"token\":\"OTHER\"}");
    origin_put(s.o, "/haul-origin", "application/json", "{\"token\":\"OTHER\"}");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    check_failure(&s, 4, "it is not public");
    CHECK(requests(s.o, "/haul-origin?") <= 16);
    free(realm);
    scene_release(&s);
}

TEST(a_part_that_the_registry_lacks_is_named)
{
    struct scene s;
    scene_init(&s);
    put_model(&s);
    put_blob(&s, 3, 700, "status=404");
    world_run(&s.w, &s.r, BATCH "%s", s.spec);
    check_failure(&s, 3, "the registry lacks a part of it");
    CHECK(!manifest_is_there(&s));
    scene_release(&s);
}

TEST(who_gets_no_token_is_told_what_to_do)
{
    static const struct {
        const char *body, *options, *says;
        bool ollama;
    } rows[] = {
        {NULL, "status=401", "gives no token for ns/model", false},
        {NULL, "status=403", "~/.netrc", false},
        {NULL, "status=401", "ollama pull", true},
        {"{}", "", "without a token", false},
        {"{\"token\":\"a b\"}", "", "without a token", false},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        char *base = xasprintf("http://127.0.0.1:%u", origin_port(s.o));
        char *realm = xasprintf("%s/token", base);
        guard(&s, realm);
        origin_put(s.o, "/token", "application/json", rows[i].body);
        origin_set(s.o, "/token", rows[i].options);
        world_env(&s.w, "OLLAMA_REGISTRY", base);
        world_run(&s.w, &s.r, BATCH "%s", rows[i].ollama ? "ollama:ns/model:tag" : s.spec);
        check_failure(&s, 4, rows[i].says);
        free(realm);
        free(base);
        scene_release(&s);
    }
}

/* ---- what is said ---- */

TEST(every_refusal_of_a_registry_has_its_exit_code_and_words)
{
    static const struct {
        const char *body, *options; /* body NULL: the origin's own */
        int exit;
        const char *says;
    } rows[] = {
        {NULL, "status=404", 3, "there is no such model or tag"},
        {NULL, "status=403", 4, "does not let you have it"},
        {NULL, "status=401&header=X: y", 4, "a user name and password"},
        {NULL, "status=401&header=WWW-Authenticate: Basic realm=x", 4, "~/.netrc"},
        {NULL, "status=429&retry-after=0", 5, "too many requests"},
        {NULL, "status=429&retry-after=9999", 5, "too many requests"},
        {NULL, "status=429&retry-after=99999999999999999999", 5, "too many requests"},
        {NULL, "status=500", 5, "HTTP 500"},
        {NULL, "status=503", 5, "HTTP 503"},
        {NULL, "drop", 5, ""},
        {"<html>login</html>", "", 5, "web page"},
        {"nonsense", "", 5, "cannot be read"},
        {"{\"schemaVersion\":1}", "", 5, "schema 1"},
        {"{\"layers\":[]}", "", 3, "no files in it"},
        {"{\"layers\":[{\"digest\":\"sha256:../../x\",\"size\":1}]}", "", 5, "should be"},
        {"{\"manifests\":[]}", "", 3, "names no manifest"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct scene s;
        scene_init(&s);
        if (rows[i].body)
            origin_put(s.o, MANIFEST_AT, "application/json", rows[i].body);
        else
            origin_set(s.o, MANIFEST_AT, rows[i].options);
        world_run(&s.w, &s.r, BATCH "--tries 2 %s", s.spec);
        check_failure(&s, rows[i].exit, rows[i].says);
        CHECK(!content_exists(s.store, "manifests"));
        scene_release(&s);
    }
}

TEST(a_manifest_over_the_limit_is_refused)
{
    struct scene s;
    scene_init(&s);
    origin_set(s.o, MANIFEST_AT, "size=64M");
    world_run(&s.w, &s.r, BATCH "--tries 1 %s", s.spec);
    check_failure(&s, 5, "larger than");
    scene_release(&s);
}
