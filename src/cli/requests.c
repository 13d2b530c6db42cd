/* SPDX-License-Identifier: MIT */
/* From arguments and list files to job requests; see requests.h. */
#include "cli/requests.h"

#include <stdlib.h>
#include <string.h>

#include "cli/text_file.h"
#include "core/alloc.h"
#include "core/listfile.h"
#include "core/path.h"
#include "core/spec.h"
#include "core/sums.h"
#include "core/units.h"

#define LIST_MAX ((size_t)64 << 20)
#define SUMS_MAX ((size_t)16 << 20)

void requests_release(struct requests *r)
{
    for (size_t i = 0; i < r->count; i++)
        job_request_release(&r->items[i]);
    free(r->items);
    *r = (struct requests){0};
}

static struct job_request *append(struct requests *r, const struct job_request *defaults,
                                  const char *spec)
{
    if (!(r->count & (r->count - 1))) /* doubles at each power of two */
        r->items = xreallocarray(r->items, r->count ? 2 * r->count : 1, sizeof *r->items);
    struct job_request *request = &r->items[r->count++];
    job_request_copy(request, defaults);
    request->spec = xstrdup(spec);
    return request;
}

static enum haul_error check_spec(const char *text, struct haul_fault *fault)
{
    struct spec spec;
    enum haul_error err = spec_parse(text, &spec, fault);
    if (!err)
        spec_release(&spec);
    return err;
}

/* ---- options of one job in a list ---- */

static const char *set_text(char **field, const char *value)
{
    if (!*value)
        return "is empty";
    free(*field);
    *field = xstrdup(value);
    return NULL;
}

static const char *set_out(struct job_request *r, const char *value)
{
    if (!strcmp(value, "-") || (*value && path_check_relative(value, NULL) != HAUL_OK))
        return "is no name below the directory; dir= says where";
    return set_text(&r->out, value);
}

static const char *set_dir(struct job_request *r, const char *value)
{
    char *dir = path_expand(value);
    const char *why = set_text(&r->dir, dir);
    free(dir);
    return why;
}

static const char *set_sha256(struct job_request *r, const char *value)
{
    r->checksum = (struct digest_value){.algorithm = DIGEST_SHA256, .origin = DIGEST_BY_PINNED};
    return units_parse_hex(value, r->checksum.bytes, 32) ? NULL : "is not 64 hex digits";
}

static const char *set_connections(struct job_request *r, const char *value)
{
    uint64_t n;
    if (!units_parse_u64(value, CONNECTIONS_MAX, &n) || !n)
        return "is not a number from 1 to 64";
    r->connections = (unsigned)n;
    return NULL;
}

static const char *set_limit_rate(struct job_request *r, const char *value)
{
    return units_parse_size(value, &r->limit_rate) ? NULL : "is not a size such as 500K or 2.5M";
}

static const char *set_priority(struct job_request *r, const char *value)
{
    bool negative = *value == '-';
    uint64_t n;
    if (!units_parse_u64(value + negative, 1000, &n))
        return "is not a number from -1000 to 1000";
    r->priority = negative ? -(int)n : (int)n;
    return NULL;
}

static const char *set_header(struct job_request *r, const char *value)
{
    if (!request_header_valid(value))
        return "is not of the form 'Name: value'";
    string_list_add(&r->headers, value);
    return NULL;
}

static const struct {
    const char *key;
    bool secret; /* the value is not repeated in messages */
    const char *(*set)(struct job_request *r, const char *value); /* NULL, or what is wrong */
} job_keys[] = {
    {"out", false, set_out},
    {"dir", false, set_dir},
    {"sha256", false, set_sha256},
    {"connections", false, set_connections},
    {"limit-rate", false, set_limit_rate},
    {"priority", false, set_priority},
    {"header", true, set_header},
};

static enum haul_error apply_pair(const char *file, const struct listfile_pair *pair,
                                  struct job_request *r, struct haul_fault *fault)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(job_keys); i++) {
        if (strcmp(job_keys[i].key, pair->key) != 0)
            continue;
        const char *wrong = job_keys[i].set(r, pair->value);
        if (!wrong)
            return HAUL_OK;
        return fault_set(fault, HAUL_ERR_USAGE, "%s:%u: %s: '%s' %s", file, pair->line, pair->key,
                         job_keys[i].secret ? "***" : pair->value, wrong);
    }
    return fault_set(fault, HAUL_ERR_USAGE,
                     "%s:%u: '%s' is none of out, dir, sha256, connections, limit-rate, priority, "
                     "header",
                     file, pair->line, pair->key);
}

static enum haul_error add_entry(struct requests *r, const char *file,
                                 const struct listfile_entry *entry,
                                 const struct job_request *defaults, struct haul_fault *fault)
{
    struct haul_fault why;
    enum haul_error err = check_spec(entry->spec, &why);
    if (err)
        return fault_set(fault, err, "%s:%u: %s", file, entry->line, why.message);
    struct job_request *request = append(r, defaults, entry->spec);
    for (size_t i = 0; i < entry->pair_count && !err; i++)
        err = apply_pair(file, &entry->pairs[i], request, fault);
    return err;
}

static enum haul_error add_file(struct requests *r, const char *name,
                                const struct job_request *defaults, struct haul_fault *fault)
{
    struct buf text;
    struct listfile list = {0};
    const char *label = strcmp(name, "-") ? name : "standard input";
    buf_init_max(&text, LIST_MAX);
    enum haul_error err = text_file_read(name, &text, NULL, fault);
    if (!err)
        err = listfile_parse(label, text.data, text.len, &list, fault);
    for (size_t i = 0; i < list.count && !err; i++)
        err = add_entry(r, label, &list.entries[i], defaults, fault);
    listfile_release(&list);
    buf_release(&text);
    return err;
}

/* ---- checksum file ---- */

static bool is_url(const char *text)
{
    return !strncmp(text, "https://", 8) || !strncmp(text, "http://", 7);
}

static enum haul_error read_sums(struct cli_options *o, fetch_text_fn fetch, void *data,
                                 struct haul_fault *fault)
{
    struct buf text;
    struct sums sums = {0};
    buf_init_max(&text, SUMS_MAX);
    enum haul_error err = is_url(o->checksum_file)
                              ? fetch(data, o->checksum_file, &text, fault)
                              : text_file_read(o->checksum_file, &text, NULL, fault);
    if (!err)
        err = sums_parse(o->checksum_file, text.data, text.len, &sums, fault);
    sums_release(&sums);
    if (!err)
        o->defaults.checksum_file = buf_detach(&text);
    buf_release(&text);
    return err;
}

/* ---- all together ---- */

static enum haul_error make(struct requests *r, struct cli_options *o, fetch_text_fn fetch,
                            void *data, struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    for (size_t i = 0; i < o->specs.count && !err; i++)
        err = check_spec(o->specs.items[i], fault);
    if (!err && o->checksum_file)
        err = read_sums(o, fetch, data, fault);
    for (size_t i = 0; i < o->specs.count && !err; i++)
        append(r, &o->defaults, o->specs.items[i]);
    for (size_t i = 0; i < o->input_files.count && !err; i++)
        err = add_file(r, o->input_files.items[i], &o->defaults, fault);
    if (!err && o->input_files.count && !r->count)
        err = fault_set(fault, HAUL_ERR_USAGE, "--input-file: %s names no SPEC",
                        o->input_files.items[0]);
    return err;
}

enum haul_error requests_make(struct requests *r, struct cli_options *o, fetch_text_fn fetch,
                              void *data, struct haul_fault *fault)
{
    *r = (struct requests){0};
    enum haul_error err = make(r, o, fetch, data, fault);
    if (err)
        requests_release(r);
    return err;
}
