/* SPDX-License-Identifier: MIT */
/* The list of --input-file; see listfile.h. */
#include "core/listfile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/lines.h"

static void add_entry(struct listfile *list, const char *s, size_t len, unsigned line)
{
    list->entries = xreallocarray(list->entries, list->count + 1, sizeof *list->entries);
    list->entries[list->count++] = (struct listfile_entry){.spec = xstrndup(s, len), .line = line};
}

/* The key before '=', in the shape of an option's name; 0 for anything else, such as an indented
 * URL with a query. */
static size_t key_span(const char *s, size_t len)
{
    size_t key = 0;
    while (key < len && ((s[key] >= 'a' && s[key] <= 'z') ||
                         (key && ((s[key] >= '0' && s[key] <= '9') || s[key] == '-'))))
        key++;
    return key;
}

static const char *add_pair(struct listfile *list, const char *s, size_t len, unsigned line)
{
    if (!list->count)
        return "an indented line needs a SPEC above it";
    size_t key = key_span(s, len);
    const char *value = s + key;
    size_t left = len - key;
    lines_trim(&value, &left);
    if (!key || !left || value[0] != '=')
        return "expected key=value on an indented line";
    value++;
    left--;
    lines_trim(&value, &left);
    struct listfile_entry *e = &list->entries[list->count - 1];
    e->pairs = xreallocarray(e->pairs, e->pair_count + 1, sizeof *e->pairs);
    e->pairs[e->pair_count++] = (struct listfile_pair){
        .key = xstrndup(s, key), .value = xstrndup(value, left), .line = line};
    return NULL;
}

static enum haul_error parse_line(const struct lines *l, const char *name, struct listfile *list,
                                  struct haul_fault *fault)
{
    const char *s = l->line;
    size_t len = l->len;
    lines_trim(&s, &len);
    if (!len || s[0] == '#')
        return HAUL_OK;
    enum haul_error rc = lines_check(l, name, fault);
    if (rc != HAUL_OK)
        return rc;
    if (s == l->line) {
        add_entry(list, s, len, l->number);
        return HAUL_OK;
    }
    const char *why = add_pair(list, s, len, l->number);
    return why ? fault_set(fault, HAUL_ERR_USAGE, "%s:%u: %s", name, l->number, why) : HAUL_OK;
}

enum haul_error listfile_parse(const char *name, const char *text, size_t len,
                               struct listfile *list, struct haul_fault *fault)
{
    *list = (struct listfile){0};
    struct lines l;
    enum haul_error rc = HAUL_OK;
    lines_init(&l, text, len);
    while (rc == HAUL_OK && lines_next(&l))
        rc = parse_line(&l, name, list, fault);
    if (rc != HAUL_OK)
        listfile_release(list);
    return rc;
}

void listfile_release(struct listfile *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct listfile_entry *e = &list->entries[i];
        for (size_t j = 0; j < e->pair_count; j++) {
            free(e->pairs[j].key);
            free(e->pairs[j].value);
        }
        free(e->pairs);
        free(e->spec);
    }
    free(list->entries);
    *list = (struct listfile){0};
}
