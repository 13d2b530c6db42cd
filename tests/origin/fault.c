/* SPDX-License-Identifier: MIT */
/* The option table at work; see fault.h. */
#include "origin/fault.h"

#include <stddef.h>
#include <string.h>

#include "core/clock.h"
#include "core/units.h"

struct option {
    enum origin_option_kind kind;
    enum origin_option_group group;
    size_t offset;
    const char *name, *argument, *help;
};

static const struct option options[] = {
#define X(kind, group, field, name, argument, help)                                                \
    {ORIGIN_KIND_##kind,                                                                           \
     ORIGIN_GROUP_##group,                                                                         \
     offsetof(struct origin_fault, field),                                                         \
     name,                                                                                         \
     argument,                                                                                     \
     help},
    ORIGIN_OPTIONS(X)
#undef X
};

static const char *const group_titles[] = {
    [ORIGIN_GROUP_THING] = "The file",
    [ORIGIN_GROUP_ACCESS] = "Who may have it",
    [ORIGIN_GROUP_SUMS] = "Lists of digests, /sums",
    [ORIGIN_GROUP_RANGE] = "Ranges",
    [ORIGIN_GROUP_LENGTH] = "Length and encoding",
    [ORIGIN_GROUP_BODY] = "Body",
    [ORIGIN_GROUP_ANSWER] = "Answer and connection",
};

static void *field_of(struct origin_fault *f, const struct option *option)
{
    return (char *)f + option->offset;
}

static void reset(struct origin_fault *f, const struct option *option)
{
    void *field = field_of(f, option);
    switch (option->kind) {
    case ORIGIN_KIND_FLAG:
        *(bool *)field = false;
        return;
    case ORIGIN_KIND_BYTES:
    case ORIGIN_KIND_COUNT:
    case ORIGIN_KIND_MILLIS:
        *(int64_t *)field = -1;
        return;
    case ORIGIN_KIND_WORD:
        *(int *)field = 0;
        return;
    case ORIGIN_KIND_TEXT:
        *(const char **)field = NULL;
        return;
    }
}

static bool parse_word(const char *words, const char *value, int *out)
{
    for (int i = 0; *words; i++) {
        size_t len = strcspn(words, "|");
        if (strlen(value) == len && !strncmp(words, value, len)) {
            *out = i;
            return true;
        }
        words += len + (words[len] == '|');
    }
    return false;
}

static bool parse_count(const char *value, int64_t unit, int64_t *out)
{
    uint64_t n;
    if (!units_parse_u64(value, (uint64_t)(INT64_MAX / unit), &n))
        return false;
    *out = (int64_t)n * unit;
    return true;
}

static bool parse_value(struct origin_fault *f, const struct option *option, const char *value)
{
    void *field = field_of(f, option);
    switch (option->kind) {
    case ORIGIN_KIND_FLAG:
        *(bool *)field = true;
        return true;
    case ORIGIN_KIND_BYTES:
        return units_parse_size(value, field);
    case ORIGIN_KIND_COUNT:
        return parse_count(value, 1, field);
    case ORIGIN_KIND_MILLIS:
        return parse_count(value, CLOCK_MS, field);
    case ORIGIN_KIND_WORD:
        return parse_word(option->argument, value, field);
    case ORIGIN_KIND_TEXT:
        *(const char **)field = value;
        return true;
    }
    return false;
}

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++)
        if (!strcmp(options[i].name, name))
            return &options[i];
    return NULL;
}

bool origin_fault_parse(struct origin_fault *f, const struct origin_query *q, struct buf *why)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++)
        reset(f, &options[i]);
    for (size_t i = 0; i < q->count; i++) {
        const struct origin_pair *pair = &q->pairs[i];
        const struct option *option = find(pair->name);
        if (!option || !parse_value(f, option, pair->value)) {
            buf_addf(why, "haul-origin: %s: '%s=%s'\n", option ? "bad value" : "no such option",
                     pair->name, pair->value);
            return false;
        }
    }
    return true;
}

void origin_fault_calm(struct origin_fault *f)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++)
        if (options[i].group > ORIGIN_GROUP_SUMS)
            reset(f, &options[i]);
}

static void print_option(FILE *to, const struct option *option)
{
    fprintf(to, "  %s%s%s\n        %s\n", option->name, *option->argument ? "=" : "",
            option->argument, option->help);
}

void origin_fault_help(FILE *to)
{
    for (size_t group = 0; group < HAUL_ARRAY_LEN(group_titles); group++) {
        fprintf(to, "%s:\n", group_titles[group]);
        for (size_t i = 0; i < HAUL_ARRAY_LEN(options); i++)
            if (options[i].group == group)
                print_option(to, &options[i]);
    }
}
