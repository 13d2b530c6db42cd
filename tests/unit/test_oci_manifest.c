/* SPDX-License-Identifier: MIT */
#include "net/oci_manifest.h"

#include "core/alloc.h"
#include "harness.h"
#include "net/oci_names.h"

#define HEX_A    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIGEST_A "sha256:" HEX_A
#define DIGEST_B "sha256:" HEX_B
#define OLLAMA   "application/vnd.ollama.image."

static enum haul_error parse(const char *text, struct oci_manifest *m, struct haul_fault *fault)
{
    *fault = (struct haul_fault){0};
    return oci_manifest_parse("ns/model:tag on host", text, strlen(text), m, fault);
}

TEST(a_manifest_gives_its_config_and_layers_in_order)
{
    struct oci_manifest m;
    struct haul_fault fault;
    ASSERT(parse("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"" DIGEST_A
                 "\",\"size\":561},\"layers\":[{\"mediaType\":\"" OLLAMA
                 "model\",\"digest\":\"" DIGEST_B "\",\"size\":4920738944}]}",
                 &m, &fault) == HAUL_OK);
    CHECK(!m.index);
    ASSERT(m.count == 2);
    CHECK(m.blobs[0].config && !m.blobs[1].config);
    CHECK_INT(m.blobs[0].size, 561);
    CHECK_INT(m.blobs[1].size, 4920738944);
    CHECK_INT(m.blobs[1].digest.bytes[31], 0xbb);
    CHECK_INT(m.blobs[1].digest.origin, DIGEST_BY_PUBLISHER);
    CHECK_STR(m.blobs[1].media_type, OLLAMA "model");
    oci_manifest_release(&m);
}

TEST(only_a_prefix_and_the_right_number_of_hex_digits_is_a_digest)
{
    static const char *const bad[] = {
        "",
        "sha256:",
        HEX_A,
        "sha256-" HEX_A,
        "SHA256:" HEX_A,
        "sha256:" HEX_A "a",
        "sha256:" HEX_A "/../../x",
        "sha256:../../../../../../../../../../../../../../../../../../../../../../../x",
        "sha512:" HEX_A,
        "md5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "sha256:gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    struct digest_value d;
    char text[OCI_DIGEST_SIZE];
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++)
        if (oci_digest_parse(bad[i], &d))
            HARNESS_FAIL("\"%s\" is taken", bad[i]);
    ASSERT(oci_digest_parse(
        "sha256:ABCDEFabcdef0123456789012345678901234567890123456789012345678901", &d));
    oci_digest_format(&d, text);
    CHECK_STR(text, "sha256:abcdefabcdef0123456789012345678901234567890123456789012345678901");
    ASSERT(oci_digest_parse("sha512:" HEX_A HEX_B, &d));
    oci_digest_format(&d, text);
    CHECK_STR(text, "sha512:" HEX_A HEX_B);
}

TEST(what_is_no_manifest_is_refused_with_a_reason)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "cannot be read"},
        {"{", "cannot be read"},
        {"[]", "no JSON object"},
        {"{}", "neither config nor layers"},
        {" <!DOCTYPE html><html>", "web page"},
        {"{\"schemaVersion\":1,\"fsLayers\":[]}", "schema 1"},
        {"{\"layers\":[{\"digest\":\"sha256:12\",\"size\":1}]}", "where a digest should be"},
        {"{\"layers\":[{\"size\":1}]}", "where a digest should be"},
        {"{\"layers\":[{\"digest\":\"" DIGEST_A "\"}]}", "no size that could be"},
        {"{\"layers\":[{\"digest\":\"" DIGEST_A "\",\"size\":-1}]}", "no size that could be"},
        {"{\"layers\":[{\"digest\":\"" DIGEST_A "\",\"size\":\"1\"}]}", "no size that could be"},
        {"{\"layers\":[{\"digest\":\"" DIGEST_A "\",\"size\":9223372036854775807}]}",
         "no size that could be"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct oci_manifest m;
        struct haul_fault fault;
        CHECK_INT(parse(rows[i].text, &m, &fault), HAUL_ERR_NETWORK);
        CHECK(!fault.retryable);
        if (!strstr(fault.message, rows[i].says))
            HARNESS_FAIL("%s: %s", rows[i].text, fault.message);
        CHECK(!m.blobs && !m.count);
    }
}

TEST(sizes_that_do_not_add_up_are_refused)
{
    struct oci_manifest m;
    struct haul_fault fault;
#define HALF "{\"digest\":\"" DIGEST_A "\",\"size\":1152921504606846976}"
    CHECK_INT(parse("{\"layers\":[" HALF "]}", &m, &fault), HAUL_OK);
    oci_manifest_release(&m);
    CHECK_INT(parse("{\"layers\":[" HALF "," HALF "]}", &m, &fault), HAUL_ERR_NETWORK);
}

#define ENTRY(digest, os, arch, more)                                                              \
    "{\"digest\":\"" digest "\",\"size\":5,\"platform\":{\"os\":\"" os                             \
    "\",\"architecture\":\"" arch "\"}" more "}"
#define ATTESTATION ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}"

TEST(of_an_index_the_only_manifest_or_the_one_for_this_machine_is_taken)
{
    static const struct {
        const char *manifests;
        int digest; /* first byte; -1: none fits */
        enum haul_error err;
    } rows[] = {
        {ENTRY(DIGEST_A, "plan9", "mips", ""), 0xaa, HAUL_OK},
        {ENTRY(DIGEST_A, "linux", "arm64", "") "," ENTRY(DIGEST_B, "linux", "amd64", ""), 0xbb,
         HAUL_OK},
        {ENTRY(DIGEST_A, "linux", "amd64", "") "," ENTRY(DIGEST_B, "unknown", "unknown", ""), 0xaa,
         HAUL_OK},
        {ENTRY(DIGEST_A, "linux", "arm64", "") "," ENTRY(DIGEST_B, "linux", "amd64", ATTESTATION),
         0xaa, HAUL_OK},
        {ENTRY(DIGEST_A, "linux", "arm64", "") "," ENTRY(DIGEST_B, "darwin", "amd64", ""), -1,
         HAUL_ERR_AMBIGUOUS},
        {"", -1, HAUL_ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        struct oci_manifest m;
        struct haul_fault fault;
        const struct oci_blob *chosen = NULL;
        char *text = xasprintf("{\"schemaVersion\":2,\"manifests\":[%s]}", rows[i].manifests);
        ASSERT(parse(text, &m, &fault) == HAUL_OK);
        CHECK(m.index);
        CHECK_INT(oci_manifest_choose("x", &m, "linux", "amd64", &chosen, &fault), rows[i].err);
        CHECK_INT(chosen ? chosen->digest.bytes[0] : -1, rows[i].digest);
        if (rows[i].err == HAUL_ERR_AMBIGUOUS)
            CHECK(strstr(fault.message, "linux/arm64") && strstr(fault.message, "darwin/amd64"));
        oci_manifest_release(&m);
        free(text);
    }
}

/* Names of the layers, a blank between two; "-" for none. */
static enum haul_error names_of(const char *layers, char *out, size_t size,
                                struct haul_fault *fault)
{
    struct oci_manifest m;
    char *names[16] = {0};
    char *text = xasprintf("{\"schemaVersion\":2,\"layers\":[%s]}", layers);
    out[0] = '\0';
    enum haul_error err = parse(text, &m, fault);
    ASSERT(err == HAUL_OK && m.count <= HAUL_ARRAY_LEN(names));
    err = oci_names(&m, "llama3-8b", names, fault);
    for (size_t i = 0; i < m.count; i++) {
        size_t len = strlen(out);
        snprintf(out + len, size - len, "%s%s", i ? " " : "", names[i] ? names[i] : "-");
        free(names[i]);
    }
    oci_manifest_release(&m);
    free(text);
    return err;
}

#define LAYER(type, digest, more)                                                                  \
    "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":1" more "}"
#define TITLE(name)    ",\"annotations\":{\"org.opencontainers.image.title\":\"" name "\"}"
#define FILEPATH(name) ",\"annotations\":{\"org.cncf.model.filepath\":\"" name "\"}"

TEST(layers_are_named_by_their_role)
{
    static const struct {
        const char *layers, *names;
    } rows[] = {
        {LAYER(OLLAMA "model", DIGEST_A, "") "," LAYER(OLLAMA "template", DIGEST_B, "") "," LAYER(
             OLLAMA "license", DIGEST_A, "") "," LAYER(OLLAMA "license", DIGEST_B,
                                                       "") "," LAYER(OLLAMA "params", DIGEST_B,
                                                                     "") "," LAYER(OLLAMA "system",
                                                                                   DIGEST_B, ""),
         "llama3-8b.gguf template license-1 license-2 params system"},
        {LAYER(OLLAMA "model", DIGEST_A, "") "," LAYER(OLLAMA "projector", DIGEST_B, "") "," LAYER(
             OLLAMA "adapter", DIGEST_B, "") "," LAYER(OLLAMA "model", DIGEST_B, ""),
         "llama3-8b.gguf mmproj-llama3-8b.gguf llama3-8b-adapter.gguf llama3-8b-2.gguf"},
        {LAYER("application/vnd.docker.ai.gguf.v3", DIGEST_A,
               "") "," LAYER("application/vnd.docker.ai.license", DIGEST_B, ""),
         "llama3-8b.gguf license-1"},
        {LAYER("a/b", DIGEST_A, TITLE("sub/a.bin")) "," LAYER("a/b", DIGEST_B, FILEPATH("b.json")),
         "sub/a.bin b.json"},
        {LAYER(OLLAMA "tensor", DIGEST_A, ",\"name\":\"model.layers.0.weight\""),
         "model.layers.0.weight"},
        {LAYER("a/b", DIGEST_A, "") "," LAYER("a/b", DIGEST_A, "") "," LAYER("a/b", DIGEST_B, ""),
         "sha256-" HEX_A " - sha256-" HEX_B},
        {LAYER("a/b", DIGEST_A, TITLE("x")) "," LAYER("a/b", DIGEST_A, TITLE("x")), "x -"},
        {LAYER(OLLAMA "template", DIGEST_A, "") "," LAYER("a/b", DIGEST_B, TITLE("template")),
         "template-2 template"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(rows); i++) {
        char got[1024];
        struct haul_fault fault;
        CHECK_INT(names_of(rows[i].layers, got, sizeof got, &fault), HAUL_OK);
        CHECK_STR(got, rows[i].names);
    }
}

TEST(a_name_that_a_layer_brings_is_checked)
{
    static const char *const bad[] = {"../x", "/etc/passwd", "a/../../b", "a//b", "C:x", "CON",
                                      "",     "x\\u001b",    "a\\\\b"};
    char got[1024];
    struct haul_fault fault;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        char *layer = xasprintf(LAYER("a/b", DIGEST_A, TITLE("%s")), bad[i]);
        if (names_of(layer, got, sizeof got, &fault) == HAUL_OK)
            HARNESS_FAIL("%s is taken", bad[i]);
        free(layer);
    }
    CHECK_INT(names_of(LAYER("a/b", DIGEST_A, TITLE("X")) "," LAYER("a/b", DIGEST_B, TITLE("x")),
                       got, sizeof got, &fault),
              HAUL_ERR_NETWORK);
    CHECK(strstr(fault.message, "two files"));
}
