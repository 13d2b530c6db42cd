/* SPDX-License-Identifier: MIT */
/* Requests as JSON; see json_request.h. */
#include "api/json_request.h"

#include <stdlib.h>
#include <string.h>

#include "api/json_put.h"
#include "core/alloc.h"
#include "core/sums.h"
#include "core/units.h"

#define PRIORITY_MAX 1000

/* Each reads one field; NULL, or what is wrong with it. */
typedef const char *read_field(const struct json *value, struct job_request *r);

static const char *read_text(const struct json *value, char **field)
{
    const char *text = json_string(value, NULL);
    if (!text || !*text)
        return "is no text";
    free(*field);
    *field = xstrdup(text);
    return NULL;
}

static const char *read_absolute(const struct json *value, char **field)
{
    const char *wrong = read_text(value, field);
    return wrong ? wrong : **field != '/' ? "is no absolute path" : NULL;
}

static const char *read_list(const struct json *value, struct string_list *list)
{
    const char *one = json_string(value, NULL);
    if (one && *one) {
        string_list_add(list, one);
        return NULL;
    }
    if (json_type(value) != JSON_ARRAY)
        return "is no list of texts";
    for (size_t i = 0; i < json_count(value); i++) {
        const char *item = json_string(json_at(value, i), NULL);
        if (!item || !*item)
            return "is no list of texts";
        string_list_add(list, item);
    }
    return NULL;
}

static const char *read_flag(const struct json *value, bool *flag)
{
    if (json_type(value) != JSON_BOOL)
        return "is neither true nor false";
    *flag = json_bool(value, false);
    return NULL;
}

static const char *read_word(const struct json *value, const char *const *words, unsigned first,
                             unsigned *field)
{
    int i = word_index(words, json_string(value, ""));
    if (i < 0)
        return words == layout_names ? "is none of plain, hf-cache, ollama"
                                     : "is none of skip, overwrite, rename, fail";
    *field = first + (unsigned)i;
    return NULL;
}

static const char *read_operation(const struct json *value, struct job_request *r)
{
    (void)r;
    const char *name = json_string(value, "");
    bool known = !strcmp(name, "model_download") || !strcmp(name, "ModelDownload");
    return known ? NULL : "is not model_download";
}

static const char *read_model(const struct json *value, struct job_request *r)
{
    return read_text(value, &r->spec);
}

static const char *read_hive(const struct json *value, struct job_request *r)
{
    (void)r;
    return json_type(value) == JSON_STRING ? NULL : "is no text";
}

static const char *read_dir(const struct json *value, struct job_request *r)
{
    return read_absolute(value, &r->dir);
}

static const char *read_out(const struct json *value, struct job_request *r)
{
    return read_text(value, &r->out);
}

static const char *read_layout(const struct json *value, struct job_request *r)
{
    unsigned layout = r->layout;
    const char *wrong = read_word(value, layout_names, LAYOUT_PLAIN, &layout);
    r->layout = (enum layout)layout;
    return wrong;
}

static const char *read_revision(const struct json *value, struct job_request *r)
{
    return read_text(value, &r->revision);
}

static const char *read_include(const struct json *value, struct job_request *r)
{
    return read_list(value, &r->include);
}

static const char *read_exclude(const struct json *value, struct job_request *r)
{
    return read_list(value, &r->exclude);
}

static const char *read_headers(const struct json *value, struct job_request *r)
{
    const char *wrong = read_list(value, &r->headers);
    for (size_t i = 0; i < r->headers.count && !wrong; i++)
        if (!request_header_valid(r->headers.items[i]))
            wrong = "has a line that is not of the form 'Name: value'";
    return wrong;
}

static const char *read_checksum(const struct json *value, struct job_request *r)
{
    struct digest_value digest = {.origin = DIGEST_BY_PINNED};
    if (!digest_parse(json_string(value, ""), &digest) || digest.algorithm != DIGEST_SHA256)
        return "is not sha256: and 64 hex digits";
    r->checksum = digest;
    return NULL;
}

static const char *read_checksum_list(const struct json *value, struct job_request *r)
{
    struct sums sums;
    const char *wrong = read_text(value, &r->checksum_file);
    if (wrong)
        return wrong;
    if (sums_parse("", r->checksum_file, strlen(r->checksum_file), &sums, NULL) != HAUL_OK)
        return "holds no checksums";
    sums_release(&sums);
    return NULL;
}

static const char *read_connections(const struct json *value, struct job_request *r)
{
    int64_t n = json_int(value, 0);
    if (n < 1 || n > CONNECTIONS_MAX)
        return "is not a number from 1 to 64";
    r->connections = (unsigned)n;
    return NULL;
}

static const char *read_limit_rate(const struct json *value, struct job_request *r)
{
    return api_read_rate(value, &r->limit_rate) ? NULL : "is no rate such as 500000 or \"2.5M\"";
}

static const char *read_priority(const struct json *value, struct job_request *r)
{
    int64_t n = json_signed(value, PRIORITY_MAX + 1);
    if (n < -PRIORITY_MAX || n > PRIORITY_MAX)
        return "is not a number from -1000 to 1000";
    r->priority = (int)n;
    return NULL;
}

static const char *read_on_exists(const struct json *value, struct job_request *r)
{
    unsigned what = r->on_exists;
    const char *wrong = read_word(value, on_exists_names, ON_EXISTS_SKIP, &what);
    r->on_exists = (enum on_exists)what;
    return wrong;
}

static const char *read_paused(const struct json *value, struct job_request *r)
{
    return read_flag(value, &r->paused);
}

static const char *read_resume(const struct json *value, struct job_request *r)
{
    bool resume = true;
    const char *wrong = read_flag(value, &resume);
    r->no_resume = !resume;
    return wrong;
}

static const char *read_confirmed(const struct json *value, struct job_request *r)
{
    return read_flag(value, &r->confirmed);
}

static const struct {
    const char *name;
    bool secret; /* not repeated in a message */
    read_field *read;
} fields[] = {
    {"operation", false, read_operation},
    {"model", true, read_model},
    {"hive_id", false, read_hive},
    {"dir", false, read_dir},
    {"out", false, read_out},
    {"layout", false, read_layout},
    {"revision", false, read_revision},
    {"include", false, read_include},
    {"exclude", false, read_exclude},
    {"headers", true, read_headers},
    {"checksum", false, read_checksum},
    {"checksum_list", true, read_checksum_list},
    {"connections", false, read_connections},
    {"limit_rate", false, read_limit_rate},
    {"priority", false, read_priority},
    {"on_exists", false, read_on_exists},
    {"paused", false, read_paused},
    {"resume", false, read_resume},
    {"confirmed", false, read_confirmed},
};

static enum haul_error apply(const char *key, const struct json *value, struct job_request *r,
                             struct haul_fault *fault)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fields); i++) {
        if (strcmp(fields[i].name, key) != 0)
            continue;
        const char *wrong = json_type(value) == JSON_NULL ? NULL : fields[i].read(value, r);
        const char *text = fields[i].secret ? NULL : json_string(value, NULL);
        if (!wrong)
            return HAUL_OK;
        return fault_set(fault, HAUL_ERR_USAGE, "%s: %s%.200s%s%s", key, text ? "'" : "",
                         text ? text : "", text ? "' " : "", wrong);
    }
    return fault_set(fault, HAUL_ERR_USAGE, "%.64s: no such field", key);
}

enum haul_error api_read_request(const struct json *object, struct job_request *r,
                                 struct haul_fault *fault)
{
    if (json_type(object) != JSON_OBJECT)
        return fault_set(fault, HAUL_ERR_USAGE, "the body is no JSON object");
    enum haul_error err = HAUL_OK;
    for (size_t i = 0; i < json_count(object) && !err; i++)
        err = apply(json_key_at(object, i), json_at(object, i), r, fault);
    if (err)
        return err;
    if (!json_string(json_get(object, "operation"), NULL))
        return fault_set(fault, HAUL_ERR_USAGE, "operation: is missing; it is model_download");
    if (!r->spec)
        return fault_set(fault, HAUL_ERR_USAGE, "model: is missing; it says what to fetch");
    const char *hive = json_string(json_get(object, "hive_id"), API_HIVE_ID);
    if (strcmp(hive, API_HIVE_ID) != 0 && strcmp(hive, "localhost") != 0)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "hive_id: there is no '%.64s' here, only '%s'",
                         hive, API_HIVE_ID);
    return HAUL_OK;
}

enum haul_error api_read_clean(const struct json *object, char **dir, bool *dry_run,
                               struct haul_fault *fault)
{
    const char *wrong = NULL;
    *dir = NULL;
    *dry_run = false;
    for (size_t i = 0; i < json_count(object); i++) {
        const char *key = json_key_at(object, i);
        const struct json *value = json_at(object, i);
        if (!strcmp(key, "dry_run"))
            wrong = read_flag(value, dry_run);
        else if (strcmp(key, "dir") != 0)
            wrong = "no such field";
        else if (json_type(value) != JSON_NULL)
            wrong = read_absolute(value, dir);
        if (wrong)
            return fault_set(fault, HAUL_ERR_USAGE, "%.64s: %s", key, wrong);
    }
    return HAUL_OK;
}

bool api_read_rate(const struct json *value, int64_t *rate)
{
    const char *text = json_string(value, NULL);
    if (text)
        return units_parse_size(text, rate);
    int64_t n = json_int(value, -1);
    if (n >= 0)
        *rate = n;
    return n >= 0;
}

static void put_list(struct json_writer *w, const char *key, const struct string_list *l)
{
    if (!l->count)
        return;
    json_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < l->count; i++)
        json_write_string(w, l->items[i]);
    json_array_end(w);
}

static void put_some(struct json_writer *w, const char *key, const char *text)
{
    if (text)
        api_put_string(w, key, text);
}

static void put_set(struct json_writer *w, const char *key, bool set, bool value)
{
    if (set)
        api_put_bool(w, key, value);
}

void api_json_request(struct buf *out, const struct job_request *r)
{
    struct json_writer w;
    char *checksum = digest_text(&r->checksum);
    json_writer_init(&w, out);
    json_object_begin(&w);
    api_put_string(&w, "operation", "model_download");
    api_put_string(&w, "model", r->spec);
    put_some(&w, "dir", r->dir);
    put_some(&w, "out", r->out);
    put_some(&w, "layout", layout_name(r->layout));
    put_some(&w, "revision", r->revision);
    put_list(&w, "include", &r->include);
    put_list(&w, "exclude", &r->exclude);
    put_list(&w, "headers", &r->headers);
    put_some(&w, "checksum", checksum);
    put_some(&w, "checksum_list", r->checksum_file);
    if (r->connections)
        api_put_int(&w, "connections", r->connections);
    if (r->limit_rate >= 0)
        api_put_int(&w, "limit_rate", r->limit_rate);
    if (r->priority)
        api_put_int(&w, "priority", r->priority);
    put_some(&w, "on_exists", on_exists_name(r->on_exists));
    put_set(&w, "paused", r->paused, true);
    put_set(&w, "resume", r->no_resume, false);
    put_set(&w, "confirmed", r->confirmed, true);
    json_object_end(&w);
    free(checksum);
}
