/* SPDX-License-Identifier: MIT */
/* The library for people; see library_commands.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/library_commands.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/units.h"

#define ID_WIDTH_MAX 60

static void add_clean(struct buf *out, const char *text)
{
    text_sanitize(out, text, strlen(text));
}

static void add_time(struct buf *out, const char *label, int64_t wall_ms)
{
    char text[CLOCK_RFC3339_SIZE] = "never";
    if (wall_ms)
        clock_rfc3339(wall_ms, text);
    buf_addf(out, "%-10s%s\n", label, text);
}

static void add_text(struct buf *out, const char *label, const char *text)
{
    if (!text)
        return;
    buf_addf(out, "%-10s", label);
    add_clean(out, text);
    buf_add_char(out, '\n');
}

void library_format_list(struct buf *out, const struct model_list *models)
{
    size_t width = 2;
    for (size_t i = 0; i < models->count; i++) {
        size_t columns = columns_of(models->items[i].id, false);
        if (columns > width)
            width = columns < ID_WIDTH_MAX ? columns : ID_WIDTH_MAX;
    }
    for (size_t i = 0; i < models->count; i++) {
        const struct model *m = &models->items[i];
        char size[UNITS_TEXT_SIZE];
        units_format_size(model_size(m), size);
        /* An id is to be copied: it is never cut. */
        add_clean(out, m->id);
        size_t columns = columns_of(m->id, false);
        buf_addf(out, "%*s  %10s  %-7s  ", columns < width ? (int)(width - columns) : 0, "", size,
                 model_state_name(m->state));
        add_clean(out, m->root);
        buf_add_char(out, '\n');
    }
}

static void add_file(struct buf *out, const struct model *m, const struct model_file *f)
{
    char size[UNITS_TEXT_SIZE], hex[2 * sizeof f->digest.bytes + 1];
    char *shown = model_file_shown(m, f);
    units_format_size(f->size, size);
    buf_addf(out, "%10s  %-7s  ", size, model_state_name(f->state));
    add_clean(out, shown);
    buf_add_char(out, '\n');
    free(shown);
    if (!f->digest.algorithm)
        return;
    units_format_hex(f->digest.bytes, digest_size(f->digest.algorithm), hex);
    buf_addf(out, "%21s%s:%s", "", digest_name(f->digest.algorithm), hex);
    buf_addf(out, " (%s)\n", digest_origin_name(f->digest.origin));
}

void library_format_model(struct buf *out, const struct model *m)
{
    char size[UNITS_TEXT_SIZE];
    units_format_size(model_size(m), size);
    add_text(out, "id", m->id);
    add_text(out, "state", model_state_name(m->state));
    add_text(out, "source", m->source);
    add_text(out, "name", m->name);
    add_text(out, "revision", m->revision);
    add_text(out, "in", m->root);
    add_text(out, "size", size);
    add_time(out, "fetched", m->created_ms);
    add_time(out, "verified", m->verified_ms);
    for (size_t i = 0; i < m->count; i++)
        if (!m->files[i].document)
            add_file(out, m, &m->files[i]);
}
