/* SPDX-License-Identifier: MIT */
#include "core/library.h"

#include <sqlite3.h>

#include "core/lease.h"
#include "core/store_library.h"
#include "harness.h"
#include "session_fixture.h"

/* In a transaction of its own. */
static enum haul_error put_model(struct store *s, struct model *m, struct haul_fault *fault)
{
    enum haul_error err = store_begin(s, fault);
    if (err == HAUL_OK)
        err = store_put_model(s, m, fault);
    return err == HAUL_OK ? store_end(s, true, fault) : err;
}

/* The id that a spec gets, with this revision and place. */
static char *id_of(const char *text, const char *revision, const char *place)
{
    struct spec spec;
    struct haul_fault fault;
    ASSERT(spec_parse(text, &spec, &fault) == HAUL_OK);
    char *source = spec_masked(&spec), *id = model_id(&spec, source, revision, place);
    spec_release(&spec);
    free(source);
    return id;
}

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static void check_id(const char *spec, const char *revision, const char *place, const char *want)
{
    char *id = id_of(spec, revision, place);
    CHECK_STR(id, want);
    free(id);
}

TEST(an_id_names_what_was_fetched_with_its_revision)
{
    check_id("hf:o/n:q4_k_m", COMMIT, "/x", "hf:o/n@0123456789ab:Q4_K_M");
    check_id("hf:datasets/o/n/a*.txt", COMMIT, "/x", "hf:datasets/o/n@0123456789ab/a*.txt");
    check_id("ollama:m", NULL, "/x", "ollama:library/m:latest");
    check_id("github:o/r", "v1", "/x", "github:o/r@v1");
    check_id("file:/a/b", NULL, "/a/b", "file:/a/b");
}

TEST(an_id_is_printable_and_can_be_read_back)
{
    check_id("file:/a", NULL, "/a%41 b\x1b[2J\xff", "file:/a%2541%20b%1B[2J%FF");
}

TEST(different_specs_and_places_get_different_ids)
{
    static const char *const specs[][2] = {
        {"hf:o/n", "/x"},
        {"hf:o/n:Q4_0", "/x"},
        {"hf:o/n/Q4_0", "/x"},
        {"hf:datasets/o/n", "/x"},
        {"hf:o-n/x", "/x"},
        {"hf:o/n-x", "/x"},
        {"hf:o.n/x", "/x"},
        {"ollama:o/n", "/x"},
        {"ollama:o/n:x", "/x"},
        {"github:o/n", "/x"},
        {"https://h/f?token=one", "/x"},
        {"https://h/f?token=two", "/x"},
        {"https://h/f?token=two", "/y"},
        {"file:/a b", "/a b"},
        {"file:/a%20b", "/a%20b"},
        {"file:/a_b", "/a_b"},
        {"build:/a.json", "/x"},
        {"build:/b.json", "/x"},
    };
    char *ids[HAUL_ARRAY_LEN(specs)];
    for (size_t i = 0; i < HAUL_ARRAY_LEN(specs); i++) {
        ids[i] = id_of(specs[i][0], COMMIT, specs[i][1]);
        CHECK(!strstr(ids[i], "one") && !strstr(ids[i], "two"));
        for (size_t k = 0; k < i; k++)
            if (!strcmp(ids[i], ids[k]))
                HARNESS_FAIL("%s and %s are both %s", specs[i][0], specs[k][0], ids[i]);
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(specs); i++)
        free(ids[i]);
}

static void fill(struct model *m, const char *id, const char *root, const char *path)
{
    *m = (struct model){.id = xstrdup(id),
                        .source = xstrdup("s"),
                        .name = xstrdup("n"),
                        .root = xstrdup(root),
                        .layout = LAYOUT_PLAIN,
                        .created_ms = 5};
    struct model_file *f = model_add_file(m);
    f->path = xstrdup(path);
    f->size = 10;
    f->made = true;
    f->digest = (struct digest_value){DIGEST_SHA256, DIGEST_BY_PINNED, {1, 2, 3}};
}

static void put(struct store *s, const char *id, const char *root, const char *path)
{
    struct haul_fault fault;
    struct model m;
    fill(&m, id, root, path);
    CHECK(put_model(s, &m, &fault) == HAUL_OK);
    model_release(&m);
}

static struct store *open_at(const char *dir)
{
    struct haul_fault fault;
    char *notice;
    struct store *s = store_open(dir, &notice, &fault);
    ASSERT(s);
    return s;
}

static struct model_list list(struct store *s)
{
    struct model_list l;
    struct haul_fault fault;
    CHECK(store_list_models(s, &l, &fault) == HAUL_OK);
    return l;
}

TEST(an_entry_comes_back_as_it_was_written)
{
    char *dir = scratch_dir();
    struct store *s = open_at(dir);
    put(s, "a", "/r", "p/q");
    struct model_list l = list(s);
    ASSERT(l.count == 1 && l.items[0].count == 1);
    const struct model_file *f = &l.items[0].files[0];
    CHECK_STR(l.items[0].id, "a");
    CHECK_STR(l.items[0].root, "/r");
    CHECK_STR(f->path, "p/q");
    CHECK(!f->link && f->made && f->size == 10);
    CHECK(f->digest.algorithm == DIGEST_SHA256 && f->digest.origin == DIGEST_BY_PINNED);
    CHECK_INT(f->digest.bytes[2], 3);
    model_list_release(&l);
    store_close(s);
    scratch_remove(dir);
}

TEST(two_places_that_want_one_id_get_two)
{
    char *dir = scratch_dir();
    struct store *s = open_at(dir);
    put(s, "a", "/one", "f");
    put(s, "a", "/two", "f");
    put(s, "a", "/two", "f");
    struct model_list l = list(s);
    ASSERT(l.count == 2);
    CHECK(strcmp(l.items[0].id, l.items[1].id) != 0);
    CHECK(strcmp(l.items[0].root, l.items[1].root) != 0);
    model_list_release(&l);
    store_close(s);
    scratch_remove(dir);
}

TEST(a_path_belongs_to_the_entry_that_wrote_it_last)
{
    char *dir = scratch_dir();
    struct store *s = open_at(dir);
    put(s, "a", "/r/d", "f");
    put(s, "b", "/r", "d/f");
    struct model_list l = list(s);
    ASSERT(l.count == 1);
    CHECK_STR(l.items[0].id, "b");
    model_list_release(&l);
    store_close(s);
    scratch_remove(dir);
}

TEST(what_haul_wrote_once_stays_known_as_written)
{
    char *dir = scratch_dir();
    struct store *s = open_at(dir);
    struct haul_fault fault;
    struct model m;
    put(s, "a", "/r", "f");
    fill(&m, "b", "/r", "f");
    m.files[0].made = false; /* it was there already: "a" had brought it */
    CHECK(put_model(s, &m, &fault) == HAUL_OK);
    model_release(&m);
    struct model_list l = list(s);
    ASSERT(l.count == 1 && l.items[0].count == 1);
    CHECK(l.items[0].files[0].made);
    model_list_release(&l);
    store_close(s);
    scratch_remove(dir);
}

TEST(a_database_of_version_1_gets_a_library_and_keeps_its_jobs)
{
    char *dir = scratch_dir(), *path = xasprintf("%s/haul.db", dir);
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK(fixture_add(&f, "https://h/fail", id) == HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_FAILED));
    fixture_close(&f);
    sqlite3 *db;
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db,
                       "DROP TABLE models; DROP TABLE model_files; DROP TABLE model_dirs; "
                       "DROP INDEX jobs_ended; ALTER TABLE jobs DROP COLUMN kept; "
                       "ALTER TABLE files DROP COLUMN made; "
                       "PRAGMA user_version = 1",
                       NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    ASSERT(fixture_open(&f, dir, 1, ADOPT_ALL));
    CHECK(fixture_look(&f, id) != NULL);
    struct model_list l;
    CHECK(session_models(f.session, &l, &f.fault) == HAUL_OK);
    CHECK_INT(l.count, 0);
    model_list_release(&l);
    fixture_close(&f);
    free(path);
    scratch_remove(dir);
}

TEST(a_completed_job_is_in_the_library_when_the_session_has_ended)
{
    char *dir = scratch_dir();
    struct fixture f;
    char id[JOB_ID_SIZE];
    ASSERT(fixture_open(&f, dir, 1, ADOPT_NONE));
    CHECK(fixture_add(&f, "https://h/ok", id) == HAUL_OK);
    CHECK(fixture_wait(&f, id, JOB_COMPLETED));
    fixture_close(&f);
    struct store *s = open_at(dir);
    struct model_list l = list(s);
    CHECK_INT(l.count, 1);
    model_list_release(&l);
    store_close(s);
    scratch_remove(dir);
}

TEST(an_entry_is_found_by_id_source_name_tag_and_beginning)
{
    static const char *const texts[][3] = {
        {"ab", "s", "x"}, {"abc", "s", "x"}, {"b", "s", "ab"}, {"h/%2520~12ab", "h/%20", "y"}};
    struct model models[4];
    for (size_t i = 0; i < 4; i++)
        models[i] = (struct model){.id = xstrdup(texts[i][0]),
                                   .source = xstrdup(texts[i][1]),
                                   .name = xstrdup(texts[i][2])};
    struct model_list l = {models, 4};
    struct model *m[4];
    CHECK_INT(model_list_find(&l, "ab", m), 1);
    CHECK(m[0] == &models[0]);
    CHECK_INT(model_list_find(&l, "x", m), 2);
    CHECK_INT(model_list_find(&l, "a", m), 2);
    CHECK_INT(model_list_find(&l, "", m), 0);
    CHECK_INT(model_list_find(&l, "z", m), 0);
    CHECK_INT(model_list_find(&l, "h/%20", m), 1);
    CHECK(m[0] == &models[3]);
    CHECK_INT(model_list_find(&l, "12ab", m), 1);
    CHECK_INT(model_list_find(&l, "12a", m), 0);
    for (size_t i = 0; i < 4; i++)
        model_release(&models[i]);
}

static void touch(const char *dir, const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && !fclose(f));
    free(path);
}

TEST(a_partial_is_a_leftover_only_in_hauls_company_and_without_a_living_owner)
{
    char *dir = scratch_dir();
    char lease[LEASE_SIZE];
    struct string_list wanted = {0};
    struct leftover_list found = {0};
    lease_make(lease);
    touch(dir, "a.part", "x");
    touch(dir, "a.part.state", "haul-part 1\n");
    touch(dir, "mine.part", "x");
    touch(dir, "mine.part.lock", lease);
    touch(dir, "other.part", "x");
    touch(dir, "strange.part.state", "not ours");
    touch(dir, "queued.part.state", "haul-part 1\n");
    char *queued = xasprintf("%s/queued", dir);
    string_list_add(&wanted, queued);
    leftovers_find(dir, true, &wanted, &found);
    ASSERT(found.count == 1);
    CHECK(strstr(found.items[0].path, "/a"));
    leftover_list_release(&found);
    string_list_release(&wanted);
    free(queued);
    scratch_remove(dir);
}
