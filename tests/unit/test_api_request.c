/* SPDX-License-Identifier: MIT */
/* What a job server is asked for, as JSON: there and back, and what is refused. */
#include "harness.h"

#include "api/json_request.h"
#include "core/alloc.h"
#include "core/attrs.h"

static enum haul_error read_text(const char *text, struct job_request *r, struct haul_fault *fault)
{
    job_request_init(r);
    struct json *root = json_parse(text, strlen(text), 1000, HAUL_ERR_USAGE, fault);
    enum haul_error err = root ? api_read_request(root, r, fault) : fault->code;
    json_free(root);
    return err;
}

TEST(the_smallest_request_names_operation_and_model)
{
    struct job_request r;
    struct haul_fault fault;
    CHECK_INT(read_text("{\"operation\":\"ModelDownload\",\"model\":\"o/n\",\"hive_id\":\"local\"}",
                        &r, &fault),
              HAUL_OK);
    CHECK_STR(r.spec, "o/n");
    CHECK_INT(r.limit_rate, -1);
    job_request_release(&r);
}

TEST(a_request_comes_back_as_it_was)
{
    struct job_request from, to;
    struct haul_fault fault;
    struct buf first, second;
    job_request_init(&from);
    from.spec = xstrdup("https://h/a");
    from.dir = xstrdup("/d");
    from.out = xstrdup("x");
    from.layout = LAYOUT_PLAIN;
    from.revision = xstrdup("main");
    string_list_add(&from.include, "*.gguf");
    string_list_add(&from.exclude, "*.md");
    string_list_add(&from.headers, "X-A: b");
    from.checksum = (struct digest_value){.algorithm = DIGEST_SHA256, .bytes = {1, 2, 3}};
    from.checksum_file = xstrdup("0123456789abcdef0123456789abcdef  x\n");
    from.connections = 4;
    from.limit_rate = 500;
    from.priority = -7;
    from.on_exists = ON_EXISTS_RENAME;
    from.paused = from.no_resume = from.confirmed = true;
    buf_init(&first);
    buf_init(&second);
    api_json_request(&first, &from);
    CHECK_INT(read_text(first.data, &to, &fault), HAUL_OK);
    api_json_request(&second, &to);
    CHECK_STR(second.data, first.data);
    CHECK_INT(to.checksum.origin, DIGEST_BY_PINNED);
    job_request_release(&from);
    job_request_release(&to);
    buf_release(&first);
    buf_release(&second);
}

TEST(rates_are_numbers_or_words)
{
    struct job_request r;
    struct haul_fault fault;
    CHECK_INT(
        read_text("{\"operation\":\"model_download\",\"model\":\"a\",\"limit_rate\":\"2.5M\"}", &r,
                  &fault),
        HAUL_OK);
    CHECK_INT(r.limit_rate, 2621440);
    job_request_release(&r);
}

#define WITH(fields) "{\"operation\":\"model_download\",\"model\":\"a\"," fields "}"

static const struct {
    const char *text, *message;
    enum haul_error code;
} bad[] = {
    {"[]", "the body is no JSON object", HAUL_ERR_USAGE},
    {"{\"model\":\"a\"}", "operation: is missing; it is model_download", HAUL_ERR_USAGE},
    {"{\"operation\":\"model_download\"}", "model: is missing; it says what to fetch",
     HAUL_ERR_USAGE},
    {"{\"operation\":\"rm\",\"model\":\"a\"}", "operation: 'rm' is not model_download",
     HAUL_ERR_USAGE},
    {WITH("\"hive_id\":\"mars\""), "hive_id: there is no 'mars' here, only 'local'",
     HAUL_ERR_NOT_FOUND},
    {WITH("\"quant\":1"), "quant: no such field", HAUL_ERR_USAGE},
    {WITH("\"dir\":\"here\""), "dir: 'here' is no absolute path", HAUL_ERR_USAGE},
    {WITH("\"dir\":5"), "dir: is no text", HAUL_ERR_USAGE},
    {WITH("\"layout\":\"flat\""), "layout: 'flat' is none of plain, hf-cache, ollama",
     HAUL_ERR_USAGE},
    {WITH("\"on_exists\":\"eat\""), "on_exists: 'eat' is none of skip, overwrite, rename, fail",
     HAUL_ERR_USAGE},
    {WITH("\"connections\":65"), "connections: is not a number from 1 to 64", HAUL_ERR_USAGE},
    {WITH("\"connections\":-1"), "connections: is not a number from 1 to 64", HAUL_ERR_USAGE},
    {WITH("\"priority\":1001"), "priority: is not a number from -1000 to 1000", HAUL_ERR_USAGE},
    {WITH("\"limit_rate\":-1"), "limit_rate: is no rate such as 500000 or \"2.5M\"",
     HAUL_ERR_USAGE},
    {WITH("\"checksum\":\"md5:00\""), "checksum: 'md5:00' is not sha256: and 64 hex digits",
     HAUL_ERR_USAGE},
    {WITH("\"include\":[1]"), "include: is no list of texts", HAUL_ERR_USAGE},
    {WITH("\"paused\":1"), "paused: is neither true nor false", HAUL_ERR_USAGE},
    {WITH("\"headers\":[\"SECRET\"]"), "headers: has a line that is not of the form 'Name: value'",
     HAUL_ERR_USAGE},
};

TEST(a_field_that_does_not_fit_is_named_and_no_secret_is_repeated)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        struct job_request r;
        struct haul_fault fault;
        CHECK_INT(read_text(bad[i].text, &r, &fault), bad[i].code);
        CHECK_STR(fault.message, bad[i].message);
        job_request_release(&r);
    }
}
