/* SPDX-License-Identifier: MIT */
/* The last line: the keys that matter here, made from the key table. */
#include <string.h>

#include "core/buf.h"
#include "tui/ui.h"

#define RANKS     10
#define HINTS_MAX 16

struct hint {
    enum ui_action action;
    bool brief; /* the key without its text */
};

static size_t collect(enum key_place place, struct hint *hints)
{
    size_t n = 0;
    for (int rank = 1; rank < RANKS; rank++)
        for (enum ui_action a = 0; a < ACTION_COUNT; a++)
            if (key_table[a].rank == rank && (key_table[a].places & place) && n < HINTS_MAX)
                hints[n++] = (struct hint){.action = a};
    return n;
}

static void key_label(const struct keymap *map, struct buf *out, enum ui_action action, bool ascii)
{
    const char *keys = keymap_keys(map, action);
    size_t len = strcspn(keys, " ");
    if (len == 5 && !memcmp(keys, "Enter", len))
        buf_add_str(out, theme_glyphs(ascii)->enter);
    else if (len == 5 && !memcmp(keys, "Space", len))
        buf_add_str(out, "Spc");
    else
        buf_add(out, keys, len);
}

static int hint_width(const struct keymap *map, const struct hint *h, bool ascii)
{
    struct buf text;
    buf_init(&text);
    key_label(map, &text, h->action, ascii);
    int width = width_text(text.data, ascii);
    buf_release(&text);
    return width + (h->brief ? 1 : 3 + (int)strlen(key_table[h->action].footer));
}

static int hints_width(const struct keymap *map, const struct hint *hints, size_t count, bool ascii)
{
    int width = 1;
    for (size_t i = 0; i < count; i++)
        width += hint_width(map, &hints[i], ascii);
    return width - (count && !hints[count - 1].brief ? 2 : 1);
}

/* What does not fit loses its text, from the last but one on, then drops out. Help and the last
 * hint, the way out, stay. */
static size_t fit(const struct keymap *map, struct hint *hints, size_t count, int cols, bool ascii)
{
    for (size_t i = count - 2; i > 0 && hints_width(map, hints, count, ascii) > cols; i--)
        hints[i].brief = true;
    while (count > 2 && hints_width(map, hints, count, ascii) > cols) {
        hints[count - 2] = hints[count - 1];
        count--;
    }
    return count;
}

static const char *fixed_hints(const struct ui *ui)
{
    if (ui->prompt.label)
        return ui->prompt_kind == PROMPT_LIMIT ? "Enter accept   Tab all or this job   Esc cancel"
                                               : "Enter accept   Esc cancel";
    switch (ui->dialog) {
    case DIALOG_QUIT:
        return "s Save and stop   w Wait until done   n Stay";
    case DIALOG_EXPLAIN:
        return "Any key closes";
    case DIALOG_CANCEL:
        return "The same key again: cancel and delete   any other key keeps it";
    case DIALOG_DELETE:
        return "The same key again: delete the files   any other key keeps them";
    case DIALOG_REMOVE:
        return "The same key again: delete the entry and its files   any other key keeps them";
    case DIALOG_BUILD:
        return "y Run it   any other key does not";
    case DIALOG_NONE:
        break;
    }
    if (ui->add.open)
        return ui->options->far ? "Paste is taken literally (bracketed paste).  ^N new line"
                                : "Paste is taken literally (bracketed paste).  F2 browse "
                                  "directory  ^N new line";
    return NULL;
}

void draw_footer(struct ui *ui, const struct area *a)
{
    bool ascii = a->canvas->ascii;
    const char *fixed = fixed_hints(ui);
    const struct keymap *map = &ui->config->keys;
    /* Where the dialog covers the line for messages. */
    if (ui->add.open && ui->message && a->canvas->rows < 20) {
        draw_message(ui, a);
        return;
    }
    if (fixed) {
        draw_fit(a, 0, 1, a->cols - 1, ROLE_NORMAL, CUT_END, fixed);
        return;
    }
    struct hint hints[HINTS_MAX];
    size_t count = fit(map, hints, collect(ui_place(ui), hints), a->cols, ascii);
    int x = 1;
    for (size_t i = 0; i < count; i++) {
        struct buf key;
        buf_init(&key);
        key_label(map, &key, hints[i].action, ascii);
        int at = x + draw_text(a, 0, x, ROLE_TITLE, key.data);
        if (!hints[i].brief)
            at += draw_textf(a, 0, at, ROLE_NORMAL, " %s", key_table[hints[i].action].footer);
        ui_add_hit(ui, a, x, at, hints[i].action);
        x += hint_width(map, &hints[i], ascii);
        buf_release(&key);
    }
}
