/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/spec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define A64      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void add_field(struct buf *b, const char *name, const char *value)
{
    if (value)
        buf_addf(b, " %s=%s", name, value);
}

/* All that a spec says, on one line. */
static char *described(const struct spec *s)
{
    static const char *const repos[] = {"", " dataset", " space"};
    struct buf b;
    buf_init(&b);
    buf_addf(&b, "%s%s%s", spec_kind_name(s->kind), repos[s->repo], s->plain_http ? " http" : "");
    add_field(&b, "url", s->url);
    add_field(&b, "host", s->host);
    add_field(&b, "owner", s->owner);
    add_field(&b, "name", s->name);
    add_field(&b, "rev", s->revision);
    add_field(&b, "quant", s->quant);
    add_field(&b, "glob", s->glob);
    add_field(&b, "path", s->path);
    if (s->has_sha256)
        buf_addf(&b, " sha256=%02x..%02x", s->sha256[0], s->sha256[31]);
    return buf_detach(&b);
}

struct good {
    const char *text, *want, *display;
};

static void check_good(const struct good *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct spec s;
        struct haul_fault f = {0};
        if (spec_parse(rows[i].text, &s, &f) != HAUL_OK) {
            HARNESS_FAIL("\"%s\": %s", rows[i].text, f.message);
            continue;
        }
        char *got = described(&s), *display = spec_display_name(&s);
        if (strcmp(got, rows[i].want) != 0)
            HARNESS_FAIL("\"%s\" is {%s}, not {%s}", rows[i].text, got, rows[i].want);
        if (rows[i].display)
            CHECK_STR(display, rows[i].display);
        free(got);
        free(display);
        spec_release(&s);
    }
}

TEST(urls_are_taken_as_they_stand)
{
    static const struct good rows[] = {
        {"https://h", "url url=https://h", "h"},
        {"  https://h/x\t\n", "url url=https://h/x", "x"},
        {"HTTP://Host.example:8080/a/b.gguf?x=1", "url url=HTTP://Host.example:8080/a/b.gguf?x=1",
         "b.gguf"},
        {"https://h/a%20b.bin#top", "url url=https://h/a%20b.bin", "a b.bin"},
        {"https://h/a#sha256=" A64, "url url=https://h/a sha256=aa..aa", "a"},
        {"https://u:p@h:1/dir/?q", "url url=https://u:p@h:1/dir/?q", "h:1"},
        {"http://[::1]:80/x", "url url=http://[::1]:80/x", "x"},
        {"https://b\u00fccher.example/x", "url url=https://b\u00fccher.example/x", "x"},
        {"https://h/%zz", "url url=https://h/%zz", "%zz"},
        {"https://h/a%0Ab%E2%80%AEc", "url url=https://h/a%0Ab%E2%80%AEc", "a\uFFFDb\uFFFDc"},
        {"https://h:65535", "url url=https://h:65535", "h:65535"},
        {"https://h?x=/y", "url url=https://h?x=/y", "h"},
    };
    check_good(rows, COUNT(rows));
}

TEST(hub_specs_have_every_part)
{
    static const struct good rows[] = {
        {"hf:org/name", "hf owner=org name=name", "org/name"},
        {"org/name", "hf owner=org name=name", "org/name"},
        {"hf:gpt2", "hf name=gpt2", "gpt2"},
        {"hf:gpt2@main/x", "hf name=gpt2 rev=main glob=x", NULL},
        {"hf:org/name@v1.0", "hf owner=org name=name rev=v1.0", NULL},
        {"hf:org/name:Q4_K_M", "hf owner=org name=name quant=Q4_K_M", NULL},
        {"hf:org/name:UD-Q4_K_XL", "hf owner=org name=name quant=UD-Q4_K_XL", NULL},
        {"hf:org/name/*.gguf", "hf owner=org name=name glob=*.gguf", NULL},
        {"hf:org/name/a/b c?.bin", "hf owner=org name=name glob=a/b c?.bin", NULL},
        {"hf:org/name@r:Q8_0/sub/*", "hf owner=org name=name rev=r quant=Q8_0 glob=sub/*", NULL},
        {"org/n.1@r:Q/g", "hf owner=org name=n.1 rev=r quant=Q glob=g", "org/n.1"},
        {"hf:org/name@refs/pr/12", "hf owner=org name=name rev=refs/pr/12", NULL},
        {"hf:org/name@refs/pr/12:Q/x", "hf owner=org name=name rev=refs/pr/12 quant=Q glob=x",
         NULL},
        {"hf:o/n@refs/convert/parquet/x", "hf owner=o name=n rev=refs/convert/parquet glob=x",
         NULL},
        {"hf:org/name@a%2Fb", "hf owner=org name=name rev=a/b", NULL},
        {"hf:datasets/org/name", "hf dataset owner=org name=name", "org/name"},
        {"hf:datasets/squad", "hf dataset name=squad", NULL},
        {"datasets/org/name@r/x", "hf dataset owner=org name=name rev=r glob=x", NULL},
        {"hf:spaces/org/name/app.py", "hf space owner=org name=name glob=app.py", NULL},
        {"space:org/name@r", "hf space owner=org name=name rev=r", NULL},
        {"hf:models/org/name", "hf owner=org name=name", NULL},
        {"hf://org/name/x", "hf owner=org name=name glob=x", NULL},
        {"HF:org/name", "hf owner=org name=name", NULL},
        {"hf.co/org/name:Q4_0", "hf owner=org name=name quant=Q4_0", NULL},
        {"huggingface.co/org/name", "hf owner=org name=name", NULL},
    };
    check_good(rows, COUNT(rows));
}

TEST(registry_specs_have_their_defaults)
{
    static const struct good rows[] = {
        {"ollama:llama3", "ollama owner=library name=llama3 rev=latest", "library/llama3:latest"},
        {"ollama:llama3.2:1b", "ollama owner=library name=llama3.2 rev=1b", "library/llama3.2:1b"},
        {"ollama:me/model", "ollama owner=me name=model rev=latest", NULL},
        {"ollama:reg.example/me/model:t", "ollama host=reg.example owner=me name=model rev=t",
         NULL},
        {"ollama:localhost:5000/m", "ollama host=localhost:5000 owner=library name=m rev=latest",
         NULL},
        {"ollama:hf.co/o/n:Q4_K_M", "ollama host=hf.co owner=o name=n rev=Q4_K_M", NULL},
        {"ollama:http://127.0.0.1:5000/ns/m:t",
         "ollama http host=127.0.0.1:5000 owner=ns name=m rev=t", "ns/m:t"},
        {"ollama:http://reg/m", "ollama http host=reg owner=library name=m rev=latest", NULL},
        {"ollama:https://reg/ns/m", "ollama host=reg owner=ns name=m rev=latest", NULL},
    };
    check_good(rows, COUNT(rows));
}

TEST(release_build_and_file_specs_are_taken)
{
    static const struct good rows[] = {
        {"github:o/r", "github owner=o name=r", "o/r"},
        {"gh:o/r@v1.0", "github owner=o name=r rev=v1.0", "o/r@v1.0"},
        {"gh:o/r/*.zip", "github owner=o name=r glob=*.zip", "o/r"},
        {"gh:o/r.js@v1+cu/a*", "github owner=o name=r.js rev=v1+cu glob=a*", NULL},
        {"gh:o/r@pkg@1.0", "github owner=o name=r rev=pkg@1.0", NULL},
        {"gh:o/r@cli%2Fv1", "github owner=o name=r rev=cli/v1", "o/r@cli/v1"},
        {"build:recipe.json", "build path=recipe.json", "recipe.json"},
        {"build:/a b/r.json", "build path=/a b/r.json", "r.json"},
        {"file:~/x y.gguf", "file path=~/x y.gguf", "x y.gguf"},
        {"file:a%20b", "file path=a%20b", NULL},
        {"file:///a%20b/c", "file path=/a b/c", "c"},
        {"file:/dir/", "file path=/dir/", "/dir/"},
    };
    check_good(rows, COUNT(rows));
}

TEST(urls_of_known_services_become_their_sources)
{
    static const struct good rows[] = {
        {"https://huggingface.co/o/n", "hf owner=o name=n", NULL},
        {"https://huggingface.co/o/n/", "hf owner=o name=n", NULL},
        {"https://HF.co/o/n?x=1#y", "hf owner=o name=n", NULL},
        {"https://huggingface.co:443/o/n", "hf owner=o name=n", NULL},
        {"https://huggingface.co/gpt2", "hf name=gpt2", NULL},
        {"https://huggingface.co/gpt2/resolve/main/config.json",
         "hf name=gpt2 rev=main glob=config.json", NULL},
        {"https://huggingface.co/o/n/resolve/main/a/b%20c.gguf?download=true",
         "hf owner=o name=n rev=main glob=a/b c.gguf", NULL},
        {"https://huggingface.co/o/n/resolve/main/x#sha256=" A64,
         "hf owner=o name=n rev=main glob=x sha256=aa..aa", NULL},
        {"https://huggingface.co/o/n/blob/refs%2Fpr%2F1/x",
         "hf owner=o name=n rev=refs/pr/1 glob=x", NULL},
        {"https://huggingface.co/o/n/raw/refs/pr/1/x", "hf owner=o name=n rev=refs/pr/1 glob=x",
         NULL},
        {"https://huggingface.co/o/n/tree/main", "hf owner=o name=n rev=main", NULL},
        {"https://huggingface.co/o/n/tree/main/sub/dir",
         "hf owner=o name=n rev=main glob=sub/dir/*", NULL},
        {"https://huggingface.co/datasets/o/n/resolve/r/x",
         "hf dataset owner=o name=n rev=r glob=x", NULL},
        {"https://huggingface.co/datasets/squad", "hf dataset name=squad", NULL},
        {"https://huggingface.co/spaces/o/n", "hf space owner=o name=n", NULL},
        {"https://github.com/o/r/releases", "github owner=o name=r", NULL},
        {"https://github.com/o/r/releases/latest", "github owner=o name=r", NULL},
        {"https://github.com/o/r/releases/latest/download/a.zip",
         "github owner=o name=r glob=a.zip", NULL},
        {"https://github.com/o/r/releases/tag/v1", "github owner=o name=r rev=v1", NULL},
        {"https://github.com/o/r/releases/tag/cli/v1", "github owner=o name=r rev=cli/v1", NULL},
        {"https://github.com/o/r/releases/download/v1/a%2Bb.zip",
         "github owner=o name=r rev=v1 glob=a+b.zip", NULL},
        {"https://github.com/o/r/releases/download/cli/v1/a",
         "github owner=o name=r rev=cli/v1 glob=a", NULL},
        {"https://ollama.com/library/llama3:8b", "ollama owner=library name=llama3 rev=8b", NULL},
        {"https://ollama.com/library/llama3/tags", "ollama owner=library name=llama3 rev=latest",
         NULL},
        {"https://ollama.com/me/model", "ollama owner=me name=model rev=latest", NULL},
    };
    check_good(rows, COUNT(rows));
}

TEST(other_urls_of_known_hosts_stay_urls)
{
    static const char *const rows[] = {
        "https://huggingface.co",
        "https://huggingface.co/",
        "https://huggingface.co/docs/hub",
        "https://huggingface.co/api/models/o/n",
        "https://huggingface.co/datasets",
        "https://huggingface.co/o/n/discussions/1",
        "https://huggingface.co/o/n/resolve/main",
        "https://huggingface.co/o/n/resolve/main/a%00b",
        "https://huggingface.co/o/n/resolve/%2e%2e/x",
        "https://huggingface.co/o--x/n",
        "https://huggingface.co//o/n",
        "https://u@huggingface.co/o/n",
        "https://huggingface.co:8443/o/n",
        "http://huggingface.co:443/o/n",
        "https://huggingface.co.evil/o/n",
        "https://evilhuggingface.co/o/n",
        "https://github.com/o/r",
        "https://github.com/o/r/archive/v1.zip",
        "https://github.com/o/r/releases/download/v1",
        "https://github.com/o/r/releases/tag/..%2f..",
        "https://ollama.com/download/ollama-linux-amd64.tgz",
        "https://ollama.com/install.sh",
        "https://ollama.com/library/x/blobs/1",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *want = xasprintf("url url=%s", rows[i]);
        struct good row = {rows[i], want, NULL};
        check_good(&row, 1);
        free(want);
    }
}

TEST(bad_specs_are_refused_with_position_and_forms)
{
    static const struct {
        const char *text;
        unsigned position;
        const char *expected;
    } rows[] = {
        {"", 1, "a source"},
        {" \t ", 4, "a source"},
        {"https://", 9, "a host"},
        {"https:///x", 9, "a host"},
        {"https://u@/x", 11, "a host"},
        {"https://:80/x", 9, "a host"},
        {"https://h:0/x", 11, "a port"},
        {"https://h:/x", 11, "a port"},
        {"https://h:65536/x", 11, "a port"},
        {"https://h:8a/x", 11, "a port"},
        {"https://h/a b", 12, "no blank"},
        {"https://a b/x", 10, "no blank"},
        {"https://h/a\nb", 12, "no control"},
        {"https://h/\x1b[2J", 11, "no control"},
        {"https://h\\@e/x", 10, "no backslash"},
        {"https://a@b@c/x", 10, "only one @"},
        {"https://[::1/x", 9, "a host"},
        {"https://[zz]/x", 9, "a host"},
        {"https://h,x/y", 10, "the end of the host"},
        {"https://h%41/y", 10, "the end of the host"},
        {"https://h/x#sha256=zz", 20, "64 hex"},
        {"https://h/x#sha256=" A64 "a", 20, "64 hex"},
        {"https://h/\xff", 11, "valid UTF-8"},
        {"\u00e9\u00e9 \xff", 4, "valid UTF-8"},
        {"ftp://h/x", 1, "one of the forms"},
        {"gopher:x", 1, "one of the forms"},
        {"C:\\x", 1, "one of the forms"},
        {"  s3://b/x", 3, "one of the forms"},
        {"word", 5, "/NAME"},
        {"/etc/passwd", 1, "an organisation"},
        {"./x", 1, "an organisation"},
        {"../x", 1, "an organisation"},
        {"~/x", 1, "an organisation"},
        {"hf:", 4, "a repo name"},
        {"hf:org/", 8, "a repo name"},
        {"hf:org/a--b", 8, "a repo name"},
        {"hf:org/a..b", 8, "a repo name"},
        {"hf:org/-a", 8, "a repo name"},
        {"hf:org/a.git", 8, "a repo name"},
        {"hf:o$g/a", 4, "an organisation"},
        {"hf:org/name@", 13, "a revision"},
        {"hf:org/name@../x", 13, "a revision"},
        {"hf:org/name@a%2F..%2Fb", 13, "a revision"},
        {"hf:org/name@a%", 13, "a revision"},
        {"hf:org/name:", 13, "a quantisation"},
        {"hf:org/name:Q 4", 13, "a quantisation"},
        {"hf:org/name:Q4@r", 15, "the end"},
        {"hf:org/name:Q4:Q5", 15, "the end"},
        {"hf:org/name/", 13, "a file name"},
        {"hf:org/name//x", 13, "a file name"},
        {"space:", 7, "a repo name"},
        {"ollama:", 8, "a model"},
        {"ollama:a:", 10, "a tag"},
        {"ollama:a:b c", 10, "a tag"},
        {"ollama:n.s/../m", 12, "a namespace"},
        {"ollama:h/n/m/x", 12, "a model"},
        {"ollama:h:0/n/m", 8, "a registry"},
        {"ollama:h:x/n/m", 8, "a registry"},
        {"ollama:http://h", 16, "/NS/MODEL"},
        {"ollama:http://u:p@h/m", 15, "a registry"},
        {"ollama:m@sha256:aa", 8, "a model"},
        {"gh:", 4, "an owner"},
        {"gh:o", 5, "/REPO"},
        {"gh:o@t", 5, "/REPO"},
        {"gh:o/", 6, "a repo"},
        {"gh:o/..", 6, "a repo"},
        {"gh:-o/r", 4, "an owner"},
        {"gh:o/r@", 8, "a revision"},
        {"gh:o/r@..", 8, "a revision"},
        {"gh:o/r/", 8, "a file name"},
        {"build:", 7, "the path of a recipe"},
        {"file:", 6, "the path of a file"},
        {"file://host/x", 8, "a path on this machine"},
        {"file:///a%0", 8, "a path whose"},
        {"file:///a%00", 8, "a path whose"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct spec s;
        struct haul_fault f = {0};
        enum haul_error rc = spec_parse(rows[i].text, &s, &f);
        char *want = xasprintf("at position %u: expected %s", rows[i].position, rows[i].expected);
        if (rc != HAUL_ERR_BAD_SPEC || !strstr(f.message, want) ||
            !strstr(f.message, "hf:ORG/NAME"))
            HARNESS_FAIL("\"%s\" gives %d: %.150s (not %s)", rows[i].text, (int)rc, f.message,
                         want);
        CHECK(!s.text && !s.url && !s.owner && !s.name);
        free(want);
        spec_release(&s);
    }
}

TEST(length_limits_of_names_hold)
{
    char name[98];
    memset(name, 'a', 97);
    name[97] = '\0';
    char *over = xasprintf("hf:o/%s", name), *fits = xasprintf("hf:o/%s", name + 1);
    struct spec s;
    CHECK_INT(spec_parse(over, &s, NULL), HAUL_ERR_BAD_SPEC);
    CHECK_INT(spec_parse(fits, &s, NULL), HAUL_OK);
    spec_release(&s);
    free(over);
    free(fits);
}

TEST(secrets_are_in_no_message_and_no_masked_text)
{
    static const char *const good[] = {
        "https://user:SECRET@h/x",
        "https://h/x?token=SECRET",
        "https://huggingface.co/o/n/resolve/main/x?token=SECRET",
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct spec s;
        ASSERT(spec_parse(good[i], &s, NULL) == HAUL_OK);
        char *masked = spec_masked(&s), *display = spec_display_name(&s);
        CHECK(strstr(masked, "***") && !strstr(masked, "SECRET") && !strstr(display, "SECRET"));
        free(masked);
        free(display);
        spec_release(&s);
    }
    static const char *const bad[] = {
        "https://user:SECRET@h:x/y",
        "https://user:SE/CRET@h/x",
        "https://u:SECRET @h/x",
        "ftp://u:SECRET@h/x",
        "u:SECRET@h/x",
        "https://h/ x?key=SECRET",
        "ollama:http://u:SECRET@h/m",
        "hf:a/b/c\n://u:SECRET@h",
        "https://u:SECRET@@h/x",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct spec s;
        struct haul_fault f = {0};
        CHECK_INT(spec_parse(bad[i], &s, &f), HAUL_ERR_BAD_SPEC);
        if (strstr(f.message, "SECRET") || strstr(f.message, "CRET@"))
            HARNESS_FAIL("%s leaks: %.100s", bad[i], f.message);
    }
}

TEST(a_pattern_is_not_masked_like_a_query)
{
    struct spec s;
    ASSERT(spec_parse("hf:o/n@r/model-?.gguf", &s, NULL) == HAUL_OK);
    char *masked = spec_masked(&s);
    CHECK_STR(masked, "hf:o/n@r/model-?.gguf");
    free(masked);
    spec_release(&s);
}
