/* SPDX-License-Identifier: MIT */
/* Events and snapshots as programs see them: field for field, byte for byte. */
#include "harness.h"

#include "api/json.h"
#include "api/json_job.h"
#include "core/attrs.h"
#include "core/clock.h"
#include "core/json.h"

#define NOON      INT64_C(1767323045120) /* 2026-01-02T03:04:05.120Z */
#define NOON_TEXT "2026-01-02T03:04:05.120Z"

static char id[JOB_ID_SIZE] = "job-0123456789abcdef";

static struct event make_event(enum event_type type)
{
    struct event e = {.seq = 99, .wall_ms = NOON, .type = type, .number = 3};
    memcpy(e.job, id, sizeof id);
    return e;
}

static void check_event(const struct event *e, const char *want)
{
    struct buf out;
    buf_init(&out);
    api_json_event(&out, e, 7);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

#define HEAD(name)                                                                                 \
    "{\"event\":\"" name "\",\"seq\":7,\"time\":\"" NOON_TEXT "\",\"job\":\"job-"                  \
    "0123456789abcdef\""

TEST(a_job_event_tells_state_and_what_is_known)
{
    struct event e = make_event(EVENT_JOB);
    char source[] = "hf:o/n", name[] = "o/n";
    e.state = JOB_RUNNING;
    e.source = source;
    e.name = name;
    e.files = 2;
    e.total = -1;
    check_event(&e, HEAD("job") ",\"state\":\"running\",\"source\":\"hf:o/n\",\"name\":\"o/n\","
                                "\"files\":2,\"total\":null}");
}

TEST(a_file_event_tells_what_it_was_checked_against)
{
    struct event e = make_event(EVENT_FILE);
    char path[] = "/d/a \"b\"\n";
    e.path = path;
    e.size = 5;
    e.resumed_from = 2;
    memcpy(e.sha256, "ab", 3);
    e.verified = DIGEST_BY_PUBLISHER;
    check_event(&e, HEAD("file") ",\"path\":\"/d/a \\\"b\\\"\\n\",\"size\":5,\"sha256\":\"ab\","
                                 "\"verified\":\"publisher\",\"resumed_from\":2}");
    e.sha256[0] = 0;
    e.verified = DIGEST_BY_NONE;
    check_event(&e, HEAD("file") ",\"path\":\"/d/a \\\"b\\\"\\n\",\"size\":5,\"sha256\":null,"
                                 "\"verified\":\"none\",\"resumed_from\":2}");
}

TEST(a_log_event_of_no_job_has_null_for_it)
{
    struct event e = make_event(EVENT_LOG);
    char message[] = "hello";
    e.job[0] = 0;
    e.level = LOG_WARN;
    e.message = message;
    check_event(&e, "{\"event\":\"log\",\"seq\":7,\"time\":\"" NOON_TEXT
                    "\",\"job\":null,\"level\":\"warn\",\"message\":\"hello\"}");
}

TEST(an_error_event_has_code_and_status)
{
    struct event e = make_event(EVENT_ERROR);
    struct haul_fault fault;
    fault_set(&fault, HAUL_ERR_NOT_FOUND, "404 for x");
    e.fault = &fault;
    check_event(&e, HEAD("error") ",\"code\":\"not_found\",\"message\":\"404 for x\","
                                  "\"http_status\":null,\"retryable\":false}");
    fault.http_status = 404;
    check_event(&e, HEAD("error") ",\"code\":\"not_found\",\"message\":\"404 for x\","
                                  "\"http_status\":404,\"retryable\":false}");
}

static struct job_view make_job(struct file_view *file)
{
    static char source[] = "https://h/a", name[] = "a", dir[] = "/d";
    struct job_view j = {
        .state = JOB_RUNNING,
        .source = source,
        .name = name,
        .dir = dir,
        .layout = LAYOUT_PLAIN,
        .priority = -2,
        .bytes = 519,
        .total = 1000,
        .rate = 42,
        .eta = 11,
        .connections = 4,
        .created_ms = NOON,
        .files = file,
        .file_count = 1,
    };
    memcpy(j.id, id, sizeof id);
    return j;
}

TEST(progress_has_figures_or_null)
{
    struct buf out;
    struct file_view file = {0};
    struct job_view j = make_job(&file);
    buf_init(&out);
    api_json_progress(&out, &j, 7, NOON);
    CHECK_STR(out.data, HEAD("progress") ",\"bytes\":519,\"total\":1000,\"percent\":51.9,"
                                         "\"rate\":42,\"eta\":11,\"connections\":4,"
                                         "\"files_done\":0,\"files\":1}");
    buf_truncate(&out, 0);
    j.total = j.eta = -1;
    api_json_progress(&out, &j, 7, NOON);
    CHECK_STR(out.data, HEAD("progress") ",\"bytes\":519,\"total\":null,\"percent\":null,"
                                         "\"rate\":42,\"eta\":null,\"connections\":4,"
                                         "\"files_done\":0,\"files\":1}");
    buf_release(&out);
}

TEST(percent_is_100_only_when_all_is_there)
{
    static const struct {
        int64_t bytes, total, want;
    } cases[] = {
        {0, 0, 1000},
        {0, 10, 0},
        {9999, 10000, 999},
        {10, 10, 1000},
        {11, 10, 1000},
        {-1, 10, 0},
        {5, -1, -1},
        {INT64_MAX - 1, INT64_MAX, 999},
        {INT64_MAX / 2, INT64_MAX, 499},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++)
        CHECK_INT(api_permille(cases[i].bytes, cases[i].total), cases[i].want);
}

TEST(the_summary_counts_and_has_no_job)
{
    struct buf out;
    struct api_summary sum = {3, 1, 0, 1 << 20, 1500 * CLOCK_MS};
    buf_init(&out);
    api_json_summary(&out, &sum, 7, NOON);
    CHECK_STR(out.data, "{\"event\":\"summary\",\"seq\":7,\"time\":\"" NOON_TEXT
                        "\",\"completed\":3,\"failed\":1,\"cancelled\":0,\"bytes\":1048576,"
                        "\"seconds\":1.500}");
    buf_release(&out);
}

TEST(a_snapshot_has_every_field_of_the_api)
{
    struct buf out;
    char file_name[] = "a", url[] = "https://h/a?sig=***";
    struct file_view file = {.name = file_name, .state = FILE_ACTIVE, .total = -1, .url = url};
    struct job_view j = make_job(&file);
    buf_init(&out);
    api_json_job(&out, &j, 0);
    CHECK_STR(out.data,
              "{\"job_id\":\"job-0123456789abcdef\",\"number\":0,\"state\":\"running\","
              "\"source\":\"https://h/a\",\"name\":\"a\",\"dir\":\"/d\",\"layout\":\"plain\","
              "\"priority\":-2,\"position\":0,\"limit_rate\":0,\"connections_max\":0,"
              "\"bytes\":519,\"total\":1000,\"percent\":51.9,\"rate\":42,\"rate_average\":0,"
              "\"rate_peak\":0,\"eta\":11,\"idle_ms\":0,\"connections\":4,\"retries\":0,"
              "\"fetched\":0,\"retry\":null,\"blocked_by_disk\":false,\"created\":\"" NOON_TEXT
              "\",\"started\":null,\"ended\":null,\"error\":null,\"file_count\":1,"
              "\"files_done\":0,\"files\":[{\"name\":\"a\",\"path\":null,"
              "\"state\":\"running\",\"bytes\":0,\"total\":null,\"sha256\":null,"
              "\"verified\":\"none\",\"url\":\"https://h/a?sig=***\",\"hashed\":0,"
              "\"resumed_from\":0,\"rate\":0,\"connections\":0,\"retries\":0,"
              "\"retry_wait\":false}]}");
    buf_truncate(&out, 0);
    fault_set(&j.fault, HAUL_ERR_CHECKSUM, "wrong");
    j.file_count = 0;
    api_json_job(&out, &j, 0);
    CHECK(strstr(out.data, "\"error\":{\"code\":\"checksum\",\"message\":\"wrong\","
                           "\"http_status\":null},\"file_count\":0,\"files_done\":0,"
                           "\"files\":[]}"));
    buf_release(&out);
}

static struct json *parse(const struct buf *text)
{
    struct haul_fault fault;
    struct json *root = json_parse(text->data, text->len, 10000, HAUL_ERR_INTERNAL, &fault);
    if (!root)
        HARNESS_FAIL("%s", fault.message);
    return root;
}

/* A view with something in every field. */
static struct job_view full_job(struct file_view files[2])
{
    static char names[2][8] = {"a", "b"}, path[] = "/d/a", url[] = "https://h/a", why[] = "503";
    for (size_t i = 0; i < 2; i++)
        files[i] = (struct file_view){.name = names[i],
                                      .path = path,
                                      .url = url,
                                      .state = FILE_DONE,
                                      .bytes = 10,
                                      .total = 10,
                                      .hashed = 9,
                                      .resumed_from = 3,
                                      .rate = 7,
                                      .connections = 2,
                                      .retries = 1,
                                      .retry_wait = true,
                                      .verified = DIGEST_BY_PINNED,
                                      .sha256 = "ab"};
    struct job_view j = make_job(files);
    j.file_count = 2;
    j.number = 12;
    j.position = -5;
    j.limit_rate = 1000;
    j.connections_max = 6;
    j.rate_average = 8;
    j.rate_peak = 9;
    j.idle_ms = 1234;
    j.retries = 3;
    j.fetched = 400;
    j.files_done = 1;
    j.retry_at = 5 * CLOCK_SEC;
    j.retry_try = 2;
    j.retry_max = 6;
    j.retry_why = why;
    j.blocked_by_disk = true;
    j.started_ms = NOON + 1;
    j.ended_ms = NOON + 2;
    fault_set(&j.fault, HAUL_ERR_DISK_FULL, "full");
    return j;
}

TEST(a_job_comes_back_from_json_as_it_was)
{
    struct file_view files[2];
    struct job_view from = full_job(files), *to = job_view_new();
    struct buf first, second;
    buf_init(&first);
    buf_init(&second);
    api_json_job(&first, &from, 4 * CLOCK_SEC);
    struct json *root = parse(&first);
    ASSERT(root);
    CHECK(api_read_job(root, to, 100 * CLOCK_SEC));
    CHECK_INT(to->retry_at, 101 * CLOCK_SEC);
    memcpy(to->id, from.id, sizeof to->id);
    api_json_job(&second, to, 100 * CLOCK_SEC);
    CHECK_STR(second.data, first.data);
    json_free(root);
    buf_release(&first);
    buf_release(&second);
    job_view_free(to);
}

TEST(no_size_that_a_server_claims_is_too_large_to_reckon_with)
{
    static const char text[] =
        "{\"job_id\":\"job-1\",\"state\":\"running\",\"source\":\"s\",\"name\":\"n\",\"dir\":\"/"
        "d\","
        "\"bytes\":9223372036854775807,\"total\":9223372036854775807,\"rate\":-9,"
        "\"fetched\":-9223372036854775808,\"eta\":-1,\"file_count\":0,\"files\":[]}";
    struct snapshot s;
    struct json *root = json_parse(text, sizeof text - 1, 1000, HAUL_ERR_SERVER, NULL);
    ASSERT(root);
    snapshot_init(&s);
    struct job_view *v = snapshot_touch(&s, "job-1");
    ASSERT(api_read_job(root, v, 0));
    CHECK_INT(v->bytes, (int64_t)1 << 53);
    CHECK_INT(v->total, (int64_t)1 << 53);
    CHECK_INT(v->rate, 0);
    CHECK_INT(v->fetched, 0);
    CHECK_INT(v->eta, -1);
    json_free(root);
    snapshot_release(&s);
}

TEST(an_update_changes_the_files_it_names_and_no_other)
{
    struct file_view files[2];
    struct job_view from = full_job(files), *to = job_view_new();
    struct buf out;
    buf_init(&out);
    api_json_job(&out, &from, 0);
    struct json *root = parse(&out);
    ASSERT(root && api_read_job(root, to, 0));
    json_free(root);
    files[0].bytes = 1;
    files[1].bytes = 2;
    from.bytes = 777;
    buf_truncate(&out, 0);
    api_json_job_update(&out, &from, (const size_t[]){1}, 1, 0);
    root = parse(&out);
    ASSERT(root && api_read_job(root, to, 0));
    CHECK_INT(to->bytes, 777);
    CHECK_INT(to->files[0].bytes, 10);
    CHECK_INT(to->files[1].bytes, 2);
    json_free(root);
    buf_release(&out);
    job_view_free(to);
}

TEST(what_is_no_job_is_refused)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"state\":\"dancing\"}",
        "{\"state\":\"queued\",\"name\":\"a\",\"source\":\"s\",\"dir\":\"d\",\"file_count\":2,"
        "\"files\":[]}",
        "{\"state\":\"queued\",\"name\":\"a\",\"source\":\"s\",\"dir\":\"d\",\"file_count\":1,"
        "\"files\":[{\"index\":5,\"name\":\"a\",\"state\":\"running\"}]}",
        "{\"state\":\"queued\",\"name\":\"a\",\"source\":\"s\",\"dir\":\"d\","
        "\"file_count\":9000000000000,\"files\":[]}",
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(texts); i++) {
        struct job_view *v = job_view_new();
        struct haul_fault fault;
        struct json *root = json_parse(texts[i], strlen(texts[i]), 100, HAUL_ERR_INTERNAL, &fault);
        ASSERT(root);
        if (api_read_job(root, v, 0))
            HARNESS_FAIL("taken: %s", texts[i]);
        json_free(root);
        job_view_free(v);
    }
}

TEST(a_plan_masks_addresses_and_sums_sizes)
{
    struct plan plan;
    struct haul_fault fault;
    struct buf out;
    plan_init(&plan);
    buf_init(&out);
    struct plan_file *f = plan_add(&plan);
    f->url = strdup("https://h/a?token=secret");
    f->path = strdup("a");
    f->size = 5;
    f->digest.algorithm = DIGEST_MD5;
    f = plan_add(&plan);
    f->path = strdup("b");
    f->size = 6;
    api_json_plan(&out, "https://h/a", &plan);
    CHECK(!strstr(out.data, "secret"));
    struct json *root = json_parse(out.data, out.len, 100, HAUL_ERR_INTERNAL, &fault);
    ASSERT(root);
    CHECK_INT(json_int(json_get(root, "total"), -1), 11);
    const struct json *first = json_at(json_get(root, "files"), 0);
    const struct json *digest = json_get(first, "digest");
    CHECK_STR(json_string(json_get(digest, "algorithm"), ""), "md5");
    CHECK_STR(json_string(json_get(digest, "value"), ""), "00000000000000000000000000000000");
    CHECK_INT(json_type(json_get(json_at(json_get(root, "files"), 1), "digest")), JSON_NULL);
    json_free(root);
    buf_release(&out);
    plan_release(&plan);
}

TEST(a_plan_with_an_unknown_size_has_no_total)
{
    struct plan plan;
    struct buf out;
    plan_init(&plan);
    buf_init(&out);
    plan_add(&plan)->size = 5;
    plan_add(&plan)->size = -1;
    api_json_plan(&out, "x", &plan);
    CHECK(strstr(out.data, "\"total\":null"));
    buf_release(&out);
    plan_release(&plan);
}
