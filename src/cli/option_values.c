/* SPDX-License-Identifier: MIT */
/* Text to value, one function for each kind of option; see option_table.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest_value.h"
#include "core/path.h"
#include "core/units.h"

struct store {
    const struct option_row *row;
    const char *where, *text;
    struct cli_options *options;
    void *field;
};

static enum haul_error refuse(const struct store *s, const char *expected, struct haul_fault *fault)
{
    return fault_set(fault, HAUL_ERR_USAGE, "%s: '%s' is %s", s->where, s->text, expected);
}

static enum haul_error store_unsigned(const struct store *s, unsigned value)
{
    memcpy(s->field, &value, sizeof value);
    return HAUL_OK;
}

static enum haul_error store_set(const struct store *s, struct haul_fault *fault)
{
    (void)fault;
    return store_unsigned(s, s->row->value);
}

static enum haul_error store_flag(const struct store *s, struct haul_fault *fault)
{
    (void)fault;
    *(bool *)s->field = s->row->kind == KIND_ON;
    return HAUL_OK;
}

static enum haul_error store_number(const struct store *s, struct haul_fault *fault)
{
    uint64_t n;
    if (units_parse_u64(s->text, (uint64_t)s->row->max, &n) && n >= (uint64_t)s->row->min)
        return store_unsigned(s, (unsigned)n);
    return fault_set(fault, HAUL_ERR_USAGE, "%s: '%s' is not a number from %lld to %lld", s->where,
                     s->text, (long long)s->row->min, (long long)s->row->max);
}

static enum haul_error store_size(const struct store *s, struct haul_fault *fault)
{
    if (units_parse_size(s->text, s->field))
        return HAUL_OK;
    return refuse(s, "not a size such as 500K, 2.5M, 1G or 0", fault);
}

static enum haul_error store_threshold(const struct store *s, struct haul_fault *fault)
{
    if (strcmp(s->text, "never") != 0)
        return store_size(s, fault);
    *(int64_t *)s->field = -1;
    return HAUL_OK;
}

static enum haul_error store_seconds(const struct store *s, struct haul_fault *fault)
{
    int64_t ns;
    if (units_parse_duration(s->text, &ns) && ns >= s->row->min && ns <= s->row->max) {
        *(int64_t *)s->field = ns;
        return HAUL_OK;
    }
    return fault_set(fault, HAUL_ERR_USAGE, "%s: '%s' is not a number of seconds from %g to %lld",
                     s->where, s->text, (double)s->row->min / (double)CLOCK_SEC,
                     (long long)(s->row->max / CLOCK_SEC));
}

static enum haul_error store_choice(const struct store *s, struct haul_fault *fault)
{
    struct buf names;
    buf_init(&names);
    buf_add_str(&names, "none of");
    for (unsigned i = 0; s->row->choices[i]; i++) {
        if (!strcmp(s->row->choices[i], s->text)) {
            buf_release(&names);
            return store_unsigned(s, s->row->value + i);
        }
        buf_addf(&names, "%s %s", i ? "," : "", s->row->choices[i]);
    }
    enum haul_error err = refuse(s, names.data, fault);
    buf_release(&names);
    return err;
}

static enum haul_error store_text(const struct store *s, struct haul_fault *fault)
{
    if (!*s->text)
        return refuse(s, "empty", fault);
    char **field = s->field;
    free(*field);
    *field = xstrdup(s->text);
    return HAUL_OK;
}

static enum haul_error store_list(const struct store *s, struct haul_fault *fault)
{
    if (!*s->text)
        return refuse(s, "empty", fault);
    string_list_add(s->field, s->text);
    return HAUL_OK;
}

static enum haul_error store_dirs(const struct store *s, struct haul_fault *fault)
{
    if (!*s->text)
        return refuse(s, "empty", fault);
    char *path = path_join(*s->text == '/' ? "/" : NULL, s->text + strspn(s->text, "/"));
    string_list_add(s->field, path);
    free(path);
    return HAUL_OK;
}

static enum haul_error store_header(const struct store *s, struct haul_fault *fault)
{
    if (!request_header_valid(s->text)) /* the value may be a secret: it is not repeated */
        return fault_set(fault, HAUL_ERR_USAGE, "%s: not of the form 'Name: value'", s->where);
    string_list_add(s->field, s->text);
    return HAUL_OK;
}

static enum haul_error store_checksum(const struct store *s, struct haul_fault *fault)
{
    struct digest_value digest = {.origin = DIGEST_BY_PINNED};
    if (!digest_parse(s->text, &digest) || digest.algorithm != DIGEST_SHA256)
        return refuse(s, "not sha256: and 64 hex digits", fault);
    *(struct digest_value *)s->field = digest;
    return HAUL_OK;
}

static enum haul_error store_ui(const struct store *s, struct haul_fault *fault)
{
    (void)fault;
    ui_settings_add(&s->options->ui_settings, s->row->name, s->text);
    return HAUL_OK;
}

void ui_settings_add(struct ui_settings *list, const char *key, const char *value)
{
    list->items = xreallocarray(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct ui_setting){xstrdup(key), xstrdup(value)};
}

static enum haul_error (*const stores[])(const struct store *s, struct haul_fault *fault) = {
    [KIND_SET] = store_set,
    [KIND_ON] = store_flag,
    [KIND_OFF] = store_flag,
    [KIND_NUMBER] = store_number,
    [KIND_SIZE] = store_size,
    [KIND_SECONDS] = store_seconds,
    [KIND_CHOICE] = store_choice,
    [KIND_TEXT] = store_text,
    [KIND_FILE] = store_text,
    [KIND_DIR] = store_text,
    [KIND_LIST] = store_list,
    [KIND_FILES] = store_list,
    [KIND_DIRS] = store_dirs,
    [KIND_HEADER] = store_header,
    [KIND_CHECKSUM] = store_checksum,
    [KIND_UI] = store_ui,
    [KIND_THRESHOLD] = store_threshold,
};

enum haul_error option_store(const struct option_row *row, const char *where, const char *text,
                             struct cli_options *o, struct haul_fault *fault)
{
    struct store s = {row, where, text, o, (char *)o + row->offset};
    enum haul_error err = stores[row->kind](&s, fault);
    if (err || !row->own)
        return err;
    s.field = (char *)o + row->own;
    return stores[row->kind](&s, fault);
}
